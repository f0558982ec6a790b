//! Running kinship sums of a backend.

use crate::error::Result;
use crate::genotype::GenotypeBlock;
use crate::kinship::Kinship;

/// A running kinship sum.
pub trait KinshipAccumulator {
    /// Adds the SNPs of `block` at `snp_indices` (in the file, ascending).
    fn add(&mut self, block: &GenotypeBlock, snp_indices: &[usize]) -> Result<()>;

    /// SNPs added so far.
    fn n_snps(&self) -> usize;

    /// Whether the same SNPs must be added once more, with [`add_again`](Self::add_again). Called after every pass.
    fn needs_another_pass(&mut self) -> Result<bool> {
        Ok(false)
    }

    /// Adds SNPs in a further pass.
    fn add_again(&mut self, block: &GenotypeBlock, snp_indices: &[usize]) -> Result<()> {
        let _ = (block, snp_indices);
        Ok(())
    }

    /// The mean over the SNPs added, at least one.
    fn finish(self: Box<Self>) -> Result<Kinship>;
}

/// A running kinship sum of parts of the SNPs, such as chromosomes.
pub trait PartedKinshipSum {
    /// Adds the SNPs of `block` at `snp_indices` (in the file, ascending), which belong to `part`.
    fn add(&mut self, part: usize, block: &GenotypeBlock, snp_indices: &[usize]) -> Result<()>;

    /// SNPs added so far that are not in `part`.
    fn n_snps_without(&self, part: usize) -> usize;

    /// The sum of all SNPs except those of `part`, at least one.
    ///
    /// * `add_part`: adds the SNPs of the part once more to an empty sum; called if the sum of the part was not kept
    fn without(
        &mut self,
        part: usize,
        add_part: &mut dyn FnMut(&mut dyn KinshipAccumulator) -> Result<()>,
    ) -> Result<Box<dyn KinshipAccumulator + '_>>;
}
