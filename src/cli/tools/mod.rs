//! The commands `jamma top` and `jamma compare`, which read finished tables, and `jamma cost`, which predicts what a run costs.
//! They analyse nothing.

mod aligned;
mod compare;
mod cost;
mod matched;
mod top;
mod words;

use super::report;
use crate::error::Result;
use std::ffi::OsString;
use words::Tool;

const TOOLS: [&Tool; 3] = [&top::TOOL, &compare::TOOL, &cost::TOOL];

/// The names and descriptions of the commands.
pub(super) const ABOUT: [(&str, &str); 3] = [
    (top::TOOL.name, top::TOOL.about),
    (compare::TOOL.name, compare::TOOL.about),
    (cost::TOOL.name, cost::TOOL.about),
];

/// Runs the command if `typed` is one of these: `Ok` has the exit status.
///
/// * `backend`: returns the name of the backend, for `--version`
/// * `is_cancelled`: returns true when the command is to stop
pub(super) fn run(
    typed: &[OsString],
    backend: impl Fn() -> Result<String>,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Option<Result<u8>> {
    let (tool, words) = TOOLS
        .iter()
        .find_map(|tool| tool.words(typed).map(|w| (tool, w)))?;
    Some((|| {
        if words::asks_for_version(&words) {
            report::print(report::version(&backend()?));
            return Ok(0);
        }
        let Some(given) = tool.parse(words)? else {
            report::print(tool.help());
            return Ok(0);
        };
        match tool.name {
            "top" => top::run(&given).map(|()| 0),
            "cost" => cost::run(&given, is_cancelled),
            _ => Ok(compare::run(&given)),
        }
    })())
}
