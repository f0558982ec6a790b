//! Threads that wait awake between many short parallel steps.
//!
//! The reduction to tridiagonal form has three parallel steps of some microseconds for every column. A pool that puts
//! its threads to sleep in between spends a quarter of the time waking them.
//!
//! A helper joins a step only if it is running when the step begins, and the leader waits for those that joined: on a
//! busy machine, where helpers get no processor, the leader does the work alone and waits for nobody.

#![allow(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, Thread};
use std::time::{Duration, Instant};

/// Rounds that a thread waits without giving the processor away: a few microseconds.
const SPINS: usize = 200;
/// How long a helper waits awake for the next step; about as long as the longest sequential part between two steps.
const AWAKE: Duration = Duration::from_millis(1);

/// The parts of [`Shared::state`]: helpers at work on the step, whether it still takes helpers, and the number of the step.
const ONE_HELPER: u64 = 1;
const HELPERS: u64 = (1 << 16) - 1;
const IS_OPEN: u64 = 1 << 16;
const ONE_STEP: u64 = 1 << 17;

/// A group of threads, of which the one that made it is the first.
pub struct Team<'a> {
    n_helpers: usize,
    shared: &'a Shared,
}

/// What the threads of a team share.
#[derive(Default)]
struct Shared {
    /// Number of the step, whether it is open, helpers at work on it.
    state: AtomicU64,
    step: Mutex<Option<Step>>,
    /// The first item that nobody has claimed.
    next: AtomicUsize,
    has_ended: AtomicBool,
    panicked: AtomicBool,
    sleepers: Mutex<Vec<Thread>>,
}

/// A step under way.
#[derive(Clone, Copy)]
struct Step {
    work: *const (dyn Fn(usize) + Sync),
    n_items: usize,
}

// SAFETY: the pointer is to a `Sync` closure and is used only between joining and leaving a step, while `Team::run` waits.
unsafe impl Send for Step {}

impl Team<'_> {
    /// Runs `lead` with a team of `n_threads` threads, of which this is one; of fewer if the system refuses to start some.
    pub fn with<R>(n_threads: usize, lead: impl FnOnce(&Team<'_>) -> R) -> R {
        Self::with_starter(n_threads, || Builder::new().name("jamma-team".into()), lead)
    }

    fn with_starter<R>(
        n_threads: usize,
        mut builder: impl FnMut() -> Builder,
        lead: impl FnOnce(&Team<'_>) -> R,
    ) -> R {
        let shared = Shared::default();
        std::thread::scope(|scope| {
            // Whatever happens, the helpers are let go; the scope waits for them.
            let _end = End(&shared);
            let wanted = n_threads.clamp(1, HELPERS as usize) - 1;
            let n_helpers = (0..wanted)
                .map_while(|_| builder().spawn_scoped(scope, || shared.help()).ok())
                .count();
            lead(&Team {
                n_helpers,
                shared: &shared,
            })
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
        // SAFETY: only the lifetime changes; no thread uses the pointer after `run` has returned or unwound, because
        // `Opened` waits for each that joined.
        #[expect(
            clippy::transmute_ptr_to_ptr,
            reason = "a cast cannot lengthen the lifetime"
        )]
        let work: *const (dyn Fn(usize) + Sync + 'static) =
            unsafe { std::mem::transmute(std::ptr::from_ref(work)) };
        let opened = Opened::new(self.shared, Step { work, n_items });
        self.shared.work_on(opened.step);
        drop(opened);
        assert!(
            !self.shared.panicked.load(Ordering::Acquire),
            "a thread of the team panicked"
        );
    }
}

/// A step that helpers may join; dropped, it takes no more of them and waits for those at work.
struct Opened<'a> {
    shared: &'a Shared,
    step: Step,
}

impl<'a> Opened<'a> {
    fn new(shared: &'a Shared, step: Step) -> Self {
        *locked(&shared.step) = Some(step);
        shared.next.store(0, Ordering::Relaxed);
        let before = shared.state.load(Ordering::Relaxed);
        debug_assert_eq!(
            before % ONE_STEP,
            0,
            "the last step is closed and left by all"
        );
        shared
            .state
            .store(before + ONE_STEP + IS_OPEN, Ordering::SeqCst);
        shared.wake();
        Self { shared, step }
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        // After a panic of the leader the helpers need not do the rest.
        self.shared
            .next
            .fetch_max(self.step.n_items, Ordering::Relaxed);
        self.shared.state.fetch_and(!IS_OPEN, Ordering::AcqRel);
        let mut spins = 0;
        while self.shared.state.load(Ordering::Acquire) & HELPERS != 0 {
            spins += 1;
            pause(spins);
        }
    }
}

impl Shared {
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

    /// What a helper does all its life.
    fn help(&self) {
        let mut seen = 0;
        while let Some(step) = self.wait_for_step(&mut seen) {
            if catch_unwind(AssertUnwindSafe(|| self.work_on(step))).is_err() {
                self.panicked.store(true, Ordering::Release);
            }
            self.state.fetch_sub(ONE_HELPER, Ordering::Release);
        }
    }

    /// Joins the next step after the one `seen`; `None` at the end.
    fn wait_for_step(&self, seen: &mut u64) -> Option<Step> {
        let (mut spins, mut began) = (0, None);
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
                continue;
            }
            spins += 1;
            pause(spins);
            // Looking at the clock costs less than yielding.
            if spins > SPINS && began.get_or_insert_with(Instant::now).elapsed() > AWAKE {
                self.sleep(*seen);
                (spins, began) = (0, None);
            }
        }
    }

    fn sleep(&self, seen: u64) {
        locked(&self.sleepers).push(std::thread::current());
        std::sync::atomic::fence(Ordering::SeqCst);
        // A step that began before this thread was on the list may not have woken it.
        let state = self.state.load(Ordering::SeqCst);
        let has_step = state & IS_OPEN != 0 && state / ONE_STEP != seen;
        if !has_step && !self.has_ended.load(Ordering::SeqCst) {
            std::thread::park();
        }
    }

    fn wake(&self) {
        std::sync::atomic::fence(Ordering::SeqCst);
        locked(&self.sleepers)
            .drain(..)
            .for_each(|thread| thread.unpark());
    }
}

/// Lets the helpers go when dropped.
struct End<'a>(&'a Shared);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.has_ended.store(true, Ordering::SeqCst);
        self.0.wake();
    }
}

/// No thread panics while it holds one of the locks; if one ever does, what they hold is still whole.
fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
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
    if spins < SPINS {
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
                std::thread::sleep(Duration::from_millis(50));
                let workers = Mutex::new(std::collections::HashSet::new());
                let mut items = vec![0; 64];
                team.for_each(&mut items, |_, item| {
                    locked(&workers).insert(std::thread::current().id());
                    std::thread::sleep(Duration::from_millis(2));
                    *item = 1;
                });
                assert_eq!(items.iter().sum::<i32>(), 64);
                assert!(locked(&workers).len() > 1);
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

    #[test]
    fn a_team_works_with_the_threads_that_could_be_started() {
        // No system has room for such a stack.
        let impossible = || Builder::new().stack_size(1 << 56);
        let mut n_asked = 0;
        let some = || {
            n_asked += 1;
            if n_asked == 1 {
                Builder::new()
            } else {
                impossible()
            }
        };
        let sum = |team: &Team<'_>| {
            let mut items = vec![0; 1000];
            team.for_each(&mut items, |i, item| *item = i);
            items.iter().sum::<usize>()
        };
        assert_eq!(Team::with_starter(4, impossible, sum), 499_500);
        assert_eq!(Team::with_starter(4, some, sum), 499_500);
    }

    #[test]
    fn a_panic_of_the_leader_waits_for_the_helpers() {
        let leader = std::thread::current().id();
        for _ in 0..20 {
            let (n_at_work, n_begun) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let result = catch_unwind(AssertUnwindSafe(|| {
                Team::with(3, |team| {
                    let stepped = catch_unwind(AssertUnwindSafe(|| {
                        team.for_each(&mut [0; 64], |_, _| {
                            if std::thread::current().id() == leader {
                                // Only once a helper is at work, or none will be.
                                let begun = Instant::now();
                                while n_begun.load(Ordering::SeqCst) == 0
                                    && begun.elapsed() < Duration::from_millis(200)
                                {
                                    std::thread::yield_now();
                                }
                                panic!("the leader");
                            }
                            n_at_work.fetch_add(1, Ordering::SeqCst);
                            n_begun.fetch_add(1, Ordering::SeqCst);
                            std::thread::sleep(Duration::from_millis(5));
                            n_at_work.fetch_sub(1, Ordering::SeqCst);
                        });
                    }));
                    assert!(stepped.is_err());
                    // The closure of the step is gone now, so nobody may be in it.
                    assert_eq!(n_at_work.load(Ordering::SeqCst), 0);
                    panic!("after the step");
                });
            }));
            assert!(result.is_err());
        }
    }
}
