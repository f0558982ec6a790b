//! How the lines of a table are cut into cells.
//!
//! A file in which no cell is empty and all lines have as many fields is cut at runs of blanks, tabs and, in `-p`, `-c` and
//! the like, commas. Where a cell is empty somewhere (two tabs or commas with nothing between, one before the first field, or
//! one after the last field on some lines only) the file is delimited: cells are counted exactly, at every tab or comma.
//! Anything else is an error with both widths.
//!
//! Nothing but the lines themselves tells that a file is delimited, and the empty cell may be on the last one. So a reader
//! starts with [`Cut::Runs`] and fails at the first line that does not fit; only then the file is looked through as a whole
//! ([`read`]), and read again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use memchr::{memchr, memrchr};

use super::source::Source;
use super::suspect::{DECIMAL_COMMAS, SEMICOLONS, has_decimal_commas};
use super::text::{BATCH_BYTES, Fields, LineBatch, Lines, NARROW, count, holds_one_twice, quoted};
use crate::error::{Error, Result};

/// Most text of a pipe that is kept to be read again.
const PIPE_BYTES: usize = 1 << 30;

/// How lines are cut into cells; `COMMA`: commas separate cells too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut<const COMMA: bool> {
    /// At runs of separators: no cell is empty.
    Runs,
    /// At every delimiter.
    Delimited {
        /// A tab or a comma.
        delimiter: char,
        /// Whether one more stands at the end of every line.
        is_closed: bool,
    },
}

/// What the lines of a file have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Cells.
    pub(super) width: usize,
    /// Whether some cell is empty; only where lines are cut at runs.
    has_empty: bool,
    /// Whether a delimiter ends the line; only where lines are cut at runs.
    is_closed: bool,
}

impl Shape {
    /// The shape of a whole line that is cut at runs.
    pub(super) fn of<const COMMA: bool>(line: &str) -> Self {
        Self::after(line, Fields::<COMMA>::of(line), 0)
    }

    /// The shape of a line, of which `n_taken` fields were taken from `fields`.
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
                || holds_one_twice(end.as_bytes()),
            is_closed: !end.is_empty(),
        }
    }
}

fn is_separator<const COMMA: bool>(byte: u8) -> bool {
    byte == b'\t' || byte == b' ' || (COMMA && byte == b',')
}

/// A file that can be read more than once: of a pipe the text is kept.
pub(super) struct TextFile {
    path: PathBuf,
    text: Option<Arc<[u8]>>,
}

impl TextFile {
    /// Opens `path`. Fails where a pipe cannot be read.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let is_file = std::fs::metadata(path).is_ok_and(|file| file.is_file() || file.is_dir());
        let mut kept = None;
        if !is_file {
            kept = Some(text_of_pipe(path)?.into());
        }
        Ok(Self {
            path: path.to_path_buf(),
            text: kept,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The lines from the first on, cut or to be cut in this way.
    pub(super) fn lines<const COMMA: bool>(&self, cut: Cut<COMMA>) -> Result<Lines> {
        let lines = match &self.text {
            Some(text) => Lines::of(Source::of_text(&self.path, text.clone()))?,
            None => Lines::open(&self.path)?,
        };
        Ok(match cut {
            Cut::Runs => lines,
            Cut::Delimited { .. } => lines.with_rows_of_tabs(),
        })
    }
}

/// All that a pipe delivers, or as much of it as shows that it is no table: a NUL byte, or a line that does not end.
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
                "the pipe delivers more than 1 GiB of text",
                "write the table to a file and give that",
            ));
        }
    }
}

/// Reads a file whose lines are cut at runs of separators, or, where `read` fails so and a cell is empty, at delimiters.
///
/// `read` must fail where the lines are not [alike](Layout).
pub(super) fn read<T, const COMMA: bool>(
    path: &Path,
    mut read: impl FnMut(&TextFile, Cut<COMMA>) -> Result<T>,
) -> Result<T> {
    let file = TextFile::open(path)?;
    let error = match read(&file, Cut::Runs) {
        Err(error @ (Error::Malformed { .. } | Error::Inconsistent { .. })) => error,
        other => return other,
    };
    // A file that is no text has said so already.
    let Ok(survey) = Survey::of::<COMMA>(&file) else {
        return Err(error);
    };
    match survey.cut::<COMMA>(path)? {
        Some((cut, line)) => read(&file, cut).map_err(|error| with_reason(error, cut, line)),
        None => Err(error),
    }
}

/// Adds to an error in a delimited file why it is one.
fn with_reason<const COMMA: bool>(error: Error, cut: Cut<COMMA>, first_empty: u64) -> Error {
    let name = match cut {
        Cut::Delimited { delimiter: ',', .. } => "comma",
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
                "{hint}; every {name} separates two cells, because one is empty on line {first_empty}"
            ),
        },
        other => other,
    }
}

/// What there is in a whole file.
#[derive(Default)]
struct Survey {
    first_empty: Option<u64>,
    first_closed: Option<u64>,
    n_closed: u64,
    n_lines: u64,
    has_tabs: bool,
    has_commas: bool,
}

impl Survey {
    fn of<const COMMA: bool>(file: &TextFile) -> Result<Self> {
        let mut survey = Self::default();
        let mut lines = file.lines(Cut::<COMMA>::Delimited {
            delimiter: '\t',
            is_closed: false,
        })?;
        while let Some((line, text)) = lines.next_line()? {
            let shape = Shape::of::<COMMA>(text);
            survey.n_lines += 1;
            if shape.has_empty {
                survey.first_empty.get_or_insert(line);
            }
            if shape.is_closed {
                survey.first_closed.get_or_insert(line);
                survey.n_closed += 1;
            }
            survey.has_tabs |= text.contains('\t');
            survey.has_commas |= COMMA && text.contains(',');
        }
        Ok(survey)
    }

    /// How a file with an empty cell is cut, and the line of the first one; `None` where no cell is empty.
    fn cut<const COMMA: bool>(&self, path: &Path) -> Result<Option<(Cut<COMMA>, u64)>> {
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
                "a cell is empty, and the file has both tabs and commas: which of them separates cells is not clear",
                "separate the cells of every line by one tab (or one comma), and write NA for a missing value",
            ));
        }
        let cut = Cut::Delimited {
            delimiter: if self.has_tabs { '\t' } else { ',' },
            is_closed,
        };
        Ok(Some((cut, line)))
    }
}

/// The lines of a file must be alike: the shape of the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout<const COMMA: bool> {
    cut: Cut<COMMA>,
    first_line: u64,
    first: Shape,
    has_decimal_commas: bool,
    has_semicolons: bool,
}

impl<const COMMA: bool> Layout<COMMA> {
    /// The layout of a file that starts with this line.
    pub(super) fn new(cut: Cut<COMMA>, (first_line, text): (u64, &str)) -> Self {
        let mut layout = Self {
            cut,
            first_line,
            first: Shape::of::<COMMA>(text),
            has_decimal_commas: COMMA && has_decimal_commas(text),
            has_semicolons: COMMA && text.contains(';'),
        };
        if cut != Cut::Runs {
            layout.first.width = layout.cells(text).len();
        }
        layout
    }

    /// The layout of a file that starts with this batch of lines.
    pub(super) fn of_batch(cut: Cut<COMMA>, batch: &LineBatch) -> Self {
        Self::new(cut, batch.get(0))
    }

    /// Cells of every line.
    pub(super) fn width(&self) -> usize {
        self.first.width
    }

    /// Whether cells are cut at every delimiter, so that some may be empty.
    pub(super) fn is_delimited(&self) -> bool {
        self.cut != Cut::Runs
    }

    /// The cells of a line, whatever their number.
    pub(super) fn cells<'a>(&self, text: &'a str) -> Vec<&'a str> {
        match self.cut {
            Cut::Runs => Fields::<COMMA>::of(text).collect(),
            Cut::Delimited {
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

    /// The cells of a line, which has as many as the first one. Fails as [`check`](Self::check) does.
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

    /// Fails where a line that is cut at runs has an empty cell, or another number of fields than the first line.
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
            "give every row the same number of columns, and write NA where a value is missing (-n chooses the phenotype)"
        } else {
            "give every line the same number of columns: NA (0 for a parent) where there is no value, and no blank inside an id"
        };
        if self.has_semicolons || COMMA && text.contains(';') {
            what = format!("{what}: {}", SEMICOLONS.what);
            hint = SEMICOLONS.hint;
        } else if self.has_decimal_commas || COMMA && has_decimal_commas(text) {
            what.push_str(": commas separate columns, and its numbers seem to have decimal commas");
            hint = DECIMAL_COMMAS.hint;
        }
        Error::malformed_line(path, line, what, hint)
    }
}

/// Fails where a cell of a delimited file that must hold one word is empty or holds a blank.
pub(super) fn check_word(path: &Path, line: u64, column: &str, cell: &str) -> Result<()> {
    let hint = "every line needs a word there; write _ in place of a blank inside an id";
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
                "column {column} is {}: it has a blank, by which it counts as {} columns, not 1",
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
        read(file(content).path(), |file, cut: Cut<COMMA>| {
            let mut lines = file.lines(cut)?;
            let (mut layout, mut rows) = (None, Vec::new());
            while let Some((line, text)) = lines.next_line()? {
                let layout = layout.get_or_insert_with(|| Layout::new(cut, (line, text)));
                let row = layout.row(file.path(), line, text)?;
                rows.push(row.into_iter().map(str::to_owned).collect());
            }
            Ok((cut != Cut::Runs, rows))
        })
    }

    #[test]
    fn lines_of_one_width_without_empty_cells_are_cut_at_runs() {
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
    fn lines_of_other_widths_are_errors_with_both() {
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
                "\"Smith J A\": it has a blank",
                "3 columns, not 1",
                "write _",
            ],
        );
    }
}
