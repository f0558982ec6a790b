//! Matches the rows of a table to the individuals of the genotypes by id.

use std::collections::HashMap;
use std::fmt::Display;

use super::role::TableRole;
use super::rows::{RowIds, Texts};
use super::table::IdTable;
use crate::error::{Error, Result};
use crate::io::id_columns::named;
use crate::io::individual::Individual;
use crate::io::text::count;

/// The rows of the individuals.
#[derive(Debug)]
pub struct Join {
    /// The row of each individual, `None` if there is none.
    pub rows: Vec<Option<usize>>,
    /// How rows were matched, and which individuals and rows were not.
    pub notes: Vec<String>,
}

impl Join {
    /// The values of the individuals from those of the rows; `None` for an individual without a row.
    pub fn pick<T: Clone>(&self, values: &[Option<T>]) -> Vec<Option<T>> {
        let rows = self.rows.iter();
        rows.map(|row| row.and_then(|row| values[row].clone()))
            .collect()
    }
}

/// The rows of the individuals, of which each may have several.
#[derive(Debug)]
pub struct ManyRows {
    /// The individual of each row, `None` if it is not one of the genotypes.
    individuals: Vec<Option<usize>>,
    /// Number of individuals.
    n: usize,
    /// How rows were matched, and how many individuals have several.
    pub notes: Vec<String>,
}

impl ManyRows {
    /// The mean of the values of each individual that are not missing, and their number; `None` for an individual without one.
    #[must_use]
    pub fn means(&self, values: &[Option<f64>]) -> (Vec<Option<f64>>, Vec<Option<f64>>) {
        let mut sums = vec![(0.0, 0_usize); self.n];
        for (individual, value) in self.individuals.iter().zip(values) {
            if let (Some(individual), Some(value)) = (individual, value) {
                let (sum, count) = &mut sums[*individual];
                *sum += value;
                *count += 1;
            }
        }
        let of = |f: &dyn Fn(f64, f64) -> f64| {
            let each = sums.iter();
            each.map(|&(sum, count)| (count > 0).then(|| f(sum, count as f64)))
                .collect()
        };
        (of(&|sum, count| sum / count), of(&|_, count| count))
    }
}

/// The ids by which rows are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    FidIid,
    Iid,
}

impl IdTable {
    /// Matches the rows to `everybody` by FID and IID, or by IID alone if the table or the genotypes have no family ids.
    ///
    /// Family ids that are all 0, or all equal to the individual ids, are none.
    ///
    /// * `what`: what an individual without a row is missing
    ///
    /// Fails if an individual has two rows, if an IID belongs to several individuals and rows are matched by IID alone, and
    /// if no row matches.
    pub fn join(&self, everybody: &[Individual], what: &str) -> Result<Join> {
        let iids = &self.ids.iid;
        if let Some(row) = iids.iter().position(str::is_empty) {
            return Err(self.at(
                row,
                "the individual id (IID) is empty",
                "give each row its id",
            ));
        }
        let pairs = everybody.iter().map(|one| (&*one.fid, &*one.iid));
        let fids =
            (self.ids.fid.as_ref()).filter(|fids| have_families(fids.iter().zip(iids.iter())));
        let (key, individuals) = match fids.filter(|_| have_families(pairs)) {
            Some(fids) => (Key::FidIid, self.by_pairs(fids, everybody)?),
            None => (Key::Iid, self.by_iid(everybody)?),
        };
        if individuals.iter().all(Option::is_none) {
            return Err(self.nobody(key, everybody));
        }
        let mut rows = vec![None; everybody.len()];
        for (row, individual) in individuals.iter().enumerate() {
            if let Some(individual) = individual {
                rows[*individual] = Some(row);
            }
        }
        let notes = self.notes_on(key, &individuals, &rows, everybody, what);
        Ok(Join { rows, notes })
    }

    /// As [`IdTable::join`], but an individual may have several rows.
    pub fn join_many(&self, everybody: &[Individual], what: &str) -> Result<ManyRows> {
        let (first, first_of) = self.without_repeated();
        let join = first.join(everybody, what)?;
        let mut individual_of = vec![None; first.ids.len()];
        for (individual, row) in join.rows.iter().enumerate() {
            if let Some(row) = row {
                individual_of[*row] = Some(individual);
            }
        }
        let individuals: Vec<Option<usize>> =
            first_of.iter().map(|&row| individual_of[row]).collect();
        let mut n_rows = vec![0_usize; everybody.len()];
        for individual in individuals.iter().flatten() {
            n_rows[*individual] += 1;
        }
        let mut notes = join.notes;
        let several = n_rows.iter().filter(|&&n| n > 1).count();
        notes.push(format!(
            "{}: --replicates: {} with several rows, at most {}{}",
            self.path.display(),
            count(several, "individual"),
            n_rows.iter().max().copied().unwrap_or(0),
            if self.role == TableRole::Phenotypes {
                "; the mean of the values of a phenotype is analysed"
            } else {
                ", with the same values in all of them"
            }
        ));
        Ok(ManyRows {
            individuals,
            n: everybody.len(),
            notes,
        })
    }

    /// The value of each individual from `values`, those of the rows in a column, which must be the same in all rows of an
    /// individual; `None` for an individual without a row.
    ///
    /// * `column`: its index among the chosen columns
    ///
    /// Fails if an individual has rows with different values, or with and without a value.
    pub fn one_value_each<T: Clone + PartialEq + Display>(
        &self,
        many: &ManyRows,
        column: usize,
        values: &[Option<T>],
    ) -> Result<Vec<Option<T>>> {
        let mut first: Vec<Option<usize>> = vec![None; many.n];
        for (row, individual) in many.individuals.iter().enumerate() {
            let Some(individual) = *individual else {
                continue;
            };
            let earlier = *first[individual].get_or_insert(row);
            if values[row] != values[earlier] {
                let shown = |row: usize| match &values[row] {
                    None => "missing".to_owned(),
                    Some(value) => value.to_string(),
                };
                return Err(self.at(
                    row,
                    &format!(
                        "{} of {} is {}, but {} on {}",
                        self.columns[column].name,
                        self.ids.shown(row),
                        shown(row),
                        shown(earlier),
                        self.place(earlier)
                    ),
                    "--replicates averages phenotypes only; a covariate, an environment or a weight must be the same in all rows of an individual",
                ));
            }
        }
        let value = |row: Option<usize>| row.and_then(|row| values[row].clone());
        Ok(first.into_iter().map(value).collect())
    }

    /// The table of the first row of each id, without columns, and for each row the row of its id there.
    fn without_repeated(&self) -> (Self, Vec<usize>) {
        let mut known: HashMap<(&str, &str), usize> = HashMap::new();
        let (mut iid, mut fid) = (
            Texts::default(),
            self.ids.fid.as_ref().map(|_| Texts::default()),
        );
        let mut first_of = Vec::with_capacity(self.ids.len());
        for row in 0..self.ids.len() {
            let of = self.ids.fid.as_ref().map_or("", |fid| fid.get(row));
            let id = (of, self.ids.iid.get(row));
            let next = known.len();
            let at = *known.entry(id).or_insert(next);
            if at == next {
                iid.push(id.1);
                if let Some(fid) = &mut fid {
                    fid.push(id.0);
                }
            }
            first_of.push(at);
        }
        let first = Self {
            path: self.path.clone(),
            ids: RowIds { fid, iid },
            role: self.role,
            // Rows are not those of the file.
            first_line: None,
            columns: Vec::new(),
            notes: Vec::new(),
        };
        (first, first_of)
    }

    /// The individual of each row by FID and IID.
    fn by_pairs(&self, fids: &Texts, everybody: &[Individual]) -> Result<Vec<Option<usize>>> {
        let iids = &self.ids.iid;
        let mut rows: HashMap<(&str, &str), usize> = HashMap::with_capacity(iids.len());
        for (row, pair) in fids.iter().zip(iids.iter()).enumerate() {
            if let Some(earlier) = rows.insert(pair, row) {
                return Err(self.duplicate(row, earlier, ""));
            }
        }
        let mut individuals = vec![None; iids.len()];
        for (i, one) in everybody.iter().enumerate() {
            if let Some(&row) = rows.get(&(&*one.fid, &*one.iid)) {
                individuals[row] = Some(i);
            }
        }
        Ok(individuals)
    }

    /// The individual of each row by IID.
    fn by_iid(&self, everybody: &[Individual]) -> Result<Vec<Option<usize>>> {
        let iids = &self.ids.iid;
        let mut rows: HashMap<&str, usize> = HashMap::with_capacity(iids.len());
        for (row, iid) in iids.iter().enumerate() {
            if let Some(earlier) = rows.insert(iid, row) {
                return Err(self.duplicate(row, earlier, self.why_iid()));
            }
        }
        let mut individuals: Vec<Option<usize>> = vec![None; iids.len()];
        for (i, one) in everybody.iter().enumerate() {
            let Some(&row) = rows.get(&*one.iid) else {
                continue;
            };
            if let Some(other) = individuals[row].replace(i) {
                return Err(self.at(
                    row,
                    &format!(
                        "the individual id {} is that of two individuals of the genotypes, {} and {one}{}",
                        one.iid, everybody[other], self.why_iid()
                    ),
                    "give FID and IID in the table and in the genotypes, or make the individual ids unique",
                ));
            }
        }
        Ok(individuals)
    }

    /// Why rows are matched by IID alone.
    fn why_iid(&self) -> &'static str {
        match self.ids.fid {
            None => "; the table has no FID, so that rows are matched by IID alone",
            Some(_) => {
                "; the table or the genotypes have no family ids, so that rows are matched by IID alone"
            }
        }
    }

    fn duplicate(&self, row: usize, earlier: usize, why: &str) -> Error {
        let what = format!(
            "duplicate individual {}, first on {}{why}",
            self.ids.shown(row),
            self.place(earlier)
        );
        let hint = match self.role {
            TableRole::Phenotypes => {
                "give each individual one row; if the rows are repeated records of the individual, --replicates mean analyses their mean, and --replicates weighted also weights it by their number"
            }
            _ => "give each individual one row",
        };
        self.at(row, &what, hint)
    }

    /// The error if no row is an individual of the genotypes.
    fn nobody(&self, key: Key, everybody: &[Individual]) -> Error {
        let path = self.path.display();
        let iids: HashMap<&str, &Individual> =
            everybody.iter().map(|one| (&*one.iid, one)).collect();
        let known = (self.ids.iid.iter().enumerate())
            .find_map(|(row, iid)| Some((row, *iids.get(iid)?)))
            .filter(|_| key == Key::FidIid);
        if let Some((row, one)) = known {
            return Error::inconsistent(
                format!(
                    "{path}: no row has the FID and IID of an individual of the genotypes; individual ids agree, but family ids differ: {} on {}, {one} in the genotypes",
                    self.ids.shown(row),
                    self.place(row)
                ),
                "write the same family ids in both files, or remove the column FID from the table to match rows by IID alone",
            );
        }
        let first = everybody.first().map(|one| match key {
            Key::FidIid => one.to_string(),
            Key::Iid => one.iid.to_string(),
        });
        Error::inconsistent(
            format!(
                "{path}: no row has the id of an individual of the genotypes: the first row is {}, the first individual {}",
                self.ids.shown(0),
                first.unwrap_or_default()
            ),
            "the ids of the table must be those of the genotypes, as text: 007 is not 7",
        )
    }

    fn notes_on(
        &self,
        key: Key,
        individuals: &[Option<usize>],
        rows: &[Option<usize>],
        everybody: &[Individual],
        what: &str,
    ) -> Vec<String> {
        let path = self.path.display();
        let by = match key {
            Key::FidIid => "FID and IID",
            Key::Iid => "IID",
        };
        let mut notes = vec![format!(
            "{path}: rows were matched to the individuals of the genotypes by {by}"
        )];
        let absent = everybody.iter().zip(rows).filter(|(_, row)| row.is_none());
        let absent: Vec<String> = absent.map(|(one, _)| one.to_string()).collect();
        if !absent.is_empty() {
            notes.push(format!(
                "{path}: {} without a row, and therefore without {what}: {}",
                count(absent.len(), "individual"),
                named(&absent)
            ));
        }
        let unknown = (individuals.iter().enumerate()).filter(|(_, one)| one.is_none());
        let unknown: Vec<String> = unknown.map(|(row, _)| self.ids.shown(row)).collect();
        if !unknown.is_empty() {
            notes.push(format!(
                "{path}: ignored {} of individuals without genotypes: {}",
                count(unknown.len(), "row"),
                named(&unknown)
            ));
        }
        notes
    }
}

/// Whether any family id of these pairs of FID and IID says something: it is neither 0 nor the individual id.
fn have_families<'a>(mut pairs: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> bool {
    let are_none = |fid: &str| matches!(fid, "0" | "" | "NA");
    !(pairs.clone().all(|(fid, _)| are_none(fid)) || pairs.all(|(fid, iid)| fid == iid))
}

#[cfg(test)]
mod tests {
    use super::super::rows::Cells;
    use super::super::table::Column;
    use super::*;

    fn texts(all: &[&str]) -> Texts {
        let mut texts = Texts::default();
        all.iter().for_each(|text| texts.push(text));
        texts
    }

    /// A table of these rows, each `FID IID` or `IID`.
    fn table(rows: &[&str]) -> IdTable {
        let pairs: Option<Vec<(&str, &str)>> = rows.iter().map(|row| row.split_once(' ')).collect();
        let (fid, iid) = match pairs {
            Some(pairs) => {
                let (fid, iid): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
                (Some(texts(&fid)), texts(&iid))
            }
            None => (None, texts(rows)),
        };
        IdTable {
            path: "t".into(),
            role: TableRole::Phenotypes,
            ids: RowIds { fid, iid },
            first_line: Some(2),
            columns: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn joined(rows: &[&str], everybody: &[&str]) -> Result<Join> {
        let individual = |pair: &&str| {
            let (fid, iid) = pair.split_once(' ').unwrap();
            Individual {
                fid: fid.into(),
                iid: iid.into(),
            }
        };
        let everybody: Vec<Individual> = everybody.iter().map(individual).collect();
        table(rows).join(&everybody, "a phenotype")
    }

    #[test]
    fn rows_are_found_in_any_order() {
        let everybody = ["f a", "f b", "g a", "g c"];
        let join = joined(&["g a", "x y", "f b", "f a"], &everybody).unwrap();
        assert_eq!(join.rows, [Some(3), Some(2), Some(0), None]);
        let notes = join.notes.join("\n");
        assert!(notes.contains("by FID and IID"), "{notes}");
        assert!(
            notes.contains("1 individual without a row, and therefore without a phenotype: g c")
        );
        assert!(notes.contains("ignored 1 row of individuals without genotypes: x y"));
    }

    #[test]
    fn family_ids_that_say_nothing_are_none() {
        for (rows, everybody) in [
            (["b", "a"], ["f a", "f b"]),
            (["0 b", "0 a"], ["f a", "f b"]),
            (["b b", "a a"], ["f a", "f b"]),
            (["f b", "f a"], ["0 a", "0 b"]),
            (["f b", "f a"], ["a a", "b b"]),
        ] {
            let join = joined(&rows, &everybody).unwrap();
            assert_eq!(join.rows, [Some(1), Some(0)], "{rows:?}");
            assert!(join.notes[0].ends_with("by IID"));
        }
    }

    #[test]
    fn ids_that_are_not_unique_are_errors() {
        let fails = |rows: &[&str], everybody: &[&str], expected: &str| {
            let error = joined(rows, everybody).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        fails(
            &["f a", "g a", "f a"],
            &["f a", "g a"],
            "t:4: duplicate individual f a, first on line 2",
        );
        fails(
            &["a", "b", "a"],
            &["f a", "g b"],
            "t:4: duplicate individual a, first on line 2",
        );
        fails(
            &["a", "b"],
            &["f a", "g a"],
            "t:2: the individual id a is that of two individuals of the genotypes, f a and g a",
        );
        // The same IID in two families, but the genotypes have no families.
        fails(
            &["f a", "g a"],
            &["0 a", "0 b"],
            "t:3: duplicate individual g a, first on line 2",
        );
        fails(
            &["f a", ""],
            &["f a"],
            "t:3: the individual id (IID) is empty",
        );
    }

    #[test]
    fn ids_of_which_none_matches_are_an_error_with_examples() {
        let error = joined(&["x a", "x b"], &["f a", "g b"])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("family ids differ: x a on line 2, f a in the genotypes"),
            "{error}"
        );
        let error = joined(&["1", "2"], &["f 01", "g 02"])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("the first row is 1, the first individual 01"),
            "{error}"
        );
    }

    #[test]
    fn replicates_are_averaged_and_counted() {
        let everybody: Vec<Individual> = ["a", "b", "c"]
            .map(|iid| Individual {
                fid: "0".into(),
                iid: iid.into(),
            })
            .into();
        let table = table(&["b", "a", "b", "x", "b"]);
        let many = table.join_many(&everybody, "a phenotype").unwrap();
        let (means, counts) = many.means(&[Some(1.0), Some(5.0), None, Some(9.0), Some(2.0)]);
        assert_eq!(means, [Some(5.0), Some(1.5), None]);
        assert_eq!(counts, [Some(1.0), Some(2.0), None]);
        let notes = many.notes.join("\n");
        assert!(
            notes.contains("1 individual with several rows, at most 3"),
            "{notes}"
        );
        let error = table.join(&everybody, "a phenotype").unwrap_err();
        assert!(error.hint().unwrap().contains("--replicates mean"));
        let mut table = table;
        table.columns.push(Column {
            name: "age".into(),
            cells: Cells::Texts(texts(&[])),
        });
        let each = |values: &[Option<f64>]| table.one_value_each(&many, 0, values);
        let same = [Some(1.0), Some(5.0), Some(1.0), None, Some(1.0)];
        assert_eq!(each(&same).unwrap(), [Some(5.0), Some(1.0), None]);
        let error = each(&[Some(1.0), Some(5.0), None, None, Some(1.0)]).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("t:4: age of b is missing, but 1 on line 2"),
            "{text}"
        );
    }
}
