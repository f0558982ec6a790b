//! Genotypes of the individuals of a study: blocks of SNPs, their counts, the filters and the decoding.
//!
//! A genotype stays two bits until the arithmetic needs a number: blocks are read packed ([`GenotypeBlock`], from a
//! [`GenotypeSource`](crate::sources::GenotypeSource)), counted packed ([`crate::kernels::count_genotypes`]), filtered
//! by their counts ([`SnpFilter`]) and decoded only one column at a time ([`GenotypeBlock::fill_column`]). Dosages are
//! the second [`Encoding`]. With a [`ChromosomeSet`], calls of haploids are recoded in the blocks ([`HaploidRecoding`]), and
//! frequencies and filters follow the ploidy ([`GroupPloidy`]). Memory does not grow with the number of SNPs.

mod block;
mod chromosome_names;
mod chromosome_set;
mod coding;
mod filter;
mod haploid;
mod hwe;
mod ploidy;
mod selection;
mod subset;
mod summary;
mod uncalled;
mod unseen;

pub use block::{Encoding, GenotypeBlock, Genotypes, ScaledDosages};
pub use chromosome_names::common_name;
pub use chromosome_set::{ChromosomeClass, ChromosomeModel, ChromosomeSet, ParRanges, XModel};
pub use coding::{Coding, GeneticModel};
pub use filter::{CovariateProjection, Excluded, Exclusion, FilterCounts, SnpFilter};
pub use haploid::{Erased, HaploidRecoding};
pub use hwe::hwe_exact_p;
pub use ploidy::GroupPloidy;
pub use selection::{
    ChromosomeList, SnpIds, SnpRanges, SnpSelection, SnpSet, Unselected, bare_name,
};
pub use subset::{Dosages, Subset};
pub use summary::{SnpSummary, Summarised, imputation_quality};
pub use uncalled::Uncalled;
pub use unseen::UnseenSnps;
