//! argv → [`Args`] → [`Job`](crate::pipeline::Job) → pipeline → exit status.
//!
//! Two spellings, one parser: `jamma lmm --bfile d` and GEMMA's `jamma -bfile d -lmm 1`. [`spelling`] turns every
//! single-dash option into the double-dash one and refuses what is not supported by name; [`parser`] fills the typed
//! [`Args`] by the table of [`options`], whose [`values`] are checked there; [`resolve`] makes the job. The Python package
//! fills the same [`Args`] by the same table. Errors: [`pasted`] finds characters that nobody types, [`foreign`] knows the
//! options of other programs, [`suggest`] guesses what was meant, and [`wrong`] words what clap finds.

mod args;
mod backends;
mod demo;
mod exit;
mod foreign;
mod help;
mod options;
mod parser;
mod pasted;
mod progress;
mod repeated;
mod report;
mod resolve;
mod run;
mod signals;
mod spelling;
mod suggest;
mod threads;
mod values;
mod wrong;

pub use args::{Args, BackendName, Command, LmmMode};
pub use backends::{Backends, RustOnly};
pub use options::set;
pub use progress::Terminal;
#[cfg(feature = "python")]
pub(crate) use report::interrupted;
pub use resolve::{Given, job};
#[cfg(feature = "python")]
pub(crate) use threads::{default_threads, most_threads};
pub use values::Value;

use crate::error::Result;
use run::Setting;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the command `args` (the program's name first) and returns its status: 0 done, 1 failed, 2 wrong command line.
///
/// A signal ends the process with 128 plus its number.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    crate::kernels::allocator::on_refusal(exit::out_of_memory);
    signals::end_run_on_signals();
    let args: Vec<OsString> = args.into_iter().collect();
    ExitCode::from(run(&args, &RustOnly, &|| false))
}

/// As [`main`] with other `backends`, for a caller that handles signals itself: `is_cancelled` says when to stop.
pub fn run(
    args: &[OsString],
    backends: &dyn Backends,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> u8 {
    let setting = Setting {
        backends,
        is_cancelled,
    };
    match run_in(&setting, args) {
        Ok(()) => 0,
        Err(error) => {
            report::error(&error);
            error.exit_code()
        }
    }
}

fn run_in(setting: &Setting<'_>, typed: &[OsString]) -> Result<()> {
    pasted::check(typed)?;
    let words = spelling::words(typed)?;
    let Some(args) = parser::parse(&words, typed, || setting.backends.selected())? else {
        return Ok(());
    };
    let command = spelling::typed(typed);
    let notes = repeated::notes(&words);
    if args.command == Some(Command::Demo) {
        return demo::run(&args, command, notes, setting);
    }
    let mut job = resolve::job(&args, Given::default(), command)?;
    job.notes.extend(notes);
    setting.run(job, &args).map(drop)
}
