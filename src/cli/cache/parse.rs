//! Parses the arguments of `jamma cache`.

use super::text::{ACTIONS, NAME, OPTIONS, TOOL, explanation};
use crate::cli::asks::{asks_for_help, asks_for_version, words_of};
use crate::cli::suggest;
use crate::cli::unknown::unknown;
use crate::eigen::cache::PruneOptions;
use crate::error::{Error, Result};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SEE_HELP: &str = "see `jamma help cache`";
/// Largest number of GB and days that is accepted.
const LARGEST: f64 = 1e6;
const SECONDS_PER_DAY: f64 = 24.0 * 60.0 * 60.0;

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub(super) enum Request {
    Help,
    Version,
    List(PathBuf),
    Prune(PathBuf, PruneOptions),
}

/// The arguments after `cache` if this is the command; for `jamma help cache`, those of `jamma cache help`.
pub(crate) fn words(typed: &[OsString]) -> Option<Vec<OsString>> {
    words_of(NAME, typed)
}

/// Parses the arguments after `cache`.
pub(super) fn parse(words: Vec<OsString>) -> Result<Request> {
    if words.is_empty() || words.iter().any(asks_for_help) {
        return Ok(Request::Help);
    }
    if asks_for_version(&words) {
        return Ok(Request::Version);
    }
    let mut words = words.into_iter();
    let first = words.next().unwrap_or_default();
    let first = first.to_string_lossy();
    let Some(action) = ACTIONS.into_iter().find(|action| *action == first) else {
        return Err(no_action(&first));
    };
    let (mut directory, mut given) = (None, Given::default());
    while let Some(word) = words.next() {
        match word.to_str().and_then(option) {
            Some((name, value)) => given.add(action, &name, value, &mut words)?,
            None if word.is_empty() => {}
            None if directory.is_none() => directory = Some(PathBuf::from(word)),
            None => {
                return Err(Error::option(
                    word.to_string_lossy(),
                    "unexpected argument: one directory is expected",
                    format!("a name with spaces needs quotes; {SEE_HELP}"),
                ));
            }
        }
    }
    let directory = directory.ok_or_else(|| {
        Error::option(
            format!("jamma cache {action}"),
            "no directory is given",
            format!("give the directory of --eigen-cache: jamma cache {action} DIR"),
        )
    })?;
    match action {
        "list" => Ok(Request::List(directory)),
        _ => Ok(Request::Prune(directory, given.options()?)),
    }
}

fn no_action(word: &str) -> Error {
    let hint = match suggest::nearest_of(word, ACTIONS.into_iter()) {
        Some(action) => format!("did you mean `jamma cache {action}`?"),
        None if word.starts_with('-') || Path::new(word).exists() => {
            "give list or prune first: jamma cache list DIR".to_owned()
        }
        None => SEE_HELP.to_owned(),
    };
    let what = "unexpected argument: `jamma cache` is followed by list or prune";
    Error::option(word, what, hint)
}

/// The name of an option, with the dashes as typed, and the value after its `=`; `None` if `word` is not an option.
fn option(word: &str) -> Option<(String, Option<String>)> {
    let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
    let is_option = name.starts_with(|c: char| c.is_ascii_alphabetic());
    is_option.then(|| match word.split_once('=') {
        Some((option, value)) => (option.to_owned(), Some(value.to_owned())),
        None => (word.to_owned(), None),
    })
}

/// The options given, as typed and with their values, which are empty for a flag.
#[derive(Default)]
struct Given(Vec<(&'static str, String)>);

impl Given {
    /// Adds the option `typed`, whose value is `attached` to it or the next of `words`.
    fn add(
        &mut self,
        action: &str,
        typed: &str,
        attached: Option<String>,
        words: &mut impl Iterator<Item = OsString>,
    ) -> Result<()> {
        let name = typed.trim_start_matches('-');
        let Some((name, value, _)) = OPTIONS.into_iter().find(|(known, ..)| *known == name) else {
            let own: Vec<&str> = TOOL.options.iter().map(|option| option.typed).collect();
            return Err(unknown(NAME, (typed, name), &own, TOOL.synonyms));
        };
        let fails = |what: &str, hint: String| Err(Error::option(typed, what, hint));
        if action != "prune" {
            let hint = "it is an option of `jamma cache prune`".to_owned();
            return fails("this command does not have the option", hint);
        }
        if self.0.iter().any(|(known, _)| *known == name) {
            return fails("the option is given twice", "give it once".to_owned());
        }
        if value.is_empty() {
            if attached.is_some() {
                return fails("the option takes no value", SEE_HELP.to_owned());
            }
            self.0.push((name, String::new()));
            return Ok(());
        }
        let text = attached.or_else(|| {
            let next = words.next()?.into_string().ok();
            next.filter(|next| option(next).is_none())
        });
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            let hint = explanation(name).unwrap_or_default();
            return fails("the option needs a value", hint);
        };
        self.0.push((name, text));
        Ok(())
    }

    fn number(&self, name: &str, unit: &str) -> Result<Option<f64>> {
        let Some((_, text)) = self.0.iter().find(|(known, _)| *known == name) else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|x| (0.0..=LARGEST).contains(x));
        number.map(Some).ok_or_else(|| {
            Error::option(
                format!("--{name}"),
                format!("expected a number of {unit} from 0 to {LARGEST}, found {text}"),
                explanation(name).unwrap_or_default(),
            )
        })
    }

    fn options(&self) -> Result<PruneOptions> {
        let all = self.0.iter().any(|(name, _)| *name == "all");
        let max_bytes = self.number("max-size", "GB (1e9 bytes)")?;
        let older_than = self.number("older-than", "days")?;
        if all && let Some((name, _)) = self.0.iter().find(|(name, _)| *name != "all") {
            return Err(Error::option(
                "--all",
                format!("--all removes everything, and --{name} only a part"),
                format!("omit --all or --{name}"),
            ));
        }
        Ok(PruneOptions {
            max_bytes: max_bytes.map(|gb| (gb * 1e9) as u64),
            older_than: older_than.map(|days| Duration::from_secs_f64(days * SECONDS_PER_DAY)),
            all,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Request> {
        let words = line.split_whitespace().map(OsString::from).collect();
        parse(words)
    }

    #[test]
    fn both_spellings_are_parsed() {
        let options = PruneOptions {
            max_bytes: Some(2_500_000_000),
            older_than: Some(Duration::from_hours(24)),
            all: false,
        };
        for line in [
            "prune d --max-size 2.5 --older-than 1",
            "prune -max-size 2.5 d -older-than=1",
            "prune --older-than=1 -max-size=2.5e0 d",
        ] {
            assert_eq!(parsed(line).unwrap(), Request::Prune("d".into(), options));
        }
        let none = PruneOptions::default();
        assert_eq!(parsed("prune d").unwrap(), Request::Prune("d".into(), none));
        let all = PruneOptions { all: true, ..none };
        assert_eq!(
            parsed("prune -all d").unwrap(),
            Request::Prune("d".into(), all)
        );
        assert_eq!(parsed("list d").unwrap(), Request::List("d".into()));
        for line in [
            "",
            "help",
            "--help",
            "-h",
            "list --help",
            "prune d -help",
            "list -?",
        ] {
            assert_eq!(parsed(line).unwrap(), Request::Help, "{line}");
        }
        assert_eq!(parsed("--version").unwrap(), Request::Version);
    }
}
