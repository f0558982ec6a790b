//! The system's allocator, with a say before a refused allocation aborts the process.
//!
//! What is large is allocated through [`memory`](super::memory), where a refusal is an error. For the many small
//! allocations, here and in the libraries, Rust only knows the abort. The program that installs this allocator
//! says with [`on_refusal`] how to end a run instead.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::OnceLock;

/// The allocator to install with `#[global_allocator]`.
#[derive(Debug, Clone, Copy)]
pub struct Allocator;

static ON_REFUSAL: OnceLock<fn(usize)> = OnceLock::new();

thread_local! {
    /// Whether a refusal is being looked after: by the code that asked, or by the function of [`on_refusal`].
    static IS_EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Has `act` called with the number of bytes when the system refuses memory to code that cannot do without.
///
/// `act` may end the process or keep the thread for ever; when it returns, the process is aborted. It must not unwind.
/// The first of several calls counts.
pub fn on_refusal(act: fn(usize)) {
    let _ = ON_REFUSAL.set(act);
}

/// Runs `work`, which looks after refused memory itself.
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
        // What `act` allocates itself is not to bring it here again.
        IS_EXPECTED.set(true);
        act(n_bytes);
        IS_EXPECTED.set(false);
    }
}

// SAFETY: every call goes to the system's allocator unchanged, and so does its answer.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as promised by the caller.
        let memory = unsafe { System.alloc(layout) };
        if memory.is_null() {
            refused(layout.size());
        }
        memory
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as promised by the caller.
        let memory = unsafe { System.alloc_zeroed(layout) };
        if memory.is_null() {
            refused(layout.size());
        }
        memory
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as promised by the caller.
        let moved = unsafe { System.realloc(memory, layout, new_size) };
        if moved.is_null() {
            refused(new_size);
        }
        moved
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(memory, layout) }
    }
}
