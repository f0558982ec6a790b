//! Printing. A closed pipe (`jamma --help | head`) does not fail the run.

use crate::error::Error;
use std::fmt::Display;
use std::io::Write;
use std::sync::mpsc::sync_channel;
use std::thread::Builder;
use std::time::Duration;

/// Prints a line on standard output.
pub(super) fn print(line: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Prints a line on standard error.
pub(super) fn print_to_stderr(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Version, backend, kernels and threads, as `jamma --version` prints them.
pub(super) fn version(backend: &str) -> String {
    let threads = super::threads::default_threads();
    format!(
        "jamma {}\nBackend: {backend}, Rust available: True\nKernels: {}, threads: {threads}",
        env!("CARGO_PKG_VERSION"),
        crate::kernels::instruction_set()
    )
}

/// Prints an error and its hint.
pub(super) fn error(error: &Error) {
    print_to_stderr(format_args!("error: {error}"));
    if let Some(hint) = error.hint() {
        print_to_stderr(format_args!("  hint: {hint}"));
    }
}

/// How long printing the last message may take: standard error may be blocked.
const PATIENCE: Duration = Duration::from_millis(200);

/// Prints that `signal` ended the run, unless standard error is blocked.
pub(crate) fn interrupted(signal: &str) {
    let line = format!("\nerror: interrupted by {signal}; partial outputs were removed");
    let (done, is_done) = sync_channel(1);
    let started = Builder::new().spawn(move || {
        print_to_stderr(line);
        let _ = done.send(());
    });
    if started.is_ok() {
        let _ = is_done.recv_timeout(PATIENCE);
    }
}
