//! The environment of interactions and the weights of the individuals.

use super::individuals::FileIndividuals;
use super::selection::{ValueInput, WeightInput};
use super::tables::Tables;
use crate::cohort::{EnvironmentValues, Scaling, WeightValues};
use crate::error::{Error, Result};
use crate::io::fam::Individual;
use crate::io::frame::TableRole;
use crate::io::table::read_all_phenotypes;
use crate::io::text::count;
use std::path::Path;

/// A table in which a column is sought.
pub(super) struct SearchedTable<'a> {
    pub(super) path: &'a Path,
    pub(super) role: TableRole,
    /// Columns whose numbers are the codes of categories.
    pub(super) categories: &'a [String],
}

/// What is read, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Environment,
    Weights,
}

impl Purpose {
    /// The option for a file without a header.
    fn positional(self) -> &'static str {
        match self {
            Self::Environment => "-gxe",
            Self::Weights => "-widv",
        }
    }

    /// The option for the name of a column.
    pub(super) fn named(self) -> &'static str {
        match self {
            Self::Environment => "--gxe",
            Self::Weights => "--weights",
        }
    }

    fn in_memory(self) -> &'static str {
        match self {
            Self::Environment => "gxe",
            Self::Weights => "weights",
        }
    }
}

/// Values with the name by which messages call them.
pub(super) type Named = (String, EnvironmentValues);

/// Reads values of the individuals of the study.
pub(super) struct ValueReader<'a> {
    pub(super) individuals: &'a FileIndividuals,
    /// Matches rows to the individuals of the study.
    pub(super) of_study: Tables<'a>,
    /// The tables with ids, in the order in which a column is sought.
    pub(super) tables: Vec<SearchedTable<'a>>,
}

impl ValueReader<'_> {
    /// The values of the individuals of the study. Notes are pushed to `notes`.
    pub(super) fn read(
        &self,
        input: ValueInput,
        purpose: Purpose,
        notes: &mut Vec<String>,
    ) -> Result<Named> {
        let everybody = self.individuals.everybody();
        match input {
            ValueInput::Memory(values) => {
                check_length(&values, purpose, everybody.len())?;
                Ok((purpose.in_memory().into(), self.of_study_rows(values)))
            }
            ValueInput::File(path) => {
                let values = first_column(&path, purpose, everybody, notes)
                    .map_err(|error| self.individuals.explain(error))?;
                let values = EnvironmentValues::Numbers(values);
                Ok((path.display().to_string(), self.of_study_rows(values)))
            }
            ValueInput::Column(name) => {
                let values = self.column(&name, purpose, notes)?;
                Ok((name, values))
            }
            ValueInput::Snp(id) => Err(Error::option(
                purpose.named(),
                format!("SNP {id} is not a column of a table"),
                "only the environment of interactions can be a SNP: --interaction",
            )),
        }
    }

    /// The weights of the individuals of the study.
    pub(super) fn weights(
        &self,
        input: WeightInput,
        notes: &mut Vec<String>,
    ) -> Result<(WeightValues, Scaling)> {
        let is_gemmas_option = input.values.path().is_some();
        let (name, values) = self.read(input.values, Purpose::Weights, notes)?;
        let EnvironmentValues::Numbers(values) = values else {
            return Err(Error::option(
                Purpose::Weights.named(),
                format!("the cells of {name} are words, but weights are numbers"),
                "name a column of positive numbers",
            ));
        };
        let values = WeightValues::Common(values);
        if input.scaling == Scaling::ResidualVariance {
            values.check_positive(&name, self.of_study.everybody)?;
            if is_gemmas_option {
                notes.push("-widv: the residual variance of an individual is divided by its weight, for which the kinship is multiplied by the square roots of the weights; GEMMA divides it by them, so that its results differ; --gemma-widv gives GEMMA's (see docs/models.md)".into());
            }
        } else {
            notes.push("--gemma-widv: the kinship is divided by the square roots of the weights and the data are multiplied by them, as in GEMMA; these are not weights of the residual variance (see docs/models.md)".into());
        }
        Ok((values, input.scaling))
    }

    /// The column of the first table that has it.
    fn column(
        &self,
        name: &str,
        purpose: Purpose,
        notes: &mut Vec<String>,
    ) -> Result<EnvironmentValues> {
        let mut known = Vec::new();
        for table in &self.tables {
            let is_category = table.categories.iter().any(|one| one == name);
            let found = (self.of_study).column(table.path, table.role, name, is_category, notes)?;
            match found {
                Ok(values) => {
                    if self.tables.len() > 1 {
                        let (option, path) = (purpose.named(), table.path.display());
                        notes.push(format!("{option} {name}: the column of {path}"));
                    }
                    return Ok(values);
                }
                Err(names) => known.push(format!("{} has {names}", table.path.display())),
            }
        }
        let positional = purpose.positional();
        Err(match known.as_slice() {
            [] => Error::option(
                purpose.named(),
                "there is no table with a header to which the name belongs",
                format!("give it with --covar, or give a file without a header with {positional}"),
            ),
            known => Error::option(
                purpose.named(),
                format!("no table has a column {name:?}: {}", known.join("; ")),
                format!(
                    "name one of these columns, or give a file without a header with {positional}"
                ),
            ),
        })
    }

    fn of_study_rows(&self, values: EnvironmentValues) -> EnvironmentValues {
        match values {
            EnvironmentValues::Numbers(all) => {
                EnvironmentValues::Numbers(self.individuals.of_study(all))
            }
            EnvironmentValues::Levels(all) => {
                EnvironmentValues::Levels(self.individuals.of_study(all))
            }
        }
    }
}

/// The first column of a file without a header, in the order of the individuals.
fn first_column(
    path: &Path,
    purpose: Purpose,
    everybody: &[Individual],
    notes: &mut Vec<String>,
) -> Result<Vec<Option<f64>>> {
    let (option, what) = (purpose.positional(), purpose.in_memory());
    let reword = |text: &str| {
        let text = text.replace("-p FILE", &format!("{option} FILE"));
        text.replace(" -p", &format!(" {option}"))
    };
    let mut read = read_all_phenotypes(path, everybody).map_err(|error| match error {
        Error::Malformed {
            path,
            line,
            what,
            hint,
        } => Error::Malformed {
            path,
            line,
            what: reword(&what),
            hint: reword(&hint),
        },
        Error::Inconsistent { what, hint } => Error::inconsistent(reword(&what), reword(&hint)),
        other => other,
    })?;
    let others = read.columns.len() - 1;
    if others > 0 {
        notes.push(format!(
            "{}: {what} is the first column; {} ignored, as in GEMMA",
            path.display(),
            count(others, "further column")
        ));
    }
    Ok(read.columns.swap_remove(0).1)
}

/// Fails if values in memory are not those of `n` individuals.
fn check_length(values: &EnvironmentValues, purpose: Purpose, n: usize) -> Result<()> {
    let length = match values {
        EnvironmentValues::Numbers(all) => all.len(),
        EnvironmentValues::Levels(all) => all.len(),
    };
    if length == n {
        return Ok(());
    }
    Err(Error::inconsistent(
        format!(
            "{}: {} given, but there are {}",
            purpose.in_memory(),
            count(length, "row"),
            count(n, "individual")
        ),
        "give one row per individual, in the same order, with NaN for a missing value",
    ))
}
