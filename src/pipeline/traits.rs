//! Phenotypes and covariates of a job, joined with the individuals of its genotypes.

use super::job::{Analysis, Input, PhenotypeColumn};
use crate::cohort::{Cohort, Phenotype};
use crate::error::{Error, Result, escaped};
use crate::io::codes::{self, Origin};
use crate::io::fam::{Fam, Individual};
use crate::io::table::{CovariateTable, read_covariates, read_phenotypes};
use crate::io::text::count;
use std::path::{Path, PathBuf};

/// The name of a phenotype in memory, in messages.
const IN_MEMORY: &str = "phenotype";

/// The inputs of a cohort.
pub(super) struct TraitInputs<'a> {
    pub(super) phenotype: Input<PhenotypeColumn, Vec<Option<f64>>>,
    pub(super) covariates: Option<Input<PathBuf, CovariateTable>>,
    /// The `.fam` of PLINK files, which may have the phenotype.
    pub(super) fam: Option<(&'a Path, &'a Fam)>,
}

impl TraitInputs<'_> {
    /// The analysed individuals among `everybody`, and their traits. Notes are pushed to `notes`.
    pub(super) fn read(
        self,
        analysis: &Analysis,
        everybody: &[Individual],
        notes: &mut Vec<String>,
    ) -> Result<Cohort> {
        self.check_length(everybody.len())?;
        if analysis.needs_no_trait() {
            return Cohort::without_trait(everybody.to_vec());
        }
        let origin = self.origin();
        let phenotype = read_phenotype(self.phenotype, self.fam, everybody, notes)?;
        let covariates = match self.covariates {
            None => None,
            Some(Input::Memory(table)) => {
                let name = Path::new("covariates").to_path_buf();
                notes.extend(codes::of_covariates(
                    &name,
                    Origin::Array,
                    &table,
                    everybody,
                ));
                Some((table, name))
            }
            Some(Input::File(path)) => {
                let (table, said) = read_covariates(&path, everybody)?;
                notes.extend(said);
                Some((table, path))
            }
        };
        let covariates = (covariates.as_ref()).map(|(table, path)| (table, path.as_path()));
        let joined = Cohort::new(everybody.to_vec(), &[phenotype], covariates);
        let cohort = joined.map_err(|error| match covariates {
            // The error about dependent covariates already names their file.
            Some((_, path)) if is_about(&error, path) => error,
            _ => origin.name(error),
        })?;
        for group in &cohort.groups {
            if analysis.fits_traits() {
                group
                    .check_estimable()
                    .map_err(|error| origin.name(error))?;
            }
            notes.extend(group.notes());
        }
        Ok(cohort)
    }

    /// Fails with [`Error::Inconsistent`] if an input in memory does not have `n` rows, one per individual.
    fn check_length(&self, n: usize) -> Result<()> {
        let phenotype = match &self.phenotype {
            Input::Memory(values) => Some((IN_MEMORY, values.len())),
            Input::File(_) => None,
        };
        let covariates = match &self.covariates {
            Some(Input::Memory(table)) => Some(("covariates", table.n_individuals())),
            _ => None,
        };
        let given = [phenotype, covariates].into_iter().flatten();
        let Some((what, length)) = given.into_iter().find(|(_, length)| *length != n) else {
            return Ok(());
        };
        Err(Error::inconsistent(
            format!(
                "{what}: {} given, but there are {}",
                count(length, "row"),
                count(n, "individual")
            ),
            "give one row per individual, in the same order, with NaN for a missing value",
        ))
    }

    fn origin(&self) -> PhenotypeOrigin {
        match &self.phenotype {
            Input::Memory(_) => PhenotypeOrigin::Memory,
            Input::File(PhenotypeColumn { file, column }) => {
                let fam = self.fam.map(|(path, _)| path.to_path_buf());
                let path = file.clone().or(fam).unwrap_or_default();
                PhenotypeOrigin::Column(path, *column)
            }
        }
    }
}

fn is_about(error: &Error, path: &Path) -> bool {
    let text = error.to_string();
    text.starts_with(&escaped(&path.to_string_lossy()))
}

fn read_phenotype(
    input: Input<PhenotypeColumn, Vec<Option<f64>>>,
    fam: Option<(&Path, &Fam)>,
    everybody: &[Individual],
    notes: &mut Vec<String>,
) -> Result<Phenotype> {
    let PhenotypeColumn { file, column } = match input {
        Input::File(column) => column,
        Input::Memory(values) => {
            let name = Path::new(IN_MEMORY);
            notes.extend(codes::of_phenotypes(
                name,
                Origin::Array,
                &values,
                everybody,
            ));
            let name = IN_MEMORY.into();
            return Ok(Phenotype { name, values });
        }
    };
    let values = match (file, fam) {
        (Some(path), _) => {
            let read = read_phenotypes(&path, column, everybody)?;
            notes.extend(read.notes);
            read.values
        }
        (None, Some((_, fam))) => {
            let values = fam.phenotype(column)?;
            notes.extend(fam.notes(column, &values));
            values
        }
        (None, None) => {
            return Err(Error::inconsistent(
                "these genotypes have no phenotype",
                "give a phenotype, one value per individual",
            ));
        }
    };
    let name = column.to_string();
    Ok(Phenotype { name, values })
}

/// The origin of a phenotype, for errors about its values.
enum PhenotypeOrigin {
    Memory,
    Column(PathBuf, usize),
}

impl PhenotypeOrigin {
    /// Adds the file and the column to an error about the values.
    fn name(&self, error: Error) -> Error {
        match (self, error) {
            (Self::Memory, Error::Degenerate { what, hint }) => {
                Error::degenerate(format!("{IN_MEMORY}: {what}"), hint)
            }
            (Self::Column(path, column), Error::Degenerate { what, hint }) => Error::degenerate(
                format!("{}, phenotype {column}: {what}", path.display()),
                hint,
            ),
            (_, other) => other,
        }
    }
}
