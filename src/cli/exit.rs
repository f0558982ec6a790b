//! Ends the process without unwinding.

use super::report::print_to_stderr;
use crate::kernels::memory::{Amount, REFUSED_HINT};

/// Ends the process without flushing buffers, because a flush can block.
pub(super) fn exit_at_once(code: i32) -> ! {
    #[cfg(unix)]
    signal_hook::low_level::exit(code);
    #[cfg(not(unix))]
    std::process::exit(code)
}

/// Ends the process after a failed allocation from which it cannot recover.
pub(super) fn out_of_memory(n_bytes: usize) {
    crate::output::file::remove_unfinished_for_good();
    print_to_stderr(format_args!(
        "error: not enough memory: the system refused {} more; partial outputs were removed",
        Amount(n_bytes as u64)
    ));
    print_to_stderr(format_args!("  hint: {REFUSED_HINT}"));
    exit_at_once(1)
}
