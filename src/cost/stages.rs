//! The cost of the stages of an analysis.

use crate::progress::Stage;

/// The cost of a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageCost {
    /// The stage.
    pub stage: Stage,
    /// Processes that share the work.
    pub processes: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Seconds that reading takes at the rate of the file system. It overlaps with the arithmetic.
    pub reading_seconds: f64,
    /// Seconds of all threads together.
    pub processor_seconds: f64,
    /// Bytes of memory of each process.
    pub memory: u64,
    /// Bytes of memory that each process may use; `None` if unknown.
    pub available: Option<u64>,
    /// Bytes read from files, by all processes.
    pub read: u64,
    /// Bytes written to files, by all processes.
    pub written: u64,
    /// Bytes sent from one process to another.
    pub sent: u64,
}

impl StageCost {
    /// Whether the stage fits in the memory of its processes, as far as that is known.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.available
            .is_none_or(|available| self.memory <= available)
    }
}

/// The cost of an analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// The stages, in their order.
    pub stages: Vec<StageCost>,
}

impl Cost {
    /// Wall-clock seconds of all stages.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.stages.iter().map(|of| of.seconds).sum()
    }

    /// Seconds of all threads together.
    #[must_use]
    pub fn processor_seconds(&self) -> f64 {
        self.stages.iter().map(|of| of.processor_seconds).sum()
    }

    /// Whether every stage fits in memory.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.stages.iter().all(StageCost::fits)
    }

    /// The cost of a stage.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> Option<&StageCost> {
        self.stages.iter().find(|of| of.stage == stage)
    }
}
