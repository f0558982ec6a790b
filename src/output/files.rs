//! The files of a run: their paths, formats and the sinks that write them.

use super::file::OutputPlace;
use super::matrix::MatrixFormat;
use super::sink::{Products, Sink};
use super::sinks::{AssocTable, EigenFiles, KinshipFile, LogFile, ResidualFiles};
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
}

impl Default for OutputFiles {
    /// `output/result.*`, as plain text.
    fn default() -> Self {
        Self {
            directory: "output".into(),
            prefix: "result".into(),
            matrices: MatrixFormat::default(),
            tables: Packing::default(),
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

    /// The sinks of a run of `products`: GEMMA's files. The directory must exist before they begin.
    #[must_use]
    pub fn sinks(&self, products: &Products) -> Vec<Box<dyn Sink>> {
        let place = self.place();
        // The log is opened first: a run whose log cannot be written must not leave other files.
        let mut sinks: Vec<Box<dyn Sink>> = vec![Box::new(LogFile::new(place.clone()))];
        if let Some(kind) = products.kinship {
            sinks.push(Box::new(KinshipFile::new(
                place.clone(),
                kind,
                self.matrices,
            )));
        }
        if products.eigen {
            sinks.push(Box::new(EigenFiles::new(place.clone(), self.matrices)));
        }
        if products.residuals {
            sinks.push(Box::new(ResidualFiles::new(place.clone(), self.tables)));
        }
        if products.columns.is_some() {
            sinks.push(Box::new(AssocTable::new(place, self.tables)));
        }
        sinks
    }
}
