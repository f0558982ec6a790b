//! Sources of genotypes.
//!
//! A [`GenotypeSource`] has individuals and returns its SNPs in blocks, each with the records of its SNPs.
//! [`GenotypeFiles`] names the files of each format and opens its source; [`MemorySource`] holds everything in memory.
//! [`SubsetSource`], [`EffectAlleleSource`] and [`PloidySource`] present another source with fewer individuals, with other
//! counted alleles, or with the ploidy of a species. Another format is another source here, a variant of
//! [`GenotypeFiles`], and a line in
//! `tests/suite/sources.rs`, which runs the same checks on every source.

mod bed;
#[cfg(feature = "bgen")]
mod bgen;
mod bimbam;
mod effect_allele;
mod files;
mod ld;
mod memory;
mod numeric;
mod pgen;
mod ploidy;
pub(crate) mod prefix;
pub(crate) mod ranges;
mod settings;
mod source;
mod subset;
mod text_rows;
mod transposed;
#[cfg(feature = "vcf")]
mod vcf;
#[cfg(feature = "zarr")]
mod zarr;
#[cfg(feature = "zarr")]
mod zarr_calls;

#[cfg(feature = "cloud")]
pub use bed::BedUrlSource;
#[cfg(any(test, feature = "cloud"))]
pub use bed::read_dosages;
pub use bed::{BedSource, PlinkUrl};
pub(crate) use bed::{is_url, plink_files, plink_path, without_secrets};
#[cfg(feature = "bgen")]
pub use bgen::{BgenOptions, BgenSource};
pub use bimbam::BimbamSource;
pub use effect_allele::EffectAlleleSource;
pub use files::{GenotypeFiles, OpenGenotypes, OwnTraits};
pub use ld::squared_correlations;
pub use memory::MemorySource;
pub use numeric::NumericSource;
pub use pgen::PgenSource;
pub use ploidy::{NeedsSex, PloidySource, class_note, unknown_sexes};
pub use settings::{BgenReference, HardCalls, NumericValues, VcfField};
pub use source::{GenotypeBlocks, GenotypeSource};
pub use subset::SubsetSource;
#[cfg(feature = "vcf")]
pub use vcf::VcfSource;
#[cfg(feature = "zarr")]
pub use zarr::ZarrSource;
