//! The model without a SNP: variance components, heritability and covariate effects.

use super::components::VarianceComponents;
use super::interval::{PveInterval, pve_interval};
use super::likelihood::{Criterion, Likelihood, Scratch};
use super::model::TraitModel;
use super::optimize::{LambdaGrid, Optimum};
use super::range::{LambdaBound, LambdaRange};
use super::small::solve;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::kernels::weighted_sums::Weights;

/// The fitted null model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NullFit {
    /// λ̂ and ℓ̂ by maximum likelihood.
    pub ml: Optimum,
    /// λ̂ and ℓ̂ by restricted maximum likelihood; the fields below are at this λ.
    pub reml: Optimum,
    /// Proportion of variance explained: t λ/(t λ + 1), where t is the mean eigenvalue.
    pub pve: f64,
    /// Its standard error by the delta method.
    pub pve_se: f64,
    /// Interval of the PVE from the profile likelihood, if there is one.
    pub pve_interval: Option<PveInterval>,
    /// The end of the range at which the REML λ lies.
    pub bound: Option<LambdaBound>,
    /// σ_g² = λ σ_e².
    pub vg: f64,
    /// σ_e² = A/(n − c).
    pub ve: f64,
    /// Effects of the covariates, in order.
    pub beta: Vec<f64>,
    /// Their standard errors.
    pub beta_se: Vec<f64>,
    /// The variance components of two kinships, if `vg` is that of their combination.
    pub components: Option<VarianceComponents>,
}

/// A variance below this is replaced by its absolute value, so that a small negative one does not give NaN; as in GEMMA.
pub(crate) const ABSOLUTE_BELOW: f64 = 1e-3;

/// √d, or √|d| for a value below [`ABSOLUTE_BELOW`].
#[must_use]
pub(crate) fn safe_sqrt(d: f64) -> f64 {
    if d < ABSOLUTE_BELOW {
        d.abs().sqrt()
    } else {
        d.sqrt()
    }
}

/// Fits the null model by both criteria.
///
/// Fails with [`Error::Degenerate`] if WᵀH⁻¹W is singular on the range of λ.
///
/// Source: Zhou & Stephens 2012, Supplementary Note section 3.1; the standard error of PVE as in GEMMA's manual.
pub fn fit_null(model: &TraitModel, range: LambdaRange) -> Result<NullFit> {
    let grid = LambdaGrid::new(range);
    let mut scratch = Scratch::default();
    let mut likelihood = Likelihood::new(model, None, &mut scratch);
    let singular = || {
        Error::degenerate(
            "the covariates are linearly dependent after weighting by the kinship",
            "remove covariates that repeat others, or raise -lmin above 0",
        )
    };
    let survey = grid.survey(&mut likelihood).ok_or_else(singular)?;
    let ml = grid.maximise(&mut likelihood, &survey, Criterion::Ml);
    let reml = grid.maximise(&mut likelihood, &survey, Criterion::Reml);
    let lambda = reml.lambda;
    let moments = likelihood
        .moments(lambda, Weights::Three)
        .ok_or_else(singular)?;
    let curvature = likelihood.curvature(Criterion::Reml, &moments);
    let (n, c, t) = (model.n(), model.c(), model.mean_eigenvalue());
    let ve = moments.a / (n - c) as f64;
    let (of_basis, cholesky) = likelihood.last_solution();
    let beta = model.covariate_effects(of_basis);
    let beta_se = (0..c)
        .map(|j| safe_sqrt(ve * variance_factor(model, &cholesky, j)))
        .collect();
    Ok(NullFit {
        pve_interval: pve_interval(&mut likelihood, &reml, range, t),
        bound: range.bound_at(lambda),
        ml,
        reml,
        pve: t * lambda / (t * lambda + 1.0),
        pve_se: t / (t * lambda + 1.0).powi(2) * safe_sqrt(-1.0 / curvature),
        vg: lambda * ve,
        ve,
        beta,
        beta_se,
        components: None,
    })
}

/// [(WᵀH⁻¹W)⁻¹]_jj from the Cholesky factor of QᵀH⁻¹Q, with W = QR: |L⁻¹ R⁻ᵀ eⱼ|².
fn variance_factor(model: &TraitModel, cholesky: &[f64], j: usize) -> f64 {
    let basis = model.basis();
    let c = basis.q.len();
    // Row j of R⁻¹, column by column.
    let row: Vec<f64> = (0..c)
        .map(|k| {
            let mut unit = vec![0.0; c];
            unit[k] = 1.0;
            basis.coefficients_of_columns(&unit)[j]
        })
        .collect();
    let mut solved = row.clone();
    solve(cholesky, c, &mut solved);
    row.iter().zip(&solved).map(|(a, b)| a * b).sum()
}
