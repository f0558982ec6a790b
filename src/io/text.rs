//! Lines, fields and numbers of text files.

use std::io::BufRead;
use std::path::Path;

use super::source::Source;
use crate::error::{Error, Result};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The lines of a text file, without their ends.
pub(super) struct Lines {
    source: Source,
    buffer: Vec<u8>,
    line: u64, // 1-based number of the line in `buffer`, 0 before the first
}

impl Lines {
    /// Opens a plain or gzip text file.
    pub(super) fn open(path: &Path) -> Result<Self> {
        Ok(Self {
            source: Source::open(path)?,
            buffer: Vec::new(),
            line: 0,
        })
    }

    /// The next line with its 1-based number, or `None` at the end.
    ///
    /// Fails on damaged gzip data, on bytes that are not UTF-8, on a NUL byte or a carriage return inside a line, and on a
    /// blank line that more lines follow.
    pub(super) fn next_line(&mut self) -> Result<Option<(u64, &str)>> {
        let mut first_blank = None;
        while self.read_line()? {
            if !self.buffer.iter().all(u8::is_ascii_whitespace) {
                return match first_blank {
                    Some(line) => Err(self.malformed(
                        line,
                        "the line is blank, but more lines follow",
                        "remove the blank line",
                    )),
                    None => self.text().map(|text| Some((self.line, text))),
                };
            }
            first_blank.get_or_insert(self.line);
        }
        Ok(None)
    }

    /// The next lines, at least `bytes` long together unless the file ends; `None` at the end.
    pub(super) fn next_batch(&mut self, bytes: usize) -> Result<Option<LineBatch>> {
        let mut batch = LineBatch::default();
        while batch.text.len() < bytes
            && let Some((line, text)) = self.next_line()?
        {
            if batch.ends.is_empty() {
                batch.first_line = line;
            }
            batch.text.push_str(text);
            batch.ends.push(batch.text.len());
        }
        Ok((!batch.ends.is_empty()).then_some(batch))
    }

    /// Reads one line into the buffer and cuts its end off; false at the end of the file.
    fn read_line(&mut self) -> Result<bool> {
        self.buffer.clear();
        let n_read = self.source.read_until(b'\n', &mut self.buffer);
        if n_read.map_err(|error| self.source.error(error))? == 0 {
            return Ok(false);
        }
        self.line += 1;
        if self.line == 1 && self.buffer.starts_with(BYTE_ORDER_MARK) {
            self.buffer.drain(..BYTE_ORDER_MARK.len());
        }
        for end in [b'\n', b'\r'] {
            if self.buffer.last() == Some(&end) {
                self.buffer.pop();
            }
        }
        Ok(true)
    }

    fn text(&self) -> Result<&str> {
        if self.buffer.contains(&0) {
            return Err(self.malformed(
                self.line,
                "the line holds a NUL byte: this is not a text file",
                "give a text file, plain or gzip, and save it as UTF-8",
            ));
        }
        if self.buffer.contains(&b'\r') {
            return Err(self.malformed(
                self.line,
                "a carriage return stands inside the line",
                "end the lines with a line feed: tr '\\r' '\\n' converts old Macintosh files",
            ));
        }
        std::str::from_utf8(&self.buffer).map_err(|error| {
            self.malformed(
                self.line,
                &format!(
                    "byte {} of the line is not UTF-8 text",
                    error.valid_up_to() + 1
                ),
                "give a text file, plain or gzip, and save it as UTF-8",
            )
        })
    }

    fn malformed(&self, line: u64, what: &str, hint: &str) -> Error {
        Error::malformed_line(self.source.path(), line, what, hint)
    }
}

/// Consecutive lines of a file in one piece of memory, for work on several cores.
#[derive(Default)]
pub(super) struct LineBatch {
    text: String,
    ends: Vec<usize>,
    first_line: u64,
}

impl LineBatch {
    /// The number of lines, at least 1.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Line `i` of the batch with its 1-based number in the file.
    pub(super) fn get(&self, i: usize) -> (u64, &str) {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        (self.first_line + i as u64, &self.text[start..self.ends[i]])
    }
}

/// The fields of a line, separated by runs of separators; leading and trailing ones are ignored.
pub(super) struct Fields<'a, const COMMA: bool> {
    rest: &'a str,
}

/// Fields separated by blanks and tabs (`.bim`, `.fam`, ids).
pub(super) fn fields(line: &str) -> Fields<'_, false> {
    Fields { rest: line }
}

/// Fields separated by blanks, tabs and commas (tables and matrices).
pub(super) fn table_fields(line: &str) -> Fields<'_, true> {
    Fields { rest: line }
}

impl<'a, const COMMA: bool> Fields<'a, COMMA> {
    /// What follows the fields taken so far.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
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
        let length = bytes[start..]
            .iter()
            .position(|&byte| Self::is_separator(byte))
            .unwrap_or(bytes.len() - start);
        let field = &self.rest[start..start + length];
        self.rest = &self.rest[start + length..];
        Some(field)
    }
}

/// A finite decimal number such as `-0.5`, `+1.`, `.5` or `2e-3`; `None` for everything else.
#[inline]
pub(super) fn parse_number(field: &str) -> Option<f64> {
    field.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Whether the fields are all words: neither `NA` nor numbers (not even `nan`), nor numbers glued by another separator.
pub(super) fn looks_like_header<'a>(mut fields: impl Iterator<Item = &'a str>) -> bool {
    fields.all(|field| {
        field != "NA"
            && field.parse::<f64>().is_err()
            && !field.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
    })
}

/// Whether a line of ids is the header that PLINK 2 and others write: `#FID IID`, `#IID`, `FID IID`.
pub(super) fn is_id_header(text: &str) -> bool {
    let mut fields = fields(text);
    let first_two = (fields.next(), fields.next());
    matches!(
        first_two,
        (Some("#FID" | "#IID"), _) | (Some("FID"), Some("IID"))
    )
}

/// The field in quotes for a message, cut after 40 characters.
pub(super) fn quoted(field: &str) -> String {
    match field.char_indices().nth(40) {
        Some((end, _)) => format!("{:?}...", &field[..end]),
        None => format!("{field:?}"),
    }
}

/// A number of things for a message: `1 row`, `2 rows`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// What tests of the readers share.
#[cfg(test)]
pub(super) mod testing {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use tempfile::NamedTempFile;

    use crate::error::Result;

    /// A temporary file with this content.
    pub(crate) fn file(content: impl AsRef<[u8]>) -> NamedTempFile {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(content.as_ref()).unwrap();
        file
    }

    /// The content as gzip.
    pub(crate) fn gzip(content: impl AsRef<[u8]>) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content.as_ref()).unwrap();
        encoder.finish().unwrap()
    }

    /// Asserts that a read failed, and that message and hint together hold all the parts.
    #[track_caller]
    pub(crate) fn assert_fails<T>(result: Result<T>, parts: &[&str]) {
        let error = result.err().expect("an error");
        let message = error.to_string();
        assert!(!message.ends_with('.'), "{message}");
        let whole = format!("{message}\n{}", error.hint().unwrap_or_default());
        for part in parts {
            assert!(whole.contains(part), "{part:?} is not in: {whole}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{assert_fails, file, gzip};
    use super::*;

    fn read_all(content: impl AsRef<[u8]>) -> Result<Vec<(u64, String)>> {
        let file = file(content);
        let mut lines = Lines::open(file.path())?;
        let mut all = Vec::new();
        while let Some((line, text)) = lines.next_line()? {
            all.push((line, text.to_owned()));
        }
        Ok(all)
    }

    #[test]
    fn line_ends_byte_order_mark_gzip_and_trailing_blanks_change_nothing() {
        let expected = vec![(1, "a b".to_owned()), (2, "c".to_owned())];
        for content in [
            "a b\nc\n",
            "a b\nc",
            "a b\r\nc\r\n",
            "a b\r\nc\r",
            "a b\nc\n\n \t\r\n\n",
            "\u{feff}a b\nc\n",
        ] {
            assert_eq!(read_all(content).unwrap(), expected, "{content:?}");
            assert_eq!(read_all(gzip(content)).unwrap(), expected, "{content:?}");
        }
        let two_members = [gzip("a b\n"), gzip("c\n")].concat();
        assert_eq!(read_all(two_members).unwrap(), expected);
        assert_eq!(read_all("").unwrap(), []);
    }

    #[test]
    fn a_blank_line_in_the_middle_is_an_error() {
        assert_fails(read_all("a\n\n\nb\n"), &[":2: the line is blank", "remove"]);
        assert_fails(read_all("\na\n"), &[":1: the line is blank"]);
    }

    #[test]
    fn bytes_that_are_not_text_are_an_error() {
        assert_fails(read_all(b"a\nbc\xff\n"), &[":2: byte 3", "UTF-8"]);
        assert_fails(read_all("a\nb\0\n"), &[":2: the line holds a NUL byte"]);
        assert_fails(read_all("a\rb\rc\n"), &[":1: a carriage return", "tr"]);
    }

    #[test]
    fn damaged_gzip_is_an_error() {
        let whole = gzip("some text that is long enough\n".repeat(50));
        assert_fails(read_all(&whole[..whole.len() - 9]), &["gzip", "end early"]);
        assert_fails(read_all(&whole[..whole.len() - 2]), &["gzip", "end early"]);
        assert_fails(read_all(&whole[..5]), &["gzip data end early"]);
        let mut damaged = whole.clone();
        let end = damaged.len() - 6;
        damaged[end] ^= 0x55; // the checksum
        assert_fails(read_all(damaged), &["gzip data are damaged"]);
    }

    #[test]
    fn a_missing_file_is_an_io_error() {
        let error = Lines::open(Path::new("/nonexistent/x.fam")).err().unwrap();
        assert!(matches!(error, Error::Io { verb: "open", .. }));
        assert!(error.to_string().contains("/nonexistent/x.fam"));
    }

    #[test]
    fn batches_hold_whole_lines_with_their_numbers() {
        let file = file("aa\nbb\r\ncc\ndd");
        let mut lines = Lines::open(file.path()).unwrap();
        let mut all = Vec::new();
        while let Some(batch) = lines.next_batch(3).unwrap() {
            assert_eq!(batch.len(), 2);
            all.extend((0..batch.len()).map(|i| {
                let (line, text) = batch.get(i);
                (line, text.to_owned())
            }));
        }
        let expected = ["aa", "bb", "cc", "dd"].map(str::to_owned);
        assert_eq!(all, (1..).zip(expected).collect::<Vec<_>>());
    }

    #[test]
    fn fields_are_separated_by_runs() {
        assert_eq!(
            fields(" a\t \tb,c  d ").collect::<Vec<_>>(),
            ["a", "b,c", "d"]
        );
        assert_eq!(
            table_fields(",a, ,\tb,c é ").collect::<Vec<_>>(),
            ["a", "b", "c", "é"]
        );
        assert_eq!(table_fields(", \t").count(), 0);
        let mut some = fields("a b  c d");
        some.next();
        some.next();
        assert_eq!(some.rest(), "  c d");
    }

    #[test]
    fn numbers_are_finite_decimals() {
        for (field, value) in [
            ("1", 1.0),
            ("+1.", 1.0),
            (".5", 0.5),
            ("-2.5e-1", -0.25),
            ("1E3", 1000.0),
            ("-0", 0.0),
        ] {
            assert_eq!(parse_number(field), Some(value), "{field}");
        }
        for field in [
            "", "NA", "nan", "-NaN", "inf", "Infinity", "1e999", "0x10", "1e", "1,5", "1d3", "é",
            "--1", "1 ",
        ] {
            assert_eq!(parse_number(field), None, "{field}");
        }
    }

    #[test]
    fn a_header_is_made_of_words_only() {
        assert!(looks_like_header(fields("age sex pc1")));
        assert!(!looks_like_header(fields("age 1")));
        assert!(!looks_like_header(fields("NA")));
        assert!(!looks_like_header(fields("nan")));
        assert!(!looks_like_header(fields("-1.5;2")));
        assert!(is_id_header("#FID\tIID") && is_id_header("FID IID PHENO"));
        assert!(!is_id_header("FID 1") && !is_id_header("f1 IID"));
    }

    #[test]
    fn long_fields_are_cut_in_messages() {
        assert_eq!(quoted("a\"b"), "\"a\\\"b\"");
        assert_eq!(
            quoted(&"x".repeat(50)),
            format!("\"{}\"...", "x".repeat(40))
        );
    }
}
