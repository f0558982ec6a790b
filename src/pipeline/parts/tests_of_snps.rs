//! The tests of a range of SNPs.

use super::seen::Seen;
use crate::assoc::{AssocBlock, TraitColumns};
use crate::genotype::{Exclusion, FilterCounts};
use crate::io::bim::SnpTable;
use crate::permutation::TraitMaxima;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// The tests of some SNPs of a unit of work.
#[derive(Debug, Serialize, Deserialize)]
pub struct TestPart {
    /// The number of the group of traits.
    pub group: usize,
    /// The number of the kinship.
    pub unit: usize,
    /// The SNPs: those of the unit in this range.
    pub snps: Range<usize>,
    /// Their results, in the order of the source.
    pub blocks: Vec<StoredBlock>,
    /// SNPs kept and excluded.
    pub counts: FilterCounts,
    /// The numbers of the traits that were tested, and their largest statistics of permutations; empty without permutations.
    pub maxima: Vec<(usize, TraitMaxima)>,
    /// For each trait of the group, SNPs whose effect has no odds ratio.
    pub n_without_odds: Vec<usize>,
    /// What was noticed.
    pub seen: Seen,
}

/// An [`AssocBlock`] that can be written.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredBlock {
    /// The SNPs of the source that were read for these rows.
    pub snps: Range<usize>,
    /// The records of the rows, unless the source has records that can be read without its genotypes.
    records: Option<SnpTable>,
    #[serde(with = "crate::io::packed::numbers")]
    snp_index: Vec<u64>,
    #[serde(with = "crate::io::packed::numbers")]
    n_miss: Vec<u32>,
    #[serde(with = "crate::io::packed::numbers")]
    n_obs: Vec<u32>,
    #[serde(with = "crate::io::packed::numbers")]
    n_copies: Vec<u32>,
    #[serde(with = "crate::io::packed::numbers")]
    genotypes: Vec<[u32; 3]>,
    #[serde(with = "crate::io::packed::numbers")]
    af: Vec<f64>,
    #[serde(with = "crate::io::packed::numbers")]
    info: Vec<f64>,
    exclusion: Vec<Option<Exclusion>>,
    /// The numbers of the traits, and their columns.
    traits: Vec<(usize, TraitColumns)>,
}

impl StoredBlock {
    /// The rows of `block`, from these SNPs of the source.
    ///
    /// * `numbers`: the numbers of its traits
    /// * `has_records`: whether the source has records of all SNPs
    #[must_use]
    pub fn of(block: AssocBlock, snps: Range<usize>, numbers: &[usize], has_records: bool) -> Self {
        let records = || SnpTable::of((0..block.len()).map(|row| block.snp(row)));
        Self {
            snps,
            records: (!has_records).then(records),
            snp_index: block.snp_index.iter().map(|&snp| snp as u64).collect(),
            n_miss: block.n_miss,
            n_obs: block.n_obs,
            n_copies: block.n_copies,
            genotypes: block.genotypes,
            af: block.af,
            info: block.info,
            exclusion: block.exclusion,
            traits: numbers.iter().copied().zip(block.traits).collect(),
        }
    }

    /// The rows again, with the columns of the traits that `is_wanted`; `None` if SNP records are neither here nor given.
    ///
    /// * `known`: the records of all SNPs of the source, if it has them
    pub fn into_block(
        self,
        known: Option<&Arc<SnpTable>>,
        is_wanted: impl Fn(usize) -> bool,
    ) -> Option<AssocBlock> {
        let snp_index: Vec<usize> = self.snp_index.iter().map(|&snp| snp as usize).collect();
        let (records, record) = match (self.records, known) {
            (Some(records), _) => (Arc::new(records), (0..snp_index.len()).collect()),
            (None, Some(known)) => (Arc::clone(known), snp_index.clone()),
            (None, None) => return None,
        };
        let traits = self.traits.into_iter();
        let traits = traits.filter(|(number, _)| is_wanted(*number));
        Some(AssocBlock {
            records,
            record,
            snp_index,
            n_miss: self.n_miss,
            n_obs: self.n_obs,
            n_copies: self.n_copies,
            genotypes: self.genotypes,
            af: self.af,
            info: self.info,
            exclusion: self.exclusion,
            traits: traits.map(|(_, columns)| columns).collect(),
        })
    }
}
