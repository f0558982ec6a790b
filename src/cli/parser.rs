//! Parses the command line with clap into typed [`Args`]; prints help and version.

use super::args::{Args, Command};
use super::cache::{ABOUT as ABOUT_CACHE, NAME as CACHE};
use super::options::{Entry, TABLE, as_typed};
use super::page::{ABOUT as ABOUT_REPORT, NAME as REPORT};
use super::plot::{ABOUT as ABOUT_PLOT, NAME as PLOT};
use super::tools::ABOUT as TOOLS;
use super::values::{NO_VALUE, Takes, Value};
use super::wrong::in_our_words;
use super::{help, parts, report};
use crate::error::{Error, Result};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches};
use std::ffi::OsString;

fn argument(entry: &Entry) -> Arg {
    let name = entry.name();
    let arg = Arg::new(name)
        .help(entry.help())
        .help_heading(entry.heading());
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

fn about(command: Command) -> &'static str {
    match command {
        Command::Gk => {
            "Compute the kinship matrix of all individuals: PREFIX.cXX.txt or PREFIX.sXX.txt"
        }
        Command::Eigen => {
            "Decompose the kinship of the analysed individuals: PREFIX.eigenD.txt, PREFIX.eigenU.txt"
        }
        Command::Lmm => {
            "Test every SNP for association: PREFIX.assoc.txt. The kinship is computed in the same run unless it is given with -k, or -d and -u"
        }
        Command::Lm => {
            "Test every SNP for association in the linear model, without a kinship: PREFIX.assoc.txt"
        }
        Command::Demo => {
            "Analyse a small simulated study that is part of the program, and print the top hits"
        }
    }
}

fn parser() -> clap::Command {
    let root = clap::Command::new("jamma")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Exact genome-wide association with linear mixed models, from PLINK files to GEMMA's tables")
        .after_help(
            "Options may be written with one dash or two: -bfile d, --bfile d.\n\
             GEMMA's command lines work unchanged: jamma -bfile d -k K -lmm 4 -o out -outdir dir\n\
             `jamma help lmm` lists the options of one command, `jamma help maf` explains one option.\n\n\
             Examples:\n  jamma demo\n  jamma lmm -bfile mouse -lmm 4 -o mouse\n  jamma gk -bfile mouse -o mouse\n  \
             jamma lmm -bfile mouse -k output/mouse.cXX.txt -n 6 -c covariates.txt -o weight",
        )
        .disable_help_subcommand(true);
    Command::ALL
        .into_iter()
        .fold(with_options(root, None), |root, command| {
            let parser = clap::Command::new(command.name()).about(about(command));
            root.subcommand(with_options(parser, Some(command)))
        })
        .subcommand(own_parser(REPORT, ABOUT_REPORT))
        .subcommand(own_parser(CACHE, ABOUT_CACHE))
        .subcommand(own_parser(PLOT, ABOUT_PLOT))
        .subcommand(own_parser(parts::NAME, parts::ABOUT))
        .subcommands(TOOLS.map(|(name, about)| own_parser(name, about)))
}

/// A command that does not run an analysis and has a parser of its own, for the help, and to recognise it after options.
fn own_parser(name: &'static str, about: &'static str) -> clap::Command {
    let rest = Arg::new("rest")
        .num_args(0..)
        .trailing_var_arg(true)
        .allow_hyphen_values(true);
    clap::Command::new(name)
        .about(about)
        .disable_help_flag(true)
        .arg(rest)
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
    let Some(words) = &help::rewritten(words)? else {
        return Ok(None);
    };
    let mut parser = parser();
    if words.len() == 1 {
        report::print(parser.render_help().to_string().trim_end());
        return Ok(None);
    }
    if words.len() == 2 && words[1] == "--version" {
        report::print(report::version(&backend()?));
        return Ok(None);
    }
    match parser.try_get_matches_from_mut(words) {
        Ok(matches) => args(&matches).map(Some),
        Err(e) if e.kind() == ErrorKind::DisplayVersion => {
            report::print(report::version(&backend()?));
            Ok(None)
        }
        Err(e) if e.kind() == ErrorKind::DisplayHelp => {
            report::print(e.to_string().trim_end());
            Ok(None)
        }
        Err(e) => Err(in_our_words(&e, words, typed)),
    }
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
