//! The relatedness of a unit of work: inputs are read, matched to the individuals, and checked.

use super::individuals::FileIndividuals;
use super::input::Input;
use super::inspection;
use super::job::{EigenFiles, GivenKinship, Job, KinshipFile, KinshipInput};
use crate::cohort::{Cohort, TraitGroup};
use crate::eigen::{Eigen, GivenEigen, SelectedEigen, read_eigen};
use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::io::text::count;
use crate::kinship::{
    Inspection, Kinship, KinshipKind, KinshipLayout, check_kinship_file, check_readable,
    check_without_ids, inspect_kinship, left_out_of, read_kinship, select_kinship,
};
use crate::progress::{Observer, Progress, Stage};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

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
    /// A matrix of more individuals than those of the group.
    Selection {
        kinship: Arc<Kinship>,
        /// Rows and columns of the analysed individuals.
        rows: Vec<usize>,
        /// Its name in messages.
        name: String,
    },
    /// The decomposition of that matrix.
    Eigen(Eigen),
}

/// The number of different sets of individuals of the groups.
fn n_sets(cohort: &Cohort) -> usize {
    let sets: HashSet<&[usize]> = (cohort.groups.iter())
        .map(|group| group.subset.rows())
        .collect();
    sets.len()
}

/// Fails if a file of a kinship of `job` cannot be opened, or obviously cannot be used.
pub(super) fn check_files(job: &Job) -> Result<()> {
    if let Some(Input::File(file)) = &job.second_kinship {
        check_kinship_file(&file.path, file.layout)?;
    }
    match job.analysis.kinship() {
        Some(KinshipInput::Matrix(Input::File(file))) => {
            check_kinship_file(&file.path, file.layout)
        }
        Some(KinshipInput::Eigen(Input::File(files))) => {
            check_readable(&files.values)?;
            check_readable(&files.vectors)
        }
        _ => Ok(()),
    }
}

/// Fails if the rows of a kinship file are identified by ids, and the genotypes have none.
///
/// * `have_ids`: whether the individuals of the genotypes have ids
pub(super) fn check_ids(input: Option<&KinshipInput>, have_ids: bool) -> Result<()> {
    match input {
        Some(KinshipInput::Matrix(Input::File(file))) => check_ids_of_matrix(file, "-km", have_ids),
        _ => Ok(()),
    }
}

/// As [`check_ids`] for one file.
///
/// * `layout_option`: the option that chooses its layout
pub(super) fn check_ids_of_matrix(
    file: &KinshipFile,
    layout_option: &str,
    have_ids: bool,
) -> Result<()> {
    match file.layout {
        _ if have_ids => Ok(()),
        KinshipLayout::Square => check_without_ids(&file.path),
        KinshipLayout::Triplets => Err(Error::option(
            layout_option,
            "a list of pairs needs ids of individuals, and these genotypes have none",
            format!("give a square matrix with {layout_option} 1, in the order of the genotypes"),
        )),
    }
}

impl Relatedness {
    /// Reads `input` for the individuals of every group of `cohort`. What is found in it is added to `found`.
    ///
    /// * `individuals`: those of the genotype files, whose order a matrix without ids has
    /// * `left_out`: the chromosome that must be left out of a kinship in a file
    pub(super) fn read_all(
        input: Option<KinshipInput>,
        cohort: &Cohort,
        individuals: &FileIndividuals,
        left_out: Option<&str>,
        observer: &dyn Observer,
        found: &mut Inspection,
    ) -> Result<Vec<Self>> {
        let everybody = &cohort.everybody;
        // A matrix is read once for all groups.
        let all = cohort.analysed_for_any();
        let in_files = individuals.rows_of(&all);
        let (kinship, name) = match input {
            None => return Ok(cohort.groups.iter().map(|_| Self::Unused).collect()),
            Some(KinshipInput::Computed { save: true, .. }) if n_sets(cohort) > 1 => {
                return Err(Error::option(
                    "--save-kinship",
                    format!(
                        "the traits are analysed over {} sets of individuals, each with a kinship of its own",
                        n_sets(cohort)
                    ),
                    "omit the option, or save the kinship for one trait: jamma gk -n COLUMN",
                ));
            }
            Some(KinshipInput::Computed { kinship, save }) => {
                let kind = kinship.kind;
                // Groups of the same individuals, whose weights differ, have the same kinship; one of them saves it.
                let each = (0..cohort.groups.len()).map(|group| Self::Computed {
                    kind,
                    save: save && group == 0,
                });
                return Ok(each.collect());
            }
            Some(KinshipInput::Eigen(input)) => {
                let [group] = cohort.groups.as_slice() else {
                    return Err(several_groups(cohort));
                };
                let one =
                    Self::read_eigen(input, cohort, group, individuals, left_out, observer, found)?;
                return Ok(vec![one]);
            }
            Some(KinshipInput::Matrix(input)) => {
                if let Input::File(KinshipFile { path, layout }) = &input {
                    check_left_out(path, *layout, left_out)?;
                }
                read_matrix(input, "kinship", individuals, &in_files, observer, found)?
            }
        };
        let ids = |rows: &[usize]| rows.iter().map(|&row| &everybody[row]).collect::<Vec<_>>();
        found.add(inspect_kinship(&kinship, &name, &ids(all.rows()), true)?);
        if let [_] = cohort.groups.as_slice() {
            return Ok(vec![Self::Kinship { kinship, name }]);
        }
        let kinship = Arc::new(kinship);
        let each = cohort.groups.iter().map(|group| {
            let place = |row| all.rows().partition_point(|&other| other < row);
            Self::Selection {
                kinship: Arc::clone(&kinship),
                rows: group.subset.rows().iter().map(|&row| place(row)).collect(),
                name: name.clone(),
            }
        });
        Ok(each.collect())
    }

    fn read_eigen(
        input: Input<EigenFiles, GivenEigen>,
        cohort: &Cohort,
        group: &TraitGroup,
        individuals: &FileIndividuals,
        left_out: Option<&str>,
        observer: &dyn Observer,
        found: &mut Inspection,
    ) -> Result<Self> {
        let (everybody, subset) = (&cohort.everybody, &group.subset);
        let (kinship, name) = match input {
            Input::File(EigenFiles { values, vectors }) => {
                check_left_out(&vectors, KinshipLayout::Square, left_out)?;
                let read = || read_eigen(&values, &vectors, &cohort.analysed(group));
                let (eigen, said) = in_stage(Stage::ReadEigen, observer, read)?;
                found.notes.extend(said);
                let name = values.display().to_string();
                found
                    .notes
                    .extend(inspection::of_eigenvalues(&eigen, &name)?);
                return Ok(Self::Eigen(eigen));
            }
            Input::Memory(given) => {
                let name = "eigen".to_owned();
                let in_files = individuals.rows_of(subset);
                let (selected, said) = given.select(individuals.everybody(), &in_files)?;
                found.notes.extend(said);
                match selected {
                    SelectedEigen::Same(eigen) => {
                        found
                            .notes
                            .extend(inspection::of_eigenvalues(&eigen, &name)?);
                        return Ok(Self::Eigen(eigen));
                    }
                    SelectedEigen::Kinship(kinship) => (kinship, name),
                }
            }
        };
        let ids: Vec<_> = (subset.rows().iter()).map(|&row| &everybody[row]).collect();
        found.add(inspect_kinship(&kinship, &name, &ids, true)?);
        Ok(Self::Kinship { kinship, name })
    }
}

/// Reads the matrix of the individuals `in_files`, of whom notes are added to `found`; also returns its name in messages.
///
/// * `name`: what a matrix in memory is called
pub(super) fn read_matrix(
    input: Input<KinshipFile, GivenKinship>,
    name: &str,
    individuals: &FileIndividuals,
    in_files: &Subset,
    observer: &dyn Observer,
    found: &mut Inspection,
) -> Result<(Kinship, String)> {
    let everybody = individuals.everybody();
    let (read, name) = match input {
        Input::File(KinshipFile { path, layout }) => {
            let read = || read_kinship(&path, layout, everybody, in_files);
            let read = in_stage(Stage::ReadKinship, observer, read);
            (read, path.display().to_string())
        }
        Input::Memory(GivenKinship { matrix, rows }) => (
            select_kinship(matrix, rows, name, everybody, in_files),
            name.to_owned(),
        ),
    };
    let (kinship, said) = read.map_err(|error| individuals.explain(error))?;
    found.notes.extend(said);
    Ok((kinship, name))
}

/// The error that traits of different individuals cannot share a decomposition.
fn several_groups(cohort: &Cohort) -> Error {
    let example = |group: &TraitGroup| {
        let name = group.traits.first().map_or("", |one| one.name.as_str());
        format!(
            "trait {name} of {}",
            count(group.subset.len(), "individual")
        )
    };
    let [first, second] = [&cohort.groups[0], &cohort.groups[1]].map(example);
    Error::inconsistent(
        format!(
            "an eigendecomposition is of one set of individuals, but the traits have several: {first}, {second}"
        ),
        "give the kinship with -k, or let the run compute it, instead of -d and -u",
    )
}

/// Fails if the ids next to a matrix say that another chromosome is left out of it than `left_out`.
///
/// A matrix without ids is taken as it is: it may be GEMMA's.
fn check_left_out(path: &Path, layout: KinshipLayout, left_out: Option<&str>) -> Result<()> {
    if layout != KinshipLayout::Square {
        return Ok(());
    }
    let Some(known) = left_out_of(path)? else {
        return Ok(());
    };
    let (what, hint) = match (known, left_out) {
        (Some(known), Some(asked)) if known == asked => return Ok(()),
        (None, None) => return Ok(()),
        (Some(known), Some(asked)) => (
            format!("chromosome {known} is left out of this kinship, not {asked}"),
            format!("give the kinship without chromosome {asked}: jamma gk -loco {asked}"),
        ),
        (Some(known), None) => (
            format!("chromosome {known} is left out of this kinship, but all SNPs would be tested"),
            format!(
                "test the SNPs of that chromosome with -loco {known}, or give the kinship of all SNPs"
            ),
        ),
        (None, asked) => (
            format!(
                "no chromosome is left out of this kinship, but the run asks for one without chromosome {}",
                asked.unwrap_or_default()
            ),
            "omit -k to compute that kinship in this run, or write it with `jamma gk -loco`"
                .to_owned(),
        ),
    };
    Err(Error::inconsistent(
        format!("{}: {what}", path.display()),
        hint,
    ))
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
