//! Runs a job with progress and a summary on the terminal.

use super::args::Args;
use super::backends::Backends;
use super::progress::Terminal;
use crate::backend::{Backend, CpuBackend};
use crate::error::Result;
use crate::output::report::RunReport;
use crate::pipeline::parts::Elsewhere;
use crate::pipeline::{self, Job};

/// The context in which a command runs.
pub(super) struct Setting<'a> {
    pub(super) backends: &'a dyn Backends,
    /// Returns true when the run is to stop.
    pub(super) is_cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl Setting<'_> {
    /// Runs `job`, made from `args`, with progress and a summary.
    pub(super) fn run(&self, job: Job, args: &Args) -> Result<RunReport> {
        self.run_elsewhere(job, args, None)
    }

    /// The same with partial results that are computed elsewhere.
    pub(super) fn run_elsewhere(
        &self,
        job: Job,
        args: &Args,
        elsewhere: Option<&mut dyn Elsewhere>,
    ) -> Result<RunReport> {
        let backend: Box<dyn Backend> = match args.backend {
            // The default of the environment is for the analyses that have a choice.
            None if job.only_of_rust().is_some() => Box::new(CpuBackend),
            asked => self.backends.choose(asked, job.machine.memory)?,
        };
        let observer = Terminal::new(args.silence, self.is_cancelled);
        observer.banner();
        let of_run = pipeline::Setting {
            // Not `elsewhere` itself: its lifetime is longer than that of the other parts.
            elsewhere: match elsewhere {
                Some(elsewhere) => Some(elsewhere),
                None => None,
            },
            ..pipeline::Setting::new(&*backend, &observer)
        };
        let result = pipeline::run(job, of_run);
        observer.clear();
        let report = result?;
        observer.summary(&report);
        Ok(report)
    }
}
