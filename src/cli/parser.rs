//! Parses the command line with clap into typed [`Args`]; prints help and version.

use super::args::{Args, Command};
use super::catalogue;
use super::help::{self, Length, Request};
use super::options::{Entry, TABLE, as_typed};
use super::report;
use super::values::{NO_VALUE, Takes, Value};
use super::wrong::in_our_words;
use crate::error::{Error, Result};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches};
use std::ffi::OsString;

fn argument(entry: &Entry) -> Arg {
    let name = entry.name();
    let arg = Arg::new(name);
    let mut letters = name.chars();
    let arg = match (letters.next(), letters.next()) {
        (Some(letter), None) => arg.short(letter),
        _ => arg.long(name),
    };
    if entry.value_name().is_empty() {
        return arg.action(ArgAction::SetTrue);
    }
    let arg = arg
        .value_name(entry.value_name())
        .allow_negative_numbers(true);
    match entry.takes() {
        Takes::Mode(choices) => arg.num_args(0..=1).default_missing_value(choices[0].0),
        Takes::WordOrNone(_) => arg.num_args(0..=1).default_missing_value(NO_VALUE),
        Takes::Columns(_) => arg.num_args(1..),
        _ => arg,
    }
}

fn with_options(parser: clap::Command, command: Option<Command>) -> clap::Command {
    let entries = TABLE.iter().filter(|entry| entry.is_of(command));
    parser.args(entries.map(argument)).args_override_self(true)
}

fn parser() -> clap::Command {
    let root = clap::Command::new("jamma")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true);
    let others = catalogue::commands()
        .into_iter()
        .map(|command| command.name);
    let others = others.filter(|name| Command::of_name(name).is_none());
    Command::ALL
        .into_iter()
        .fold(with_options(root, None), |root, command| {
            let parser = clap::Command::new(command.name());
            root.subcommand(with_options(parser, Some(command)))
        })
        .subcommands(others.map(own_parser))
}

/// A command that does not run an analysis and has a parser of its own, to recognise it after options.
fn own_parser(name: &'static str) -> clap::Command {
    let rest = Arg::new("rest")
        .num_args(0..)
        .trailing_var_arg(true)
        .allow_hyphen_values(true);
    clap::Command::new(name).disable_help_flag(true).arg(rest)
}

/// The parsed command line; `None` if help or version was printed.
///
/// * `words`: the arguments in double-dash spelling
/// * `typed`: the same arguments as the user typed them
/// * `backend`: returns the name of the backend, for `--version`
///
/// Fails with an [`Error::InvalidOption`] that names the option in GEMMA's spelling.
pub(super) fn parse(
    words: &[String],
    typed: &[OsString],
    backend: impl Fn() -> Result<String>,
) -> Result<Option<Args>> {
    match help::request(words) {
        Some(Request::Help(command, length)) => help::answer(command, length),
        Some(Request::Version) => report::print(report::version(&backend()?)),
        Some(Request::On(topic)) => help::on(&topic)?,
        None => return parse_options(words, typed, backend),
    }
    Ok(None)
}

fn parse_options(
    words: &[String],
    typed: &[OsString],
    backend: impl Fn() -> Result<String>,
) -> Result<Option<Args>> {
    match parser().try_get_matches_from_mut(words) {
        Ok(matches) => return args(&matches).map(Some),
        Err(e) if e.kind() == ErrorKind::DisplayVersion => {
            report::print(report::version(&backend()?));
        }
        Err(e) if e.kind() == ErrorKind::DisplayHelp => {
            let command = words.get(1).and_then(|word| Command::of_name(word));
            let is_complete = words.iter().any(|word| word == "--help");
            let length = if is_complete {
                Length::Complete
            } else {
                Length::Short
            };
            help::answer(command, length);
        }
        Err(e) => return Err(in_our_words(&e, words, typed)),
    }
    Ok(None)
}

fn args(matches: &ArgMatches) -> Result<Args> {
    let (command, of_command) = match matches.subcommand() {
        Some((name, of_command)) => {
            reject_options_before(name, matches)?;
            (Command::of_name(name), of_command)
        }
        None => (None, matches),
    };
    let mut args = Args {
        command,
        ..Args::default()
    };
    for entry in given(command, of_command) {
        let words = of_command.try_get_many::<String>(entry.name());
        let words = words.ok().flatten().into_iter().flatten();
        entry.set(&mut args, &Value::Words(words.cloned().collect()))?;
    }
    Ok(args)
}

/// The options of `command` that are given on the command line.
fn given(command: Option<Command>, matches: &ArgMatches) -> impl Iterator<Item = &'static Entry> {
    TABLE.iter().filter(move |entry| {
        entry.is_of(command) && matches.value_source(entry.name()) == Some(ValueSource::CommandLine)
    })
}

/// Fails if an option precedes the command: in `jamma -maf 0.1 lmm -bfile d`, `-maf` would be lost.
fn reject_options_before(command: &str, matches: &ArgMatches) -> Result<()> {
    let Some(entry) = given(None, matches).next() else {
        return Ok(());
    };
    Err(Error::option(
        as_typed(entry.name()),
        format!("the option comes before the command {command}"),
        format!("give the command first: jamma {command} ..."),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_makes_a_consistent_parser() {
        parser().debug_assert();
    }

    #[test]
    fn every_option_that_has_an_effect_changes_its_arguments() {
        for entry in TABLE
            .iter()
            .filter(|entry| !matches!(entry.takes(), Takes::Ignored))
        {
            let words = match entry.takes() {
                Takes::Flag(_) => Vec::new(),
                Takes::Choice(choices) | Takes::Mode(choices) => vec![choices[0].0.to_owned()],
                Takes::Number(range, _) => vec![range.end().to_string()],
                _ => vec!["1".to_owned()],
            };
            let mut args = Args::default();
            let before = format!("{args:?}");
            entry.set(&mut args, &Value::Words(words)).unwrap();
            assert_ne!(format!("{args:?}"), before, "{}", entry.name());
        }
    }
}
