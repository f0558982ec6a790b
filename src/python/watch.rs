//! What a run tells the thread that began it, and whether it is to stop.

use crate::cli::Terminal;
use crate::progress::{Observer, Progress, Stage};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the two threads share.
pub(super) struct Watch {
    is_cancelled: AtomicBool,
    /// The work has ended, or nobody waits for its end any more.
    is_over: AtomicBool,
    stage: Mutex<Option<Position>>,
    /// Bars on a terminal, if they are asked for.
    pub(super) terminal: Option<Terminal<'static>>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Position {
    pub(super) stage: Stage,
    n_snps: Option<u64>,
    /// SNPs, or the fraction of a stage that does not go through SNPs.
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
