//! `jamma cache`: lists and removes cached eigendecompositions.

mod parse;
mod show;
mod text;

pub(super) use parse::words;
pub(super) use text::{TOOL, explanation};

use super::{help, report};
use crate::error::Result;
use parse::{Request, parse};
use std::ffi::OsString;

/// Runs the command.
///
/// * `words`: the arguments after `cache`
/// * `backend`: returns the name of the backend, for `--version`
///
/// Fails with [`Error::InvalidOption`] if the arguments are wrong, and with [`Error::Io`] if the directory cannot be read or
/// a file cannot be removed.
pub(super) fn run(words: Vec<OsString>, backend: impl Fn() -> Result<String>) -> Result<()> {
    match parse(words)? {
        Request::Help => report::print(help::of_tool(&TOOL)),
        Request::Version => report::print(report::version(&backend()?)),
        Request::List(directory) => show::print_list(&directory)?,
        Request::Prune(directory, options) => show::print_pruned(&directory, &options)?,
    }
    Ok(())
}
