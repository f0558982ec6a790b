//! The errors for options that a command without an analysis does not have.

use super::foreign::{Remedy, remedy};
use super::options::{as_typed, commands_with};
use super::suggest;
use crate::error::Error;

/// What other names of its options, and other wishes, mean for a command: names in lower case without dashes, with `-` for `_`.
pub(super) type Synonyms = &'static [(&'static [&'static str], Remedy)];

/// The error for the option `typed`, which the command does not have.
///
/// * `name`: the option without dashes and value
/// * `own`: the options of the command as users type them
pub(super) fn unknown(
    command: &str,
    (typed, name): (&str, &str),
    own: &[&'static str],
    synonyms: Synonyms,
) -> Error {
    let see = format!("see `jamma help {command}`");
    let name = name.to_ascii_lowercase().replace('_', "-");
    let of_command = |ours: &str| own.iter().find(|own| own.trim_start_matches('-') == ours);
    let known = synonyms.iter().find(|(names, _)| names.contains(&&*name));
    match known.map(|(_, remedy)| remedy) {
        Some(Remedy::Ours(ours)) => {
            let ours = of_command(ours).expect("a synonym of an option of the command");
            return Error::option(typed, format!("unrecognized option; use {ours}"), see);
        }
        Some(Remedy::Instead(instead)) => {
            return Error::option(typed, "this command does not have the option", *instead);
        }
        None => {}
    }
    let commands = commands_with(&name);
    if !commands.is_empty() {
        let commands: Vec<String> = commands
            .iter()
            .map(|name| format!("`jamma {name}`"))
            .collect();
        return Error::option(
            as_typed(&name),
            "this command does not have the option",
            format!("it is an option of {}; {see}", commands.join(" and ")),
        );
    }
    let names = own.iter().map(|own| own.trim_start_matches('-'));
    let nearest = suggest::nearest_of(&name, names).and_then(of_command);
    // An option of another program whose equivalent this command has.
    let foreign = match remedy(&name) {
        Some(Remedy::Ours(ours)) => of_command(ours),
        _ => None,
    };
    let hint = match nearest.or(foreign) {
        Some(option) => format!("did you mean {option}? Otherwise {see}"),
        None => see,
    };
    Error::option(typed, "unrecognized option", hint)
}
