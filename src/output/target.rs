//! Where an output really goes: through symbolic links, with the mode of the file it replaces, and whether it may.

use crate::error::{Error, Result};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Symbolic links that are followed, as on Linux.
const MAX_LINKS: usize = 40;

/// The end of an output's symbolic links, and what is there now.
#[derive(Debug)]
pub(super) struct Target {
    /// The path that is written.
    pub(super) path: PathBuf,
    /// The regular file that is there and will be replaced.
    pub(super) replaced: Option<Metadata>,
    /// Whether a device or a pipe is there, which is written to and not replaced.
    is_special: bool,
}

impl Target {
    /// Follows `path`; fails with [`Error::Io`] where a directory is there, or a file that is write-protected.
    pub(super) fn of(path: &Path) -> Result<Self> {
        Self::follow(path).map_err(Error::io("write", path))
    }

    fn follow(path: &Path) -> io::Result<Self> {
        let found = match std::fs::metadata(path) {
            Ok(found) => Some(found),
            // What is wrong with the directory is told by whoever makes a file there.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                None
            }
            Err(error) => return Err(error),
        };
        if found.as_ref().is_some_and(Metadata::is_dir) {
            return Err(ErrorKind::IsADirectory.into());
        }
        if let Some(found) = &found {
            check_writable(path, found)?;
            if !found.is_file() {
                return Ok(Self {
                    path: path.to_path_buf(),
                    replaced: None,
                    is_special: true,
                });
            }
        }
        let mut end = path.to_path_buf();
        for _ in 0..MAX_LINKS {
            match std::fs::read_link(&end) {
                // An absolute link replaces the whole path.
                Ok(link) => end = directory_of(&end).join(link),
                // It is no link, or nothing is there yet.
                Err(_) => {
                    return Ok(Self {
                        path: end,
                        replaced: found,
                        is_special: false,
                    });
                }
            }
        }
        Err(io::Error::other("too many levels of symbolic links"))
    }

    /// The directory of the target.
    pub(super) fn directory(&self) -> &Path {
        directory_of(&self.path)
    }

    /// The device or pipe, open for writing; `None` where a file is to be made.
    pub(super) fn open_special(&self) -> io::Result<Option<File>> {
        if !self.is_special {
            return Ok(None);
        }
        open_without_waiting(&self.path).map(Some)
    }
}

/// The directory of `path`.
pub(super) fn directory_of(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// `directory`, or the nearest directory above it that exists.
pub(super) fn nearest_existing(directory: &Path) -> Option<&Path> {
    let from_here = Path::new(".");
    directory
        .ancestors()
        .map(|above| {
            if above.as_os_str().is_empty() {
                from_here
            } else {
                above
            }
        })
        .find(|above| above.exists())
}

/// Fails if no file could be made in `directory`, or if it could not be made itself.
pub(super) fn check_directory(directory: &Path) -> io::Result<()> {
    match nearest_existing(directory) {
        Some(existing) if !existing.is_dir() => Err(ErrorKind::NotADirectory.into()),
        Some(existing) => check_enterable(existing),
        None => Ok(()),
    }
}

#[cfg(unix)]
fn check_enterable(directory: &Path) -> io::Result<()> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    let access = Access::WRITE_OK | Access::EXEC_OK;
    Ok(accessat(CWD, directory, access, AtFlags::EACCESS)?)
}

#[cfg(not(unix))]
fn check_enterable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Fails where the file is write-protected, also for root, who would not be refused by the system.
#[cfg(unix)]
fn check_writable(path: &Path, found: &Metadata) -> io::Result<()> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    if found.is_file() && found.permissions().readonly() {
        return Err(ErrorKind::PermissionDenied.into());
    }
    accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS)?;
    check_replaceable(path, found)
}

/// Fails in a directory such as `/tmp`, where only its owner may replace a file (sticky bit).
#[cfg(unix)]
fn check_replaceable(path: &Path, found: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    const STICKY: u32 = 0o1000;
    let user = rustix::process::geteuid().as_raw();
    let directory = std::fs::metadata(directory_of(path))?;
    if directory.mode() & STICKY != 0 && ![0, found.uid(), directory.uid()].contains(&user) {
        return Err(ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_writable(_: &Path, found: &Metadata) -> io::Result<()> {
    if found.permissions().readonly() {
        return Err(ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

/// Opens a device, or a pipe that somebody reads: one without a reader would hang.
#[cfg(unix)]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    use std::os::unix::fs::OpenOptionsExt;
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new()
        .write(true)
        .custom_flags(flags.bits() as i32)
        .open(path)
        .map_err(|error| match error.raw_os_error() {
            Some(code) if code == rustix::io::Errno::NXIO.raw_os_error() => {
                io::Error::other("it is a pipe that no program reads")
            }
            _ => error,
        })?;
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

#[cfg(not(unix))]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).open(path)
}

/// Gives `file` the mode, and where that is allowed the group, of the file that it will replace.
#[cfg(unix)]
pub(super) fn keep_mode(file: &File, replaced: &Metadata) -> io::Result<()> {
    use rustix::fs::{Gid, fchown};
    use std::os::unix::fs::MetadataExt;
    if file.metadata()?.gid() != replaced.gid() {
        // Refused where the user is not in the group; the file then has the user's own.
        let _ = fchown(file, None, Some(Gid::from_raw(replaced.gid())));
    }
    file.set_permissions(replaced.permissions())
}

#[cfg(not(unix))]
pub(super) fn keep_mode(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Hands the file's content to the disk; fails where the disk or a quota has no room, which `write` may not have known.
pub(super) fn sync(file: &File) -> io::Result<()> {
    match file.sync_all() {
        // What cannot be synced, such as a device or a pipe, is as safe as it gets.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::InvalidInput | ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        result => result,
    }
}

/// Closes the file; network file systems tell only then that a write failed.
#[cfg(unix)]
pub(super) fn close(file: File) -> io::Result<()> {
    Ok(nix::unistd::close(file)?)
}

#[cfg(not(unix))]
pub(super) fn close(file: File) -> io::Result<()> {
    drop(file);
    Ok(())
}

/// Makes new names in `directory` last.
#[cfg(unix)]
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    match File::open(directory) {
        Ok(directory) => sync(&directory),
        // A directory that may be written but not listed.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
pub(super) fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}
