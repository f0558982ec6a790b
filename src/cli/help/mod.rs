//! Requests for help or the version, in all their spellings, and the answers.

mod text;

use text::{complete, short};
pub(super) use text::{first_clause, of_tool};

use super::args::Command;
use super::asks::is_help;
use super::catalogue;
use super::description::OptionText;
use super::options::{explanation, is_known};
use super::report::print;
use super::terminal;
use super::wrapped::wrapped;
use super::{foreign, suggest};
use crate::error::{Error, Result};

/// What a command line asks for instead of an analysis.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// The help of a command, or of all; the short one or the complete one.
    Help(Option<Command>, Length),
    /// The version.
    Version,
    /// What an option does (`jamma help maf`).
    On(String),
}

/// The length of a help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// `-h`, and the command line without arguments.
    Short,
    /// `--help`.
    Complete,
}

/// The request for help or the version (`jamma help lmm`, `jamma lmm help`, `jamma version`, `jamma -?`); `None` if there is none.
///
/// * `words`: the arguments in double-dash spelling, after the name of the program
pub(super) fn request(words: &[String]) -> Option<Request> {
    use Length::{Complete, Short};
    let is_version = |word: &str| matches!(word, "version" | "--version");
    let rest: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    let help = |command: &str, length| Some(Request::Help(Command::of_name(command), length));
    let is_command = |word: &str| Command::of_name(word).is_some();
    match rest.as_slice() {
        [] | ["-h"] => help("", Short),
        [first] if is_help(first) => help("", Complete),
        [first, second] if is_help(first) && is_help(second) => help("", Complete),
        [first, ..] if is_version(first) => Some(Request::Version),
        [first, second] if is_help(first) && is_version(second) => Some(Request::Version),
        [first, command, ..] if is_help(first) && is_command(command) => help(command, Complete),
        [command, "-h"] | ["-h", command, ..] if is_command(command) => help(command, Short),
        [command, last] if is_command(command) && is_help(last) => help(command, Complete),
        [command, last] if is_command(command) && is_version(last) => Some(Request::Version),
        [command, .., "--version"] if is_command(command) => Some(Request::Version),
        // GEMMA numbers the topics of its help.
        ["--help" | "-h", number] if number.parse::<u32>().is_ok() => help("", Complete),
        ["-h", topic, ..] => Some(Request::On((*topic).to_owned())),
        [first, topic, ..] if is_help(first) => Some(Request::On((*topic).to_owned())),
        _ => None,
    }
}

/// Prints the answer to a request for help. Fails if its topic is unknown.
pub(super) fn answer(command: Option<Command>, length: Length) {
    let (of, groups) = match command {
        None => (catalogue::root(), catalogue::groups()),
        Some(command) => (super::description::of_command(Some(command)), Vec::new()),
    };
    print(match length {
        Length::Short => short(&of, &groups),
        Length::Complete => complete(&of, &groups),
    });
}

/// Prints what an option does. Fails if there is no such option.
pub(super) fn on(topic: &str) -> Result<()> {
    let name = topic.trim_start_matches('-');
    let found = explanations(name);
    if !found.is_empty() {
        let paragraphs = found.iter().map(|text| wrapped(text, terminal::width()));
        let paragraphs: Vec<String> = paragraphs.map(|lines| lines.join("\n")).collect();
        print(paragraphs.join("\n\n"));
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

/// What an option does in the analyses, and in each of the other commands that have it.
fn explanations(name: &str) -> Vec<String> {
    let of_analyses = is_known(name).then(|| explanation(name));
    let of_cache = super::cache::explanation(name);
    let tools = catalogue::commands().into_iter().filter(|command| {
        Command::of_name(command.name).is_none() && command.name != super::cache::TOOL.name
    });
    let of_tools = tools.flat_map(|command| {
        let mut options = command.options;
        options.retain(|option| option.typed.trim_start_matches('-') == name);
        let about = move |option: OptionText| {
            let end = if option.help.ends_with('.') { "" } else { "." };
            format!(
                "{} (jamma {}): {}{end}",
                option.usage(),
                command.name,
                option.help
            )
        };
        options.into_iter().map(about)
    });
    of_analyses
        .into_iter()
        .chain(of_cache)
        .chain(of_tools)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_for_help_is_recognised() {
        use Length::{Complete, Short};
        let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
        let help = |command, length| Some(Request::Help(command, length));
        for (line, expected) in [
            ("jamma", help(None, Short)),
            ("jamma -h", help(None, Short)),
            ("jamma help", help(None, Complete)),
            ("jamma -?", help(None, Complete)),
            ("jamma help lmm", help(Some(Command::Lmm), Complete)),
            ("jamma --help gk", help(Some(Command::Gk), Complete)),
            ("jamma lmm help", help(Some(Command::Lmm), Complete)),
            ("jamma lmm -h", help(Some(Command::Lmm), Short)),
            ("jamma version", Some(Request::Version)),
            ("jamma lmm --version", Some(Request::Version)),
            ("jamma --help 3", help(None, Complete)),
            ("jamma -h 3", help(None, Complete)),
            ("jamma help maf", Some(Request::On("maf".into()))),
            ("jamma -h maf", Some(Request::On("maf".into()))),
            ("jamma lmm --bfile help", None),
            ("jamma --o version --lmm 1", None),
        ] {
            assert_eq!(request(&words(line)), expected, "{line}");
        }
        assert!(on("maf").is_ok());
        let clump = explanations("clump");
        assert!(clump[0].starts_with("--clump"), "{clump:?}");
        assert!(clump[0].contains("(jamma top): "), "{clump:?}");
        // An analysis and other commands have it.
        let threads = explanations("threads");
        let has = |text: &str| threads.iter().any(|one| one.contains(text));
        assert!(
            has("at most four per core") && has("(jamma cost)"),
            "{threads:?}"
        );
        assert_eq!(explanations("max-size").len(), 1);
        assert_eq!(on("nonsense").unwrap_err().exit_code(), 2);
        assert!(on("covars").is_err());
    }
}
