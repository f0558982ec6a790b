//! The options of all commands for programs.

use super::links::link;
use crate::cli::catalogue;
use crate::cli::description::{Description, Kind, OptionText};
use crate::output::json::Json;

/// The commands with their options. Members are added in later versions, never renamed.
pub(super) fn options() -> Json {
    let commands = std::iter::once(catalogue::root()).chain(catalogue::commands());
    Json::object([
        ("jamma_version", env!("CARGO_PKG_VERSION").into()),
        (
            "commands",
            Json::list(commands.map(|command| of_command(&command))),
        ),
    ])
}

fn of_command(of: &Description) -> Json {
    let words = of.words.iter().map(|word| {
        Json::object([
            ("name", word.name.into()),
            ("kind", word.kind.name().into()),
            ("choices", Json::list(word.kind.words().iter().copied())),
            ("is_repeated", word.is_repeated.into()),
        ])
    });
    let examples = of.examples.iter().map(|(line, _)| *line);
    Json::object([
        ("name", of.name.into()),
        ("about", of.about.into()),
        ("usage", Json::list(of.usage.iter().map(String::as_str))),
        ("is_hidden", of.is_hidden.into()),
        ("words", Json::list(words)),
        ("options", Json::list(of.options.iter().map(of_option))),
        ("notes", Json::list(of.notes.iter().copied())),
        ("examples", Json::list(examples)),
    ])
}

fn of_option(of: &OptionText) -> Json {
    let [minimum, maximum]: [Json; 2] = match of.kind {
        Kind::Number(least, most) => [least.into(), most.into()],
        Kind::Whole(least, most) => [least.into(), most.into()],
        _ => [Json::Null, Json::Null],
    };
    Json::object([
        ("name", of.name().into()),
        ("typed", of.typed.into()),
        (
            "other_spellings",
            Json::list(of.others.iter().map(String::as_str)),
        ),
        (
            "value",
            Some(of.value).filter(|value| !value.is_empty()).into(),
        ),
        ("is_value_optional", of.is_value_optional.into()),
        ("kind", of.kind.name().into()),
        ("choices", Json::list(of.kind.words().iter().copied())),
        ("minimum", minimum),
        ("maximum", maximum),
        ("heading", of.heading.into()),
        ("help", of.help.into()),
        ("default", of.default.into()),
        (
            "documentation",
            link(of.name()).map(|link| format!("docs/{link}")).into(),
        ),
    ])
}
