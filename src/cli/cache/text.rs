//! The names and the help of `jamma cache`.

use std::fmt::Write;

/// The name of the command.
pub(crate) const NAME: &str = "cache";
/// What the command does.
pub(crate) const ABOUT: &str =
    "List or remove the eigendecompositions that --eigen-cache keeps in a directory";

/// What follows the name of the command.
pub(super) const ACTIONS: [&str; 2] = ["list", "prune"];
/// Options of `prune`: name, name of the value (empty for a flag), and help.
pub(super) const OPTIONS: [(&str, &str, &str); 3] = [
    (
        "max-size",
        "GB",
        "Remove the least recently used eigendecompositions until at most GB (1e9 bytes) remain",
    ),
    (
        "older-than",
        "DAYS",
        "Remove eigendecompositions that were last used more than DAYS days ago",
    ),
    ("all", "", "Remove all eigendecompositions"),
];

const USAGE: &str = "\
Usage: jamma cache list DIR
       jamma cache prune DIR [--max-size GB] [--older-than DAYS] [--all]

Commands:
  list   Show each eigendecomposition in DIR: size, last use, number of individuals (n) and description
  prune  Remove files that cannot be used: damaged, from another version of jamma, or left by an interrupted run.
         With options, also remove other eigendecompositions

Options of prune:";
const NOTE: &str = "\
Other files in DIR, and files that a run is writing, are never removed. A run computes again what was removed.";

/// The help of the command.
pub(super) fn help() -> String {
    let mut text = format!("{ABOUT}\n\n{USAGE}\n");
    for (name, value, help) in OPTIONS {
        writeln!(text, "  {:<19}{help}", with_value(name, value))
            .expect("writing to a string does not fail");
    }
    text + "\n" + NOTE
}

/// The help of the option of this name, without dashes; `None` if there is no such option.
pub(crate) fn explanation(name: &str) -> Option<String> {
    let (name, value, help) = OPTIONS.into_iter().find(|(known, ..)| *known == name)?;
    Some(format!(
        "{} (jamma cache prune): {help}",
        with_value(name, value)
    ))
}

fn with_value(name: &str, value: &str) -> String {
    format!("--{name} {value}").trim_end().to_owned()
}
