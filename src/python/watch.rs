//! The state that a run shares with the thread that started it: progress and cancellation.

use crate::cli::Terminal;
use crate::progress::{Observer, Progress, Stage};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The state shared by the two threads.
pub(super) struct Watch {
    is_cancelled: AtomicBool,
    /// Whether the work has ended, or is no longer waited for.
    is_over: AtomicBool,
    stage: Mutex<Option<Position>>,
    /// Progress bars on a terminal, if requested.
    pub(super) terminal: Option<Terminal<'static>>,
}

/// The progress of a run within a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Position {
    pub(super) stage: Stage,
    n_snps: Option<u64>,
    /// Number of SNPs done, or the fraction done of a stage that does not process SNPs.
    done: f64,
}

impl Position {
    /// The fraction of the stage that is done, from 0 to 1; `None` if it is not known.
    pub(super) fn fraction(&self) -> Option<f64> {
        match self.n_snps {
            Some(0) => Some(1.0),
            Some(n_snps) => Some((self.done / n_snps as f64).min(1.0)),
            None => (self.done > 0.0).then_some(self.done),
        }
    }
}

impl Watch {
    pub(super) fn new(has_terminal: bool) -> Self {
        Self {
            is_cancelled: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            stage: Mutex::new(None),
            terminal: has_terminal.then(|| Terminal::new(false, &|| false)),
        }
    }

    pub(super) fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    pub(super) fn current(&self) -> MutexGuard<'_, Option<Position>> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Watch {
    fn on(&self, progress: Progress<'_>) {
        let mut current = self.current();
        match (progress, &mut *current) {
            (Progress::Began { stage, n_snps }, position) => {
                *position = Some(Position {
                    stage,
                    n_snps,
                    done: 0.0,
                });
            }
            (Progress::Advanced(n_snps), Some(position)) => position.done += n_snps as f64,
            (Progress::Fraction(done), Some(position)) => position.done = done,
            (Progress::Ended, Some(position)) => {
                position.done = position.n_snps.map_or(1.0, |n_snps| n_snps as f64);
            }
            // Notes are part of the report.
            (Progress::Note(_), _) => return,
            (_, None) => {}
        }
        drop(current);
        if let Some(terminal) = &self.terminal {
            terminal.on(progress);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }
}
