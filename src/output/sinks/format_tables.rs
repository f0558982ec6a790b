//! Tables of associations in the formats besides GEMMA's, one for each trait.

use super::traits::{OfTraits, trait_stem};
use crate::assoc::AssocBlock;
use crate::error::{Error, Result};
use crate::io::tabix::{IndexKind, Order};
use crate::output::assoc::{AssocColumns, AssocWriter};
use crate::output::column_set::ColumnSet;
use crate::output::file::{OutputFile, OutputPlace, finish_all};
use crate::output::indexed_table::{IndexedTable, unsorted};
use crate::output::open_files;
use crate::output::report::{RunReport, TraitReport};
use crate::output::sink::{RunHeader, Sink};
use crate::output::ssf_table::{SsfTable, can_hold};
use crate::output::table_format::TableFormat;
use crate::output::table_writer::TableWriter;
use crate::output::text::Packing;
use std::path::PathBuf;

/// Writes the tables of a run in one format.
#[derive(Debug)]
pub struct FormatTables {
    place: OutputPlace,
    format: TableFormat,
    set: ColumnSet,
    traits: OfTraits<Named>,
    writers: OfTraits<(usize, Box<dyn TableWriter>)>,
    /// The kind of the indexes, if it is known in advance.
    index: Option<IndexKind>,
    /// The run, once the sink was begun.
    run: Option<RunHeader>,
}

/// The table of a trait.
#[derive(Debug)]
struct Named {
    number: usize,
    name: String,
    suffix: String,
}

impl FormatTables {
    /// The tables of `run` at `place`.
    ///
    /// * `set`: the columns of formats that have a choice
    #[must_use]
    pub fn new(place: OutputPlace, format: TableFormat, set: ColumnSet, run: &RunHeader) -> Self {
        Self {
            place,
            format,
            set: format.columns(set),
            traits: OfTraits::of(run, |one| Named {
                number: one.number,
                name: one.name.clone(),
                suffix: format!("{}{}", trait_stem(run, one), format.suffix()),
            }),
            writers: OfTraits::default(),
            index: run.tested.as_ref().map(|tested| {
                let largest = tested.iter().map(|snp| snp.ps).max();
                IndexKind::of(largest.unwrap_or_default())
            }),
            run: None,
        }
    }

    /// The files of a table.
    fn suffixes(&self, table: &str) -> Vec<String> {
        let kind = self.index.unwrap_or(IndexKind::Tbi);
        match self.format {
            TableFormat::Indexed => vec![table.into(), format!("{table}.{}", kind.extension())],
            TableFormat::Ssf => vec![table.into(), format!("{table}-meta.yaml")],
            _ => vec![table.into()],
        }
    }

    fn writer(
        &self,
        of: &Named,
        file: OutputFile,
        run: &RunHeader,
        n_tables: usize,
    ) -> Result<Box<dyn TableWriter>> {
        let columns = || AssocColumns::of(&run.products, self.set, &of.name);
        let there = || (self.place.clone(), of.suffix.clone());
        let is_alone = n_tables == 1;
        Ok(match self.format {
            TableFormat::Gemma | TableFormat::Tsv => {
                let writer = AssocWriter::new(file, Packing::Gzip, columns(), is_alone)?;
                Box::new(writer)
            }
            TableFormat::Indexed => Box::new(IndexedTable::new(
                file,
                there(),
                columns(),
                self.set,
                is_alone,
            )?),
            TableFormat::Ssf => Box::new(SsfTable::new(file, there(), &run.products, is_alone)?),
            TableFormat::Parquet => parquet(file, columns(), n_tables)?,
        })
    }

    /// Opens the tables.
    fn open(&mut self) -> Result<()> {
        let run = self.run.as_ref().expect("the sink was begun");
        let n_tables = self.traits.iter().count();
        self.writers = self.traits.try_map(|of| {
            let file = if n_tables == 1 {
                self.place.create(&of.suffix)?
            } else {
                self.place.create_one_of_many(&of.suffix)?
            };
            Ok((of.number, self.writer(of, file, run, n_tables)?))
        })?;
        Ok(())
    }

    /// Removes the index of another kind that an older run left: programs would take it for that of the new table.
    fn remove_old_index(&self, written: &[PathBuf]) -> Result<()> {
        let [Some(table), Some(index)] = [written.first(), written.get(1)] else {
            return Ok(());
        };
        for kind in [IndexKind::Tbi, IndexKind::Csi] {
            let other = PathBuf::from(format!("{}.{}", table.display(), kind.extension()));
            if self.format == TableFormat::Indexed && other != *index && other.exists() {
                std::fs::remove_file(&other).map_err(Error::io("remove", &other))?;
            }
        }
        Ok(())
    }
}

#[cfg(feature = "tables")]
fn parquet(
    file: OutputFile,
    columns: AssocColumns,
    n_tables: usize,
) -> Result<Box<dyn TableWriter>> {
    let table = crate::output::parquet::ParquetTable::new(file, columns, n_tables)?;
    Ok(Box::new(table))
}

#[cfg(not(feature = "tables"))]
fn parquet(_: OutputFile, _: AssocColumns, _: usize) -> Result<Box<dyn TableWriter>> {
    Err(not_built())
}

#[cfg(not(feature = "tables"))]
fn not_built() -> Error {
    let (what, hint) = crate::io::features::not_built("tables", "Parquet files");
    Error::option("--output-format", what, hint)
}

impl TableWriter for AssocWriter {
    fn write(&mut self, block: &AssocBlock, of: usize) -> Result<()> {
        AssocWriter::write(self, block, of)
    }

    fn complete(self: Box<Self>, _: &RunReport, _: &TraitReport) -> Result<Vec<OutputFile>> {
        Ok(vec![AssocWriter::complete(*self)?])
    }
}

impl Sink for FormatTables {
    fn paths(&self) -> Vec<PathBuf> {
        let tables = self.traits.iter();
        let suffixes = tables.flat_map(|of| self.suffixes(&of.suffix));
        suffixes.map(|suffix| self.place.path(&suffix)).collect()
    }

    fn check(&self, run: &RunHeader) -> Result<()> {
        #[cfg(not(feature = "tables"))]
        if self.format == TableFormat::Parquet {
            return Err(not_built());
        }
        if let Some(tested) = &run.tested {
            if self.format == TableFormat::Indexed {
                let mut order = Order::default();
                for snp in tested.iter() {
                    order.add(snp.chr, snp.ps).map_err(|what| unsorted(&what))?;
                }
            }
            if self.format == TableFormat::Ssf && !tested.iter().any(|snp| can_hold(&snp)) {
                return Err(Error::inconsistent(
                    "GWAS-SSF can hold none of these SNPs: it needs chromosomes 1 to 22, X, Y and MT, positions from 1 on, and alleles of the letters ACGT",
                    "omit ssf from --output-format",
                ));
            }
        }
        let n_tables = self.traits.iter().count() as u64;
        open_files::allow(self.suffixes("").len() * n_tables as usize)?;
        let n_columns = run.products.columns.as_ref().map_or(0, Vec::len) as u64;
        let rows = n_tables * run.n_snps.unwrap_or_default() as u64;
        self.place
            .check_room(rows * self.format.row_bytes(n_columns))
    }

    fn begin(&mut self, run: &RunHeader) -> Result<()> {
        self.run = Some(run.clone());
        self.open()
    }

    fn restart(&mut self) -> Result<()> {
        // Incomplete files are removed before others with their names are opened.
        self.writers = OfTraits::default();
        self.open()
    }

    fn block(&mut self, group: usize, block: &AssocBlock) -> Result<()> {
        for (of, (_, writer)) in self.writers.of_group(group) {
            writer.write(block, of)?;
        }
        Ok(())
    }

    fn failed(&mut self, group: usize, of: usize) -> Result<()> {
        self.writers.remove(group, of);
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        let writers = self.writers.iter();
        writers.flat_map(|(_, writer)| writer.notes()).collect()
    }

    /// The tables have the results of the whole run in their metadata.
    fn finish(&mut self, report: &RunReport) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for (number, writer) in std::mem::take(&mut self.writers).into_values() {
            let files = writer.complete(report, &report.traits[number])?;
            let written = finish_all(files)?;
            self.remove_old_index(&written)?;
            paths.extend(written);
        }
        Ok(paths)
    }
}
