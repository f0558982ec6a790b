//! Tests of one SNP at a time in the linear mixed model of [`crate::null`].
//!
//! A block of SNPs is rotated once for all traits of a group, the covariates are taken out of each SNP once, and its sums
//! on the grid of λ with covariates and itself are made once; λ is then searched trait by trait. A trait has the same
//! results, to the bit, whatever else is in its group.

mod columns;
mod fit;
mod group;
mod options;
mod scan;
mod snp;
mod survey;
mod tests_of_association;

#[cfg(test)]
mod tests;

pub use options::Lmm;
pub use scan::LmmScan;
pub use snp::SnpStatistics;
pub use tests_of_association::{Effect, Tests};
