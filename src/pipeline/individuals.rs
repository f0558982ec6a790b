//! The individuals of a study among those of its genotype files (`--keep`, `--remove`), and their sex.

use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::io::fam::Individual;
use crate::io::id_columns::named;
use crate::io::id_list::{IdList, ListedRows};
use crate::io::sex::Sex;
use crate::io::sex_table::read_sexes;
use crate::io::text::count;
use crate::sources::{GenotypeSource, SubsetSource};
use std::path::PathBuf;
use std::sync::Arc;

/// Which individuals of the genotype files are in the study: all, unless a list is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndividualLists {
    /// `--keep`: only these.
    pub keep: Option<PathBuf>,
    /// `--remove`: not these, whether or not they are kept.
    pub remove: Option<PathBuf>,
}

/// `--sex-from`: where the sex of individuals is stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SexInput {
    /// The file of individuals of the genotypes: `.fam`, `.psam` or `.sample`.
    Own,
    /// A table with ids.
    Table(PathBuf),
    /// In memory: the sex of every individual of the genotypes.
    Memory(Vec<Sex>),
}

impl SexInput {
    /// The sexes of the individuals of the study. A note with their numbers is pushed to `notes`.
    ///
    /// * `own`: the file of individuals of the genotypes, and the sexes in it
    /// * `label`: what the note begins with
    ///
    /// Fails if there is no such file, or the table cannot be read or matched.
    pub(super) fn read(
        self,
        own: Option<(PathBuf, Vec<Sex>)>,
        individuals: &FileIndividuals,
        label: &str,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Sex>> {
        let (sexes, shown) = match self {
            Self::Memory(sexes) => {
                let (given, n) = (sexes.len(), individuals.everybody().len());
                if given != n {
                    return Err(Error::inconsistent(
                        format!(
                            "sex_from: {} given, but there are {}",
                            count(given, "row"),
                            count(n, "individual")
                        ),
                        "give the sex of every individual, in the same order",
                    ));
                }
                (sexes, "values in memory".to_owned())
            }
            Self::Own => {
                let (path, sexes) = own.ok_or_else(|| {
                    Error::option(
                        "--sex-from",
                        "these genotypes have no .fam, and no .psam or .sample file with a column of sexes",
                        "give a table with the columns FID, IID and SEX",
                    )
                })?;
                (sexes, path.display().to_string())
            }
            Self::Table(path) => {
                check_ids(individuals.has_ids, "--sex-from")?;
                let (sexes, rows) = read_sexes(&path, individuals.everybody())?;
                let shown = path.display().to_string();
                notes.extend(notes_on_list(&shown, &rows));
                (sexes, shown)
            }
        };
        let sexes = individuals.of_study(sexes);
        let n = |sex| sexes.iter().filter(|&&one| one == sex).count();
        notes.push(format!(
            "{label} {shown}: {}, {}, {} of unknown sex",
            count(n(Sex::Male), "male"),
            count(n(Sex::Female), "female"),
            n(Sex::Unknown)
        ));
        Ok(sexes)
    }
}

/// All individuals of the genotype files, whose order files without ids have, and those of the study among them.
#[derive(Debug)]
pub(super) struct FileIndividuals {
    everybody: Vec<Individual>,
    /// Whether they have ids.
    has_ids: bool,
    /// Rows of the individuals of the study, ascending; `None` if they are all.
    kept: Option<Vec<usize>>,
}

impl FileIndividuals {
    /// Reads the lists, and returns the source of the individuals of the study. Notes are pushed to `notes`.
    ///
    /// Fails if the individuals of the source have no ids, a list cannot be read or matched, or nobody is left.
    pub(super) fn choose(
        source: Arc<dyn GenotypeSource>,
        lists: &IndividualLists,
        notes: &mut Vec<String>,
    ) -> Result<(Self, Arc<dyn GenotypeSource>)> {
        let everybody = source.individuals().to_vec();
        let mut is_kept = vec![true; everybody.len()];
        for (option, path, keeps) in [
            ("--keep", &lists.keep, true),
            ("--remove", &lists.remove, false),
        ] {
            let Some(path) = path else {
                continue;
            };
            check_ids(source.has_ids(), option)?;
            let list = IdList::read(path)?;
            let rows = list.rows_of(&everybody)?;
            for (is_kept, is_listed) in is_kept.iter_mut().zip(&rows.is_listed) {
                *is_kept &= *is_listed == keeps;
            }
            let n_listed = rows.is_listed.iter().filter(|&&is| is).count();
            let path = list.path().display();
            notes.push(format!(
                "{option} {path}: {n_listed} of {} {}",
                count(everybody.len(), "individual"),
                if keeps { "kept" } else { "removed" }
            ));
            notes.extend(notes_on_list(&path.to_string(), &rows));
        }
        if !is_kept.contains(&true) {
            return Err(Error::inconsistent(
                format!(
                    "no individual is left of the {} of the genotype files after --keep and --remove",
                    everybody.len()
                ),
                "check that the lists are not exchanged: --keep lists the individuals to analyse, --remove the others",
            ));
        }
        let has_ids = source.has_ids();
        let of = |kept| Self {
            everybody,
            has_ids,
            kept,
        };
        if !is_kept.contains(&false) {
            return Ok((of(None), source));
        }
        let kept: Vec<usize> = (0..is_kept.len()).filter(|&row| is_kept[row]).collect();
        let subset = SubsetSource::new(source, kept.clone());
        Ok((of(Some(kept)), Arc::new(subset)))
    }

    /// Whether the individuals have ids.
    pub(super) fn have_ids(&self) -> bool {
        self.has_ids
    }

    /// All individuals of the genotype files.
    pub(super) fn everybody(&self) -> &[Individual] {
        &self.everybody
    }

    /// The rows of the individuals of the study; `None` if they are all.
    pub(super) fn kept(&self) -> Option<&[usize]> {
        self.kept.as_deref()
    }

    /// Of values for all individuals of the files, those for the individuals of the study.
    pub(super) fn of_study<T: Clone>(&self, values: Vec<T>) -> Vec<T> {
        match &self.kept {
            None => values,
            Some(rows) => rows.iter().map(|&row| values[row].clone()).collect(),
        }
    }

    /// The rows in the files of some individuals of the study.
    pub(super) fn rows_of(&self, of_study: &Subset) -> Subset {
        match &self.kept {
            None => of_study.clone(),
            Some(kept) => {
                let rows = of_study.rows().iter().map(|&row| kept[row]).collect();
                Subset::new(self.everybody.len(), rows)
            }
        }
    }

    /// An error about a file of all individuals, with a hint that it must also have those that are not in the study.
    pub(super) fn explain(&self, error: Error) -> Error {
        let more = |hint: &str| {
            format!(
                "{hint}; without ids, the rows are those of all {} of the genotype files, also of those that --keep and --remove exclude",
                count(self.everybody.len(), "individual")
            )
        };
        let is_about_number = |what: &str| what.contains(&self.everybody.len().to_string());
        match error {
            Error::Inconsistent { what, hint } if self.kept.is_some() => {
                Error::inconsistent(what, more(&hint))
            }
            Error::Malformed {
                path,
                line,
                what,
                hint,
            } if self.kept.is_some() && is_about_number(&what) => Error::Malformed {
                hint: more(&hint),
                path,
                line,
                what,
            },
            other => other,
        }
    }
}

/// Fails if individuals without ids are to be found in the file of an option.
fn check_ids(has_ids: bool, option: &str) -> Result<()> {
    if has_ids {
        return Ok(());
    }
    Err(Error::option(
        option,
        "the individuals of these genotypes have no ids",
        "omit the option; to exclude individuals, write NA for their phenotype",
    ))
}

/// Notes on listed individuals that are unknown, and on others that were matched by IID alone.
fn notes_on_list(path: &str, rows: &ListedRows) -> Vec<String> {
    let mut notes = Vec::new();
    if !rows.unknown.is_empty() {
        notes.push(format!(
            "{path}: {} not in the genotype files: {}",
            count(rows.unknown.len(), "listed individual"),
            named(&rows.unknown)
        ));
    }
    if rows.has_other_fids {
        notes.push(format!(
            "{path}: its FIDs are not those of the genotype files; individuals were matched by IID"
        ));
    }
    notes
}
