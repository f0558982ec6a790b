//! Divides the lines of a text table into cells, as far as needed to check them.
//!
//! polars would fill a short row with nulls and split a cell at a stray quotation mark. So every line is checked first:
//! it must have as many cells as the header, and quotation marks must enclose whole cells.

use std::path::Path;

use super::header::id_columns;
use super::role::TableRole;
use crate::error::{Error, Result};
use crate::io::suspect;
use crate::io::text::{Lines, count};

/// The columns of a `.psam` file without a header.
const PSAM: [&str; 6] = ["FID", "IID", "PAT", "MAT", "SEX", "PHENO1"];

/// What separates cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delimiter {
    /// This character.
    One(u8),
    /// Runs of spaces and tabs.
    Blanks,
}

impl Delimiter {
    fn name(self) -> &'static str {
        match self {
            Self::One(b'\t') => "tabs",
            Self::One(b';') => "semicolons",
            Self::One(_) => "commas",
            Self::Blanks => "spaces and tabs",
        }
    }

    fn separates(self, c: char) -> bool {
        match self {
            Self::One(one) => c == char::from(one),
            Self::Blanks => c == ' ' || c == '\t',
        }
    }
}

/// A text table whose lines have been checked.
#[derive(Debug)]
pub(super) struct Scanned {
    /// The names of the columns.
    pub(super) names: Vec<String>,
    /// The line of the header; `None` if there is none.
    pub(super) header_line: Option<u64>,
    /// The line of the first row; the others follow one by one.
    pub(super) first_line: u64,
    pub(super) n_rows: usize,
    /// The rows, each with a line feed, with cells separated by [`separator`](Self::separator).
    pub(super) body: Vec<u8>,
    delimiter: Delimiter,
    width: usize,
}

/// Reads the text table at `path`. Lines that start with `#` before the header are comments, unless they start with an id.
pub(super) fn scan(path: &Path, role: TableRole) -> Result<Scanned> {
    let mut lines = Lines::open(path)?.with_rows_of_tabs();
    let mut scanned: Option<Scanned> = None;
    while let Some((line, text)) = lines.next_line()? {
        match &mut scanned {
            Some(scanned) => scanned.add(path, line, text)?,
            None if is_comment(text) => {}
            None => scanned = Some(Scanned::of_first_line(path, role, line, text)?),
        }
    }
    scanned.ok_or_else(|| {
        Error::malformed(
            path,
            "the file is empty",
            format!("give a table with a header, or omit {}", role.option()),
        )
    })
}

impl Scanned {
    fn of_first_line(path: &Path, role: TableRole, line: u64, text: &str) -> Result<Self> {
        let new = |names: Vec<String>, delimiter| Self {
            width: names.len(),
            names,
            header_line: Some(line),
            first_line: line + 1,
            n_rows: 0,
            body: Vec::new(),
            delimiter,
        };
        if let Some((names, delimiter)) = header_of(text) {
            return Ok(new(names, delimiter));
        }
        if role == TableRole::Psam {
            let width = split(text, Delimiter::Blanks).map_err(|fault| fault.error(path, line))?;
            let names = PSAM.iter().take(width.len()).map(|&name| name.to_owned());
            let mut scanned = Self {
                header_line: None,
                first_line: line,
                ..new(names.collect(), Delimiter::Blanks)
            };
            scanned.add(path, line, text)?;
            return Ok(scanned);
        }
        // The error about missing ids shows the words of the line.
        let delimiters = [b'\t', b',', b';'].into_iter();
        let delimiter = (delimiters.map(Delimiter::One))
            .find(|one| text.contains(|c| one.separates(c)))
            .unwrap_or(Delimiter::Blanks);
        let cells = split(text, delimiter).map_err(|fault| fault.error(path, line))?;
        let names = cells.into_iter().map(plain).collect();
        Ok(new(names, delimiter))
    }

    /// What separates the cells in the body.
    pub(super) fn separator(&self) -> u8 {
        match self.delimiter {
            Delimiter::One(one) => one,
            Delimiter::Blanks => b'\t',
        }
    }

    fn add(&mut self, path: &Path, line: u64, text: &str) -> Result<()> {
        let cells = split(text, self.delimiter).map_err(|fault| fault.error(path, line))?;
        if cells.len() != self.width {
            return Err(self.ragged(path, line, text, &cells));
        }
        match self.delimiter {
            Delimiter::One(_) => self.body.extend_from_slice(text.as_bytes()),
            Delimiter::Blanks => {
                for (j, cell) in cells.iter().enumerate() {
                    if j > 0 {
                        self.body.push(b'\t');
                    }
                    self.body.extend_from_slice(cell.as_bytes());
                }
            }
        }
        self.body.push(b'\n');
        self.n_rows += 1;
        Ok(())
    }

    #[cold]
    fn ragged(&self, path: &Path, line: u64, text: &str, cells: &[&str]) -> Error {
        let what = format!(
            "the row has {}, but the header has {} (separated by {})",
            count(cells.len(), "column"),
            self.width,
            self.delimiter.name()
        );
        let hint = if self.delimiter == Delimiter::One(b',') && suspect::has_decimal_commas(text) {
            suspect::DECIMAL_COMMAS.hint
        } else if cells.len() == self.width + 1 && self.n_rows == 0 {
            "a first column without a name may be row names: in R write.table(x, path, quote = FALSE, row.names = FALSE)"
        } else if self.delimiter == Delimiter::Blanks {
            "write NA for a missing value, no spaces inside cells, or separate the columns by tabs or commas"
        } else {
            "write as many cells in every row as in the header; cells may be empty"
        };
        Error::malformed_line(path, line, what, hint)
    }
}

/// Whether a line before the header is a comment: it starts with `#`, but not with the name of a column of ids.
fn is_comment(text: &str) -> bool {
    let starts_with_id = |(names, _): (Vec<String>, Delimiter)| {
        id_columns(&names).is_some_and(|(fid, iid)| fid == Some(0) || iid == 0)
    };
    text.starts_with('#') && !header_of(text).is_some_and(starts_with_id)
}

/// The names of a header, and what separates them: the first separator by which a column of ids is found.
fn header_of(text: &str) -> Option<(Vec<String>, Delimiter)> {
    let delimiters = [b'\t', b',', b';'].map(Delimiter::One);
    let mut delimiters = delimiters.into_iter().chain([Delimiter::Blanks]);
    delimiters.find_map(|delimiter| {
        if !text.contains(|c| delimiter.separates(c)) {
            return None;
        }
        let cells = split(text, delimiter).ok()?;
        let names: Vec<String> = cells.into_iter().map(plain).collect();
        id_columns(&names)?;
        Some((names, delimiter))
    })
}

/// A cell without enclosing quotes and blanks.
fn plain(cell: &str) -> String {
    let cell = cell.trim();
    let inner = cell
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.map_or_else(
        || cell.to_owned(),
        |inner| inner.replace("\"\"", "\"").trim().to_owned(),
    )
}

/// What is wrong with the quotation marks of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Unclosed,
    Inside,
}

impl Fault {
    fn error(self, path: &Path, line: u64) -> Error {
        let what = match self {
            Self::Unclosed => "a quotation mark is not closed on its line",
            Self::Inside => "a quotation mark does not enclose a whole cell",
        };
        let hint = "write cells without quotation marks, or enclose whole cells in them; a cell cannot contain a line end";
        Error::malformed_line(path, line, what, hint)
    }
}

/// The cells of a line, with their quotes.
fn split(line: &str, delimiter: Delimiter) -> Result<Vec<&str>, Fault> {
    let is_separator = |c: char| delimiter.separates(c);
    if !line.contains('"') {
        return Ok(match delimiter {
            Delimiter::One(_) => line.split(is_separator).collect(),
            Delimiter::Blanks => (line.split(is_separator))
                .filter(|cell| !cell.is_empty())
                .collect(),
        });
    }
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        if delimiter == Delimiter::Blanks {
            rest = rest.trim_start_matches(is_separator);
            if rest.is_empty() {
                return Ok(cells);
            }
        }
        let end = match rest.strip_prefix('"') {
            Some(inner) => 1 + closing(inner).ok_or(Fault::Unclosed)? + 1,
            None => rest.find(is_separator).unwrap_or(rest.len()),
        };
        let (cell, after) = rest.split_at(end);
        let is_quoted = cell.starts_with('"');
        if !is_quoted && cell.contains('"') || !after.is_empty() && !after.starts_with(is_separator)
        {
            return Err(Fault::Inside);
        }
        cells.push(cell);
        if after.is_empty() {
            return Ok(cells);
        }
        rest = &after[1..];
    }
}

/// The position of the quotation mark that ends a cell; two in succession are part of the cell.
fn closing(inner: &str) -> Option<usize> {
    let bytes = inner.as_bytes();
    let mut at = 0;
    loop {
        at += bytes[at..].iter().position(|&byte| byte == b'"')?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(text: &str) -> Result<Scanned> {
        let file = crate::io::text::testing::file(text);
        scan(file.path(), TableRole::Phenotypes)
    }

    #[test]
    fn lines_are_split_as_csv() {
        let comma = Delimiter::One(b',');
        assert_eq!(
            split("a,,\"b,\"\"c\",", comma),
            Ok(vec!["a", "", "\"b,\"\"c\"", ""])
        );
        assert_eq!(
            split("  a \"b c\"\td ", Delimiter::Blanks),
            Ok(vec!["a", "\"b c\"", "d"])
        );
        for (line, fault) in [
            ("a,\"b", Fault::Unclosed),
            ("a,\"b\"\"", Fault::Unclosed),
            ("a,b\"c", Fault::Inside),
            ("a,\"b\"c", Fault::Inside),
            ("a, \"b\"", Fault::Inside),
        ] {
            assert_eq!(split(line, comma), Err(fault), "{line}");
        }
    }

    #[test]
    fn the_header_shows_what_separates_cells() {
        for (text, separator, names) in [
            ("FID IID y\n1 2 3\n", b'\t', 3),
            ("#FID\tIID\tfat mass\n1\t2\t\n", b'\t', 3),
            ("\u{feff}\"IID\",\"y, z\"\r\n1,2\r\n", b',', 2),
            ("id;y\n1;2\n", b';', 2),
            ("## made by x\n#made, IID y\n#IID\ty\n1\t2\n", b'\t', 2),
        ] {
            let scanned = scanned(text).unwrap();
            assert_eq!(
                (scanned.separator(), scanned.width),
                (separator, names),
                "{text}"
            );
            assert_eq!(scanned.n_rows, 1);
        }
    }

    #[test]
    fn a_row_of_another_width_is_an_error_with_its_line() {
        for (text, expected) in [
            (
                "IID,y\na,1\nb,1,5\n",
                ":3: the row has 3 columns, but the header has 2",
            ),
            (
                "IID y z\na 1\n",
                ":2: the row has 2 columns, but the header has 3 (separated by spaces and tabs)",
            ),
            ("IID\ty\na\n", ":2: the row has 1 column"),
            ("", "the file is empty"),
        ] {
            let error = scanned(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let hint = scanned("IID y\n1 a 2.5\n").unwrap_err();
        assert!(hint.hint().unwrap().contains("row.names = FALSE"));
    }
}
