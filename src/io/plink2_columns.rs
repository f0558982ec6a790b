//! Columns by name in the text files of PLINK 2 (`.pvar`, `.psam`).

use std::path::Path;

use memchr::memchr_iter;

use super::suspect;
use super::text::{count, fields, quoted};
use crate::error::{Error, Result};

/// The number of columns in a file, and the positions of `K` of them.
///
/// The cells of a line are separated by single tabs if that gives the number of columns of the header, otherwise by runs
/// of spaces and tabs. A line with a different number of cells is an error, because a space inside a cell would shift
/// the cells after it.
pub(super) struct Columns<const K: usize> {
    /// The names of the wanted columns, for messages.
    names: [&'static str; K],
    /// Their positions, from 0.
    wanted: [usize; K],
    /// Number of columns; lines may have more if the last one is `FORMAT`, after which the genotypes of a VCF follow.
    n: usize,
    is_open: bool,
}

impl<const K: usize> Columns<K> {
    /// * `names`, `wanted`: the wanted columns and their positions
    /// * `n`: number of columns
    /// * `is_open`: whether lines may have more columns, which are ignored
    pub(super) fn new(
        names: [&'static str; K],
        wanted: [usize; K],
        n: usize,
        is_open: bool,
    ) -> Self {
        Self {
            names,
            wanted,
            n,
            is_open,
        }
    }

    /// The wanted cells of a line. Fails on a different number of cells, and on a wanted cell that is empty or has a
    /// space.
    #[inline]
    pub(super) fn cells<'a>(&self, path: &Path, line: u64, text: &'a str) -> Result<[&'a str; K]> {
        let n_tabs = 1 + memchr_iter(b'\t', text.as_bytes()).count();
        if self.is_width(n_tabs) {
            let cells = text.split('\t').map(|cell| cell.trim_matches(' '));
            let cells = self.pick(cells);
            let is_word = |cell: &&str| !cell.is_empty() && !cell.contains(' ');
            return match cells.iter().position(|cell| !is_word(cell)) {
                None => Ok(cells),
                Some(k) => Err(self.no_word(path, line, k, cells[k])),
            };
        }
        let n_fields = fields(text).count();
        if self.is_width(n_fields) {
            return Ok(self.pick(fields(text)));
        }
        Err(self.ragged(path, line, n_fields, text))
    }

    fn is_width(&self, n: usize) -> bool {
        n == self.n || self.is_open && n > self.n
    }

    fn pick<'a>(&self, cells: impl Iterator<Item = &'a str>) -> [&'a str; K] {
        let mut picked = [""; K];
        for (i, cell) in cells.take(self.n).enumerate() {
            for (picked, &wanted) in picked.iter_mut().zip(&self.wanted) {
                if wanted == i {
                    *picked = cell;
                }
            }
        }
        picked
    }

    fn no_word(&self, path: &Path, line: u64, k: usize, cell: &str) -> Error {
        let what = match cell {
            "" => format!("column {} is empty", self.names[k]),
            cell => format!(
                "column {} is {}: it contains a space",
                self.names[k],
                quoted(cell)
            ),
        };
        Error::malformed_line(
            path,
            line,
            what,
            "write one word in this column, with _ instead of a space",
        )
    }

    fn ragged(&self, path: &Path, line: u64, found: usize, text: &str) -> Error {
        let message = format!(
            "the line has {}, expected {} as in the first lines",
            count(found, "column"),
            self.n
        );
        Error::malformed_line(
            path,
            line,
            suspect::too_few(message, text),
            "separate the columns by single tabs, write NA or . in an empty cell, and no space inside an id",
        )
    }
}

/// The position of the column `name` among the `names` of a header. Fails if there is none, or several.
pub(super) fn position(path: &Path, line: u64, names: &[&str], name: &str) -> Result<usize> {
    optional_position(path, line, names, name)?.ok_or_else(|| {
        Error::malformed_line(
            path,
            line,
            format!("the header has no column {name}"),
            "add the column, or write the file with plink2 --make-pgen",
        )
    })
}

/// As [`position`]; `None` if there is no such column.
pub(super) fn optional_position(
    path: &Path,
    line: u64,
    names: &[&str],
    name: &str,
) -> Result<Option<usize>> {
    let mut found = (names.iter().enumerate()).filter(|(_, other)| **other == name);
    let (first, second) = (found.next(), found.next());
    if let (Some((first, _)), Some((second, _))) = (first, second) {
        return Err(Error::malformed_line(
            path,
            line,
            format!(
                "the header has the column {name} twice, as columns {} and {}",
                first + 1,
                second + 1
            ),
            "rename or remove one of the two columns",
        ));
    }
    Ok(first.map(|(i, _)| i))
}
