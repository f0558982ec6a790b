//! `PREFIX.cXX.txt` and `PREFIX.sXX.txt`, next to the ids of their rows; without a chromosome, `PREFIX.CHR.cXX.txt`.

use crate::error::Result;
use crate::io::fam::Individual;
use crate::io::seal::encoded;
use crate::kinship::{Kinship, KinshipKind};
use crate::output::file::OutputPlace;
use crate::output::ids::{check_ids_are_free, finish_with_ids};
use crate::output::matrix::{MatrixFormat, Written, write_matrix};
use crate::output::sink::{LeftOut, RunHeader, Sink};
use crate::progress::Stage;
use std::path::PathBuf;
use std::sync::Arc;

/// Writes the kinships of all individuals.
#[derive(Debug)]
pub struct KinshipFile {
    place: OutputPlace,
    kind: KinshipKind,
    format: MatrixFormat,
    left_out: LeftOut,
    everybody: Arc<[Individual]>,
    /// The matrix to be published, and the chromosome that is left out.
    written: Option<(Written, Option<String>)>,
}

impl KinshipFile {
    /// The kinships of `kind` at `place`.
    #[must_use]
    pub fn new(
        place: OutputPlace,
        kind: KinshipKind,
        format: MatrixFormat,
        left_out: LeftOut,
    ) -> Self {
        Self {
            place,
            kind,
            format,
            left_out,
            everybody: Arc::default(),
            written: None,
        }
    }

    /// What comes between the prefix and the extension, if `left_out` is left out.
    fn stem(&self, left_out: Option<&str>) -> String {
        let kind = self.kind.suffix();
        match (&self.left_out, left_out) {
            (LeftOut::Every(_), Some(name)) => format!("{}.{kind}", encoded(name)),
            _ => kind.to_owned(),
        }
    }

    /// The stems of all kinships.
    fn stems(&self) -> Vec<String> {
        match &self.left_out {
            LeftOut::Every(names) => names.iter().map(|name| self.stem(Some(name))).collect(),
            LeftOut::None | LeftOut::One(_) => vec![self.stem(None)],
        }
    }

    fn suffix(&self, stem: &str) -> String {
        format!("{stem}.{}", self.format.extension())
    }
}

impl Sink for KinshipFile {
    fn paths(&self) -> Vec<PathBuf> {
        let stems = self.stems();
        let suffixes = (stems.iter()).flat_map(|stem| [self.suffix(stem), format!("{stem}.id")]);
        suffixes.map(|suffix| self.place.path(&suffix)).collect()
    }

    fn check(&self, run: &RunHeader) -> Result<()> {
        let n = run.everybody.len() as u64;
        let stems = self.stems();
        for stem in &stems {
            check_ids_are_free(&self.place, stem, self.format, &run.everybody)?;
        }
        let bytes = stems.len() as u64 * self.format.bytes(n * n);
        self.place.check_room(bytes)
    }

    /// Fails now if a kinship could not be written later; its temporary file is created when the kinship is
    /// available.
    fn begin(&mut self, run: &RunHeader) -> Result<()> {
        self.everybody = Arc::clone(&run.everybody);
        for stem in self.stems() {
            self.place.create(&self.suffix(&stem)).map(drop)?;
        }
        Ok(())
    }

    fn kinship(&mut self, left_out: Option<&str>, kinship: &Arc<Kinship>) -> Result<()> {
        let file = self.place.create(&self.suffix(&self.stem(left_out)))?;
        let written = write_matrix(file, &kinship.matrix, self.format)?;
        self.written = Some((written, left_out.map(str::to_owned)));
        Ok(())
    }

    fn publish(&mut self, stage: Stage) -> Result<Vec<PathBuf>> {
        if stage != Stage::Kinship {
            return Ok(Vec::new());
        }
        let (matrix, left_out) = self.written.take().expect("the kinship was written");
        let left_out = left_out.as_deref();
        let ids = self.place.path(&format!("{}.id", self.stem(left_out)));
        finish_with_ids(&ids, &self.everybody, left_out, self.format, matrix, None)
    }
}
