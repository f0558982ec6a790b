//! The commands `jamma top` and `jamma compare`, which read finished tables and analyse nothing.

mod aligned;
mod compare;
mod top;

use super::asks::asks_for_version;
use super::tool::Tool;
use super::{help, report};
use crate::error::Result;
use std::ffi::OsString;

pub(super) use compare::TOOL as COMPARE;
pub(super) use top::TOOL as TOP;

static TOOLS: [Tool; 2] = [TOP, COMPARE];

/// Runs the command if `typed` is one of these: `Ok` has the exit status.
///
/// * `backend`: returns the name of the backend, for `--version`
pub(super) fn run(typed: &[OsString], backend: impl Fn() -> Result<String>) -> Option<Result<u8>> {
    let (tool, words) = TOOLS
        .iter()
        .find_map(|tool| tool.words(typed).map(|w| (tool, w)))?;
    Some((|| {
        if asks_for_version(&words) {
            report::print(report::version(&backend()?));
            return Ok(0);
        }
        let Some(given) = tool.parse(words)? else {
            report::print(help::of_tool(tool));
            return Ok(0);
        };
        match tool.name {
            "top" => top::run(&given).map(|()| 0),
            _ => Ok(compare::run(&given)),
        }
    })())
}
