//! Sources of genotypes.
//!
//! A [`GenotypeSource`] has individuals and returns its SNPs in blocks, each with the records of its SNPs.
//! [`BedSource`] reads PLINK 1 files, and [`MemorySource`] holds everything in memory. [`SubsetSource`] and
//! [`EffectAlleleSource`] present another source with fewer individuals, or with other counted alleles. Another format is another file
//! here and a line in `tests/suite/sources.rs`, which runs the same checks on every source.

mod bed;
mod effect_allele;
mod files;
mod memory;
pub(crate) mod prefix;
mod source;
mod subset;

pub use bed::BedSource;
pub(crate) use bed::plink_files;
pub(crate) use bed::plink_path;
#[cfg(any(test, feature = "bed-reader"))]
pub use bed::read_dosages;
pub use effect_allele::EffectAlleleSource;
pub use files::{
    BgenReference, GenotypeFiles, HardCalls, NumericValues, OpenGenotypes, OwnTraits, VcfField,
};
pub use memory::MemorySource;
pub use source::{GenotypeBlocks, GenotypeSource};
pub use subset::SubsetSource;
