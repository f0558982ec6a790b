//! Threads that stay awake between many short parallel steps.
//!
//! The reduction to tridiagonal form has three parallel steps of a few microseconds for every column. A pool whose threads
//! sleep in between spends a quarter of the time waking them.
//!
//! A helper joins a step only if it is running when the step begins, and the leader waits only for helpers that joined. If
//! the helpers get no CPU time on a busy machine, the leader does the work alone without waiting.

#![allow(unsafe_code)]

#[cfg(test)]
mod model;
mod steps;
mod threads;

use std::thread::Builder;
use steps::{HELPERS, Steps};

/// A group of threads, led by the one that created it.
pub struct Team<'a> {
    n_helpers: usize,
    steps: &'a Steps,
}

impl Team<'_> {
    /// Runs `lead` with a team of `n_threads` threads including this one, or of fewer if not all of them can be started.
    pub fn with<R>(n_threads: usize, lead: impl FnOnce(&Team<'_>) -> R) -> R {
        Self::with_starter(n_threads, || Builder::new().name("jamma-team".into()), lead)
    }

    fn with_starter<R>(
        n_threads: usize,
        mut builder: impl FnMut() -> Builder,
        lead: impl FnOnce(&Team<'_>) -> R,
    ) -> R {
        let steps = Steps::default();
        std::thread::scope(|scope| {
            // The helpers are released in any case, even after a panic; the scope waits for them.
            let _end = End(&steps);
            let wanted = n_threads.clamp(1, HELPERS as usize) - 1;
            let n_helpers = (0..wanted)
                .map_while(|_| builder().spawn_scoped(scope, || steps.help()).ok())
                .count();
            lead(&Team {
                n_helpers,
                steps: &steps,
            })
        })
    }

    /// Runs `work` on the index and the value of each of `items`, distributed over the threads in no particular order.
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
        self.steps.run(n_items, &claimed);
    }
}

/// Releases the helpers when dropped.
struct End<'a>(&'a Steps);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The items of a step, distributed over threads that claim one item at a time.
struct Items<T>(*mut T);
// SAFETY: each item is accessed by one thread only, and items may be sent between threads.
unsafe impl<T: Send> Sync for Items<T> {}

impl<T> Items<T> {
    /// Pointer to item `i`.
    ///
    /// # Safety
    /// `i` must be below the number of items.
    unsafe fn at(&self, i: usize) -> *mut T {
        // SAFETY: upheld by the caller.
        unsafe { self.0.add(i) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

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
                let workers = Mutex::new(HashSet::new());
                let mut items = vec![0; 64];
                team.for_each(&mut items, |_, item| {
                    workers.lock().unwrap().insert(std::thread::current().id());
                    std::thread::sleep(Duration::from_millis(2));
                    *item = 1;
                });
                assert_eq!(items.iter().sum::<i32>(), 64);
                assert!(workers.lock().unwrap().len() > 1);
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
        // No system can allocate such a stack.
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
                                // Panic only once a helper is at work, or after a timeout.
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
                    // The closure of the step no longer exists, so no thread may be running it.
                    assert_eq!(n_at_work.load(Ordering::SeqCst), 0);
                    panic!("after the step");
                });
            }));
            assert!(result.is_err());
        }
    }
}
