//! PLINK 1 `.bed` files: packed two-bit genotypes, one SNP after another.
//!
//! The packed bytes are read unchanged ([`BedFile::read_packed`]) and are widened only when the arithmetic needs it.
//!
//! Two-bit codes, lowest bits first: `00` two copies of allele1 (column 5 of the `.bim`), `10` one copy, `11` none,
//! `01` missing. Source: PLINK 1.9 file format reference, section `.bed`.

use super::foreign;
use super::regular::check_regular;
use super::text::count;
use crate::error::{Error, Result};
use std::fmt::Debug;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// First two bytes of every `.bed` file.
const MAGIC: [u8; 2] = [0x6c, 0x1b];
/// Third byte: SNP-major order, the only one in use since PLINK 1.07.
const SNP_MAJOR: u8 = 0x01;
/// Bytes before the first SNP.
const HEADER_BYTES: u64 = 3;

/// The codes of 0, 1 and 2 copies of allele1.
pub const CALLS: [u8; 3] = [0b11, 0b10, 0b00];
/// The code of a missing call.
pub const NO_CALL: u8 = 0b01;

/// The code of a number of copies of allele1, from 0 to 2; of a missing call for `None`.
#[must_use]
pub fn call_code(copies: Option<u8>) -> u8 {
    copies.map_or(NO_CALL, |copies| CALLS[usize::from(copies)])
}

/// Packed size of one SNP of `n_individuals` in bytes: four individuals per byte.
#[must_use]
pub fn packed_bytes(n_individuals: usize) -> usize {
    n_individuals.div_ceil(4)
}

/// Maximum number of bytes from the start of a file that [`check_start`] examines.
pub(crate) const START_BYTES: u64 = 512;

/// The bytes of the SNPs in `snps`, counted from the start of the file.
#[must_use]
pub(crate) fn bytes_of_snps(n_individuals: usize, snps: Range<usize>) -> Range<u64> {
    let offset = |snp: usize| HEADER_BYTES + snp as u64 * packed_bytes(n_individuals) as u64;
    offset(snps.start)..offset(snps.end)
}

/// Content that can be read from any offset.
pub trait ReadAt: Send + Debug {
    /// Fills `bytes` with the content from `offset` on. Fails if it cannot be read, or ends early.
    fn read_exact_at(&mut self, offset: u64, bytes: &mut [u8]) -> Result<()>;
}

/// A local file.
#[derive(Debug)]
struct LocalFile {
    file: File,
    path: PathBuf,
}

impl ReadAt for LocalFile {
    fn read_exact_at(&mut self, offset: u64, bytes: &mut [u8]) -> Result<()> {
        self.file
            .seek(SeekFrom::Start(offset))
            .and_then(|_| self.file.read_exact(bytes))
            .map_err(Error::io("read", &self.path))
    }
}

/// An open `.bed` file whose header and length agree with its `.bim` and `.fam`.
#[derive(Debug)]
pub struct BedFile {
    content: Box<dyn ReadAt>,
    path: PathBuf,
    n_individuals: usize,
    n_snps: usize,
}

impl BedFile {
    /// Opens `path` and checks magic bytes, order and length.
    ///
    /// * `n_individuals`: rows of the `.fam`
    /// * `n_snps`: rows of the `.bim`
    ///
    /// Fails with [`Error::Io`] if the file cannot be read, [`Error::Malformed`] if it is not a SNP-major `.bed`, and
    /// [`Error::Inconsistent`] if its length does not match the two counts.
    pub fn open(path: &Path, n_individuals: usize, n_snps: usize) -> Result<Self> {
        check_regular(path)?;
        let mut file = File::open(path).map_err(Error::io("open", path))?;
        let length = file.metadata().map_err(Error::io("read", path))?.len();
        let mut start = Vec::new();
        (&mut file)
            .take(START_BYTES)
            .read_to_end(&mut start)
            .map_err(Error::io("read", path))?;
        check_start(path, &start, length, (n_individuals, n_snps))?;
        let path = path.to_path_buf();
        let content = LocalFile {
            file,
            path: path.clone(),
        };
        Ok(Self::of_checked(content, path, n_individuals, n_snps))
    }

    /// A file whose header and length were [checked](check_start) before.
    pub(crate) fn of_checked(
        content: impl ReadAt + 'static,
        path: PathBuf,
        n_individuals: usize,
        n_snps: usize,
    ) -> Self {
        Self {
            content: Box::new(content),
            path,
            n_individuals,
            n_snps,
        }
    }

    /// Individuals in the file.
    #[must_use]
    pub fn n_individuals(&self) -> usize {
        self.n_individuals
    }

    /// SNPs in the file.
    #[must_use]
    pub fn n_snps(&self) -> usize {
        self.n_snps
    }

    /// Reads the packed bytes of the SNPs in `range` into `packed`, [`packed_bytes`] for each SNP.
    ///
    /// Fails if the file cannot be read, or if the padding bits of a SNP's last byte are not 0, as PLINK writes them.
    ///
    /// # Panics
    /// If `range` extends beyond the file.
    pub fn read_packed(&mut self, range: Range<usize>, packed: &mut Vec<u8>) -> Result<()> {
        assert!(range.end <= self.n_snps, "SNP range within the .bed file");
        let first = range.start;
        let bytes = bytes_of_snps(self.n_individuals, range);
        packed.resize((bytes.end - bytes.start) as usize, 0);
        self.content.read_exact_at(bytes.start, packed)?;
        self.check_unused_bits(first, packed)
    }

    /// Fails if a SNP has genotypes of more individuals than the `.fam` lists. The file length alone does not show
    /// this: 11 and 12 individuals take the same number of bytes.
    fn check_unused_bits(&self, first: usize, packed: &[u8]) -> Result<()> {
        let used = 2 * (self.n_individuals % 4);
        if used == 0 {
            return Ok(());
        }
        let mut snps = packed.chunks_exact(packed_bytes(self.n_individuals));
        let Some(k) = snps.position(|snp| snp.last().is_some_and(|byte| byte >> used != 0)) else {
            return Ok(());
        };
        Err(Error::inconsistent(
            format!(
                "{}: SNP {} has genotypes beyond the {} of the .fam: the padding bits of its last byte are not 0",
                self.path.display(),
                first + k + 1,
                count(self.n_individuals, "individual")
            ),
            "the .bed, .bim and .fam must come from one PLINK run; check that no line of the .fam was removed",
        ))
    }
}

/// Checks the magic bytes, the order and the length of a `.bed`, which are the same for local and remote files.
///
/// * `start`: the first [`START_BYTES`], or all bytes of a shorter file
/// * `length`: bytes of the file
/// * `n_individuals`, `n_snps`: lines of the `.fam` and of the `.bim`
pub(crate) fn check_start(
    path: &Path,
    start: &[u8],
    length: u64,
    (n_individuals, n_snps): (usize, usize),
) -> Result<()> {
    check_header(path, &start[..start.len().min(3)])
        .map_err(|error| with_detected_format(start, error))?;
    check_length(path, length, n_individuals, n_snps)
}

/// Adds the detected file format to an error about the first bytes.
fn with_detected_format(start: &[u8], error: Error) -> Error {
    match (error, foreign::kind_of(start)) {
        (Error::Malformed { path, what, .. }, Some((name, _)))
            if !start.starts_with(&MAGIC) && start[0] != 0x1f =>
        {
            Error::malformed(
                &path,
                format!("{what}: the file is {name}"),
                "decompress or extract it, or convert it with `plink2 ... --make-bed`",
            )
        }
        (error, _) => error,
    }
}

fn check_header(path: &Path, header: &[u8]) -> Result<()> {
    let remake = "recreate it with `plink2 --bfile OLD --make-bed --out NEW`, or check that the copy is complete";
    match header {
        [0x1f, 0x8b, _] => Err(Error::malformed(
            path,
            "the .bed file is compressed (gzip), expected an uncompressed file",
            "decompress it with gunzip; only text files may be compressed",
        )),
        [a, b, _] if [*a, *b] != MAGIC => Err(Error::malformed(
            path,
            format!(
                "not a PLINK .bed file: it starts with the bytes {a:02x} {b:02x}, expected 6c 1b"
            ),
            "give the prefix of a PLINK 1 binary file set; convert other formats with `plink2 ... --make-bed`",
        )),
        [_, _, 0] => Err(Error::malformed(
            path,
            "the .bed file is individual-major (third byte 00), expected SNP-major (01)",
            "convert it with `plink1.9 --bfile OLD --make-bed --out NEW`",
        )),
        [_, _, order] if *order != SNP_MAJOR => Err(Error::malformed(
            path,
            format!("unknown order in the .bed header: third byte {order:02x}, expected 01"),
            remake,
        )),
        [_, _, _] => Ok(()),
        short => Err(Error::malformed(
            path,
            format!(
                "the .bed file ends within its header: {} bytes, expected at least 3",
                short.len()
            ),
            remake,
        )),
    }
}

fn check_length(path: &Path, length: u64, n_individuals: usize, n_snps: usize) -> Result<()> {
    let stride = packed_bytes(n_individuals) as u64;
    let expected = HEADER_BYTES + n_snps as u64 * stride;
    if length == expected {
        return Ok(());
    }
    let body = length - HEADER_BYTES;
    let found = if stride > 0 && body.is_multiple_of(stride) {
        format!(
            "it holds {} of {n_individuals} individuals",
            count((body / stride) as usize, "SNP")
        )
    } else if length < expected {
        format!(
            "it ends within SNP {} of {n_snps}",
            body / stride.max(1) + 1
        )
    } else {
        format!(
            "it holds {} too many",
            count((length - expected) as usize, "byte")
        )
    };
    Err(Error::inconsistent(
        format!(
            "{}: {length} bytes, expected {expected} for the {n_snps} SNPs of the .bim and the {n_individuals} individuals of the .fam; {found}",
            path.display()
        ),
        "the .bed, .bim and .fam must come from one PLINK run; check that none was truncated, edited or mixed up",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut f = tempfile::NamedTempFile::new().unwrap();
        f.write_all(bytes).unwrap();
        f
    }

    fn message(bytes: &[u8], n: usize, p: usize) -> String {
        BedFile::open(file(bytes).path(), n, p)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn packed_bytes_are_read_by_snp_range() {
        let f = file(&[0x6c, 0x1b, 1, 10, 1, 20, 2, 30, 3]);
        let mut bed = BedFile::open(f.path(), 5, 3).unwrap();
        let mut packed = Vec::new();
        bed.read_packed(1..3, &mut packed).unwrap();
        assert_eq!(packed, [20, 2, 30, 3]);
    }

    #[test]
    fn genotypes_of_an_individual_who_is_not_in_the_fam_are_an_error() {
        let f = file(&[0x6c, 0x1b, 1, 10, 1, 20, 0b0111]);
        let mut bed = BedFile::open(f.path(), 5, 2).unwrap();
        let mut packed = Vec::new();
        assert!(bed.read_packed(0..1, &mut packed).is_ok());
        let text = bed.read_packed(1..2, &mut packed).unwrap_err().to_string();
        assert!(
            text.contains("SNP 2 has genotypes beyond the 5 individuals"),
            "{text}"
        );
    }

    #[test]
    fn damaged_headers_are_named() {
        assert!(message(b"PK\x03", 4, 1).contains("50 4b"));
        assert!(message(&[0x1f, 0x8b, 8, 0], 4, 1).contains("compressed"));
        assert!(message(&[0x6c, 0x1b, 0, 7], 4, 1).contains("individual-major"));
        assert!(message(&[0x6c, 0x1b, 9, 7], 4, 1).contains("third byte 09"));
        assert!(message(&[0x6c], 4, 1).contains("within its header"));
        assert!(message(&[], 4, 1).contains("0 bytes"));
    }

    #[test]
    fn a_length_that_disagrees_is_an_error_with_the_numbers() {
        let text = message(&[0x6c, 0x1b, 1, 0, 0, 0], 8, 2);
        assert!(
            text.contains("6 bytes, expected 7") && text.contains("SNP 2 of 2"),
            "{text}"
        );
        let text = message(&[0x6c, 0x1b, 1, 0, 0, 0, 0], 8, 1);
        assert!(text.contains("holds 2 SNPs of 8 individuals"), "{text}");
    }
}
