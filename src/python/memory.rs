//! Failed allocations in threads of a run that cannot return an error: `MemoryError` instead of an abort.

use crate::kernels::allocator;
use crate::kernels::memory::{Amount, REFUSED_HINT};
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

/// The number of failed allocations, and the size of the last one.
static N_FAILED: AtomicUsize = AtomicUsize::new(0);
static N_BYTES: AtomicUsize = AtomicUsize::new(0);

/// Called once, when the module is created.
pub(super) fn watch() {
    allocator::on_refusal(park);
}

/// Parks a thread of a run, which cannot continue, forever. In the thread that waits for the run,
/// [`FailedAllocations::check`] then fails.
fn park(n_bytes: usize) {
    let is_of_run = std::thread::current()
        .name()
        .is_some_and(|name| name.starts_with("jamma-"));
    if !is_of_run {
        return;
    }
    N_BYTES.store(n_bytes, Ordering::Relaxed);
    N_FAILED.fetch_add(1, Ordering::Release);
    loop {
        std::thread::park();
    }
}

/// The number of failed allocations before a run started.
pub(super) struct FailedAllocations(usize);

impl FailedAllocations {
    pub(super) fn so_far() -> Self {
        Self(N_FAILED.load(Ordering::Acquire))
    }

    /// Fails if an allocation has failed since.
    pub(super) fn check(&self, py: Python<'_>) -> PyResult<()> {
        if N_FAILED.load(Ordering::Acquire) == self.0 {
            return Ok(());
        }
        let n_bytes = Amount(N_BYTES.load(Ordering::Relaxed) as u64);
        let error = PyMemoryError::new_err(format!(
            "not enough memory: the system refused {n_bytes} more"
        ));
        error.add_note(py, format!("hint: {REFUSED_HINT}"))?;
        Err(error)
    }
}
