//! Phenotypes and covariates of a job, joined with the individuals of its genotypes.

use super::individuals::FileIndividuals;
use super::input::Input;
use super::job::Analysis;
use super::selection::{Columns, PhenotypeColumns, Traits};
use crate::cohort::{Cohort, FailedTrait, Phenotype};
use crate::error::{Error, Result, escaped};
use crate::io::codes::{self, Origin};
use crate::io::fam::Individual;
use crate::io::table::{CovariateTable, read_all_phenotypes, read_covariates, read_phenotypes};
use crate::io::text::count;
use crate::sources::OwnTraits;
use std::path::{Path, PathBuf};

/// The name of a phenotype in memory, in messages.
const IN_MEMORY: &str = "phenotype";

/// The inputs of a cohort.
pub(super) struct TraitInputs {
    pub(super) traits: Traits,
    pub(super) covariates: Option<Input<PathBuf, CovariateTable>>,
    /// The traits in the files of the genotypes.
    pub(super) own: OwnTraits,
}

impl TraitInputs {
    /// The analysed individuals of the study, and their traits; also the traits that cannot be analysed, if there are
    /// several. Notes are pushed to `notes`.
    pub(super) fn read(
        self,
        analysis: &Analysis,
        individuals: &FileIndividuals,
        notes: &mut Vec<String>,
    ) -> Result<(Cohort, Vec<FailedTrait>)> {
        let everybody = individuals.everybody();
        self.check_length(everybody.len())?;
        let study = individuals.of_study(everybody.to_vec());
        if analysis.needs_no_trait() {
            return Ok((Cohort::without_trait(study)?, Vec::new()));
        }
        let origin = self.origin();
        let (are_several, fail_fast) = (self.traits.are_several, self.traits.fail_fast);
        let phenotypes = read_phenotype(self.traits, &self.own, everybody, notes)
            .map_err(|error| individuals.explain(error))?;
        let phenotypes: Vec<Phenotype> = (phenotypes.into_iter())
            .map(|Phenotype { name, values }| Phenotype {
                name,
                values: individuals.of_study(values),
            })
            .collect();
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
                let (table, said) = read_covariates(&path, everybody)
                    .map_err(|error| individuals.explain(error))?;
                notes.extend(said);
                Some((table, path))
            }
        };
        let covariates = covariates.map(|(table, path)| match individuals.kept() {
            None => (table, path),
            Some(rows) => (table.of_individuals(rows), path),
        });
        let covariates = (covariates.as_ref()).map(|(table, path)| (table, path.as_path()));
        let are_fitted = analysis.fits_traits();
        let (cohort, mut failed) = Cohort::new(study, &phenotypes, covariates, are_fitted);
        for one in &mut failed {
            let error = std::mem::replace(&mut one.error, Error::Interrupted);
            one.error = match covariates {
                // The error about dependent covariates already names their file.
                Some((_, path)) if is_about(&error, path) => error,
                _ => origin.name(&one.name, error),
            };
        }
        // Without several traits, and if none is left, the error is that of the run.
        if !are_several || fail_fast || cohort.groups.is_empty() {
            let n_others = failed.len().saturating_sub(1);
            if !failed.is_empty() {
                let first = failed.swap_remove(0);
                return Err(match n_others {
                    0 => first.error,
                    _ if fail_fast => first.error,
                    others => none_left(first.error, others),
                });
            }
        }
        for group in &cohort.groups {
            notes.extend(group.notes(are_several));
        }
        Ok((cohort, failed))
    }

    /// Fails with [`Error::Inconsistent`] if an input in memory does not have `n` rows, one per individual.
    fn check_length(&self, n: usize) -> Result<()> {
        let phenotypes = match &self.traits.phenotypes {
            Input::Memory(all) => all.as_slice(),
            Input::File(_) => &[],
        };
        let phenotypes = phenotypes.iter().map(|one| (IN_MEMORY, one.values.len()));
        let covariates = match &self.covariates {
            Some(Input::Memory(table)) => Some(("covariates", table.n_individuals())),
            _ => None,
        };
        let mut given = phenotypes.chain(covariates);
        let Some((what, length)) = given.find(|(_, length)| *length != n) else {
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
        match &self.traits.phenotypes {
            Input::Memory(_) if self.traits.are_several => PhenotypeOrigin::Several,
            Input::Memory(_) => PhenotypeOrigin::Memory,
            Input::File(PhenotypeColumns { file, .. }) => {
                let own = match &self.own {
                    OwnTraits::None => None,
                    OwnTraits::Fam(path, _) | OwnTraits::Psam(path) => Some(path.clone()),
                };
                PhenotypeOrigin::Column(file.clone().or(own).unwrap_or_default())
            }
        }
    }
}

fn is_about(error: &Error, path: &Path) -> bool {
    let text = error.to_string();
    text.starts_with(&escaped(&path.to_string_lossy()))
}

/// The error of a run none of whose traits can be analysed: that of the first, and the number of the others.
fn none_left(first: Error, n_others: usize) -> Error {
    match first {
        Error::Degenerate { what, hint } => Error::degenerate(
            format!(
                "{what}; nor can {} be analysed",
                match n_others {
                    1 => "the other trait".to_owned(),
                    n => format!("any of the {n} other traits"),
                }
            ),
            hint,
        ),
        other => other,
    }
}

fn read_phenotype(
    traits: Traits,
    own: &OwnTraits,
    everybody: &[Individual],
    notes: &mut Vec<String>,
) -> Result<Vec<Phenotype>> {
    let PhenotypeColumns { file, columns } = match traits.phenotypes {
        Input::File(columns) => columns,
        Input::Memory(phenotypes) => {
            for Phenotype { name, values } in &phenotypes {
                let shown = if traits.are_several {
                    format!("{IN_MEMORY} {name}")
                } else {
                    IN_MEMORY.to_owned()
                };
                let shown = Path::new(&shown);
                notes.extend(codes::of_phenotypes(
                    shown,
                    Origin::Array,
                    values,
                    everybody,
                ));
            }
            return Ok(phenotypes);
        }
    };
    let mut phenotypes = Vec::new();
    let mut add = |column: usize, values| {
        let name = column.to_string();
        phenotypes.push(Phenotype { name, values });
    };
    match (file, own, columns) {
        (Some(path), _, columns) => {
            let read = match columns {
                Columns::Listed(columns) => read_phenotypes(&path, &columns, everybody)?,
                Columns::All => read_all_phenotypes(&path, everybody)?,
            };
            notes.extend(read.notes);
            read.columns
                .into_iter()
                .for_each(|(column, values)| add(column, values));
        }
        (None, OwnTraits::Fam(_, fam), columns) => {
            let columns = match columns {
                Columns::Listed(columns) => columns,
                Columns::All => (1..=fam.n_phenotypes().max(1)).collect(),
            };
            for column in columns {
                let values = fam.phenotype(column)?;
                notes.extend(fam.notes(column, &values));
                add(column, values);
            }
        }
        (None, OwnTraits::None | OwnTraits::Psam(_), _) => {
            return Err(Error::inconsistent(
                "these genotypes come without phenotypes",
                "give a phenotype, one value per individual: -p FILE; for a kinship without a phenotype, use `--kinship-qc all`",
            ));
        }
    }
    Ok(phenotypes)
}

/// The origin of the phenotypes, for errors about their values.
enum PhenotypeOrigin {
    /// A single one in memory.
    Memory,
    /// Several in memory.
    Several,
    Column(PathBuf),
}

impl PhenotypeOrigin {
    /// Adds the file and the column to an error about the values of phenotype `name`.
    fn name(&self, name: &str, error: Error) -> Error {
        let Error::Degenerate { what, hint } = error else {
            return error;
        };
        let of = match self {
            Self::Memory => IN_MEMORY.to_owned(),
            Self::Several => format!("{IN_MEMORY} {name}"),
            Self::Column(path) => format!("{}, phenotype {name}", path.display()),
        };
        Error::degenerate(format!("{of}: {what}"), hint)
    }
}
