//! The end of the process by our own hand.

use super::report::tell;
use crate::kernels::memory::{Amount, REFUSED_HINT};

/// Ends the process without flushing anything, which could wait.
pub(super) fn exit_at_once(code: i32) -> ! {
    #[cfg(unix)]
    signal_hook::low_level::exit(code);
    #[cfg(not(unix))]
    std::process::exit(code)
}

/// Ends the process because the system refused it memory that it cannot do without.
pub(super) fn out_of_memory(n_bytes: usize) {
    crate::output::file::remove_unfinished_for_good();
    tell(format_args!(
        "error: not enough memory: the system refused {} more; partial outputs were removed",
        Amount(n_bytes as u64)
    ));
    tell(format_args!("  hint: {REFUSED_HINT}"));
    exit_at_once(1)
}
