//! Matrices and vectors as text: kinship (`-k`), eigenvectors (`-u`), eigenvalues (`-d`).

use std::path::Path;

use faer::Mat;
use rayon::prelude::*;

use super::content::Content;
use super::square::{NOT_KEPT, SquareMatrix, positions};
use super::suspect;
use super::text::{
    Lines, MANY_MORE, WIDE, count, for_each_batch_of, parse_number, quoted, table_fields,
};
use super::triangle;
use crate::error::{Error, Result};
use crate::kernels::try_zeros;

/// Number of columns that one task copies: a cache line of every row.
const SCATTER_COLUMNS: usize = 8;

const KINSHIP_HINT: &str = "the file must hold one row and one column of numbers per individual of the .fam, in its order, \
                            without header or ids; a list of pairs (id, id, value) is read with -km 2";
const EIGEN_HINT: &str = "give eigenvalues with -d and eigenvectors with -u that were computed for the same analysed individuals";
pub(super) const COMPLETE_HINT: &str =
    "the matrix must be complete: recompute it, or exclude the individuals without values";

/// Reads a square kinship matrix (`-km 1`) of `n_total` individuals for the kept ones.
///
/// Entry (a, b) of the result is entry (`kept[a]`, `kept[b]`) of the file; `kept` holds distinct 0-based rows in any
/// order. Fields are separated by spaces, tabs or commas. The other rows and columns must be present but are not
/// parsed, as in GEMMA. Fails if the number of rows differs, if a kept row has a different number of columns, or if a
/// kept entry is not a finite number. Memory: the result and two batches of text.
///
/// * `content`: the checksum to which the whole file is added
pub fn read_square(
    path: &Path,
    n_total: usize,
    kept: &[usize],
    content: Option<&mut Content>,
) -> Result<SquareMatrix> {
    assert!(!kept.is_empty(), "at least one individual is kept");
    let positions = positions(n_total, kept);
    let mut matrix = SquareMatrix::zeros(kept.len())?;
    let mut rows: Vec<_> = matrix.values.chunks_mut(kept.len()).map(Some).collect();
    let n_rows = for_each_batch_of(
        Lines::open_with(path, WIDE)?,
        content,
        |batch, first_row| {
            reject_many_more(path, first_row, n_total, KINSHIP_HINT)?;
            let mut jobs = Vec::with_capacity(batch.len());
            for i in 0..batch.len() {
                if let Some(&position) = positions.get(first_row + i)
                    && position != NOT_KEPT
                {
                    let row = rows[position]
                        .take()
                        .expect("each row of a file is read once");
                    jobs.push((batch.get(i), row));
                }
            }
            first_error(jobs.into_par_iter().map(|((line, text), row)| {
                parse_row(text, &positions, row).map_err(|fault| fault.at(path, line, KINSHIP_HINT))
            }))
        },
    )?;
    check_rows(path, n_rows, n_total, KINSHIP_HINT)?;
    Ok(matrix)
}

/// Number of columns of a matrix, from its first line. Fails if the file is empty.
pub fn n_columns(path: &Path) -> Result<usize> {
    let first = Lines::open_with(path, WIDE)?
        .next_line()?
        .map(|(_, text)| table_fields(text).count());
    first
        .filter(|&n| n > 0)
        .ok_or_else(|| Error::malformed(path, "the file is empty", KINSHIP_HINT))
}

/// Reads a whole matrix of `n_rows` × `n_columns` numbers, such as eigenvectors in columns.
///
/// Fails if the shape differs or an entry is not a finite number. Memory: the result and a few batches of text.
///
/// * `content`: the checksum to which the whole file is added
pub fn read_dense(
    path: &Path,
    n_rows: usize,
    n_columns: usize,
    content: Option<&mut Content>,
) -> Result<Mat<f64>> {
    let positions: Vec<_> = (0..n_columns).collect();
    let mut matrix = try_zeros(n_rows, n_columns, "the matrix")?;
    let mut rows = Vec::new();
    let n_found = for_each_batch_of(
        Lines::open_with(path, WIDE)?,
        content,
        |batch, first_row| {
            reject_many_more(path, first_row, n_rows, EIGEN_HINT)?;
            let n_parsed = batch.len().min(n_rows.saturating_sub(first_row));
            rows.resize(n_parsed * n_columns, 0.0);
            let jobs = rows.par_chunks_mut(n_columns.max(1)).enumerate();
            first_error(jobs.map(|(i, row)| {
                let (line, text) = batch.get(i);
                parse_row(text, &positions, row).map_err(|fault| fault.at(path, line, EIGEN_HINT))
            }))?;
            scatter_rows(&rows, first_row, &mut matrix);
            Ok(())
        },
    )?;
    check_rows(path, n_found, n_rows, EIGEN_HINT)?;
    Ok(matrix)
}

/// Reads `n` eigenvalues, one per line.
///
/// Fails if the number of lines differs, a line has a second field, or a field is not a finite number.
///
/// * `content`: the checksum to which the whole file is added
pub fn read_eigenvalues(path: &Path, n: usize, content: Option<&mut Content>) -> Result<Vec<f64>> {
    let column = read_dense(path, n, 1, content)?;
    Ok(column.col(0).iter().copied().collect())
}

/// Copies consecutive whole rows into `matrix`, from row `first_row` on.
pub(super) fn scatter_rows(rows: &[f64], first_row: usize, matrix: &mut Mat<f64>) {
    if rows.is_empty() {
        return;
    }
    let n_columns = matrix.ncols();
    matrix
        .par_col_chunks_mut(SCATTER_COLUMNS)
        .enumerate()
        .for_each(|(chunk, mut columns)| {
            let first = chunk * SCATTER_COLUMNS;
            for (i, row) in rows.chunks_exact(n_columns).enumerate() {
                for j in 0..columns.ncols() {
                    columns[(first_row + i, j)] = row[first + j];
                }
            }
        });
}

/// What is wrong with a row of a matrix.
enum Fault {
    Columns {
        found: usize,
        expected: usize,
        has_empty: bool,
    },
    Entry {
        column: usize,
        field: String,
        expected: usize,
    },
}

impl Fault {
    fn at(self, path: &Path, line: u64, hint: &str) -> Error {
        match self {
            Self::Columns {
                found,
                expected,
                has_empty,
            } => {
                let what = format!(
                    "row {line} has {}, expected {expected}",
                    count(found, "column")
                );
                if let Some((cause, remedy)) = triangle::cause(path, expected) {
                    let (what, hint) = (format!("{what}: {cause}"), format!("{remedy}; {hint}"));
                    return Error::malformed_line(path, line, what, hint);
                }
                if has_empty {
                    let what = format!("{what}: a cell is empty");
                    return Error::malformed_line(path, line, what, COMPLETE_HINT);
                }
                Error::malformed_line(path, line, what, hint)
            }
            Self::Entry {
                column,
                field,
                expected,
            } => {
                let is_missing = field == "NA" || field.parse::<f64>().is_ok(); // nan, inf
                let hint = if is_missing { COMPLETE_HINT } else { hint };
                let what = format!(
                    "row {line}, column {column} is {}, expected a finite number",
                    quoted(&field)
                );
                if is_missing && let Some((cause, remedy)) = triangle::cause(path, expected) {
                    let (what, hint) = (format!("{what}: {cause}"), format!("{remedy}; {hint}"));
                    return Error::malformed_line(path, line, what, hint);
                }
                let (what, hint) = suspect::explained(what, &field, hint);
                Error::malformed_line(path, line, what, hint)
            }
        }
    }
}

/// Parses the fields of kept columns into `row`.
fn parse_row(text: &str, positions: &[usize], row: &mut [f64]) -> Result<(), Fault> {
    let mut n_found = 0;
    let mut fields = table_fields(text);
    for field in fields.by_ref() {
        if let Some(&position) = positions.get(n_found)
            && position != NOT_KEPT
        {
            row[position] = parse_number(field).ok_or_else(|| Fault::Entry {
                column: n_found + 1,
                field: field.to_owned(),
                expected: positions.len(),
            })?;
        }
        n_found += 1;
    }
    if n_found == positions.len() {
        Ok(())
    } else {
        Err(Fault::Columns {
            found: n_found,
            expected: positions.len(),
            has_empty: fields.has_empty(),
        })
    }
}

/// Fails early if a file, perhaps an endless one, has many more rows than `expected`.
fn reject_many_more(path: &Path, found: usize, expected: usize, hint: &str) -> Result<()> {
    if found <= expected + MANY_MORE {
        return Ok(());
    }
    Err(Error::malformed_line(
        path,
        expected as u64 + 1,
        format!("the file has more than {found} rows, expected {expected}"),
        hint,
    ))
}

/// The error of the first row that has one, whichever thread finds its error first.
fn first_error(results: impl IndexedParallelIterator<Item = Result<()>>) -> Result<()> {
    results.find_map_first(Result::err).map_or(Ok(()), Err)
}

fn check_rows(path: &Path, found: usize, expected: usize, hint: &str) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    let what = format!("the file has {}, expected {expected}", count(found, "row"));
    Err(if found > expected {
        Error::malformed_line(path, expected as u64 + 1, what, hint)
    } else {
        Error::malformed(path, what, hint)
    })
}

#[cfg(test)]
mod tests {
    use super::super::text::BATCH_BYTES;
    use super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    fn square(content: impl AsRef<[u8]>, n_total: usize, kept: &[usize]) -> Result<Vec<f64>> {
        read_square(file(content).path(), n_total, kept, None).map(|matrix| matrix.values)
    }

    fn dense(content: impl AsRef<[u8]>, n_rows: usize, n_columns: usize) -> Result<Mat<f64>> {
        read_dense(file(content).path(), n_rows, n_columns, None)
    }

    const K: &str = "1 2\t3\n4,5, 6\n 7 8  9e0\n";

    #[test]
    fn all_rows_are_read_whatever_the_separators_line_ends_and_compression() {
        let expected: Vec<f64> = (1..10).map(f64::from).collect();
        for content in [
            K.to_owned(),
            K.replace('\n', "\r\n"),
            K.trim_end().to_owned(),
            format!("{K}\n\n"),
        ] {
            assert_eq!(square(&content, 3, &[0, 1, 2]).unwrap(), expected);
            assert_eq!(square(gzip(&content), 3, &[0, 1, 2]).unwrap(), expected);
        }
    }

    #[test]
    fn kept_rows_and_columns_come_in_the_callers_order() {
        assert_eq!(square(K, 3, &[0, 2]).unwrap(), [1.0, 3.0, 7.0, 9.0]);
        assert_eq!(square(K, 3, &[2, 0]).unwrap(), [9.0, 7.0, 3.0, 1.0]);
        assert_eq!(square(K, 3, &[1]).unwrap(), [5.0]);
    }

    #[test]
    fn rows_and_columns_that_are_not_kept_are_not_parsed() {
        let junk = "1 nan 3\njunk\n7 NA 9\n";
        assert_eq!(square(junk, 3, &[0, 2]).unwrap(), [1.0, 3.0, 7.0, 9.0]);
        assert_fails(
            square(junk, 3, &[0, 1, 2]),
            &[":1: row 1, column 2 is \"nan\", expected a finite number"],
        );
    }

    #[test]
    fn entries_that_are_no_numbers_are_named() {
        for word in ["NA", "nan", "inf", "x", "0x1"] {
            assert_fails(
                square(format!("1 2\n2 {word}\n"), 2, &[0, 1]),
                &[":2: row 2, column 2 is", word],
            );
        }
    }

    #[test]
    fn wrong_numbers_of_rows_and_columns_are_named() {
        let all = [0, 1, 2];
        assert_fails(
            square("1 2 3\n4 5 6\n", 3, &all),
            &[
                "the file has 2 rows, expected 3",
                "per individual of the .fam",
            ],
        );
        assert_fails(
            square(format!("{K}1 2 3\n1 2 3\n"), 3, &all),
            &[":4: the file has 5 rows, expected 3"],
        );
        assert_fails(
            square("1 2 3\n4 5\n7 8 9\n", 3, &all),
            &[":2: row 2 has 2 columns, expected 3", "without header"],
        );
        assert_fails(
            square("1 2 3\n4 5 6 7\n7 8 9\n", 3, &all),
            &[":2: row 2 has 4 columns, expected 3"],
        );
        assert_fails(
            square("a b 1\na c 1\n", 4, &[2, 3]),
            &["the file has 2 rows, expected 4"],
        );
        assert_fails(
            square("a b 1\na c 1\n", 4, &[0, 2]),
            &["row 1, column 1 is \"a\""],
        );
        assert_fails(
            square("1 2 1\n1 3 1\n", 4, &[0, 2]),
            &[":1: row 1 has 3 columns, expected 4", "-km 2"],
        );
        assert_fails(square("1\n\n2\n", 1, &[0]), &[":2: the line is blank"]);
        assert_fails(square("", 1, &[0]), &["has 0 rows, expected 1"]);
    }

    #[test]
    fn the_first_of_several_errors_is_reported() {
        let text = "x 1\n".repeat(500);
        for _ in 0..20 {
            let kept: Vec<_> = (0..500).collect();
            assert_fails(square(&text, 500, &kept), &[":1: row 1, column 1"]);
        }
    }

    #[test]
    fn a_matrix_of_several_batches_equals_its_formula() {
        let n = 100; // 20 batches
        let entry = |a: usize, b: usize| (a * b) as f64 / 7.0 - a as f64;
        let text: String = (0..n)
            .map(|a| {
                let row: Vec<_> = (0..n).map(|b| format!("{:.6}", entry(a, b))).collect();
                row.join("\t") + "\n"
            })
            .collect();
        assert!(text.len() > BATCH_BYTES * 20);
        let rounded = |a, b| format!("{:.6}", entry(a, b)).parse::<f64>().unwrap();
        let kept: Vec<_> = (0..n).rev().step_by(3).collect();
        let k = square(&text, n, &kept).unwrap();
        let u = dense(&text, n, n).unwrap();
        for (position, &a) in kept.iter().enumerate() {
            for (other, &b) in kept.iter().enumerate() {
                assert_eq!(k[position * kept.len() + other], rounded(a, b));
                assert_eq!(u[(a, b)], rounded(a, b));
            }
        }
    }

    #[test]
    fn dense_matrices_are_read_by_rows() {
        let text = "1 2 3\r\n4 5 6\r\n";
        let expected = Mat::from_fn(2, 3, |i, j| (3 * i + j + 1) as f64);
        assert_eq!(dense(text, 2, 3).unwrap(), expected);
        assert_eq!(dense(gzip(text), 2, 3).unwrap(), expected);
        assert_fails(dense(text, 3, 3), &["has 2 rows, expected 3", "eigen"]);
        assert_fails(dense(text, 1, 3), &[":2: the file has 2 rows, expected 1"]);
        assert_fails(dense(text, 2, 4), &[":1: row 1 has 3 columns, expected 4"]);
        assert_fails(dense("1 2\n3 nan\n", 2, 2), &["row 2, column 2 is \"nan\""]);
    }

    #[test]
    fn eigenvalues_are_one_per_line() {
        let read = |content: &str, n| read_eigenvalues(file(content).path(), n, None);
        assert_eq!(read("0\n1.5\n2e1", 3).unwrap(), [0.0, 1.5, 20.0]);
        assert_fails(
            read("0\n1 2\n", 2),
            &[":2: row 2 has 2 columns, expected 1"],
        );
        assert_fails(read("0\n1\n", 3), &["has 2 rows, expected 3", "analysed"]);
        assert_fails(read("0\n1\n2\n", 2), &["has 3 rows, expected 2"]);
        assert_fails(read("0\ninf\n", 2), &["row 2, column 1 is \"inf\""]);
    }
}
