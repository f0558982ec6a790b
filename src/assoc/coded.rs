//! The SNPs of a block as they enter the model of a trait.

use super::block::TraitColumns;
use super::status::{SnpFlags, Undefined};
use crate::genotype::{Coding, GenotypeBlock, SnpSummary};
use crate::kernels::GenotypeCounts;
use std::borrow::Cow;

/// The tested SNPs of a block after coding, without those that cannot be tested in it.
///
/// Filters, allele frequencies and counts are those of the genotypes before coding; everything that depends on the model, such
/// as tests, permutations and likelihoods, takes the coded SNPs.
#[derive(Debug)]
pub struct Coded<'a> {
    block: Cow<'a, GenotypeBlock>,
    snps: Cow<'a, [SnpSummary]>,
    /// For each SNP before coding, its index in `snps`, or `None` if it is not tested; absent if all are tested.
    place: Option<Vec<Option<usize>>>,
    /// Why SNPs are not tested.
    reason: Undefined,
}

impl<'a> Coded<'a> {
    /// * `snps`: the SNPs of `block` that passed the filters
    /// * `needs_all_genotypes`: whether the model has an effect of each of the three genotypes, which must all occur
    ///
    /// # Panics
    /// If the block has dosages, unless the coding is additive.
    #[must_use]
    pub fn new(
        coding: Coding,
        needs_all_genotypes: bool,
        block: &'a GenotypeBlock,
        snps: &'a [SnpSummary],
    ) -> Self {
        let reason = if needs_all_genotypes {
            Undefined::AbsentGenotype
        } else {
            Undefined::ConstantCoding
        };
        if coding == Coding::ADDITIVE && !needs_all_genotypes {
            return Self {
                block: Cow::Borrowed(block),
                snps: Cow::Borrowed(snps),
                place: None,
                reason,
            };
        }
        let least = if needs_all_genotypes { 3 } else { 2 };
        let (mut coded, mut place) = (Vec::with_capacity(snps.len()), Vec::new());
        for snp in snps {
            let summary = coding.summary(snp);
            let is_tested = n_classes(&summary.counts) >= least;
            place.push(is_tested.then_some(coded.len()));
            if is_tested {
                coded.push(summary);
            }
        }
        Self {
            block: coding.block(block),
            place: (coded.len() < snps.len()).then_some(place),
            snps: Cow::Owned(coded),
            reason,
        }
    }

    /// The block with the coded genotypes.
    #[must_use]
    pub fn block(&self) -> &GenotypeBlock {
        &self.block
    }

    /// The SNPs to test, with the counts of the coded genotypes.
    #[must_use]
    pub fn snps(&self) -> &[SnpSummary] {
        &self.snps
    }

    /// The columns of all SNPs before coding, from `traits`, those of [`snps`](Self::snps).
    #[must_use]
    pub fn complete(&self, traits: Vec<TraitColumns>) -> Vec<TraitColumns> {
        let Some(place) = &self.place else {
            return traits;
        };
        let absent = SnpFlags {
            undefined: Some(self.reason),
            ..SnpFlags::default()
        };
        traits.iter().map(|of| of.spread(place, absent)).collect()
    }
}

/// The number of genotype classes that occur.
fn n_classes(counts: &GenotypeCounts) -> usize {
    let classes = [counts.two, counts.one, counts.zero];
    classes.iter().filter(|&&count| count > 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genotype::{Genotypes, Subset};

    /// SNPs of four individuals: 0 1 2 ?, 1 1 2 2 and 0 1 1 0.
    fn block() -> (GenotypeBlock, Vec<SnpSummary>) {
        let packed = vec![0b01_00_10_11, 0b00_00_10_10, 0b11_10_10_11];
        let block = GenotypeBlock::new(7, 4, Genotypes::Packed(packed));
        let (everybody, mut x) = (Subset::everybody(4), [0.0; 4]);
        let snps = block.snp_indices();
        let snps = snps.map(|snp| block.summarise(snp, &everybody, &mut x).summary);
        let snps = snps.collect();
        (block, snps)
    }

    fn columns(n: usize) -> Vec<TraitColumns> {
        vec![TraitColumns {
            flags: vec![SnpFlags::default(); n],
            values: vec![(0..n).map(|k| k as f64).collect()],
        }]
    }

    #[test]
    fn snps_that_cannot_be_tested_have_no_numbers_and_the_reason() {
        let (block, snps) = block();
        for (coding, all, tested, reason) in [
            (Coding::ADDITIVE, false, vec![7, 8, 9], None),
            (
                Coding::DOMINANT,
                false,
                vec![7, 9],
                Some(Undefined::ConstantCoding),
            ),
            (
                Coding::RECESSIVE,
                false,
                vec![7, 8],
                Some(Undefined::ConstantCoding),
            ),
            (Coding::HETEROZYGOTES, false, vec![7, 8, 9], None),
            (
                Coding::ADDITIVE,
                true,
                vec![7],
                Some(Undefined::AbsentGenotype),
            ),
        ] {
            let coded = Coded::new(coding, all, &block, &snps);
            let kept: Vec<usize> = coded.snps().iter().map(|snp| snp.snp_index).collect();
            assert_eq!(kept, tested, "{coding:?}");
            let complete = coded.complete(columns(kept.len())).remove(0);
            let mut next = 0.0;
            for (k, snp) in snps.iter().enumerate() {
                let value = complete.values[0][k];
                if tested.contains(&snp.snp_index) {
                    assert_eq!((value, complete.flags[k].undefined), (next, None));
                    next += 1.0;
                } else {
                    assert!(value.is_nan());
                    assert_eq!(complete.flags[k].undefined, reason);
                }
            }
        }
    }
}
