//! What is said in words. A reader that has gone away (`jamma --help | head`) is no error of the run.

use crate::error::Error;
use std::fmt::Display;
use std::io::Write;

/// Prints a line on standard output.
pub(super) fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Prints a line on standard error.
pub(super) fn tell(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Version, backend, kernels and threads, as `jamma --version` prints them.
pub(super) fn version(backend: &str) -> String {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!(
        "jamma {}\nBackend: {backend}, Rust available: True\nKernels: {}, threads: {threads}",
        env!("CARGO_PKG_VERSION"),
        crate::kernels::instruction_set()
    )
}

/// Prints the error and its cure.
pub(super) fn error(error: &Error) {
    tell(format_args!("error: {error}"));
    if let Some(hint) = error.hint() {
        tell(format_args!("  hint: {hint}"));
    }
}

/// Says that a signal ended the run.
pub(crate) fn interrupted() {
    tell("\nerror: interrupted; unfinished outputs were removed");
}
