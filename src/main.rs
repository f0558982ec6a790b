//! The command `jamma`.

use std::process::ExitCode;

// Not in the library, from which the Python extension is built too, with its own allocator.
#[cfg(not(feature = "python"))]
#[global_allocator]
static ALLOCATOR: jamma::kernels::allocator::Allocator = jamma::kernels::allocator::Allocator;

fn main() -> ExitCode {
    jamma::cli::main(std::env::args_os())
}
