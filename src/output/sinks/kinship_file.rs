//! `PREFIX.cXX.txt` and `PREFIX.sXX.txt`, next to the ids of their rows.

use crate::error::Result;
use crate::io::fam::Individual;
use crate::kinship::{Kinship, KinshipKind};
use crate::output::file::OutputPlace;
use crate::output::ids::{check_ids_are_free, finish_with_ids};
use crate::output::matrix::{MatrixFormat, Written, write_matrix};
use crate::output::sink::{RunHeader, Sink};
use crate::progress::Stage;
use std::path::PathBuf;
use std::sync::Arc;

/// Writes the kinship of all individuals.
#[derive(Debug)]
pub struct KinshipFile {
    place: OutputPlace,
    kind: KinshipKind,
    format: MatrixFormat,
    everybody: Arc<[Individual]>,
    written: Option<Written>,
}

impl KinshipFile {
    /// The kinship of `kind` at `place`.
    #[must_use]
    pub fn new(place: OutputPlace, kind: KinshipKind, format: MatrixFormat) -> Self {
        Self {
            place,
            kind,
            format,
            everybody: Arc::default(),
            written: None,
        }
    }

    fn suffix(&self) -> String {
        format!("{}.{}", self.kind.suffix(), self.format.extension())
    }
}

impl Sink for KinshipFile {
    fn paths(&self) -> Vec<PathBuf> {
        let ids = format!("{}.id", self.kind.suffix());
        vec![self.place.path(&self.suffix()), self.place.path(&ids)]
    }

    fn check(&self, run: &RunHeader) -> Result<()> {
        let n = run.everybody.len() as u64;
        let stem = self.kind.suffix();
        check_ids_are_free(&self.place, stem, self.format, &run.everybody)?;
        self.place.check_room(self.format.bytes(n * n))
    }

    /// Fails now if the kinship could not be written later; its temporary file is created when the kinship is
    /// available.
    fn begin(&mut self, run: &RunHeader) -> Result<()> {
        self.everybody = Arc::clone(&run.everybody);
        self.place.create(&self.suffix()).map(drop)
    }

    fn kinship(&mut self, kinship: &Arc<Kinship>) -> Result<()> {
        let file = self.place.create(&self.suffix())?;
        self.written = Some(write_matrix(file, &kinship.matrix, self.format)?);
        Ok(())
    }

    fn publish(&mut self, stage: Stage) -> Result<Vec<PathBuf>> {
        if stage != Stage::Kinship {
            return Ok(Vec::new());
        }
        let matrix = self.written.take().expect("the kinship was written");
        let ids = self.place.path(&format!("{}.id", self.kind.suffix()));
        finish_with_ids(&ids, &self.everybody, self.format, matrix, None)
    }
}
