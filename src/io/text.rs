//! Lines and numbers of text files; the fields of a line are in [`fields`](super::fields).

use std::path::Path;

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::bgzf_reader::Place;
use super::content::Content;
pub(super) use super::fields::{Fields, fields, has_repeated_delimiter, table_fields};
use super::foreign;
use super::source::Source;
use super::suspect;
use crate::error::{Error, Result};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes of text that are processed at a time; two such pieces are in memory, one being read and one being parsed.
pub(super) const BATCH_BYTES: usize = if cfg!(test) { 1 << 12 } else { 4 << 20 };

/// Maximum length of the lines of a file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Width(usize);

impl Width {
    /// Whether a line of this length is too long.
    pub(super) fn is_exceeded_by(self, n_bytes: usize) -> bool {
        n_bytes > self.0
    }
}

/// A line about one individual, SNP or pair; the longest contain structural variants, or thousands of columns.
pub(super) const NARROW: Width = Width(16 << 20);
/// A row of a matrix; 128 MiB are about ten million numbers.
pub(super) const WIDE: Width = Width(128 << 20);

/// Number of extra lines that are still counted for a message.
pub(super) const MANY_MORE: usize = 1 << 16;

/// Maximum number of blank lines at the end of a file.
const MAX_BLANK: u64 = 1 << 20;

/// The lines of a text file, without line ends.
///
/// The file is read in pieces that end with a line; each piece is searched for line ends, and checked, as a whole.
pub(super) struct Lines {
    source: Source,
    rest: Vec<u8>, // what was read beyond the last line end
    line: u64,     // lines read so far
    first_blank: Option<u64>,
    /// What is wrong after the lines already returned: errors are reported in the order of the file.
    failed: Option<Error>,
    is_at_end: bool,
    current: LineBatch,
    n_taken: usize, // lines of `current` that were returned one by one
    width: Width,
    /// Whether a line of only tabs is a row of empty cells, not a blank line.
    has_rows_of_tabs: bool,
}

impl Lines {
    /// Opens a plain or gzip text file of narrow lines.
    pub(super) fn open(path: &Path) -> Result<Self> {
        Self::open_with(path, NARROW)
    }

    /// Opens a plain or gzip text file with lines no longer than `width`.
    pub(super) fn open_with(path: &Path, width: Width) -> Result<Self> {
        Self::of_width(Source::open(path, width == NARROW)?, width)
    }

    /// The narrow lines of an open file.
    pub(super) fn of(source: Source) -> Result<Self> {
        Self::of_width(source, NARROW)
    }

    /// The wide lines of a regular file; reading may start at a [place](Self::place) with the number of lines before it.
    pub(super) fn open_at(path: &Path, from: Option<(Place, u64)>) -> Result<Self> {
        let source = Source::open_at(path, from.map(|(place, _)| place))?;
        match from {
            None => Self::of_width(source, WIDE),
            Some((_, line)) => Ok(Self {
                line,
                ..Self::after_start(source, WIDE)
            }),
        }
    }

    /// The lines of an open file. Fails if it starts like a file of another format, such as a zip archive.
    fn of_width(mut source: Source, width: Width) -> Result<Self> {
        foreign::reject(&mut source)?;
        Ok(Self::after_start(source, width))
    }

    fn after_start(source: Source, width: Width) -> Self {
        Self {
            source,
            width,
            rest: Vec::new(),
            line: 0,
            first_blank: None,
            failed: None,
            is_at_end: false,
            current: LineBatch::default(),
            n_taken: 0,
            has_rows_of_tabs: false,
        }
    }

    /// The place of the next batch of lines; `None` if reading cannot start there.
    pub(super) fn place(&mut self) -> Option<Place> {
        self.source.place_of(self.rest.len())
    }

    /// Reads a line of only tabs as a row of empty cells.
    pub(super) fn with_rows_of_tabs(mut self) -> Self {
        self.has_rows_of_tabs = true;
        self
    }

    /// The next line with its 1-based number, or `None` at the end.
    ///
    /// Fails on damaged gzip data, bytes that are not UTF-8, a NUL byte or a carriage return inside a line, and a blank
    /// line that is followed by more lines.
    pub(super) fn next_line(&mut self) -> Result<Option<(u64, &str)>> {
        if self.n_taken == self.current.len() {
            let Some(batch) = self.next_batch(BATCH_BYTES)? else {
                return Ok(None);
            };
            (self.current, self.n_taken) = (batch, 0);
        }
        self.n_taken += 1;
        Ok(Some(self.current.get(self.n_taken - 1)))
    }

    /// The next lines, together about `bytes` long; `None` at the end. Fails as [`next_line`](Self::next_line).
    pub(super) fn next_batch(&mut self, bytes: usize) -> Result<Option<LineBatch>> {
        loop {
            if let Some(error) = self.failed.take() {
                self.is_at_end = true;
                return Err(error);
            }
            if self.is_at_end {
                return Ok(None);
            }
            let piece = self.read_piece(bytes);
            let batch = self.split(piece);
            if batch.len() > 0 {
                return Ok(Some(batch));
            }
        }
    }

    /// Reads whole lines; the last line of the file may be unterminated.
    fn read_piece(&mut self, bytes: usize) -> Vec<u8> {
        let mut piece = std::mem::take(&mut self.rest);
        loop {
            let n_before = piece.len();
            piece.resize(n_before + bytes, 0);
            match self.source.fill(&mut piece[n_before..]) {
                Ok(n_read) => {
                    piece.truncate(n_before + n_read);
                    self.is_at_end = n_read < bytes;
                }
                Err(error) => {
                    self.failed = Some(error);
                    return Vec::new();
                }
            }
            if self.is_at_end {
                return piece;
            }
            if let Some(end) = memrchr(b'\n', &piece[n_before..]) {
                self.rest = piece.split_off(n_before + end + 1);
                return piece;
            }
            // A file that is not text must not fill the memory.
            if memchr(0, &piece[n_before..]).is_some() {
                return piece;
            }
            if piece.len() > self.width.0 {
                let what = format!("the line is longer than {} MiB", self.width.0 >> 20);
                let hint = "check that this is the right file and a text table";
                self.failed = Some(self.malformed(self.line + 1, &what, hint));
                return Vec::new();
            }
        }
    }

    /// Finds the lines of a piece, up to the first one that is not text.
    fn split(&mut self, piece: Vec<u8>) -> LineBatch {
        let (is_text, piece) = match String::from_utf8(piece) {
            Ok(text) => (
                memchr2(0, b'\r', text.as_bytes()).is_none(),
                text.into_bytes(),
            ),
            Err(error) => (false, error.into_bytes()),
        };
        let mut batch = LineBatch {
            first_line: self.line + 1,
            ..LineBatch::default()
        };
        let mut start = 0;
        if self.line == 0 && piece.starts_with(BYTE_ORDER_MARK) {
            start = BYTE_ORDER_MARK.len();
        }
        let is_cut = piece.last().is_some_and(|&last| last != b'\n');
        for end in memchr_iter(b'\n', &piece).chain(is_cut.then_some(piece.len())) {
            self.line += 1;
            let mut line = start..end;
            start = end + 1;
            if piece[line.clone()].last() == Some(&b'\r') {
                line.end -= 1;
            }
            let text = &piece[line.clone()];
            if text.iter().all(u8::is_ascii_whitespace)
                && !(self.has_rows_of_tabs && text.contains(&b'\t'))
            {
                let first = *self.first_blank.get_or_insert(self.line);
                if self.line - first > MAX_BLANK {
                    let hint = "check that this is the right file and a text table";
                    self.failed = Some(self.malformed(first, "a million blank lines follow", hint));
                    break;
                }
                continue;
            }
            if let Err(error) = self.check(text, is_text) {
                self.failed = Some(error);
                break;
            }
            batch.lines.push((line.start, line.end));
        }
        let used = batch.lines.last().map_or(0, |&(_, end)| end);
        let mut piece = piece;
        piece.truncate(used);
        batch.text = String::from_utf8(piece).expect("every line was checked to be UTF-8");
        batch
    }

    /// Fails if blank lines precede the line, or if it is not text.
    ///
    /// * `is_text`: whether the line is already known to be text
    fn check(&self, text: &[u8], is_text: bool) -> Result<()> {
        if let Some(line) = self.first_blank {
            return Err(self.malformed(
                line,
                "the line is blank, but more lines follow",
                "remove the blank line",
            ));
        }
        if is_text {
            return Ok(());
        }
        if memchr(0, text).is_some() {
            let is_utf16 = 3 * memchr_iter(0, text).count() >= text.len();
            return Err(self.malformed(
                self.line,
                if is_utf16 {
                    "the line holds a NUL byte at every second position: the file looks like UTF-16 text"
                } else {
                    "the line holds a NUL byte: this is not a text file"
                },
                "give a text file, plain or gzip, and save it as UTF-8",
            ));
        }
        if memchr(b'\r', text).is_some() {
            return Err(self.malformed(
                self.line,
                "the line contains a carriage return",
                "end the lines with a line feed: tr '\\r' '\\n' converts old Macintosh files",
            ));
        }
        std::str::from_utf8(text).map(drop).map_err(|error| {
            let (what, hint) = foreign::not_utf8(text, error.valid_up_to());
            self.malformed(self.line, &what, &hint)
        })
    }

    fn malformed(&self, line: u64, what: &str, hint: &str) -> Error {
        Error::malformed_line(self.source.path(), line, what, hint)
    }
}

/// Calls `call` with each batch of lines and the number of lines before it. Returns the number of lines in the file.
///
/// The next batch is read while `call` processes the current one.
pub(super) fn for_each_batch(
    path: &Path,
    width: Width,
    call: impl FnMut(&LineBatch, usize) -> Result<()> + Send,
) -> Result<usize> {
    for_each_batch_of(Lines::open_with(path, width)?, None, call)
}

/// As [`for_each_batch`], for an open file; also adds the lines to `content`, in parallel with `call`.
pub(super) fn for_each_batch_of(
    mut lines: Lines,
    mut content: Option<&mut Content>,
    mut call: impl FnMut(&LineBatch, usize) -> Result<()> + Send,
) -> Result<usize> {
    let mut n_lines = 0;
    let mut batch = lines.next_batch(BATCH_BYTES)?;
    while let Some(current) = batch {
        let (called, next) = rayon::join(
            || call(&current, n_lines),
            || {
                if let Some(content) = content.as_deref_mut() {
                    current.add_to(content);
                }
                lines.next_batch(BATCH_BYTES)
            },
        );
        called?;
        batch = next?;
        n_lines += current.len();
    }
    Ok(n_lines)
}

/// Consecutive lines of a file in one allocation, to be processed on several cores.
#[derive(Default)]
pub(crate) struct LineBatch {
    text: String,
    lines: Vec<(usize, usize)>, // start and end of each line in `text`
    first_line: u64,
}

impl LineBatch {
    /// The number of lines.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The length of the text in bytes.
    pub(super) fn n_bytes(&self) -> usize {
        self.text.len()
    }

    /// Adds the lines to a checksum, each with a line feed.
    fn add_to(&self, content: &mut Content) {
        for i in 0..self.len() {
            content.add(self.get(i).1.as_bytes());
            content.add(b"\n");
        }
    }

    /// Line `i` of the batch with its 1-based number in the file.
    pub(crate) fn get(&self, i: usize) -> (u64, &str) {
        let (start, end) = self.lines[i];
        (self.first_line + i as u64, &self.text[start..end])
    }
}

/// A finite decimal number such as `-0.5`, `+1.`, `.5` or `2e-3`; `None` for anything else.
#[inline]
pub(super) fn parse_number(field: &str) -> Option<f64> {
    field.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Whether all fields are words or empty: no `NA`, no number (not even `nan`), and no numbers joined by another
/// separator.
pub(super) fn looks_like_header<'a>(mut fields: impl Iterator<Item = &'a str>) -> bool {
    fields.all(|field| {
        let field = suspect::unquoted(field);
        field != "NA"
            && field.parse::<f64>().is_err()
            && suspect::cause(field).is_none()
            && !field.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
    })
}

/// Whether a line of ids is a header as written by PLINK 2 and other programs: `#FID IID`, `#IID`, `FID IID`.
pub(super) fn is_id_header(text: &str) -> bool {
    let mut fields = fields(text);
    let first_two = (fields.next(), fields.next());
    matches!(
        first_two,
        (Some("#FID" | "#IID"), _) | (Some("FID"), Some("IID"))
    )
}

/// The field in quotes for a message, truncated after 40 characters.
pub(super) fn quoted(field: &str) -> String {
    match field.char_indices().nth(40) {
        Some((end, _)) => format!("{:?}...", &field[..end]),
        None => format!("{field:?}"),
    }
}

/// A count with its noun for a message: `1 row`, `2 rows`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// Helpers for the tests of the readers.
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

    /// Asserts that a read failed with a message and hint that together contain all parts.
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
        assert_fails(
            read_all("a\rb\rc\n"),
            &[":1: the line contains a carriage return", "tr"],
        );
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
        let file = file("\u{feff}aa\nbb\r\n\u{e9}c\ndddddd\n\n \n");
        for bytes in 1..40 {
            let mut lines = Lines::open(file.path()).unwrap();
            let mut all = Vec::new();
            while let Some(batch) = lines.next_batch(bytes).unwrap() {
                assert!(batch.len() > 0);
                all.extend((0..batch.len()).map(|i| {
                    let (line, text) = batch.get(i);
                    (line, text.to_owned())
                }));
            }
            let expected = ["aa", "bb", "\u{e9}c", "dddddd"].map(str::to_owned);
            assert_eq!(all, (1..).zip(expected).collect::<Vec<_>>(), "{bytes}");
        }
    }

    #[test]
    fn the_lines_before_an_error_come_first_whatever_the_pieces() {
        for (content, parts) in [
            ("aa\nbb\nc\0\nd\n", ":3: the line holds a NUL"),
            ("aa\nbb\n\n\r\nd\n", ":3: the line is blank"),
            (
                "aa\nbb\nc\rd\r\ne",
                ":3: the line contains a carriage return",
            ),
        ] {
            let file = file(content);
            for bytes in 1..20 {
                let mut lines = Lines::open(file.path()).unwrap();
                let mut n_lines = 0;
                let error = loop {
                    match lines.next_batch(bytes) {
                        Ok(Some(batch)) => n_lines += batch.len(),
                        Ok(None) => panic!("no error"),
                        Err(error) => break error,
                    }
                };
                assert!(error.to_string().contains(parts), "{error}");
                assert_eq!(n_lines, 2);
                assert!(lines.next_batch(bytes).unwrap().is_none());
            }
        }
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
    fn long_fields_are_truncated_in_messages() {
        assert_eq!(quoted("a\"b"), "\"a\\\"b\"");
        assert_eq!(
            quoted(&"x".repeat(50)),
            format!("\"{}\"...", "x".repeat(40))
        );
    }
}
