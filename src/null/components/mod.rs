//! Two kinships in one model: their variance components by restricted maximum likelihood (REML).
//!
//! # Model
//!
//! y = Wα + g₁ + g₂ + e with Var(g₁) = σ₁² K₁, Var(g₂) = σ₂² K₂ and Var(e) = σ_e² I. The tests of SNPs use the combined kinship
//! (1 − w) K₁ + w K₂ with w = σ₂²/(σ₁² + σ₂²), so that σ_g² = σ₁² + σ₂² and λ = σ_g²/σ_e².
//!
//! The restricted likelihood depends on a kinship only through contrasts that are orthogonal to W. W contains the intercept, so
//! that centring a kinship changes nothing: the components are those of the matrices as given. With weights of the individuals,
//! all of this holds for Dy, DW and DKD with D = diag(√weight).
//!
//! # Search
//!
//! With tₖ the mean diagonal of the centred Kₖ and Bₖ = Kₖ/tₖ, V = σ²H and H = p₁B₁ + p₂B₂ + p_e I, in which the proportions p
//! of the variance add up to 1. σ² = yᵀPy/ν is profiled out, which leaves
//!
//!   ℓ(p) = −½ (ln|H| + ln|XᵀH⁻¹X| + ν ln yᵀPy),   ν = n − c,   P = H⁻¹ − H⁻¹X(XᵀH⁻¹X)⁻¹XᵀH⁻¹
//!
//! with X an orthonormal basis of W, and with B_e = I and V's own scale
//!
//!   ∂ℓ/∂pₖ = −½ (tr PBₖ − yᵀPBₖPy/σ²),   AI_kl = ½ yᵀPBₖPBₗPy/σ²
//!
//! AI, the mean of the observed and the expected information, is the matrix of Newton steps, which are projected on p₁, p₂ ≥ 0 and
//! a small least p_e (`search.rs`). A step costs a Cholesky factorisation and an inverse, n³ operations (`evaluation.rs`); neither
//! needs a decomposition into eigenvalues, of which there is only one, at the end.
//!
//! Source: Gilmour, Thompson & Cullis 1995, Biometrics 51:1440 (average information); Patterson & Thompson 1971, Biometrika
//! 58:545 (restricted likelihood). Projected Newton steps: Bertsekas 1982, SIAM J. Control Optim. 20:221.

mod centred;
mod estimate;
mod evaluation;
mod identifiable;
mod mixture;
mod search;

pub use estimate::{MixtureInputs, estimate_mixture};
pub use mixture::{Component, Mixture, VarianceComponents};

#[cfg(test)]
mod tests;
