//! Files under temporary names: hidden siblings of an output, locked while their run is alive.
//!
//! The lock ends with its process, however that ends, so the next run knows which partial files are abandoned.

use super::target::{Target, close, keep_mode, sync};
use crate::error::{Error, Result};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;
use tempfile::{NamedTempFile, TempPath};

/// How the name of a partial file ends.
const SUFFIX: &str = ".partial";
/// Number of characters between the output's name and [`SUFFIX`].
const RANDOM_CHARS: usize = 6;
/// Attempts to create a file that no other run mistakes for that of a dead run.
const ATTEMPTS: usize = 8;

/// Partial files of this process: temporary and final path, for [`remove_unfinished`].
static UNFINISHED: Mutex<Vec<(PathBuf, PathBuf)>> = Mutex::new(Vec::new());

/// An entry of [`UNFINISHED`], removed when dropped.
#[derive(Debug)]
pub(super) struct Unfinished(PathBuf);

impl Unfinished {
    fn new(partial: &Path, path: &Path) -> Self {
        let mut list = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
        list.push((partial.to_path_buf(), path.to_path_buf()));
        Self(partial.to_path_buf())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let mut list = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|(partial, _)| *partial != self.0);
    }
}

/// Held while a temporary file is created or renamed.
static CHANGING: Mutex<()> = Mutex::new(());

pub(super) fn changing() -> MutexGuard<'static, ()> {
    CHANGING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lock, if it becomes free within half a second.
fn lock_with_timeout<T>(lock: &'static Mutex<T>) -> Option<MutexGuard<'static, T>> {
    for _ in 0..100 {
        match lock.try_lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    None
}

/// As [`remove_unfinished`], for a process that is about to end: no other file can be created or renamed afterwards.
pub fn remove_unfinished_for_good() {
    // A disk that does not respond must not keep the process alive.
    if let Some(guard) = lock_with_timeout(&CHANGING) {
        std::mem::forget(guard);
    }
    remove_unfinished();
}

/// Removes the temporary files of all unfinished outputs, for a run that is cancelled.
pub fn remove_unfinished() {
    remove_unfinished_of(|_| true);
    crate::eigen::cache::remove_unfinished();
}

/// Removes the temporary files of outputs for whose final path `is_meant` is true.
pub(super) fn remove_unfinished_of(is_meant: impl Fn(&Path) -> bool) {
    // A thread that was stopped while it held the lock must not block this one.
    let Some(list) = lock_with_timeout(&UNFINISHED) else {
        return;
    };
    for (partial, _) in list.iter().filter(|(_, path)| is_meant(path)) {
        // A file that cannot be removed is ignored: the run is ending, and there is no caller to report it to.
        let _ = std::fs::remove_file(partial);
    }
}

/// The file to which an output is written; removed if it is dropped before it is renamed.
#[derive(Debug)]
pub(super) enum Partial {
    /// A temporary sibling of the target.
    Sibling(Box<(NamedTempFile, Target, Unfinished)>),
    /// A device or a pipe, which is written directly.
    Special(File),
}

impl Partial {
    /// Opens the file to which the output `path` is written. Fails immediately if it cannot be written.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let target = Target::of(path)?;
        let written = Error::io("write", path);
        match target.open_special() {
            Err(error) => Err(written(error)),
            Ok(Some(file)) => Ok(Self::Special(file)),
            Ok(None) => {
                if target.path != path {
                    let name = target.path.file_name().unwrap_or_default();
                    remove_stale(target.directory(), |output| OsStr::new(output) == name);
                }
                let _changing = changing();
                let file = sibling(&target).map_err(written)?;
                let unfinished = Unfinished::new(file.path(), path);
                Ok(Self::Sibling(Box::new((file, target, unfinished))))
            }
        }
    }

    /// Syncs and closes the file; only renaming remains.
    pub(super) fn close(self) -> io::Result<Closed> {
        match self {
            Self::Special(file) => {
                sync(&file)?;
                close(file)?;
                Ok(Closed(None))
            }
            Self::Sibling(sibling) => {
                let (file, target, unfinished) = *sibling;
                let (file, partial) = file.into_parts();
                // The second handle keeps the lock until the file is renamed.
                let locked = file.try_clone()?;
                sync(&file)?;
                close(file)?;
                Ok(Closed(Some(Ready {
                    partial,
                    target,
                    _locked: locked,
                    _unfinished: unfinished,
                })))
            }
        }
    }
}

impl Write for Partial {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Sibling(sibling) => sibling.0.write(bytes),
            Self::Special(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Sibling(sibling) => sibling.0.flush(),
            Self::Special(file) => file.flush(),
        }
    }
}

/// A complete output that still has its temporary name; `None` for a device.
#[derive(Debug)]
pub(super) struct Closed(Option<Ready>);

#[derive(Debug)]
struct Ready {
    partial: TempPath,
    target: Target,
    _locked: File,
    _unfinished: Unfinished,
}

impl Closed {
    /// Gives the file its final name; returns the directory that contains the new name, to be synced.
    pub(super) fn persist(self) -> io::Result<Option<PathBuf>> {
        let Some(ready) = self.0 else {
            return Ok(None);
        };
        let directory = ready.target.directory().to_path_buf();
        ready.partial.persist(&ready.target.path)?;
        Ok(Some(directory))
    }
}

/// A new locked file next to the target, with the mode of the file that it will replace.
fn sibling(target: &Target) -> io::Result<NamedTempFile> {
    let name = target.path.file_name().unwrap_or_default();
    let prefix = format!(".{}.", name.to_string_lossy());
    let mut builder = tempfile::Builder::new();
    builder
        .prefix(&prefix)
        .suffix(SUFFIX)
        .rand_bytes(RANDOM_CHARS);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The mode that any program requests; the umask is applied to it.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    for _ in 0..ATTEMPTS {
        let file = builder.tempfile_in(target.directory())?;
        // Another run may have examined the file before it was locked.
        if is_locked_by_other(file.as_file()) || !file.path().exists() {
            continue;
        }
        if let Some(replaced) = &target.replaced {
            keep_mode(file.as_file(), replaced)?;
        }
        return Ok(file);
    }
    Err(io::Error::other(
        "other runs keep removing the temporary files in this directory",
    ))
}

/// Locks the file if possible; returns whether another process has locked it.
fn is_locked_by_other(file: &File) -> bool {
    // A file system without locks is no reason to fail.
    matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock))
}

/// Removes the partial files in `directory` that no process has locked, of outputs for whose name `is_meant` is true.
pub(super) fn remove_stale(directory: &Path, is_meant: impl Fn(&str) -> bool) {
    // A directory that cannot be read, or a file that cannot be removed, is ignored: results do not depend on it.
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_stale = name.to_str().and_then(output_of).is_some_and(&is_meant)
            && entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_stale {
            continue;
        }
        // Without locks, the file of a dead run cannot be distinguished from that of a live one.
        if let Ok(file) = File::options().write(true).open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// The name of the output for which the partial file `name` was created.
fn output_of(name: &str) -> Option<&str> {
    let (output, random) = name
        .strip_prefix('.')?
        .strip_suffix(SUFFIX)?
        .rsplit_once('.')?;
    let is_random =
        random.len() == RANDOM_CHARS && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_random.then_some(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_partial_files_that_no_process_has_locked_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let names = [
            ".r.assoc.txt.abc123.partial",
            ".r.assoc.txt.ABCDEF.partial",
            ".r.b.assoc.txt.abc123.partial",
            ".r.assoc.txt.partial",
            ".r.assoc.txt.abc1234.partial",
            "r.assoc.txt.abc123.partial",
            ".r.assoc.txt.abc123.swp",
        ];
        names
            .iter()
            .for_each(|name| std::fs::write(path(name), "x").unwrap());
        let alive = File::options().write(true).open(path(names[1])).unwrap();
        alive.lock().unwrap();
        remove_stale(folder.path(), |output| output == "r.assoc.txt");
        let left: Vec<_> = names.iter().filter(|name| path(name).exists()).collect();
        assert_eq!(left, names[1..].iter().collect::<Vec<_>>());
        drop(alive);
        remove_stale(folder.path(), |output| output == "r.assoc.txt");
        assert!(!path(names[1]).exists());
    }

    #[test]
    fn an_unfinished_output_of_a_live_run_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.log.txt");
        let partial = Partial::create(&path).unwrap();
        remove_stale(folder.path(), |_| true);
        let closed = partial.close().unwrap();
        remove_stale(folder.path(), |_| true);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        closed.persist().unwrap();
        assert!(path.exists());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
