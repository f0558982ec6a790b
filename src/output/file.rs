//! Output files that appear under their name only when they are complete.

use crate::error::{Error, Result};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;
use tempfile::NamedTempFile;

/// Where the outputs of a run go: `-outdir` and the prefix `-o`.
#[derive(Debug, Clone)]
pub struct OutputPlace {
    directory: PathBuf,
    prefix: String,
}

impl OutputPlace {
    /// Creates `directory` where it does not exist.
    ///
    /// Fails with [`Error::Io`] where that is refused or `directory` is a file.
    pub fn new(directory: &Path, prefix: &str) -> Result<Self> {
        std::fs::create_dir_all(directory)
            .map_err(Error::io("create the output directory", directory))?;
        Ok(Self {
            directory: directory.to_path_buf(),
            prefix: prefix.to_owned(),
        })
    }

    /// The path of the output with `suffix`, for example `cXX.txt`.
    #[must_use]
    pub fn path(&self, suffix: &str) -> PathBuf {
        self.directory.join(format!("{}.{suffix}", self.prefix))
    }

    /// Opens the output with `suffix` under a temporary name; fails now where it cannot be written.
    pub fn create(&self, suffix: &str) -> Result<OutputFile> {
        OutputFile::create(&self.path(suffix))
    }

    /// Fails with [`Error::Memory`] where the disk has no room for about `bytes` more.
    pub fn check_room(&self, bytes: u64) -> Result<()> {
        let Some(free) = free_bytes(&self.directory) else {
            return Ok(());
        };
        if bytes <= free {
            return Ok(());
        }
        Err(Error::Memory {
            what: format!(
                "{}: the outputs need about {:.2} MB, the disk has {:.2} MB free",
                self.directory.display(),
                bytes as f64 / 1e6,
                free as f64 / 1e6
            ),
            hint: "free some space, choose another disk with -outdir, write text with --gz or the matrix with --format npy".into(),
        })
    }
}

#[cfg(unix)]
fn free_bytes(directory: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(directory).ok()?;
    stat.f_bavail.checked_mul(stat.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

/// A file being written beside its final place; dropped without [`OutputFile::finish`] it disappears.
#[derive(Debug)]
pub struct OutputFile {
    writer: BufWriter<NamedTempFile>,
    path: PathBuf,
    unfinished: Unfinished,
}

/// Temporary files of this process, for [`remove_unfinished`].
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// An entry of [`UNFINISHED`], taken off when dropped.
#[derive(Debug)]
struct Unfinished(PathBuf);

impl Unfinished {
    fn new(path: &Path) -> Self {
        UNFINISHED
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(path.to_path_buf());
        Self(path.to_path_buf())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let mut list = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|path| *path != self.0);
    }
}

/// Held while a temporary file is made or put in its place.
static CHANGING: Mutex<()> = Mutex::new(());

fn changing() -> MutexGuard<'static, ()> {
    CHANGING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As [`remove_unfinished`], for a process that is about to end: no other file appears any more.
pub fn remove_unfinished_for_good() {
    // A disk that does not answer must not keep the process alive.
    if let Some(guard) = within_patience(&CHANGING) {
        std::mem::forget(guard);
    }
    remove_unfinished();
}

/// The lock, if it is free within half a second.
fn within_patience<T>(lock: &'static Mutex<T>) -> Option<MutexGuard<'static, T>> {
    for _ in 0..100 {
        match lock.try_lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    None
}

/// Removes the temporary files of all outputs under way: for a run that is given up.
pub fn remove_unfinished() {
    // A thread that was stopped with the lock must not stop this one.
    let Some(list) = within_patience(&UNFINISHED) else {
        return;
    };
    for path in list.iter() {
        // Nothing can be done about a file that resists, and nobody is left to be told.
        let _ = std::fs::remove_file(path);
    }
}

impl OutputPlace {
    /// Removes the temporary files of the outputs under way at this place: for a run that is given up but not yet ended.
    ///
    /// A run that goes on all the same fails where it would put them in their place.
    pub fn remove_unfinished(&self) {
        let hidden = format!(".{}.", self.prefix);
        let list = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
        for path in list.iter() {
            let is_here = path.parent() == Some(self.directory.as_path());
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if is_here && name.starts_with(&hidden) {
                // As in `remove_unfinished`.
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

impl OutputFile {
    /// Opens a temporary sibling of `path`.
    pub fn create(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Err(Error::Io {
                verb: "write",
                path: path.to_path_buf(),
                source: std::io::ErrorKind::IsADirectory.into(),
            });
        }
        let directory = path
            .parent()
            .filter(|p| !p.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut builder = tempfile::Builder::new();
        let prefix = format!(".{name}.");
        builder.prefix(&prefix).suffix(".partial");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What any program would ask for; the umask takes its share.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let _changing = changing();
        let file = builder
            .tempfile_in(directory)
            .map_err(Error::io("write", path))?;
        Ok(Self {
            unfinished: Unfinished::new(file.path()),
            writer: BufWriter::with_capacity(1 << 20, file),
            path: path.to_path_buf(),
        })
    }

    /// The final path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lets `write` append what it likes.
    pub fn write_with(
        &mut self,
        write: impl FnOnce(&mut BufWriter<NamedTempFile>) -> std::io::Result<()>,
    ) -> Result<()> {
        write(&mut self.writer).map_err(Error::io("write", &self.path))
    }

    /// Appends `bytes`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.writer
            .write_all(bytes)
            .map_err(Error::io("write", &self.path))
    }

    /// Puts the complete file in its place, over an older one.
    pub fn finish(mut self) -> Result<PathBuf> {
        self.writer
            .flush()
            .map_err(Error::io("write", &self.path))?;
        let file = self.writer.into_inner().map_err(|e| Error::Io {
            verb: "write",
            path: self.path.clone(),
            source: e.into_error(),
        })?;
        let _changing = changing();
        file.persist(&self.path).map_err(|e| Error::Io {
            verb: "write",
            path: self.path.clone(),
            source: e.error,
        })?;
        drop(self.unfinished);
        Ok(self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_only_when_finished() {
        let dir = tempfile::tempdir().unwrap();
        let place = OutputPlace::new(&dir.path().join("a/b"), "run").unwrap();
        let mut file = place.create("assoc.txt").unwrap();
        file.write(b"half").unwrap();
        assert!(!place.path("assoc.txt").exists());
        drop(file);
        assert_eq!(
            std::fs::read_dir(dir.path().join("a/b")).unwrap().count(),
            0
        );
        let mut file = place.create("assoc.txt").unwrap();
        file.write(b"whole").unwrap();
        assert_eq!(std::fs::read(file.finish().unwrap()).unwrap(), b"whole");
    }

    #[test]
    fn an_impossible_place_is_an_error_before_the_work() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "x").unwrap();
        assert!(OutputPlace::new(&file.join("out"), "run").is_err());
        std::fs::create_dir(dir.path().join("run.assoc.txt")).unwrap();
        let place = OutputPlace::new(dir.path(), "run").unwrap();
        assert!(
            place
                .create("assoc.txt")
                .unwrap_err()
                .to_string()
                .contains("cannot write")
        );
        assert!(place.check_room(u64::MAX).is_err());
        assert!(place.create("no/such.txt").is_err());
    }
}
