//! Individuals without any genotype.

use super::GenotypeBlock;

/// The individuals who were missing at every SNP so far.
///
/// After the first SNPs nearly nobody is left to look at, so this costs nothing beside the arithmetic.
#[derive(Debug, Default)]
pub struct Uncalled {
    /// `None` before the first SNP.
    candidates: Option<Vec<u32>>,
}

impl Uncalled {
    /// Takes out everybody of `n` individuals who has a genotype at a SNP of the block.
    pub fn add(&mut self, block: &GenotypeBlock, n: usize) {
        for snp_index in block.snp_indices() {
            let is_missing = |i: &u32| {
                let i = *i as usize;
                if block.has_dosages() {
                    block.dosages(snp_index)[i].is_nan()
                } else {
                    block.packed(snp_index)[i / 4] >> (2 * (i % 4)) & 0b11 == 0b01
                }
            };
            match &mut self.candidates {
                None => self.candidates = Some((0..n as u32).filter(is_missing).collect()),
                Some(candidates) if candidates.is_empty() => return,
                Some(candidates) => candidates.retain(is_missing),
            }
        }
    }

    /// Positions of those without any genotype, in order.
    #[must_use]
    pub fn snp_indices(&self) -> Vec<usize> {
        let candidates = self.candidates.iter().flatten();
        candidates.map(|&i| i as usize).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_missing_at_every_snp_are_left() {
        // Individuals 1 and 4 of 5 are missing at the first SNP, 3 and 4 at the second.
        let blocks = [
            GenotypeBlock::new(0, 5, vec![0b11_00_01_10, 0b01]),
            GenotypeBlock::new(1, 5, vec![0b01_11_10_00, 0b01]),
        ];
        let mut uncalled = Uncalled::default();
        assert!(uncalled.snp_indices().is_empty());
        uncalled.add(&blocks[0], 5);
        assert_eq!(uncalled.snp_indices(), [1, 4]);
        uncalled.add(&blocks[1], 5);
        assert_eq!(uncalled.snp_indices(), [4]);
        let dosages = GenotypeBlock::of_dosages(2, 5, vec![f64::NAN, 0.0, 1.0, 0.0, 1.5]);
        uncalled.add(&dosages, 5);
        assert!(uncalled.snp_indices().is_empty());
    }
}
