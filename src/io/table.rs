//! Tables without ids, one row per individual of the `.fam`: phenotypes (`-p`) and covariates (`-c`).

use std::path::Path;

use super::text::{Lines, count, looks_like_header, parse_number, quoted, table_fields};
use crate::error::{Error, Result};

/// One column of a phenotype file.
#[derive(Clone, Debug, PartialEq)]
pub struct PhenotypeColumn {
    /// The phenotype of each individual in the order of the `.fam`, `None` where it is `NA`.
    pub values: Vec<Option<f64>>,
    /// How many values are −9, which is a value here and missing in a `.fam`: worth a warning.
    pub n_minus_nine: usize,
}

/// Reads column `column`, 1-based, of a phenotype file: fields separated by blanks, tabs or commas, no header, no ids.
///
/// Missing is the exact token `NA` only; −9 is a value, as in GEMMA. Other columns are not parsed. Fails on a row without
/// that column, a field that is neither a finite number nor `NA`, a header, and another number of rows than `n_individuals`.
pub fn read_phenotypes(
    path: &Path,
    column: usize,
    n_individuals: usize,
) -> Result<PhenotypeColumn> {
    assert!(column >= 1, "phenotype columns count from 1");
    let mut lines = Lines::open(path)?.expecting(n_individuals);
    let mut values = Vec::with_capacity(n_individuals);
    while let Some((line, text)) = lines.next_line()? {
        if line == 1 {
            refuse_header(path, text)?;
        }
        let field = table_fields(text).nth(column - 1).ok_or_else(|| {
            Error::malformed_line(
                path,
                line,
                format!(
                    "the row has {}, so phenotype {column} does not exist",
                    count(table_fields(text).count(), "column")
                ),
                "choose an existing column with -n, and write NA where a phenotype is missing",
            )
        })?;
        values.push(parse_field(path, line, column, field)?);
    }
    check_rows(path, values.len(), n_individuals, "-p")?;
    let n_minus_nine = values.iter().filter(|&&value| value == Some(-9.0)).count();
    Ok(PhenotypeColumn {
        values,
        n_minus_nine,
    })
}

/// Covariates: a row of numbers for each individual who misses none of them.
#[derive(Clone, Debug, PartialEq)]
pub struct CovariateTable {
    n_columns: usize,
    values: Vec<f64>,           // the complete rows, one after the other
    starts: Vec<Option<usize>>, // where each individual's row starts in `values`
}

impl CovariateTable {
    /// A table that stands in no file: rows of `n_columns` numbers, one after the other; NaN makes a row missing.
    ///
    /// # Panics
    /// Where `rows` does not hold whole rows.
    #[must_use]
    pub fn of_rows(n_columns: usize, rows: &[f64]) -> Self {
        assert!(
            n_columns > 0 && rows.len().is_multiple_of(n_columns),
            "whole rows"
        );
        let mut values = Vec::with_capacity(rows.len());
        let starts = rows
            .chunks_exact(n_columns)
            .map(|row| {
                let start = values.len();
                let is_complete = !row.iter().any(|x| x.is_nan());
                is_complete.then(|| {
                    values.extend_from_slice(row);
                    start
                })
            })
            .collect();
        Self {
            n_columns,
            values,
            starts,
        }
    }

    /// The number of individuals, complete or not.
    pub fn n_individuals(&self) -> usize {
        self.starts.len()
    }

    /// The number of covariates; 0 where no row is complete.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// The covariates of individual `i` of the `.fam`, `None` where one of them is `NA`.
    pub fn row(&self, i: usize) -> Option<&[f64]> {
        self.starts[i].map(|start| &self.values[start..start + self.n_columns])
    }
}

/// Reads a covariate file: fields separated by blanks, tabs or commas, no header, no ids; an intercept is not implied.
///
/// `NA` anywhere in a row makes that individual's row missing, and such a row may have any number of columns; all other rows
/// have the same number. Fails where they do not, on a field that is neither a finite number nor `NA`, on a header, and on
/// another number of rows than `n_individuals`.
pub fn read_covariates(path: &Path, n_individuals: usize) -> Result<CovariateTable> {
    let mut lines = Lines::open(path)?.expecting(n_individuals);
    let mut values = Vec::new();
    let mut starts = Vec::with_capacity(n_individuals);
    let mut first = None; // line and width of the first complete row
    while let Some((line, text)) = lines.next_line()? {
        if line == 1 {
            refuse_header(path, text)?;
        }
        let start = values.len();
        let mut is_complete = true;
        for (field, column) in table_fields(text).zip(1..) {
            match parse_field(path, line, column, field)? {
                Some(value) => values.push(value),
                None => is_complete = false,
            }
        }
        if is_complete {
            let width = values.len() - start;
            let (first_line, expected) = *first.get_or_insert((line, width));
            if width != expected {
                return Err(ragged(path, line, width, first_line, expected));
            }
            starts.push(Some(start));
        } else {
            values.truncate(start);
            starts.push(None);
        }
    }
    check_rows(path, starts.len(), n_individuals, "-c")?;
    Ok(CovariateTable {
        n_columns: first.map_or(0, |(_, width)| width),
        values,
        starts,
    })
}

fn ragged(path: &Path, line: u64, width: usize, first_line: u64, expected: usize) -> Error {
    Error::malformed_line(
        path,
        line,
        format!(
            "the row has {}, but line {first_line} has {expected}",
            count(width, "column")
        ),
        "give every row the same number of columns, and write NA where a covariate is missing",
    )
}

/// A finite number, or `None` for `NA`.
fn parse_field(path: &Path, line: u64, column: usize, field: &str) -> Result<Option<f64>> {
    if field == "NA" {
        return Ok(None);
    }
    parse_number(field).map(Some).ok_or_else(|| {
        Error::malformed_line(
            path,
            line,
            format!(
                "column {column} is {}, a number or NA is expected",
                quoted(field)
            ),
            "write NA for a missing value and code categories as numbers; \
             the file has one row per individual of the .fam and no column of ids",
        )
    })
}

fn refuse_header(path: &Path, text: &str) -> Result<()> {
    if !looks_like_header(table_fields(text)) {
        return Ok(());
    }
    Err(Error::malformed_line(
        path,
        1,
        format!("the first line looks like a header: {}", quoted(text)),
        "remove the header: the file has one row of numbers per individual of the .fam, in its order; \
         code categories as numbers",
    ))
}

fn check_rows(path: &Path, n_rows: usize, n_individuals: usize, option: &str) -> Result<()> {
    if n_rows == 0 {
        return Err(Error::malformed(
            path,
            "the file is empty",
            format!("give one row per individual of the .fam, or leave out {option}"),
        ));
    }
    if n_rows != n_individuals {
        return Err(Error::inconsistent(
            format!(
                "{} has {}, but the .fam lists {}",
                path.display(),
                count(n_rows, "row"),
                count(n_individuals, "individual")
            ),
            "give one row per individual of the .fam, in its order, and no header",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    fn phenotypes(content: impl AsRef<[u8]>, column: usize, n: usize) -> Result<PhenotypeColumn> {
        read_phenotypes(file(content).path(), column, n)
    }

    fn covariates(content: impl AsRef<[u8]>, n: usize) -> Result<CovariateTable> {
        read_covariates(file(content).path(), n)
    }

    #[test]
    fn minus_nine_is_a_phenotype_and_only_na_is_missing() {
        let text = "1,x\n-9 junk\n NA\t1\n0 2\n-9.0\n";
        for content in [
            text.to_owned(),
            text.replace('\n', "\r\n"),
            text.trim_end().to_owned(),
        ] {
            for content in [content.clone().into_bytes(), gzip(&content)] {
                let column = phenotypes(content, 1, 5).unwrap();
                assert_eq!(
                    column.values,
                    [Some(1.0), Some(-9.0), None, Some(0.0), Some(-9.0)]
                );
                assert_eq!(column.n_minus_nine, 2);
            }
        }
    }

    #[test]
    fn only_the_chosen_phenotype_is_parsed() {
        let column = phenotypes("junk 2\nword 3\n1 4\n", 2, 3).unwrap();
        assert_eq!(column.values, [Some(2.0), Some(3.0), Some(4.0)]);
        assert_eq!(column.n_minus_nine, 0);
    }

    #[test]
    fn malformed_phenotypes_are_named() {
        for word in ["nan", "inf", "na", "NA1", "."] {
            assert_fails(
                phenotypes(format!("1 1\n2 {word}\n"), 2, 2),
                &[":2: column 2 is", word, "a number or NA"],
            );
        }
        assert_fails(
            phenotypes("1 2\n3\n", 2, 2),
            &[
                ":2: the row has 1 column, so phenotype 2 does not exist",
                "-n",
            ],
        );
        assert_fails(
            phenotypes("height\n3\n", 1, 1),
            &[
                ":1: the first line looks like a header: \"height\"",
                "remove",
            ],
        );
    }

    #[test]
    fn the_number_of_rows_must_be_that_of_the_fam() {
        for n in [2, 4] {
            let expected = format!("has 3 rows, but the .fam lists {n} individuals");
            assert_fails(phenotypes("1\n2\n3\n", 1, n), &[&expected, "in its order"]);
            assert_fails(covariates("1\n2\n3\n", n), &[&expected]);
        }
        assert_fails(phenotypes("", 1, 3), &["the file is empty", "leave out -p"]);
        assert_fails(covariates("\n", 3), &["the file is empty", "leave out -c"]);
    }

    #[test]
    fn na_in_a_row_makes_the_individual_missing() {
        let text = "NA\n1,2.5 -9\n1 NA 3 4\n1\t 0\t1e1\n";
        for content in [
            text.to_owned(),
            text.replace('\n', "\r\n"),
            text.trim_end().to_owned(),
        ] {
            for content in [content.clone().into_bytes(), gzip(&content)] {
                let table = covariates(content, 4).unwrap();
                assert_eq!((table.n_individuals(), table.n_columns()), (4, 3));
                assert_eq!(table.row(0), None);
                assert_eq!(table.row(1), Some([1.0, 2.5, -9.0].as_slice()));
                assert_eq!(table.row(2), None);
                assert_eq!(table.row(3), Some([1.0, 0.0, 10.0].as_slice()));
            }
        }
        let none = covariates("NA 1\nNA\n", 2).unwrap();
        assert_eq!((none.n_columns(), none.row(1)), (0, None));
    }

    #[test]
    fn malformed_covariates_are_named() {
        assert_fails(
            covariates("NA\n1 2\n1 2\n1 2 3\n", 4),
            &[":4: the row has 3 columns, but line 2 has 2", "same number"],
        );
        assert_fails(
            covariates("1 2\n1 male\n", 2),
            &[":2: column 2 is \"male\", a number or NA", "categories"],
        );
        assert_fails(
            covariates("1 2\nNA male\n", 2),
            &[":2: column 2 is \"male\""],
        );
        assert_fails(covariates("1 nan\n", 1), &[":1: column 2 is \"nan\""]);
        assert_fails(
            covariates("age sex pc1\n1 2 3\n", 2),
            &[
                ":1:",
                "looks like a header: \"age sex pc1\"",
                "remove the header",
            ],
        );
        assert_fails(covariates("age 1\n", 1), &[":1: column 1 is \"age\""]);
    }
}
