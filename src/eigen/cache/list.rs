//! The files of a cache.

use super::header::{Header, Unreadable, in_words};
use super::names::{Named, named};
use super::unfinished::{Condition, condition};
use crate::error::{Error, Result};
use crate::io::disk::open_regular;
use std::fs::DirEntry;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file of a cache.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// When it was last stored or loaded.
    pub last_use: SystemTime,
    /// What it is.
    pub state: State,
}

/// What a file of a cache is.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// An entry with a sound header; the numbers are checked when it is loaded.
    Usable(Box<Header>),
    /// An entry that is never used, for this reason.
    Unusable(String),
    /// A file with the name of an entry that is not recognised as one, for this reason. It is never removed.
    Unknown(String),
    /// An entry that a run is writing now.
    Unfinished,
    /// An entry that a run was writing when it ended.
    Abandoned,
}

/// The files of the cache in `directory`, in the order of their names. Other files, and links, are not included.
///
/// Fails if the directory cannot be read.
pub(super) fn list(directory: &Path) -> Result<Vec<Entry>> {
    let files =
        std::fs::read_dir(directory).map_err(Error::io("read the cache directory", directory))?;
    let mut entries: Vec<Entry> = files.flatten().filter_map(|file| entry(&file)).collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}

/// `None` if the file is not of a cache, or was removed meanwhile.
fn entry(file: &DirEntry) -> Option<Entry> {
    let name = named(file.file_name().to_str()?)?;
    // Neither of these follows links.
    let found = file.metadata().ok()?;
    if !found.is_file() {
        return None;
    }
    let path = file.path();
    let state = match name {
        Named::Unfinished => match condition(&path) {
            Condition::Live => State::Unfinished,
            Condition::Abandoned(_) => State::Abandoned,
            Condition::Unknown => State::Unknown(Unreadable::Foreign.reason()),
        },
        Named::Entry(key) => {
            let header = match open_regular(&path) {
                Ok(file) => Header::read(&file),
                Err(error) if error.kind() == ErrorKind::NotFound => return None,
                Err(error) => Err(Unreadable::Failed(in_words(&error))),
            };
            match header {
                Ok(header) if header.key == key => State::Usable(Box::new(header)),
                Ok(_) => State::Unusable("it belongs to another key, so it was renamed".to_owned()),
                Err(Unreadable::Damaged(reason)) => State::Unusable(reason),
                Err(Unreadable::Foreign) if found.len() == 0 => {
                    State::Unusable("it is empty".to_owned())
                }
                Err(unread) => State::Unknown(unread.reason()),
            }
        }
    };
    Some(Entry {
        path,
        bytes: found.len(),
        last_use: found.modified().unwrap_or(SystemTime::UNIX_EPOCH),
        state,
    })
}
