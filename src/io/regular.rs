//! Checks for files that must be regular because they are read at several positions, or more than once.

use crate::error::{Error, Result};
use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// Fails if `path` does not exist or is a directory, a pipe, a socket or a device. Does not open it, because opening a
/// pipe would wait for its writer.
///
/// Symbolic links are followed.
pub fn check_regular(path: &Path) -> Result<()> {
    let status = std::fs::metadata(path).map_err(Error::io("open", path))?;
    if status.is_file() {
        return Ok(());
    }
    let hint = if status.is_dir() {
        "give the path of a file; -bfile takes the prefix of PREFIX.bed, PREFIX.bim and PREFIX.fam"
    } else {
        "genotypes cannot be read from a pipe, because they are read more than once: write them to a regular file first"
    };
    Err(Error::malformed(
        path,
        format!("this is {}, expected a regular file", kind(&status)),
        hint,
    ))
}

/// The regular files in a directory and the directories in it, as far as they can be listed, in the order of their paths.
///
/// Symbolic links are followed, at most twelve directories deep in case they form a circle.
#[must_use]
pub fn files_below(directory: &Path) -> Vec<PathBuf> {
    let (mut files, mut directories) = (Vec::new(), vec![(directory.to_path_buf(), 0)]);
    while let Some((directory, depth)) = directories.pop() {
        let entries = std::fs::read_dir(&directory).into_iter().flatten();
        for path in entries.flatten().map(|entry| entry.path()) {
            match std::fs::metadata(&path) {
                Ok(status) if status.is_file() => files.push(path),
                Ok(status) if status.is_dir() && depth < DEEPEST => {
                    directories.push((path, depth + 1));
                }
                _ => {}
            }
        }
    }
    files.sort_unstable();
    files
}

/// Levels of directories below which [`files_below`] does not look: a Zarr store has one for its arrays, one for their
/// chunks, and one for each of their dimensions.
const DEEPEST: usize = 12;

#[cfg(unix)]
fn kind(status: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    let kind = status.file_type();
    if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a pipe (FIFO)"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn kind(status: &Metadata) -> &'static str {
    if status.is_dir() {
        "a directory"
    } else {
        "a special file"
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn files_below_a_directory_are_listed_through_links_and_circles() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("store/array/c/0")).unwrap();
        std::fs::create_dir(at("elsewhere")).unwrap();
        for name in ["store/zarr.json", "store/array/c/0/1", "elsewhere/file"] {
            std::fs::write(at(name), "x").unwrap();
        }
        std::os::unix::fs::symlink(at("elsewhere"), at("store/link")).unwrap();
        let found = files_below(&at("store"));
        let expected = ["array/c/0/1", "link/file", "zarr.json"];
        assert_eq!(found, expected.map(|name| at("store").join(name)));
        std::os::unix::fs::symlink(at("store"), at("elsewhere/circle")).unwrap();
        assert!(files_below(&at("store")).len() > 3);
        assert!(files_below(&at("nothing")).is_empty());
    }

    #[test]
    fn other_kinds_are_named_without_being_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name| folder.path().join(name);
        std::fs::write(at("file"), "x").unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        assert!(check_regular(&at("file")).is_ok() && check_regular(&at("link")).is_ok());
        let made = std::process::Command::new("mkfifo")
            .arg(at("fifo"))
            .status();
        assert!(made.unwrap().success());
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        for (path, kind) in [
            (at("fifo"), "this is a pipe (FIFO), expected a regular file"),
            (at("socket"), "this is a socket"),
            (folder.path().to_path_buf(), "this is a directory"),
            ("/dev/null".into(), "this is a device"),
            (at("nothing"), "cannot open: no such file"),
        ] {
            let text = check_regular(&path).unwrap_err().to_string();
            assert!(text.contains(kind), "{text}");
        }
    }
}
