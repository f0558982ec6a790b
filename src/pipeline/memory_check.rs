//! Memory checks of a process that does only some stages of a run.

use super::job::Machine;
use super::plan::MemoryPlan;
use super::size::Size;
use crate::error::Result;
use crate::progress::Stage;

/// A plan that is checked when a stage begins, by a process that does not do all of them.
#[derive(Debug, Clone)]
pub(super) struct MemoryCheck {
    pub(super) plan: MemoryPlan,
    pub(super) machine: Machine,
    pub(super) size: Size,
}

impl MemoryCheck {
    /// Fails if any stage does not fit.
    pub(super) fn check_all(&self) -> Result<()> {
        self.plan.check(self.machine, self.size)
    }

    /// Fails if this stage does not fit.
    pub(super) fn check_stage(&self, wanted: Stage) -> Result<()> {
        let mut plan = self.plan.clone();
        plan.stages.retain(|of| of.stage == wanted);
        if plan.stages.is_empty() {
            return Ok(());
        }
        plan.check(self.machine, self.size)
    }
}
