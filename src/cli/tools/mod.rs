//! The commands `jamma top` and `jamma compare`, which read finished tables and analyse nothing.

mod aligned;
mod compare;
mod matched;
mod top;
mod words;

use super::report;
use crate::error::Result;
use std::ffi::OsString;
use words::Tool;

const TOOLS: [&Tool; 2] = [&top::TOOL, &compare::TOOL];

/// The names and descriptions of the commands.
pub(super) const ABOUT: [(&str, &str); 2] = [
    (top::TOOL.name, top::TOOL.about),
    (compare::TOOL.name, compare::TOOL.about),
];

/// Runs the command if `typed` is one of these: `Ok` has the exit status.
///
/// * `backend`: returns the name of the backend, for `--version`
pub(super) fn run(typed: &[OsString], backend: impl Fn() -> Result<String>) -> Option<Result<u8>> {
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
            _ => Ok(compare::run(&given)),
        }
    })())
}
