//! Parses the arguments of a command that has a few options and paths.

use crate::cli::{help, suggest};
use crate::error::{Error, Result};
use std::ffi::OsString;
use std::fmt::Write;
use std::path::PathBuf;

/// A command: its paths and options.
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// The paths as the usage shows them, such as `A B`.
    pub(super) paths: &'static str,
    pub(super) n_paths: usize,
    /// Name without dashes, name of the value (empty for a flag, in brackets if it may be omitted), and help.
    pub(super) options: &'static [(&'static str, &'static str, &'static str)],
    /// What follows the options in the help.
    pub(super) notes: &'static str,
}

/// What the command line has.
pub(super) struct Given {
    pub(super) paths: Vec<PathBuf>,
    /// The options by their names, with their values, which are empty for a flag.
    options: Vec<(&'static str, String)>,
}

impl Given {
    /// The value of an option; empty if it has none.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let found = self.options.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether an option is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The number that is the value of an option.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str, what: &str) -> Result<Option<T>> {
        let Some(text) = self.value(name) else {
            return Ok(None);
        };
        text.parse()
            .map(Some)
            .map_err(|_| Error::option(dashed(name), format!("expected {what}, found {text}"), ""))
    }
}

fn dashed(name: &str) -> String {
    if name.len() == 1 {
        format!("-{name}")
    } else {
        format!("--{name}")
    }
}

fn asks_for_help(word: &OsString) -> bool {
    word.to_str()
        .is_some_and(|word| help::is_help(word) || word == "-h")
}

/// Whether the first word asks for the version.
pub(super) fn asks_for_version(words: &[OsString]) -> bool {
    let first = words.first().and_then(|word| word.to_str());
    first.is_some_and(|word| matches!(word, "--version" | "-version" | "-V" | "version"))
}

impl Tool {
    /// The arguments after the name of the command, if it is this one; for `jamma help NAME`, the word help.
    pub(super) fn words(&self, typed: &[OsString]) -> Option<Vec<OsString>> {
        match typed {
            [_, first, rest @ ..] if first == self.name => Some(rest.to_vec()),
            [_, first, second, ..] if second == self.name && asks_for_help(first) => {
                Some(vec!["help".into()])
            }
            _ => None,
        }
    }

    /// The parsed arguments; `None` if they ask for help.
    pub(super) fn parse(&self, words: Vec<OsString>) -> Result<Option<Given>> {
        if words.is_empty() || words.iter().any(asks_for_help) {
            return Ok(None);
        }
        let mut given = Given {
            paths: Vec::new(),
            options: Vec::new(),
        };
        let mut words = words.into_iter().peekable();
        while let Some(word) = words.next() {
            let text = word.to_str().unwrap_or_default();
            let is_option = text.starts_with('-')
                && text[1..].starts_with(|c: char| c == '-' || c.is_alphabetic());
            if !is_option {
                given.paths.push(word.into());
                continue;
            }
            let (typed, attached) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (text, None),
            };
            let name = typed.trim_start_matches('-');
            let known = self.options.iter().find(|(known, ..)| *known == name);
            let &(name, value, help) = known.ok_or_else(|| self.unknown(typed, name))?;
            if given.has(name) {
                return Err(Error::option(
                    typed,
                    "the option is given twice",
                    "give it once",
                ));
            }
            let mut next = || {
                let is_value = |word: &OsString| {
                    let text = word.to_str().unwrap_or_default();
                    // An optional value begins with a digit: anything else is a path.
                    !text.starts_with('-')
                        && (!value.starts_with('[')
                            || text.starts_with(|c: char| c.is_ascii_digit()))
                };
                words
                    .next_if(is_value)
                    .map(|word| word.to_string_lossy().into_owned())
            };
            let text = match (value, attached) {
                ("", None) => String::new(),
                ("", Some(_)) => {
                    return Err(Error::option(typed, "the option takes no value", help));
                }
                (_, attached) => match attached.or_else(&mut next) {
                    Some(text) => text,
                    None if value.starts_with('[') => String::new(),
                    None => return Err(Error::option(typed, "the option needs a value", help)),
                },
            };
            given.options.push((name, text));
        }
        if given.paths.len() != self.n_paths {
            let expected = match self.paths {
                "" => "options only",
                paths => paths,
            };
            return Err(Error::option(
                format!("jamma {}", self.name),
                format!("expected {expected}, found {}", shown(&given.paths)),
                format!("see `jamma help {}`", self.name),
            ));
        }
        Ok(Some(given))
    }

    fn unknown(&self, typed: &str, name: &str) -> Error {
        let names = self.options.iter().map(|(name, ..)| *name);
        let see = format!("see `jamma help {}`", self.name);
        let hint = match suggest::nearest_of(name, names) {
            Some(name) => format!("did you mean {}? Otherwise {see}", dashed(name)),
            None => see,
        };
        Error::option(typed, "unrecognized option", hint)
    }

    /// The help.
    pub(super) fn help(&self) -> String {
        let mut text = format!(
            "{}\n\nUsage: jamma {}{}{} [OPTIONS]\n\nOptions:\n",
            self.about,
            self.name,
            if self.paths.is_empty() { "" } else { " " },
            self.paths
        );
        for (name, value, help) in self.options {
            let option = format!("{} {value}", dashed(name));
            let _ = writeln!(text, "  {option:<22} {help}");
        }
        let _ = write!(text, "\n{}", self.notes);
        text
    }
}

fn shown(paths: &[PathBuf]) -> String {
    match paths {
        [] => "nothing".to_owned(),
        paths => {
            let paths: Vec<_> = paths
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            paths.join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOOL: Tool = Tool {
        name: "tool",
        about: "A tool",
        paths: "A",
        n_paths: 1,
        options: &[
            ("n", "N", "Number"),
            ("clump", "[DISTANCE]", "Distance"),
            ("json", "", "Print JSON"),
        ],
        notes: "",
    };

    fn parsed(line: &str) -> Result<Option<Given>> {
        TOOL.parse(line.split_whitespace().map(OsString::from).collect())
    }

    #[test]
    fn options_and_paths_are_told_apart() {
        for line in [
            "a -n 3 --clump --json",
            "-n=3 -clump a -json",
            "--json --n 3 --clump a",
        ] {
            let given = parsed(line).unwrap().unwrap();
            assert_eq!(given.paths, [PathBuf::from("a")], "{line}");
            assert_eq!(
                (given.value("n"), given.value("clump")),
                (Some("3"), Some(""))
            );
            assert!(given.has("json"));
        }
        let given = parsed("--clump 500kb a").unwrap().unwrap();
        assert_eq!(given.value("clump"), Some("500kb"));
        for line in ["", "--help", "a -h", "help"] {
            assert!(parsed(line).unwrap().is_none(), "{line}");
        }
        for line in [
            "a b",
            "--json",
            "a --jsn",
            "a -n",
            "a --json=1",
            "a -n 1 -n 2",
        ] {
            assert_eq!(parsed(line).err().map(|e| e.exit_code()), Some(2), "{line}");
        }
    }
}
