//! The system allocator, with a function that is called before a failed allocation aborts the process.
//!
//! Large allocations are made through [`memory`](super::memory), which returns a failure as an error. If one of the many
//! small allocations fails, here or in a library, Rust aborts the process. A program that installs this allocator can
//! set a function with [`on_refusal`] that ends the run in another way.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::OnceLock;

/// The allocator to install with `#[global_allocator]`.
#[derive(Debug, Clone, Copy)]
pub struct Allocator;

static ON_REFUSAL: OnceLock<fn(usize)> = OnceLock::new();

thread_local! {
    /// Whether a failure is already handled: by the code that allocates, or by the function set with [`on_refusal`].
    static IS_EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Sets `act` as the function to call, with the number of bytes, if an allocation fails in code that cannot handle it.
///
/// `act` may end the process or block the thread forever; if it returns, the process is aborted. It must not unwind.
/// Only the first call has an effect.
pub fn on_refusal(act: fn(usize)) {
    let _ = ON_REFUSAL.set(act);
}

/// Runs `work`, which handles failed allocations itself.
pub(super) fn fallibly<T>(work: impl FnOnce() -> T) -> T {
    let before = IS_EXPECTED.replace(true);
    let result = work();
    IS_EXPECTED.set(before);
    result
}

#[cold]
fn refused(n_bytes: usize) {
    if IS_EXPECTED.get() {
        return;
    }
    if let Some(act) = ON_REFUSAL.get() {
        // A failed allocation within `act` must not call it again.
        IS_EXPECTED.set(true);
        act(n_bytes);
        IS_EXPECTED.set(false);
    }
}

// SAFETY: every call is forwarded to the system allocator, and its result is returned unchanged.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: upheld by the caller.
        let memory = unsafe { System.alloc(layout) };
        if memory.is_null() {
            refused(layout.size());
        }
        memory
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: upheld by the caller.
        let memory = unsafe { System.alloc_zeroed(layout) };
        if memory.is_null() {
            refused(layout.size());
        }
        memory
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: upheld by the caller.
        let moved = unsafe { System.realloc(memory, layout, new_size) };
        if moved.is_null() {
            refused(new_size);
        }
        moved
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: upheld by the caller.
        unsafe { System.dealloc(memory, layout) }
    }
}
