//! Where the names of a text matrix are, from its first lines.

use super::cells::{Cell, Cells, Delimiter};
use crate::io::text::{Lines, WIDE};
use std::path::Path;

/// Lines that are examined after the comments of TASSEL.
const EXAMINED: usize = 3;
/// Maximum number of lines that start with `##`.
const MOST_COMMENTS: usize = 100;
/// Headers of a column of names, in lower case.
const LABELS: &[&str] = &[
    "",
    "iid",
    "id",
    "ids",
    "name",
    "names",
    "taxa",
    "taxon",
    "taxa.names",
    "sample",
    "samples",
    "individual",
    "individuals",
    "line",
    "lines",
    "genotype",
    "strain",
    "accession",
    "fid_iid",
    "rowname",
    "rownames",
    "row.names",
    "x",
    "v1",
    "gid",
];

/// Where the names of a text matrix are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Lines before the header or the first row: TASSEL's comments and number of taxa.
    pub(super) n_before: usize,
    /// The number of taxa on the last of these lines.
    pub(super) n_taxa: Option<usize>,
    pub(super) header: Option<Header>,
    /// Whether the first cell of each row is a name.
    pub(super) has_row_names: bool,
    pub(super) delimiter: Delimiter,
}

/// A line with the names of the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Whether it has a cell for the column of row names.
    pub(super) has_corner: bool,
}

impl Layout {
    /// The layout of the text file at `path`; `None` if it has no names, or cannot be read, which its reader reports.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let mut lines = Lines::open_with(path, WIDE).ok()?;
        let (mut n_comments, mut examined) = (0, Vec::new());
        while examined.len() < EXAMINED
            && let Ok(Some((_, text))) = lines.next_line()
        {
            if examined.is_empty() && text.starts_with("##") && n_comments < MOST_COMMENTS {
                n_comments += 1;
            } else {
                examined.push(text.to_owned());
            }
        }
        Self::of_lines(n_comments, &examined)
    }

    fn of_lines(n_comments: usize, lines: &[String]) -> Option<Self> {
        let [first, second, ..] = lines else {
            return None;
        };
        let delimiter = Delimiter::of(second);
        let layout = Self {
            n_before: n_comments,
            n_taxa: None,
            header: None,
            has_row_names: true,
            delimiter,
        };
        let rows: Vec<Vec<Cell<'_>>> = lines[1..]
            .iter()
            .map(|line| Cells::of(line, delimiter).collect())
            .collect();
        // The number of taxa and a row of that length; 2 and two cells would be a lower triangle.
        if let Ok(n) = first.trim().parse::<usize>()
            && n >= 2
            && rows[0].len() == n + 1
            && may_be_name(rows[0][0])
        {
            return Some(Self {
                n_before: n_comments + 1,
                n_taxa: Some(n),
                ..layout
            });
        }
        let first: Vec<Cell<'_>> = Cells::of(first, delimiter).collect();
        let with = |header, has_row_names| {
            Some(Self {
                header,
                has_row_names,
                ..layout
            })
        };
        let has_names = |cells: &[Cell<'_>]| cells.iter().all(|&cell| may_be_name(cell));
        let are_words = |cells: &[Cell<'_>]| cells.iter().all(|&cell| is_word(cell));
        let are_numbers = |cells: &[Cell<'_>]| cells.iter().all(|&cell| is_number(cell));
        let (is_narrower, is_as_wide) = (
            rows.iter().all(|row| row.len() == first.len() + 1),
            rows.iter().all(|row| row.len() == first.len()),
        );
        let are_rows_named = |is_name: fn(Cell<'_>) -> bool| rows.iter().all(|row| is_name(row[0]));
        if is_narrower && first.len() >= 2 && has_names(&first) && are_rows_named(may_be_name) {
            return with(Some(Header { has_corner: false }), true);
        }
        if !is_as_wide || first.len() < 2 {
            return None;
        }
        let is_label = LABELS.contains(
            &first[0]
                .text
                .trim_start_matches('#')
                .to_lowercase()
                .as_str(),
        );
        let corner = with(Some(Header { has_corner: true }), true);
        if is_label && has_names(&first[1..]) && are_rows_named(may_be_name) {
            return corner;
        }
        let are_values = rows.iter().all(|row| are_numbers(&row[1..]));
        if !are_values {
            return None;
        }
        if are_words(&first) {
            return if are_rows_named(is_word) {
                corner
            } else if are_rows_named(is_number) {
                with(Some(Header { has_corner: false }), false)
            } else {
                None
            };
        }
        let is_row = is_word(first[0]) && are_numbers(&first[1..]);
        if is_row && are_rows_named(is_word) {
            return with(None, true);
        }
        None
    }
}

/// Whether a cell may be an id: no missing value, and no number with a fraction or an exponent.
fn may_be_name(cell: Cell<'_>) -> bool {
    let is_integer = || cell.text.bytes().all(|byte| byte.is_ascii_digit());
    !cell.text.is_empty() && (cell.is_quoted || is_word(cell) || is_integer())
}

/// Whether a cell is neither a number nor missing.
fn is_word(cell: Cell<'_>) -> bool {
    !cell.text.is_empty() && cell.text != "NA" && !is_number(cell)
}

/// Whether a cell without quotes is a number; `nan` and `inf` are.
fn is_number(cell: Cell<'_>) -> bool {
    !cell.is_quoted && cell.text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::text::testing::file;

    fn layout(text: &str) -> Option<(usize, Option<bool>, bool)> {
        let layout = Layout::of(file(text).path())?;
        let header = layout.header.map(|header| header.has_corner);
        Some((layout.n_before, header, layout.has_row_names))
    }

    #[test]
    fn names_are_found_where_programs_write_them() {
        for (text, expected) in [
            (
                "\"a\" \"b\"\n\"a\" 1 0.5\n\"b\" 0.5 1\n",
                (0, Some(false), true),
            ),
            ("a b\na 1 0.5\nb 0.5 1\n", (0, Some(false), true)),
            ("7 8\n7 1 0.5\n8 0.5 1\n", (0, Some(false), true)),
            (
                "\"\",\"a\",\"b\"\n\"a\",1,0.5\n\"b\",0.5,1\n",
                (0, Some(true), true),
            ),
            (",7,8\n7,1,0.5\n8,0.5,1\n", (0, Some(true), true)),
            ("\ta\tb\na\t1\t0.5\nb\t0.5\t1\n", (0, Some(true), true)),
            ("#IID\t7\t8\n7\t1\t0.5\n8\t0.5\t1\n", (0, Some(true), true)),
            ("Sort a b\na 1 0.5\nb 0.5 1\n", (0, Some(true), true)),
            ("a,b\n1,0.5\n0.5,1\n", (0, Some(false), false)),
            ("a 1 0.5\nb 0.5 1\n", (0, None, true)),
            (
                "##Matrix_Name=K\n##x\n2\n33-16\t1\t0.5\nb\t0.5\t1\n",
                (3, None, true),
            ),
            ("2\n7\t1\t0.5\n8\t0.5\t1\n", (1, None, true)),
        ] {
            assert_eq!(layout(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn numbers_and_other_tables_have_no_names() {
        for text in [
            "1 0.5\n0.5 1\n",
            "1\n0.5 1\n",
            "2\n0.5 1\n",
            "1.0 0.5 0.1\n0.5 1\n1\n",
            "x 0.5\n0.5 1\n",
            "NA 0.5\n0.5 1\n",
            "nan 0.5\nnan 1\n",
            "1,5 0,5\n0,5 1,5\n",
            "a b 0.5\na c 0.1\n",
            "ID1 ID2 value\na b 0.5\n",
            "0.5 1\n0.5 1 0.5\n0.5 1 1\n",
            "a\n",
            "",
            "\0\0\0",
        ] {
            assert_eq!(layout(text), None, "{text}");
        }
    }
}
