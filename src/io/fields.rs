//! The fields of a line of text, split at runs of separators.

/// The fields of a line, separated by runs of separators; leading and trailing separators are ignored.
pub(super) struct Fields<'a, const COMMA: bool> {
    rest: &'a str,
    /// Whether an empty cell was passed: the same delimiter twice with at most spaces between.
    has_empty: bool,
}

/// Fields separated by spaces and tabs (`.bim`, `.fam`, ids).
pub(super) fn fields(line: &str) -> Fields<'_, false> {
    Fields::of(line)
}

/// Fields separated by spaces, tabs and commas (tables and matrices).
pub(super) fn table_fields(line: &str) -> Fields<'_, true> {
    Fields::of(line)
}

impl<'a, const COMMA: bool> Fields<'a, COMMA> {
    /// The fields of a line.
    pub(super) fn of(line: &'a str) -> Self {
        Self {
            rest: line,
            has_empty: false,
        }
    }

    /// The rest of the line after the fields taken so far.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// Whether an empty cell was passed so far; cells before the first field are not detected.
    pub(super) fn has_empty(&self) -> bool {
        self.has_empty
    }

    fn is_separator(byte: u8) -> bool {
        byte == b'\t' || byte == b' ' || (COMMA && byte == b',')
    }
}

impl<'a, const COMMA: bool> Iterator for Fields<'a, COMMA> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        let bytes = self.rest.as_bytes();
        let start = bytes.iter().position(|&byte| !Self::is_separator(byte))?;
        if start > 1 {
            self.has_empty |= has_repeated_delimiter(&bytes[..start]);
        }
        let length = bytes[start..]
            .iter()
            .position(|&byte| Self::is_separator(byte))
            .unwrap_or(bytes.len() - start);
        let field = &self.rest[start..start + length];
        self.rest = &self.rest[start + length..];
        Some(field)
    }
}

/// Whether the separators include the same delimiter twice, with an empty cell between.
pub(super) fn has_repeated_delimiter(separators: &[u8]) -> bool {
    [b'\t', b','].iter().any(|delimiter| {
        let is_delimiter = |byte: &&u8| *byte == delimiter;
        separators.iter().filter(is_delimiter).nth(1).is_some()
    })
}
