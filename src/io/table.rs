//! Tables with one row per individual: phenotypes (`-p`) and covariates (`-c`).

use std::path::Path;

use super::codes::{self, Origin};
pub use super::covariate_table::CovariateTable;
use super::id_columns::{Key, Matching};
use super::id_index::equal_ids;
use super::individual::Individual;
use super::layout::{self, Split, TextFile};
use super::misplaced_ids::{self, note_on_row_numbers};
use super::table_rows::{Rows, parse_field};
use super::text::{count, quoted};
use crate::error::{Error, Result};

/// Columns of a phenotype file.
#[derive(Clone, Debug, PartialEq)]
pub struct PhenotypeTable {
    /// The number of each column, from 1, and the phenotype of each individual in the order of the `.fam`, `None` if it is
    /// missing.
    pub columns: Vec<(usize, Vec<Option<f64>>)>,
    /// Notes for the user: how rows were matched, and missing-value codes that were read as values.
    pub notes: Vec<String>,
}

/// Reads the `columns`, 1-based, of a phenotype file: fields separated by spaces, tabs or commas, no header.
///
/// `NA`, or an empty cell between tabs or commas, is missing; −9 is a value, as in GEMMA. Other columns are not parsed.
/// Rows are in the order of `individuals`, or are matched by FID and IID (or IID alone) in the first columns, which
/// `columns` also count. Fails on rows of different width, a row without one of the columns, a field that is neither a
/// finite number nor `NA`, a column of ids, a header and, without ids, a number of rows that is not the number of
/// individuals.
pub fn read_phenotypes(
    path: &Path,
    columns: &[usize],
    individuals: &[Individual],
) -> Result<PhenotypeTable> {
    assert!(
        columns.iter().all(|&column| column >= 1),
        "phenotype columns count from 1"
    );
    layout::read(path, |file, split| {
        read_phenotypes_split(file, split, Some(columns), individuals)
    })
}

/// As [`read_phenotypes`], for all columns except those of ids.
pub fn read_all_phenotypes(path: &Path, individuals: &[Individual]) -> Result<PhenotypeTable> {
    layout::read(path, |file, split| {
        read_phenotypes_split(file, split, None, individuals)
    })
}

/// * `listed`: the columns; `None` for all
fn read_phenotypes_split(
    file: &TextFile,
    split: Split<true>,
    listed: Option<&[usize]>,
    individuals: &[Individual],
) -> Result<PhenotypeTable> {
    let path = file.path();
    let mut rows = Rows::of(file, split, individuals);
    // Each column with its values and, if it may hold ids, the first error.
    let mut read: Vec<(usize, Vec<Option<f64>>, Option<Error>)> = Vec::new();
    rows.for_each(|line, cells| {
        if read.is_empty() {
            let all: Vec<usize> = (1..=cells.len()).collect();
            let columns = listed.unwrap_or(&all).iter();
            read.extend(columns.map(|&column| (column, Vec::new(), None)));
        }
        for (column, values, fault) in &mut read {
            let column = *column;
            let cell = cells
                .get(column - 1)
                .ok_or_else(|| no_such_column(path, line, cells.len(), column))?;
            match parse_field(path, line, column, cell) {
                Ok(value) => values.push(value),
                // A text in the first columns may be an id.
                Err(error) if column <= 2 && cells.len() >= 2 => {
                    fault.get_or_insert(error);
                    values.push(None);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    })?;
    let first = listed.and_then(|columns| columns.iter().min());
    let (matching, of_ids) = rows.matching(first.map(|column| column - 1))?;
    let n_ids = matching.as_ref().map_or(0, |m| m.key.n_columns());
    if listed.is_none() {
        read.retain(|(column, ..)| *column > n_ids);
        if read.is_empty() {
            return Err(Error::malformed(
                path,
                "the file has columns of ids, but no phenotypes",
                "add the phenotypes, or omit -p",
            ));
        }
    }
    let mut notes = rows.notes(matching.as_ref(), "a phenotype");
    notes.extend(of_ids);
    let n_columns = read.len();
    if read.is_empty() {
        rows.check_number(matching.as_ref(), "-p")?;
    }
    let mut table = PhenotypeTable {
        columns: Vec::with_capacity(read.len()),
        notes,
    };
    for (column, values, fault) in read {
        if let Some(matching) = &matching
            && column <= n_ids
        {
            return Err(id_as_phenotype(path, &rows, matching, column));
        }
        if let Some(fault) = fault {
            return Err(fault);
        }
        rows.check_number(matching.as_ref(), "-p")?;
        if let Some(name) = equal_ids(individuals, &rows.individuals(matching.as_ref()), |row| {
            values[row]
        }) {
            return Err(Error::malformed(
                path,
                format!("column {column} equals the {name} of the .fam in every row"),
                choose_another(rows.width, column),
            ));
        }
        let note = note_on_row_numbers(path, column, values.iter().copied());
        table.notes.extend(note);
        let values: Vec<Option<f64>> = match &matching {
            None => values,
            Some(matching) => {
                let rows = matching.rows(individuals.len());
                rows.into_iter().map(|row| values[row?]).collect()
            }
        };
        let shown = match n_columns {
            1 => path.to_path_buf(),
            _ => format!("{}, column {column}", path.display()).into(),
        };
        let codes = codes::of_phenotypes(&shown, Origin::File, &values, individuals);
        table.notes.extend(codes);
        table.columns.push((column, values));
    }
    Ok(table)
}

fn no_such_column(path: &Path, line: u64, n_columns: usize, column: usize) -> Error {
    Error::malformed_line(
        path,
        line,
        format!(
            "the row has {}, so phenotype {column} does not exist",
            count(n_columns, "column")
        ),
        "choose an existing column with -n, and write NA for a missing phenotype",
    )
}

fn id_as_phenotype(path: &Path, rows: &Rows, matching: &Matching, column: usize) -> Error {
    let first = matching.individuals.iter().position(Option::is_some);
    let row = first.unwrap_or_default();
    if matching.key == Key::IidSecond && column == 1 {
        let iid = rows.ids.get(row)[1];
        return misplaced_ids::error(path, row as u64 + 1, "column 2 holds", iid);
    }
    Error::malformed_line(
        path,
        row as u64 + 1,
        format!(
            "column {column} is {}, the {} of an individual of the .fam, not a phenotype",
            quoted(rows.ids.get(row)[column - 1]),
            matching.key.of_column(column)
        ),
        choose_another(rows.width, matching.key.n_columns()),
    )
}

/// The hint for a phenotype column that holds ids: columns 1 to `n_ids` of `width` are ids.
fn choose_another(width: usize, n_ids: usize) -> String {
    let rest = "-n also counts the columns of ids; a file in the order of the .fam needs no column of ids; \
                a table with a header and ids is read with --pheno";
    match width.saturating_sub(n_ids) {
        0 => format!(
            "add a column of phenotypes and choose it with -n {}; {rest}",
            n_ids + 1
        ),
        1 => format!("choose the phenotype with -n {}; {rest}", n_ids + 1),
        _ => format!(
            "choose a phenotype from -n {} to -n {width}; {rest}",
            n_ids + 1
        ),
    }
}

/// Reads a covariate file: fields separated by spaces, tabs or commas, no header; an intercept is not implied.
///
/// `NA`, or an empty cell between tabs or commas, makes the row of that individual missing. Rows are in the order of
/// `individuals`, or are matched by FID and IID (or IID alone) in the first columns. Also returns notes for the user.
/// Fails on rows of different width, a field that is neither a finite number nor `NA`, a column of numbers that equals
/// the ids of the individuals, a header and, without ids, a number of rows that is not the number of individuals.
pub fn read_covariates(
    path: &Path,
    individuals: &[Individual],
) -> Result<(CovariateTable, Vec<String>)> {
    layout::read(path, |file, split| {
        read_covariates_split(file, split, individuals)
    })
}

fn read_covariates_split(
    file: &TextFile,
    split: Split<true>,
    individuals: &[Individual],
) -> Result<(CovariateTable, Vec<String>)> {
    let path = file.path();
    let mut rows = Rows::of(file, split, individuals);
    let mut values = Vec::new(); // NaN if missing
    let mut faults = [None, None];
    rows.for_each(|line, cells| {
        for (cell, column) in cells.iter().zip(1..) {
            match parse_field(path, line, column, cell) {
                Ok(value) => values.push(value.unwrap_or(f64::NAN)),
                // A text in the first columns may be an id.
                Err(error) if column <= 2 && cells.len() >= 2 => {
                    faults[column - 1].get_or_insert(error);
                    values.push(f64::NAN);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    })?;
    let width = rows.width;
    reject_id_columns(&rows, &values, individuals)?;
    let (matching, of_ids) = rows.matching(None)?;
    let n_ids = matching.as_ref().map_or(0, |m| m.key.n_columns());
    if let Some(fault) = faults.into_iter().skip(n_ids).flatten().next() {
        return Err(fault);
    }
    rows.check_number(matching.as_ref(), "-c")?;
    if n_ids == width {
        return Err(Error::malformed(
            path,
            "the file has columns of ids, but no covariates",
            "add the covariates, or omit -c",
        ));
    }
    let mut notes = rows.notes(matching.as_ref(), "covariates");
    notes.extend(of_ids);
    for column in n_ids..width {
        let values = (0..rows.n).map(|row| Some(values[row * width + column]));
        notes.extend(note_on_row_numbers(path, column + 1, values));
    }
    let mut starts = vec![None; individuals.len()];
    for (row, individual) in rows.individuals(matching.as_ref()) {
        let start = row * width + n_ids;
        let is_complete = !values[start..(row + 1) * width].iter().any(|x| x.is_nan());
        starts[individual] = is_complete.then_some(start);
    }
    let is_nobody_complete = starts.iter().all(Option::is_none);
    let table = CovariateTable {
        names: None,
        categories: Vec::new(),
        n_columns: if is_nobody_complete { 0 } else { width - n_ids },
        n_id_columns: n_ids,
        values,
        starts,
    };
    notes.extend(codes::of_covariates(
        path,
        Origin::File,
        &table,
        individuals,
    ));
    Ok((table, notes))
}

/// Fails if a column equals the ids of the individuals, row by row.
fn reject_id_columns(rows: &Rows<'_>, values: &[f64], individuals: &[Individual]) -> Result<()> {
    if rows.n != individuals.len() {
        return Ok(());
    }
    let equal = |column: usize| {
        let value = |row: usize| Some(values[row * rows.width + column]);
        equal_ids(individuals, &(0..rows.n).map(|row| (row, row)), value)
    };
    let Some((column, name)) = (0..rows.width).find_map(|c| Some((c, equal(c)?))) else {
        return Ok(());
    };
    Err(Error::malformed(
        rows.file.path(),
        format!(
            "column {} equals the {name} of the .fam in every row: ids are not a covariate",
            column + 1
        ),
        "remove the columns of ids: rows in the order of the .fam do not need them",
    ))
}

#[cfg(test)]
mod tests {
    #[test]
    fn decimal_commas_and_categories_are_named() {
        let study: Vec<Individual> = (0..4)
            .map(|i| Individual {
                fid: format!("F{i}").into(),
                iid: format!("I{i}").into(),
            })
            .collect();
        for text in [
            "\"3,45\"\n\"4\"\n\"5,1\"\n\"6,2\"\n",
            "3,45\n4\n5,1\n6,2\n",
            "4\n3,45\n5,1\n6,2\n",
            "F0;I0;3,45\nF1;I1;4,5\nF2;I2;3,1\nF3;I3;3,4\n",
        ] {
            assert_fails(
                read_phenotypes(file(text).path(), &[1], &study),
                &["decimal commas", "1.5, not 1,5"],
            );
        }
        for text in ["Yes\nNo\nYes\nNo\n", "M\nF\nF\nM\n"] {
            let error = read_phenotypes(file(text).path(), &[1], &study);
            assert_fails(error, &[":1: column 1 is ", "code categories"]);
        }
        assert_fails(
            read_covariates(file("sex\nM\nF\nF\nM\n").path(), &study),
            &["looks like a header"],
        );
    }

    use super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    fn people(n: usize) -> Vec<Individual> {
        let individual = |i| Individual {
            fid: "f".into(),
            iid: format!("i{i}").into(),
        };
        (0..n).map(individual).collect()
    }

    /// A single column: its values, and the notes.
    struct OneColumn {
        values: Vec<Option<f64>>,
        notes: Vec<String>,
    }

    fn phenotypes(content: impl AsRef<[u8]>, column: usize, n: usize) -> Result<OneColumn> {
        let mut table = read_phenotypes(file(content).path(), &[column], &people(n))?;
        Ok(OneColumn {
            values: table.columns.remove(0).1,
            notes: table.notes,
        })
    }

    fn covariates(content: impl AsRef<[u8]>, n: usize) -> Result<CovariateTable> {
        read_covariates(file(content).path(), &people(n)).map(|(table, _)| table)
    }

    #[test]
    fn minus_nine_is_a_phenotype_and_only_na_is_missing() {
        let text = "1,x\n-9 junk\n NA\t1\n0 2\n-9.0 0\n";
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
                assert!(column.notes[0].contains("-9 is a value in a -p file"));
                assert!(column.notes[0].contains("2 individuals (f i1, f i4)"));
            }
        }
    }

    #[test]
    fn only_the_chosen_phenotype_is_parsed() {
        let column = phenotypes("junk 2\nword 3\n1 4\n", 2, 3).unwrap();
        assert_eq!(column.values, [Some(2.0), Some(3.0), Some(4.0)]);
        assert!(column.notes.is_empty());
    }

    #[test]
    fn malformed_phenotypes_are_named() {
        for word in ["nan", "inf", "na", "NA1", "."] {
            assert_fails(
                phenotypes(format!("1 1\n2 {word}\n"), 2, 2),
                &[":2: column 2 is", word, "expected a number or NA"],
            );
        }
        assert_fails(
            phenotypes("1 2\n3\n", 2, 2),
            &[":2: the row has 1 column, but line 1 has 2", "-n"],
        );
        assert_fails(
            phenotypes("1 2\n3 4\n", 3, 2),
            &[":1: the row has 2 columns, so phenotype 3 does not exist"],
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
        assert_fails(phenotypes("", 1, 3), &["the file is empty", "omit -p"]);
        assert_fails(covariates("\n", 3), &["the file is empty", "omit -c"]);
    }

    #[test]
    fn na_in_a_row_makes_the_individual_missing() {
        let text = "NA 1 1\n1,2.5 -9\n1 NA 3\n1\t 0\t1e1\n";
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
        let none = covariates("NA 1\nNA 1\n", 2).unwrap();
        assert_eq!((none.n_columns(), none.row(1)), (0, None));
    }

    #[test]
    fn malformed_covariates_are_named() {
        assert_fails(
            covariates("1 NA\n1 2\n1 2\n1 2 3\n", 4),
            &[":4: the row has 3 columns, but line 1 has 2", "same number"],
        );
        assert_fails(
            covariates("1 2\n1 male\n", 2),
            &[
                ":2: column 2 is \"male\", expected a number or NA",
                "categories",
            ],
        );
        assert_fails(
            covariates("1 2\nNA male\n", 2),
            &[":2: column 2 is \"male\""],
        );
        assert_fails(covariates("1 nan\n", 1), &[":1: column 2 is \"nan\""]);
        assert_fails(
            covariates("age sex pc1\n1 2 3\n", 1),
            &[
                ":1:",
                "looks like a header: \"age sex pc1\"",
                "remove the header",
            ],
        );
        assert_fails(covariates("age 1\n", 1), &[":1: column 1 is \"age\""]);
    }
}
