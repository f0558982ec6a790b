//! The cells of a line of a table with a header.

use super::super::suspect::unquoted;

/// What separates the cells of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delimiter {
    /// One tab; a cell may be empty.
    Tab,
    /// One comma; a cell may be empty.
    Comma,
    /// A run of spaces and tabs.
    Blank,
}

impl Delimiter {
    /// The delimiter of a table with this header: a tab if there is one, else a comma, else spaces.
    pub(crate) fn of(header: &str) -> Self {
        if header.contains('\t') {
            Self::Tab
        } else if header.contains(',') {
            Self::Comma
        } else {
            Self::Blank
        }
    }

    /// Removes the next cell from `rest`; `None` after the last one.
    #[inline]
    pub(crate) fn next<'a>(self, rest: &mut Option<&'a [u8]>) -> Option<&'a [u8]> {
        let mut bytes = (*rest)?;
        let end = match self {
            Self::Tab => bytes.iter().position(|&byte| byte == b'\t'),
            Self::Comma => bytes.iter().position(|&byte| byte == b','),
            Self::Blank => {
                bytes = bytes.trim_ascii_start();
                if bytes.is_empty() {
                    *rest = None;
                    return None;
                }
                bytes.iter().position(u8::is_ascii_whitespace)
            }
        };
        *rest = end.map(|end| &bytes[end + 1..]);
        Some(&bytes[..end.unwrap_or(bytes.len())])
    }

    /// All cells of a line, without quotes and without spaces around them.
    pub(crate) fn cells(self, text: &str) -> Vec<&str> {
        let mut rest = Some(text.as_bytes());
        let next = || self.next(&mut rest);
        std::iter::from_fn(next)
            // A delimiter is ASCII, so a cell is whole characters.
            .map(|cell| std::str::from_utf8(cell).unwrap_or_default())
            .map(|cell| unquoted(cell.trim()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_separated_by_what_the_header_has() {
        for (line, cells) in [
            ("a\tb c\t\td,e", vec!["a", "b c", "", "d,e"]),
            ("\"a\",b , ,\"\",", vec!["a", "b", "", "", ""]),
            ("  a   b ", vec!["a", "b"]),
            ("a", vec!["a"]),
        ] {
            assert_eq!(Delimiter::of(line).cells(line), cells, "{line}");
        }
    }
}
