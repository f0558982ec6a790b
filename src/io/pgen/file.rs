//! An open file: its header, and the bytes of ranges of records.

use super::index::RecordIndex;
use super::start::{Counts, START_BYTES, Start};
use crate::error::{Error, Result};
use crate::io::regular::check_regular;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A `.pgen` whose header is checked.
#[derive(Debug)]
pub struct PgenFile {
    path: PathBuf,
    index: RecordIndex,
    /// The first bytes and the length, which must not change while the file is used.
    first: Vec<u8>,
    length: u64,
}

/// The numbers of SNPs and individuals in the header of the file `path`; `None` if it has none, as a `.bed`.
///
/// Fails if the file cannot be read or is not a `.pgen` of a supported storage mode, or if it is too short for the
/// number of SNPs.
pub fn read_counts(path: &Path) -> Result<Option<Counts>> {
    let (_, first, length) = open(path)?;
    let counts = Start::parse(path, &first)?.counts;
    match counts {
        Some(counts) if counts.n_snps as u64 > length => Err(Error::malformed(
            path,
            format!(
                "the file has {length} bytes, but its header states {} SNPs",
                counts.n_snps
            ),
            "check that the copy is complete",
        )),
        counts => Ok(counts),
    }
}

impl PgenFile {
    /// Opens `path` and reads its header.
    ///
    /// * `counts`: lines of the `.pvar` and the `.psam`, which are those of the header if [`read_counts`] returns them
    ///
    /// Fails if the file cannot be read, the header is damaged, or the length of the file is not the sum of the lengths
    /// of its parts.
    pub fn open(path: &Path, counts: Counts) -> Result<Self> {
        let (file, first, length) = open(path)?;
        let start = Start::parse(path, &first)?;
        let counts = start.counts.unwrap_or(counts);
        let mut file = BufReader::with_capacity(1 << 16, file);
        let index = RecordIndex::read(path, &mut file, &start, counts, length)?;
        Ok(Self {
            path: path.to_path_buf(),
            index,
            first,
            length,
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The positions and kinds of the records.
    #[must_use]
    pub fn index(&self) -> &RecordIndex {
        &self.index
    }

    /// Opens the file again, to read records. Fails if it has changed.
    pub fn reader(&self) -> Result<PgenReader> {
        let (file, first, length) = open(&self.path)?;
        if first != self.first || length != self.length {
            return Err(Error::inconsistent(
                format!("{} has changed during the run", self.path.display()),
                "inputs must not change during a run",
            ));
        }
        Ok(PgenReader {
            file,
            path: self.path.clone(),
        })
    }
}

/// Reads the bytes of records.
#[derive(Debug)]
pub struct PgenReader {
    file: File,
    path: PathBuf,
}

impl PgenReader {
    /// Reads the bytes of a range of the file into `bytes`. Fails if the file cannot be read.
    pub fn read(&mut self, range: Range<u64>, bytes: &mut Vec<u8>) -> Result<()> {
        bytes.resize((range.end - range.start) as usize, 0);
        self.file
            .seek(SeekFrom::Start(range.start))
            .and_then(|_| self.file.read_exact(bytes))
            .map_err(Error::io("read", &self.path))
    }
}

/// Opens a regular file, and reads its first bytes and its length.
fn open(path: &Path) -> Result<(File, Vec<u8>, u64)> {
    check_regular(path)?;
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let length = file.metadata().map_err(Error::io("read", path))?.len();
    let mut first = Vec::with_capacity(START_BYTES);
    (&mut file)
        .take(START_BYTES as u64)
        .read_to_end(&mut first)
        .map_err(Error::io("read", path))?;
    Ok((file, first, length))
}
