//! Common reasons why a field is not a number, or a line has too few or too many fields.

/// A cause of an error, and its remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    /// What is wrong, to be added after a colon.
    pub(super) what: &'static str,
    /// What to do.
    pub(super) hint: &'static str,
}

const QUOTES: Cause = Cause {
    what: "the cell is in quotes",
    hint: "write the file without quotes: in R write.table(x, path, quote = FALSE, row.names = FALSE, col.names = FALSE)",
};
const EMPTY_QUOTES: Cause = Cause {
    what: "it is an empty cell in quotes",
    hint: "in pandas write to_csv(path, na_rep='NA')",
};
pub(super) const SEMICOLONS: Cause = Cause {
    what: "the columns are separated by semicolons",
    hint: "separate the columns by tabs, spaces or commas and write decimal points: in R write.table, not write.csv2",
};
/// Numbers such as `1,5`.
pub(super) const DECIMAL_COMMAS: Cause = Cause {
    what: "the number has a decimal comma",
    hint: "write decimal points: 1.5, not 1,5 (dec = \".\" in R, decimal='.' in pandas)",
};
pub(super) const MINUS: Cause = Cause {
    what: "its minus sign is not an ASCII hyphen",
    hint: "write negative numbers with an ASCII hyphen, such as -1.5",
};
const BLANK: Cause = Cause {
    what: "it contains a space that is not a separator in this file",
    hint: "write numbers without spaces, and separate all columns in the same way",
};
const LOGICAL: Cause = Cause {
    what: "it is a logical value",
    hint: "write 1 for true and 0 for false",
};

const QUOTE_MARKS: &[char] = &[
    '"', '\'', '`', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{201e}', '\u{ab}', '\u{bb}',
];

/// Adds to a message about a line with too few columns the separator that the line seems to use.
pub(super) fn too_few(message: String, line: &str) -> String {
    match [(',', "commas"), (';', "semicolons"), ('|', "bars")]
        .iter()
        .find(|(separator, _)| line.matches(*separator).count() >= 4)
    {
        Some((_, name)) => {
            format!("{message}: it has {name}, but columns must be separated by tabs or spaces")
        }
        None => message,
    }
}

/// The text without enclosing quotation marks.
pub(super) fn unquoted(field: &str) -> &str {
    let inner = field
        .strip_prefix(QUOTE_MARKS)
        .and_then(|rest| rest.strip_suffix(QUOTE_MARKS));
    inner.unwrap_or(field)
}

/// Why a field, as split from its line, is not a number; `None` if it is just a word.
pub(super) fn cause(field: &str) -> Option<Cause> {
    let is_number = |text: &str| text.trim().parse::<f64>().is_ok();
    let inner = unquoted(field);
    if inner.is_empty() {
        return (!field.is_empty()).then_some(EMPTY_QUOTES);
    }
    if inner.len() < field.len() && (is_number(inner) || inner == "NA" || cause(inner).is_some()) {
        return Some(QUOTES);
    }
    let starts_in_quotes = field.strip_prefix(QUOTE_MARKS).is_some_and(is_number);
    if starts_in_quotes || field.strip_suffix(QUOTE_MARKS).is_some_and(is_number) {
        return Some(QUOTES);
    }
    if field.contains(';') {
        return Some(SEMICOLONS);
    }
    if is_decimal_comma(field) {
        return Some(DECIMAL_COMMAS);
    }
    if let Some(rest) =
        field.strip_prefix(['\u{2212}', '\u{2013}', '\u{2014}', '\u{2010}', '\u{2011}'])
        && is_number(rest)
    {
        return Some(MINUS);
    }
    if field.contains([' ', '\u{a0}', '\u{2009}', '\u{202f}']) {
        return Some(BLANK);
    }
    ["TRUE", "FALSE", "True", "False", "true", "false"]
        .contains(&field)
        .then_some(LOGICAL)
}

/// Adds to the message that `field` is not as expected its cause, and to the hint the remedy of the cause, before
/// `otherwise`.
pub(super) fn explained(message: String, field: &str, otherwise: &str) -> (String, String) {
    match cause(field) {
        Some(cause) => (
            format!("{message}: {}", cause.what),
            format!("{}; {otherwise}", cause.hint),
        ),
        None => (message, otherwise.to_owned()),
    }
}

/// Whether the text is a number with one decimal comma: `1,5`, `-0,031`, `1,5e-3`.
pub(super) fn is_decimal_comma(text: &str) -> bool {
    let Some((whole, fraction)) = text.split_once(',') else {
        return false;
    };
    let whole = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let (digits, exponent) = match fraction.split_once(['e', 'E']) {
        Some((digits, exponent)) => (
            digits,
            exponent.strip_prefix(['-', '+']).unwrap_or(exponent),
        ),
        None => (fraction, "0"),
    };
    [whole, digits, exponent]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether the commas in a line, which separate columns, are probably decimal commas: every word with a comma is such a
/// number, and no number has a point.
pub(super) fn has_decimal_commas(line: &str) -> bool {
    let mut with_comma = line
        .split([' ', '\t', ';'])
        .filter(|word| word.contains(','))
        .peekable();
    with_comma.peek().is_some() && !line.contains('.') && with_comma.all(is_decimal_comma)
}

/// Whether a line that is split at commas certainly has decimal commas: `"3,45"` or `F1;I1;3,45`.
pub(super) fn has_certain_decimal_commas(line: &str) -> bool {
    line.split('"').skip(1).step_by(2).any(is_decimal_comma)
        || line.contains(';') && line.split(';').any(is_decimal_comma)
}

/// Detects decimal commas in the rows of a table, which split every number in two.
#[derive(Default)]
pub(super) struct DecimalCommas {
    n_rows: usize,
    /// Number of rows that look like this.
    n_like: usize,
    /// Words of the first row, separated by spaces and tabs; 0 if another row has a different number.
    n_words: usize,
    first_whole: Option<String>,
    /// Whether some number starts with `-0,` or has a fraction such as `05`, as integers do not.
    has_sign: bool,
    is_varied: bool,
}

impl DecimalCommas {
    pub(super) fn add(&mut self, row: &str) {
        self.n_rows += 1;
        if self.n_like + 1 < self.n_rows || !has_decimal_commas(row) {
            return;
        }
        self.n_like += 1;
        let words = || row.split([' ', '\t']).filter(|word| !word.is_empty());
        let n_words = words().count();
        if self.n_rows == 1 {
            self.n_words = n_words;
        } else if self.n_words != n_words {
            self.n_words = 0;
        }
        for (whole, fraction) in words().filter_map(|word| word.split_once(',')) {
            self.has_sign |= whole == "-0" || (fraction.len() > 1 && fraction.starts_with('0'));
            match &self.first_whole {
                None => self.first_whole = Some(whole.to_owned()),
                Some(first) => self.is_varied |= first != whole,
            }
        }
    }

    /// Whether only decimal commas explain the rows.
    pub(super) fn are_certain(&self) -> bool {
        self.are_everywhere() && (self.n_words > 1 || self.has_sign)
    }

    /// Whether the rows may be two columns of integers instead.
    pub(super) fn are_possible(&self) -> bool {
        self.are_everywhere() && self.n_words == 1 && self.is_varied
    }

    fn are_everywhere(&self) -> bool {
        self.n_rows > 1 && self.n_like == self.n_rows && self.n_words > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_causes_are_distinguished() {
        for (field, expected) in [
            ("\"1.5\"", Some(QUOTES)),
            ("'NA'", Some(QUOTES)),
            ("\"1,5\"", Some(QUOTES)),
            ("\"1", Some(QUOTES)),
            ("5\"", Some(QUOTES)),
            ("\u{201c}2\u{201d}", Some(QUOTES)),
            ("\"\"", Some(EMPTY_QUOTES)),
            ("1;2", Some(SEMICOLONS)),
            ("-0,031", Some(DECIMAL_COMMAS)),
            ("1,5e-3", Some(DECIMAL_COMMAS)),
            ("\u{2212}1.5", Some(MINUS)),
            ("1\u{a0}000", Some(BLANK)),
            ("TRUE", Some(LOGICAL)),
            ("tall", None),
            ("\"tall\"", None),
            ("nan", None),
            ("", None),
        ] {
            assert_eq!(cause(field), expected, "{field}");
        }
    }

    #[test]
    fn decimal_commas_of_a_line() {
        for line in ["\"3,45\"", "F1,\"3,45\"", "F1;I1;3,45"] {
            assert!(has_certain_decimal_commas(line), "{line}");
        }
        for line in ["\"3\",\"45\"", "F1,3,45", "a;b,3", "3,45"] {
            assert!(!has_certain_decimal_commas(line), "{line}");
        }
        for line in ["1,5 2,25", "a b 0,5", "-1,5", "0,5\t-0,1\t1"] {
            assert!(has_decimal_commas(line), "{line}");
        }
        for line in ["1,2,3", "1.5,2", "1 2", "a,b", "1, 2"] {
            assert!(!has_decimal_commas(line), "{line}");
        }
    }
}
