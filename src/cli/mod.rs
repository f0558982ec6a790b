//! argv → [`Job`](crate::pipeline::Job) → pipeline → exit status.
//!
//! Two spellings, one parser: `jamma lmm --bfile d` and GEMMA's `jamma -bfile d -lmm 1`. [`spelling`] turns every
//! single-dash word into the double-dash one and refuses what is not supported by name; [`options`] is the table of
//! options; [`resolve`] checks values and makes the job.

mod demo;
mod options;
mod progress;
mod report;
mod resolve;
mod spelling;
mod values;

use crate::backend::CpuBackend;
use crate::error::{Error, Result};
use crate::pipeline;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the command `args` (the program's name first) and says how it went: 0 done, 1 failed, 2 wrong command line.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match run(&args.into_iter().collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(args: &[OsString]) -> Result<()> {
    let words = spelling::words(args)?;
    let Some(matches) = options::parse(&words, args)? else {
        return Ok(());
    };
    refuse_other_backends()?;
    remove_unfinished_when_interrupted();
    let command = spelling::typed(args);
    match matches.subcommand() {
        Some(("demo", matches)) => demo::run(matches, command),
        Some((name, matches)) => run_job(&resolve::job(Some(name), matches, command)?, matches),
        None => run_job(&resolve::job(None, &matches, command)?, &matches),
    }
}

fn run_job(job: &pipeline::Job, matches: &clap::ArgMatches) -> Result<()> {
    let observer = progress::Terminal::new(matches.get_flag("silence"));
    observer.banner();
    let result = pipeline::run(job, &CpuBackend, &observer);
    observer.clear();
    let done = result?;
    observer.summary(&done);
    Ok(())
}

/// Exit status of a process that was interrupted, as shells have it.
const INTERRUPTED: i32 = 130;

/// An interrupted run leaves nothing half written behind.
fn remove_unfinished_when_interrupted() {
    // Where signals cannot be caught, temporary files stay under their hidden names; results are not affected.
    let _ = ctrlc::set_handler(|| {
        crate::output::file::remove_unfinished();
        report::interrupted();
        std::process::exit(INTERRUPTED);
    });
}

/// This binary has one backend; asking for another must not pass unnoticed.
fn refuse_other_backends() -> Result<()> {
    match std::env::var("JAMMA_BACKEND").as_deref() {
        Err(_) | Ok("" | "rust") => Ok(()),
        Ok(other) => Err(Error::Backend {
            what: format!("JAMMA_BACKEND={other}: this binary has only the backend rust"),
            hint: "unset JAMMA_BACKEND or set it to rust".into(),
        }),
    }
}
