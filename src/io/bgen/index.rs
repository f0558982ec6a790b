//! Which SNPs a BGEN file has, and where.

use super::allele::Allele;
use super::block::{Head, genotype_bytes};
use super::header::{Header, REMAKE};
use crate::error::{Error, Result};
use crate::io::bim::{SnpTable, SnpTableBuilder};
use crate::io::snp::Snp;
use crate::io::text::count;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// Bytes that are read at once during a scan; most heads of blocks are shorter than 100.
const WINDOW_BYTES: usize = 8192;
/// Bytes in which the head of a block is searched first.
const HEAD_BYTES: usize = 512;

/// The bytes of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The first byte, counted from the start of the file.
    pub(crate) start: u64,
    /// Number of bytes.
    pub(crate) length: u64,
}

/// The SNPs with two alleles, in the order of the file.
#[derive(Debug)]
pub(crate) struct Index {
    /// Their records.
    pub(crate) snps: SnpTable,
    /// Their blocks.
    pub(crate) places: Vec<Place>,
    /// A note on the other SNPs.
    pub(crate) skipped: Option<String>,
}

/// Collects the SNPs of a file.
#[derive(Default)]
pub(super) struct IndexBuilder {
    snps: SnpTableBuilder,
    places: Vec<Place>,
    n_skipped: usize,
    first_skipped: String,
}

impl IndexBuilder {
    /// Adds a SNP with two alleles.
    pub(super) fn push(&mut self, snp: Snp<'_>, place: Place) {
        self.snps.push(snp);
        self.places.push(place);
    }

    /// Counts a SNP with another number of alleles.
    pub(super) fn skip(&mut self, name: &str, n_alleles: u64) {
        if self.n_skipped == 0 {
            self.first_skipped = format!("{name} with {}", count(n_alleles as usize, "allele"));
        }
        self.n_skipped += 1;
    }

    /// The index. Fails if no SNP has two alleles.
    pub(super) fn finish(self, header: &Header) -> Result<Index> {
        let skipped = (self.n_skipped > 0).then(|| {
            format!(
                "{}: {} without exactly two alleles {} skipped, the first of them {}; split multiallelic SNPs to analyse them (bcftools norm -m -)",
                header.path.display(),
                count(self.n_skipped, "SNP"),
                if self.n_skipped == 1 { "is" } else { "are" },
                self.first_skipped
            )
        });
        if self.places.is_empty() {
            return Err(Error::malformed(
                &header.path,
                format!(
                    "no SNP of the file has exactly two alleles: all {} are skipped",
                    self.n_skipped
                ),
                "split multiallelic SNPs to analyse them (bcftools norm -m -)",
            ));
        }
        Ok(Index {
            snps: self.snps.finish(),
            places: self.places,
            skipped,
        })
    }
}

/// Reads the heads of all blocks, and skips their genotypes.
///
/// Fails if a block extends beyond the end of the file, if bytes are left after the last one, or if a name is not a word
/// of UTF-8 text.
pub(super) fn scan(header: &Header, counted: Allele) -> Result<Index> {
    let mut window = Window::open(header)?;
    let mut index = IndexBuilder::default();
    let mut start = header.first_snp;
    for number in 1..=header.n_snps {
        let place = window.add(start, number, header, counted, &mut index)?;
        start = place.start + place.length;
    }
    let left = header.file_bytes - start;
    if left > 0 {
        return Err(Error::malformed(
            &header.path,
            format!(
                "{} after the last of {}, which ends at byte {start}",
                count(left as usize, "byte"),
                count(header.n_snps as usize, "SNP")
            ),
            REMAKE,
        ));
    }
    index.finish(header)
}

/// A part of a file.
struct Window {
    file: File,
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    fn open(header: &Header) -> Result<Self> {
        Ok(Self {
            file: File::open(&header.path).map_err(Error::io("open", &header.path))?,
            start: 0,
            bytes: Vec::new(),
        })
    }

    /// The bytes from `start` on, at least `n` unless the file ends before.
    fn at(&mut self, start: u64, n: usize) -> std::io::Result<&[u8]> {
        let end = self.start + self.bytes.len() as u64;
        if start < self.start || start + n as u64 > end {
            self.bytes.clear();
            self.file.seek(SeekFrom::Start(start))?;
            let n = n.max(WINDOW_BYTES) as u64;
            (&mut self.file).take(n).read_to_end(&mut self.bytes)?;
            self.start = start;
        }
        Ok(&self.bytes[(start - self.start) as usize..])
    }

    /// Adds the SNP at `start`, number `number` counted from 1, to the index.
    fn add(
        &mut self,
        start: u64,
        number: u32,
        header: &Header,
        counted: Allele,
        index: &mut IndexBuilder,
    ) -> Result<Place> {
        let path = &header.path;
        let left = header.file_bytes - start;
        let mut n = HEAD_BYTES;
        loop {
            let bytes = self.at(start, n).map_err(Error::io("read", path))?;
            let bytes = &bytes[..bytes.len().min(left as usize)];
            let head = Head::parse(bytes, header.layout);
            let length = head.as_ref().and_then(|head| {
                let genotypes = genotype_bytes(&bytes[head.length..], header)?;
                Some(head.length as u64 + genotypes)
            });
            let (Some(head), Some(length)) = (head, length) else {
                if n as u64 >= left {
                    return Err(ends_within(header, number, start, None));
                }
                n = n.saturating_mul(2);
                continue;
            };
            if length > left {
                return Err(ends_within(
                    header,
                    number,
                    start,
                    Some((&head.name(), length)),
                ));
            }
            let place = Place { start, length };
            if head.n_alleles == 2 {
                let snp = head.snp(counted).map_err(|what| {
                    Error::malformed(
                        path,
                        format!("SNP {number}, at byte {start}: {what}"),
                        "names must be words of UTF-8 text; a damaged file also gives this error",
                    )
                })?;
                index.push(snp, place);
            } else {
                index.skip(&head.name(), head.n_alleles.into());
            }
            return Ok(place);
        }
    }
}

fn ends_within(header: &Header, number: u32, start: u64, found: Option<(&str, u64)>) -> Error {
    let name = found.map_or_else(String::new, |(name, length)| {
        format!(" ({name}, {length} bytes)")
    });
    Error::malformed(
        &header.path,
        format!(
            "the file of {} bytes ends within SNP {number} of {}{name}, which starts at byte {start}",
            header.file_bytes, header.n_snps
        ),
        REMAKE,
    )
}
