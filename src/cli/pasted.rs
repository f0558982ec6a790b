//! Characters that get into a command line with text pasted from documents: typographic dashes, spaces and quotes,
//! zero-width characters, and Windows carriage returns.

use crate::error::{Error, Result};
use std::ffi::OsString;
use std::path::Path;

/// A character that is not typed on purpose in a command line.
struct Odd {
    name: &'static str,
    /// What to type instead.
    instead: &'static str,
    advice: &'static str,
}

const DOCUMENT: &str =
    "such characters come with text copied from a PDF, a web page or a word processor";

/// Fails at the first argument with such a character. The error gives the character, its position, and what to type.
///
/// The character is accepted in a path, or the value of an option, if a file or folder of that name exists.
pub(super) fn check(args: &[OsString]) -> Result<()> {
    for (number, arg) in args.iter().enumerate().skip(1) {
        let Some(text) = arg.to_str() else { continue };
        if let Some(error) = option_with_value(number, text) {
            return Err(error);
        }
        if let Some(error) = odd_character(number, text)
            && !exists(text)
        {
            return Err(error);
        }
    }
    Ok(())
}

/// The error for an option and its value in one argument, as with quotes around both.
fn option_with_value(number: usize, text: &str) -> Option<Error> {
    let (option, value) = text.split_once(' ')?;
    let name = option.trim_start_matches('-');
    let is_option = option.starts_with('-') && name.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_option && !option.contains('=')).then(|| {
        Error::option(
            text,
            format!(
                "argument {number} contains the option {option} and a space, character {}",
                option.chars().count() + 1
            ),
            format!(
                "quote only the value, not the option and the value together: {option} {}",
                value.trim()
            ),
        )
    })
}

/// The error for the first odd character of an argument.
fn odd_character(number: usize, text: &str) -> Option<Error> {
    let mut found = text
        .chars()
        .enumerate()
        .filter_map(|(at, c)| odd(c).map(|odd| (at, c, odd)));
    let (at, c, first) = found.next()?;
    let more = match found.count() {
        0 => String::new(),
        1 => ", and 1 more such character".to_owned(),
        n => format!(", and {n} more such characters"),
    };
    let (at, code) = (at + 1, c as u32);
    let corrected = corrected(text);
    let is_end = c == '\r' && at == text.chars().count();
    let hint = if is_end {
        "the command comes from a script with Windows line endings; convert the script: sed -i 's/\\r$//' SCRIPT".to_owned()
    } else if corrected.is_empty() {
        format!("{}; {DOCUMENT}", first.advice)
    } else {
        format!("{}: {corrected}; {DOCUMENT}", first.advice)
    };
    let verb = if is_end { "ends with" } else { "contains" };
    Some(Error::option(
        text,
        format!(
            "argument {number} {verb} {} (U+{code:04X}), character {at}{more}",
            first.name
        ),
        hint,
    ))
}

/// The argument with every odd character replaced.
fn corrected(text: &str) -> String {
    let mut corrected = String::new();
    for (at, c) in text.chars().enumerate() {
        match odd(c) {
            // Word processors turn two hyphens into one dash.
            Some(_) if at == 0 && matches!(c, '—' | '―') => corrected.push_str("--"),
            Some(odd) => corrected.push_str(odd.instead),
            None => corrected.push(c),
        }
    }
    corrected.trim().to_owned()
}

fn odd(c: char) -> Option<Odd> {
    let hyphen = |name| (name, "-", "type a hyphen");
    let blank = |name| (name, " ", "type an ordinary space");
    let double = |name| (name, "\"", "type straight quotes");
    let single = |name| (name, "'", "type straight quotes");
    let hidden = |name| (name, "", "delete it");
    let (name, instead, advice) = match c {
        '\u{2010}' => hyphen("a typographic hyphen"),
        '\u{2011}' => hyphen("a non-breaking hyphen"),
        '\u{2012}' => hyphen("a figure dash"),
        '\u{2013}' => hyphen("an en dash"),
        '\u{2014}' => hyphen("an em dash"),
        '\u{2015}' => hyphen("a horizontal bar"),
        '\u{2212}' => hyphen("a minus sign"),
        '\u{fe58}' | '\u{fe63}' => hyphen("a small dash"),
        '\u{ff0d}' => hyphen("a full-width hyphen"),
        '\u{a0}' => blank("a non-breaking space"),
        '\u{202f}' => blank("a narrow non-breaking space"),
        '\u{2007}' => blank("a figure space"),
        '\u{3000}' => blank("an ideographic space"),
        '\u{2028}' | '\u{2029}' | '\u{85}' => blank("a line separator"),
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' => single("a curly quote"),
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' => double("a curly quote"),
        '\u{2039}' | '\u{203a}' => single("an angle quote"),
        '\u{ab}' | '\u{bb}' => double("an angle quote"),
        '\u{2032}' | '\u{b4}' | '\u{ff07}' => single("a prime or accent instead of a quote"),
        '\u{2033}' | '\u{ff02}' => double("a prime or accent instead of a quote"),
        '\u{200b}' => hidden("a zero-width space"),
        '\u{200c}' | '\u{200d}' => hidden("a zero-width joiner"),
        '\u{2060}' => hidden("a word joiner"),
        '\u{ad}' => hidden("a soft hyphen"),
        '\u{feff}' => hidden("a byte order mark"),
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            hidden("a mark of text direction")
        }
        '\r' => hidden("a carriage return"),
        '\n' => blank("a line feed"),
        '\t' => blank("a tab"),
        '\u{1b}' => hidden("an escape character"),
        _ if c.is_whitespace() && c != ' ' => blank("a typographic space"),
        _ if c.is_control() => hidden("a control character"),
        _ => return None,
    };
    Some(Odd {
        name,
        instead,
        advice,
    })
}

/// Whether the argument, or the value after its `=`, exists up to the path component with the last odd character: as a file,
/// a folder, or a prefix of PLINK files.
fn exists(text: &str) -> bool {
    let value = if text.starts_with('-') {
        let Some((option, value)) = text.split_once('=') else {
            return false;
        };
        if option.chars().any(|c| odd(c).is_some()) {
            return false;
        }
        value
    } else {
        text
    };
    let Some((last, _)) = value.char_indices().rfind(|(_, c)| odd(*c).is_some()) else {
        return false;
    };
    let end = value[last..].find('/').map_or(value.len(), |at| last + at);
    let path = &value[..end];
    let of_prefix = |extension| Path::new(&format!("{path}.{extension}")).exists();
    Path::new(path).exists() || ["bed", "bim", "fam"].into_iter().any(of_prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Message and hint of the error for an argument.
    fn error_of(arg: &str) -> (String, String) {
        let args = ["jamma", "lmm", arg].map(OsString::from);
        let error = check(&args).expect_err(arg);
        assert_eq!(error.exit_code(), 2);
        (error.to_string(), error.hint().unwrap().into_owned())
    }

    #[test]
    fn pasted_characters_are_reported_with_their_position() {
        for (arg, message, hint) in [
            (
                "–maf",
                "–maf: argument 2 contains an en dash (U+2013), character 1",
                "type a hyphen: -maf;",
            ),
            (
                "—bfile",
                "an em dash (U+2014), character 1",
                "type a hyphen: --bfile;",
            ),
            (
                "––maf",
                "an en dash (U+2013), character 1, and 1 more such character",
                "--maf",
            ),
            ("−0.1", "a minus sign (U+2212), character 1", "-0.1"),
            (
                "-lmin=1e–5",
                "an en dash (U+2013), character 9",
                "-lmin=1e-5",
            ),
            (
                "-maf\u{a0}0.1",
                "-maf\\u{a0}0.1: argument 2 contains a non-breaking space (U+00A0), character 5",
                "type an ordinary space: -maf 0.1",
            ),
            ("“my", "a curly quote (U+201C), character 1", "\"my"),
            (
                "‘x’",
                "a curly quote (U+2018), character 1, and 1 more",
                "'x'",
            ),
            (
                "x\u{200b}",
                "a zero-width space (U+200B), character 2",
                "delete it: x",
            ),
            (
                "\u{feff}-bfile",
                "a byte order mark (U+FEFF), character 1",
                "-bfile",
            ),
            (
                "d\r",
                "d\\r: argument 2 ends with a carriage return (U+000D), character 2",
                "Windows line endings",
            ),
            (
                "\r",
                "a carriage return (U+000D), character 1",
                "Windows line endings",
            ),
            (
                "a\u{2009}b",
                "a typographic space (U+2009), character 2",
                "a b",
            ),
            (
                "a\nb",
                "a\\nb: argument 2 contains a line feed (U+000A), character 2",
                "a b",
            ),
            (
                "\u{1b}[31m",
                "an escape character (U+001B), character 1",
                "delete it",
            ),
        ] {
            let (found, advice) = error_of(arg);
            assert!(found.contains(message), "{arg:?}: {found}");
            assert!(advice.contains(hint), "{arg:?}: {advice}");
        }
        for arg in [
            "-maf",
            "naïve",
            "李",
            "a b",
            "'",
            "\"",
            "~",
            "ﬁ",
            "-lmin=-1e-5",
        ] {
            check(&["jamma", arg].map(OsString::from)).unwrap();
        }
    }

    #[test]
    fn an_option_and_its_value_in_one_argument_are_an_error() {
        let (found, advice) = error_of("-bfile d");
        assert!(
            found.contains("the option -bfile and a space, character 7"),
            "{found}"
        );
        assert!(advice.ends_with("-bfile d"), "{advice}");
        error_of("--maf 0.1 ");
        for arg in ["-o=my run", "a -b", "- x"] {
            check(&["jamma", arg].map(OsString::from)).unwrap();
        }
    }

    #[test]
    fn the_name_of_an_existing_file_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let odd = folder.path().join("a – b");
        let text = odd.to_str().unwrap();
        error_of(text);
        std::fs::write(odd.with_extension("bim"), "").unwrap();
        assert!(exists(text), "the prefix of PLINK files");
        std::fs::create_dir(&odd).unwrap();
        assert!(exists(text));
        assert!(
            exists(&format!("{text}/new")),
            "a new file in such a folder"
        );
        assert!(exists(&format!("-outdir={text}/new/deep")));
        assert!(!exists(&format!("{text}/ne–w")));
        assert!(!exists("–maf") && !exists("-maf–"));
    }
}
