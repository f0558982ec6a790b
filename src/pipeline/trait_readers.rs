//! Readers of the phenotypes and covariates of a job, from files and from memory.

use super::individuals::FileIndividuals;
use super::input::Input;
use super::selection::{Columns, CovariateColumns, PhenotypeColumns, TraitFile, Traits};
use super::tables::Tables;
use crate::cohort::Phenotype;
use crate::error::{Error, Result};
use crate::io::codes::{self, Origin};
use crate::io::table::{CovariateTable, read_all_phenotypes, read_covariates, read_phenotypes};
use crate::sources::OwnTraits;
use std::path::{Path, PathBuf};

/// The name of a phenotype in memory, in messages.
pub(super) const IN_MEMORY: &str = "phenotype";

/// Phenotypes of all individuals.
pub(super) struct Phenotypes {
    pub(super) all: Vec<Phenotype>,
    /// Whether their names are those of columns, not numbers.
    pub(super) are_named: bool,
    /// With replicates: for each phenotype, the number of values of each individual.
    pub(super) counts: Vec<Vec<Option<f64>>>,
}

/// Reads phenotypes and covariates of the individuals of the study.
pub(super) struct Readers<'a> {
    pub(super) individuals: &'a FileIndividuals,
    /// Files without ids have rows for all individuals of the genotype files.
    pub(super) of_files: Tables<'a>,
    pub(super) of_study: Tables<'a>,
}

impl Readers<'_> {
    pub(super) fn phenotypes(
        &self,
        traits: Traits,
        own: &OwnTraits,
        taken: &[&str],
        notes: &mut Vec<String>,
    ) -> Result<Phenotypes> {
        if let Input::File(PhenotypeColumns {
            file: Some(TraitFile::WithIds(path)),
            columns,
        }) = &traits.phenotypes
        {
            let (read, said) = (self.of_study).phenotypes(path, columns, taken)?;
            notes.extend(said);
            return Ok(Phenotypes {
                all: read.all,
                are_named: true,
                counts: read.counts,
            });
        }
        let mut read = read_phenotype(traits, own, &self.of_files, notes)
            .map_err(|error| self.individuals.explain(error))?;
        for one in &mut read.all {
            one.values = self.individuals.of_study(std::mem::take(&mut one.values));
        }
        Ok(read)
    }

    /// The covariates, and the path by which messages call them.
    pub(super) fn covariates(
        &self,
        given: Input<CovariateColumns, CovariateTable>,
        phenotypes: &Phenotypes,
        taken: &[&str],
        notes: &mut Vec<String>,
    ) -> Result<(CovariateTable, PathBuf)> {
        let everybody = self.of_files.everybody;
        let (table, path, said) = match given {
            Input::Memory(table) => {
                let name = PathBuf::from("covariates");
                let said = codes::of_covariates(&name, Origin::Array, &table, everybody);
                (table, name, said)
            }
            Input::File(columns) => match &columns.file {
                TraitFile::Positional(path) => {
                    let (table, said) = read_covariates(path, everybody)
                        .map_err(|error| self.individuals.explain(error))?;
                    (table, path.clone(), said)
                }
                TraitFile::WithIds(path) => {
                    let names = phenotypes.all.iter().filter(|_| phenotypes.are_named);
                    let names: Vec<&str> = names.map(|one| one.name.as_str()).collect();
                    let (table, said) = self.of_study.covariates(path, &columns, &names, taken)?;
                    notes.extend(said);
                    return Ok((table, path.clone()));
                }
            },
        };
        notes.extend(said);
        let table = match self.individuals.kept() {
            None => table,
            Some(rows) => table.of_individuals(rows),
        };
        Ok((table, path))
    }
}

/// Phenotypes of all individuals of the genotype files, from files without ids.
fn read_phenotype(
    traits: Traits,
    own: &OwnTraits,
    tables: &Tables<'_>,
    notes: &mut Vec<String>,
) -> Result<Phenotypes> {
    let everybody = tables.everybody;
    let PhenotypeColumns { file, columns } = match traits.phenotypes {
        Input::File(columns) => columns,
        Input::Memory(all) => {
            for Phenotype { name, values } in &all {
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
            let are_named = false;
            return Ok(Phenotypes {
                all,
                are_named,
                counts: Vec::new(),
            });
        }
    };
    let named = |(all, said): (Vec<Phenotype>, Vec<String>)| {
        let are_named = true;
        let counts = Vec::new();
        let phenotypes = Phenotypes {
            all,
            are_named,
            counts,
        };
        (phenotypes, said)
    };
    let (phenotypes, said) = match (file, own) {
        (Some(TraitFile::WithIds(path)), _) => {
            let (read, said) = tables.phenotypes(&path, &columns, &[])?;
            named((read.all, said))
        }
        (Some(TraitFile::Positional(path)), _) => {
            let read = match numbers(columns)? {
                Some(columns) => read_phenotypes(&path, &columns, everybody)?,
                None => read_all_phenotypes(&path, everybody)?,
            };
            (numbered(read.columns), read.notes)
        }
        (None, OwnTraits::Fam(_, fam)) => {
            let all = || (1..=fam.n_phenotypes().max(1)).collect();
            let columns: Vec<usize> = numbers(columns)?.unwrap_or_else(all);
            let (mut read, mut said) = (Vec::new(), Vec::new());
            for column in columns {
                let values = fam.phenotype(column)?;
                said.extend(fam.notes(column, &values));
                read.push((column, values));
            }
            (numbered(read), said)
        }
        (None, OwnTraits::Psam(path)) => named(tables.of_psam(path, &columns)?),
        (None, OwnTraits::None) => {
            return Err(Error::inconsistent(
                "these genotypes come without phenotypes",
                "give phenotypes with -p FILE, in the order of the individuals, or with --pheno FILE, by id; for a kinship without a phenotype, use `--kinship-qc all`",
            ));
        }
    };
    notes.extend(said);
    Ok(phenotypes)
}

/// Phenotypes that have the numbers of their columns as names.
fn numbered(columns: Vec<(usize, Vec<Option<f64>>)>) -> Phenotypes {
    let columns = columns.into_iter();
    let all = columns.map(|(column, values)| Phenotype {
        name: column.to_string(),
        values,
    });
    Phenotypes {
        all: all.collect(),
        are_named: false,
        counts: Vec::new(),
    }
}

/// The columns of a file without a header, counted from 1; `None` for all.
fn numbers(columns: Columns) -> Result<Option<Vec<usize>>> {
    match columns {
        Columns::First => Ok(Some(vec![1])),
        Columns::Listed(columns) => Ok(Some(columns)),
        Columns::All => Ok(None),
        Columns::Named(_) => Err(Error::option(
            "--pheno-name",
            "the columns of these phenotypes have no names",
            "choose columns by number with -n or --traits, or give a table with a header with --pheno",
        )),
    }
}
