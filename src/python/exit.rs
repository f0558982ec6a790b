//! The shutdown of the interpreter while runs are in progress in daemon threads.
//!
//! After its shutdown, the interpreter terminates every thread that requests its lock, and Rust aborts the process if such a
//! thread has Rust functions on its stack. Therefore [`at_exit`] cancels all runs before the shutdown, and every thread in a
//! function of this module leaves it or is parked there forever without the lock.

use super::watch::Watch;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

/// How long the shutdown waits for runs to stop and for threads to leave.
const PATIENCE: Duration = Duration::from_secs(3);

static IS_ENDING: AtomicBool = AtomicBool::new(false);
/// The thread that shuts the interpreter down. It may still use this package in functions registered with `atexit`.
static ENDING_THREAD: OnceLock<ThreadId> = OnceLock::new();
/// The number of calls in progress that acquire the lock.
static N_INSIDE: AtomicUsize = AtomicUsize::new(0);
/// The process that owns the threads. A process made by `fork` has none of them.
static PROCESS: AtomicU32 = AtomicU32::new(0);
static RUNS: Mutex<Vec<Weak<Watch>>> = Mutex::new(Vec::new());

fn runs() -> MutexGuard<'static, Vec<Weak<Watch>>> {
    RUNS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Registers [`at_exit`] for the shutdown of the interpreter.
pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    PROCESS.store(std::process::id(), Ordering::Relaxed);
    let function = wrap_pyfunction!(at_exit, module)?;
    let atexit = module.py().import("atexit")?;
    atexit.call_method1("register", (function,)).map(drop)
}

/// Cancels all runs and waits briefly until no thread needs the interpreter any more.
#[pyfunction]
fn at_exit(py: Python<'_>) {
    let _ = ENDING_THREAD.set(std::thread::current().id());
    IS_ENDING.store(true, Ordering::SeqCst);
    let under_way: Vec<_> = runs().drain(..).filter_map(|run| run.upgrade()).collect();
    under_way.iter().for_each(|run| run.cancel());
    if PROCESS.load(Ordering::Relaxed) != std::process::id() {
        return;
    }
    py.detach(|| {
        let begun = Instant::now();
        let is_quiet =
            || N_INSIDE.load(Ordering::SeqCst) == 0 && under_way.iter().all(|run| run.is_over());
        while !is_quiet() && begun.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(2));
        }
    });
    if !under_way.is_empty() {
        crate::output::file::remove_unfinished();
    }
}

/// Whether another thread is shutting the interpreter down.
fn is_over() -> bool {
    IS_ENDING.load(Ordering::SeqCst) && ENDING_THREAD.get() != Some(&std::thread::current().id())
}

/// Registers the run of `watch` for cancellation at the shutdown.
pub(super) fn watch(watch: Weak<Watch>) {
    let mut runs = runs();
    runs.retain(|run| run.strong_count() > 0);
    runs.push(watch);
}

/// A call from Python into this module.
pub(super) struct Inside(());

impl Inside {
    /// During the shutdown, the calling thread is parked here forever.
    pub(super) fn enter(py: Python<'_>) -> Self {
        N_INSIDE.fetch_add(1, Ordering::SeqCst);
        let inside = Self(());
        if is_over() {
            py.detach(|| park_if_over(&inside));
        }
        inside
    }

    /// Runs `work` without the lock.
    pub(super) fn without_lock<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce() -> T + Send,
    ) -> T {
        if is_over() {
            py.detach(|| park_if_over(self));
        }
        py.detach(|| {
            let result = work();
            park_if_over(self);
            result
        })
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        N_INSIDE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Parks a thread that does not hold the lock forever if there is no interpreter to return to.
fn park_if_over(_: &Inside) {
    if !is_over() {
        return;
    }
    // The call is no longer counted; it is never dropped.
    N_INSIDE.fetch_sub(1, Ordering::SeqCst);
    loop {
        std::thread::park();
    }
}

/// Calls into Python from a thread of the engine; `None` during the shutdown.
pub(super) fn try_attach<T>(work: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    N_INSIDE.fetch_add(1, Ordering::SeqCst);
    let _inside = Inside(());
    if is_over() {
        return None;
    }
    Python::try_attach(work)
}
