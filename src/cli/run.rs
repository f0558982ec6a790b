//! A job, run on the terminal.

use super::args::Args;
use super::backends::Backends;
use super::progress::Terminal;
use crate::error::Result;
use crate::pipeline::{self, Job, Report};

/// What a command runs in.
pub(super) struct Setting<'a> {
    pub(super) backends: &'a dyn Backends,
    /// Whether the run is to stop.
    pub(super) is_cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl Setting<'_> {
    /// Runs `job`, which was made of `args`, with progress and a summary.
    pub(super) fn run(&self, job: &Job, args: &Args) -> Result<Report> {
        let backend = self.backends.choose(args.backend, job.memory)?;
        let observer = Terminal::new(args.silence, self.is_cancelled);
        observer.banner();
        let result = pipeline::run(job, &*backend, &observer);
        observer.clear();
        let report = result?;
        observer.summary(&report);
        Ok(report)
    }
}
