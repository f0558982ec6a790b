//! All commands.

use super::args::Command;
use super::cache::TOOL as CACHE;
use super::description::{Description, of_command, of_tool};
use super::documents::{COMPLETIONS, MAN, REFERENCE};
use super::explain::TOOL as EXPLAIN;
use super::page::TOOL as REPORT;
use super::parts::TOOL as MERGE;
use super::plot::TOOL as PLOT;
use super::tools::{COMPARE, COST, TOP};

/// The commands under their headings, in the order of the help.
pub(super) fn groups() -> Vec<(&'static str, Vec<Description>)> {
    let analyses = Command::ALL.map(|command| of_command(Some(command)));
    let results = [MERGE, TOP, COMPARE, REPORT, PLOT];
    let others = [COST, EXPLAIN, CACHE, COMPLETIONS, MAN, REFERENCE];
    vec![
        ("Analyses", analyses.into()),
        ("Results", results.iter().map(of_tool).collect()),
        ("Other commands", others.iter().map(of_tool).collect()),
    ]
}

/// All commands, in the order of the help.
pub(super) fn commands() -> Vec<Description> {
    groups()
        .into_iter()
        .flat_map(|(_, commands)| commands)
        .collect()
}

/// The command called `name`.
pub(super) fn command(name: &str) -> Option<Description> {
    commands().into_iter().find(|command| command.name == name)
}

/// GEMMA's spelling, without a command.
pub(super) fn root() -> Description {
    of_command(None)
}
