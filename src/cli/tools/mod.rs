//! The commands `jamma top` and `jamma compare`, which read finished tables, and `jamma cost`, which predicts what a run costs.
//! They analyse nothing.

mod aligned;
mod compare;
mod cost;
mod matched;
mod top;

use super::asks::asks_for_version;
use super::tool::Tool;
use super::{help, report};
use crate::error::Result;
use std::ffi::OsString;

pub(super) use compare::TOOL as COMPARE;
pub(super) use cost::TOOL as COST;
pub(super) use top::TOOL as TOP;

static TOOLS: [Tool; 3] = [TOP, COMPARE, COST];

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
        if asks_for_version(&words) {
            report::print(report::version(&backend()?));
            return Ok(0);
        }
        // `jamma cost` has no words that would be missing, but nothing to say without options.
        let given = if words.is_empty() {
            None
        } else {
            tool.parse(words)?
        };
        let Some(given) = given else {
            report::print(help::of_tool(tool));
            return Ok(0);
        };
        match tool.name {
            "top" => top::run(&given).map(|()| 0),
            "cost" => cost::run(&given, is_cancelled),
            _ => Ok(compare::run(&given)),
        }
    })())
}
