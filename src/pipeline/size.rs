//! The size of a study, from which the memory of a run is planned.

use super::second_size::SecondSize;
use super::study::Study;
use crate::assoc::{EffectiveTestsSum, InflationSum};
use crate::genotype::Encoding;
use crate::output::sink::{LeftOut, Products};

/// Bytes of a row of results without its statistics, while it waits for those before it.
const WAITING_ROW: u64 = 76;

/// The size of a study, including the memory of its sinks.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Individuals in the source.
    pub everybody: u64,
    /// Individuals analysed, of the largest group of traits.
    pub analysed: u64,
    /// SNPs in the source, if their number is known before reading.
    pub snps: Option<u64>,
    /// The encoding of the source's genotypes.
    pub encoding: Encoding,
    /// Bytes of one SNP in a block.
    pub snp_bytes: u64,
    /// Bytes that the sinks keep for each tested SNP.
    pub row_bytes: u64,
    /// Traits analysed at once: those of the largest group.
    pub traits: u64,
    /// Columns of the environment of interactions; each needs eigenvectors of its own.
    pub environments: u64,
    /// Chromosomes that are left out, one after the other; 0 if there is only one kinship.
    pub chromosomes: u64,
    /// Whether SNPs are tested several times (`--stepwise`), for which the decompositions of all chromosomes are kept.
    pub repeats_tests: bool,
    /// Permutations.
    pub permutations: u64,
    /// The second kinship.
    pub second_kinship: SecondSize,
    /// Bytes of the diagnostics of the tests.
    pub diagnostics: u64,
    /// Bytes that the source of the genotypes already holds.
    pub held: u64,
}

impl Size {
    /// The size of `study`, without what its options add.
    ///
    /// * `row_bytes`: bytes that the sinks keep for each row of a table
    pub(super) fn of(study: &Study, products: &Products, row_bytes: u64) -> Self {
        let groups = || study.cohort.groups.iter();
        let n_columns = products.columns.as_ref().map_or(0, Vec::len);
        let n_traits: usize = groups().map(|group| group.traits.len()).sum();
        let at_once = groups().map(|group| group.traits.len()).max().unwrap_or(0) as u64;
        // Results that arrive before those of earlier SNPs are kept until then.
        let waiting = if study.is_in_order() {
            0
        } else {
            WAITING_ROW + 8 * n_columns as u64 * at_once
        };
        Self {
            everybody: study.cohort.everybody.len() as u64,
            analysed: groups().map(|group| group.subset.len()).max().unwrap_or(0) as u64,
            snps: study.n_snps().map(|n| n as u64),
            encoding: study.source.encoding(),
            snp_bytes: study.source.bytes_per_snp(),
            row_bytes: row_bytes * n_traits as u64 + waiting,
            traits: at_once,
            environments: groups()
                .filter_map(|group| Some(group.environment.as_ref()?.columns.len() as u64))
                .max()
                .unwrap_or(0),
            chromosomes: match study.left_out() {
                LeftOut::Every(names) => names.len() as u64,
                LeftOut::None | LeftOut::One(_) => 0,
            },
            repeats_tests: products.stepwise,
            permutations: 0,
            second_kinship: SecondSize::default(),
            diagnostics: 0,
            held: study.source.held_bytes(),
        }
    }

    /// Bytes of the diagnostics of the tests.
    ///
    /// * `threads`: the number of threads, if the effective number of tests is computed
    pub(super) fn diagnostics_bytes(&self, products: &Products, threads: Option<u64>) -> u64 {
        let columns = products.columns.as_deref().unwrap_or_default();
        let of_trait = InflationSum::bytes(columns, self.snps.unwrap_or(u64::MAX));
        let effective = threads.map_or(0, |n| EffectiveTestsSum::bytes(self.analysed, n));
        self.traits * of_trait + effective
    }
}
