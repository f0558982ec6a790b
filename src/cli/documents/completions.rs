//! `jamma completions`.

use super::clap_command::for_completions;
use super::one_dash::{names, replaced};
use super::tools::SHELLS;
use crate::cli::catalogue;
use crate::cli::suggest;
use crate::cli::tool::Given;
use crate::error::{Error, Result};
use clap_complete::{Shell, generate};

/// The script for the shell that is named. Fails if there is none.
pub(super) fn script(given: &Given) -> Result<String> {
    let name = given.paths[0].to_string_lossy();
    let shell = match &*name {
        "bash" => Shell::Bash,
        "zsh" => Shell::Zsh,
        "fish" => Shell::Fish,
        "powershell" => Shell::PowerShell,
        other => {
            let near = suggest::nearest_of(other, SHELLS.into_iter());
            let shells = SHELLS.join(", ");
            return Err(Error::option(
                other,
                "there are no completions for this shell",
                match near {
                    Some(near) => format!("did you mean {near}? The shells are {shells}"),
                    None => format!("the shells are {shells}"),
                },
            ));
        }
    };
    let mut script = Vec::new();
    generate(shell, &mut for_completions(), "jamma", &mut script);
    let script = String::from_utf8(script).expect("the descriptions are text");
    let commands: Vec<_> = [catalogue::root()]
        .into_iter()
        .chain(catalogue::commands())
        .collect();
    let names = names(&commands);
    Ok(match shell {
        // Options of the old style, with one dash.
        Shell::Fish => replaced(&script, ["-l ", "-o "], &names),
        // Letters cannot be combined after one dash, which begins the name of an option.
        Shell::Zsh => replaced(&script, ["--", "-"], &names)
            .replace(
                "_arguments_options=(-s -S -C)",
                "_arguments_options=(-S -C)",
            )
            .replace("_arguments_options=(-s -C)", "_arguments_options=(-C)"),
        _ => replaced(&script, ["--", "-"], &names),
    })
}
