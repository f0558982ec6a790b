//! Memory checks of a process that does only some stages of a run.

use super::job::Machine;
use super::plan::MemoryPlan;
use super::size::Size;
use crate::error::{Error, Result};
use crate::progress::Stage;

/// Bytes per individual of the SNPs that wait to be added to a sum, at least.
const WAITING: u64 = 30 << 10;

/// A plan that is checked when a stage begins, by a process that does not do all of them.
#[derive(Debug, Clone)]
pub(super) struct MemoryCheck {
    pub(super) plan: MemoryPlan,
    pub(super) machine: Machine,
    pub(super) size: Size,
}

impl MemoryCheck {
    /// Fails if the kinship does not fit with further sums in memory: those of chromosomes between whose SNPs others lie, or of
    /// the part that is being added.
    ///
    /// * `n_more`: number of further sums
    pub(super) fn check_sums(&self, n_more: usize) -> Result<()> {
        let largest = sum_bytes(self.size.everybody);
        let mut plan = self.plan.clone();
        plan.stages.retain(|of| of.stage == Stage::Kinship);
        for stage in &mut plan.stages {
            stage.bytes += n_more as u64 * largest;
        }
        plan.check(self.machine, self.size)
    }

    /// Fails if one of these stages does not fit on a worker.
    pub(super) fn check(&self, wanted: &[Stage]) -> Result<()> {
        self.check_unit(wanted, 0)
    }

    /// The same with sums that are unpacked before these stages: that of all SNPs, and that of the chromosome that is left out.
    pub(super) fn check_unit(&self, wanted: &[Stage], n_sums: u64) -> Result<()> {
        let n = self.size.analysed;
        let mut plan = self.plan.clone();
        plan.stages.retain(|of| wanted.contains(&of.stage));
        for stage in &mut plan.stages {
            stage.bytes += match stage.stage {
                // A sum is packed when no SNPs wait any more.
                Stage::Kinship => (12 * n * n).saturating_sub(WAITING * n),
                // A decomposition has three matrices, for which the sums have made room.
                Stage::Eigendecomposition => (n_sums * sum_bytes(n)).saturating_sub(24 * n * n),
                _ => 0,
            };
        }
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

/// Bytes of a sum of n individuals without the SNPs that wait to be added: of the largest kind, centred with missing calls.
fn sum_bytes(n: u64) -> u64 {
    16 * n * n
}
