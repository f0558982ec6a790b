//! `PREFIX.eigenD.txt` and `PREFIX.eigenU.txt`, next to the ids of the rows of U.

use crate::cohort::WorkUnit;
use crate::eigen::Eigen;
use crate::error::{Error, Result};
use crate::io::fam::Individual;
use crate::output::file::{OutputFile, OutputPlace};
use crate::output::ids::{check_ids_are_free, finish_with_ids};
use crate::output::matrix::{MatrixFormat, Written, write_matrix, write_vector};
use crate::output::sink::{LeftOut, RunHeader, Sink};
use crate::progress::Stage;
use std::path::PathBuf;
use std::sync::Arc;

/// Writes the eigendecomposition of the analysed individuals.
#[derive(Debug)]
pub struct EigenFiles {
    place: OutputPlace,
    format: MatrixFormat,
    analysed: Arc<[Individual]>,
    left_out: LeftOut,
    /// Files for values and vectors, opened by `begin`.
    files: Option<[OutputFile; 2]>,
    written: Option<[Written; 2]>,
}

impl EigenFiles {
    /// Both files at `place`.
    #[must_use]
    pub fn new(place: OutputPlace, format: MatrixFormat) -> Self {
        Self {
            place,
            format,
            analysed: Arc::default(),
            left_out: LeftOut::None,
            files: None,
            written: None,
        }
    }
}

/// The individuals of the only group.
fn analysed(run: &RunHeader) -> Result<&Arc<[Individual]>> {
    match run.groups.as_slice() {
        [group] if !matches!(run.left_out, LeftOut::Every(_)) => Ok(&group.analysed),
        _ => Err(Error::inconsistent(
            "the files of an eigendecomposition hold one, but this run computes several",
            "decompose for one trait, and without -loco or for one chromosome",
        )),
    }
}

impl EigenFiles {
    fn suffixes(&self) -> [String; 2] {
        ["eigenD", "eigenU"].map(|stem| format!("{stem}.{}", self.format.extension()))
    }
}

impl Sink for EigenFiles {
    fn paths(&self) -> Vec<PathBuf> {
        let [values, vectors] = self.suffixes();
        let suffixes = [values, vectors, "eigenU.id".to_owned()];
        suffixes
            .iter()
            .map(|suffix| self.place.path(suffix))
            .collect()
    }

    fn check(&self, run: &RunHeader) -> Result<()> {
        let analysed = analysed(run)?;
        let n = analysed.len() as u64;
        check_ids_are_free(&self.place, "eigenU", self.format, analysed)?;
        self.place.check_room(self.format.bytes(n * n))
    }

    fn begin(&mut self, run: &RunHeader) -> Result<()> {
        self.analysed = Arc::clone(analysed(run)?);
        self.left_out.clone_from(&run.left_out);
        let [values, vectors] = self.suffixes();
        self.files = Some([self.place.create(&values)?, self.place.create(&vectors)?]);
        Ok(())
    }

    fn eigen(&mut self, _: &WorkUnit, eigen: &Eigen) -> Result<()> {
        let [values, vectors] = self.files.take().expect("the sink was begun");
        self.written = Some([
            write_vector(values, &eigen.values, self.format)?,
            write_matrix(vectors, &eigen.vectors, self.format)?,
        ]);
        Ok(())
    }

    fn publish(&mut self, stage: Stage) -> Result<Vec<PathBuf>> {
        if stage != Stage::Eigendecomposition {
            return Ok(Vec::new());
        }
        let [values, vectors] = self.written.take().expect("both files were written");
        let ids = self.place.path("eigenU.id");
        let left_out = match &self.left_out {
            LeftOut::One(name) => Some(name.as_str()),
            LeftOut::None | LeftOut::Every(_) => None,
        };
        let (format, values) = (self.format, Some(values));
        finish_with_ids(&ids, &self.analysed, left_out, format, vectors, values)
    }
}
