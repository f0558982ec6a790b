//! The interface of genotype sources.

use crate::error::Result;
use crate::genotype::{Encoding, GenotypeBlock};
use crate::io::bim::SnpTable;
use crate::io::fam::Individual;
use crate::io::individual::have_ids;
use std::fmt::Debug;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Genotypes of individuals at SNPs, which can be read block by block, any number of times.
///
/// The individuals and the SNPs of a source have a fixed order: an individual is identified by its row, a SNP by its
/// `snp_index`, both counted from 0.
pub trait GenotypeSource: Send + Sync + Debug {
    /// All individuals, in the order of the genotypes.
    fn individuals(&self) -> &[Individual];

    /// The records of all SNPs; `None` if only the blocks contain them.
    fn snps(&self) -> Option<&Arc<SnpTable>>;

    /// How the blocks of this source store genotypes.
    fn encoding(&self) -> Encoding;

    /// Starts reading a range of SNPs, in order and in blocks of `block_snps`; the last block may be smaller.
    ///
    /// Every block has the records of its SNPs. The range may extend beyond the last SNP of the source: `0..usize::MAX`
    /// means all SNPs. The content of a SNP does not depend on the range or on `block_snps`.
    ///
    /// # Panics
    /// If `block_snps` is 0.
    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>>;

    /// Whether the individuals have ids. Without ids, individuals are [numbered](Individual::numbered), and rows of tables
    /// can only be in the order of the genotypes.
    fn has_ids(&self) -> bool {
        have_ids(self.individuals())
    }

    /// Bytes that the source itself holds in memory.
    fn held_bytes(&self) -> u64 {
        0
    }

    /// Bytes of one SNP in a block.
    fn bytes_per_snp(&self) -> u64 {
        self.encoding().bytes_per_snp(self.individuals().len())
    }

    /// Notes for the user on what was found in the SNPs that were read so far.
    fn notes_after_reading(&self) -> Vec<String> {
        Vec::new()
    }

    /// Fails if a file at a URL was modified since the source was opened. Local [files](Self::files) are checked by the run.
    fn check_unchanged(&self) -> Result<()> {
        Ok(())
    }

    /// For each file at a URL that was opened: what identifies its content, if the server states enough.
    fn versions(&self) -> Vec<(PathBuf, Option<String>)> {
        Vec::new()
    }

    /// The files that this source reads, paths or URLs; they must not change during a run.
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }
}

/// Blocks of SNPs that are read from a source.
pub trait GenotypeBlocks: Send {
    /// The next block; `None` after the last one, and after an error.
    fn next_block(&mut self) -> Option<Result<GenotypeBlock>>;

    /// Takes back a block that is no longer needed, so that its memory can be reused.
    fn recycle(&mut self, block: GenotypeBlock) {
        drop(block);
    }
}
