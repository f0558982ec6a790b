//! Memory checks of a process that does only some stages of a run.

use super::job::Machine;
use super::plan::MemoryPlan;
use super::size::Size;
use crate::error::{Error, Result};
use crate::progress::Stage;

/// A plan that is checked when a stage begins, by a process that does not do all of them.
#[derive(Debug, Clone)]
pub(super) struct MemoryCheck {
    pub(super) plan: MemoryPlan,
    pub(super) machine: Machine,
    pub(super) size: Size,
}

impl MemoryCheck {
    /// Fails if the kinship does not fit with further sums in memory: those of other chromosomes, or of the part that is being
    /// added.
    ///
    /// * `n_more`: number of further sums
    pub(super) fn check_sums(&self, n_more: usize) -> Result<()> {
        // A centred sum with missing calls, the largest kind, without the SNPs that wait to be added.
        let largest = 16 * self.size.everybody * self.size.everybody;
        let mut plan = self.plan.clone();
        plan.stages.retain(|of| of.stage == Stage::Kinship);
        for stage in &mut plan.stages {
            stage.bytes += n_more as u64 * largest;
        }
        plan.check(self.machine, self.size)
    }

    /// Fails if one of these stages does not fit.
    pub(super) fn check(&self, wanted: &[Stage]) -> Result<()> {
        let mut plan = self.plan.clone();
        plan.stages.retain(|of| wanted.contains(&of.stage));
        if plan.stages.is_empty() {
            return Ok(());
        }
        let checked = plan.check(self.machine, self.size);
        checked.map_err(|error| match error {
            // The option --memory has no effect on workers.
            Error::Memory { what, .. } => Error::Memory {
                what: what.replace("(--memory)", "(85 % of the worker's limit)"),
                hint:
                    "start workers with more memory (--memory-limit), fewer of them on each machine"
                        .into(),
            },
            other => other,
        })
    }
}
