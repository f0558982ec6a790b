//! Single-SNP tests in the linear model without a kinship, y = Wα + xβ + e with e ~ N(0, σ² I).
//!
//! With P = I − W(WᵀW)⁻¹Wᵀ, all tests follow from yᵀPy, which is that of the trait, and from xᵀPx and xᵀPy of the SNP:
//!
//! ```text
//! β̂ = xᵀPy / xᵀPx,   RSS = yᵀPy − (xᵀPy)² / xᵀPx,   df = n − c − 1
//! Wald   F   = β̂² xᵀPx df / RSS          on 1 and df degrees of freedom
//! score  F   = β̂² xᵀPx n / yᵀPy          on 1 and df degrees of freedom, as in GEMMA
//! LRT    χ²  = n ln(yᵀPy / RSS)          with one degree of freedom; n, not df, as in GEMMA
//! ```
//!
//! W has an intercept, so a SNP can be centred: Σ (x − x̄)² is computed from the genotype counts, in which it is exact. With an
//! orthonormal basis Q of the other covariates after the intercept, xᵀPx = Σ (x − x̄)² − |Qᵀx|² and xᵀPy = xᵀ(Py). A SNP
//! therefore costs the products of its packed genotypes with c − 1 columns and one for each trait, by table look-up; it is never
//! decoded. Only where a difference loses digits (a SNP that the covariates nearly explain, a trait that the SNP nearly
//! explains) are the columns themselves projected.
//!
//! The genotypic model has a second column, the indicator of heterozygotes, which is a packed SNP in another coding; its tests
//! have 2 degrees of freedom (`genotypic/`).

mod columns;
mod design;
mod genotypic;
mod options;
mod regression;
mod scan;
mod study;
mod tests_of_association;

#[cfg(test)]
mod tests;

pub use genotypic::{GenotypicLm, GenotypicLmScan};
pub use options::Lm;
pub use scan::{LmScan, bytes};
pub use tests_of_association::Tests;
