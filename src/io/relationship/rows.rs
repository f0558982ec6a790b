//! Matrices as text, a line per row: PLINK's `.rel`, and the numbers of matrices with names.

use super::words::not_finite;
use crate::error::{Error, Result};
use crate::io::individual::Individual;
use crate::io::square::{NOT_KEPT, SquareMatrix, positions};
use crate::io::text::{Lines, WIDE, count, for_each_batch, parse_number, table_fields};
use rayon::prelude::*;
use std::path::Path;

const REL_HINT: &str =
    "use the matrix and the .id file of one run of PLINK; if they are, create the matrix again";

/// Lines of numbers of the matrix of some individuals.
pub(super) struct Rows<'a> {
    /// The file.
    pub(super) path: &'a Path,
    /// The individuals of rows and columns.
    pub(super) individuals: &'a [Individual],
    /// The rows and columns that are kept, ascending.
    pub(super) kept: &'a [usize],
    /// Whether rows end with the diagonal.
    pub(super) is_lower: bool,
    /// Number of lines before the first row.
    pub(super) n_skipped: usize,
    /// The remedy for a wrong number of rows or columns.
    pub(super) hint: &'static str,
}

impl<'a> Rows<'a> {
    /// Reads the text file of `--make-rel`; also what it is.
    pub(super) fn of_rel(
        path: &'a Path,
        individuals: &'a [Individual],
        kept: &'a [usize],
    ) -> Result<(SquareMatrix, &'static str)> {
        let n = individuals.len();
        let first = Lines::open_with(path, WIDE)?
            .next_line()?
            .map_or(0, |(_, text)| table_fields(text).count());
        if first != n && first != 1 {
            return Err(Error::malformed_line(
                path,
                1,
                format!(
                    "row 1 has {}, expected {n} (square) or 1 (lower triangle) for {}",
                    count(first, "column"),
                    count(n, "individual")
                ),
                REL_HINT,
            ));
        }
        let rows = Self {
            path,
            individuals,
            kept,
            is_lower: first < n,
            n_skipped: 0,
            hint: REL_HINT,
        };
        let mut matrix = rows.read(|row, _, text| Ok((row, text)))?;
        let is_half = !rows.is_lower && matrix.is_zero_above_diagonal();
        if is_half {
            matrix.mirror_lower();
        }
        Ok((
            matrix,
            if rows.is_lower || is_half {
                "PLINK's relationship matrix as text, lower triangle"
            } else {
                "PLINK's relationship matrix as text, square"
            },
        ))
    }

    /// Reads the kept rows and columns.
    ///
    /// * `place`: the individual of the row and its numbers, from the number of the row in the file, its 1-based line and
    ///   its text; each individual is given once
    ///
    /// Fails if the number of rows differs, a kept row has a different number of columns, or a kept entry is not a finite
    /// number.
    pub(super) fn read(
        &self,
        mut place: impl for<'t> FnMut(usize, u64, &'t str) -> Result<(usize, &'t str)> + Send,
    ) -> Result<SquareMatrix> {
        let n = self.individuals.len();
        let positions = positions(n, self.kept);
        let mut matrix = SquareMatrix::zeros(self.kept.len())?;
        let chunks = matrix.values.chunks_mut(self.kept.len());
        let mut rows: Vec<_> = chunks.map(Some).collect();
        let n_lines = for_each_batch(self.path, WIDE, |batch, before| {
            let mut jobs = Vec::with_capacity(batch.len());
            for i in 0..batch.len() {
                let Some(row) = (before + i).checked_sub(self.n_skipped) else {
                    continue;
                };
                let (line, text) = batch.get(i);
                if row >= n {
                    let what = format!("the file has more rows than the {n} individuals");
                    return Err(Error::malformed_line(self.path, line, what, self.hint));
                }
                let (row, numbers) = place(row, line, text)?;
                if positions[row] != NOT_KEPT {
                    let values = rows[positions[row]].take();
                    let values = values.expect("each individual has one row");
                    jobs.push((row, line, numbers, values));
                }
            }
            let results = jobs.into_par_iter().map(|(row, line, numbers, values)| {
                self.parse(&positions, row, line, numbers, values)
            });
            results.find_map_first(Result::err).map_or(Ok(()), Err)
        })?;
        let n_rows = n_lines.saturating_sub(self.n_skipped);
        if n_rows < n {
            return Err(Error::malformed(
                self.path,
                format!(
                    "the file has {}, expected {n}: one per individual",
                    count(n_rows, "row")
                ),
                self.hint,
            ));
        }
        if self.is_lower {
            matrix.mirror_lower();
        }
        Ok(matrix)
    }

    fn parse(
        &self,
        positions: &[usize],
        row: usize,
        line: u64,
        numbers: &str,
        values: &mut [f64],
    ) -> Result<()> {
        let expected = if self.is_lower {
            row + 1
        } else {
            positions.len()
        };
        let mut n_found = 0;
        let mut fields = table_fields(numbers);
        for field in fields.by_ref() {
            if n_found < expected && positions[n_found] != NOT_KEPT {
                values[positions[n_found]] = parse_number(field).ok_or_else(|| {
                    let pair = [&self.individuals[row], &self.individuals[n_found]];
                    not_finite(self.path, Some(line), pair, field)
                })?;
            }
            n_found += 1;
        }
        if n_found == expected {
            return Ok(());
        }
        let empty = if fields.has_empty() {
            ": a cell is empty"
        } else {
            ""
        };
        Err(Error::malformed_line(
            self.path,
            line,
            format!(
                "the row of {} has {}, expected {expected}{empty}",
                self.individuals[row],
                count(n_found, "number")
            ),
            self.hint,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::text::testing::{assert_fails, file, gzip};

    fn individuals() -> Vec<Individual> {
        ["a", "b", "c"]
            .map(|iid| Individual {
                fid: "f".into(),
                iid: iid.into(),
            })
            .to_vec()
    }

    fn read(content: impl AsRef<[u8]>, kept: &[usize]) -> Result<Vec<f64>> {
        let individuals = individuals();
        let file = file(content);
        Rows::of_rel(file.path(), &individuals, kept).map(|(square, _)| square.values)
    }

    #[test]
    fn the_three_shapes_of_plink_give_the_same_matrix() {
        let whole = [1.0, 2.0, 3.0, 2.0, 4.0, 5.0, 3.0, 5.0, 6.0];
        for text in [
            "1\t2\t3\n2\t4\t5\n3\t5\t6\n",
            "1\t0\t0\n2\t4\t0\n3\t5\t6\n",
            "1\n2\t4\n3\t5\t6\n",
        ] {
            assert_eq!(read(text, &[0, 1, 2]).unwrap(), whole, "{text}");
            assert_eq!(read(gzip(text), &[0, 2]).unwrap(), [1.0, 3.0, 3.0, 6.0]);
            assert_eq!(read(text, &[1]).unwrap(), [4.0]);
        }
    }

    #[test]
    fn damaged_rows_are_named() {
        assert_fails(
            read("1 2\n2 4\n", &[0, 1, 2]),
            &[":1: row 1 has 2 columns, expected 3 (square) or 1", ".id"],
        );
        assert_fails(read("1\n2 4\n", &[0]), &["the file has 2 rows, expected 3"]);
        assert_fails(
            read("1\n2 4\n3 5 6\n7\n", &[0]),
            &[":4: the file has more rows"],
        );
        assert_fails(
            read("1\n2 4\n3 5\n", &[0, 2]),
            &[":3: the row of f c has 2 numbers, expected 3"],
        );
        assert_fails(
            read("1\n2 4\n3 nan 6\n", &[1, 2]),
            &[":3: the entry of f c and f b is \"nan\"", "complete"],
        );
        assert_eq!(
            read("1\n2 4\n3 nan 6\n", &[0, 2]).unwrap(),
            [1.0, 3.0, 3.0, 6.0]
        );
        assert_fails(read("", &[0]), &["row 1 has 0 columns"]);
    }
}
