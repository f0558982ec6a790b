//! argv → [`Args`] → [`Job`](crate::pipeline::Job) → pipeline → exit status.
//!
//! `jamma lmm --bfile d` and GEMMA's spelling `jamma -bfile d -lmm 1` share one parser. [`spelling`] gives single-dash options
//! two dashes and rejects unsupported options by name. [`parser`] fills the typed [`Args`] from the table in [`options`], with
//! the checks of [`values`]. [`resolve`] builds the job. The Python package fills the same [`Args`] from the same table.
//!
//! [`cache`] is the command `jamma cache`, [`page`] the command `jamma report`, [`tools`] are `jamma top`, `jamma compare` and
//! `jamma cost`, [`parts`] has `jamma merge`, and [`explain`] is `jamma explain`: they analyse nothing and are described by a
//! [`tool::Tool`]. [`plot`] refuses `jamma plot`, a command of the Python package. [`catalogue`] has the [`description`] of every
//! command, from which [`help`] and [`documents`] (completions, manual pages, the reference) are made.
//!
//! Errors: [`pasted`] detects characters from pasted text, [`foreign`] lists options of other programs, [`suggest`] finds the
//! option nearest to a misspelling, and [`wrong`] rewords the errors of clap.

mod args;
mod asks;
mod backends;
mod cache;
mod catalogue;
mod chromosomes;
mod demo;
mod description;
mod documents;
mod exit;
mod explain;
mod files;
mod foreign;
mod gemma;
mod genotypes;
mod help;
mod options;
mod page;
mod parser;
mod parts;
mod pasted;
mod plot;
mod progress;
#[cfg(test)]
mod recorded;
mod repeated;
mod report;
mod resolve;
mod run;
mod selection;
mod signals;
mod spelling;
mod suggest;
mod task;
mod terminal;
mod threads;
mod tool;
mod tools;
mod traits;
mod unknown;
mod values;
mod wrapped;
mod wrong;

pub use args::{Args, BackendName, Command, LmmMode};
pub use backends::{Backends, RustOnly};
#[cfg(feature = "python")]
pub(crate) use chromosomes::chromosome_set;
#[cfg(feature = "python")]
pub(crate) use genotypes::{genotype_files, optional_genotype_files};
pub use options::set;
pub use progress::Terminal;
#[cfg(feature = "python")]
pub(crate) use report::interrupted;
pub use resolve::{Given, job};
#[cfg(feature = "python")]
pub(crate) use threads::{default_threads, most_threads};
pub use values::Value;

use crate::error::{Error, Result};
use crate::output::report::RunReport;
use run::Setting;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the command `args` (the program's name first) and returns its exit status: 0 success, 1 failure, 2 wrong command
/// line.
///
/// If a signal ends the process, the status is 128 plus the signal number.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    crate::kernels::allocator::on_refusal(exit::out_of_memory);
    signals::end_run_on_signals();
    let args: Vec<OsString> = args.into_iter().collect();
    ExitCode::from(run(&args, &RustOnly, &|| false))
}

/// As [`main`], with a choice of `backends`, for a caller that handles signals itself. The run stops when `is_cancelled`
/// returns true.
pub fn run(
    args: &[OsString],
    backends: &dyn Backends,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> u8 {
    let setting = Setting {
        backends,
        is_cancelled,
    };
    let backend = || setting.backends.selected();
    let of_tool = tools::run(args, backend, is_cancelled)
        .or_else(|| explain::run(args, backend))
        .or_else(|| documents::run(args, backend));
    match of_tool.unwrap_or_else(|| run_in(&setting, args).map(|()| 0)) {
        Ok(status) => status,
        Err(error) => {
            report::error(&error);
            error.exit_code()
        }
    }
}

fn run_in(setting: &Setting<'_>, typed: &[OsString]) -> Result<()> {
    pasted::check(typed)?;
    if let Some(words) = cache::words(typed) {
        return cache::run(words, || setting.backends.selected());
    }
    if let Some(words) = page::words(typed) {
        return page::run(words, || setting.backends.selected());
    }
    if let Some(refusal) = plot::refusal(typed) {
        return Err(refusal);
    }
    if let Some(request) = parts::request(typed) {
        let merged = parts::merge(request, typed, setting)?;
        return merged.as_ref().map_or(Ok(()), failures);
    }
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
    if args.part.is_some() && args.dask.is_some() {
        return Err(Error::option(
            "--part",
            "a run is divided into parts, or computed on a Dask cluster (--dask), not both",
            "omit one of the two",
        ));
    }
    if let Some(part) = &args.part {
        return parts::compute(part, job, &args, &words, setting);
    }
    let report = match &args.dask {
        None => setting.run(job, &args)?,
        Some(address) => {
            let words = parts::without(&words, "--dask");
            let backends = setting.backends;
            let mut workers = backends.cluster(address, &words, setting.is_cancelled)?;
            setting.run_elsewhere(job, &args, Some(&mut *workers))?
        }
    };
    failures(&report)
}

/// The job of the command line `typed` (the program's name first), and its arguments; for a worker, which computes parts of it.
#[cfg(feature = "python")]
pub(crate) fn job_of_words(typed: &[OsString]) -> Result<(crate::pipeline::Job, Args)> {
    let words = spelling::words(typed)?;
    let args = parser::parse(&words, typed, || Ok(String::new()))?;
    let args =
        args.ok_or_else(|| Error::option("command line", "no analysis is selected", "give one"))?;
    let job = resolve::job(&args, Given::default(), spelling::typed(typed))?;
    Ok((job, args))
}

/// Fails if some traits of a run could not be analysed.
fn failures(report: &RunReport) -> Result<()> {
    match report.failures() {
        None => Ok(()),
        Some(failures) => Err(Error::degenerate(
            failures,
            "the reasons are in the notes above and in the log; the outputs of the other traits are complete",
        )),
    }
}
