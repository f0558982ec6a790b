//! SNPs of the individuals of a study: packed blocks, their counts, the filters and the decoding.
//!
//! A genotype stays two bits until the arithmetic needs a number: blocks are read packed ([`GenotypeBlocks`], one block
//! ahead of the computation), counted packed ([`crate::kernels::count_genotypes`]), filtered by their counts
//! ([`SnpFilter`]) and decoded only column by column ([`Subset::decode`]). Memory does not grow with the number
//! of SNPs.

mod blocks;
mod filter;
mod hwe;
mod subset;
mod uncalled;

pub use blocks::{GenotypeBlock, GenotypeBlocks, Genotypes};
pub use filter::{CovariateProjection, Exclusion, FilterCounts, SnpFilter, SnpSummary};
pub use hwe::hwe_exact_p;
pub use subset::{Dosages, Subset};
pub use uncalled::Uncalled;
