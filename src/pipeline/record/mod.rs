//! What the record of a run (`PREFIX.run.json`) says about its options, its method and its files.
//!
//! Every option of the command line is a member of the record, under its name there. `cli/recorded.rs` tests that none is
//! forgotten, and the structs of a job are taken apart completely, so that a new field does not compile until it is recorded.

mod files;
mod genotypes;
mod kinship;
mod memory;
mod method;
mod options;
mod values;

pub(super) use files::{inputs, is_other, output, written};
pub(super) use memory::in_memory;
pub(super) use method::method;
use options::options;

use super::job::Job;
use crate::output::json::Json;

impl Job {
    /// The options of the run by their names on the command line, as the record of the run (`PREFIX.run.json`) has them.
    #[must_use]
    pub fn options(&self) -> Vec<(&'static str, Json)> {
        options(self)
    }
}
