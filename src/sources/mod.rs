//! Sources of genotypes.
//!
//! A [`GenotypeSource`] has individuals and returns its SNPs in blocks, each with the records of its SNPs.
//! [`BedSource`] reads PLINK 1 files, `VcfSource` reads VCF and BCF, and [`MemorySource`] holds everything in memory.
//! Another format is another file here and a line in `tests/suite/sources.rs`, which runs the same checks on every
//! source.

mod bed;
mod files;
mod memory;
pub(crate) mod prefix;
mod settings;
mod source;
#[cfg(feature = "vcf")]
mod vcf;

pub use bed::BedSource;
pub(crate) use bed::plink_files;
pub(crate) use bed::plink_path;
#[cfg(any(test, feature = "bed-reader"))]
pub use bed::read_dosages;
pub use files::{GenotypeFiles, OpenGenotypes, OwnTraits};
pub use memory::MemorySource;
pub use settings::{BgenReference, HardCalls, NumericValues, VcfField};
pub use source::{GenotypeBlocks, GenotypeSource};
#[cfg(feature = "vcf")]
pub use vcf::VcfSource;
