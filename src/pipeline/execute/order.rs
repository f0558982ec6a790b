//! Results in the order of the source, although chromosomes may be computed in another order.

use crate::assoc::AssocBlock;
use std::collections::BTreeMap;
use std::ops::Range;

/// Blocks of results that wait for those of earlier SNPs.
pub(super) struct InOrder {
    /// Ranges of SNPs that are still to come, in order; the first begins with the next SNP.
    to_come: std::collections::VecDeque<Range<usize>>,
    /// By first SNP: the end, and the results.
    waiting: BTreeMap<usize, (usize, AssocBlock)>,
}

impl InOrder {
    /// * `ranges`: all SNPs to come, in any order
    pub(super) fn new(mut ranges: Vec<Range<usize>>) -> Self {
        ranges.sort_by_key(|range| range.start);
        Self {
            to_come: ranges.into(),
            waiting: BTreeMap::new(),
        }
    }

    /// Adds the results of the SNPs at `snp_indices`, and returns all that are complete up to there.
    pub(super) fn add(&mut self, snp_indices: Range<usize>, block: AssocBlock) -> Vec<AssocBlock> {
        self.waiting
            .insert(snp_indices.start, (snp_indices.end, block));
        let mut ready = Vec::new();
        while let Some(next) = self.to_come.front_mut() {
            let Some((end, block)) = self.waiting.remove(&next.start) else {
                break;
            };
            ready.push(block);
            next.start = end;
            if next.start >= next.end {
                self.to_come.pop_front();
            }
        }
        ready
    }

    /// The first SNP whose results have not come, although those of later ones have, or SNPs are still to come.
    ///
    /// * `n_snps`: number of SNPs of the source, if it is known
    pub(super) fn missing(&self, n_snps: Option<usize>) -> Option<usize> {
        let next = self.to_come.front()?.start;
        let is_there = n_snps.is_some_and(|n_snps| next < n_snps);
        (is_there || !self.waiting.is_empty()).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genotype::{GenotypeBlock, Genotypes};

    #[test]
    fn results_of_earlier_snps_come_first() {
        let block = |snps: Range<usize>| {
            let genotypes = Genotypes::Packed(vec![0; snps.len()]);
            let empty = GenotypeBlock::new(snps.start, 1, genotypes);
            AssocBlock::of(&empty, &[], Vec::new(), &[])
        };
        let mut order = InOrder::new(vec![4..6, 0..3, 6..usize::MAX]);
        let mut counts = Vec::new();
        for snps in [4..6, 0..2, 2..3, 8..9, 6..8, 9..12] {
            counts.push(order.add(snps.clone(), block(snps)).len());
        }
        assert_eq!(counts, [0, 1, 2, 0, 2, 1]);
        assert_eq!(order.missing(None), None);
        assert_eq!(order.missing(Some(12)), None);
        assert_eq!(order.missing(Some(13)), Some(12));
        assert!(order.add(14..15, block(14..15)).is_empty());
        assert_eq!(order.missing(None), Some(12));
    }
}
