//! The header of a BGEN file, and the ids of its individuals.

use crate::error::{Error, Result};
use crate::io::regular::check_regular;
use crate::io::text::count;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes from the start of the file to the free data of the header.
const FIXED_BYTES: usize = 20;
/// Bytes that an index copies from the start of the file.
const START_BYTES: u64 = 1000;
/// What to do with a damaged file.
pub(super) const REMAKE: &str =
    "check that the copy of the file is complete (compare checksums), or export it again";

/// How genotype data are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    /// Not at all.
    None,
    /// zlib.
    Zlib,
    /// Zstandard (BGEN 1.3).
    Zstd,
}

/// How the genotypes of a SNP are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// BGEN 1.1: three probabilities of 16 bits.
    One,
    /// BGEN 1.2 and 1.3: any number of bits, phased or unphased.
    Two,
}

/// What a BGEN file states before its first SNP.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its length in bytes.
    pub(crate) file_bytes: u64,
    /// Its first bytes, at most 1000.
    pub(super) start: Vec<u8>,
    /// Byte at which the first SNP starts.
    pub(super) first_snp: u64,
    /// Number of SNPs.
    pub(super) n_snps: u32,
    /// Number of individuals.
    pub(crate) n_individuals: usize,
    /// How the genotypes are compressed.
    pub(crate) compression: Compression,
    /// How the genotypes are stored.
    pub(crate) layout: Layout,
    /// The ids of the individuals, if the file has them.
    pub(crate) ids: Option<Vec<Box<str>>>,
}

impl Header {
    /// Opens a file and reads its header.
    ///
    /// Fails if it cannot be opened or is not a BGEN file of version 1.1 to 1.3, if its lengths contradict each other or
    /// the length of the file, or if it has no individuals or no SNPs.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        check_regular(path).map_err(of_bgen)?;
        let mut file = File::open(path).map_err(Error::io("open", path))?;
        let file_bytes = file.metadata().map_err(Error::io("read", path))?.len();
        let mut start = Vec::new();
        (&mut file)
            .take(START_BYTES)
            .read_to_end(&mut start)
            .map_err(Error::io("read", path))?;
        let damaged = |what: String| Error::malformed(path, what, REMAKE);
        let number = |at: usize| start.get(at..at + 4).map(le32);
        let (Some(offset), Some(length), Some(n_snps), Some(n), Some(magic)) =
            (number(0), number(4), number(8), number(12), number(16))
        else {
            return Err(not_bgen(path, "it ends within its header"));
        };
        if magic.to_le_bytes() != *b"bgen" && magic != 0 {
            return Err(not_bgen(path, "bytes 17 to 20 are not \"bgen\""));
        }
        let first_snp = u64::from(offset) + 4;
        if (length as usize) < FIXED_BYTES || length > offset || first_snp > file_bytes {
            return Err(damaged(format!(
                "the lengths in the header contradict each other: a header of {length} bytes, a first SNP at byte {first_snp}, and a file of {file_bytes} bytes"
            )));
        }
        let before = Before::read(path, length, first_snp)?;
        let flags = before.flags();
        let (compression, layout) = kinds(path, flags)?;
        if n_snps == 0 || n == 0 {
            return Err(damaged(format!(
                "the header states {} and {}",
                count(n as usize, "individual"),
                count(n_snps as usize, "SNP")
            )));
        }
        let ids = (flags >> 31 == 1).then(|| before.ids(n));
        Ok(Self {
            path: path.to_path_buf(),
            file_bytes,
            first_snp,
            n_snps,
            n_individuals: n as usize,
            compression,
            layout,
            ids: ids.transpose().map_err(damaged)?,
            start,
        })
    }
}

/// The bytes from the flags to the first SNP.
struct Before(Vec<u8>);

impl Before {
    /// * `length`: of the header, without the four bytes before it
    fn read(path: &Path, length: u32, first_snp: u64) -> Result<Self> {
        use std::io::{Seek, SeekFrom};
        let mut file = File::open(path).map_err(Error::io("open", path))?;
        // The file is at least this long.
        let mut bytes = vec![0; (first_snp - u64::from(length)) as usize];
        file.seek(SeekFrom::Start(u64::from(length)))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(Error::io("read", path))?;
        Ok(Self(bytes))
    }

    fn flags(&self) -> u32 {
        le32(&self.0[..4])
    }

    /// The ids of the `n` individuals; what is wrong with them if they cannot be read.
    fn ids(&self, n: u32) -> Result<Vec<Box<str>>, String> {
        let block = &self.0[4..];
        let (Some(length), Some(n_ids)) = (block.get(..4).map(le32), block.get(4..8).map(le32))
        else {
            return Err("the file ends within the ids of the individuals".into());
        };
        let (Some(mut left), true) = (block.get(8..length as usize), length >= 8) else {
            return Err(format!(
                "the ids of the individuals take {length} bytes, but {} are before the first SNP",
                block.len()
            ));
        };
        if n_ids != n {
            return Err(format!(
                "the file has ids of {n_ids} individuals, but its header states {n}"
            ));
        }
        let mut ids = Vec::new();
        for row in 1..=n {
            let length = left
                .get(..2)
                .map(|two| usize::from(u16::from_le_bytes([two[0], two[1]])));
            let Some(id) = length.and_then(|length| left.get(2..2 + length)) else {
                return Err(format!(
                    "the ids of the individuals end within that of individual {row} of {n}"
                ));
            };
            left = &left[2 + id.len()..];
            let id = std::str::from_utf8(id)
                .map_err(|_| format!("the id of individual {row} is not UTF-8 text"))?;
            ids.push(id.into());
        }
        if !left.is_empty() {
            return Err(format!(
                "{} more than the ids of {n} individuals need",
                count(left.len(), "byte")
            ));
        }
        Ok(ids)
    }
}

/// The compression and the layout that the flags state.
fn kinds(path: &Path, flags: u32) -> Result<(Compression, Layout)> {
    let unknown = |what: String| {
        Error::malformed(
            path,
            what,
            "jamma reads BGEN 1.1, 1.2 and 1.3; export the file again, for example with `plink2 ... --export bgen-1.3`",
        )
    };
    let layout = match flags >> 2 & 0b1111 {
        1 => Layout::One,
        2 => Layout::Two,
        other => return Err(unknown(format!("unknown layout {other}, expected 1 or 2"))),
    };
    let compression = match flags & 0b11 {
        0 => Compression::None,
        1 => Compression::Zlib,
        2 if layout == Layout::Two => Compression::Zstd,
        2 => {
            return Err(unknown(
                "Zstandard compression in a file of layout 1".into(),
            ));
        }
        _ => return Err(unknown("unknown compression 3, expected 0, 1 or 2".into())),
    };
    Ok((compression, layout))
}

fn not_bgen(path: &Path, why: &str) -> Error {
    Error::malformed(
        path,
        format!("not a BGEN file: {why}"),
        "give a file of genotype probabilities in BGEN 1.1, 1.2 or 1.3 with --bgen",
    )
}

/// The error about a file that is not regular, with a hint for BGEN files.
fn of_bgen(error: Error) -> Error {
    match error {
        Error::Malformed { path, what, .. } => Error::malformed(
            &path,
            what,
            "give the path of a BGEN file; it is read at many positions, so it cannot come from a pipe",
        ),
        other => other,
    }
}

/// A little-endian number of four bytes.
pub(super) fn le32(four: &[u8]) -> u32 {
    u32::from_le_bytes(four.try_into().expect("four bytes"))
}
