//! The names and the description of `jamma cache`.

use crate::cli::foreign::Remedy;
use crate::cli::tool::{Tool, ToolOption, Value, Word};

/// The name of the command.
pub(crate) const NAME: &str = "cache";
/// What the command does.
const ABOUT: &str =
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

/// The description of the command.
pub(crate) const TOOL: Tool = Tool {
    name: NAME,
    about: ABOUT,
    usage: &[
        "jamma cache list DIR",
        "jamma cache prune DIR [--max-size GB] [--older-than DAYS] [--all]",
    ],
    words: &[
        Word::one("ACTION", Value::Choice(&ACTIONS)),
        Word::one("DIR", Value::Directory),
    ],
    n_words: 2..=2,
    options: &[
        ToolOption::with("--max-size", OPTIONS[0].1, Value::Number, OPTIONS[0].2),
        ToolOption::with("--older-than", OPTIONS[1].1, Value::Number, OPTIONS[1].2),
        ToolOption::flag("--all", OPTIONS[2].2),
    ],
    notes: &[
        "`list` shows each eigendecomposition in DIR: size, last use, number of individuals (n) and description.",
        "`prune` removes files that cannot be used: damaged, from another version of jamma, or left by an interrupted run. With options, it also removes other eigendecompositions. Other files in DIR, and files that a run is writing, are never removed. A run computes again what was removed.",
    ],
    examples: &[
        ("jamma cache list cache", "what is in the directory `cache`"),
        (
            "jamma cache prune cache --max-size 20",
            "keep the most recently used 20 GB",
        ),
    ],
    synonyms: &[
        (
            &[
                "max-gb",
                "size",
                "limit",
                "keep",
                "max-bytes",
                "memory",
                "disk",
                "quota",
                "maxsize",
            ],
            Remedy::Ours("max-size"),
        ),
        (
            &[
                "days",
                "age",
                "max-age",
                "older",
                "mtime",
                "atime",
                "expire",
                "older-than-days",
            ],
            Remedy::Ours("older-than"),
        ),
        (
            &["everything", "clear", "force", "f", "purge", "a"],
            Remedy::Ours("all"),
        ),
        (
            &["dry-run", "n", "dryrun", "simulate"],
            Remedy::Instead("`jamma cache list DIR` shows the entries; it removes nothing"),
        ),
        (
            &["eigen-cache", "dir", "directory", "d", "path"],
            Remedy::Instead("the directory is given without an option: jamma cache list DIR"),
        ),
    ],
    is_hidden: false,
};

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
