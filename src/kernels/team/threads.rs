//! The system's threads, and how long they wait, as used in [`steps`](super::steps).

pub(super) use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
pub(super) use std::sync::{Mutex, MutexGuard};
pub(super) use std::thread::{Thread, current, park};
use std::time::{Duration, Instant};

/// Rounds that a thread waits before it yields the processor: a few microseconds.
const SPINS: usize = 200;
/// How long a helper waits for the next step before it sleeps: about the longest sequential part between two steps.
const AWAKE: Duration = Duration::from_millis(1);

/// A wait in rounds, without sleep.
pub(super) struct Wait {
    rounds: usize,
    since: Option<Instant>,
}

impl Wait {
    pub(super) fn new() -> Self {
        Self {
            rounds: 0,
            since: None,
        }
    }

    /// Waits one round.
    pub(super) fn pause(&mut self) {
        self.rounds += 1;
        if self.rounds < SPINS {
            std::hint::spin_loop();
        } else {
            std::thread::yield_now();
        }
    }

    /// Whether a helper should sleep instead.
    pub(super) fn is_too_long(&mut self) -> bool {
        // Reading the clock costs less than yielding.
        self.rounds > SPINS && self.since.get_or_insert_with(Instant::now).elapsed() > AWAKE
    }
}
