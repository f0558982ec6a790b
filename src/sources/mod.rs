//! Sources of genotypes.
//!
//! A [`GenotypeSource`] has individuals and returns its SNPs in blocks, each with the records of its SNPs.
//! [`BedSource`] reads PLINK 1 files, and [`MemorySource`] holds everything in memory. Another format is another file
//! here and a line in `tests/suite/sources.rs`, which runs the same checks on every source.

mod bed;
mod bimbam;
mod files;
mod memory;
mod numeric;
pub(crate) mod prefix;
mod source;
mod text_rows;
mod transposed;

pub use bed::BedSource;
pub(crate) use bed::plink_files;
pub(crate) use bed::plink_path;
#[cfg(any(test, feature = "bed-reader"))]
pub use bed::read_dosages;
pub use bimbam::BimbamSource;
pub use files::{BgenReference, GenotypeFiles, HardCalls, OpenGenotypes, OwnTraits, VcfField};
pub use memory::MemorySource;
pub use numeric::{NumericSource, NumericValues};
pub use source::{GenotypeBlocks, GenotypeSource};
