//! Removing files of a cache.

use super::list::{Entry, State, list};
use super::unfinished::remove_if_abandoned;
use crate::error::Result;
use std::cmp::Reverse;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What is removed in addition to files that cannot be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PruneOptions {
    /// The least recently used entries, until the others have at most this many bytes.
    pub max_bytes: Option<u64>,
    /// The entries that were not used for this long.
    pub older_than: Option<Duration>,
    /// All entries.
    pub all: bool,
}

/// What was removed and what remains.
#[derive(Debug, Default)]
pub struct Pruned {
    /// The removed files, with their bytes and the reason.
    pub removed: Vec<(PathBuf, u64, String)>,
    /// Files that should have been removed, and why they were not.
    pub failed: Vec<(PathBuf, io::Error)>,
    /// Files that are not removed because they are not recognised as entries, with the reason.
    pub unknown: Vec<(PathBuf, String)>,
    /// Entries that remain.
    pub n_left: usize,
    /// The bytes of the entries that remain.
    pub bytes_left: u64,
    /// Files that runs are writing now.
    pub n_unfinished: usize,
}

impl Pruned {
    /// The bytes of the removed files.
    #[must_use]
    pub fn freed(&self) -> u64 {
        self.removed.iter().map(|(_, bytes, _)| bytes).sum()
    }
}

/// Removes files of the cache in `directory`. Fails if the directory cannot be read.
pub(super) fn prune(directory: &Path, options: &PruneOptions) -> Result<Pruned> {
    let mut entries = list(directory)?;
    // Most recently used first; the sort keeps the order of names.
    entries.sort_by_key(|entry| Reverse(entry.last_use));
    let now = SystemTime::now();
    let (mut pruned, mut used) = (Pruned::default(), 0_u64);
    for entry in entries {
        let reason = match &entry.state {
            State::Unfinished => {
                pruned.n_unfinished += 1;
                continue;
            }
            State::Unknown(reason) => {
                pruned.unknown.push((entry.path, reason.clone()));
                continue;
            }
            State::Abandoned => Some("an interrupted run left it".to_owned()),
            State::Unusable(reason) => Some(reason.clone()),
            State::Usable(_) => {
                used = used.saturating_add(entry.bytes);
                reason(&entry, options, used, now)
            }
        };
        match reason {
            Some(reason) => remove(entry, reason, &mut pruned),
            None => keep(&entry, &mut pruned),
        }
    }
    Ok(pruned)
}

/// Why a usable entry is removed; `None` if it is kept.
///
/// * `used`: bytes of this entry and of those used more recently
fn reason(entry: &Entry, options: &PruneOptions, used: u64, now: SystemTime) -> Option<String> {
    // A last use in the future is that of a clock that was wrong.
    let age = now.duration_since(entry.last_use).unwrap_or_default();
    let days = age.as_secs() / (24 * 60 * 60);
    if options.all {
        return Some("all entries are removed".to_owned());
    }
    if options.older_than.is_some_and(|limit| age > limit) {
        let unit = if days == 1 { "day" } else { "days" };
        return Some(format!("last used {days} {unit} ago"));
    }
    let is_beyond = options.max_bytes.is_some_and(|limit| used > limit);
    is_beyond.then(|| "least recently used".to_owned())
}

fn keep(entry: &Entry, pruned: &mut Pruned) {
    pruned.n_left += 1;
    pruned.bytes_left += entry.bytes;
}

fn remove(entry: Entry, reason: String, pruned: &mut Pruned) {
    let removed = match entry.state {
        State::Abandoned => remove_if_abandoned(&entry.path),
        _ => std::fs::remove_file(&entry.path).map(|()| true),
    };
    match removed {
        Ok(true) => pruned.removed.push((entry.path, entry.bytes, reason)),
        // Another process removed or finished it.
        Ok(false) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => {
            keep(&entry, pruned);
            pruned.failed.push((entry.path, error));
        }
    }
}
