//! The columns of an `.id` file, which a header may name.

use std::path::Path;

use super::individual::Individual;
use super::text::{count, fields};
use crate::error::{Error, Result};

/// The hint for ids or a matrix that were changed.
pub(crate) const UNSEAL_HINT: &str = "recreate the matrix and its ids; if you changed them on purpose and they still belong together, remove the lines that start with #jamma from the .id file";

/// The header of an `.id` file with the numbers of individuals that have no ids.
pub const NUMBERS: &str = "#NUMBER";

/// The columns of FID and IID in a line of `n` columns.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    are_numbers: bool,
    pub(super) fid: Option<usize>,
    pub(super) iid: usize,
    n: usize,
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            are_numbers: false,
            fid: Some(0),
            iid: 1,
            n: 2,
        }
    }
}

impl Columns {
    /// The columns that a header names; `None` if the line is not a header.
    pub(super) fn of_header(path: &Path, text: &str) -> Result<Option<Self>> {
        let names: Vec<&str> = fields(text).collect();
        if names == [NUMBERS] {
            return Ok(Some(Self {
                are_numbers: true,
                fid: None,
                iid: 0,
                n: 1,
            }));
        }
        let is = |name: &str, expected: &str| name.eq_ignore_ascii_case(expected);
        let is_header = match names.as_slice() {
            [first, ..] if is(first, "#FID") || is(first, "#IID") => true,
            [first, second, ..] => is(first, "FID") && is(second, "IID"),
            _ => false,
        };
        if !is_header {
            return Ok(None);
        }
        let position = |expected: &str| {
            let mut names = names.iter().map(|name| name.trim_start_matches('#'));
            names.position(|name| is(name, expected))
        };
        let iid = position("IID").ok_or_else(|| {
            Error::malformed_line(
                path,
                1,
                "the header has no IID column",
                "give the FID and IID of each row of the matrix",
            )
        })?;
        Ok(Some(Self {
            are_numbers: false,
            fid: position("FID"),
            iid,
            n: names.len(),
        }))
    }

    /// The individual on a line. Fails if the columns are not those of the file.
    pub(super) fn individual(self, path: &Path, line: u64, text: &str) -> Result<Individual> {
        let cells: Vec<&str> = fields(text).take(self.n + 1).collect();
        if cells.len() != self.n {
            return Err(Error::malformed_line(
                path,
                line,
                format!(
                    "the line has {}, expected {}",
                    count(fields(text).count(), "column"),
                    self.n
                ),
                "give the FID and IID of each row of the matrix, or only IIDs after the header #IID",
            ));
        }
        if self.are_numbers {
            let number = cells[0].parse::<usize>().ok();
            let row = number.and_then(|number| number.checked_sub(1));
            return row.map(Individual::numbered).ok_or_else(|| {
                Error::malformed_line(
                    path,
                    line,
                    format!(
                        "{} is not the number of an individual, counted from 1",
                        cells[0]
                    ),
                    UNSEAL_HINT,
                )
            });
        }
        Ok(Individual {
            // PLINK writes 0 if there is no family id.
            fid: self.fid.map_or("0", |fid| cells[fid]).into(),
            iid: cells[self.iid].into(),
        })
    }
}
