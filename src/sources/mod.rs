//! Sources of genotypes.
//!
//! A [`GenotypeSource`] has individuals and returns its SNPs in blocks, each with the records of its SNPs.
//! [`BedSource`] reads PLINK 1 files, [`PgenSource`] reads PLINK 2 files, and [`MemorySource`] holds everything in memory. Another format is another file
//! here and a line in `tests/suite/sources.rs`, which runs the same checks on every source.

mod bed;
mod files;
mod memory;
mod pgen;
pub(crate) mod prefix;
mod settings;
mod source;
#[cfg(feature = "zarr")]
mod zarr;
#[cfg(feature = "zarr")]
mod zarr_calls;

pub use bed::BedSource;
pub(crate) use bed::plink_files;
pub(crate) use bed::plink_path;
#[cfg(any(test, feature = "bed-reader"))]
pub use bed::read_dosages;
pub use files::{GenotypeFiles, OpenGenotypes, OwnTraits};
pub use memory::MemorySource;
pub use pgen::PgenSource;
pub use settings::{BgenReference, HardCalls, NumericValues, VcfField};
pub use source::{GenotypeBlocks, GenotypeSource};
#[cfg(feature = "zarr")]
pub use zarr::ZarrSource;
