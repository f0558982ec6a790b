//! Errors of clap, reworded and with hints.

use super::args::Command;
use super::catalogue;
use super::options::{as_typed, commands_with};
use super::suggest;
use crate::error::Error;
use crate::sources::prefix;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;
use std::path::Path;

const SEE_HELP: &str = "see `jamma --help`, or `jamma lmm --help` for one command";
/// Modifiers of PLINK's options.
const MODIFIERS: [&str; 8] = [
    "midp",
    "keep-fewhet",
    "keep-if",
    "bed",
    "ref-first",
    "ref-last",
    "hide-covar",
    "no-sex",
];

/// An error of clap as one of jamma's.
///
/// * `words`: the arguments as clap parsed them
/// * `typed`: the same arguments as the user typed them
pub(super) fn in_our_words(error: &clap::Error, words: &[String], typed: &[OsString]) -> Error {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    };
    // `--maf <FREQUENCY>` is shown as users type it: -maf.
    let argument = context(ContextKind::InvalidArg);
    let word = match argument.split_once([' ', '=']) {
        Some((word, _)) if argument.starts_with('-') => word,
        _ => &argument,
    };
    let name = word.trim_start_matches('-');
    let commands = if word.starts_with('-') {
        commands_with(name)
    } else {
        Vec::new()
    };
    let option = if commands.is_empty() {
        as_written(word, typed)
    } else {
        as_typed(name)
    };
    match error.kind() {
        ErrorKind::UnknownArgument if word.starts_with('-') && commands.is_empty() => {
            Error::option(
                option,
                "unrecognized option",
                did_you_mean(name, &context(ContextKind::SuggestedArg)),
            )
        }
        ErrorKind::UnknownArgument if word.starts_with('-') => {
            let commands: Vec<String> = commands
                .iter()
                .map(|name| format!("`jamma {name}`"))
                .collect();
            let hint = format!("it is an option of {}; {SEE_HELP}", commands.join(" and "));
            Error::option(option, "this command does not have the option", hint)
        }
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => {
            let subcommand = context(ContextKind::InvalidSubcommand);
            stray(if word.is_empty() { &subcommand } else { word }, words)
        }
        ErrorKind::InvalidValue | ErrorKind::WrongNumberOfValues | ErrorKind::TooFewValues => {
            let hint = if commands.is_empty() {
                SEE_HELP.to_owned()
            } else {
                format!("{}; {SEE_HELP}", super::options::explanation(name))
            };
            Error::option(option, "the option needs a value", hint)
        }
        ErrorKind::TooManyValues => Error::option(option, "the option takes no value", SEE_HELP),
        _ => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            Error::option(
                "command line",
                first.trim_start_matches("error: "),
                SEE_HELP,
            )
        }
    }
}

fn did_you_mean(name: &str, of_clap: &str) -> String {
    let mut names = suggest::options(name);
    if names.is_empty() && !of_clap.is_empty() {
        let theirs = of_clap.split(", ");
        names = theirs
            .map(|name| as_typed(name.trim_start_matches('-')))
            .collect();
    }
    if names.is_empty() {
        SEE_HELP.into()
    } else {
        format!("did you mean {}? Otherwise {SEE_HELP}", names.join(" or "))
    }
}

/// The error for an argument that is neither a command, an option, nor the value of an option.
fn stray(word: &str, words: &[String]) -> Error {
    let command = words
        .get(1)
        .filter(|first| Command::of_name(first).is_some());
    Error::option(
        word,
        "unexpected argument: neither a command nor the value of an option",
        match command {
            Some(command) => after_command(word, command, words),
            None => without_command(word),
        },
    )
}

fn after_command(word: &str, command: &str, words: &[String]) -> String {
    let is_option = |name: &str| {
        let (long, with_value) = (format!("--{name}"), format!("--{name}="));
        words
            .iter()
            .any(|word| *word == long || word.starts_with(&with_value))
    };
    if MODIFIERS.contains(&word) {
        return "it is a modifier of a PLINK option, which jamma does not support; omit it".into();
    }
    let is_prefix = Path::new(&format!("{word}.bed")).exists();
    if !commands_with(word).is_empty() && (!is_prefix || is_option("bfile")) {
        return format!("options begin with a dash: {}", as_typed(word));
    }
    if command == "demo" {
        return "`jamma demo` needs no input; for your own data: jamma lmm -bfile PREFIX".into();
    }
    if !is_option("bfile") {
        return match prefix::explain(word) {
            Some((_, hint)) => format!("genotypes are given with -bfile; {hint}"),
            None => format!(
                "the prefix of the PLINK files is given with -bfile: jamma {command} -bfile {word}"
            ),
        };
    }
    if !is_option("o") && Path::new(word).extension().is_none() && !Path::new(word).exists() {
        return format!(
            "an option takes one value, and a name with spaces needs quotes; the prefix of the output files is given with -o: -o {word}"
        );
    }
    "an option takes one value, and a name with spaces needs quotes".into()
}

fn without_command(word: &str) -> String {
    if let Some(command) = suggest::command(word) {
        return format!("did you mean `jamma {command}`? Otherwise {SEE_HELP}");
    }
    let exists = |extension| Path::new(&format!("{word}.{extension}")).exists();
    match prefix::explain(word) {
        Some((_, hint)) => format!("give a command and -bfile: jamma lmm -bfile PREFIX; {hint}"),
        None if ["bed", "bim", "fam"].into_iter().any(exists) => {
            format!("give a command and -bfile: jamma lmm -bfile {word}")
        }
        None if !commands_with(word).is_empty() => {
            format!("options begin with a dash: {}", as_typed(word))
        }
        None => format!("the commands are {}; {SEE_HELP}", commands()),
    }
}

/// The names of all commands.
fn commands() -> String {
    let commands = catalogue::commands().into_iter();
    let names: Vec<&str> = commands
        .filter(|command| !command.is_hidden)
        .map(|c| c.name)
        .collect();
    names.join(", ")
}

/// An unknown option with the dashes that the user typed.
fn as_written(word: &str, typed: &[OsString]) -> String {
    let name = |word: &str| {
        let name = word.trim_start_matches('-').split('=').next();
        name.unwrap_or_default().to_owned()
    };
    let mut words = typed.iter().filter_map(|typed| typed.to_str());
    let found = words.find(|typed| typed.starts_with('-') && name(typed) == name(word));
    let found = found.unwrap_or(word).split('=').next();
    found.unwrap_or_default().to_owned()
}
