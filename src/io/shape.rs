//! The shape of a line of text: its number of cells, and whether some are empty.

use super::text::{Fields, has_repeated_delimiter};

/// The properties that all lines of a file have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Number of cells.
    pub(super) width: usize,
    /// Whether some cell is empty; only for lines that are split at runs.
    pub(super) has_empty: bool,
    /// Whether a delimiter ends the line; only for lines that are split at runs.
    pub(super) is_closed: bool,
}

impl Shape {
    /// The shape of a whole line that is split at runs.
    pub(super) fn of<const COMMA: bool>(line: &str) -> Self {
        Self::after(line, Fields::<COMMA>::of(line), 0)
    }

    /// The shape of a line, of which `n_taken` fields were already taken from `fields`.
    #[inline]
    pub(super) fn after<const COMMA: bool>(
        line: &str,
        mut fields: Fields<'_, COMMA>,
        n_taken: usize,
    ) -> Self {
        let starts_with_field = line
            .as_bytes()
            .first()
            .is_some_and(|&b| !is_separator::<COMMA>(b));
        if starts_with_field && fields.rest().is_empty() {
            return Self {
                width: n_taken,
                has_empty: fields.has_empty(),
                is_closed: false,
            };
        }
        let width = n_taken + fields.by_ref().count();
        let start = line.bytes().find(|&byte| byte != b' ');
        let end = fields.rest().trim_matches(' ');
        Self {
            width,
            has_empty: fields.has_empty()
                || start.is_some_and(is_separator::<COMMA>)
                || has_repeated_delimiter(end.as_bytes()),
            is_closed: !end.is_empty(),
        }
    }
}

fn is_separator<const COMMA: bool>(byte: u8) -> bool {
    byte == b'\t' || byte == b' ' || (COMMA && byte == b',')
}
