//! The only composition: a validated [`Job`] becomes files, or results in memory.
//!
//! study → kinship → eigendecomposition → rotation and null model → scan → log. Everything that can be known to fail
//! early fails before the work: inputs are opened and outputs are created first.

mod data;
mod inputs;
mod job;
mod memory;
mod notes;
mod plan;
mod run;
mod study;

pub use data::{FilesOnly, InMemory, Sink};
pub use job::{Analysis, FilterOptions, Job, KinshipSource, Places, QcOn, StudyFiles};
pub use memory::{FreeMemory, free_memory};
pub use plan::{MemoryPlan, Size, Stage};
pub use run::{Report, run, run_with};

/// Follows a run: progress and messages. The library prints nothing by itself.
pub trait Observer: Sync {
    /// A stage begins; `total` units of work where they can be counted.
    fn stage(&self, name: &str, total: Option<u64>);

    /// `units` more of the current stage are done.
    fn advance(&self, units: u64);

    /// This share, from 0 to 1, of the current stage is done, where it has no units.
    fn share(&self, done: f64);

    /// The current stage is done.
    fn done(&self);

    /// Something the user should know; it also goes to the log.
    fn note(&self, text: &str);

    /// Whether the run is to stop; asked often, it then fails with [`Error::Interrupted`](crate::Error).
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn stage(&self, _: &str, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn share(&self, _: f64) {}
    fn done(&self) {}
    fn note(&self, _: &str) {}
}
