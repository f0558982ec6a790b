//! The command `jamma`.

use std::process::ExitCode;

fn main() -> ExitCode {
    jamma::cli::main(std::env::args_os())
}
