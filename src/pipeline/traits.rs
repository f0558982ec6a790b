//! Phenotypes and covariates of a job, joined with the individuals of its genotypes.

use super::individuals::FileIndividuals;
use super::input::Input;
use super::job::Analysis;
use super::selection::{
    CovariateColumns, PhenotypeColumns, Replicates, TraitFile, Traits, ValueInput, WeightInput,
};
use super::tables::Tables;
use super::trait_readers::{IN_MEMORY, Readers};
use super::values::{Named, Purpose, SearchedTable, ValueReader};
use crate::cohort::{
    Cohort, ConditionSnp, Covariates, EnvironmentColumns, Extras, FailedTrait, Phenotype, Scaling,
    WeightValues,
};
use crate::error::{Error, Result, escaped};
use crate::io::frame::{MissingCodes, TableRole};
use crate::io::table::CovariateTable;
use crate::io::text::count;
use crate::sources::OwnTraits;
use std::path::{Path, PathBuf};

/// The inputs of a cohort.
pub(super) struct TraitInputs {
    pub(super) traits: Traits,
    pub(super) covariates: Option<Input<CovariateColumns, CovariateTable>>,
    /// SNPs that are covariates.
    pub(super) conditions: Vec<ConditionSnp>,
    pub(super) environment: Option<ValueInput>,
    /// The environment that is a SNP.
    pub(super) partner: Option<ConditionSnp>,
    /// Columns by which a SNP enters the model in addition to one.
    pub(super) further_columns: usize,
    pub(super) weights: Option<WeightInput>,
    pub(super) replicates: Option<Replicates>,
    /// Whether every trait has a kinship of its own.
    pub(super) has_own_kinships: bool,
    /// Missing values of tables with ids.
    pub(super) missing_codes: MissingCodes,
    /// The traits in the files of the genotypes.
    pub(super) own: OwnTraits,
}

/// The covariates of a run besides the intercept.
#[derive(Debug, Default)]
pub(super) struct GivenCovariates {
    /// The table, and the path by which messages call it.
    pub(super) table: Option<(CovariateTable, PathBuf)>,
    /// SNPs, which follow the covariates of the table.
    pub(super) snps: Vec<ConditionSnp>,
}

impl GivenCovariates {
    pub(super) fn as_ref(&self) -> Covariates<'_> {
        Covariates {
            table: (self.table.as_ref()).map(|(table, path)| (table, path.as_path())),
            snps: &self.snps,
        }
    }
}

/// The traits of a run, joined with the individuals.
pub(super) struct ReadTraits {
    pub(super) cohort: Cohort,
    /// Covariates of all individuals.
    pub(super) covariates: GivenCovariates,
    /// The traits that cannot be analysed, if there are several.
    pub(super) failed: Vec<FailedTrait>,
    /// Whether the run is one of several traits.
    pub(super) are_several: bool,
}

impl TraitInputs {
    /// The analysed individuals of the study, and their traits. Notes are pushed to `notes`.
    pub(super) fn read(
        self,
        analysis: &Analysis,
        individuals: &FileIndividuals,
        notes: &mut Vec<String>,
    ) -> Result<ReadTraits> {
        let everybody = individuals.everybody();
        self.check_length(everybody.len())?;
        let study = individuals.of_study(everybody.to_vec());
        if analysis.needs_no_trait() {
            return Ok(ReadTraits {
                cohort: Cohort::without_trait(study)?,
                covariates: GivenCovariates::default(),
                failed: Vec::new(),
                are_several: self.traits.are_several,
            });
        }
        let origin = self.origin();
        let (transform, fail_fast) = (self.traits.transform, self.traits.fail_fast);
        let mut are_several = self.traits.are_several;
        let of = |everybody| Tables {
            everybody,
            have_ids: individuals.have_ids(),
            missing: &self.missing_codes,
            has_replicates: self.replicates.is_some(),
        };
        let readers = Readers {
            individuals,
            of_files: of(everybody),
            of_study: of(&study),
        };
        let values = ValueReader {
            individuals,
            of_study: of(&study),
            tables: searched_tables(&self.traits, self.covariates.as_ref()),
        };
        let taken = taken_columns(self.environment.as_ref(), self.weights.as_ref());
        let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
        let weights = self.weights.map(|input| values.weights(input, notes));
        let weights = weights.transpose()?;
        let environment =
            (self.environment).map(|input| values.read(input, Purpose::Environment, notes));
        let environment = environment.transpose()?;
        let phenotypes = readers.phenotypes(self.traits, &self.own, &taken, notes)?;
        // A name may have been a range of columns.
        are_several |= phenotypes.all.len() > 1;
        if are_several && !analysis.fits_traits() {
            return Err(Error::option(
                "--pheno-name",
                "only tests of SNPs and residuals are computed for several traits",
                "name the phenotype whose individuals are analysed",
            ));
        }
        let covariates = GivenCovariates {
            table: match self.covariates {
                None => None,
                Some(given) => Some(readers.covariates(given, &phenotypes, &taken, notes)?),
            },
            snps: self.conditions,
        };
        let weights = match self.replicates {
            Some(Replicates::Weighted) => {
                let values = WeightValues::OfTraits(phenotypes.counts);
                Some((values, Scaling::default()))
            }
            _ => weights,
        };
        let phenotypes = phenotypes.all;
        let given = covariates.as_ref();
        let table = given.table.map(|(table, _)| table);
        let mut extras = extras(environment, weights, &phenotypes, table, notes)?;
        if let Some(partner) = self.partner {
            extras.environment = Some(EnvironmentColumns::of_snp(partner));
        }
        extras.further_columns = self.further_columns;
        extras.has_own_kinships = self.has_own_kinships;
        notes.extend(transform.note().map(str::to_owned));
        let are_fitted = analysis.fits_traits();
        let (cohort, mut failed) = Cohort::with_extras(
            study.clone(),
            &phenotypes,
            given,
            &extras,
            transform,
            are_fitted,
        );
        for one in &mut failed {
            let error = std::mem::replace(&mut one.error, Error::Interrupted);
            one.error = match given.table {
                // The error about dependent covariates already names their file.
                Some((_, path)) if is_about(&error, path) => error,
                _ => origin.name(&one.name, error),
            };
        }
        // Without several traits, and if none is left, the error is that of the run.
        if !are_several || fail_fast || cohort.groups.is_empty() {
            reject(&mut failed, fail_fast)?;
        }
        for group in &cohort.groups {
            notes.extend(group.notes(are_several));
        }
        Ok(ReadTraits {
            cohort,
            covariates,
            failed,
            are_several,
        })
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
                let file = file.as_ref().map(|file| file.path().clone());
                PhenotypeOrigin::Column(file.or(own).unwrap_or_default())
            }
        }
    }
}

/// The tables in which columns are sought by name: that of the covariates, then that of the phenotypes.
fn searched_tables<'a>(
    traits: &'a Traits,
    covariates: Option<&'a Input<CovariateColumns, CovariateTable>>,
) -> Vec<SearchedTable<'a>> {
    let mut tables = Vec::new();
    if let Some(Input::File(CovariateColumns {
        file: TraitFile::WithIds(path),
        categories,
        ..
    })) = covariates
    {
        tables.push(SearchedTable {
            path,
            role: TableRole::Covariates,
            categories,
        });
    }
    if let Input::File(PhenotypeColumns {
        file: Some(TraitFile::WithIds(path)),
        ..
    }) = &traits.phenotypes
        && tables.iter().all(|table| table.path != path)
    {
        tables.push(SearchedTable {
            path,
            role: TableRole::Phenotypes,
            categories: &[],
        });
    }
    tables
}

/// The environment, with the levels of individuals who can be analysed, and the weights.
fn extras(
    environment: Option<Named>,
    weights: Option<(WeightValues, Scaling)>,
    phenotypes: &[Phenotype],
    covariates: Option<&CovariateTable>,
    notes: &mut Vec<String>,
) -> Result<Extras> {
    let environment = environment.map(|(name, values)| {
        let weights = weights.as_ref().map(|(weights, _)| weights);
        let may_be = may_be_analysed(phenotypes, covariates, weights);
        EnvironmentColumns::new(name, values, &may_be, notes)
    });
    Ok(Extras {
        environment: environment.transpose()?,
        weights,
        further_columns: 0,
        has_own_kinships: false,
    })
}

/// Which individuals have all covariates, and for some trait the phenotype and a weight.
fn may_be_analysed(
    phenotypes: &[Phenotype],
    covariates: Option<&CovariateTable>,
    weights: Option<&WeightValues>,
) -> Vec<bool> {
    let n = phenotypes.first().map_or(0, |one| one.values.len());
    let has_weight = |row: usize, number: usize| {
        weights.is_none_or(|weights| weights.of_trait(number)[row].is_some())
    };
    let has_trait = |row: usize| {
        let mut traits = phenotypes.iter().enumerate();
        traits.any(|(number, one)| one.values[row].is_some() && has_weight(row, number))
    };
    (0..n)
        .map(|row| covariates.is_none_or(|table| table.row(row).is_some()) && has_trait(row))
        .collect()
}

fn is_about(error: &Error, path: &Path) -> bool {
    let text = error.to_string();
    text.starts_with(&escaped(&path.to_string_lossy()))
}

/// Fails with the error of the first failed trait, if there is one.
fn reject(failed: &mut Vec<FailedTrait>, fail_fast: bool) -> Result<()> {
    let n_others = failed.len().saturating_sub(1);
    if failed.is_empty() {
        return Ok(());
    }
    let first = failed.swap_remove(0);
    Err(match n_others {
        0 => first.error,
        _ if fail_fast => first.error,
        others => none_left(first.error, others),
    })
}

/// The names of the columns that are the environment or weights.
fn taken_columns(environment: Option<&ValueInput>, weights: Option<&WeightInput>) -> Vec<String> {
    let of_weights = weights.map(|weights| &weights.values);
    let inputs = environment.into_iter().chain(of_weights);
    let names = inputs.filter_map(ValueInput::column);
    names.map(str::to_owned).collect()
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
