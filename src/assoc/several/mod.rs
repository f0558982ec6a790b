//! Tests of several columns of a SNP at once, in the linear mixed model of [`crate::null`].
//!
//! ```text
//! y = Wα + x₁β₁ + … + x_m β_m + u + ε
//! ```
//!
//! The first column is the SNP x. The others are its products with an environment ([`crate::assoc::gxe`]), which is then among
//! the covariates, or the indicator of heterozygotes ([`crate::assoc::genotypic`]). The first columns may belong to the null
//! hypothesis.
//!
//! Each column is rotated directly from packed genotypes. The covariates are regressed out, and the columns of a SNP are made
//! orthonormal; the likelihood is then evaluated with the sums of [`crate::null`] for several columns of a SNP.

mod columns;
mod fit;
mod frame;
mod model;
mod options;
mod scan;

pub(crate) use columns::{ColumnStatistic, columns_of};
pub use model::{ColumnsModel, SnpDesign};
pub(crate) use options::ColumnTests;
pub use scan::ColumnsScan;
