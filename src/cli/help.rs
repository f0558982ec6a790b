//! Requests for help or the version, in all their spellings.

use super::args::Command;
use super::options::{explanation, is_known};
use super::{foreign, suggest};
use crate::error::{Error, Result};

/// Whether `word` asks for help.
pub(super) fn is_help(word: &str) -> bool {
    matches!(word, "help" | "--help" | "-?" | "/?" | "-help")
}

/// The arguments with every request for help or the version (`jamma help lmm`, `jamma lmm help`, `jamma version`, `jamma -?`)
/// rewritten as `--help` or `--version`.
///
/// `None` if the explanation of an option was printed (`jamma help maf`). Fails if the topic is unknown.
pub(super) fn rewritten(words: &[String]) -> Result<Option<Vec<String>>> {
    let is_command = |word: &str| Command::of_name(word).is_some();
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
        // GEMMA numbers the topics of its help.
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
    if let Some(text) = super::cache::explanation(name) {
        super::report::print(text);
        return Ok(());
    }
    if is_known(name) {
        super::report::print(explanation(name));
        return Ok(());
    }
    if let Some(error) = foreign::error(topic, name) {
        return Err(error);
    }
    let hint = match (suggest::command(topic), suggest::options(name).first()) {
        (Some(command), _) => format!("did you mean `jamma help {command}`?"),
        (None, Some(option)) => format!("did you mean {option}?"),
        (None, None) => "`jamma --help` lists commands and options".to_owned(),
    };
    Err(Error::option(topic, "no such command or option", hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_for_help_is_recognised() {
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
        assert!(rewritten(&words("jamma help covars")).is_err());
    }
}
