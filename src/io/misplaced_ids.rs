//! Ids that are not in the first columns of `-p` and `-c` files: rows in another order must not be matched by position.

use std::collections::HashSet;
use std::path::Path;

use super::id_index::Index;
use super::individual::{Individual, have_ids};
use super::suspect::unquoted;
use super::text::quoted;
use crate::error::{Error, Result};

/// Number of rows from which the columns to check are chosen.
const SAMPLED: usize = 100;
/// Maximum number of columns to check; each takes memory for every row.
const MOST: usize = 4;

/// A column, or two adjacent columns, that may hold ids.
struct Candidate {
    /// The column of the IID, from 0.
    column: usize,
    is_pair: bool,
    is_text: bool,
    /// The FID of all rows so far, as long as it is the same.
    fid: Option<Box<str>>,
    /// The individual of each row.
    rows: Vec<Option<usize>>,
}

/// Searches for ids while rows are read.
pub(super) struct Search<'a> {
    individuals: &'a [Individual],
    index: Option<Index<'a>>,
    sample: Vec<Vec<Box<str>>>,
    candidates: Vec<Candidate>,
}

impl<'a> Search<'a> {
    pub(super) fn of(individuals: &'a [Individual]) -> Self {
        Self {
            individuals,
            index: None,
            sample: Vec::new(),
            candidates: Vec::new(),
        }
    }

    /// Adds a row, in the order of the file.
    pub(super) fn add(&mut self, row: usize, cells: &[&str]) {
        if row < SAMPLED {
            self.sample
                .push(cells.iter().copied().map(Box::from).collect());
            if row + 1 == SAMPLED {
                self.choose();
            }
            return;
        }
        if let Some(index) = &self.index {
            for candidate in &mut self.candidates {
                candidate.add(index, cells);
            }
        }
    }

    /// Chooses the columns to check from the first rows.
    fn choose(&mut self) {
        let sample = std::mem::take(&mut self.sample);
        let n = sample.len();
        let width = sample.first().map_or(0, Vec::len);
        let cells = sample.iter().flat_map(|row| row.iter().skip(1));
        if !have_ids(self.individuals)
            || Index::has_none_of(self.individuals, cells.map(|cell| &**cell))
        {
            return;
        }
        let index = Index::new(self.individuals);
        for column in 1..width {
            for is_pair in [true, false] {
                if is_pair && column == 1 || self.candidates.len() == MOST {
                    continue;
                }
                let mut candidate = Candidate {
                    column,
                    is_pair,
                    is_text: false,
                    fid: None,
                    rows: Vec::new(),
                };
                for row in &sample {
                    let cells: Vec<&str> = row.iter().map(|cell| &**cell).collect();
                    candidate.add(&index, &cells);
                }
                let found: Vec<usize> = candidate.rows.iter().flatten().copied().collect();
                let n_distinct = found.iter().collect::<HashSet<_>>().len();
                if 3 * found.len() >= n && 10 * n_distinct >= 9 * found.len() {
                    self.candidates.push(candidate);
                    break;
                }
            }
        }
        self.index = Some(index);
    }

    /// Fails if some columns hold the ids of the study and the rows are not in its order. Returns notes on numbers that
    /// may be ids.
    ///
    /// * `chosen`: the only data column, counted from 0; `None` if all columns are data
    pub(super) fn finish(
        &mut self,
        path: &Path,
        n_rows: usize,
        chosen: Option<usize>,
    ) -> Result<Vec<String>> {
        if n_rows < SAMPLED {
            self.choose();
        }
        let mut notes = Vec::new();
        let Some(index) = &self.index else {
            return Ok(notes);
        };
        let n = self.individuals.len();
        let least = n_rows.min(n);
        for candidate in &self.candidates {
            let rows = &candidate.rows;
            let n_found = rows.iter().flatten().count();
            let n_distinct = rows.iter().flatten().collect::<HashSet<_>>().len();
            let is_in_order = n_rows == n
                && rows
                    .iter()
                    .zip(0..)
                    .all(|(row, i)| row.is_none_or(|r| r == i));
            if n_distinct < 3.min(least) || n_distinct < n_found || is_in_order {
                continue;
            }
            let is_most = 10 * n_distinct >= 9 * least;
            let is_half = 2 * n_distinct >= least;
            let is_certain = if candidate.is_text || index.is_sparse {
                is_half
            } else if candidate.is_pair {
                is_most && candidate.fid.is_none()
            } else {
                is_most && !index.is_small && chosen != Some(candidate.column)
            };
            if is_certain {
                return Err(candidate.error(path, self.individuals));
            }
            if is_most && chosen != Some(candidate.column) {
                notes.push(format!(
                    "{}: column {} has the individual ids (IID) of the .fam in another order, but is read as data: \
                     rows were matched by position; to match rows by id, put FID and IID in columns 1 and 2",
                    path.display(),
                    candidate.column + 1
                ));
            }
        }
        Ok(notes)
    }
}

impl Candidate {
    fn add(&mut self, index: &Index<'_>, cells: &[&str]) {
        let iid = cells.get(self.column).copied().unwrap_or_default();
        let fid = cells[..self.column.min(cells.len())]
            .last()
            .copied()
            .unwrap_or_default();
        let found = if self.is_pair {
            index.pair([fid, iid])
        } else {
            index.iid(iid)
        };
        let is_text = |cell: &str| unquoted(cell).parse::<f64>().is_err();
        self.is_text |= found.is_some() && (is_text(iid) || self.is_pair && is_text(fid));
        if self.rows.is_empty() {
            self.fid = Some(fid.into());
        } else if self.fid.as_deref().is_some_and(|first| first != fid) {
            self.fid = None;
        }
        self.rows.push(found);
    }

    fn error(&self, path: &Path, individuals: &[Individual]) -> Error {
        let (row, individual) = (self.rows.iter().zip(1..))
            .find_map(|(row, line)| Some((line, (*row)?)))
            .unwrap_or_default();
        let individual = &individuals[individual];
        let (columns, name) = if self.is_pair {
            let columns = format!("columns {} and {} hold", self.column, self.column + 1);
            (columns, individual.to_string())
        } else {
            let columns = format!("column {} holds", self.column + 1);
            (columns, individual.iid.to_string())
        };
        error(path, row, &columns, &name)
    }
}

/// The error for ids that are not in the first columns.
///
/// * `columns`: the columns that hold them, with the verb
/// * `name`: the id on line `line`
pub(super) fn error(path: &Path, line: u64, columns: &str, name: &str) -> Error {
    Error::malformed_line(
        path,
        line,
        format!(
            "{columns} ids of the .fam (here {}), but rows are matched by id only if ids are in the first columns",
            quoted(name)
        ),
        "put FID and IID in columns 1 and 2 (in pandas index=False, in R row.names = FALSE), \
         or remove the ids and give the rows in the order of the .fam",
    )
}

/// A note if `values`, in the order of their rows, number the rows from 0 or 1.
pub(super) fn note_on_row_numbers(
    path: &Path,
    column: usize,
    values: impl ExactSizeIterator<Item = Option<f64>>,
) -> Option<String> {
    let n = values.len();
    let mut values = values.peekable();
    let first = (*values.peek()?).filter(|first| *first == 0.0 || *first == 1.0)?;
    let is_sequence = n >= 5
        && values
            .zip(0..n)
            .all(|(x, row)| x == Some(first + row as f64));
    is_sequence.then(|| {
        format!(
            "{}, column {column}: the values are {first}, {}, {} and so on in every row, like a row number",
            path.display(),
            first + 1.0,
            first + 2.0
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::table::{read_covariates, read_phenotypes};
    use super::super::text::testing::{assert_fails, file};
    use super::*;

    fn study(ids: impl Iterator<Item = (String, String)>) -> Vec<Individual> {
        ids.map(|(fid, iid)| Individual {
            fid: fid.into(),
            iid: iid.into(),
        })
        .collect()
    }

    fn reversed(n: usize, row: impl Fn(usize, usize) -> String) -> String {
        (0..n).map(|i| row(i, n - 1 - i) + "\n").collect()
    }

    #[test]
    fn ids_that_are_not_in_the_first_columns_are_an_error() {
        for n in [12, 250] {
            let words = study((0..n).map(|i| (format!("F{i}"), format!("I{i}"))));
            let numbers = study((0..n).map(|i| (format!("{}", 1000 + i), format!("{}", 2000 + i))));
            for (text, column) in [
                (reversed(n, |i, k| format!("{i},F{k},I{k},{i}.5")), 4),
                (
                    reversed(n, |i, k| format!("\"{}\" \"F{k}\" \"I{k}\" {i}.5", i + 1)),
                    4,
                ),
                (reversed(n, |i, k| format!("{i}.5 F{k} I{k}")), 1),
                (reversed(n, |i, k| format!("{i}.5 I{k}")), 1),
                (reversed(n, |i, k| format!("{i}.5 3 I{k} 4")), 1),
            ] {
                let file = file(text);
                assert_fails(read_phenotypes(file.path(), &[column], &words), &["I"]);
            }
            for (text, column) in [
                (reversed(n, |i, k| format!("{i} {} {i}.5", 2000 + k)), 3),
                (reversed(n, |i, k| format!("{i}.5 {}", 2000 + k)), 1),
                (
                    reversed(n, |i, k| format!("{i}.5 {} {}", 1000 + k, 2000 + k)),
                    1,
                ),
            ] {
                let file = file(text);
                assert_fails(
                    read_phenotypes(file.path(), &[column], &numbers),
                    &["ids of the .fam", "put FID and IID in columns 1 and 2"],
                );
            }
            let file = file(reversed(n, |i, k| format!("1 {} {i}.5", 2000 + k)));
            assert_fails(
                read_covariates(file.path(), &numbers),
                &["column 2 holds ids of the .fam"],
            );
        }
    }

    #[test]
    fn small_numbers_are_data() {
        let n = 60;
        let same = study((0..n).map(|i| ("1".into(), format!("{}", i + 1))));
        let file_of =
            |row: &dyn Fn(usize) -> String| file((0..n).map(|i| row(i) + "\n").collect::<String>());
        let ages = file_of(&|i| format!("1 {}", 20 + i * 7 % 41));
        let (table, _) = read_covariates(ages.path(), &same).unwrap();
        assert_eq!(table.n_columns(), 2);
        assert_eq!(table.row(1).unwrap(), [1.0, 27.0]);
        let order = file_of(&|i| format!("1 {} 0", n - i));
        let (table, notes) = read_covariates(order.path(), &same).unwrap();
        assert_eq!(table.n_columns(), 3);
        assert!(
            notes[0].contains("column 2 has the individual ids"),
            "{notes:?}"
        );
        let families = study((0..n).map(|i| (format!("{}", i / 4 + 1), format!("{}", i % 4 + 1))));
        let scores = file_of(&|i| format!("{} {} {i}.5", i * 7 % 15 + 1, i * 3 % 4 + 1));
        let scores_twice = file_of(&|i| format!("{} {} {i}.5", i * 7 % 13 + 1, i * 3 % 4 + 1));
        assert!(read_phenotypes(scores.path(), &[3], &families).is_ok());
        let column = read_phenotypes(scores_twice.path(), &[3], &families).unwrap();
        assert_eq!(column.columns[0].1[1], Some(1.5));
    }

    #[test]
    fn row_numbers_are_noted_and_ids_with_gaps_are_an_error() {
        let n = 12;
        let words = study((0..n).map(|i| (format!("F{i}"), format!("I{i}"))));
        let lines: Vec<String> = (0..n).map(|i| format!("{i} {i}.5")).collect();
        let text = file(lines.join("\n"));
        let column = read_phenotypes(text.path(), &[1], &words).unwrap();
        assert!(
            column.notes[0].contains("like a row number"),
            "{:?}",
            column.notes
        );
        assert!(
            read_phenotypes(text.path(), &[2], &words)
                .unwrap()
                .notes
                .is_empty()
        );
        let (_, notes) = read_covariates(text.path(), &words).unwrap();
        assert!(
            notes[0].contains("column 1: the values are 0, 1, 2"),
            "{notes:?}"
        );
        let numbers = study((0..n).map(|i| (format!("F{i}"), format!("{}", 7 + 3 * i))));
        let row = |i: usize| {
            if i == 4 {
                "NA".into()
            } else {
                format!("{}", 7 + 3 * i)
            }
        };
        let lines: Vec<String> = (0..n)
            .map(|i| format!("1 {}.5 {}", i * i, row(i)))
            .collect();
        let text = file(lines.join("\n"));
        assert_fails(
            read_covariates(text.path(), &numbers),
            &["column 3 equals the individual ids"],
        );
    }
}
