//! What is made from the descriptions of the commands: completions for shells, manual pages, and the reference of options and
//! columns.

mod clap_command;
mod columns;
mod completions;
mod json;
mod links;
mod manual;
mod markdown;
mod one_dash;
mod tools;

pub(super) use tools::{COMPLETIONS, MAN, REFERENCE};

use super::asks::asks_for_version;
use super::tool::{Given, Tool};
use super::{help, report};
use crate::error::{Error, Result};
use std::ffi::OsString;

static TOOLS: [Tool; 3] = [COMPLETIONS, MAN, REFERENCE];

/// Runs the command if `typed` is one of these: `Ok` has the exit status.
///
/// * `backend`: returns the name of the backend, for `--version`
pub(super) fn run(typed: &[OsString], backend: impl Fn() -> Result<String>) -> Option<Result<u8>> {
    let (tool, words) = TOOLS
        .iter()
        .find_map(|tool| tool.words(typed).map(|words| (tool, words)))?;
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
            "completions" => report::print(completions::script(&given)?.trim_end()),
            "man" => manual::run(&given)?,
            _ => report::print(reference(&given)?.trim_end()),
        }
        Ok(0)
    })())
}

fn reference(given: &Given) -> Result<String> {
    let topic = given.paths[0].to_string_lossy();
    Ok(match (&*topic, given.has("json")) {
        ("options", false) => markdown::options(),
        ("options", true) => json::options().to_string(),
        ("columns", false) => columns::markdown(),
        ("columns", true) => columns::json().to_string(),
        (topic, _) => {
            return Err(Error::option(
                topic,
                "there is no such reference",
                "the references are options and columns: jamma reference options",
            ));
        }
    })
}
