//! `jamma plot`: the figures, which the Python package draws with matplotlib.

use crate::error::Error;
use std::ffi::OsString;

/// The name of the command.
pub(super) const NAME: &str = "plot";
/// What the command does.
pub(super) const ABOUT: &str = "Draw figures of results: Manhattan, QQ and regional plots, and others (only with the Python package)";

/// What comes before the name of a command whose help is wanted. (The module `help` suggests commands, this one too.)
const ASKS_FOR_HELP: [&str; 4] = ["help", "--help", "-help", "-?"];

/// The error for `jamma plot ...` and `jamma help plot`; `None` if the command line `typed` is another one.
///
/// The command of the Python package draws the figures itself and does not call this library for them.
pub(super) fn refusal(typed: &[OsString]) -> Option<Error> {
    let is_asked = match typed {
        [_, first, ..] if first == NAME => true,
        [_, first, second, ..] => second == NAME && ASKS_FOR_HELP.iter().any(|word| first == word),
        _ => false,
    };
    is_asked.then(|| {
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
