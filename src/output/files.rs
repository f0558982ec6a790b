//! The files of a run: their paths, formats and the sinks that write them.

use super::file::OutputPlace;
use super::matrix::MatrixFormat;
use super::sink::{RunHeader, Sink};
use super::sinks::{
    AssocTable, EigenFiles, HtmlReport, KinshipFile, LogFile, LongTable, ResidualFiles, check_names,
};
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
        let mut sinks: Vec<Box<dyn Sink>> = vec![Box::new(LogFile::new(place.clone()))];
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
        if products.columns.is_some() && self.has_report {
            sinks.push(Box::new(HtmlReport::new(place.clone(), run)?));
        }
        if products.columns.is_some() && self.is_long {
            sinks.push(Box::new(LongTable::new(place, self.tables, run)));
        } else if products.columns.is_some() {
            check_names(run)?;
            sinks.push(Box::new(AssocTable::new(place, self.tables, run)));
        }
        Ok(sinks)
    }
}
