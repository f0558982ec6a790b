//! `PREFIX.log.txt`.

use crate::error::Result;
use crate::output::file::{OutputFile, OutputPlace};
use crate::output::log;
use crate::output::report::RunReport;
use crate::output::sink::{RunHeader, Sink};
use std::path::PathBuf;

/// Writes the log at the end of the run.
#[derive(Debug)]
pub struct LogFile {
    place: OutputPlace,
    file: Option<OutputFile>,
}

impl LogFile {
    /// The log at `place`.
    #[must_use]
    pub fn new(place: OutputPlace) -> Self {
        Self { place, file: None }
    }
}

impl Sink for LogFile {
    fn paths(&self) -> Vec<PathBuf> {
        vec![self.place.path("log.txt")]
    }

    fn begin(&mut self, _: &RunHeader) -> Result<()> {
        self.file = Some(self.place.create("log.txt")?);
        Ok(())
    }

    fn finish(&mut self, report: &RunReport) -> Result<Vec<PathBuf>> {
        let mut file = self.file.take().expect("the sink was begun");
        file.write(log::text(report).as_bytes())?;
        Ok(vec![file.finish()?])
    }
}
