//! argv → [`Job`](crate::pipeline::Job) → pipeline → exit status.
//!
//! Two spellings, one parser: `jamma lmm --bfile d` and GEMMA's `jamma -bfile d -lmm 1`. [`spelling`] turns every
//! single-dash word into the double-dash one and refuses what is not supported by name; [`options`] is the table of
//! options; [`resolve`] checks values and makes the job. What goes wrong on the way: [`pasted`] finds characters that nobody
//! types, [`foreign`] knows the options of other programs, [`suggest`] what was meant, and [`wrong`] says it.

mod backends;
mod demo;
mod foreign;
mod help;
mod options;
mod pasted;
mod progress;
mod repeated;
mod report;
mod resolve;
mod signals;
mod spelling;
mod suggest;
mod threads;
mod values;
mod wrong;

pub use backends::{Backends, RustOnly};
pub use progress::Terminal;
#[cfg(feature = "python")]
pub(crate) use report::interrupted;
#[cfg(feature = "python")]
pub(crate) use threads::{default_threads, most_threads};

use crate::backend::Backend;
use crate::error::Result;
use crate::pipeline::{self, Job};
use clap::ArgMatches;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the command `args` (the program's name first) and says how it went: 0 done, 1 failed, 2 wrong command line.
///
/// A signal ends the process with 128 plus its number.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    crate::kernels::allocator::on_refusal(report::out_of_memory);
    signals::end_run_on_signals();
    let args: Vec<OsString> = args.into_iter().collect();
    ExitCode::from(run(&args, &RustOnly, &|| false))
}

/// As [`main`] with other `backends`, for a caller that looks after signals: `is_cancelled` says when to stop.
pub fn run(
    args: &[OsString],
    backends: &dyn Backends,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> u8 {
    let setting = Setting {
        backends,
        is_cancelled,
    };
    match setting.run(args) {
        Ok(()) => 0,
        Err(error) => {
            report::error(&error);
            error.exit_code()
        }
    }
}

/// The job that the words of a command line describe, the program's name first.
///
/// Fails with [`Error::InvalidOption`](crate::Error) where they describe none: help and version are none.
pub fn job(args: &[OsString]) -> Result<Job> {
    let words = spelling::words(args)?;
    let matches = options::matches(&words, args)?;
    let command = spelling::typed(args);
    let mut job = match matches.subcommand() {
        Some((name, matches)) => resolve::job(Some(name), matches, command),
        None => resolve::job(None, &matches, command),
    }?;
    job.notes.extend(repeated::notes(&words));
    Ok(job)
}

/// What a command runs in.
struct Setting<'a> {
    backends: &'a dyn Backends,
    is_cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl Setting<'_> {
    fn run(&self, args: &[OsString]) -> Result<()> {
        pasted::check(args)?;
        let words = spelling::words(args)?;
        let Some(matches) = options::parse(&words, args, || self.backends.selected())? else {
            return Ok(());
        };
        let command = spelling::typed(args);
        let notes = repeated::notes(&words);
        let (job, matches) = match matches.subcommand() {
            Some(("demo", matches)) => return demo::run(matches, command, notes, self),
            Some((name, matches)) => (resolve::job(Some(name), matches, command)?, matches),
            None => (resolve::job(None, &matches, command)?, &matches),
        };
        self.run_job(job, notes, matches)
    }

    fn run_job(&self, mut job: Job, notes: Vec<String>, matches: &ArgMatches) -> Result<()> {
        job.notes.extend(notes);
        let backend = self.backend(matches)?;
        let observer = Terminal::new(matches.get_flag("silence"), self.is_cancelled);
        observer.banner();
        let result = pipeline::run(&job, &*backend, &observer);
        observer.clear();
        observer.summary(&result?);
        Ok(())
    }

    fn backend(&self, matches: &ArgMatches) -> Result<Box<dyn Backend>> {
        self.backends.choose(backends::asked(matches)?)
    }
}
