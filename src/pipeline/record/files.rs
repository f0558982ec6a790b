//! The sizes, times and checksums of the files that a run read and wrote.

use crate::io::content::Content;
use crate::output::report::FileReport;
use crate::sources::{is_url, without_secrets};
use chrono::{DateTime, Local, SecondsFormat};
use std::fs::{File, Metadata};
use std::io::{Read, Result, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Largest file whose checksum is that of all bytes; XXH3 needs about 20 ms for it.
const LARGEST_WHOLE: u64 = 64 << 20;
/// Bytes at either end of a larger file that its checksum covers.
const END_BYTES: u64 = 1 << 20;
/// Most files whose content is read again; a Zarr store may have millions.
const MOST_FILES: usize = 100;

/// A time as RFC 3339 writes it.
pub(crate) fn written(time: DateTime<Local>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// The reports of input files with their metadata, and of inputs that are no regular files.
pub(crate) fn inputs(files: &[(PathBuf, Metadata)], others: &[PathBuf]) -> Vec<FileReport> {
    let is_read = files.len() <= MOST_FILES;
    let files = files
        .iter()
        .map(|(path, metadata)| of_file(path, metadata, is_read));
    let others = others.iter().map(|path| FileReport {
        path: without_secrets(&path.to_string_lossy()),
        ..FileReport::default()
    });
    files.chain(others).collect()
}

/// * `is_read`: whether the content is read for a checksum
fn of_file(path: &Path, metadata: &Metadata, is_read: bool) -> FileReport {
    let bytes = metadata.len();
    let is_whole = bytes <= LARGEST_WHOLE;
    let content = is_read.then(|| checksum(path, bytes, is_whole).ok());
    FileReport {
        path: path.display().to_string(),
        bytes: Some(bytes),
        modified: metadata.modified().ok().map(|time| written(time.into())),
        // A file that was removed has no checksum.
        checksum: content.flatten().map(|content| content.digest()),
        is_whole,
    }
}

fn checksum(path: &Path, bytes: u64, is_whole: bool) -> Result<Content> {
    let mut file = File::open(path)?;
    let mut content = Content::default();
    if is_whole {
        std::io::copy(&mut file, &mut content)?;
        return Ok(content);
    }
    std::io::copy(&mut Read::take(&mut file, END_BYTES), &mut content)?;
    file.seek(SeekFrom::Start(bytes - END_BYTES))?;
    std::io::copy(&mut file, &mut content)?;
    Ok(content)
}

/// Whether `path` is an input without metadata: an address, a pipe or a device.
pub(crate) fn is_other(path: &Path) -> bool {
    is_url(path) || std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// The report of a file that the run wrote, under its final name.
pub(crate) fn output(path: &Path) -> FileReport {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => of_file(path, &metadata, true),
        // A device or a pipe.
        _ => FileReport {
            path: path.display().to_string(),
            ..FileReport::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_has_the_checksum_of_its_bytes_and_a_large_one_that_of_its_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let bytes: Vec<u8> = (0..3 * END_BYTES).map(|i| (i * i % 251) as u8).collect();
        std::fs::write(&path, &bytes).unwrap();
        let expected = |parts: &[&[u8]]| {
            let mut content = Content::default();
            parts.iter().for_each(|part| content.add(part));
            content.digest()
        };
        let found = |is_whole| {
            let content = checksum(&path, bytes.len() as u64, is_whole);
            content.unwrap().digest()
        };
        assert_eq!(found(true), expected(&[&bytes]));
        let end = END_BYTES as usize;
        assert_eq!(found(false), expected(&[&bytes[..end], &bytes[2 * end..]]));
    }
}
