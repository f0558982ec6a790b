//! The model at one λ after weighting: slower than the sums of [`super::shared`], and accurate for every weighting.
//!
//! The columns H^(-½)Q are made orthonormal, H^(-½)Q = Q̃R, and the phenotype H^(-½)y is reduced to its residual r̃. A SNP is
//! reduced in the same way, H^(-½)x = Q̃z + P_xx^½ q̃. With ρ = d/h for every individual, and [Q̃ q̃] in place of Q̃ once a
//! SNP is swept:
//!
//! * A = Σ r̃², ln|XᵀH⁻¹X| = Σ 2 ln Rⱼⱼ, β̂ = q̃ᵀr̃ / P_xx^½
//! * g = Σ ρ r̃², gg = Σ ρ² r̃² − |Q̃ᵀ(ρ r̃)|²
//! * tr G⁻¹S₁ = tr M with M = Q̃ᵀ diag(ρ) Q̃, tr (G⁻¹S₁)² = Σ Mᵢⱼ², tr G⁻¹S₂ = Σ ρ² q̃²
//!
//! Individuals in the null space of K have weight 1, all others 1/(λd). Where λd is large and the columns reach into the
//! null space, the products QᵀH⁻¹Q span many orders of magnitude and a Cholesky factor of them has no digits left for the
//! small ones. Orthogonalisation works with the square roots of the weights and keeps them.

use super::RotatedModel;
use super::likelihood::Moments;
use crate::kernels::combinations::{dots, subtract};
use crate::kernels::orthonormal::dot;
use crate::kernels::weighted_sums::{Weights, log_determinant, n_pairs};

/// A weighted column that keeps less than this fraction of its norm after the columns before it is a combination of them.
const DEPENDENT_BELOW: f64 = 1e-14;
/// A yᵀPy below this fraction of the weighted yᵀy, plus the second one for each individual, is rounding: a perfect fit.
const PERFECT_FIT: f64 = 1e-26;
const PERFECT_FIT_EACH: f64 = 1e-28;

/// Covariates and phenotype at one λ.
#[derive(Debug, Clone)]
pub(super) struct WeightedModel {
    lambda: f64,
    n: usize,
    /// H^(-½).
    root: Vec<f64>,
    /// ρ = d/h.
    rho: Vec<f64>,
    /// −1/(λh) = ρ − 1/λ, where the slope is to be made of it; see [`WeightedModel::slope_weights`].
    shifted: Option<Vec<f64>>,
    /// Q̃.
    q: Vec<Vec<f64>>,
    /// R, column after column, k + 1 numbers in column k: also the rows of the Cholesky factor Rᵀ of QᵀH⁻¹Q.
    r: Vec<f64>,
    /// r̃.
    residual: Vec<f64>,
    /// β̂ of the columns of Q.
    beta: Vec<f64>,
    /// A below this is rounding.
    least_a: f64,
    null: Moments,
}

/// Memory for one SNP.
#[derive(Debug, Default)]
pub(super) struct WeightedSnp {
    /// q̃.
    q: Vec<f64>,
    residual: Vec<f64>,
    scaled: Vec<f64>,
    coefficients: Vec<f64>,
}

impl WeightedModel {
    /// `model` at `lambda`; `None` where the weighted covariates are linearly dependent.
    pub(super) fn new(model: &RotatedModel, lambda: f64) -> Option<Self> {
        let (d, n) = (model.d(), model.n());
        let h: Vec<f64> = d.iter().map(|d| lambda * d + 1.0).collect();
        let root: Vec<f64> = h.iter().map(|h| h.sqrt().recip()).collect();
        let rho: Vec<f64> = d.iter().zip(&h).map(|(d, h)| d / h).collect();
        let is_large = lambda * model.eigen().mean_value() > 1.0;
        let shifted = is_large.then(|| h.iter().map(|h| -1.0 / (lambda * h)).collect());
        let mut weighted = Self {
            lambda,
            n,
            root,
            rho,
            shifted,
            q: Vec::new(),
            r: Vec::new(),
            residual: Vec::new(),
            beta: Vec::new(),
            least_a: 0.0,
            null: Moments::NAN,
        };
        let log_det = weighted.orthogonalise(&model.basis().q)?;
        weighted.project(model);
        weighted.null = Moments {
            log_det_h: log_determinant(lambda, d),
            log_det,
            ..weighted.moments_without_snp()
        };
        Some(weighted)
    }

    /// The moments without a SNP.
    pub(super) fn null_moments(&self) -> Moments {
        self.null
    }

    /// β̂ of the columns of Q, and the rows of the lower Cholesky factor of QᵀH⁻¹Q.
    pub(super) fn solution(&self) -> (&[f64], &[f64]) {
        (&self.beta, &self.r)
    }

    /// The moments with the SNP `x`, of xᵀx = `xx`; derivatives as far as `weights` goes.
    ///
    /// `None` where x is a combination of the covariates once weighted.
    pub(super) fn moments(
        &self,
        x: &[f64],
        xx: f64,
        weights: Weights,
        snp: &mut WeightedSnp,
    ) -> Option<Moments> {
        let norm = self.reduce(x, snp)?;
        let with_y = dot(&snp.q, &self.residual);
        snp.residual.clear();
        let residual = self.residual.iter().zip(&snp.q);
        snp.residual.extend(residual.map(|(r, q)| r - with_y * q));
        let mut moments = Moments {
            a: self.or_zero(dot(&snp.residual, &snp.residual)),
            beta: with_y / norm,
            p_xx: norm * norm,
            log_det_factor: norm * norm / xx,
            ..self.null
        };
        if weights != Weights::One {
            self.add_first_derivatives(snp, &mut moments);
        }
        if weights == Weights::Three {
            scale(&self.rho, &snp.residual, &mut snp.scaled);
            let of_x = dot(&snp.q, &snp.scaled);
            dots(&self.q, &snp.scaled, &mut snp.coefficients);
            let of_columns = dot(&snp.coefficients, &snp.coefficients) + of_x * of_x;
            moments.gg = dot(&snp.scaled, &snp.scaled) - of_columns;
            scale(&self.rho, &snp.q, &mut snp.scaled);
            moments.trace_s2 += dot(&snp.scaled, &snp.scaled);
        }
        Some(moments)
    }

    /// What the slope's weights are: ρ, or ρ − 1/λ.
    ///
    /// Both slopes stay the same when a constant is taken from every ρ, since Σ (1 − leverage) = ν and Σ r̃² = A. For large
    /// λd every ρ is nearly 1/λ, and the slope is made of the differences from it.
    fn slope_weights(&self) -> &[f64] {
        self.shifted.as_ref().unwrap_or(&self.rho)
    }

    /// Adds what the SNP's column, and the residual after it, change in the terms of the slope.
    fn add_first_derivatives(&self, snp: &mut WeightedSnp, moments: &mut Moments) {
        let weights = self.slope_weights();
        scale(weights, &snp.q, &mut snp.scaled);
        moments.slope_terms[1] += dot(&snp.q, &snp.scaled);
        scale(weights, &snp.residual, &mut snp.scaled);
        moments.slope_terms[2] = dot(&snp.residual, &snp.scaled);
        scale(&self.rho, &snp.residual, &mut snp.scaled);
        moments.g = dot(&snp.residual, &snp.scaled);
        scale(&self.rho, &snp.q, &mut snp.scaled);
        let own = dot(&snp.q, &snp.scaled);
        dots(&self.q, &snp.scaled, &mut snp.coefficients);
        let with_others = dot(&snp.coefficients, &snp.coefficients);
        moments.trace_s1 += own;
        moments.trace_s1_squared += own * own + 2.0 * with_others;
    }

    /// Fills q̃ of the SNP; returns P_xx^½.
    fn reduce(&self, x: &[f64], snp: &mut WeightedSnp) -> Option<f64> {
        scale(&self.root, x, &mut snp.q);
        snp.coefficients.resize(self.q.len(), 0.0);
        let before = dot(&snp.q, &snp.q).sqrt();
        for _ in 0..2 {
            dots(&self.q, &snp.q, &mut snp.coefficients);
            subtract(&self.q, &snp.coefficients, &mut snp.q);
        }
        let norm = dot(&snp.q, &snp.q).sqrt();
        // The negation also catches NaN.
        if !(norm > DEPENDENT_BELOW * before) {
            return None;
        }
        snp.q.iter_mut().for_each(|q| *q /= norm);
        Some(norm)
    }

    /// Fills Q̃ and R by modified Gram-Schmidt done twice; returns ln|QᵀH⁻¹Q|.
    fn orthogonalise(&mut self, columns: &[Vec<f64>]) -> Option<f64> {
        let mut log_det = 0.0;
        for column in columns {
            let mut x = Vec::new();
            scale(&self.root, column, &mut x);
            let before = dot(&x, &x).sqrt();
            let coefficients = remove(&self.q, &mut x);
            let norm = dot(&x, &x).sqrt();
            if !(norm > DEPENDENT_BELOW * before) {
                return None;
            }
            x.iter_mut().for_each(|x| *x /= norm);
            log_det += 2.0 * norm.ln();
            self.q.push(x);
            self.r.extend(coefficients);
            self.r.push(norm);
        }
        Some(log_det)
    }

    /// Fills r̃, β̂ and the size of a residual that is rounding.
    fn project(&mut self, model: &RotatedModel) {
        scale(&self.root, model.y(), &mut self.residual);
        let total = dot(&self.residual, &self.residual);
        self.beta = remove(&self.q, &mut self.residual);
        for j in (0..self.beta.len()).rev() {
            let column = &self.r[n_pairs(j)..=n_pairs(j) + j];
            self.beta[j] /= column[j];
            for (i, r) in column[..j].iter().enumerate() {
                self.beta[i] -= r * self.beta[j];
            }
        }
        // The rotation leaves an error of the size of the phenotype with the covariates still in it.
        let n = self.n as f64;
        let mean_weight = self.root[..self.n].iter().map(|w| w * w).sum::<f64>() / n;
        let noise = n * (f64::EPSILON * model.phenotype_norm()).powi(2) * mean_weight;
        self.least_a = (PERFECT_FIT + PERFECT_FIT_EACH * n) * total + noise;
    }

    fn moments_without_snp(&self) -> Moments {
        let mut scaled = Vec::new();
        let last = self.r[self.r.len() - 1];
        let mut moments = Moments {
            lambda: self.lambda,
            a: self.or_zero(dot(&self.residual, &self.residual)),
            beta: self.beta[self.beta.len() - 1],
            p_xx: last * last,
            log_det_factor: 1.0,
            sum_dw: self.rho.iter().sum(),
            sum_dw_squared: dot(&self.rho, &self.rho),
            ..Moments::NAN
        };
        scale(&self.rho, &self.residual, &mut scaled);
        moments.g = dot(&self.residual, &scaled);
        let mut coefficients = vec![0.0; self.q.len()];
        dots(&self.q, &scaled, &mut coefficients);
        moments.gg = dot(&scaled, &scaled) - dot(&coefficients, &coefficients);
        (moments.trace_s1, moments.trace_s1_squared, moments.trace_s2) = (0.0, 0.0, 0.0);
        let weights = self.slope_weights();
        // The padding has h = 1, so it is left out of the sum that has no column.
        let mut terms = [weights[..self.n].iter().sum(), 0.0, 0.0];
        for (j, q) in self.q.iter().enumerate() {
            scale(&self.rho, q, &mut scaled);
            dots(&self.q, &scaled, &mut coefficients);
            moments.trace_s1 += coefficients[j];
            moments.trace_s1_squared += dot(&coefficients, &coefficients);
            moments.trace_s2 += dot(&scaled, &scaled);
            scale(weights, q, &mut scaled);
            terms[1] += dot(q, &scaled);
        }
        scale(weights, &self.residual, &mut scaled);
        terms[2] = dot(&self.residual, &scaled);
        moments.slope_terms = terms;
        moments
    }

    /// A, with 0 in place of what is only rounding.
    fn or_zero(&self, a: f64) -> f64 {
        if a <= self.least_a { 0.0 } else { a }
    }
}

/// `out` = w ∘ x.
fn scale(w: &[f64], x: &[f64], out: &mut Vec<f64>) {
    out.clear();
    out.extend(w.iter().zip(x).map(|(w, x)| w * x));
}

/// Takes the projection on the orthonormal columns `q` out of `x`, twice; returns its coefficients.
fn remove(q: &[Vec<f64>], x: &mut [f64]) -> Vec<f64> {
    let mut coefficients = vec![0.0; q.len()];
    let mut sweep = vec![0.0; q.len()];
    for _ in 0..2 {
        dots(q, x, &mut sweep);
        subtract(q, &sweep, x);
        coefficients
            .iter_mut()
            .zip(&sweep)
            .for_each(|(c, s)| *c += s);
    }
    coefficients
}
