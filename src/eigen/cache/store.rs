//! Writing an entry.

use super::description::Description;
use super::header::{Header, entry_bytes};
use super::key::CacheKey;
use super::names::entry_name;
use super::unfinished::{UnfinishedEntry, remove_abandoned};
use crate::eigen::Eigen;
use crate::error::escaped;
use crate::io::disk::free_bytes;
use crate::io::numbers::write_numbers;
use crate::kernels::columns::column;
use crate::kernels::memory::Amount;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Why an entry could not be written.
enum Failure {
    Directory(io::Error),
    Room { needed: u64, free: u64 },
    Write(io::Error),
}

/// Writes the entry of `key`, in the place of an older file; a failure is a note for the user.
pub(super) fn store(
    directory: &Path,
    key: &CacheKey,
    eigen: &Eigen,
    description: &Description,
) -> Option<String> {
    let failure = write(directory, key, eigen, description).err()?;
    Some(note(directory, key, &failure))
}

fn note(directory: &Path, key: &CacheKey, failure: &Failure) -> String {
    let shown = escaped(&directory.to_string_lossy());
    let room = format!(
        "free some space, for example with `jamma cache prune {shown} --max-size GB`, or choose another directory"
    );
    let (reason, cure) = match failure {
        Failure::Directory(error) => {
            let cure = "give a directory that exists or can be created";
            (system(error), cure.to_owned())
        }
        Failure::Room { needed, free } => {
            let (needed, free) = (Amount(*needed), Amount(*free));
            (
                format!("it needs {needed}, and the disk has {free} free"),
                room,
            )
        }
        Failure::Write(error) => {
            let cure = match error.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => room,
                ErrorKind::IsADirectory | ErrorKind::DirectoryNotEmpty => {
                    format!("remove the directory {} in it", entry_name(key))
                }
                _ => "check the permissions of the directory".to_owned(),
            };
            (system(error), cure)
        }
    };
    format!("{shown}: the eigendecomposition is not stored in this cache: {reason}; {cure}")
}

fn system(error: &io::Error) -> String {
    let text = error.to_string();
    // tempfile appends the path.
    let reason = text.split(" (os error").next().unwrap_or_default();
    reason
        .split(" at path")
        .next()
        .unwrap_or_default()
        .to_lowercase()
}

fn write(
    directory: &Path,
    key: &CacheKey,
    eigen: &Eigen,
    description: &Description,
) -> Result<(), Failure> {
    let n = eigen.n();
    assert_eq!(
        (eigen.vectors.nrows(), eigen.vectors.ncols()),
        (n, n),
        "n x n"
    );
    std::fs::create_dir_all(directory).map_err(Failure::Directory)?;
    remove_abandoned(directory);
    let needed = entry_bytes(n).unwrap_or(u64::MAX);
    if let Some(free) = free_bytes(directory)
        && free < needed
    {
        return Err(Failure::Room { needed, free });
    }
    write_entry(directory, key, eigen, description).map_err(Failure::Write)
}

fn write_entry(
    directory: &Path,
    key: &CacheKey,
    eigen: &Eigen,
    description: &Description,
) -> io::Result<()> {
    let header = Header::of(key, eigen, description);
    let mut entry = UnfinishedEntry::create(directory, key)?;
    let out = entry.writer();
    out.write_all(&header.encode())?;
    write_numbers(out, &eigen.values)?;
    for j in 0..eigen.n() {
        write_numbers(out, column(eigen.vectors.as_ref(), j))?;
    }
    entry.finish(&directory.join(entry_name(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_names_the_directory_the_reason_and_the_cure() {
        let key = CacheKey::of_digits("0123456789abcdef0123456789abcdef").unwrap();
        let full = io::Error::from(ErrorKind::StorageFull);
        let denied = io::Error::from_raw_os_error(13);
        for (failure, parts) in [
            (
                Failure::Room {
                    needed: 32_000_000,
                    free: 20_000,
                },
                [
                    "it needs 32.00 MB, and the disk has 20.00 kB free; ",
                    "`jamma cache prune a/b --max-size GB`",
                ],
            ),
            (Failure::Write(full), ["no storage space; ", "--max-size"]),
            (
                Failure::Write(ErrorKind::IsADirectory.into()),
                [
                    "is a directory; ",
                    "remove the directory 0123456789abcdef0123456789abcdef.jamma-eigen in it",
                ],
            ),
            (
                Failure::Write(denied),
                ["permission denied; ", "check the permissions"],
            ),
            (
                Failure::Directory(ErrorKind::NotADirectory.into()),
                ["not a directory; ", "give a directory"],
            ),
        ] {
            let note = note(Path::new("a/b"), &key, &failure);
            assert!(
                note.starts_with("a/b: the eigendecomposition is not stored in this cache: "),
                "{note}"
            );
            for part in parts {
                assert!(note.contains(part), "{note}");
            }
        }
    }
}
