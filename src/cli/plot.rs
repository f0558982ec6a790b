//! `jamma plot`: the figures, which the Python package draws with matplotlib.

use super::asks::words_of;
use super::tool::{Tool, Value, Word};
use crate::error::Error;
use std::ffi::OsString;

/// The name of the command.
pub(super) const NAME: &str = "plot";
/// The description of the command, whose options are those of the Python package.
pub(super) const TOOL: Tool = Tool {
    name: NAME,
    about: "Draw figures of results, only with the Python package: Manhattan, QQ and regional plots, and others",
    usage: &["jamma plot KIND PREFIX... -o FILE [OPTIONS]"],
    words: &[
        Word::one("KIND", Value::Text),
        Word::repeated("PREFIX", Value::Path),
    ],
    n_words: 0..=usize::MAX,
    options: &[],
    notes: &["`jamma plot --help` of the Python package lists the figures and their options."],
    examples: &[(
        "jamma plot manhattan mouse -o manhattan.pdf",
        "a Manhattan plot",
    )],
    synonyms: &[],
    is_hidden: false,
};

/// The error for `jamma plot ...` and `jamma help plot`; `None` if the command line `typed` is another one.
///
/// The command of the Python package draws the figures itself and does not call this library for them.
pub(super) fn refusal(typed: &[OsString]) -> Option<Error> {
    words_of(NAME, typed).map(|_| {
        Error::option(
            "jamma plot",
            "this executable does not draw figures; the command `jamma` of the Python package does",
            "in a checkout: `pip install '.[plot]'`, then `jamma plot --help` (docs/figures.md)",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_requests_for_figures_are_refused() {
        let words = |line: &str| -> Vec<OsString> { line.split(' ').map(Into::into).collect() };
        for line in ["jamma plot", "jamma plot qq x -o x.pdf", "jamma help plot"] {
            let error = refusal(&words(line)).unwrap();
            assert_eq!(error.exit_code(), 2, "{line}");
            assert!(
                error.to_string().contains("does not draw figures"),
                "{line}"
            );
        }
        for line in [
            "jamma",
            "jamma lmm -o plot",
            "jamma lmm plot",
            "jamma help lmm",
        ] {
            assert!(refusal(&words(line)).is_none(), "{line}");
        }
    }
}
