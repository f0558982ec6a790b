//! Tests of [`Steps`] with `loom`: every order of events that the memory model allows, for a few threads and items.

#[path = "steps.rs"]
#[allow(clippy::duplicate_mod, reason = "the same steps with other threads")]
mod steps;

use loom::cell::Cell;
use loom::thread::{current, spawn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use steps::Steps;

/// The threads provided by `loom`.
mod threads {
    pub(super) use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
    pub(super) use loom::sync::{Mutex, MutexGuard};
    pub(super) use loom::thread::{Thread, current, park};

    pub(super) struct Wait;

    #[allow(clippy::unused_self, reason = "the interface of the other `Wait`")]
    impl Wait {
        pub(super) fn new() -> Self {
            Self
        }

        pub(super) fn pause(&mut self) {
            loom::thread::yield_now();
        }

        /// Always true: the number of rounds before a helper sleeps does not change what can happen.
        pub(super) fn is_too_long(&mut self) -> bool {
            true
        }
    }
}

/// How often each item of each step was processed.
struct Counts(Vec<Vec<Cell<usize>>>);

// SAFETY: `loom` reports an error if a thread uses a cell that another thread changes without synchronisation.
unsafe impl Sync for Counts {}
// SAFETY: as above.
unsafe impl Send for Counts {}

impl Counts {
    fn add(&self, step: usize, i: usize) {
        let count = &self.0[step][i];
        count.set(count.get() + 1);
    }
}

/// Runs `lead` with `n_helpers` helpers in every order of events in which a runnable thread is preempted at most
/// `preemptions` times. Without this bound, one helper and one item take a minute.
fn in_every_order(
    n_helpers: usize,
    preemptions: usize,
    shape: &'static [usize],
    lead: impl Fn(&Steps, &Counts) + Sync + Send + 'static,
) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(preemptions);
    model.check(move || {
        let steps = Arc::new(Steps::default());
        let counts = Arc::new(Counts(
            (shape.iter())
                .map(|&n| (0..n).map(|_| Cell::new(0)).collect())
                .collect(),
        ));
        let helpers: Vec<_> = (0..n_helpers)
            .map(|_| {
                let steps = Arc::clone(&steps);
                spawn(move || steps.help())
            })
            .collect();
        lead(&steps, &counts);
        steps.end();
        for helper in helpers {
            helper.join().unwrap();
        }
    });
}

/// Each item is processed once, and the leader may use it as soon as the step is done.
fn lead_all(steps: &Steps, counts: &Counts) {
    for (step, items) in counts.0.iter().enumerate() {
        steps.run(items.len(), &|i| counts.add(step, i));
        assert!(items.iter().all(|count| count.get() == 1));
    }
}

#[test]
fn every_item_is_worked_on_once_before_the_step_is_over() {
    in_every_order(1, 4, &[2], lead_all);
    in_every_order(1, 3, &[1, 2], lead_all);
    in_every_order(2, 2, &[2], lead_all);
}

#[test]
fn a_panic_of_the_leader_waits_for_the_helpers() {
    in_every_order(1, 3, &[2], |steps, counts| {
        let leader = current().id();
        let work = |i| {
            if current().id() == leader {
                resume_unwind(Box::new("the leader"));
            }
            counts.add(0, i);
        };
        // There is no panic if the helper has processed all items.
        let _ = catch_unwind(AssertUnwindSafe(|| steps.run(2, &work)));
        (0..2).for_each(|i| counts.add(0, i));
    });
}

#[test]
fn helpers_are_let_go_even_without_a_step() {
    in_every_order(1, 4, &[], lead_all);
    in_every_order(2, 3, &[], lead_all);
}
