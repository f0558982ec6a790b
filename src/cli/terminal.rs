//! The terminal: its width, and whether colours and moving lines are wanted.
//!
//! `NO_COLOR` (no-color.org) takes precedence over `CLICOLOR_FORCE`, and this over `CLICOLOR=0`, `TERM=dumb` and what standard
//! output is.

use std::ffi::OsString;
use std::io::IsTerminal;

/// Columns of text that is not printed on a terminal.
const DEFAULT_WIDTH: usize = 100;
/// Longer lines of text are hard to read.
const MOST: usize = 120;
/// Fewer columns leave no place for text beside the names of options.
const LEAST: usize = 50;

/// The columns of text: those of the terminal, or of `COLUMNS`, within limits of readability.
pub(super) fn width() -> usize {
    let of_variable = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let of_terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = of_variable.filter(|width| *width > 0).or_else(of_terminal);
    width.unwrap_or(DEFAULT_WIDTH).clamp(LEAST, MOST)
}

/// Whether standard output is to have colours.
pub(super) fn has_colours() -> bool {
    wants_colours(
        |name| std::env::var_os(name),
        std::io::stdout().is_terminal(),
    )
}

/// Whether standard error is a terminal on which lines can be overwritten.
pub(super) fn has_moving_lines() -> bool {
    std::io::stderr().is_terminal() && !is_dumb(&|name| std::env::var_os(name))
}

fn is_dumb(variable: &dyn Fn(&str) -> Option<OsString>) -> bool {
    variable("TERM").is_some_and(|term| term == "dumb")
}

fn wants_colours(variable: impl Fn(&str) -> Option<OsString>, is_terminal: bool) -> bool {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let is_zero = |name: &str| variable(name).is_some_and(|value| value == "0");
    if is_set("NO_COLOR") {
        return false;
    }
    if is_set("CLICOLOR_FORCE") && !is_zero("CLICOLOR_FORCE") {
        return true;
    }
    is_terminal && !is_zero("CLICOLOR") && !is_dumb(&variable)
}

/// How a text is emphasised on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Style {
    #[default]
    Plain,
    Bold,
    Good,
    Bad,
}

/// `text` in a style.
pub(super) fn styled(text: &str, style: Style, has_colours: bool) -> String {
    let code = match style {
        Style::Plain => return text.to_owned(),
        _ if !has_colours => return text.to_owned(),
        Style::Bold => "1",
        Style::Good => "32",
        Style::Bad => "31",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_decide_on_colours_in_their_order() {
        let wants = |variables: &[(&str, &str)], is_terminal| {
            let value = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| OsString::from(value))
            };
            wants_colours(value, is_terminal)
        };
        for (variables, on_terminal, in_file) in [
            (&[][..], true, false),
            (&[("NO_COLOR", "1")], false, false),
            (&[("NO_COLOR", "")], true, false),
            (&[("CLICOLOR_FORCE", "1")], true, true),
            (&[("CLICOLOR_FORCE", "0")], true, false),
            (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false, false),
            (&[("CLICOLOR", "0")], false, false),
            (&[("TERM", "dumb")], false, false),
            (&[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], true, true),
        ] {
            assert_eq!(wants(variables, true), on_terminal, "{variables:?}");
            assert_eq!(wants(variables, false), in_file, "{variables:?}");
        }
    }
}
