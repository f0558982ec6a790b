//! Threads that wait awake between many short parallel steps.
//!
//! The reduction to tridiagonal form has three parallel steps of some microseconds for every column. A pool that puts
//! its threads to sleep in between spends a quarter of the time waking them.

#![allow(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::Thread;

/// Rounds that a thread waits awake; about as long as the longest sequential part between two steps.
const SPINS: usize = 20_000;
/// After this many it lets others have the processor in every round.
const SPINS_ALONE: usize = 4_000;

/// A step under way: the items still to be claimed are those from `next` on.
#[derive(Clone, Copy)]
struct Step {
    work: *const (dyn Fn(usize) + Sync),
    n_items: usize,
}

/// A group of threads, of which the one that made it is the first.
pub struct Team {
    n_helpers: usize,
    /// Counts steps; odd while one is being prepared.
    epoch: AtomicUsize,
    step: Mutex<Option<SendStep>>,
    next: AtomicUsize,
    n_finished: AtomicUsize,
    has_ended: AtomicBool,
    panicked: AtomicBool,
    sleepers: Mutex<Vec<Thread>>,
}

struct SendStep(Step);
// SAFETY: the pointer is to a `Sync` closure and is used only while `Team::run` waits.
unsafe impl Send for SendStep {}

impl Team {
    /// Runs `lead` with a team of `n_threads` threads, of which this is one.
    pub fn with<R>(n_threads: usize, lead: impl FnOnce(&Self) -> R) -> R {
        let team = Self {
            n_helpers: n_threads.max(1) - 1,
            epoch: AtomicUsize::new(0),
            step: Mutex::new(None),
            next: AtomicUsize::new(0),
            n_finished: AtomicUsize::new(0),
            has_ended: AtomicBool::new(false),
            panicked: AtomicBool::new(false),
            sleepers: Mutex::new(Vec::new()),
        };
        std::thread::scope(|scope| {
            for _ in 0..team.n_helpers {
                scope.spawn(|| team.help());
            }
            // Whatever happens, the helpers are let go.
            let result = catch_unwind(AssertUnwindSafe(|| lead(&team)));
            team.has_ended.store(true, Ordering::Release);
            team.wake();
            result.unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    /// Runs `work` on each of `items` and its number, shared among the threads in no particular order.
    pub fn for_each<T: Send>(&self, items: &mut [T], work: impl Fn(usize, &mut T) + Sync) {
        let n_items = items.len();
        if self.n_helpers == 0 || n_items < 2 {
            items
                .iter_mut()
                .enumerate()
                .for_each(|(i, item)| work(i, item));
            return;
        }
        let base = Items(items.as_mut_ptr());
        let claimed = |i: usize| {
            // SAFETY: every i below `n_items` is claimed once, so that no two references are to the same item, and
            // `items` is borrowed until all are done.
            work(i, unsafe { &mut *base.at(i) });
        };
        self.run(n_items, &claimed);
    }

    fn run(&self, n_items: usize, work: &(dyn Fn(usize) + Sync)) {
        // SAFETY: only the lifetime changes; no thread uses the pointer after `run` has returned, because each is
        // waited for below.
        #[expect(
            clippy::transmute_ptr_to_ptr,
            reason = "a cast cannot lengthen the lifetime"
        )]
        let work: *const (dyn Fn(usize) + Sync + 'static) =
            unsafe { std::mem::transmute(std::ptr::from_ref(work)) };
        let step = Step { work, n_items };
        *self.step.lock().expect("no thread panics with the lock") = Some(SendStep(step));
        self.n_finished.store(0, Ordering::Relaxed);
        self.next.store(0, Ordering::Relaxed);
        self.epoch.fetch_add(1, Ordering::Release);
        self.wake();
        self.work_on(step);
        let mut spins = 0;
        while self.n_finished.load(Ordering::Acquire) < self.n_helpers {
            spins += 1;
            pause(spins);
        }
        assert!(
            !self.panicked.load(Ordering::Acquire),
            "a thread of the team panicked"
        );
    }

    fn work_on(&self, step: Step) {
        loop {
            let i = self.next.fetch_add(1, Ordering::Relaxed);
            if i >= step.n_items {
                return;
            }
            // SAFETY: `run` keeps the closure alive until every helper has finished.
            unsafe { (*step.work)(i) };
        }
    }

    /// What a helper does all its life.
    fn help(&self) {
        let mut seen = 0;
        loop {
            let mut spins = 0;
            while self.epoch.load(Ordering::Acquire) == seen {
                if self.has_ended.load(Ordering::Acquire) {
                    return;
                }
                spins += 1;
                if spins < SPINS {
                    pause(spins);
                } else {
                    self.sleep(seen);
                }
            }
            seen += 1;
            let step = self
                .step
                .lock()
                .expect("no thread panics with the lock")
                .as_ref()
                .map(|s| s.0);
            if let Some(step) = step
                && catch_unwind(AssertUnwindSafe(|| self.work_on(step))).is_err()
            {
                self.panicked.store(true, Ordering::Release);
            }
            self.n_finished.fetch_add(1, Ordering::Release);
        }
    }

    fn sleep(&self, seen: usize) {
        self.sleepers
            .lock()
            .expect("no thread panics with the lock")
            .push(std::thread::current());
        // A step that began before this thread was on the list may not have woken it.
        if self.epoch.load(Ordering::SeqCst) == seen && !self.has_ended.load(Ordering::SeqCst) {
            std::thread::park();
        }
    }

    fn wake(&self) {
        std::sync::atomic::fence(Ordering::SeqCst);
        self.sleepers
            .lock()
            .expect("no thread panics with the lock")
            .drain(..)
            .for_each(|thread| thread.unpark());
    }
}

/// The items of a step, shared among threads that each claim some.
struct Items<T>(*mut T);
// SAFETY: threads take different items, which may be sent.
unsafe impl<T: Send> Sync for Items<T> {}

impl<T> Items<T> {
    /// # Safety
    /// `i` is below the number of items.
    unsafe fn at(&self, i: usize) -> *mut T {
        // SAFETY: as promised by the caller.
        unsafe { self.0.add(i) }
    }
}

fn pause(spins: usize) {
    if spins < SPINS_ALONE {
        std::hint::spin_loop();
    } else {
        std::thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once() {
        for threads in [1, 2, 5] {
            Team::with(threads, |team| {
                for n in 0..200 {
                    let mut items = vec![0; n];
                    team.for_each(&mut items, |i, item| *item += i + 1);
                    assert!(items.iter().enumerate().all(|(i, &item)| item == i + 1));
                }
            });
        }
    }

    #[test]
    fn helpers_that_went_to_sleep_come_back() {
        Team::with(3, |team| {
            for _ in 0..3 {
                std::thread::sleep(std::time::Duration::from_millis(50));
                let mut items = vec![0; 64];
                team.for_each(&mut items, |_, item| *item = 1);
                assert_eq!(items.iter().sum::<i32>(), 64);
            }
        });
    }

    #[test]
    #[should_panic(expected = "panic")]
    fn a_panic_reaches_the_leader() {
        Team::with(2, |team| {
            team.for_each(&mut [0; 64], |i, _| assert!(i != 40, "a panic of the work"));
        });
    }
}
