//! Packed SNPs with the SNPs that each individual selects.

use crate::kernels::LANES;

/// Integers of eight individuals: one cache line, aligned so that no access crosses two lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(align(64))]
pub struct IntegerLanes(pub [i64; LANES]);

/// Bytes of eight packed genotypes.
pub(super) const PACKED: usize = LANES / 4;

/// Packed SNPs and the SNPs among them that each individual selects.
#[derive(Debug, Clone, Copy)]
pub struct SelectedSnps<'a> {
    /// The genotypes, `stride` bytes per SNP.
    pub packed: &'a [u8],
    /// Bytes per SNP: two for every eight individuals.
    pub stride: usize,
    /// The value of each two-bit code in each SNP.
    pub values: &'a [[i64; 4]],
    /// Start of the SNPs of each individual in `selected`; one more entry than individuals.
    pub starts: &'a [usize],
    /// The selected SNPs, individual by individual.
    pub selected: &'a [u32],
}

impl SelectedSnps<'_> {
    /// The SNPs selected for individual i.
    #[inline(always)]
    pub(super) fn of(&self, i: usize) -> &[u32] {
        &self.selected[self.starts[i]..self.starts[i + 1]]
    }

    /// The SNPs selected for at least one individual, in ascending order; the others need not be read.
    pub(super) fn used(&self) -> Vec<u32> {
        let mut is_used = vec![false; self.values.len()];
        self.selected
            .iter()
            .for_each(|&s| is_used[s as usize] = true);
        (0..)
            .zip(is_used)
            .filter(|&(_, is_used)| is_used)
            .map(|(s, _)| s)
            .collect()
    }
}
