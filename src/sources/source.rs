//! What every source of genotypes can do.

use crate::error::Result;
use crate::genotype::{Encoding, GenotypeBlock};
use crate::io::bim::SnpTable;
use crate::io::fam::Individual;
use std::fmt::Debug;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Genotypes of individuals at SNPs, which can be read block by block, any number of times.
///
/// The individuals and the SNPs of a source have a fixed order: an individual is known by its row, a SNP by its
/// `snp_index`, both from 0.
pub trait GenotypeSource: Send + Sync + Debug {
    /// All individuals, in the order of the genotypes.
    fn individuals(&self) -> &[Individual];

    /// The records of all SNPs; `None` if they are known only once the SNPs are read, from the blocks.
    fn snps(&self) -> Option<&Arc<SnpTable>>;

    /// How the blocks of this source store genotypes.
    fn encoding(&self) -> Encoding;

    /// Starts reading a range of SNPs, in order and in blocks of `block_snps`, the last one maybe smaller.
    ///
    /// Every block has the records of its SNPs. SNPs beyond the last one of the source are not an error: `0..usize::MAX`
    /// are all SNPs. Neither the range nor `block_snps` changes what a SNP is.
    ///
    /// # Panics
    /// If a block would have no SNP.
    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>>;

    /// Bytes that one SNP takes in a block.
    fn bytes_per_snp(&self) -> u64 {
        self.encoding().bytes_per_snp(self.individuals().len())
    }

    /// The files that this source reads, which must not change during a run.
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }
}

/// Blocks of SNPs on their way from a source.
pub trait GenotypeBlocks: Send {
    /// The next block; `None` after the last one, and after an error.
    fn next_block(&mut self) -> Option<Result<GenotypeBlock>>;

    /// Takes back a block that is no longer needed, so that its memory can be reused.
    fn recycle(&mut self, block: GenotypeBlock) {
        drop(block);
    }
}
