//! Words that ask for help or the version, in all their spellings.

use std::ffi::OsString;

/// Whether `word` asks for help.
pub(super) fn is_help(word: &str) -> bool {
    matches!(word, "help" | "--help" | "-?" | "/?" | "-help")
}

/// Whether `word` asks for help, also with the letter that GEMMA uses.
pub(super) fn asks_for_help(word: &OsString) -> bool {
    word.to_str()
        .is_some_and(|word| is_help(word) || word == "-h")
}

/// Whether the first of `words` asks for the version.
pub(super) fn asks_for_version(words: &[OsString]) -> bool {
    let first = words.first().and_then(|word| word.to_str());
    first.is_some_and(|word| matches!(word, "--version" | "-version" | "-v" | "-V" | "version"))
}

/// The arguments after the command `name`, if the command line `typed` is one of it; for `jamma help NAME`, the word help.
pub(super) fn words_of(name: &str, typed: &[OsString]) -> Option<Vec<OsString>> {
    match typed {
        [_, first, rest @ ..] if first == name => Some(rest.to_vec()),
        [_, first, second, ..] if second == name && asks_for_help(first) => {
            Some(vec!["help".into()])
        }
        _ => None,
    }
}
