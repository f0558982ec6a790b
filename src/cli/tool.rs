//! Commands that run no analysis: their description, and the parser of their arguments.

use super::asks::{asks_for_help, words_of};
use super::unknown::{Synonyms, unknown};
use crate::error::{Error, Result};
use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// What a value may be, for completions and the reference.
pub(super) enum Value {
    /// There is none: a flag.
    None,
    /// A number of at least 0.
    Number,
    /// A text.
    Text,
    /// A file, or the prefix of files.
    Path,
    /// A directory.
    Directory,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// An option.
pub(super) struct ToolOption {
    /// The option with its dash or dashes.
    pub(super) typed: &'static str,
    /// The name of the value; empty for a flag.
    pub(super) value_name: &'static str,
    pub(super) value: Value,
    pub(super) is_value_optional: bool,
    pub(super) help: &'static str,
}

impl ToolOption {
    /// A flag.
    pub(super) const fn flag(typed: &'static str, help: &'static str) -> Self {
        Self::with(typed, "", Value::None, help)
    }

    /// An option with a value.
    pub(super) const fn with(
        typed: &'static str,
        value_name: &'static str,
        value: Value,
        help: &'static str,
    ) -> Self {
        Self {
            typed,
            value_name,
            value,
            is_value_optional: false,
            help,
        }
    }

    /// The same option, whose value may be omitted.
    pub(super) const fn optional(self) -> Self {
        Self {
            is_value_optional: true,
            ..self
        }
    }

    fn name(&self) -> &'static str {
        self.typed.trim_start_matches('-')
    }
}

/// An argument that is not an option.
pub(super) struct Word {
    pub(super) name: &'static str,
    pub(super) value: Value,
    pub(super) is_repeated: bool,
}

impl Word {
    /// An argument that occurs once.
    pub(super) const fn one(name: &'static str, value: Value) -> Self {
        Self {
            name,
            value,
            is_repeated: false,
        }
    }

    /// An argument that may be repeated.
    pub(super) const fn repeated(name: &'static str, value: Value) -> Self {
        Self {
            name,
            value,
            is_repeated: true,
        }
    }
}

/// A command.
pub(super) struct Tool {
    pub(super) name: &'static str,
    /// What it does, without a full stop.
    pub(super) about: &'static str,
    /// The ways to call it.
    pub(super) usage: &'static [&'static str],
    pub(super) words: &'static [Word],
    /// How many words there may be.
    pub(super) n_words: RangeInclusive<usize>,
    pub(super) options: &'static [ToolOption],
    /// Paragraphs that follow the options in the help.
    pub(super) notes: &'static [&'static str],
    /// Command lines with what they do.
    pub(super) examples: &'static [(&'static str, &'static str)],
    /// Other names of the options.
    pub(super) synonyms: Synonyms,
    /// Whether it is left out of the list of commands.
    pub(super) is_hidden: bool,
}

/// What the command line has.
pub(super) struct Given {
    /// The words that are not options.
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

impl Tool {
    /// The arguments after the name of the command, if it is this one; for `jamma help NAME`, the word help.
    pub(super) fn words(&self, typed: &[OsString]) -> Option<Vec<OsString>> {
        words_of(self.name, typed)
    }

    /// The parsed arguments; `None` if they ask for help.
    /// A command that needs no arguments runs without them; any other prints its help.
    pub(super) fn parse(&self, words: Vec<OsString>) -> Result<Option<Given>> {
        let is_missing = words.is_empty() && *self.n_words.start() > 0;
        if is_missing || words.iter().any(asks_for_help) {
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
            let known = self.options.iter().find(|known| known.name() == name);
            let known = known.ok_or_else(|| self.unknown(typed, name))?;
            let (name, help) = (known.name(), known.help);
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
                        && (!known.is_value_optional
                            || text.starts_with(|c: char| c.is_ascii_digit()))
                };
                words
                    .next_if(is_value)
                    .map(|word| word.to_string_lossy().into_owned())
            };
            let text = match (known.value_name, attached) {
                ("", None) => String::new(),
                ("", Some(_)) => {
                    return Err(Error::option(typed, "the option takes no value", help));
                }
                (_, attached) => match attached.or_else(&mut next) {
                    Some(text) => text,
                    None if known.is_value_optional => String::new(),
                    None => return Err(Error::option(typed, "the option needs a value", help)),
                },
            };
            given.options.push((name, text));
        }
        if !self.n_words.contains(&given.paths.len()) {
            return Err(Error::option(
                format!("jamma {}", self.name),
                format!(
                    "expected {}, found {}",
                    self.expected(),
                    shown(&given.paths)
                ),
                format!("see `jamma help {}`", self.name),
            ));
        }
        Ok(Some(given))
    }

    /// The words as the usage shows them, such as `A B`.
    fn expected(&self) -> String {
        let names: Vec<&str> = self.words.iter().map(|word| word.name).collect();
        match names.join(" ") {
            none if none.is_empty() => "options only".to_owned(),
            names => names,
        }
    }

    fn unknown(&self, typed: &str, name: &str) -> Error {
        let own: Vec<&'static str> = self.options.iter().map(|option| option.typed).collect();
        unknown(self.name, (typed, name), &own, self.synonyms)
    }
}

fn dashed(name: &str) -> String {
    if name.len() == 1 {
        format!("-{name}")
    } else {
        format!("--{name}")
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
    use crate::cli::foreign::Remedy;

    const TOOL: Tool = Tool {
        name: "tool",
        about: "A tool",
        usage: &["jamma tool A"],
        words: &[Word::one("A", Value::Path)],
        n_words: 1..=1,
        options: &[
            ToolOption::with("-n", "N", Value::Number, "Number"),
            ToolOption::with("--clump", "DISTANCE", Value::Text, "Distance").optional(),
            ToolOption::flag("--json", "Print JSON"),
        ],
        notes: &[],
        examples: &[],
        synonyms: &[
            (&["number"], Remedy::Ours("n")),
            (&["out"], Remedy::Instead("use >")),
        ],
        is_hidden: false,
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
