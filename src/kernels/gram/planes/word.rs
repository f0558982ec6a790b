//! The bit planes of one individual.

/// Words of 64 bits in a plane.
pub(super) const LANES: usize = 8;
/// SNPs in a [`Word`].
pub(super) const WORD: usize = 64 * LANES;
/// Individuals multiplied with one column at once.
pub(super) const ROWS: usize = 8;

/// The genotypes of one individual at 512 SNPs, in the same order for all individuals.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Word {
    /// Set if x is not 0.
    pub(super) homozygous: [u64; LANES],
    /// Set if x is −1.
    pub(super) negative: [u64; LANES],
}

impl Word {
    /// x = 0 at all SNPs.
    pub(super) const ZERO: Self = Self {
        homozygous: [0; LANES],
        negative: [0; LANES],
    };

    /// Σ x.
    #[inline(always)]
    pub(super) fn sum(&self) -> i64 {
        let ones =
            |bits: &[u64; LANES]| bits.iter().map(|b| i64::from(b.count_ones())).sum::<i64>();
        ones(&self.homozygous) - 2 * ones(&self.negative)
    }
}
