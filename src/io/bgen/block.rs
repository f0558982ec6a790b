//! The block of one SNP: its names, and its genotypes as they are stored.

use super::allele::Allele;
use super::header::{Compression, Header, Layout, le32};
use crate::io::snp::Snp;

/// The largest ploidy that the format can express.
const MAX_PLOIDY: u64 = 63;
/// The largest number of bytes of a probability.
const MAX_BYTES: u64 = 4;

/// The head of a block: everything before the genotypes.
pub(super) struct Head<'a> {
    variant_id: &'a [u8],
    rsid: &'a [u8],
    chromosome: &'a [u8],
    position: u32,
    pub(super) n_alleles: u16,
    /// The first two.
    alleles: [&'a [u8]; 2],
    /// The number of individuals that a block of layout 1 repeats.
    n_individuals: Option<u32>,
    /// Number of bytes.
    pub(super) length: usize,
}

/// Takes fields from the front of some bytes; `None` if they end too early.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(n)?)?;
        self.at += n;
        Some(taken)
    }

    fn number16(&mut self) -> Option<u16> {
        let two = self.take(2)?;
        Some(u16::from_le_bytes([two[0], two[1]]))
    }

    fn number32(&mut self) -> Option<u32> {
        self.take(4).map(le32)
    }

    /// A text after its length in two bytes.
    fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.number16()?;
        self.take(length.into())
    }
}

impl<'a> Head<'a> {
    /// The head of the block at the front of `bytes`; `None` if the bytes end within it.
    pub(super) fn parse(bytes: &'a [u8], layout: Layout) -> Option<Self> {
        let mut cursor = Cursor { bytes, at: 0 };
        let n_individuals = match layout {
            Layout::One => Some(cursor.number32()?),
            Layout::Two => None,
        };
        let (variant_id, rsid, chromosome) = (cursor.text()?, cursor.text()?, cursor.text()?);
        let position = cursor.number32()?;
        let n_alleles = match layout {
            Layout::One => 2,
            Layout::Two => cursor.number16()?,
        };
        let mut alleles: [&[u8]; 2] = [b"", b""];
        for k in 0..usize::from(n_alleles) {
            let length = cursor.number32()?;
            let allele = cursor.take(length as usize)?;
            if let Some(place) = alleles.get_mut(k) {
                *place = allele;
            }
        }
        Some(Self {
            variant_id,
            rsid,
            chromosome,
            position,
            n_alleles,
            alleles,
            n_individuals,
            length: cursor.at,
        })
    }

    /// The id as text for messages.
    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(self.id()).into_owned()
    }

    fn id(&self) -> &'a [u8] {
        if self.rsid.is_empty() {
            self.variant_id
        } else {
            self.rsid
        }
    }

    /// The SNP as a record; `counted` is allele1. What is wrong if a name is not a word of UTF-8 text.
    pub(super) fn snp(&self, counted: Allele) -> Result<Snp<'a>, String> {
        let [first, second] = self.alleles;
        let alleles = [
            word(first, "an allele", ".")?,
            word(second, "an allele", ".")?,
        ];
        Ok(counted.record(
            word(self.chromosome, "the chromosome", "0")?,
            word(self.id(), "the id", ".")?,
            self.position.into(),
            alleles,
        ))
    }
}

/// A name of a SNP, or `empty` if it is empty; a name with a blank or a tab would shift the columns of tables.
pub(super) fn word<'a>(bytes: &'a [u8], name: &str, empty: &'a str) -> Result<&'a str, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| format!("{name} is not UTF-8 text"))?;
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(format!(
            "{name} contains a blank or a control character: {text:?}"
        ));
    }
    Ok(if text.is_empty() { empty } else { text })
}

/// Number of bytes of the genotypes that follow a head, with the field of their length. `bytes` starts at the genotypes;
/// `None` if it ends too early.
pub(super) fn genotype_bytes(bytes: &[u8], header: &Header) -> Option<u64> {
    match (header.layout, header.compression) {
        (Layout::One, Compression::None) => Some(6 * header.n_individuals as u64),
        _ => Some(4 + u64::from(le32(bytes.get(..4)?))),
    }
}

/// One SNP as it is stored: the record, and the genotypes, perhaps compressed.
pub(crate) struct SnpBlock<'a> {
    /// The record.
    pub(crate) snp: Snp<'a>,
    /// The genotypes.
    pub(super) stored: &'a [u8],
    /// Their number of bytes when they are decompressed.
    pub(super) size: usize,
}

impl<'a> SnpBlock<'a> {
    /// Divides the bytes of exactly one block of a file with this header.
    ///
    /// Returns what is wrong if the lengths contradict each other, if the number of individuals is not that of the
    /// header, or if the decompressed size is impossible.
    pub(crate) fn parse(bytes: &'a [u8], header: &Header, counted: Allele) -> Result<Self, String> {
        let head =
            Head::parse(bytes, header.layout).ok_or("its names are longer than its block")?;
        let genotypes = &bytes[head.length..];
        let length = genotype_bytes(genotypes, header).ok_or("its block has no genotypes")?;
        if length != genotypes.len() as u64 {
            return Err(format!(
                "its genotypes take {length} bytes, but its block has {} for them",
                genotypes.len()
            ));
        }
        let n = header.n_individuals as u64;
        if let Some(own) = head.n_individuals.filter(|own| u64::from(*own) != n) {
            return Err(format!(
                "its block is about {own} individuals, but the file has {n}"
            ));
        }
        let (stored, size) = match (header.layout, header.compression) {
            (Layout::One, Compression::None) => (genotypes, genotypes.len() as u64),
            (Layout::One, _) => (&genotypes[4..], 6 * n),
            (Layout::Two, Compression::None) => (&genotypes[4..], genotypes.len() as u64 - 4),
            (Layout::Two, _) => {
                let size = genotypes
                    .get(4..8)
                    .ok_or("its block ends before its genotypes")?;
                (&genotypes[8..], le32(size).into())
            }
        };
        let most = 10 + n + MAX_BYTES * MAX_PLOIDY * n;
        if size > most {
            return Err(format!(
                "its genotypes have {size} bytes, but those of {n} individuals have at most {most}"
            ));
        }
        Ok(Self {
            snp: head.snp(counted)?,
            stored,
            size: size as usize,
        })
    }
}
