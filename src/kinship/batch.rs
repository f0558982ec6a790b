//! SNPs that are collected to be added to a centred kinship together.

use super::terms::SnpTerms;
use crate::kernels::LANES;

/// SNPs of the wanted individuals, with their terms.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    /// Bytes of a SNP: two for every eight individuals; padding is 0.
    pub(super) stride: usize,
    pub(super) packed: Vec<u8>,
    pub(super) terms: Vec<SnpTerms>,
}

impl Batch {
    pub(super) fn new(n: usize) -> Self {
        Self {
            stride: n.div_ceil(LANES) * (LANES / 4),
            packed: Vec::new(),
            terms: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    pub(super) fn snps(&self) -> Vec<&[u8]> {
        self.packed.chunks_exact(self.stride).collect()
    }

    pub(super) fn clear(&mut self) {
        self.packed.clear();
        self.terms.clear();
    }
}
