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
//! # What is done differently from the textbook form, and why
//!
//! * Both likelihoods depend on W, y and x only through the span of W and the parts of y and x outside it. So Ŵ is
//!   replaced by an orthonormal basis Q, and ŷ and x̂ by their residuals after Q, once. This costs nothing per λ and
//!   takes away the cancellation that large means and scales of covariates cause.
//! * The derivatives are evaluated from the residual r = y − Xβ̂(λ), never as (A − yᵀPPy)/λ, which loses all digits as
//!   λ → 0 (`likelihood.rs`).
//! * What does not contain x is tabulated in λ once for all SNPs (`shared.rs`), so that one λ of one SNP is one pass over the
//!   individuals; where the differences that this takes lose digits, the weighted form is evaluated (`weighted.rs`).
//! * The maximum is searched along GEMMA's path step by step (`optimize/`), because the printed λ, β and p depend on
//!   where that path stops; where GEMMA's path ends in NaN the optimum is found by a safeguarded method.

pub(crate) mod fit;
mod group;
mod likelihood;
pub(crate) mod model;
mod moments;
pub(crate) mod optimize;
mod range;
pub(crate) mod shared;
mod small;
pub(crate) mod weighted;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use fit::safe_sqrt;
pub use fit::{NullFit, fit_null};
pub use group::{FittedGroup, FittedTrait};
pub use likelihood::{Criterion, Likelihood, Scratch};
pub use model::TraitModel;
pub use moments::Moments;
pub use optimize::{Found, LambdaGrid, Optimum, Survey};
pub use range::{LambdaBound, LambdaRange};
pub(crate) use shared::{SharedTable, SharedValues};
pub(crate) use weighted::WeightedModel;
