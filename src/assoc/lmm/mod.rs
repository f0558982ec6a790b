//! Single-SNP tests in the linear mixed model of [`crate::null`].
//!
//! A block of SNPs is rotated once for all traits of a group. For each SNP, the covariates are regressed out once, and its
//! weighted sums with the covariates and with itself on the λ grid are computed once; λ is then estimated for each trait.
//! The results of a trait do not depend, to the bit, on the other traits in its group.

pub(crate) mod columns;
mod fit;
mod group;
mod options;
mod scan;
mod snp;
pub(crate) mod survey;
pub(crate) mod tests_of_association;

#[cfg(test)]
mod tests;

#[cfg(feature = "python")]
pub(crate) use crate::rotation::COLLINEAR_BELOW;
pub(crate) use fit::SAME_STATISTIC;
pub use options::Lmm;
pub use scan::LmmScan;
pub use snp::SnpStatistics;
pub use tests_of_association::{Effect, Tests};
