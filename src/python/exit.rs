//! The end of the interpreter while runs are under way in daemon threads.
//!
//! A thread that asks for the interpreter's lock after the interpreter has ended is ended by it, and Rust aborts the process
//! rather than let that happen to its own functions. So before the end ([`at_exit`]) all runs are cancelled, and every
//! thread that is in a function of ours leaves it, or stays there for good without the lock.

use super::watch::Watch;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

/// How long the end of the interpreter waits for runs to stop and for threads to leave.
const PATIENCE: Duration = Duration::from_secs(3);

static IS_ENDING: AtomicBool = AtomicBool::new(false);
/// The thread that ends the interpreter, which may still use this package in functions registered with `atexit`.
static ENDING_THREAD: OnceLock<ThreadId> = OnceLock::new();
/// Calls under way that hold the lock at times.
static N_INSIDE: AtomicUsize = AtomicUsize::new(0);
/// The process that counts: one made by `fork` has none of the threads.
static PROCESS: AtomicU32 = AtomicU32::new(0);
static RUNS: Mutex<Vec<Weak<Watch>>> = Mutex::new(Vec::new());

fn runs() -> MutexGuard<'static, Vec<Weak<Watch>>> {
    RUNS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has [`at_exit`] called when the interpreter ends.
pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    PROCESS.store(std::process::id(), Ordering::Relaxed);
    let function = wrap_pyfunction!(at_exit, module)?;
    let atexit = module.py().import("atexit")?;
    atexit.call_method1("register", (function,)).map(drop)
}

/// Cancels all runs and waits a little until nobody needs the interpreter any more.
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

/// Whether the interpreter is ending, and not by this thread.
fn is_over() -> bool {
    IS_ENDING.load(Ordering::SeqCst) && ENDING_THREAD.get() != Some(&std::thread::current().id())
}

/// Has the run of `watch` cancelled at the end.
pub(super) fn watch(watch: Weak<Watch>) {
    let mut runs = runs();
    runs.retain(|run| run.strong_count() > 0);
    runs.push(watch);
}

/// A call of Python's that is in a function of ours.
pub(super) struct Inside(());

impl Inside {
    /// At the end of the interpreter the calling thread stays here for good.
    pub(super) fn enter(py: Python<'_>) -> Self {
        N_INSIDE.fetch_add(1, Ordering::SeqCst);
        let inside = Self(());
        if is_over() {
            py.detach(|| stay_if_over(&inside));
        }
        inside
    }

    /// Does `work` without the lock.
    pub(super) fn without_lock<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce() -> T + Send,
    ) -> T {
        if is_over() {
            py.detach(|| stay_if_over(self));
        }
        py.detach(|| {
            let result = work();
            stay_if_over(self);
            result
        })
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        N_INSIDE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Keeps a thread without the lock where there will be no interpreter to come back to.
fn stay_if_over(_: &Inside) {
    if !is_over() {
        return;
    }
    // It counts no more, and is never dropped.
    N_INSIDE.fetch_sub(1, Ordering::SeqCst);
    loop {
        std::thread::park();
    }
}

/// Calls into Python from a thread of ours; `None` at the end of the interpreter.
pub(super) fn try_attach<T>(work: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    N_INSIDE.fetch_add(1, Ordering::SeqCst);
    let _inside = Inside(());
    if is_over() {
        return None;
    }
    Python::try_attach(work)
}
