//! `PREFIX.residU.txt` and `PREFIX.residE.txt`, one value per line for each analysed individual.

use crate::cohort::WorkUnit;
use crate::error::Result;
use crate::output::file::{OutputFile, OutputPlace, finish_all};
use crate::output::matrix::{MatrixFormat, write_vector};
use crate::output::sink::{Residuals, RunHeader, Sink, check_single_trait};
use crate::output::text::Packing;
use crate::progress::Stage;
use std::path::PathBuf;

/// Writes the residuals of one trait's null model.
#[derive(Debug)]
pub struct ResidualFiles {
    place: OutputPlace,
    format: MatrixFormat,
    /// Files for û and ê: opened, then complete.
    files: Vec<OutputFile>,
}

impl ResidualFiles {
    /// Both files at `place`.
    #[must_use]
    pub fn new(place: OutputPlace, packing: Packing) -> Self {
        Self {
            place,
            format: match packing {
                Packing::Plain => MatrixFormat::Text,
                Packing::Gzip => MatrixFormat::Gzip,
            },
            files: Vec::new(),
        }
    }
}

impl ResidualFiles {
    fn suffixes(&self) -> [String; 2] {
        ["residU", "residE"].map(|stem| format!("{stem}.{}", self.format.extension()))
    }
}

impl Sink for ResidualFiles {
    fn paths(&self) -> Vec<PathBuf> {
        let suffixes = self.suffixes();
        suffixes
            .iter()
            .map(|suffix| self.place.path(suffix))
            .collect()
    }

    fn check(&self, run: &RunHeader) -> Result<()> {
        check_single_trait(run)
    }

    fn begin(&mut self, _: &RunHeader) -> Result<()> {
        for suffix in self.suffixes() {
            self.files.push(self.place.create(&suffix)?);
        }
        Ok(())
    }

    fn residuals(&mut self, _: &WorkUnit, _: usize, residuals: Residuals<'_>) -> Result<()> {
        let values = [residuals.genetic, residuals.residual];
        let begun = std::mem::take(&mut self.files);
        for (file, values) in begun.into_iter().zip(values) {
            self.files
                .push(write_vector(file, values, self.format)?.file);
        }
        Ok(())
    }

    fn publish(&mut self, stage: Stage) -> Result<Vec<PathBuf>> {
        if stage != Stage::NullModel {
            return Ok(Vec::new());
        }
        finish_all(std::mem::take(&mut self.files))
    }
}
