//! Individuals without any genotype.

use super::block::GenotypeBlock;
use serde::{Deserialize, Serialize};

/// The individuals that were missing at every SNP so far.
///
/// After the first SNPs almost no candidates are left, so the cost is negligible.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Uncalled {
    /// `None` before the first SNP.
    candidates: Option<Vec<u32>>,
}

impl Uncalled {
    /// Removes all individuals that have a genotype at a SNP of the block.
    pub fn add(&mut self, block: &GenotypeBlock) {
        for snp_index in block.snp_indices() {
            let is_missing = |row: &u32| block.is_missing(snp_index, *row as usize);
            match &mut self.candidates {
                None => {
                    let everybody = 0..block.n_individuals() as u32;
                    self.candidates = Some(everybody.filter(is_missing).collect());
                }
                Some(candidates) if candidates.is_empty() => return,
                Some(candidates) => candidates.retain(is_missing),
            }
        }
    }

    /// Removes all individuals that have a genotype at a SNP that `other` was shown.
    pub fn merge(&mut self, other: Self) {
        match (&mut self.candidates, other.candidates) {
            (_, None) => {}
            (None, some) => self.candidates = some,
            (Some(candidates), Some(others)) => {
                candidates.retain(|row| others.binary_search(row).is_ok());
            }
        }
    }

    /// Rows of the individuals without any genotype, ascending.
    #[must_use]
    pub fn rows(&self) -> Vec<usize> {
        let candidates = self.candidates.iter().flatten();
        candidates.map(|&row| row as usize).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genotype::Genotypes;

    #[test]
    fn only_those_missing_at_every_snp_are_left() {
        // Individuals 1 and 4 of 5 are missing at the first SNP, 3 and 4 at the second.
        let blocks = [
            GenotypeBlock::new(0, 5, Genotypes::Packed(vec![0b11_00_01_10, 0b01])),
            GenotypeBlock::new(1, 5, Genotypes::Packed(vec![0b01_11_10_00, 0b01])),
        ];
        let mut uncalled = Uncalled::default();
        assert!(uncalled.rows().is_empty());
        uncalled.add(&blocks[0]);
        assert_eq!(uncalled.rows(), [1, 4]);
        uncalled.add(&blocks[1]);
        assert_eq!(uncalled.rows(), [4]);
        let dosages =
            GenotypeBlock::new(2, 5, Genotypes::Dosages(vec![f64::NAN, 0.0, 1.0, 0.0, 1.5]));
        uncalled.add(&dosages);
        assert!(uncalled.rows().is_empty());
    }
}
