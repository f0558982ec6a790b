//! The relatedness of a unit of work: inputs are read, matched to the individuals, and checked.

use super::inspection;
use super::job::{EigenFiles, GivenKinship, Input, KinshipFile, KinshipInput};
use crate::cohort::{Cohort, TraitGroup};
use crate::eigen::{Eigen, SelectedEigen, read_eigen};
use crate::error::Result;
use crate::kinship::{
    Kinship, KinshipKind, check_readable, inspect_kinship, read_kinship, select_kinship,
};
use crate::progress::{Observer, Progress, Stage};

/// The kinship of a unit of work before the computation.
pub(super) enum Relatedness {
    /// No kinship is needed.
    Unused,
    /// It is computed from the genotypes.
    Computed {
        kind: KinshipKind,
        /// Whether the kinship of all individuals is also passed to the sinks.
        save: bool,
    },
    /// The matrix of the analysed individuals.
    Kinship {
        kinship: Kinship,
        /// Its name in messages.
        name: String,
    },
    /// The decomposition of that matrix.
    Eigen(Eigen),
}

/// Fails if a file of `input` cannot be opened.
pub(super) fn check_files(input: &KinshipInput) -> Result<()> {
    match input {
        KinshipInput::Matrix(Input::File(file)) => check_readable(&file.path),
        KinshipInput::Eigen(Input::File(files)) => {
            check_readable(&files.values)?;
            check_readable(&files.vectors)
        }
        _ => Ok(()),
    }
}

impl Relatedness {
    /// Reads `input` for the individuals of `group`. Notes are pushed to `notes`.
    pub(super) fn read(
        input: KinshipInput,
        cohort: &Cohort,
        group: &TraitGroup,
        observer: &dyn Observer,
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        let (everybody, subset) = (&cohort.everybody, &group.subset);
        let (kinship, name) = match input {
            KinshipInput::Computed { kinship, save } => {
                let kind = kinship.kind;
                return Ok(Self::Computed { kind, save });
            }
            KinshipInput::Matrix(Input::File(KinshipFile { path, layout })) => {
                let read = || read_kinship(&path, layout, everybody, subset);
                let (kinship, said) = in_stage(Stage::ReadKinship, observer, read)?;
                notes.extend(said);
                (kinship, path.display().to_string())
            }
            KinshipInput::Matrix(Input::Memory(GivenKinship { matrix, rows })) => {
                let (kinship, said) = select_kinship(matrix, rows, everybody, subset)?;
                notes.extend(said);
                (kinship, "kinship".to_owned())
            }
            KinshipInput::Eigen(Input::File(EigenFiles { values, vectors })) => {
                let read = || read_eigen(&values, &vectors, &cohort.analysed(group));
                let (eigen, said) = in_stage(Stage::ReadEigen, observer, read)?;
                notes.extend(said);
                let name = values.display().to_string();
                notes.extend(inspection::of_eigenvalues(&eigen, &name)?);
                return Ok(Self::Eigen(eigen));
            }
            KinshipInput::Eigen(Input::Memory(given)) => {
                let name = "eigen".to_owned();
                let (selected, said) = given.select(everybody, subset)?;
                notes.extend(said);
                match selected {
                    SelectedEigen::Same(eigen) => {
                        notes.extend(inspection::of_eigenvalues(&eigen, &name)?);
                        return Ok(Self::Eigen(eigen));
                    }
                    SelectedEigen::Kinship(kinship) => (kinship, name),
                }
            }
        };
        let ids: Vec<_> = (subset.rows().iter()).map(|&row| &everybody[row]).collect();
        notes.extend(inspect_kinship(&kinship, &name, &ids, true)?);
        Ok(Self::Kinship { kinship, name })
    }
}

fn in_stage<T>(
    stage: Stage,
    observer: &dyn Observer,
    work: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let n_snps = None;
    observer.on(Progress::Began { stage, n_snps });
    let result = work();
    observer.on(Progress::Ended);
    result
}
