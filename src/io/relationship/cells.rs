//! The cells of a line of text in which names may be in quotes and contain separators.

/// The separator of the columns of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delimiter {
    Tab,
    Comma,
    /// Runs of spaces.
    Blanks,
}

impl Delimiter {
    /// The delimiter of a line: a tab or comma outside quotes, otherwise spaces.
    pub(super) fn of(line: &str) -> Self {
        let mut is_quoted = false;
        let mut has_comma = false;
        for byte in line.bytes() {
            match byte {
                b'"' => is_quoted = !is_quoted,
                b'\t' if !is_quoted => return Self::Tab,
                b',' if !is_quoted => has_comma = true,
                _ => {}
            }
        }
        if has_comma { Self::Comma } else { Self::Blanks }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Tab => b'\t',
            Self::Comma => b',',
            Self::Blanks => b' ',
        }
    }
}

/// A cell without its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell<'a> {
    pub(super) text: &'a str,
    pub(super) is_quoted: bool,
}

/// The cells of a line.
pub(super) struct Cells<'a> {
    /// What follows the cells taken so far, after their delimiter; `None` at the end.
    rest: Option<&'a str>,
    delimiter: Delimiter,
}

impl<'a> Cells<'a> {
    /// Delimiters at the end of the line are ignored.
    pub(super) fn of(line: &'a str, delimiter: Delimiter) -> Self {
        let line = line.trim_end_matches([' ', delimiter.byte() as char]);
        Self {
            rest: (!line.is_empty()).then_some(line),
            delimiter,
        }
    }

    /// The rest of the line.
    pub(super) fn rest(&self) -> &'a str {
        self.rest.unwrap_or_default()
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = Cell<'a>;

    fn next(&mut self) -> Option<Cell<'a>> {
        let text = self.rest?.trim_start_matches(' ');
        let delimiter = self.delimiter.byte() as char;
        // A quotation mark that is not closed before the next delimiter belongs to the text.
        let quoted = text.strip_prefix('"').and_then(|inner| {
            let (cell, after) = inner.split_once('"')?;
            let after = after.trim_start_matches(' ');
            let is_whole = self.delimiter == Delimiter::Blanks
                || after.is_empty()
                || after.starts_with(delimiter);
            is_whole.then_some((cell, after))
        });
        if let Some((cell, after)) = quoted {
            let after_delimiter = after.strip_prefix(delimiter).unwrap_or(after);
            self.rest = (!after.is_empty()).then_some(after_delimiter);
            return Some(Cell {
                text: cell,
                is_quoted: true,
            });
        }
        let (cell, rest) = match text.split_once(delimiter) {
            Some((cell, rest)) => (cell, Some(rest)),
            None => (text, None),
        };
        self.rest = rest;
        Some(Cell {
            text: cell.trim_end_matches(' '),
            is_quoted: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<&str> {
        let cells = Cells::of(line, Delimiter::of(line));
        cells.map(|cell| cell.text).collect()
    }

    #[test]
    fn cells_are_split_at_the_delimiter_of_the_line() {
        for (line, expected) in [
            ("a b  c ", vec!["a", "b", "c"]),
            (" a \"b c\" d", vec!["a", "b c", "d"]),
            ("\"\",\"a,b\",c", vec!["", "a,b", "c"]),
            (",a, b ,", vec!["", "a", "b"]),
            ("\ta b\t\"c\"\t", vec!["", "a b", "c"]),
            ("\"a", vec!["\"a"]),
            ("", vec![]),
        ] {
            assert_eq!(texts(line), expected, "{line:?}");
        }
        let mut cells = Cells::of("\"a b\" 1 2", Delimiter::Blanks);
        assert_eq!(cells.next().map(|cell| cell.is_quoted), Some(true));
        assert_eq!(cells.rest(), "1 2");
    }
}
