//! Checks for files that must be regular because they are read at several positions, or more than once.

use crate::error::{Error, Result};
use std::fs::Metadata;
use std::path::Path;

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
