//! `PREFIX.residU.txt` and `PREFIX.residE.txt`, one value per line for each analysed individual; `PREFIX.TRAIT.residU.txt`
//! for each of several traits.

use super::traits::{OfTraits, trait_stem};
use crate::error::Result;
use crate::output::file::{OutputFile, OutputPlace, finish_all};
use crate::output::matrix::{MatrixFormat, write_vector};
use crate::output::open_files;
use crate::output::sink::{Residuals, RunHeader, Sink};
use crate::output::text::Packing;
use crate::progress::Stage;
use std::path::PathBuf;

/// Writes the residuals of the null models.
#[derive(Debug)]
pub struct ResidualFiles {
    place: OutputPlace,
    format: MatrixFormat,
    suffixes: OfTraits<[String; 2]>,
    /// Files for û and ê: opened, then complete.
    files: OfTraits<Vec<OutputFile>>,
}

impl ResidualFiles {
    /// Both files of each trait of `run` at `place`.
    #[must_use]
    pub fn new(place: OutputPlace, packing: Packing, run: &RunHeader) -> Self {
        let format = match packing {
            Packing::Plain => MatrixFormat::Text,
            Packing::Gzip => MatrixFormat::Gzip,
        };
        let extension = format.extension();
        Self {
            place,
            format,
            suffixes: OfTraits::of(run, |one| {
                let start = trait_stem(run, one);
                ["residU", "residE"].map(|stem| format!("{start}{stem}.{extension}"))
            }),
            files: OfTraits::default(),
        }
    }
}

impl Sink for ResidualFiles {
    fn paths(&self) -> Vec<PathBuf> {
        let suffixes = self.suffixes.iter().flatten();
        suffixes.map(|suffix| self.place.path(suffix)).collect()
    }

    fn check(&self, _: &RunHeader) -> Result<()> {
        open_files::allow(2 * self.suffixes.iter().count())
    }

    fn begin(&mut self, _: &RunHeader) -> Result<()> {
        self.files = self.suffixes.try_map(|suffixes| {
            let files = suffixes
                .iter()
                .map(|suffix| self.place.create_one_of_many(suffix));
            files.collect()
        })?;
        Ok(())
    }

    fn residuals(&mut self, group: usize, of: usize, residuals: Residuals<'_>) -> Result<()> {
        let values = [residuals.genetic, residuals.residual];
        let mut traits = self.files.of_group(group);
        let Some((_, files)) = traits.find(|(at, _)| *at == of) else {
            return Ok(());
        };
        let begun = std::mem::take(files);
        for (file, values) in begun.into_iter().zip(values) {
            files.push(write_vector(file, values, self.format)?.file);
        }
        Ok(())
    }

    fn failed(&mut self, group: usize, of: usize) -> Result<()> {
        self.files.remove(group, of);
        Ok(())
    }

    fn publish(&mut self, stage: Stage) -> Result<Vec<PathBuf>> {
        if stage != Stage::NullModel {
            return Ok(Vec::new());
        }
        let files = std::mem::take(&mut self.files);
        finish_all(files.into_values().flatten().collect())
    }
}
