//! What is said in words: version and errors.
#![allow(clippy::print_stderr, reason = "the command line speaks here")]

use crate::error::Error;

/// Version, backend, kernels and threads, as `jamma --version` prints them.
pub(super) fn version() -> String {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!(
        "jamma {}\nBackend: rust, Rust available: True\nKernels: {}, threads: {threads}",
        env!("CARGO_PKG_VERSION"),
        crate::kernels::instruction_set()
    )
}

/// Prints the error and its cure on standard error.
pub(super) fn error(error: &Error) {
    eprintln!("error: {error}");
    if let Some(hint) = error.hint() {
        eprintln!("  hint: {hint}");
    }
}

/// Says that a signal ended the run.
pub(super) fn interrupted() {
    eprintln!("\nerror: interrupted; unfinished outputs were removed");
}
