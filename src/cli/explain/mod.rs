//! `jamma explain`: what the options of a command line of GEMMA mean in jamma, and the equivalent command.

mod explanation;
mod line;
mod rules;
mod show;
mod text;
mod verdict;

pub(super) use text::TOOL;

use super::asks::{asks_for_help, asks_for_version, words_of};
use super::{help, report};
use crate::error::{Error, Result};
use explanation::explain;
use std::ffi::OsString;

/// Runs the command if `typed` is it: `Ok` has the exit status.
///
/// * `backend`: returns the name of the backend, for `--version`
pub(super) fn run(typed: &[OsString], backend: impl Fn() -> Result<String>) -> Option<Result<u8>> {
    let words = words_of(TOOL.name, typed)?;
    Some((|| {
        // `gemma -h` is a command line of GEMMA.
        if words.first().is_none_or(asks_for_help) {
            report::print(help::of_tool(&TOOL));
            return Ok(0);
        }
        if asks_for_version(&words) {
            report::print(report::version(&backend()?));
            return Ok(0);
        }
        let (is_json, words) = divided(&words)?;
        let explanation = explain(&words)?;
        if is_json {
            report::print(show::json(&explanation));
        } else {
            report::print(show::text(&explanation));
        }
        Ok(u8::from(explanation.equivalent.is_err()))
    })())
}

/// Whether JSON is wanted, and the words of the command line to explain.
fn divided(words: &[OsString]) -> Result<(bool, Vec<String>)> {
    let words = words.iter().map(|word| word.to_string_lossy().into_owned());
    let (json, words): (Vec<String>, Vec<String>) = words.partition(|word| word == "--json");
    let words = match words.as_slice() {
        // The whole command line in quotes, which may have quotes of its own.
        [one] => shlex::split(one).ok_or_else(|| {
            let hint = "close it, or give the command line without quotes around it";
            Error::option(one, "a quotation mark is not closed", hint)
        })?,
        _ => words,
    };
    Ok((!json.is_empty(), words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_in_quotes_is_read_as_a_shell_reads_it() {
        let words = |line: &str| divided(&[line.into(), "--json".into()]);
        let (is_json, found) = words("gemma -bfile 'my data'  -o \"a b\" -lmm\\ 4").unwrap();
        assert!(is_json);
        assert_eq!(found, ["gemma", "-bfile", "my data", "-o", "a b", "-lmm 4"]);
        let error = words("gemma -o 'a").unwrap_err();
        assert!(error.to_string().contains("not closed"), "{error}");
    }
}
