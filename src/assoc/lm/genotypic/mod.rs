//! The genotypic model: an additive effect and a dominance deviation of each SNP, tested together.
//!
//! With the columns x and h of [`crate::assoc::genotypic`] after the covariates, and h' = h − s x for s = xᵀPh / xᵀPx,
//!
//! ```text
//! β̂_h = h'ᵀPy / h'ᵀPh',   β̂_x = xᵀPy / xᵀPx − s β̂_h
//! RSS = yᵀPy − (xᵀPy)² / xᵀPx − (h'ᵀPy)² / h'ᵀPh',   df = n − c − 2
//! ```
//!
//! and the tests are those of the linear model with (yᵀPy − RSS) in place of β̂² xᵀPx, on 2 degrees of freedom. x̄, h̄ and the
//! sums of squares and products about them are computed from the genotype counts; the products with the covariates and traits
//! are those of packed SNPs. As for one column, the columns themselves are projected if a difference loses digits.

mod columns;
mod scan;

pub use columns::GenotypicLm;
pub use scan::GenotypicLmScan;
