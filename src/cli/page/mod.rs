//! `jamma report`: an HTML report of finished runs.

mod text;

pub(super) use text::{NAME, TOOL};

use crate::cli::asks::{asks_for_help, asks_for_version, words_of};
use crate::cli::options::{as_typed, commands_with};
use crate::cli::unknown::unknown;
use crate::cli::{help, report};
use crate::error::{Error, Result, escaped};
use crate::output::html::files::write;
use std::ffi::OsString;
use std::path::PathBuf;

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Request {
    Help,
    Version,
    Write(Written),
}

/// A report to write.
#[derive(Debug, PartialEq, Eq, Default)]
struct Written {
    prefixes: Vec<PathBuf>,
    bfile: Option<PathBuf>,
    out: Option<PathBuf>,
}

/// The arguments after `report` if this is the command; for `jamma help report`, a request for help.
pub(super) fn words(typed: &[OsString]) -> Option<Vec<OsString>> {
    words_of(NAME, typed)
}

/// Runs the command.
///
/// * `backend`: returns the name of the backend, for `--version`
pub(super) fn run(words: Vec<OsString>, backend: impl Fn() -> Result<String>) -> Result<()> {
    match parse(words)? {
        Request::Help => report::print(help::of_tool(&TOOL)),
        Request::Version => report::print(report::version(&backend()?)),
        Request::Write(Written {
            prefixes,
            bfile,
            out,
        }) => {
            let path = write(&prefixes, bfile.as_deref(), out.as_deref())?;
            report::print(format_args!("wrote {}", escaped(&path.to_string_lossy())));
        }
    }
    Ok(())
}

fn parse(words: Vec<OsString>) -> Result<Request> {
    if words.is_empty() || words.iter().any(asks_for_help) {
        return Ok(Request::Help);
    }
    if asks_for_version(&words) {
        return Ok(Request::Version);
    }
    let mut found = Written::default();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        let name = text.trim_start_matches('-');
        let is_option =
            text.starts_with('-') && name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !is_option {
            if !word.is_empty() {
                found.prefixes.push(PathBuf::from(word));
            }
            continue;
        }
        let (name, attached) = match name.split_once('=') {
            Some((name, value)) => (name, Some(OsString::from(value))),
            None => (name, None),
        };
        let (option, field) = match name {
            "o" | "out" => ("-o", &mut found.out),
            "bfile" => ("-bfile", &mut found.bfile),
            _ => return Err(no_such_option(&text, name)),
        };
        let value = attached.or_else(|| words.next()).map(PathBuf::from);
        let fails = |what: &str, hint: &str| Err(Error::option(option, what, hint));
        match value.filter(|value| !value.as_os_str().is_empty()) {
            None => return fails("the option needs a value", "give a name after it"),
            Some(_) if field.is_some() => {
                return fails("the option is given twice", "give it once");
            }
            Some(value) if value.file_name().is_none() => {
                return fails(
                    "the value has no name of a file",
                    "give a directory and a name",
                );
            }
            value => *field = value,
        }
    }
    if found.prefixes.is_empty() {
        return Err(Error::option(
            "jamma report",
            "no run is given",
            "give the prefix of its files: jamma report output/result",
        ));
    }
    Ok(Request::Write(found))
}

fn no_such_option(typed: &str, name: &str) -> Error {
    if !commands_with(name).is_empty() {
        return Error::option(
            as_typed(name),
            "`jamma report` does not have the option: it reads the tables and logs of finished runs",
            "give prefixes, and perhaps -bfile and -o; for a report with the genotypes, add --report to `jamma lmm` or `jamma lm`",
        );
    }
    unknown(NAME, (typed, name), &["-o", "-bfile"], TOOL.synonyms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Request> {
        parse(line.split_whitespace().map(OsString::from).collect())
    }

    #[test]
    fn prefixes_and_the_output_are_parsed() {
        for line in ["a b -o c", "--o c a b", "a -o=c b", "a --out c b"] {
            let expected = Request::Write(Written {
                prefixes: vec!["a".into(), "b".into()],
                out: Some("c".into()),
                bfile: None,
            });
            assert_eq!(parsed(line).unwrap(), expected, "{line}");
        }
        for line in ["", "help", "a -h", "--help"] {
            assert_eq!(parsed(line).unwrap(), Request::Help, "{line}");
        }
        assert_eq!(parsed("--version").unwrap(), Request::Version);
        for (line, text) in [
            ("a -maf 0.1", "does not have the option"),
            ("a --nonsense", "unrecognized option"),
            ("a -o", "needs a value"),
            ("a -o b -o c", "given twice"),
            ("a -o /", "no name of a file"),
            ("a -bfile", "-bfile"),
            ("-o x", "no run is given"),
        ] {
            let error = parsed(line).unwrap_err().to_string();
            assert!(error.contains(text), "{line}: {error}");
        }
    }
}
