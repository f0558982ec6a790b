//! `PREFIX.run.json`.

use crate::error::Result;
use crate::output::file::{OutputFile, OutputPlace};
use crate::output::record;
use crate::output::report::RunReport;
use crate::output::sink::{RunHeader, Sink};
use std::path::PathBuf;

/// Writes the record of the run at its end.
#[derive(Debug)]
pub struct RunRecord {
    place: OutputPlace,
    file: Option<OutputFile>,
}

/// How the name of the file ends.
const SUFFIX: &str = "run.json";

impl RunRecord {
    /// The record at `place`.
    #[must_use]
    pub fn new(place: OutputPlace) -> Self {
        Self { place, file: None }
    }
}

impl Sink for RunRecord {
    fn paths(&self) -> Vec<PathBuf> {
        vec![self.place.path(SUFFIX)]
    }

    fn begin(&mut self, _: &RunHeader) -> Result<()> {
        self.file = Some(self.place.create(SUFFIX)?);
        Ok(())
    }

    fn finish(&mut self, report: &RunReport) -> Result<Vec<PathBuf>> {
        let mut file = self.file.take().expect("the sink was begun");
        file.write(format!("{}\n", record::json(report)).as_bytes())?;
        Ok(vec![file.finish()?])
    }
}
