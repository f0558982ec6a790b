//! Files on disk that are opened without following links, and read at several positions at once.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// Opens a regular file for reading. Symbolic links are not followed; a pipe is not waited for.
///
/// Fails with a reason in words if `path` is anything else.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    check_kind(&std::fs::symlink_metadata(path)?)?;
    let file = open_this(path)?;
    // Another file may have taken its place.
    check_kind(&file.metadata()?)?;
    Ok(file)
}

fn check_kind(found: &Metadata) -> io::Result<()> {
    let kind = found.file_type();
    if kind.is_file() {
        Ok(())
    } else if kind.is_symlink() {
        Err(io::Error::other("it is a symbolic link"))
    } else if kind.is_dir() {
        Err(io::Error::other("it is a directory"))
    } else {
        Err(io::Error::other("it is not a regular file"))
    }
}

#[cfg(unix)]
fn open_this(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    File::options()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(path)
}

#[cfg(not(unix))]
fn open_this(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Fills `bytes` from byte `offset` of `file` on; threads that share the file do not disturb each other.
#[cfg(unix)]
pub(crate) fn read_at(file: &File, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

/// Fills `bytes` from byte `offset` of `file` on; threads that share the file do not disturb each other.
#[cfg(not(unix))]
pub(crate) fn read_at(mut file: &File, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    use std::sync::{Mutex, PoisonError};
    // The position belongs to the file, not to the thread.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(bytes)
}

/// Asks the system to read a file, up to its first 64 MiB, into its cache in the background. Only a hint: nothing happens
/// on failure.
#[cfg(all(feature = "zarr", target_os = "linux"))]
pub(crate) fn will_read(path: &Path) {
    use rustix::fs::{Advice, fadvise};
    const MOST: std::num::NonZeroU64 = std::num::NonZeroU64::new(64 << 20).expect("not 0");
    if let Ok(file) = File::open(path) {
        let _ = fadvise(&file, 0, Some(MOST), Advice::WillNeed);
    }
}

/// Asks the system to read a file in the background; not on this system.
#[cfg(all(feature = "zarr", not(target_os = "linux")))]
pub(crate) fn will_read(_: &Path) {}

/// Free bytes of the disk with `directory`; `None` if the system does not say.
#[cfg(unix)]
pub(crate) fn free_bytes(directory: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(directory).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

/// Free bytes of the disk with `directory`; `None` if the system does not say.
#[cfg(not(unix))]
pub(crate) fn free_bytes(_: &Path) -> Option<u64> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name| folder.path().join(name);
        std::fs::write(at("file"), "content").unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("loop"), at("loop")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(at("pipe"))
            .status();
        assert!(made.unwrap().success());
        for (path, reason) in [
            (at("link"), "it is a symbolic link"),
            (at("loop"), "it is a symbolic link"),
            (at("pipe"), "it is not a regular file"),
            (folder.path().to_path_buf(), "it is a directory"),
        ] {
            assert_eq!(open_regular(&path).unwrap_err().to_string(), reason);
        }
        let file = open_regular(&at("file")).unwrap();
        let mut bytes = [0; 4];
        read_at(&file, 3, &mut bytes).unwrap();
        assert_eq!(&bytes, b"tent");
        assert!(read_at(&file, 4, &mut bytes).is_err());
        assert!(free_bytes(folder.path()).unwrap() > 0);
    }
}
