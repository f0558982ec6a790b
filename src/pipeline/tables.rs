//! Phenotypes and covariates from tables with ids.

use super::rows::Rows;
use super::selection::{Columns, CovariateColumns};
use crate::cohort::categories::{CategoryRole, indicators};
use crate::cohort::{EnvironmentValues, Phenotype};
use crate::error::{Error, Result};
use crate::io::codes::{self, Origin};
use crate::io::fam::Individual;
use crate::io::frame::{IdTable, MissingCodes, TableHeader, TableRole, Values, read_table};
use crate::io::table::CovariateTable;
use crate::io::text::count;
use std::path::Path;

/// The individuals whose rows are looked up, and how cells are read.
pub(super) struct Tables<'a> {
    pub(super) everybody: &'a [Individual],
    /// Whether the individuals have ids.
    pub(super) have_ids: bool,
    pub(super) missing: &'a MissingCodes,
    /// Whether an individual may have several rows (`--replicates`): phenotypes are averaged, and other columns must have
    /// one value for each individual.
    pub(super) has_replicates: bool,
}

/// Phenotypes of a table.
pub(super) struct TablePhenotypes {
    pub(super) all: Vec<Phenotype>,
    /// With several rows of an individual: for each phenotype, the number of values of each individual.
    pub(super) counts: Vec<Vec<Option<f64>>>,
}

/// Values with notes for the user.
type Noted<T> = (T, Vec<String>);

impl Tables<'_> {
    /// The phenotypes `columns` of a table (`--pheno`).
    ///
    /// * `taken`: the columns that are the environment or weights, which are no phenotypes unless they are listed
    pub(super) fn phenotypes(
        &self,
        path: &Path,
        columns: &Columns,
        taken: &[&str],
    ) -> Result<Noted<TablePhenotypes>> {
        let role = TableRole::Phenotypes;
        self.check_ids(role)?;
        let table = read_table(path, role, |header| chosen(header, columns, taken))?;
        let mut notes = table.notes.clone();
        let mut counts = Vec::new();
        let rows = self.rows(&table, "a phenotype")?;
        notes.extend(rows.notes());
        let values = |values: &[Option<f64>]| match &rows {
            Rows::One(join) => join.pick(values),
            Rows::Several(many) => {
                let (means, n) = many.means(values);
                counts.push(n);
                means
            }
        };
        let all = self.of_columns(&table, self.missing, values, &mut notes)?;
        Ok((TablePhenotypes { all, counts }, notes))
    }

    /// The phenotypes `columns` of a `.psam` file, whose rows are the individuals; −9 is missing.
    ///
    /// Values 0, 1 and 2 are numbers, not codes for missing, control and case; there is a note if they may be codes.
    pub(super) fn of_psam(&self, path: &Path, columns: &Columns) -> Result<Noted<Vec<Phenotype>>> {
        let table = read_table(path, TableRole::Psam, |header| chosen(header, columns, &[]))?;
        if table.n_rows() != self.everybody.len() {
            return Err(Error::inconsistent(
                format!(
                    "{} has {}, but the genotypes have {}",
                    path.display(),
                    count(table.n_rows(), "row"),
                    count(self.everybody.len(), "individual")
                ),
                "give the .psam that was written with the .pgen",
            ));
        }
        let mut notes = table.notes.clone();
        let missing = self.missing.with_minus_nine();
        let phenotypes = self.of_columns(&table, &missing, <[_]>::to_vec, &mut notes)?;
        Ok((phenotypes, notes))
    }

    /// The values of the column `name` of a table; the names of its columns if it has none of this name.
    ///
    /// * `is_category`: take numbers as the names of levels
    pub(super) fn column(
        &self,
        path: &Path,
        role: TableRole,
        name: &str,
        is_category: bool,
        notes: &mut Vec<String>,
    ) -> Result<std::result::Result<EnvironmentValues, String>> {
        self.check_ids(role)?;
        let mut names = None;
        let table = read_table(path, role, |header| {
            let found = header.find(name);
            if found.is_none() {
                names = Some(header.shown());
            }
            Ok(found.into_iter().collect())
        })?;
        if let Some(names) = names {
            return Ok(Err(names));
        }
        let rows = self.rows(&table, "a value")?;
        // The note on matching rows is that of the table's other columns.
        notes.extend(rows.notes().into_iter().skip(1));
        let values = table.values(0, self.missing, is_category)?;
        Ok(Ok(match values {
            Values::Numbers(values) => EnvironmentValues::Numbers(rows.pick(&table, 0, &values)?),
            Values::Categories(values) => EnvironmentValues::Levels(rows.pick(&table, 0, &values)?),
        }))
    }

    /// All chosen columns of `table` as phenotypes.
    ///
    /// * `values`: the values of the individuals from those of the rows
    fn of_columns(
        &self,
        table: &IdTable,
        missing: &MissingCodes,
        mut values: impl FnMut(&[Option<f64>]) -> Vec<Option<f64>>,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Phenotype>> {
        let path = table.path().display();
        let mut phenotypes = Vec::new();
        for (column, name) in table.names().enumerate() {
            let values = values(&table.numbers(column, missing)?);
            let shown = format!("{path}, phenotype {name}");
            let (shown, origin) = (Path::new(&shown), Origin::Table);
            notes.extend(codes::of_phenotypes(shown, origin, &values, self.everybody));
            let name = name.to_owned();
            phenotypes.push(Phenotype { name, values });
        }
        if let [one] = phenotypes.as_slice() {
            notes.push(format!("{path}: the phenotype is {}", one.name));
        }
        Ok(phenotypes)
    }

    /// The covariates of a table (`--covar`); words become columns of 0 and 1.
    ///
    /// * `path`: the file of `columns`
    /// * `phenotypes`: the names of the phenotypes that are analysed, which cannot be covariates
    /// * `taken`: the columns that are the environment or weights, and therefore no covariates
    pub(super) fn covariates(
        &self,
        path: &Path,
        columns: &CovariateColumns,
        phenotypes: &[&str],
        taken: &[&str],
    ) -> Result<Noted<CovariateTable>> {
        let role = TableRole::Covariates;
        self.check_ids(role)?;
        let mut is_category = Vec::new();
        let table = read_table(path, role, |header| {
            let all = || Ok((0..header.n_columns()).collect());
            let names = columns.names.as_ref();
            let mut chosen = names.map_or_else(all, |names| header.named(names, "--covar-name"))?;
            let mut categories = header.named(&columns.categories, "--cat-covar")?;
            for name in taken {
                let column = header.find(name);
                chosen.retain(|one| Some(*one) != column);
                categories.retain(|one| Some(*one) != column);
            }
            if categories.iter().any(|column| !chosen.contains(column)) {
                return Err(Error::option(
                    "--cat-covar",
                    "a categorical covariate is not among those of --covar-name",
                    "list it in --covar-name too",
                ));
            }
            is_category = chosen.iter().map(|one| categories.contains(one)).collect();
            Ok(chosen)
        })?;
        if let Some(name) = table.names().find(|name| phenotypes.contains(name)) {
            return Err(Error::option(
                "--covar",
                format!("{name} is a covariate and the name of a phenotype that is analysed"),
                "choose the other covariates by name with --covar-name",
            ));
        }
        let rows = self.rows(&table, "covariates")?;
        let mut notes = table.notes.clone();
        notes.extend(rows.notes());
        let (mut all, mut categories) = (Vec::new(), Vec::new());
        for (column, name) in table.names().enumerate() {
            match table.values(column, self.missing, is_category[column])? {
                Values::Numbers(values) => {
                    all.push((name.to_owned(), rows.pick(&table, column, &values)?));
                }
                Values::Categories(values) => {
                    let levels = rows.pick(&table, column, &values)?;
                    let coded = indicators(CategoryRole::Covariate, name, &levels)
                        .map_err(|e| in_file(path, e))?;
                    let first = all.len();
                    // An individual without a level has no row, also if there are no columns.
                    if coded.columns.is_empty() {
                        let levels = levels.into_iter();
                        all.push((
                            name.to_owned(),
                            levels.map(|level| level.map(|_| 1.0)).collect(),
                        ));
                    }
                    all.extend(coded.columns);
                    categories.push(first..all.len());
                    notes.push(format!("{}: {}", path.display(), coded.note));
                }
            }
        }
        let names: Vec<&str> = table.names().collect();
        notes.push(match names.as_slice() {
            [] => format!("{}: the only covariate is an intercept", path.display()),
            names => format!(
                "{}: the covariates are {}, and an intercept",
                path.display(),
                names.join(", ")
            ),
        });
        let table = CovariateTable::of_columns(self.everybody.len(), all, categories);
        notes.extend(codes::of_covariates(
            path,
            Origin::Table,
            &table,
            self.everybody,
        ));
        Ok((table, notes))
    }

    /// The rows of the individuals in `table`.
    ///
    /// * `what`: what an individual without a row is missing
    fn rows(&self, table: &IdTable, what: &str) -> Result<Rows> {
        if self.has_replicates {
            return table.join_many(self.everybody, what).map(Rows::Several);
        }
        table.join(self.everybody, what).map(Rows::One)
    }

    /// Fails if the individuals have no ids to match rows by.
    fn check_ids(&self, role: TableRole) -> Result<()> {
        if self.have_ids {
            return Ok(());
        }
        Err(Error::option(
            role.option(),
            "the individuals of the genotypes have no ids, so that rows cannot be matched by id",
            format!(
                "give a file without a header, with one row per individual in the order of the genotypes, with {}",
                role.positional()
            ),
        ))
    }
}

/// The chosen phenotypes of a table.
///
/// * `taken`: columns that are not phenotypes unless they are listed
///
/// Fails if a column does not exist, or if all columns are taken.
fn chosen(header: &TableHeader, columns: &Columns, taken: &[&str]) -> Result<Vec<usize>> {
    let taken: Vec<usize> = taken.iter().filter_map(|name| header.find(name)).collect();
    let free = (0..header.n_columns()).filter(|column| !taken.contains(column));
    let n_wanted = match columns {
        Columns::Listed(numbers) => {
            let option = if numbers.len() > 1 { "--traits" } else { "-n" };
            return header.numbered(numbers, option);
        }
        Columns::Named(names) => return header.named(names, "--pheno-name"),
        Columns::First => 1,
        Columns::All => usize::MAX,
    };
    let chosen: Vec<usize> = free.take(n_wanted).collect();
    if chosen.is_empty() {
        return Err(Error::option(
            "--pheno",
            format!(
                "the table has no phenotype: its only columns are the environment and the weights: {}",
                header.shown()
            ),
            "add a column with the phenotype, or name the phenotype with --pheno-name",
        ));
    }
    Ok(chosen)
}

/// Adds the file to an error about its content.
fn in_file(path: &Path, error: Error) -> Error {
    match error {
        Error::Degenerate { what, hint } => {
            Error::degenerate(format!("{}: {what}", path.display()), hint)
        }
        other => other,
    }
}

#[cfg(all(test, feature = "tables"))]
mod tests {
    use super::*;

    fn of_psam(text: &str, columns: &Columns) -> Result<Noted<Vec<Phenotype>>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.psam");
        std::fs::write(&path, text).unwrap();
        let everybody: Vec<Individual> = ["a", "b", "c"]
            .map(|iid| Individual {
                fid: "0".into(),
                iid: iid.into(),
            })
            .into();
        let tables = Tables {
            everybody: &everybody,
            have_ids: true,
            missing: &MissingCodes::default(),
            has_replicates: false,
        };
        tables.of_psam(&path, columns)
    }

    #[test]
    fn columns_of_a_psam_are_phenotypes_by_name() {
        let text =
            "#comment\n#FID IID SID SEX height bmi\n0 a 0 1 1.5 0\n0 b 0 2 -9 2\n0 c 0 0 NA 1\n";
        let (all, _) = of_psam(text, &Columns::All).unwrap();
        let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["height", "bmi"]);
        assert_eq!(all[0].values, [Some(1.5), None, None]);
        let (bmi, notes) = of_psam(text, &Columns::Named(vec!["bmi".into()])).unwrap();
        // 0 is a value, and the note says so.
        assert_eq!(bmi[0].values, [Some(0.0), Some(2.0), Some(1.0)]);
        assert!(
            notes[0].contains("0, 1 or 2, which PLINK reads as missing"),
            "{notes:?}"
        );
        let (first, _) = of_psam("#IID y\na 1\nb 2\nc 3\n", &Columns::Listed(vec![1])).unwrap();
        assert_eq!(first[0].values, [Some(1.0), Some(2.0), Some(3.0)]);
    }

    #[test]
    fn a_psam_may_be_a_fam() {
        let (all, _) =
            of_psam("f a 0 0 1 2.5\nf b 0 0 1 -9\nf c 0 0 2 1\n", &Columns::All).unwrap();
        assert_eq!(all[0].name, "PHENO1");
        assert_eq!(all[0].values, [Some(2.5), None, Some(1.0)]);
        for (text, expected) in [
            (
                "f a 0 0 1\nf b 0 0 1\nf c 0 0 2\n",
                "the file has no phenotype",
            ),
            ("#IID SEX\na 1\nb 1\nc 2\n", "the file has no phenotype"),
            (
                "#IID y\na 1\n",
                "has 1 row, but the genotypes have 3 individuals",
            ),
            (
                "#IID y\na 1\nb tall\nc 1\n",
                ":3: y of b is \"tall\", expected a number",
            ),
        ] {
            let error = of_psam(text, &Columns::All).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
