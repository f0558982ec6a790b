//! `PREFIX.assoc.txt` of several traits: the rows of one trait after another, with the name of the trait in the first
//! column (`--long`).

use super::assoc_table::table_bytes;
use super::traits::OfTraits;
use crate::assoc::AssocBlock;
use crate::error::{Error, Result};
use crate::output::assoc::AssocColumns;
use crate::output::column_set::ColumnSet;
use crate::output::file::{OutputFile, OutputPlace};
use crate::output::open_files;
use crate::output::sink::{RunHeader, Sink};
use crate::output::table_format::TableFormat;
use crate::output::text::{Packing, TextFile};
use crate::progress::Stage;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Bytes of a part that are copied at once.
const COPIED: usize = 1 << 22;

/// Writes one table of all traits.
///
/// The rows of each trait are collected in a file without a name, and copied at the end: traits may be computed in any
/// order, and one that fails leaves no rows.
#[derive(Debug)]
pub struct LongTable {
    place: OutputPlace,
    packing: Packing,
    /// How the name of the file ends.
    suffix: String,
    names: OfTraits<String>,
    columns: AssocColumns,
    /// The table, opened first so that a run that cannot write it fails early.
    file: Option<OutputFile>,
    parts: OfTraits<Part>,
}

/// The rows of a trait so far.
#[derive(Debug)]
struct Part {
    /// The first cell of every row, with its tab.
    label: Vec<u8>,
    rows: BufWriter<File>,
}

impl LongTable {
    /// The table of `run` at `place` in `format`, with the columns `set`.
    ///
    /// * `packing`: of GEMMA's format; the other is compressed
    ///
    /// # Panics
    /// If the format cannot hold several traits.
    #[must_use]
    pub fn new(
        place: OutputPlace,
        format: TableFormat,
        packing: Packing,
        set: ColumnSet,
        run: &RunHeader,
    ) -> Self {
        assert!(format.can_be_long(), "checked when the run was prepared");
        let (suffix, packing) = match format {
            TableFormat::Gemma => (format!("assoc.txt{}", packing.extension()), packing),
            _ => (format.suffix().to_owned(), Packing::Gzip),
        };
        Self {
            place,
            packing,
            suffix,
            names: OfTraits::of(run, |one| one.name.clone()),
            columns: AssocColumns::of(&run.products, format.columns(set), ""),
            file: None,
            parts: OfTraits::default(),
        }
    }

    fn path(&self) -> PathBuf {
        self.place.path(&self.suffix)
    }

    /// Opens the table, and the files of its parts.
    fn open(&mut self) -> Result<()> {
        self.file = Some(self.place.create(&self.suffix)?);
        let path = self.path();
        let directory = path.parent().unwrap_or(Path::new("."));
        self.parts = self.names.try_map(|name| {
            let rows = tempfile::tempfile_in(directory).map_err(Error::io("write", &path))?;
            Ok(Part {
                label: format!("{name}\t").into_bytes(),
                rows: BufWriter::with_capacity(1 << 15, rows),
            })
        })?;
        Ok(())
    }
}

impl Sink for LongTable {
    fn paths(&self) -> Vec<PathBuf> {
        vec![self.path()]
    }

    fn check(&self, run: &RunHeader) -> Result<()> {
        let n_traits = self.names.iter().count() as u64;
        open_files::allow(n_traits as usize)?;
        // The rows of all traits as text, and the table.
        let rows = table_bytes(run, Packing::Plain);
        let bytes = n_traits * (rows + table_bytes(run, self.packing));
        self.place.check_room(bytes)
    }

    fn begin(&mut self, _: &RunHeader) -> Result<()> {
        self.open()
    }

    fn restart(&mut self) -> Result<()> {
        (self.file, self.parts) = (None, OfTraits::default());
        self.open()
    }

    fn block(&mut self, group: usize, block: &AssocBlock) -> Result<()> {
        let path = self.path();
        for (of, part) in self.parts.of_group(group) {
            let texts = self.columns.rows(block, of, &part.label);
            let mut texts = texts.iter();
            texts
                .try_for_each(|text| part.rows.write_all(text))
                .map_err(Error::io("write", &path))?;
        }
        Ok(())
    }

    fn failed(&mut self, group: usize, of: usize) -> Result<()> {
        self.parts.remove(group, of);
        Ok(())
    }

    fn publish(&mut self, stage: Stage) -> Result<Vec<PathBuf>> {
        if stage != Stage::Association {
            return Ok(Vec::new());
        }
        let path = self.path();
        let file = self.file.take().expect("the sink was begun");
        let mut table = TextFile::new(file, self.packing)?;
        table.write(vec![self.columns.header("trait\t")])?;
        for mut part in std::mem::take(&mut self.parts).into_values() {
            part.rows.flush().map_err(Error::io("write", &path))?;
            let rows = part.rows.get_mut();
            rows.rewind().map_err(Error::io("read", &path))?;
            loop {
                let mut text = Vec::with_capacity(COPIED);
                let mut some = Read::take(&mut *rows, COPIED as u64);
                let read = some.read_to_end(&mut text);
                if read.map_err(Error::io("read", &path))? == 0 {
                    break;
                }
                table.write(vec![text])?;
            }
        }
        Ok(vec![table.finish()?])
    }
}
