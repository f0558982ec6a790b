//! The ways of asking for help or the version.

use super::args::Command;
use super::options::{explanation, is_known};
use super::{foreign, suggest};
use crate::error::{Error, Result};

/// The words with every way of asking for help or the version as `--help` or `--version`: `jamma help lmm`,
/// `jamma lmm help`, `jamma version`, `jamma -?`.
///
/// `None` after the explanation of an option was printed (`jamma help maf`). Fails where help on something unknown is
/// asked for.
pub(super) fn rewritten(words: &[String]) -> Result<Option<Vec<String>>> {
    let is_command = |word: &str| Command::of_name(word).is_some();
    let is_help = |word: &str| matches!(word, "help" | "--help" | "-?" | "/?" | "-help");
    let is_version = |word: &str| matches!(word, "version" | "--version");
    let rest: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    let asked: &[&str] = match rest.as_slice() {
        [first] if is_help(first) => &["--help"],
        [first, second] if is_help(first) && is_help(second) => &["--help"],
        [first, ..] if is_version(first) => &["--version"],
        [first, second] if is_help(first) && is_version(second) => &["--version"],
        [first, command, ..] if is_help(first) && is_command(command) => &[command, "--help"],
        [command, last] if is_command(command) && is_help(last) => &[command, "--help"],
        [command, last] if is_command(command) && is_version(last) => &["--version"],
        [command, .., "--version"] if is_command(command) => &["--version"],
        // GEMMA's help has numbers of topics.
        ["--help", number] if number.parse::<u32>().is_ok() => &["--help"],
        [first, topic, ..] if is_help(first) => return on(topic).map(|()| None),
        _ => return Ok(Some(words.to_vec())),
    };
    let program = words.first().cloned().unwrap_or_default();
    let asked = asked.iter().map(|&word| word.to_owned());
    Ok(Some(std::iter::once(program).chain(asked).collect()))
}

/// Prints what an option does.
fn on(topic: &str) -> Result<()> {
    let name = topic.trim_start_matches('-');
    if is_known(name) {
        super::report::say(explanation(name));
        return Ok(());
    }
    if let Some(refused) = foreign::refusal(topic, name) {
        return Err(refused);
    }
    let hint = match (suggest::command(topic), suggest::options(name).first()) {
        (Some(command), _) => format!("did you mean `jamma help {command}`?"),
        (None, Some(option)) => format!("did you mean {option}?"),
        (None, None) => "`jamma --help` lists commands and options".to_owned(),
    };
    Err(Error::option(
        topic,
        "there is no such command or option",
        hint,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_asking_is_understood() {
        let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
        for (line, expected) in [
            ("jamma help", "jamma --help"),
            ("jamma -?", "jamma --help"),
            ("jamma help lmm", "jamma lmm --help"),
            ("jamma --help gk", "jamma gk --help"),
            ("jamma lmm help", "jamma lmm --help"),
            ("jamma version", "jamma --version"),
            ("jamma lmm --version", "jamma --version"),
            ("jamma --help 3", "jamma --help"),
            ("jamma lmm --bfile help", "jamma lmm --bfile help"),
            ("jamma --o version --lmm 1", "jamma --o version --lmm 1"),
        ] {
            assert_eq!(
                rewritten(&words(line)).unwrap(),
                Some(words(expected)),
                "{line}"
            );
        }
        assert!(rewritten(&words("jamma help maf")).unwrap().is_none());
        let error = rewritten(&words("jamma help nonsense")).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(rewritten(&words("jamma help covar")).is_err());
    }
}
