//! Sources of genotypes.
//!
//! A [`GenotypeSource`] has individuals and returns its SNPs in blocks, each with the records of its SNPs.
//! [`BedSource`] reads PLINK 1 files, `BgenSource` reads BGEN files, and [`MemorySource`] holds everything in memory. Another format is another file
//! here and a line in `tests/suite/sources.rs`, which runs the same checks on every source.

mod bed;
#[cfg(feature = "bgen")]
mod bgen;
mod bgen_reference;
mod files;
mod hard_calls;
mod memory;
pub(crate) mod prefix;
mod source;

pub use bed::BedSource;
pub(crate) use bed::plink_files;
pub(crate) use bed::plink_path;
#[cfg(any(test, feature = "bed-reader"))]
pub use bed::read_dosages;
#[cfg(feature = "bgen")]
pub use bgen::{BgenOptions, BgenSource};
pub use bgen_reference::BgenReference;
pub use files::{GenotypeFiles, NumericValues, OpenGenotypes, OwnTraits, VcfField};
pub use hard_calls::HardCalls;
pub use memory::MemorySource;
pub use source::{GenotypeBlocks, GenotypeSource};
