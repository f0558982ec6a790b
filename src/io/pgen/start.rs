//! The first twelve bytes of a file: storage mode, numbers of SNPs and individuals, and the format of the header.

use super::kind::Kind;
use crate::error::{Error, Result};
use crate::io::text::count;
use std::path::Path;

/// Bytes before the arrays of the header; a `.bed` has only the first three.
pub(super) const START_BYTES: usize = 12;
/// Bytes before the first SNP of a `.bed`.
const BED_BYTES: usize = 3;
const MAGIC: [u8; 2] = [0x6c, 0x1b];

/// Numbers of SNPs and individuals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// SNPs, or records.
    pub n_snps: usize,
    /// Individuals.
    pub n_individuals: usize,
}

/// How the records are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// As in a `.bed` (mode 01).
    Plink1,
    /// All of one kind and length (modes 02 to 04).
    Fixed(Kind),
    /// With an index of types and lengths (mode 10).
    Variable,
}

/// The start of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) mode: Mode,
    /// `None` in a `.bed`, which does not store them.
    pub(super) counts: Option<Counts>,
    /// Byte 11; 0 in a `.bed`.
    format: u8,
}

impl Start {
    /// Parses the start of a file, of which `bytes` are the first twelve, or all if there are fewer.
    pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Self> {
        let mode = mode(path, bytes)?;
        if mode == Mode::Plink1 {
            return Ok(Self {
                mode,
                counts: None,
                format: 0,
            });
        }
        let &[_, _, _, m0, m1, m2, m3, n0, n1, n2, n3, format] = bytes else {
            return Err(Error::malformed(
                path,
                format!(
                    "the file ends within its header: {}, expected at least {START_BYTES}",
                    count(bytes.len(), "byte")
                ),
                "check that the copy is complete",
            ));
        };
        let [n_snps, n_individuals] =
            [[m0, m1, m2, m3], [n0, n1, n2, n3]].map(|bytes| u32::from_le_bytes(bytes) as usize);
        let start = Self {
            mode,
            counts: Some(Counts {
                n_snps,
                n_individuals,
            }),
            format,
        };
        start.check(path, n_snps, n_individuals)?;
        Ok(start)
    }

    fn check(&self, path: &Path, n_snps: usize, n_individuals: usize) -> Result<()> {
        let hint = "check that the copy is complete, or recreate the file with plink2 --make-pgen";
        let fail = |what: String| Err(Error::malformed(path, what, hint));
        if n_snps == 0 || n_individuals == 0 {
            return fail(format!(
                "the header has {} of {}",
                count(n_snps, "SNP"),
                count(n_individuals, "individual")
            ));
        }
        let format = self.format & 15;
        match self.mode {
            Mode::Variable if format > 7 => fail(format!(
                "byte 12 of the header is {:02x}: format {format} of types and lengths is not defined",
                self.format
            )),
            Mode::Fixed(_) if self.format & 0x3f != 0 => fail(format!(
                "byte 12 of the header is {:02x}, but the records have no types, lengths and numbers of alleles",
                self.format
            )),
            _ => Ok(()),
        }
    }

    /// Whether record types have four bits, not eight.
    pub(super) fn has_short_types(&self) -> bool {
        self.format & 15 < 4
    }

    /// Bytes of the length of a record, 1 to 4.
    pub(super) fn length_bytes(&self) -> usize {
        usize::from(self.format & 3) + 1
    }

    /// Bytes of the number of alleles of a SNP, 0 to 3.
    pub(super) fn allele_count_bytes(&self) -> usize {
        usize::from(self.format >> 4 & 3)
    }

    /// Whether a bit is stored for each SNP that tells whether REF is provisional.
    pub(super) fn has_provisional_bits(&self) -> bool {
        self.format >> 6 == 3
    }
}

fn mode(path: &Path, bytes: &[u8]) -> Result<Mode> {
    let fail = |what: String, hint: &str| Err(Error::malformed(path, what, hint));
    match bytes {
        [a, b, ..] if [*a, *b] != MAGIC => fail(
            format!("not a .pgen file: it starts with the bytes {a:02x} {b:02x}, expected 6c 1b"),
            "give the prefix of PLINK 2 files: --pfile PREFIX; .pgen files are never compressed",
        ),
        [_, _, 0x00, ..] => fail(
            "it is an individual-major PLINK 1 .bed (third byte 00)".into(),
            "convert it with `plink1.9 --bfile OLD --make-bed --out NEW`, then use -bfile NEW",
        ),
        [_, _, 0x01, ..] => Ok(Mode::Plink1),
        [_, _, 0x02, ..] => Ok(Mode::Fixed(Kind(0x00))),
        [_, _, 0x03, ..] => Ok(Mode::Fixed(Kind(0x40))),
        [_, _, 0x04, ..] => Ok(Mode::Fixed(Kind(0xc0))),
        [_, _, 0x10, ..] => Ok(Mode::Variable),
        [_, _, 0x20 | 0x21, ..] => fail(
            "its index is in another file (.pgen.pgi), which is not supported".into(),
            "rewrite it with `plink2 --pfile OLD --make-pgen --out NEW`",
        ),
        [_, _, mode, ..] => fail(
            format!("unknown storage mode {mode:02x} (third byte), expected 01, 02, 03, 04 or 10"),
            "rewrite it with `plink2 --pfile OLD --make-pgen --out NEW`",
        ),
        short => fail(
            format!(
                "the file ends within its header: {}, expected at least {BED_BYTES}",
                count(short.len(), "byte")
            ),
            "check that the copy is complete",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<Start> {
        Start::parse(Path::new("x.pgen"), bytes)
    }

    #[test]
    fn the_header_has_the_mode_and_both_counts() {
        let tiny = [0x6c, 0x1b, 0x10, 5, 0, 0, 0, 6, 1, 0, 0, 0x44];
        let start = parse(&tiny).unwrap();
        assert_eq!(start.mode, Mode::Variable);
        let counts = start.counts.unwrap();
        assert_eq!((counts.n_snps, counts.n_individuals), (5, 262));
        assert!(!start.has_short_types() && !start.has_provisional_bits());
        assert_eq!((start.length_bytes(), start.allele_count_bytes()), (1, 0));
        assert_eq!(parse(&[0x6c, 0x1b, 1]).unwrap().mode, Mode::Plink1);
        for end in 0..12 {
            assert!(parse(&tiny[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn other_modes_are_errors_with_advice() {
        for (mode, advice) in [
            (0x00, "--make-bed"),
            (0x11, "--make-pgen"),
            (0x20, "--make-pgen"),
            (0x80, "--make-pgen"),
        ] {
            let error = parse(&[0x6c, 0x1b, mode, 1, 0, 0, 0, 1, 0, 0, 0, 0]).unwrap_err();
            assert!(error.hint().unwrap().contains(advice), "{mode}");
        }
        for (mode, format) in [(0x10, 8), (0x10, 15), (0x02, 1), (0x03, 0x10)] {
            assert!(parse(&[0x6c, 0x1b, mode, 1, 0, 0, 0, 1, 0, 0, 0, format]).is_err());
        }
        assert!(parse(&[0x6c, 0x1b, 0x10, 0, 0, 0, 0, 1, 0, 0, 0, 0]).is_err());
        assert!(parse(b"PK\x03\x04").is_err());
    }
}
