//! Steps of work that helpers join: the state shared by the threads of a team.
//!
//! This file is compiled a second time for the tests in `model.rs`, with the threads of `loom` as `super::threads`.

use super::threads::{
    AtomicBool, AtomicU64, AtomicUsize, Mutex, MutexGuard, Thread, Wait, current, park,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// The fields of [`Steps::state`]: number of helpers at work, whether helpers may still join, and number of the step.
const ONE_HELPER: u64 = 1;
pub(super) const HELPERS: u64 = (1 << 16) - 1;
const IS_OPEN: u64 = 1 << 16;
const ONE_STEP: u64 = 1 << 17;

/// The steps of a team, one after the other.
#[derive(Default)]
pub(super) struct Steps {
    /// Number of the step, whether helpers may still join, and number of helpers at work.
    state: AtomicU64,
    step: Mutex<Option<Step>>,
    /// The first unclaimed item.
    next: AtomicUsize,
    has_ended: AtomicBool,
    panicked: AtomicBool,
    sleepers: Mutex<Vec<Thread>>,
}

/// A step in progress.
#[derive(Clone, Copy)]
struct Step {
    work: *const (dyn Fn(usize) + Sync),
    n_items: usize,
}

// SAFETY: the pointer is to a `Sync` closure and is used only between joining and leaving a step, while `Steps::run` waits.
unsafe impl Send for Step {}

impl Steps {
    /// Calls `work` once for each number below `n_items`, on this thread and on those in [`help`](Self::help).
    ///
    /// # Panics
    /// If `work` panics on any of them.
    pub(super) fn run(&self, n_items: usize, work: &(dyn Fn(usize) + Sync)) {
        // SAFETY: only the lifetime changes; no thread uses the pointer after `run` has returned or unwound, because
        // `Opened` waits for every helper that joined.
        #[expect(
            clippy::transmute_ptr_to_ptr,
            reason = "a cast cannot extend the lifetime"
        )]
        let work: *const (dyn Fn(usize) + Sync + 'static) =
            unsafe { std::mem::transmute(std::ptr::from_ref(work)) };
        let opened = Opened::new(self, Step { work, n_items });
        self.work_on(opened.step);
        drop(opened);
        assert!(
            !self.panicked.load(Ordering::Acquire),
            "a thread of the team panicked"
        );
    }

    /// Helps with every step until [`end`](Self::end).
    pub(super) fn help(&self) {
        let mut seen = 0;
        while let Some(step) = self.wait_for_step(&mut seen) {
            if catch_unwind(AssertUnwindSafe(|| self.work_on(step))).is_err() {
                self.panicked.store(true, Ordering::Release);
            }
            self.state.fetch_sub(ONE_HELPER, Ordering::Release);
        }
    }

    /// Releases the helpers: there are no more steps.
    pub(super) fn end(&self) {
        self.has_ended.store(true, Ordering::Release);
        self.wake();
    }

    fn work_on(&self, step: Step) {
        loop {
            let i = self.next.fetch_add(1, Ordering::Relaxed);
            if i >= step.n_items {
                return;
            }
            // SAFETY: the leader keeps the closure alive until every helper that joined has left.
            unsafe { (*step.work)(i) };
        }
    }

    /// Joins the next step after the one `seen`; `None` at the end.
    fn wait_for_step(&self, seen: &mut u64) -> Option<Step> {
        let mut wait = Wait::new();
        loop {
            if self.has_ended.load(Ordering::Acquire) {
                return None;
            }
            let state = self.state.load(Ordering::Acquire);
            if state & IS_OPEN != 0 && state / ONE_STEP != *seen {
                let joined = self.state.compare_exchange(
                    state,
                    state + ONE_HELPER,
                    Ordering::AcqRel,
                    Ordering::Relaxed,
                );
                if joined.is_ok() {
                    *seen = state / ONE_STEP;
                    return *locked(&self.step);
                }
            } else if wait.is_too_long() {
                self.sleep(*seen);
                wait = Wait::new();
            } else {
                wait.pause();
            }
        }
    }

    fn sleep(&self, seen: u64) {
        locked(&self.sleepers).push(current());
        // A step that began before this thread was on the list did not wake it. Its `wake` held the lock earlier, so the
        // writes before it are visible here.
        let state = self.state.load(Ordering::Acquire);
        let has_step = state & IS_OPEN != 0 && state / ONE_STEP != seen;
        if !has_step && !self.has_ended.load(Ordering::Acquire) {
            park();
        }
    }

    fn wake(&self) {
        locked(&self.sleepers)
            .drain(..)
            .for_each(|thread| thread.unpark());
    }
}

/// A step that helpers may join. When dropped, it is closed to helpers and waits for those at work.
struct Opened<'a> {
    steps: &'a Steps,
    step: Step,
}

impl<'a> Opened<'a> {
    fn new(steps: &'a Steps, step: Step) -> Self {
        *locked(&steps.step) = Some(step);
        steps.next.store(0, Ordering::Relaxed);
        let before = steps.state.load(Ordering::Relaxed);
        debug_assert_eq!(
            before % ONE_STEP,
            0,
            "the last step is closed and left by all"
        );
        steps
            .state
            .store(before + ONE_STEP + IS_OPEN, Ordering::Release);
        steps.wake();
        Self { steps, step }
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        // After a panic of the leader, the helpers need not process the remaining items.
        self.steps
            .next
            .fetch_max(self.step.n_items, Ordering::Relaxed);
        self.steps.state.fetch_and(!IS_OPEN, Ordering::AcqRel);
        let mut wait = Wait::new();
        while self.steps.state.load(Ordering::Acquire) & HELPERS != 0 {
            wait.pause();
        }
    }
}

/// Locks a mutex and ignores poisoning: no thread panics while it holds a lock, and even then the data are consistent.
fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
