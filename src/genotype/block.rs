//! Consecutive SNPs with their records: two bits per genotype, or dosages.
//!
//! Everything that depends on the encoding of a block is here, in methods with the same result for both encodings. Only
//! arithmetic that exists for one encoding calls [`GenotypeBlock::packed`] or [`GenotypeBlock::dosages`].

use super::subset::{Dosages, Subset};
use super::summary::{SnpSummary, Summarised};
use crate::io::bed::{NO_CALL, packed_bytes};
use crate::io::bim::{Snp, SnpTable};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// The encoding of the genotypes of a source; it is the same in all its blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Hard calls, two bits each as in a `.bed` file.
    Packed,
    /// Dosages of allele1.
    Dosage,
}

impl Encoding {
    /// Maximum number of bytes of one SNP of `n_individuals`.
    #[must_use]
    pub fn bytes_per_snp(self, n_individuals: usize) -> u64 {
        match self {
            Self::Packed => packed_bytes(n_individuals) as u64,
            Self::Dosage => (n_individuals * size_of::<f64>()) as u64,
        }
    }
}

/// Genotypes of all individuals of a source, SNP by SNP.
#[derive(Debug, Clone, PartialEq)]
pub enum Genotypes {
    /// Hard calls, two bits each as in a `.bed` file; every SNP starts at a new byte.
    Packed(Vec<u8>),
    /// Dosages of allele1 from 0 to 2, NaN if missing.
    Dosages(Vec<f64>),
    /// The same as whole numbers, in a quarter of the memory.
    Scaled(ScaledDosages),
}

/// Dosages as the formats with a fixed resolution store them: a dosage is a value divided by `per_copy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaledDosages {
    /// Values from 0 to 2 `per_copy`; [`MISSING`](Self::MISSING) if missing.
    pub values: Vec<u16>,
    /// The value of one copy of allele1.
    pub per_copy: u16,
}

impl ScaledDosages {
    /// The value of a missing genotype.
    pub const MISSING: u16 = u16::MAX;

    /// The dosage of a value, NaN if it is missing.
    #[must_use]
    pub fn dosage(&self, value: u16) -> f64 {
        match value {
            Self::MISSING => f64::NAN,
            value => f64::from(value) / f64::from(self.per_copy),
        }
    }
}

impl Genotypes {
    /// How the genotypes are stored.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        match self {
            Self::Packed(_) => Encoding::Packed,
            Self::Dosages(_) | Self::Scaled(_) => Encoding::Dosage,
        }
    }

    /// The number of SNPs of `n_individuals` each; `None` if the last one is incomplete.
    #[must_use]
    pub fn n_snps(&self, n_individuals: usize) -> Option<usize> {
        let (length, stride) = match self {
            Self::Packed(bytes) => (bytes.len(), packed_bytes(n_individuals)),
            Self::Dosages(values) => (values.len(), n_individuals),
            Self::Scaled(scaled) => (scaled.values.len(), n_individuals),
        };
        if stride == 0 {
            return (length == 0).then_some(0);
        }
        length.is_multiple_of(stride).then(|| length / stride)
    }
}

/// Consecutive SNPs of a source: their genotypes and their records.
#[derive(Debug, Clone)]
pub struct GenotypeBlock {
    /// The index of the first SNP in the source.
    first: usize,
    n_snps: usize,
    n_individuals: usize,
    genotypes: Genotypes,
    records: Arc<SnpTable>,
    /// The index in `records` of the first SNP's record.
    first_record: usize,
}

impl GenotypeBlock {
    /// The SNPs from `first` on (their index in the source), `n_individuals` each, without records.
    ///
    /// # Panics
    /// If the last SNP is incomplete.
    #[must_use]
    pub fn new(first: usize, n_individuals: usize, genotypes: Genotypes) -> Self {
        let n_snps = genotypes.n_snps(n_individuals);
        Self {
            first,
            n_snps: n_snps.expect("a block has whole SNPs"),
            n_individuals,
            genotypes,
            records: Arc::default(),
            first_record: 0,
        }
    }

    /// The same SNPs with their records, taken from `records` from `first_record` on.
    ///
    /// # Panics
    /// If there are fewer records than SNPs.
    #[must_use]
    pub fn with_records(mut self, records: Arc<SnpTable>, first_record: usize) -> Self {
        assert!(
            first_record + self.n_snps <= records.len(),
            "a record for each SNP"
        );
        (self.records, self.first_record) = (records, first_record);
        self
    }

    /// SNPs with the same records, if there are any, and other genotypes.
    ///
    /// # Panics
    /// If there are not as many SNPs.
    #[must_use]
    pub(super) fn with_genotypes(&self, genotypes: Genotypes) -> Self {
        let other = Self::new(self.first, self.n_individuals, genotypes);
        assert_eq!(other.n_snps, self.n_snps, "genotypes of the same SNPs");
        Self {
            records: Arc::clone(&self.records),
            first_record: self.first_record,
            ..other
        }
    }

    /// Number of SNPs in the block.
    #[must_use]
    pub fn len(&self) -> usize {
        self.n_snps
    }

    /// Whether the block has no SNPs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_snps == 0
    }

    /// Number of individuals of the source.
    #[must_use]
    pub fn n_individuals(&self) -> usize {
        self.n_individuals
    }

    /// How the genotypes are stored.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.genotypes.encoding()
    }

    /// Indices of the SNPs in their source.
    #[must_use]
    pub fn snp_indices(&self) -> Range<usize> {
        self.first..self.first + self.n_snps
    }

    /// Chromosome, id, position and alleles of the SNP at `snp_index` of the source.
    ///
    /// # Panics
    /// If the SNP is not in this block, or the block has no records.
    #[must_use]
    pub fn record(&self, snp_index: usize) -> Snp<'_> {
        self.records
            .get(self.first_record + self.index_in_block(snp_index))
    }

    /// The table with the records of the block, and the index in it of the first SNP's record.
    #[must_use]
    pub fn records(&self) -> (&Arc<SnpTable>, usize) {
        (&self.records, self.first_record)
    }

    /// The genotypes of all individuals.
    #[must_use]
    pub fn genotypes(&self) -> &Genotypes {
        &self.genotypes
    }

    /// The genotypes, to reuse their memory.
    #[must_use]
    pub fn into_genotypes(self) -> Genotypes {
        self.genotypes
    }

    fn index_in_block(&self, snp_index: usize) -> usize {
        assert!(
            self.snp_indices().contains(&snp_index),
            "SNP {snp_index} is in the block {:?}",
            self.snp_indices()
        );
        snp_index - self.first
    }

    fn of_snp(&self, snp_index: usize, stride: usize) -> Range<usize> {
        let start = self.index_in_block(snp_index) * stride;
        start..start + stride
    }

    /// The packed genotypes of all individuals at the SNP at `snp_index` of the source.
    ///
    /// # Panics
    /// If the SNP is not in this block, or the block has dosages.
    #[must_use]
    pub fn packed(&self, snp_index: usize) -> &[u8] {
        let Genotypes::Packed(bytes) = &self.genotypes else {
            panic!("packed genotypes requested from a block of dosages")
        };
        &bytes[self.of_snp(snp_index, packed_bytes(self.n_individuals))]
    }

    /// The dosages of all individuals at the SNP at `snp_index` of the source, NaN if missing.
    ///
    /// # Panics
    /// If the SNP is not in this block, or the block is packed.
    #[must_use]
    pub fn dosages(&self, snp_index: usize) -> Cow<'_, [f64]> {
        let of_snp = self.of_snp(snp_index, self.n_individuals);
        match &self.genotypes {
            Genotypes::Packed(_) => panic!("dosages requested from a packed block"),
            Genotypes::Dosages(values) => Cow::Borrowed(&values[of_snp]),
            Genotypes::Scaled(scaled) => {
                let values = scaled.values[of_snp].iter();
                values.map(|&value| scaled.dosage(value)).collect()
            }
        }
    }

    /// Fills `out` with `f` of the dosage of each of the `individuals` at a SNP, in their order; the dosage is NaN if missing.
    fn fill_dosages(
        &self,
        snp_index: usize,
        individuals: &Subset,
        f: impl Fn(f64) -> f64,
        out: &mut [f64],
    ) {
        let of_snp = self.of_snp(snp_index, self.n_individuals);
        let rows = out[..individuals.len()].iter_mut().zip(individuals.rows());
        match &self.genotypes {
            Genotypes::Packed(_) => panic!("dosages requested from a packed block"),
            Genotypes::Dosages(values) => {
                let of_all = &values[of_snp];
                rows.for_each(|(x, &row)| *x = f(of_all[row]));
            }
            Genotypes::Scaled(scaled) => {
                let of_all = &scaled.values[of_snp];
                rows.for_each(|(x, &row)| *x = f(scaled.dosage(of_all[row])));
            }
        }
    }
}

/// Methods with the same result for both encodings.
impl GenotypeBlock {
    /// Counts the genotypes of the `individuals` at a SNP.
    ///
    /// * `x`: scratch, as long as `individuals`
    #[must_use]
    pub fn summarise(&self, snp_index: usize, individuals: &Subset, x: &mut [f64]) -> Summarised {
        match &self.genotypes {
            Genotypes::Packed(_) => {
                let counts = individuals.count(self.packed(snp_index));
                Summarised::of(SnpSummary::of_calls(snp_index, counts))
            }
            Genotypes::Dosages(_) | Genotypes::Scaled(_) => {
                self.fill_dosages(snp_index, individuals, |dosage| dosage, x);
                Summarised::of_dosages(snp_index, x)
            }
        }
    }

    /// The imputation quality of a SNP.
    ///
    /// * `summary`, `x`: as [`summarise`](Self::summarise) returned and left them for this SNP
    #[must_use]
    pub fn info(&self, summary: &SnpSummary, x: &[f64]) -> f64 {
        match &self.genotypes {
            Genotypes::Packed(_) => summary.info_of_calls(),
            Genotypes::Dosages(_) | Genotypes::Scaled(_) => summary.info_of_dosages(x),
        }
    }

    /// Fills `out` with the dosages of the `individuals` at a SNP, in their order; missing genotypes become `mean`.
    ///
    /// # Panics
    /// If `out` is shorter than `individuals`.
    pub fn fill_column(&self, snp_index: usize, individuals: &Subset, mean: f64, out: &mut [f64]) {
        match &self.genotypes {
            Genotypes::Packed(_) => {
                individuals.decode(self.packed(snp_index), Dosages::with_missing(mean), out);
            }
            Genotypes::Dosages(_) | Genotypes::Scaled(_) => {
                let imputed = |dosage: f64| if dosage.is_nan() { mean } else { dosage };
                self.fill_dosages(snp_index, individuals, imputed, out);
            }
        }
    }

    /// Whether the individual in `row` of the source has no genotype at a SNP.
    #[must_use]
    pub fn is_missing(&self, snp_index: usize, row: usize) -> bool {
        match &self.genotypes {
            Genotypes::Packed(_) => {
                self.packed(snp_index)[row / 4] >> (2 * (row % 4)) & 0b11 == NO_CALL
            }
            Genotypes::Dosages(values) => {
                values[self.of_snp(snp_index, self.n_individuals)][row].is_nan()
            }
            Genotypes::Scaled(scaled) => {
                let of_snp = self.of_snp(snp_index, self.n_individuals);
                scaled.values[of_snp][row] == ScaledDosages::MISSING
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two SNPs of five individuals in all forms, from SNP 3 of the source on.
    fn blocks() -> [GenotypeBlock; 3] {
        let packed = vec![0b11_10_01_00, 0b10, 0b00_00_01_11, 0b01];
        let nan = f64::NAN;
        let dosages = vec![2.0, nan, 1.0, 0.0, 1.0, 0.0, nan, 2.0, 2.0, nan];
        let values = dosages.iter().map(|dosage| match dosage {
            x if x.is_nan() => ScaledDosages::MISSING,
            x => (x * 255.0) as u16,
        });
        let scaled = ScaledDosages {
            values: values.collect(),
            per_copy: 255,
        };
        [
            Genotypes::Packed(packed),
            Genotypes::Dosages(dosages),
            Genotypes::Scaled(scaled),
        ]
        .map(|genotypes| GenotypeBlock::new(3, 5, genotypes))
    }

    #[test]
    fn all_forms_give_the_same() {
        let individuals = Subset::new(5, vec![0, 1, 3, 4]);
        let [packed, dosages, scaled] = blocks();
        for (snp_index, dosages) in [(3, &dosages), (4, &dosages), (3, &scaled), (4, &scaled)] {
            let (mut a, mut b) = ([0.0; 4], [0.0; 4]);
            let of = |block: &GenotypeBlock, x: &mut [f64]| {
                let summarised = block.summarise(snp_index, &individuals, x);
                block.fill_column(snp_index, &individuals, 9.0, x);
                summarised
            };
            let (hard, soft) = (of(&packed, &mut a), of(dosages, &mut b));
            assert_eq!(a, b);
            assert_eq!(hard.summary, soft.summary);
            assert_eq!(hard.is_polymorphic, soft.is_polymorphic);
            for row in 0..5 {
                let is_missing = packed.is_missing(snp_index, row);
                assert_eq!(is_missing, dosages.is_missing(snp_index, row));
                assert_eq!(is_missing, dosages.dosages(snp_index)[row].is_nan());
            }
        }
    }

    #[test]
    fn records_are_found_by_the_index_in_the_source() {
        let names = ["rs0", "rs1", "rs2", "rs3"];
        let records = SnpTable::of(names.iter().map(|rs| Snp {
            chr: "1",
            rs,
            ps: 7,
            allele1: "A",
            allele0: "C",
        }));
        let [block, ..] = blocks();
        let block = block.with_records(Arc::new(records), 2);
        assert_eq!(block.snp_indices(), 3..5);
        assert_eq!([3, 4].map(|s| block.record(s).rs), ["rs2", "rs3"]);
    }

    #[test]
    #[should_panic(expected = "whole SNPs")]
    fn an_incomplete_snp_is_a_bug() {
        let _ = GenotypeBlock::new(0, 5, Genotypes::Packed(vec![0; 3]));
    }
}
