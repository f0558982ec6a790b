//! GEMMA's single-dash spelling.

use super::{foreign, gemma, options};
use crate::error::{Error, Result};
use crate::sources::{is_url, without_secrets};
use std::ffi::OsString;

/// Other names of options.
const ALIASES: &[(&str, &str)] = &[
    ("b", "bfile"),
    ("fa", "lmm"),
    ("quiet", "silence"),
    ("v", "version"),
    ("V", "version"),
    ("r2-centered", "r2-centred"),
    ("standardise", "standardize"),
];

/// The arguments with every option in double-dash spelling, or one dash if its name is one letter.
///
/// `-lmin -1e-5` becomes `--lmin=-1e-5`, because clap would take `-1e-5` and `-inf` for options.
///
/// Fails with [`Error::InvalidOption`] at an unsupported option of GEMMA, an option of another program, and an argument that
/// is not UTF-8 text.
pub(super) fn words(args: &[OsString]) -> Result<Vec<String>> {
    let mut words: Vec<String> = vec!["jamma".into()];
    for (number, word) in args.iter().enumerate().skip(1) {
        let word = word.to_str().ok_or_else(|| not_text(number, word))?;
        let is_waiting = |option: &str| is_option(option) && !option.contains('=');
        match words.last_mut() {
            Some(option) if is_waiting(option) && is_negative_number(word) => {
                option.push('=');
                option.push_str(word);
            }
            _ => words.push(respelled(word)?),
        }
    }
    Ok(words)
}

fn not_text(number: usize, word: &OsString) -> Error {
    let bytes = word.as_encoded_bytes();
    let at = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    Error::option(
        word.to_string_lossy(),
        format!(
            "argument {number} is not UTF-8 text: byte {} is 0x{:02x}",
            at + 1,
            bytes.get(at).copied().unwrap_or_default()
        ),
        "retype the argument; rename the file if the byte is part of its name",
    )
}

/// Whether a word has the form of an option: one or two dashes and a letter.
fn is_option(word: &str) -> bool {
    let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'));
    name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
        && !is_negative_number(word)
}

/// The command line as the user typed it, for the log, without credentials and queries of URLs.
pub(super) fn typed(args: &[OsString]) -> String {
    let words = args.iter().skip(1).map(|word| {
        let word = word.to_string_lossy();
        let start = match word.find('=') {
            Some(at) if word.starts_with('-') => at + 1,
            _ => 0,
        };
        let (option, value) = word.split_at(start);
        if is_url(value.as_ref()) {
            format!("{option}{}", without_secrets(value))
        } else {
            word.into_owned()
        }
    });
    std::iter::once("jamma".into())
        .chain(words)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The name of the option that `name` is another name of; `name` itself if it is no such name.
pub(super) fn name_of(name: &str) -> &str {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    alias.map_or(name, |(_, name)| name)
}

/// The other names of the option called `name`.
pub(super) fn aliases_of(name: &str) -> impl Iterator<Item = &'static str> {
    let aliases = ALIASES.iter().filter(move |(_, of)| *of == name);
    aliases.map(|(alias, _)| *alias)
}

fn respelled(word: &str) -> Result<String> {
    let Some(option) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else {
        return Ok(word.into());
    };
    if !is_option(word) {
        return Ok(word.into());
    }
    let (name, value) = option
        .split_once('=')
        .map_or((option, None), |(n, v)| (n, Some(v)));
    if let Some(instead) = gemma::instead(name) {
        return Err(Error::option(
            format!("-{name}"),
            "this option of GEMMA is not supported",
            instead,
        ));
    }
    // GEMMA's -gxe takes a file; --gxe is the name of a column.
    let name = if name == "gxe" && !word.starts_with("--") {
        "gxe-file"
    } else {
        name
    };
    let name = name_of(name);
    if !options::is_known(name)
        && let Some(error) = foreign::error(word, name)
    {
        return Err(error);
    }
    let dashes = if name.chars().count() == 1 { "-" } else { "--" };
    Ok(value.map_or_else(
        || format!("{dashes}{name}"),
        |value| format!("{dashes}{name}={value}"),
    ))
}

/// `-0.1`, `-1e-5`, `-inf`, `-9,-99`: values, not options.
fn is_negative_number(word: &str) -> bool {
    word.starts_with('-') && word.split(',').all(|part| part.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn respell(line: &str) -> Result<String> {
        let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        words(&args).map(|words| words.join(" "))
    }

    #[test]
    fn single_dashes_become_double_and_a_negative_number_joins_its_option() {
        assert_eq!(
            respell("gemma -bfile d -maf -0.1 -b=x").unwrap(),
            "jamma --bfile d --maf=-0.1 --bfile=x"
        );
        assert_eq!(
            respell("jamma lmm --p y -n=2 --k -1 --x").unwrap(),
            "jamma lmm -p y -n=2 -k=-1 -x"
        );
        assert_eq!(
            respell("jamma lmm --bfile d -fa 4").unwrap(),
            "jamma lmm --bfile d --lmm 4"
        );
        assert_eq!(
            respell("jamma lmm --missing-code -9,-99").unwrap(),
            "jamma lmm --missing-code=-9,-99"
        );
        assert_eq!(
            respell("jamma -lmin -inf -lmax=1 -2e1 -n 1 -2").unwrap(),
            "jamma --lmin=-inf --lmax=1 -2e1 -n 1 -2"
        );
    }

    #[test]
    fn one_dash_before_gxe_means_a_file_as_in_gemma() {
        assert_eq!(
            respell("gemma -gxe e.txt -widv w").unwrap(),
            "jamma --gxe-file e.txt --widv w"
        );
        assert_eq!(
            respell("jamma lmm --gxe diet").unwrap(),
            "jamma lmm --gxe diet"
        );
    }

    #[test]
    fn unsupported_options_are_rejected_by_name() {
        for name in ["-mg", "--weight", "-bslmm", "-predict", "-vc"] {
            let error = respell(&format!("jamma {name} x")).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains(name.trim_start_matches('-')));
            assert!(error.hint().is_some());
        }
    }
}
