//! Where the records of a file are, and their kinds.

use super::kind::Kind;
use super::start::{Counts, Mode, START_BYTES, Start};
use crate::error::{Error, Result};
use std::io::Read;
use std::ops::Range;
use std::path::Path;

/// SNPs in a block: it has an offset of its own in the header, and records in it have no base outside it.
const BLOCK: usize = 1 << 16;
/// Records per stored position; divides [`BLOCK`].
const STEP: usize = 64;

const HINT: &str = "check that the copy is complete; plink2 --pfile PREFIX --validate checks the file, and plink2 --make-pgen recreates it";

/// Positions, lengths and kinds of all records.
#[derive(Debug)]
pub struct RecordIndex {
    counts: Counts,
    records: Records,
}

#[derive(Debug)]
enum Records {
    Fixed {
        kind: Kind,
        /// Bytes before the first record.
        first: u64,
        /// Bytes of every record.
        length: u64,
    },
    Variable {
        kinds: Vec<u8>,
        lengths: Vec<u32>,
        /// Position of every 64th record.
        starts: Vec<u64>,
    },
}

impl RecordIndex {
    /// Reads the header of an open file, from byte 12 on.
    ///
    /// * `length`: of the file in bytes
    ///
    /// Fails if the sizes in the header do not add up to `length`, and on impossible kinds of records.
    pub(super) fn read(
        path: &Path,
        file: &mut impl Read,
        start: &Start,
        counts: Counts,
        length: u64,
    ) -> Result<Self> {
        let records = match start.mode {
            Mode::Plink1 => fixed(path, Kind::PLINK1, 3, counts, length)?,
            Mode::Fixed(kind) => {
                let bits = start.has_provisional_bits();
                let first = START_BYTES + if bits { counts.n_snps.div_ceil(8) } else { 0 };
                fixed(path, kind, first as u64, counts, length)?
            }
            Mode::Variable => variable(path, file, start, counts.n_snps, length)?,
        };
        Ok(Self { counts, records })
    }

    /// Numbers of SNPs and individuals.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The kind of record `i`.
    #[must_use]
    pub fn kind(&self, i: usize) -> Kind {
        match &self.records {
            Records::Fixed { kind, .. } => *kind,
            Records::Variable { kinds, .. } => Kind(kinds[i]),
        }
    }

    /// The length of record `i` in bytes.
    #[must_use]
    pub fn length(&self, i: usize) -> u64 {
        match &self.records {
            Records::Fixed { length, .. } => *length,
            Records::Variable { lengths, .. } => u64::from(lengths[i]),
        }
    }

    /// The position of record `i` in the file; for the number of SNPs, the end of the file.
    #[must_use]
    pub fn start(&self, i: usize) -> u64 {
        match &self.records {
            Records::Fixed { first, length, .. } => first + i as u64 * length,
            Records::Variable {
                lengths, starts, ..
            } => {
                let before = lengths[i / STEP * STEP..i].iter();
                starts[i / STEP] + before.map(|&length| u64::from(length)).sum::<u64>()
            }
        }
    }

    /// The bytes of the file that hold the records of a range.
    #[must_use]
    pub fn bytes(&self, records: Range<usize>) -> Range<u64> {
        self.start(records.start)..self.start(records.end)
    }

    /// The record from which record `i` is stored as a difference, if it is: the latest one that is not stored so.
    #[must_use]
    pub fn base(&self, i: usize) -> Option<usize> {
        if !self.kind(i).needs_base() {
            return None;
        }
        let base = (0..i).rev().find(|&j| !self.kind(j).needs_base());
        Some(
            base.expect(
                "the first record of a block needs no base, checked when the index was read",
            ),
        )
    }

    /// Whether any record has dosages.
    #[must_use]
    pub fn has_dosages(&self) -> bool {
        match &self.records {
            Records::Fixed { kind, .. } => *kind != Kind::PLINK1 && kind.has_dosages(),
            Records::Variable { kinds, .. } => kinds.iter().any(|&kind| Kind(kind).has_dosages()),
        }
    }

    /// The length of the longest record in bytes.
    #[must_use]
    pub fn longest(&self) -> u64 {
        match &self.records {
            Records::Fixed { length, .. } => *length,
            Records::Variable { lengths, .. } => lengths.iter().max().copied().map_or(0, u64::from),
        }
    }
}

/// Records of one kind.
fn fixed(path: &Path, kind: Kind, first: u64, counts: Counts, length: u64) -> Result<Records> {
    let n = counts.n_individuals as u64;
    let dosages = match kind {
        Kind(0x40) => 2 * n,
        Kind(0xc0) => 4 * n,
        _ => 0,
    };
    let record = n.div_ceil(4) + dosages;
    let expected = (counts.n_snps as u64)
        .checked_mul(record)
        .and_then(|records| records.checked_add(first));
    if expected != Some(length) {
        let expected = expected.map_or_else(|| "more than 2^64".into(), |bytes| bytes.to_string());
        return Err(Error::malformed(
            path,
            format!(
                "the file has {length} bytes, expected {expected} for {} SNPs of {n} individuals",
                counts.n_snps
            ),
            HINT,
        ));
    }
    Ok(Records::Fixed {
        kind,
        first,
        length: record,
    })
}

/// Records with types and lengths.
fn variable(
    path: &Path,
    file: &mut impl Read,
    start: &Start,
    n_snps: usize,
    length: u64,
) -> Result<Records> {
    let first = check_header_length(path, start, n_snps, length)?;
    let mut read = |n_bytes: usize| -> Result<Vec<u8>> {
        let mut bytes = vec![0; n_bytes];
        file.read_exact(&mut bytes)
            .map_err(Error::io("read", path))?;
        Ok(bytes)
    };
    let n_blocks = n_snps.div_ceil(BLOCK);
    let offsets: Vec<u64> = (read(8 * n_blocks)?.chunks_exact(8))
        .map(|bytes| u64::from_le_bytes(bytes.try_into().expect("8 bytes")))
        .collect();
    let (mut kinds, mut lengths) = (Vec::with_capacity(n_snps), Vec::with_capacity(n_snps));
    let mut starts = Vec::with_capacity(n_snps / STEP + 1);
    let mut at = first;
    for (block, &offset) in offsets.iter().enumerate() {
        let snps = block * BLOCK..n_snps.min((block + 1) * BLOCK);
        let m = snps.len();
        if offset != at {
            return Err(Error::malformed(
                path,
                format!(
                    "the records from SNP {} on begin at byte {offset} according to the header, but the sizes before them add up to {at}",
                    snps.start + 1
                ),
                HINT,
            ));
        }
        read_kinds(path, start, &read(start.types_bytes(m))?, m, &mut kinds)?;
        for bytes in read(m * start.length_bytes())?.chunks_exact(start.length_bytes()) {
            if lengths.len().is_multiple_of(STEP) {
                starts.push(at);
            }
            let record = super::bytes::unsigned(bytes);
            lengths.push(record);
            at += u64::from(record); // at most 2^31 lengths below 2^32
        }
        // Numbers of alleles come from the .pvar; whether REF is provisional is not used.
        read(m * start.allele_count_bytes() + start.provisional_bytes(m))?;
    }
    if n_snps.is_multiple_of(STEP) {
        starts.push(at);
    }
    if at != length {
        return Err(Error::malformed(
            path,
            format!("the file has {length} bytes, but its records end at byte {at}"),
            HINT,
        ));
    }
    Ok(Records::Variable {
        kinds,
        lengths,
        starts,
    })
}

impl Start {
    /// Bytes of the types of `m` records.
    fn types_bytes(&self, m: usize) -> usize {
        if self.has_short_types() {
            m.div_ceil(2)
        } else {
            m
        }
    }

    /// Bytes of the bits for provisional REF of `m` records.
    fn provisional_bytes(&self, m: usize) -> usize {
        if self.has_provisional_bits() {
            m.div_ceil(8)
        } else {
            0
        }
    }
}

/// The length of the whole header; fails if the file is shorter, so that memory is reserved only for what is there.
fn check_header_length(path: &Path, start: &Start, n_snps: usize, length: u64) -> Result<u64> {
    let per_snp = start.length_bytes() + start.allele_count_bytes();
    let header = START_BYTES
        + 8 * n_snps.div_ceil(BLOCK)
        + start.types_bytes(n_snps)
        + n_snps * per_snp
        + start.provisional_bytes(n_snps);
    if header as u64 > length {
        return Err(Error::malformed(
            path,
            format!(
                "the file has {length} bytes, but its header takes {header} for the {n_snps} SNPs that it states"
            ),
            HINT,
        ));
    }
    Ok(header as u64)
}

/// Appends the types of the `m` records of a block.
fn read_kinds(
    path: &Path,
    start: &Start,
    bytes: &[u8],
    m: usize,
    kinds: &mut Vec<u8>,
) -> Result<()> {
    let before = kinds.len();
    if start.has_short_types() {
        kinds.extend((0..m).map(|i| bytes[i / 2] >> (4 * (i % 2)) & 15));
    } else {
        kinds.extend_from_slice(bytes);
    }
    let fail = |i: usize, what: &str| {
        Err(Error::malformed(
            path,
            format!("record type {:02x} of SNP {}: {what}", kinds[i], i + 1),
            HINT,
        ))
    };
    if Kind(kinds[before]).needs_base() {
        return fail(
            before,
            "the first record of a block cannot be a difference from an earlier one",
        );
    }
    let faults = (before..kinds.len()).filter_map(|i| Some((i, Kind(kinds[i]).fault()?)));
    match faults.min_by_key(|(i, _)| *i) {
        Some((i, what)) => fail(i, what),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tiny file of formats.md §7.1, made by plink2 without its records, which take 19 bytes.
    const TINY: [u8; 30] = [
        0x6c, 0x1b, 0x10, 5, 0, 0, 0, 5, 0, 0, 0, 0x44, 30, 0, 0, 0, 0, 0, 0, 0, // offset
        0x00, 0x10, 0x60, 0x04, 0x06, 2, 4, 11, 1, 1,
    ];

    fn read(header: &[u8], length: u64) -> Result<RecordIndex> {
        let path = Path::new("x.pgen");
        let start = Start::parse(path, &header[..12])?;
        let counts = start.counts.unwrap();
        RecordIndex::read(path, &mut &header[12..], &start, counts, length)
    }

    #[test]
    fn records_follow_each_other() {
        let index = read(&TINY, 49).unwrap();
        let starts: Vec<u64> = (0..=5).map(|i| index.start(i)).collect();
        assert_eq!(starts, [30, 32, 36, 47, 48, 49]);
        assert_eq!(index.bytes(1..3), 32..47);
        assert_eq!((index.longest(), index.length(2)), (11, 11));
        assert!(index.has_dosages() && index.kind(2).has_dosages());
    }

    #[test]
    fn sizes_that_do_not_add_up_are_errors() {
        assert!(read(&TINY, 48).is_err() && read(&TINY, 50).is_err() && read(&TINY, 20).is_err());
        let with = |at: usize, byte| {
            let mut header = TINY;
            header[at] = byte;
            read(&header, 49)
        };
        assert!(with(12, 31).is_err() && with(25, 3).is_err());
        // A first record that is a difference, the reserved track 5, and far too many SNPs.
        assert!(with(20, 2).is_err() && with(21, 5).is_err() && with(6, 0xff).is_err());
        assert!(with(22, 0x80).is_err());
    }

    #[test]
    fn the_base_is_the_latest_record_that_is_no_difference() {
        let mut header = TINY;
        header[20..25].copy_from_slice(&[0, 4, 2, 3, 2]);
        let index = read(&header, 49).unwrap();
        let bases: Vec<_> = (0..5).map(|i| index.base(i)).collect();
        assert_eq!(bases, [None, None, Some(1), Some(1), Some(1)]);
    }
}
