//! `.assoc.parquet`: a table with typed columns, in row groups of single chromosomes.
//!
//! Numbers have all their digits, and undefined ones are null. The metadata of the file has the version, the command line and
//! the null model.

use super::assoc::AssocColumns;
use super::cell::{Cell, Kind, Row};
use super::file::OutputFile;
use super::json::Json;
use super::record;
use super::report::{RunReport, TraitReport};
use super::table_writer::TableWriter;
use crate::assoc::AssocBlock;
use crate::error::{Error, Result};
use polars::io::parquet::write::{BatchedWriter, KeyValueMetadata, ParquetWriter};
use polars::prelude::{
    Column, DataFrame, DataType, NamedFrom, PolarsError, PolarsResult, Schema, Series,
};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Most rows of a row group in a run of one trait.
const MOST_ROWS: usize = 1 << 17;
/// Fewest rows of a full row group in a run of many traits, each of which has one in memory.
const FEWEST_ROWS: usize = 1 << 12;

/// The file, which polars does not give back.
#[derive(Clone)]
struct Shared(Arc<Mutex<OutputFile>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Write::write(&mut *file, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Write::flush(&mut *file)
    }
}

/// The values of a column that wait to be written.
#[derive(Debug)]
enum Values {
    Texts(Vec<String>),
    Integers(Vec<i64>),
    Numbers(Vec<Option<f64>>),
}

impl Values {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Texts(Vec::new()),
            Kind::Integer => Self::Integers(Vec::new()),
            Kind::Number => Self::Numbers(Vec::new()),
        }
    }

    fn push(&mut self, cell: &Cell, at: Row<'_>, missing: &str) {
        match self {
            Self::Texts(texts) => {
                let mut text = Vec::new();
                cell.push_text(&mut text, at, missing);
                texts.push(String::from_utf8(text).expect("texts are UTF-8"));
            }
            Self::Integers(values) => values.push(cell.integer(at)),
            Self::Numbers(values) => {
                values.push(Some(cell.number(at)).filter(|value| !value.is_nan()));
            }
        }
    }

    /// The values as a column; none remain.
    fn take(&mut self, name: &str) -> Column {
        let name = name.into();
        match self {
            Self::Texts(texts) => Series::new(name, std::mem::take(texts)),
            Self::Integers(values) => Series::new(name, std::mem::take(values)),
            Self::Numbers(values) => Series::new(name, std::mem::take(values)),
        }
        .into()
    }
}

/// Writes the table of one trait.
pub(super) struct ParquetTable {
    path: PathBuf,
    file: Shared,
    writer: BatchedWriter<Shared>,
    columns: AssocColumns,
    waiting: Vec<Values>,
    n_waiting: usize,
    /// The chromosome of the rows that wait.
    chr: String,
    rows_at_once: usize,
}

impl std::fmt::Debug for ParquetTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ParquetTable({})", self.path.display())
    }
}

impl ParquetTable {
    /// * `n_traits`: the number of such tables
    pub(super) fn new(file: OutputFile, columns: AssocColumns, n_traits: usize) -> Result<Self> {
        let path = file.path().to_path_buf();
        let file = Shared(Arc::new(Mutex::new(file)));
        let fields = columns.columns.iter().map(|(name, cell)| {
            let data_type = match cell.kind() {
                Kind::Text => DataType::String,
                Kind::Integer => DataType::Int64,
                Kind::Number => DataType::Float64,
            };
            (name.as_str().into(), data_type)
        });
        let schema: Schema = fields.collect();
        // Its own thread pool would not respect the number of threads of the run.
        let writer = ParquetWriter::new(file.clone()).set_parallel(false);
        let writer = writer.batched(&schema).map_err(|e| failed(&path, e))?;
        let kinds = columns.columns.iter().map(|(_, cell)| cell.kind());
        Ok(Self {
            waiting: kinds.map(Values::of).collect(),
            n_waiting: 0,
            chr: String::new(),
            rows_at_once: (MOST_ROWS / n_traits.max(1)).clamp(FEWEST_ROWS, MOST_ROWS),
            path,
            file,
            writer,
            columns,
        })
    }

    /// Writes the rows that wait as a row group.
    fn flush(&mut self) -> Result<()> {
        if self.n_waiting == 0 {
            return Ok(());
        }
        let columns = self.columns.columns.iter().zip(&mut self.waiting);
        let columns = columns.map(|((name, _), values)| values.take(name));
        let frame = DataFrame::new(self.n_waiting, columns.collect());
        self.n_waiting = 0;
        frame
            .and_then(|frame| self.writer.write_batch(&frame))
            .map_err(|e| failed(&self.path, e))
    }

    /// Writes the end of the file.
    fn end(&self, metadata: Vec<(String, String)>) -> PolarsResult<()> {
        let KeyValueMetadata::Static(metadata) = KeyValueMetadata::from_static(metadata) else {
            unreachable!("it is static")
        };
        let writer = self.writer.get_writer();
        let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.end(Some(metadata)).map(drop)
    }
}

/// The error of polars about the file at `path`.
fn failed(path: &std::path::Path, error: PolarsError) -> Error {
    let reason = match error {
        PolarsError::IO { error, .. } => io::Error::new(error.kind(), error.to_string()),
        other => io::Error::other(other.to_string()),
    };
    Error::io("write", path)(reason)
}

impl TableWriter for ParquetTable {
    fn write(&mut self, block: &AssocBlock, of: usize) -> Result<()> {
        for row in 0..block.len() {
            let chr = block.snp(row).chr;
            if self.chr != chr || self.n_waiting == self.rows_at_once {
                self.flush()?;
                chr.clone_into(&mut self.chr);
            }
            let at = Row {
                block,
                of_trait: of,
                index: row,
            };
            for ((_, cell), values) in self.columns.columns.iter().zip(&mut self.waiting) {
                values.push(cell, at, "NA");
            }
            self.n_waiting += 1;
        }
        Ok(())
    }

    fn complete(
        mut self: Box<Self>,
        report: &RunReport,
        of: &TraitReport,
    ) -> Result<Vec<OutputFile>> {
        self.flush()?;
        let pairs = [
            ("jamma_version", env!("CARGO_PKG_VERSION").to_owned()),
            ("jamma_command", report.command.clone()),
            ("jamma_trait", of.name.clone()),
            ("jamma_null_model", record::null_models(of).to_string()),
            (
                "jamma_individuals",
                Json::from(of.ledger.analysed).to_string(),
            ),
        ];
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value));
        self.end(pairs.into()).map_err(|e| failed(&self.path, e))?;
        let Self { file, writer, .. } = *self;
        drop(writer);
        let file = Arc::into_inner(file.0).expect("the writer was dropped");
        Ok(vec![
            file.into_inner().unwrap_or_else(PoisonError::into_inner),
        ])
    }
}
