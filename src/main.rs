//! The command `jamma`.

use std::process::ExitCode;

// The Python extension, which has one of its own, is built from the same library.
#[cfg(not(feature = "python"))]
#[global_allocator]
static ALLOCATOR: jamma::kernels::allocator::Allocator = jamma::kernels::allocator::Allocator;

fn main() -> ExitCode {
    jamma::cli::main(std::env::args_os())
}
