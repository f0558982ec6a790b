//! A run as another thread watches it: its progress, and whether it is to stop.

use crate::cli::Terminal;
use crate::pipeline::Observer;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the thread of a run and the calling thread share.
pub(super) struct Watch {
    is_cancelled: AtomicBool,
    /// The work has ended, or nobody waits for its end any more.
    is_over: AtomicBool,
    stage: Mutex<Option<Stage>>,
    /// Bars on a terminal, where they are asked for.
    pub(super) terminal: Option<Terminal<'static>>,
}

/// The stage of a run, as progress shows it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stage {
    pub(super) name: String,
    total: Option<u64>,
    done: f64,
}

impl Stage {
    /// From 0 to 1; `None` where it is not known.
    pub(super) fn share(&self) -> Option<f64> {
        match self.total {
            Some(0) => Some(1.0),
            Some(total) => Some((self.done / total as f64).min(1.0)),
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

    pub(super) fn current(&self) -> MutexGuard<'_, Option<Stage>> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Watch {
    fn stage(&self, name: &str, total: Option<u64>) {
        *self.current() = Some(Stage {
            name: name.to_owned(),
            total,
            done: 0.0,
        });
        if let Some(terminal) = &self.terminal {
            terminal.stage(name, total);
        }
    }

    fn advance(&self, units: u64) {
        if let Some(stage) = &mut *self.current() {
            stage.done += units as f64;
        }
        if let Some(terminal) = &self.terminal {
            terminal.advance(units);
        }
    }

    fn share(&self, done: f64) {
        if let Some(stage) = &mut *self.current() {
            stage.done = done;
        }
        if let Some(terminal) = &self.terminal {
            terminal.share(done);
        }
    }

    fn done(&self) {
        if let Some(stage) = &mut *self.current() {
            stage.done = stage.total.map_or(1.0, |total| total as f64);
        }
        if let Some(terminal) = &self.terminal {
            terminal.done();
        }
    }

    fn note(&self, _: &str) {
        // Notes are part of the report.
    }

    fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }
}
