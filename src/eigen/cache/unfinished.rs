//! Entries under temporary names while they are written, locked by their run.
//!
//! The lock ends with its process, however that ends, so files of dead runs are recognised.

use super::header::has_magic;
use super::key::CacheKey;
use super::names::{Named, RANDOM_CHARS, UNFINISHED, named, unfinished_prefix};
use crate::io::disk::open_regular;
use std::fs::{File, TryLockError};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::{self, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tempfile::TempPath;

/// Attempts to create a file that no other run mistakes for that of a dead run.
const ATTEMPTS: usize = 8;
/// Age from which a file is that of a dead run, on a disk without locks; writing one takes minutes.
const WITHOUT_LOCKS: Duration = Duration::from_hours(24);
/// Age from which an empty file is that of a dead run; creating and locking one takes microseconds.
const WHILE_EMPTY: Duration = Duration::from_mins(1);
/// Bytes written at a time.
const BUFFER_BYTES: usize = 1 << 20;

/// The unfinished files of this process.
static LIVE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn live() -> MutexGuard<'static, Vec<PathBuf>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the unfinished files of this process, for a run that is interrupted.
///
/// If a decomposition is being stored, that fails.
pub fn remove_unfinished() {
    remove_unfinished_of(|_| true);
}

/// Removes the unfinished files of this process for whose path `is_meant` is true.
pub(super) fn remove_unfinished_of(is_meant: impl Fn(&Path) -> bool) {
    // A thread that was stopped while it held the lock must not block this one for long.
    let list = (0..100).find_map(|_| match LIVE.try_lock() {
        Ok(list) => Some(list),
        Err(sync::TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(sync::TryLockError::WouldBlock) => {
            std::thread::sleep(Duration::from_millis(5));
            None
        }
    });
    let paths = list.iter().flat_map(|list| list.iter());
    for path in paths.filter(|path| is_meant(path)) {
        // There is no caller to whom this could be reported; `prune` removes the file later.
        let _ = std::fs::remove_file(path);
    }
}

/// An entry that is being written. It is removed if it is dropped before it gets its name.
pub(super) struct UnfinishedEntry {
    writer: BufWriter<File>,
    path: TempPath,
    listed: Listed,
}

/// A path in [`LIVE`], removed from it when dropped.
struct Listed(PathBuf);

impl Drop for Listed {
    fn drop(&mut self) {
        live().retain(|path| *path != self.0);
    }
}

impl UnfinishedEntry {
    /// Creates and locks a file in `directory` with a name that is unique among all processes.
    pub(super) fn create(directory: &Path, key: &CacheKey) -> io::Result<Self> {
        let prefix = unfinished_prefix(key);
        let mut builder = tempfile::Builder::new();
        builder
            .prefix(&prefix)
            .suffix(UNFINISHED)
            .rand_bytes(RANDOM_CHARS);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As of any other output: the umask is applied to it, so that a group may share a cache.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        for _ in 0..ATTEMPTS {
            let (file, path) = builder.tempfile_in(directory)?.into_parts();
            let listed = Listed(path.to_path_buf());
            live().push(path.to_path_buf());
            // Another run may have examined the file before it was locked. A disk without locks is no reason to fail.
            if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) || !path.exists() {
                continue;
            }
            return Ok(Self {
                writer: BufWriter::with_capacity(BUFFER_BYTES, file),
                path,
                listed,
            });
        }
        Err(io::Error::other(
            "other runs keep removing the temporary files in this directory",
        ))
    }

    pub(super) fn writer(&mut self) -> &mut BufWriter<File> {
        &mut self.writer
    }

    /// Syncs the complete file and gives it the name `path`, in the place of an older file.
    pub(super) fn finish(self, path: &Path) -> io::Result<()> {
        let file = self.writer.into_inner()?;
        file.sync_all()?;
        // Renamed before `file`, and with it the lock, is dropped.
        self.path.persist(path)?;
        drop(self.listed);
        Ok(())
    }
}

/// What a file with the name of an unfinished entry is.
pub(super) enum Condition {
    /// A run is writing it, or may be.
    Live,
    /// Its run has ended. The lock keeps other processes from taking the file for theirs.
    Abandoned(#[allow(dead_code, reason = "held for its lock")] File),
    /// It does not begin as files of a cache do.
    Unknown,
}

/// The condition of the file at `path`, which is locked if it is abandoned.
pub(super) fn condition(path: &Path) -> Condition {
    // A file that cannot be opened may be that of another user's run.
    let Ok(file) = open_regular(path) else {
        return Condition::Live;
    };
    let Ok(found) = file.metadata() else {
        return Condition::Live;
    };
    let age = found
        .modified()
        .ok()
        .and_then(|at| SystemTime::now().duration_since(at).ok())
        .unwrap_or_default();
    let youngest_dead = match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Condition::Live,
        Err(TryLockError::Error(_)) => WITHOUT_LOCKS,
        // Its run creates a file first, and locks it then.
        Ok(()) if found.len() == 0 => WHILE_EMPTY,
        Ok(()) => Duration::ZERO,
    };
    if age < youngest_dead {
        Condition::Live
    } else if found.len() == 0 || has_magic(&file) {
        Condition::Abandoned(file)
    } else {
        Condition::Unknown
    }
}

/// Removes the file at `path` if its run has ended; returns whether it was removed.
pub(super) fn remove_if_abandoned(path: &Path) -> io::Result<bool> {
    // The lock is held until the file is removed: else a run could lock it in between.
    let Condition::Abandoned(_locked) = condition(path) else {
        return Ok(false);
    };
    std::fs::remove_file(path).map(|()| true)
}

/// Removes the unfinished files of dead runs in `directory`, as far as possible.
pub(super) fn remove_abandoned(directory: &Path) {
    let Ok(files) = std::fs::read_dir(directory) else {
        return;
    };
    for file in files.flatten() {
        if file.file_name().to_str().and_then(named) == Some(Named::Unfinished) {
            let _ = remove_if_abandoned(&file.path());
        }
    }
}
