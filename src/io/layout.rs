//! How the lines of a table are split into cells.
//!
//! If no cell is empty and all lines have the same number of fields, lines are split at runs of spaces, tabs and, in
//! `-p`, `-c` and similar files, commas. If any cell is empty (two tabs or commas with nothing between, one before the
//! first field, or one after the last field on some lines only), the file is delimited: every tab or comma separates
//! two cells. Anything else is an error with both widths.
//!
//! Only the lines themselves show that a file is delimited, and the empty cell may be on the last line. So a reader
//! starts with [`Split::Runs`] and fails at the first line that does not fit. Only then is the whole file examined
//! ([`read`]) and read again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use memchr::{memchr, memrchr};

use super::shape::Shape;
use super::source::Source;
use super::suspect::{DECIMAL_COMMAS, SEMICOLONS, has_decimal_commas};
use super::text::{BATCH_BYTES, Fields, LineBatch, Lines, NARROW, count, quoted};
use crate::error::{Error, Result};

/// Maximum text from a pipe that is kept to be read again.
const PIPE_BYTES: usize = 1 << 30;

/// How lines are split into cells; `COMMA`: commas also separate cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Split<const COMMA: bool> {
    /// At runs of separators; no cell is empty.
    Runs,
    /// At every delimiter.
    Delimited {
        /// A tab or a comma.
        delimiter: char,
        /// Whether every line also ends with a delimiter.
        is_closed: bool,
    },
}

/// A file that can be read more than once; the text from a pipe is kept.
pub(super) struct TextFile {
    path: PathBuf,
    content: Content,
}

enum Content {
    /// The file at the path.
    OnDisk,
    /// Text that was read from a pipe.
    Text(Arc<[u8]>),
    /// All bytes of a file that is elsewhere, perhaps compressed.
    #[cfg(feature = "cloud")]
    Bytes(Arc<[u8]>),
}

impl TextFile {
    /// Opens `path`. Fails if a pipe cannot be read.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let is_file = std::fs::metadata(path).is_ok_and(|file| file.is_file() || file.is_dir());
        let content = if is_file {
            Content::OnDisk
        } else {
            Content::Text(text_of_pipe(path)?.into())
        };
        Ok(Self {
            path: path.to_path_buf(),
            content,
        })
    }

    /// A file of which all bytes are in memory.
    ///
    /// * `path`: its name in messages, perhaps a URL
    #[cfg(feature = "cloud")]
    pub(super) fn of_bytes(path: &Path, bytes: Vec<u8>) -> Self {
        Self {
            path: path.to_path_buf(),
            content: Content::Bytes(bytes.into()),
        }
    }

    /// The size of the file in bytes; 0 if it is unknown.
    pub(super) fn size(&self) -> u64 {
        match &self.content {
            Content::OnDisk => std::fs::metadata(&self.path).map_or(0, |file| file.len()),
            Content::Text(_) => 0,
            #[cfg(feature = "cloud")]
            Content::Bytes(bytes) => bytes.len() as u64,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The lines from the first on, to be split in this way.
    pub(super) fn lines<const COMMA: bool>(&self, split: Split<COMMA>) -> Result<Lines> {
        let lines = match &self.content {
            Content::OnDisk => Lines::open(&self.path)?,
            Content::Text(text) => Lines::of(Source::of_text(&self.path, text.clone()))?,
            #[cfg(feature = "cloud")]
            Content::Bytes(bytes) => Lines::of(Source::of_bytes(&self.path, bytes.clone()))?,
        };
        Ok(match split {
            Split::Runs => lines,
            Split::Delimited { .. } => lines.with_rows_of_tabs(),
        })
    }
}

/// The whole text from a pipe; reading stops at a NUL byte or an overlong line, because the text is then not a table.
fn text_of_pipe(path: &Path) -> Result<Vec<u8>> {
    let mut source = Source::open(path, true)?;
    let mut text = Vec::new();
    let mut piece = vec![0; BATCH_BYTES];
    let mut line_start = 0;
    loop {
        let n_read = source.fill(&mut piece)?;
        let start = text.len();
        text.extend_from_slice(&piece[..n_read]);
        line_start = memrchr(b'\n', &piece[..n_read]).map_or(line_start, |end| start + end + 1);
        if n_read < piece.len()
            || memchr(0, &piece[..n_read]).is_some()
            || NARROW.is_exceeded_by(text.len() - line_start)
        {
            return Ok(text);
        }
        if text.len() >= PIPE_BYTES {
            return Err(Error::malformed(
                path,
                "more than 1 GiB of text was read from the pipe",
                "write the table to a file and give that file",
            ));
        }
    }
}

/// Reads a file whose lines are split at runs of separators or, if `read` then fails and a cell is empty, at
/// delimiters.
///
/// `read` must fail if the lines are not [alike](Layout).
pub(super) fn read<T, const COMMA: bool>(
    path: &Path,
    read: impl FnMut(&TextFile, Split<COMMA>) -> Result<T>,
) -> Result<T> {
    read_file(&TextFile::open(path)?, read)
}

/// As [`read`], for an open file.
pub(super) fn read_file<T, const COMMA: bool>(
    file: &TextFile,
    mut read: impl FnMut(&TextFile, Split<COMMA>) -> Result<T>,
) -> Result<T> {
    let error = match read(file, Split::Runs) {
        Err(error @ (Error::Malformed { .. } | Error::Inconsistent { .. })) => error,
        other => return other,
    };
    // A file that is not text has already been reported as such.
    let Ok(summary) = LineSummary::of::<COMMA>(file) else {
        return Err(error);
    };
    match summary.split::<COMMA>(file.path())? {
        Some((split, line)) => read(file, split).map_err(|error| with_reason(error, split, line)),
        None => Err(error),
    }
}

/// Adds to the hint of an error why the file is delimited.
fn with_reason<const COMMA: bool>(error: Error, split: Split<COMMA>, first_empty: u64) -> Error {
    let name = match split {
        Split::Delimited { delimiter: ',', .. } => "comma",
        _ => "tab",
    };
    match error {
        Error::Malformed {
            path,
            line,
            what,
            hint,
        } => Error::Malformed {
            path,
            line,
            what,
            hint: format!(
                "{hint}; every {name} separates two cells, because a cell is empty on line {first_empty}"
            ),
        },
        other => other,
    }
}

/// Properties of a whole file.
#[derive(Default)]
struct LineSummary {
    first_empty: Option<u64>,
    first_closed: Option<u64>,
    n_closed: u64,
    n_lines: u64,
    has_tabs: bool,
    has_commas: bool,
}

impl LineSummary {
    fn of<const COMMA: bool>(file: &TextFile) -> Result<Self> {
        let mut summary = Self::default();
        let mut lines = file.lines(Split::<COMMA>::Delimited {
            delimiter: '\t',
            is_closed: false,
        })?;
        while let Some((line, text)) = lines.next_line()? {
            let shape = Shape::of::<COMMA>(text);
            summary.n_lines += 1;
            if shape.has_empty {
                summary.first_empty.get_or_insert(line);
            }
            if shape.is_closed {
                summary.first_closed.get_or_insert(line);
                summary.n_closed += 1;
            }
            summary.has_tabs |= text.contains('\t');
            summary.has_commas |= COMMA && text.contains(',');
        }
        Ok(summary)
    }

    /// How to split a file with an empty cell, and the line of the first one; `None` if no cell is empty.
    fn split<const COMMA: bool>(&self, path: &Path) -> Result<Option<(Split<COMMA>, u64)>> {
        let is_closed = self.n_closed == self.n_lines;
        let first_empty = match self.first_closed {
            Some(closed) if !is_closed => Some(self.first_empty.map_or(closed, |e| e.min(closed))),
            _ => self.first_empty,
        };
        let Some(line) = first_empty else {
            return Ok(None);
        };
        if self.has_tabs && self.has_commas {
            return Err(Error::malformed_line(
                path,
                line,
                "a cell is empty, and the file has both tabs and commas: the delimiter is ambiguous",
                "separate the cells of every line by one tab (or one comma), and write NA for a missing value",
            ));
        }
        let split = Split::Delimited {
            delimiter: if self.has_tabs { '\t' } else { ',' },
            is_closed,
        };
        Ok(Some((split, line)))
    }
}

/// The shape of the first line, which all lines of a file must have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout<const COMMA: bool> {
    split: Split<COMMA>,
    first_line: u64,
    first: Shape,
    has_decimal_commas: bool,
    has_semicolons: bool,
}

impl<const COMMA: bool> Layout<COMMA> {
    /// The layout of a file that starts with this line.
    pub(super) fn new(split: Split<COMMA>, (first_line, text): (u64, &str)) -> Self {
        let mut layout = Self {
            split,
            first_line,
            first: Shape::of::<COMMA>(text),
            has_decimal_commas: COMMA && has_decimal_commas(text),
            has_semicolons: COMMA && text.contains(';'),
        };
        if split != Split::Runs {
            layout.first.width = layout.cells(text).len();
        }
        layout
    }

    /// The layout of a file that starts with this batch of lines.
    pub(super) fn of_batch(split: Split<COMMA>, batch: &LineBatch) -> Self {
        Self::new(split, batch.get(0))
    }

    /// Number of cells in every line.
    pub(super) fn width(&self) -> usize {
        self.first.width
    }

    /// Whether lines are split at every delimiter, so that cells may be empty.
    pub(super) fn is_delimited(&self) -> bool {
        self.split != Split::Runs
    }

    /// The cells of a line, whatever their number.
    pub(super) fn cells<'a>(&self, text: &'a str) -> Vec<&'a str> {
        match self.split {
            Split::Runs => Fields::<COMMA>::of(text).collect(),
            Split::Delimited {
                delimiter,
                is_closed,
            } => {
                let mut cells: Vec<_> = text
                    .split(delimiter)
                    .map(|cell| cell.trim_matches(' '))
                    .collect();
                if is_closed {
                    cells.pop();
                }
                cells
            }
        }
    }

    /// The cells of a line, which must be as many as on the first. Fails as [`check`](Self::check) does.
    pub(super) fn row<'a>(&self, path: &Path, line: u64, text: &'a str) -> Result<Vec<&'a str>> {
        if self.is_delimited() {
            let cells = self.cells(text);
            if cells.len() == self.width() {
                return Ok(cells);
            }
            return Err(self.ragged(path, line, cells.len(), text));
        }
        let mut fields = Fields::<COMMA>::of(text);
        let mut cells = Vec::with_capacity(self.width());
        cells.extend(fields.by_ref());
        let shape = Shape::after(text, fields, cells.len());
        if shape != self.first || shape.has_empty {
            return Err(self.ragged(path, line, shape.width, text));
        }
        Ok(cells)
    }

    /// Fails if a line that is split at runs has an empty cell, or a different number of fields from the first line.
    #[inline]
    pub(super) fn check(&self, path: &Path, line: u64, shape: Shape) -> Result<()> {
        if shape == self.first && !shape.has_empty {
            return Ok(());
        }
        Err(self.ragged(path, line, shape.width, ""))
    }

    #[cold]
    fn ragged(&self, path: &Path, line: u64, width: usize, text: &str) -> Error {
        let noun = if COMMA { "row" } else { "line" };
        let mut what = format!(
            "the {noun} has {}, but line {} has {}",
            count(width, "column"),
            self.first_line,
            self.width()
        );
        let mut hint = if COMMA {
            "write the same number of columns in every row, with NA for a missing value (-n selects the phenotype)"
        } else {
            "write the same number of columns on every line, with NA (0 for a parent) for a missing value and no space inside an id"
        };
        if self.has_semicolons || COMMA && text.contains(';') {
            what = format!("{what}: {}", SEMICOLONS.what);
            hint = SEMICOLONS.hint;
        } else if self.has_decimal_commas || COMMA && has_decimal_commas(text) {
            what.push_str(": commas separate columns, but its numbers seem to have decimal commas");
            hint = DECIMAL_COMMAS.hint;
        }
        Error::malformed_line(path, line, what, hint)
    }
}

/// Fails if a cell of a delimited file that must be one word is empty or contains a space.
pub(super) fn check_word(path: &Path, line: u64, column: &str, cell: &str) -> Result<()> {
    let hint = "every line needs one word in this column; write _ instead of a space inside an id";
    if cell.is_empty() {
        return Err(Error::malformed_line(
            path,
            line,
            format!("column {column} is empty"),
            hint,
        ));
    }
    if cell.contains(' ') {
        return Err(Error::malformed_line(
            path,
            line,
            format!(
                "column {column} is {}: it contains a space, which makes it {} columns instead of 1",
                quoted(cell),
                cell.split_whitespace().count()
            ),
            hint,
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file};
    use super::*;

    /// The cells of a file, and whether it is delimited.
    fn cells<const COMMA: bool>(content: &str) -> Result<(bool, Vec<Vec<String>>)> {
        read(file(content).path(), |file, split: Split<COMMA>| {
            let mut lines = file.lines(split)?;
            let (mut layout, mut rows) = (None, Vec::new());
            while let Some((line, text)) = lines.next_line()? {
                let layout = layout.get_or_insert_with(|| Layout::new(split, (line, text)));
                let row = layout.row(file.path(), line, text)?;
                rows.push(row.into_iter().map(str::to_owned).collect());
            }
            Ok((split != Split::Runs, rows))
        })
    }

    #[test]
    fn lines_of_one_width_without_empty_cells_are_split_at_runs() {
        let expected = (false, vec![vec!["a".to_owned(), "b".to_owned()]; 3]);
        for content in [
            "a b\na\tb\na,b\n",
            "a  b\n a , b\na\t b \n",
            "a b,\na\tb,\na,b,",
            "a\t,b\na,\tb\na b\n",
            "a b\t\na\tb\t\na b\t\n",
        ] {
            assert_eq!(cells::<true>(content).unwrap(), expected, "{content:?}");
        }
        let commas = cells::<false>("a, b\na,\tb\na,  b\n").unwrap();
        assert_eq!(
            commas,
            (false, vec![vec!["a,".to_owned(), "b".to_owned()]; 3])
        );
    }

    #[test]
    fn an_empty_cell_anywhere_makes_the_file_delimited() {
        for (content, expected) in [
            ("a\tb\n\td\n", [["a", "b"], ["", "d"]]),
            ("a\tb\nc\t\n", [["a", "b"], ["c", ""]]),
            ("\t\na\tb\n", [["", ""], ["a", "b"]]),
            ("a,b\n,\n", [["a", "b"], ["", ""]]),
            (" a , b c\n , d\n", [["a", "b c"], ["", "d"]]),
            (",a,\nb,c,\n", [["", "a"], ["b", "c"]]),
        ] {
            let expected = expected.map(|row| row.map(str::to_owned).to_vec()).to_vec();
            assert_eq!(
                cells::<true>(content).unwrap(),
                (true, expected),
                "{content:?}"
            );
        }
    }

    #[test]
    fn lines_of_another_width_are_errors_with_both_widths() {
        for (content, parts) in [
            (
                "a b\na b c\n",
                ":2: the row has 3 columns, but line 1 has 2",
            ),
            (
                "a b c\na b\n",
                ":2: the row has 2 columns, but line 1 has 3",
            ),
            (
                "a\tb\nc d\te\n",
                ":2: the row has 3 columns, but line 1 has 2",
            ),
            (
                "a\tb\t\nc\td\n",
                ":2: the row has 2 columns, but line 1 has 3",
            ),
            ("a,b\nc,,d\n", ":2: the row has 3 columns, but line 1 has 2"),
            (
                "a b\nc d\te\nf\t\t\n",
                ":2: the row has 2 columns, but line 1 has 1",
            ),
            (
                "a,b\nc\t\n",
                ":2: a cell is empty, and the file has both tabs and commas",
            ),
        ] {
            assert_fails(cells::<true>(content), &[parts]);
        }
    }

    #[test]
    fn an_id_is_one_word() {
        let path = Path::new("s.fam");
        assert!(check_word(path, 1, "1 (FID)", "F1").is_ok());
        assert_fails(
            check_word(path, 3, "1 (FID)", ""),
            &["s.fam:3: column 1 (FID) is empty"],
        );
        assert_fails(
            check_word(path, 3, "1 (FID)", "Smith J A"),
            &[
                "\"Smith J A\": it contains a space",
                "3 columns instead of 1",
                "write _",
            ],
        );
    }
}
