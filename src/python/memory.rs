//! Memory that the system refuses to a thread of a run, where no error can be returned: `MemoryError` instead of an abort.

use crate::kernels::allocator;
use crate::kernels::memory::{Amount, REFUSED_HINT};
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

/// How often memory was refused, and how much the last time.
static N_REFUSED: AtomicUsize = AtomicUsize::new(0);
static N_BYTES: AtomicUsize = AtomicUsize::new(0);

/// To be called once, when the module is made.
pub(super) fn watch() {
    allocator::on_refusal(refused);
}

/// Keeps a thread of ours, which cannot go on, for good; the thread that waits for its run is told by [`Refusals::check`].
fn refused(n_bytes: usize) {
    let is_ours = std::thread::current()
        .name()
        .is_some_and(|name| name.starts_with("jamma-"));
    if !is_ours {
        return;
    }
    N_BYTES.store(n_bytes, Ordering::Relaxed);
    N_REFUSED.fetch_add(1, Ordering::Release);
    loop {
        std::thread::park();
    }
}

/// What was refused before a run began.
pub(super) struct Refusals(usize);

impl Refusals {
    pub(super) fn so_far() -> Self {
        Self(N_REFUSED.load(Ordering::Acquire))
    }

    /// Fails if memory was refused since.
    pub(super) fn check(&self, py: Python<'_>) -> PyResult<()> {
        if N_REFUSED.load(Ordering::Acquire) == self.0 {
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
