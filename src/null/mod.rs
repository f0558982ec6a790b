//! The linear mixed model of one trait: its likelihoods, their maximum over λ, and the null model without a SNP.
//!
//! # Model
//!
//! y = Wα + xβ + u + e with Var(u) = λ τ⁻¹ K*, Var(e) = τ⁻¹ I and λ = σ_g²/σ_e². With K* = U diag(d) Uᵀ the rotated
//! ŷ = Uᵀy, Ŵ = UᵀW, x̂ = Uᵀx have independent residuals of variance proportional to hᵢ = λdᵢ + 1.
//!
//! With X = [W, x] (k columns; k = c under the null hypothesis), P = H⁻¹ − H⁻¹X(XᵀH⁻¹X)⁻¹XᵀH⁻¹, ν = n − k and A = yᵀPy:
//!
//! * ML:   ℓ(λ)   = ½n (ln n − ln 2π − 1) − ½ Σ ln hᵢ − ½ n ln A
//! * REML: ℓ_R(λ) = ½ν (ln ν − ln 2π − 1) − ½ Σ ln hᵢ − ½ (ln|XᵀH⁻¹X| − ln|XᵀX|) − ½ ν ln A
//!
//! Source: Zhou & Stephens 2012, Nat. Genet. 44:821, Supplementary Note sections 3.1 to 3.3.
//!
//! # Differences from the textbook form, and their reasons
//!
//! * Both likelihoods depend on W, y and x only through the span of W and the parts of y and x orthogonal to it. Ŵ is
//!   therefore replaced, once, by an orthonormal basis Q, and ŷ and x̂ by their residuals after projection on Q. This
//!   costs nothing per λ and avoids the cancellation caused by large means and scales of covariates.
//! * The derivatives are evaluated from the residual r = y − Xβ̂(λ), never as (A − yᵀPPy)/λ, which loses all digits as
//!   λ → 0 (`likelihood.rs`).
//! * Terms without x are tabulated in λ once for all SNPs (`shared.rs`, `shared_table.rs` and, for the points at which every
//!   SNP is evaluated, `shared_grid.rs`), so that the evaluation of one SNP at one λ is one pass over the individuals. If the differences in this form lose digits, the weighted form is used (`weighted.rs`).
//! * A model with several columns of a SNP, its genotypes and their products with an environment, is evaluated in the same
//!   way (`several.rs`).
//! * The search for the maximum follows GEMMA's path step by step (`optimize/`), because the printed λ, β and p depend on
//!   where that path stops. If GEMMA's path ends in NaN, the optimum is found by a safeguarded method.

pub mod components;
pub(crate) mod first_terms;
pub(crate) mod fit;
mod group;
mod interval;
mod likelihood;
pub(crate) mod model;
mod moments;
mod number;
pub(crate) mod optimize;
mod profile;
mod range;
mod several;
pub(crate) mod shared;
mod shared_grid;
mod shared_table;
mod small;
pub(crate) mod weighted;

#[cfg(test)]
pub(crate) mod tests;

pub use components::{Component, Mixture, MixtureInputs, VarianceComponents, estimate_mixture};
pub(crate) use fit::safe_sqrt;
pub use fit::{NullFit, fit_null};
pub use group::{FittedGroup, FittedTrait};
pub use interval::PveInterval;
pub use likelihood::{Criterion, Likelihood, Scratch};
pub use model::TraitModel;
pub use moments::Moments;
pub(crate) use moments::SlopeTerms;
pub use optimize::{Found, LambdaGrid, Optimum, Survey};
pub use profile::pve_profile;
pub use range::{LambdaBound, LambdaRange};
pub(crate) use several::Columns;
pub(crate) use shared_grid::ColumnGridTerms;
pub(crate) use shared_grid::{GridTerms, SharedGrid};
pub(crate) use shared_table::SharedTable;
pub(crate) use weighted::{PERFECT_FIT, PERFECT_FIT_EACH, WeightedModel, WeightedSnp};
