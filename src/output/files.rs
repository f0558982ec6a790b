//! The files of a run: their paths, formats and the sinks that write them.

use super::column_set::ColumnSet;
use super::file::OutputPlace;
use super::matrix::MatrixFormat;
use super::sink::{RunHeader, Sink};
use super::sinks::{
    AssocTable, EigenFiles, FormatTables, HtmlReport, KinshipFile, LogFile, LongTable,
    ResidualFiles, RunRecord, StepwiseTable, check_names,
};
use super::table_format::TableFormat;
use super::text::Packing;
use crate::error::Result;
use std::path::PathBuf;

/// Paths and formats of the files of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFiles {
    /// `-outdir`.
    pub directory: PathBuf,
    /// `-o`.
    pub prefix: String,
    /// Format of matrices (`--format`, `--gz`).
    pub matrices: MatrixFormat,
    /// Format of tables (`--gz`).
    pub tables: Packing,
    /// `--long`: one table of all traits instead of one for each.
    pub is_long: bool,
    /// `--output-format`: the formats of tables, each once.
    pub formats: Vec<TableFormat>,
    /// `--columns`: the columns of tables in other formats than GEMMA's.
    pub columns: ColumnSet,
    /// `--report`: a report in HTML.
    pub has_report: bool,
}

impl Default for OutputFiles {
    /// `output/result.*`, as plain text.
    fn default() -> Self {
        Self {
            directory: "output".into(),
            prefix: "result".into(),
            matrices: MatrixFormat::default(),
            tables: Packing::default(),
            is_long: false,
            formats: vec![TableFormat::Gemma],
            columns: ColumnSet::default(),
            has_report: false,
        }
    }
}

impl OutputFiles {
    /// Directory and prefix of the files; the directory need not exist yet.
    #[must_use]
    pub fn place(&self) -> OutputPlace {
        OutputPlace::at(&self.directory, &self.prefix)
    }

    /// Fails if the directory cannot be created or written. Creates nothing.
    pub fn check_directory(&self) -> Result<()> {
        self.place().check()
    }

    /// Creates the directory, and removes unfinished files of earlier runs with this prefix.
    pub fn create_directory(&self) -> Result<()> {
        OutputPlace::new(&self.directory, &self.prefix).map(drop)
    }

    /// The sinks of `run`: GEMMA's files. The directory must exist before they begin.
    ///
    /// Fails if the files of two traits would have the same name.
    pub fn sinks(&self, run: &RunHeader) -> Result<Vec<Box<dyn Sink>>> {
        let (place, products) = (self.place(), &run.products);
        // The log is opened first: a run whose log cannot be written must not leave other files.
        let mut sinks: Vec<Box<dyn Sink>> = vec![
            Box::new(LogFile::new(place.clone())),
            Box::new(RunRecord::new(place.clone())),
        ];
        if let Some(kind) = products.kinship {
            sinks.push(Box::new(KinshipFile::new(
                place.clone(),
                kind,
                self.matrices,
                run.left_out.clone(),
            )));
        }
        if products.eigen {
            sinks.push(Box::new(EigenFiles::new(place.clone(), self.matrices)));
        }
        if products.residuals {
            check_names(run)?;
            let files = ResidualFiles::new(place.clone(), self.tables, run);
            sinks.push(Box::new(files));
        }
        if products.stepwise {
            sinks.push(Box::new(StepwiseTable::new(place.clone(), self.tables)));
        }
        if products.columns.is_none() {
            return Ok(sinks);
        }
        if self.has_report {
            sinks.push(Box::new(HtmlReport::new(place.clone(), run)?));
        }
        if !self.is_long {
            check_names(run)?;
        }
        for &format in &self.formats {
            format.columns(self.columns).check(products)?;
            let place = place.clone();
            sinks.push(match format {
                _ if self.is_long => Box::new(LongTable::new(
                    place,
                    format,
                    self.tables,
                    self.columns,
                    run,
                )),
                TableFormat::Gemma => Box::new(AssocTable::new(place, self.tables, run)),
                _ => Box::new(FormatTables::new(place, format, self.columns, run)),
            });
        }
        Ok(sinks)
    }

    /// Whether the tables need more statistics than GEMMA's columns have.
    #[must_use]
    pub fn needs_exchange(&self) -> bool {
        let sets = self
            .formats
            .iter()
            .map(|format| format.columns(self.columns));
        sets.into_iter().any(ColumnSet::needs_exchange)
    }
}
