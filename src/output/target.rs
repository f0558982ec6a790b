//! The file that an output actually goes to, through symbolic links and with the mode of the file it replaces; checks
//! that it may be written.

use crate::error::{Error, Result};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Maximum number of symbolic links that are followed, as on Linux.
const MAX_LINKS: usize = 40;

/// The end of an output's symbolic links, and the file that exists there.
#[derive(Debug)]
pub(super) struct Target {
    /// The path that is written.
    pub(super) path: PathBuf,
    /// The existing regular file, which will be replaced.
    pub(super) replaced: Option<Metadata>,
    /// Whether the file is a device or a pipe, which is written and not replaced.
    is_special: bool,
}

impl Target {
    /// Follows `path`. Fails with [`Error::Io`] if it is a directory or a write-protected file.
    pub(super) fn of(path: &Path) -> Result<Self> {
        Self::follow(path).map_err(Error::io("write", path))
    }

    fn follow(path: &Path) -> io::Result<Self> {
        let found = match std::fs::metadata(path) {
            Ok(found) => Some(found),
            // Errors of the directory are reported when a file is created in it.
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
                // It is not a link, or nothing exists yet.
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

    /// The device or pipe, open for writing; `None` if a file is to be created.
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

/// Fails if no file could be created in `directory`, or if the directory itself could not be created.
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

/// Fails if the file is write-protected, even for root, for whom the system would permit writing.
#[cfg(unix)]
fn check_writable(path: &Path, found: &Metadata) -> io::Result<()> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    if found.is_file() && found.permissions().readonly() {
        return Err(ErrorKind::PermissionDenied.into());
    }
    accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS)?;
    check_replaceable(path, found)
}

/// Fails in a directory such as `/tmp`, in which only its owner may replace a file (sticky bit).
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

/// Opens a device, or a pipe that has a reader: opening one without a reader would hang.
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

/// Gives `file` the mode and, if permitted, the group of the file that it will replace.
#[cfg(unix)]
pub(super) fn keep_mode(file: &File, replaced: &Metadata) -> io::Result<()> {
    use rustix::fs::{Gid, fchown};
    use std::os::unix::fs::MetadataExt;
    if file.metadata()?.gid() != replaced.gid() {
        // Not permitted if the user is not in the group; the file then has the user's own.
        let _ = fchown(file, None, Some(Gid::from_raw(replaced.gid())));
    }
    file.set_permissions(replaced.permissions())
}

#[cfg(not(unix))]
pub(super) fn keep_mode(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Syncs the content of the file to disk. Fails if the disk or a quota is full, which `write` may not have detected.
pub(super) fn sync(file: &File) -> io::Result<()> {
    match file.sync_all() {
        // A file that cannot be synced, such as a device or a pipe, needs nothing more.
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

/// Closes the file; network file systems report a failed write only then.
#[cfg(unix)]
pub(super) fn close(file: File) -> io::Result<()> {
    Ok(nix::unistd::close(file)?)
}

#[cfg(not(unix))]
pub(super) fn close(file: File) -> io::Result<()> {
    drop(file);
    Ok(())
}

/// Makes new names in `directory` durable.
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
