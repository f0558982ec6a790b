//! The names of files in a cache.

use super::key::CacheKey;

/// How the name of an entry ends.
const EXTENSION: &str = ".jamma-eigen";
/// How the name of a file ends that is being written.
pub(super) const UNFINISHED: &str = ".partial";
/// Number of characters between the name of the entry and [`UNFINISHED`].
pub(super) const RANDOM_CHARS: usize = 6;

/// What a file is by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Entry(CacheKey),
    /// An entry that is being written, or was when its run ended.
    Unfinished,
}

/// The name of an entry: the digits of its key, and `.jamma-eigen`.
pub(super) fn entry_name(key: &CacheKey) -> String {
    format!("{key}{EXTENSION}")
}

/// How the name of an unfinished entry begins; random characters and [`UNFINISHED`] follow.
pub(super) fn unfinished_prefix(key: &CacheKey) -> String {
    format!(".{}.", entry_name(key))
}

/// What the file `name` is; `None` if no cache gives a file such a name.
pub(super) fn named(name: &str) -> Option<Named> {
    if let Some(key) = key_of(name) {
        return Some(Named::Entry(key));
    }
    let (entry, random) = name
        .strip_prefix('.')?
        .strip_suffix(UNFINISHED)?
        .rsplit_once('.')?;
    let is_random =
        random.len() == RANDOM_CHARS && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_random && key_of(entry).is_some()).then_some(Named::Unfinished)
}

fn key_of(entry: &str) -> Option<CacheKey> {
    CacheKey::of_digits(entry.strip_suffix(EXTENSION)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_a_cache_gives_are_recognised() {
        let digits = "0123456789abcdef0123456789abcdef";
        let key = CacheKey::of_digits(digits).unwrap();
        assert_eq!(named(&entry_name(&key)), Some(Named::Entry(key)));
        let unfinished = format!("{}abC123{UNFINISHED}", unfinished_prefix(&key));
        assert_eq!(named(&unfinished), Some(Named::Unfinished));
        for name in [
            String::new(),
            digits.to_owned(),
            format!("{digits}.jamma-eigen.bak"),
            format!("{}.jamma-eigen", digits.to_uppercase()),
            format!("{}.jamma-eigen", &digits[1..]),
            format!(".{digits}.jamma-eigen.partial"),
            format!(".{digits}.jamma-eigen.abc1234.partial"),
            format!("{digits}.jamma-eigen.abc123.partial"),
            ".r.assoc.txt.abc123.partial".to_owned(),
        ] {
            assert_eq!(named(&name), None, "{name}");
        }
    }
}
