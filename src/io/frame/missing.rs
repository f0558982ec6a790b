//! Missing values of tables with ids.

/// What is a missing value besides an empty cell, `NA`, `nan` and `.` (`--missing-code`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MissingCodes {
    numbers: Vec<f64>,
    words: Vec<Box<str>>,
}

impl MissingCodes {
    /// These codes; a number is compared by its value, so that −9 is also `-9.0`.
    pub fn new<'a>(codes: impl IntoIterator<Item = &'a str>) -> Self {
        let mut new = Self::default();
        for code in codes {
            match code.parse::<f64>() {
                Ok(number) => new.numbers.push(number),
                Err(_) => new.words.push(code.into()),
            }
        }
        new
    }

    /// These codes and −9, as in the files of PLINK.
    #[must_use]
    pub fn with_minus_nine(&self) -> Self {
        let mut codes = self.clone();
        codes.numbers.push(-9.0);
        codes
    }

    /// The declared codes: numbers, then words.
    pub fn codes(&self) -> impl Iterator<Item = String> {
        let numbers = self.numbers.iter().map(f64::to_string);
        numbers.chain(self.words.iter().map(ToString::to_string))
    }

    /// Whether no code was declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.words.is_empty()
    }

    /// Whether a cell of text is missing.
    pub(super) fn has_text(&self, cell: &str) -> bool {
        matches!(cell, "" | "NA" | ".")
            || cell.eq_ignore_ascii_case("nan")
            || self.words.iter().any(|word| **word == *cell)
            || !self.numbers.is_empty() && cell.parse().is_ok_and(|number| self.has_number(number))
    }

    /// Whether a number is missing.
    pub(super) fn has_number(&self, number: f64) -> bool {
        number.is_nan() || self.numbers.contains(&number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_value_and_words_as_typed() {
        let codes = MissingCodes::new(["-9", "99", "missing"]);
        for missing in [
            "", "NA", "nan", "NaN", ".", "-9", "-9.00", "99", "9.9e1", "missing",
        ] {
            assert!(codes.has_text(missing), "{missing}");
        }
        for value in ["0", "9", "-99", "na", "Missing", "N/A", "?"] {
            assert!(!codes.has_text(value), "{value}");
        }
        assert!(codes.has_number(-9.0) && !codes.has_number(9.0) && codes.has_number(f64::NAN));
        let none = MissingCodes::default();
        assert!(!none.has_text("-9") && none.with_minus_nine().has_text("-9"));
    }
}
