//! `PREFIX.assoc.txt`, or `PREFIX.TRAIT.assoc.txt` for each of several traits: one row per tested SNP, in GEMMA's columns.

use super::traits::{OfTraits, trait_stem};
use crate::assoc::AssocBlock;
use crate::error::{Error, Result};
use crate::output::assoc::{AssocColumns, AssocWriter};
use crate::output::column_set::ColumnSet;
use crate::output::file::{OutputPlace, finish_all};
use crate::output::open_files;
use crate::output::sink::{RunHeader, Sink};
use crate::output::text::Packing;
use crate::progress::Stage;
use std::path::{Path, PathBuf};

/// Writes a table of associations for each trait.
#[derive(Debug)]
pub struct AssocTable {
    place: OutputPlace,
    packing: Packing,
    suffixes: OfTraits<String>,
    columns: Option<AssocColumns>,
    writers: OfTraits<AssocWriter>,
}

/// Approximate bytes of a table.
pub(super) fn table_bytes(run: &RunHeader, packing: Packing) -> u64 {
    let n_columns = run.products.columns.as_ref().map_or(0, Vec::len) as u64;
    let row_bytes = match packing {
        Packing::Plain => 40 + 14 * n_columns,
        Packing::Gzip => 20 + 8 * n_columns,
    };
    run.n_snps.unwrap_or_default() as u64 * row_bytes
}

/// Fails if `path` is a pipe or a device, from which rows that were written cannot be removed.
fn check_regular(path: &Path) -> Result<()> {
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(Error::option(
            "--stepwise",
            format!(
                "{} is not a regular file, but the table is written anew after each step",
                path.display()
            ),
            "write to a file: -o PREFIX",
        ));
    }
    Ok(())
}

impl AssocTable {
    /// The tables of `run` at `place`.
    #[must_use]
    pub fn new(place: OutputPlace, packing: Packing, run: &RunHeader) -> Self {
        let extension = packing.extension();
        Self {
            place,
            packing,
            suffixes: OfTraits::of(run, |one| {
                format!("{}assoc.txt{extension}", trait_stem(run, one))
            }),
            columns: None,
            writers: OfTraits::default(),
        }
    }

    /// Opens the tables.
    fn open(&mut self) -> Result<()> {
        let columns = self.columns.as_ref().expect("the sink was begun");
        let is_alone = self.suffixes.iter().count() == 1;
        self.writers = self.suffixes.try_map(|suffix| {
            let file = if is_alone {
                self.place.create(suffix)?
            } else {
                self.place.create_one_of_many(suffix)?
            };
            AssocWriter::new(file, self.packing, columns.clone(), is_alone)
        })?;
        Ok(())
    }
}

impl Sink for AssocTable {
    fn paths(&self) -> Vec<PathBuf> {
        let suffixes = self.suffixes.iter();
        suffixes.map(|suffix| self.place.path(suffix)).collect()
    }

    fn check(&self, run: &RunHeader) -> Result<()> {
        if run.products.stepwise {
            self.paths()
                .iter()
                .try_for_each(|path| check_regular(path))?;
        }
        let n_tables = self.suffixes.iter().count() as u64;
        open_files::allow(n_tables as usize)?;
        self.place
            .check_room(n_tables * table_bytes(run, self.packing))
    }

    fn begin(&mut self, run: &RunHeader) -> Result<()> {
        self.columns = Some(AssocColumns::of(&run.products, ColumnSet::Gemma, ""));
        self.open()
    }

    fn restart(&mut self) -> Result<()> {
        // Incomplete files are removed before others with their names are opened.
        self.writers = OfTraits::default();
        self.open()
    }

    fn block(&mut self, group: usize, block: &AssocBlock) -> Result<()> {
        for (of, writer) in self.writers.of_group(group) {
            writer.write(block, of)?;
        }
        Ok(())
    }

    fn failed(&mut self, group: usize, of: usize) -> Result<()> {
        self.writers.remove(group, of);
        Ok(())
    }

    fn publish(&mut self, stage: Stage) -> Result<Vec<PathBuf>> {
        if stage != Stage::Association {
            return Ok(Vec::new());
        }
        let writers = std::mem::take(&mut self.writers);
        let files = writers.into_values().map(AssocWriter::complete);
        finish_all(files.collect::<Result<_>>()?)
    }
}
