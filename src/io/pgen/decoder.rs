//! Decodes one record after another.

use super::bytes::{Bytes, Damage, Result};
use super::dosage::{self, Calls};
use super::kind::Kind;
use super::{alleles, categories, main_track, phase};

/// The bytes of one record.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Its type.
    pub kind: Kind,
    /// All its bytes.
    pub bytes: &'a [u8],
    /// Number of ALT alleles; only needed if the record has [alleles](Kind::has_alleles) or
    /// [dosages](Kind::has_dosages).
    pub n_alts: usize,
}

/// Decodes records of a file in order; keeps the base of the records that are stored as differences.
#[derive(Debug)]
pub struct Decoder {
    n_individuals: usize,
    /// Categories of the latest record that is not stored as a difference.
    base: Vec<u8>,
    /// Categories of a record that is stored as a difference.
    changed: Vec<u8>,
    ids: Vec<usize>,
}

impl Decoder {
    /// A decoder of records of `n_individuals`.
    #[must_use]
    pub fn new(n_individuals: usize) -> Self {
        let categories = vec![0; n_individuals.div_ceil(4)];
        Self {
            n_individuals,
            changed: categories.clone(),
            base: categories,
            ids: Vec::new(),
        }
    }

    /// Reads the main track of a record that precedes the next one, which [needs a base](Kind::needs_base).
    ///
    /// # Panics
    /// If the record itself needs a base.
    pub fn set_base(&mut self, kind: Kind, bytes: &[u8]) -> Result<()> {
        let mut bytes = Bytes::new(bytes);
        main_track::read(kind, self.n_individuals, &mut bytes, &mut self.base)
    }

    /// Decodes the hard calls of a record, as in a `.bed` with ALT as allele1.
    ///
    /// * `calls`: re-calls the individuals with a dosage; without it, dosages are checked and not used
    /// * `packed`: two bits for each individual
    ///
    /// Fails if the record is damaged.
    pub fn read_packed(
        &mut self,
        record: Record<'_>,
        calls: Option<&Calls>,
        packed: &mut [u8],
    ) -> Result<()> {
        let n = self.n_individuals;
        let mut bytes = Bytes::new(record.bytes);
        if record.kind == Kind::PLINK1 {
            return read_plink1(&mut bytes, n, packed);
        }
        let (of_individuals, ids) = self.read_calls(record, &mut bytes)?;
        categories::pack(of_individuals, n, packed);
        dosage::read(record.kind, &mut bytes, n, ids, |id, value| {
            if let Some(calls) = calls {
                categories::set(packed, id, code(calls.category(value)));
            }
        })?;
        bytes.end()
    }

    /// Decodes the dosages of ALT of a record, [`PER_COPY`](super::PER_COPY) for each copy; `u16::MAX` if missing.
    ///
    /// An individual without a dosage has that of the hard call. Fails if the record is damaged.
    ///
    /// # Panics
    /// If the record is of storage mode 01, which has no dosages.
    pub fn read_scaled(&mut self, record: Record<'_>, values: &mut [u16]) -> Result<()> {
        let n = self.n_individuals;
        let mut bytes = Bytes::new(record.bytes);
        let (of_individuals, ids) = self.read_calls(record, &mut bytes)?;
        categories::scale(of_individuals, values);
        dosage::read(record.kind, &mut bytes, n, ids, |id, value| {
            values[id] = value;
        })?;
        bytes.end()
    }

    /// Reads the tracks before the dosages, and returns the categories of the individuals, and scratch memory.
    fn read_calls(
        &mut self,
        record: Record<'_>,
        bytes: &mut Bytes<'_>,
    ) -> Result<(&[u8], &mut Vec<usize>)> {
        let (n, kind) = (self.n_individuals, record.kind);
        let of_individuals = if kind.needs_base() {
            self.changed.copy_from_slice(&self.base);
            main_track::read_changes(kind, n, bytes, &mut self.changed)?;
            &self.changed
        } else {
            main_track::read(kind, n, bytes, &mut self.base)?;
            &self.base
        };
        if kind.has_dosages() && (record.n_alts > 1 || kind.has_alleles()) {
            let what = "it has dosages and several ALT alleles, which is not supported";
            return Err(Damage {
                is_unsupported: true,
                ..bytes.damage(what)
            });
        }
        let mut n_hets = 0;
        if kind.has_alleles() {
            n_hets = alleles::skip(bytes, n, record.n_alts, of_individuals, &mut self.ids)?;
        }
        if kind.has_phases() {
            n_hets += categories::count(of_individuals, 1);
            phase::skip(bytes, n_hets)?;
        }
        Ok((of_individuals, &mut self.ids))
    }
}

/// The two-bit code in a `.bed` of a category.
fn code(category: u8) -> u8 {
    !(category ^ category >> 1) & 3
}

/// A SNP of a `.bed`, whose padding bits must be 0.
fn read_plink1(bytes: &mut Bytes<'_>, n: usize, packed: &mut [u8]) -> Result<()> {
    packed.copy_from_slice(bytes.take(packed.len(), "the genotypes")?);
    if !categories::is_padded(n, packed) {
        return Err(bytes.damage("the padding bits of the genotypes are not 0"));
    }
    bytes.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 5;

    fn record(kind: u8, bytes: &[u8]) -> Record<'_> {
        Record {
            kind: Kind(kind),
            bytes,
            n_alts: 1,
        }
    }

    fn scaled(kind: u8, bytes: &[u8]) -> Result<[u16; N]> {
        let mut values = [0; N];
        Decoder::new(N).read_scaled(record(kind, bytes), &mut values)?;
        Ok(values)
    }

    /// Record v2 of the tiny file of formats.md §7.1.
    const V2: [u8; 11] = [0xff, 0x01, 0x0f, 0, 0x10, 0, 0x30, 0, 0x78, 0, 0x60];

    #[test]
    fn a_dosage_takes_precedence_over_the_hard_call() {
        assert_eq!(scaled(0x60, &V2), Ok([4096, 12288, 30720, 24576, 16384]));
        let calls = Calls::of(|x| ((x - x.round()).abs() <= 0.26).then_some(x.round() as u8));
        let mut packed = [0; 2];
        let mut decoder = Decoder::new(N);
        (decoder.read_packed(record(0x60, &V2), Some(&calls), &mut packed)).unwrap();
        // 0.25, 0.75, 1.875, 1.5 and a hard call of 1.
        assert_eq!(packed, [0b01_00_10_11, 0b10]);
        (decoder.read_packed(record(0x60, &V2), None, &mut packed)).unwrap();
        assert_eq!(packed, [0b01_01_01_01, 0b10]);
    }

    #[test]
    fn a_record_must_end_where_its_bytes_end() {
        for end in 0..V2.len() {
            assert!(scaled(0x60, &V2[..end]).is_err(), "{end}");
        }
        let longer = [&V2[..], &[0]].concat();
        assert_eq!(scaled(0x60, &longer).unwrap_err().at, V2.len());
    }

    #[test]
    fn a_difference_leaves_its_base_unchanged() {
        let mut decoder = Decoder::new(N);
        let mut packed = [0; 2];
        let records: [(u8, &[u8]); 4] = [(0, &[0xe4, 1]), (2, &[1, 0, 3]), (3, &[0]), (2, &[0])];
        let all = records.map(|(kind, bytes)| {
            (decoder.read_packed(record(kind, bytes), None, &mut packed)).unwrap();
            packed
        });
        let first = [0b01_00_10_11, 0b10];
        assert_eq!(
            all,
            [first, [0b01_00_10_01, 0b10], [0b01_11_10_00, 0b10], first]
        );
    }

    #[test]
    fn codes_are_those_of_whole_bytes() {
        for category in 0..4 {
            let mut packed = [0];
            categories::pack(&[category], 1, &mut packed);
            assert_eq!(packed, [code(category)]);
        }
    }

    #[test]
    fn several_alleles_with_dosages_are_not_supported() {
        let mut values = [0; N];
        let several = Record {
            n_alts: 2,
            ..record(0x60, &V2)
        };
        let error = Decoder::new(N).read_scaled(several, &mut values);
        assert!(error.unwrap_err().what.contains("several ALT alleles"));
    }
}
