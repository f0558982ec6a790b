//! The descriptions as commands of clap, for its generators of completions and manual pages. They parse nothing.

use crate::cli::catalogue;
use crate::cli::description::{Description, Kind, OptionText, Word};
use crate::cli::help::first_clause;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, ValueHint};

/// `jamma` with its commands and all their options, with short explanations.
pub(super) fn for_completions() -> Command {
    let root = command(&catalogue::root(), &brief).disable_help_subcommand(true);
    let commands = catalogue::commands();
    let shown = commands.iter().filter(|command| !command.is_hidden);
    let names: Vec<&'static str> = shown.map(|command| command.name).collect();
    let topic = Arg::new("TOPIC").value_parser(PossibleValuesParser::new(names));
    let help = Command::new("help")
        .about("Print the help of a command or an option")
        .arg(topic);
    let shown = commands.iter().filter(|command| !command.is_hidden);
    root.subcommands(shown.map(|of| command(of, &brief)))
        .subcommand(help)
        .subcommand(Command::new("version").about("Print the version"))
}

fn brief(option: &OptionText) -> String {
    first_clause(option.help).to_owned()
}

/// A command with its options.
///
/// * `text`: the explanation of an option
pub(super) fn command(of: &Description, text: &dyn Fn(&OptionText) -> String) -> Command {
    let options = of.options.iter().enumerate();
    let options = options.map(|(order, option)| argument(option, order, text(option)));
    Command::new(of.name)
        .version(env!("CARGO_PKG_VERSION"))
        .about(of.about)
        .args(of.words.iter().map(word))
        .args(options)
}

fn argument(option: &OptionText, order: usize, text: String) -> Arg {
    let name = option.name();
    let arg = Arg::new(name)
        .help(text)
        .help_heading(option.heading)
        .display_order(order);
    let mut letters = name.chars();
    let arg = match (letters.next(), letters.next()) {
        (Some(letter), None) => arg.short(letter),
        _ => arg.long(name),
    };
    if option.value.is_empty() {
        return arg.action(ArgAction::SetTrue);
    }
    let least = usize::from(!option.is_value_optional);
    let most = if option.is_repeated { usize::MAX } else { 1 };
    with_values(
        arg.value_name(option.value).num_args(least..=most),
        &option.kind,
    )
}

fn word(word: &Word) -> Arg {
    let arg = with_values(Arg::new(word.name).value_name(word.name), &word.kind);
    if word.is_repeated {
        arg.num_args(1..)
    } else {
        arg
    }
}

fn with_values(arg: Arg, kind: &Kind) -> Arg {
    let arg = match kind.words() {
        [] => arg,
        words => arg
            .value_parser(PossibleValuesParser::new(words.to_vec()))
            .hide_possible_values(true),
    };
    arg.value_hint(match kind {
        Kind::Path => ValueHint::FilePath,
        Kind::Directory => ValueHint::DirPath,
        _ => ValueHint::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_consistent() {
        for_completions().debug_assert();
    }
}
