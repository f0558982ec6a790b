//! The tests of a method, block by block.

use super::block::TraitColumns;
use crate::error::Result;
use crate::genotype::{GenotypeBlock, SnpSummary};

/// Tests of SNPs for the traits of one group.
pub trait Scan {
    /// Tests the SNPs of `block` listed in `snps`, in order. Returns the columns of each trait of the group, in order.
    fn scan(&self, block: &GenotypeBlock, snps: &[SnpSummary]) -> Result<Vec<TraitColumns>>;
}
