//! The model at one λ after weighting: slower than the tabulated sums of `shared.rs`, but accurate for all weights.
//!
//! The columns H^(-½)Q are orthonormalised, H^(-½)Q = Q̃R, and the phenotype H^(-½)y is reduced to its residual r̃. A SNP is
//! reduced in the same way, H^(-½)x = Q̃z + P_xx^½ q̃. With ρ = d/h for every individual, and with [Q̃ q̃] in place of Q̃ if
//! there is a SNP:
//!
//! * A = Σ r̃², ln|XᵀH⁻¹X| = Σ 2 ln Rⱼⱼ, β̂ = q̃ᵀr̃ / P_xx^½
//! * g = Σ ρ r̃², gg = Σ ρ² r̃² − |Q̃ᵀ(ρ r̃)|²
//! * tr G⁻¹S₁ = tr M with M = Q̃ᵀ diag(ρ) Q̃, tr (G⁻¹S₁)² = Σ Mᵢⱼ², tr G⁻¹S₂ = Σ ρ² q̃²
//!
//! Eigenvectors in the null space of K have weight 1, and for large λd all others have about 1/(λd). If the columns have
//! components in the null space, the products QᵀH⁻¹Q then span many orders of magnitude, and their Cholesky factor has no
//! digits left for the small ones. Orthogonalisation uses the square roots of the weights and keeps these digits.

use super::model::TraitModel;
use super::moments::Moments;
use super::several::Columns;
use crate::kernels::OrthonormalBasis;
use crate::kernels::combinations::{dots, subtract};
use crate::kernels::orthonormal::dot;
use crate::kernels::weighted_sums::{Weights, log_determinant};

/// A weighted column is a combination of the columns before it if they leave less than this fraction of its norm.
pub(crate) const DEPENDENT_BELOW: f64 = 1e-14;
/// If yᵀPy is below this fraction of the weighted yᵀy, plus [`PERFECT_FIT_EACH`] of it for each individual, it is rounding
/// error and the fit is perfect.
pub(crate) const PERFECT_FIT: f64 = 1e-26;
pub(crate) const PERFECT_FIT_EACH: f64 = 1e-28;

/// Covariates and phenotype at one λ.
#[derive(Debug, Clone)]
pub(crate) struct WeightedModel {
    lambda: f64,
    n: usize,
    /// H^(-½).
    root: Vec<f64>,
    /// ρ = d/h.
    rho: Vec<f64>,
    /// ρ − 1/λ = −1/(λh) for large λd: every ρ is then nearly 1/λ, and the slopes result from the differences. Slopes do not
    /// change if a constant is subtracted from every ρ, because Σ (1 − leverage) = ν and Σ r̃² = A.
    shifted: Option<Vec<f64>>,
    /// Q̃ and R.
    basis: OrthonormalBasis,
    /// r̃.
    residual: Vec<f64>,
    /// β̂ of the columns of Q.
    beta: Vec<f64>,
    /// A below this is rounding error.
    least_a: f64,
    null: Moments,
}

/// Scratch memory for one SNP.
#[derive(Debug, Default)]
pub(crate) struct WeightedSnp {
    /// q̃.
    q: Vec<f64>,
    residual: Vec<f64>,
    scaled: Vec<f64>,
    coefficients: Vec<f64>,
}

impl WeightedModel {
    /// `model` at `lambda`; `None` if the weighted covariates are linearly dependent.
    pub(crate) fn new(model: &TraitModel, lambda: f64) -> Option<Self> {
        let (d, n) = (model.d(), model.n());
        let h: Vec<f64> = d.iter().map(|d| lambda * d + 1.0).collect();
        let root: Vec<f64> = h.iter().map(|h| h.sqrt().recip()).collect();
        let rho: Vec<f64> = d.iter().zip(&h).map(|(d, h)| d / h).collect();
        let is_large = lambda * model.mean_eigenvalue() > 1.0;
        let shifted = is_large.then(|| h.iter().map(|h| -1.0 / (lambda * h)).collect());
        let columns = model.basis().q.iter();
        let columns: Vec<Vec<f64>> = columns
            .map(|q| root.iter().zip(q).map(|(w, q)| w * q).collect())
            .collect();
        let basis = OrthonormalBasis::above(DEPENDENT_BELOW, &columns).ok()?;
        let log_det = (basis.r.iter().filter_map(|r| r.last()))
            .map(|r| 2.0 * r.ln())
            .sum();
        let mut weighted = Self {
            lambda,
            n,
            root,
            rho,
            shifted,
            basis,
            residual: Vec::new(),
            beta: Vec::new(),
            least_a: 0.0,
            null: Moments::NAN,
        };
        weighted.project(model);
        weighted.null = Moments {
            log_det_h: log_determinant(lambda, d),
            log_det,
            ..weighted.moments_without_snp()
        };
        Some(weighted)
    }

    /// The moments without a SNP.
    pub(crate) fn null_moments(&self) -> Moments {
        self.null
    }

    /// β̂ of the columns of Q, and the rows of the lower Cholesky factor of QᵀH⁻¹Q.
    pub(crate) fn solution(&self) -> (&[f64], Vec<f64>) {
        // Column j of R has j + 1 numbers: row j of Rᵀ.
        (&self.beta, self.basis.r.concat())
    }

    /// The moments with the SNP `x`, with xᵀx = `xx`; derivatives only if `weights` requests them.
    ///
    /// `None` if the weighted x is a combination of the weighted covariates.
    pub(crate) fn moments(
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
            self.add_derivatives(snp, &mut moments);
        }
        Some(moments)
    }

    /// The moments with several columns of a SNP, orthonormal before weighting; derivatives only if `weights` requests them.
    /// `columns` is filled with what is left of them.
    ///
    /// `None` if a weighted column is a combination of the weighted covariates and the columns before it.
    pub(crate) fn moments_of_columns(
        &self,
        x: &[&[f64]],
        weights: Weights,
        snp: &mut WeightedSnp,
        columns: &mut Columns,
    ) -> Option<Moments> {
        let m = x.len();
        (columns.m, columns.l) = (m, vec![0.0; m * m]);
        columns.p.clear();
        columns.b.clear();
        let mut unit: Vec<Vec<f64>> = Vec::with_capacity(m);
        let mut residual = self.residual.clone();
        let mut with_y = Vec::with_capacity(m);
        for (i, x) in x.iter().enumerate() {
            scale(&self.root, x, &mut snp.q);
            let before = dot(&snp.q, &snp.q).sqrt();
            for _ in 0..2 {
                snp.coefficients.resize(self.basis.q.len(), 0.0);
                dots(&self.basis.q, &snp.q, &mut snp.coefficients);
                subtract(&self.basis.q, &snp.coefficients, &mut snp.q);
                snp.coefficients.resize(i, 0.0);
                dots(&unit, &snp.q, &mut snp.coefficients);
                subtract(&unit, &snp.coefficients, &mut snp.q);
                for (j, r) in snp.coefficients.iter().enumerate() {
                    columns.l[i * m + j] += r;
                }
            }
            let norm = dot(&snp.q, &snp.q).sqrt();
            // The negation also catches NaN.
            if !(norm > DEPENDENT_BELOW * before) {
                return None;
            }
            let q: Vec<f64> = snp.q.iter().map(|q| q / norm).collect();
            // L has the norms of the columns before divided out.
            for j in 0..i {
                columns.l[i * m + j] /= columns.p[j].sqrt();
            }
            let b = dot(&q, &self.residual);
            columns.p.push(norm * norm);
            columns.b.push(b / norm);
            with_y.push(b);
            unit.push(q);
        }
        for (q, b) in unit.iter().zip(&with_y) {
            residual.iter_mut().zip(q).for_each(|(r, q)| *r -= b * q);
        }
        let mut moments = Moments {
            a: self.or_zero(dot(&residual, &residual)),
            beta: columns.b[m - 1],
            p_xx: columns.p[m - 1],
            log_det_factor: columns.p.iter().product(),
            ..self.null
        };
        if weights != Weights::One {
            snp.residual = residual;
            self.add_derivatives_of(&unit, snp, &mut moments);
        }
        Some(moments)
    }

    /// Updates the derivatives for the columns `unit` and the residual after them.
    fn add_derivatives_of(&self, unit: &[Vec<f64>], snp: &mut WeightedSnp, moments: &mut Moments) {
        let WeightedSnp {
            residual,
            scaled,
            coefficients,
            ..
        } = snp;
        coefficients.resize(self.basis.q.len(), 0.0);
        scale(&self.rho, residual, scaled);
        let of_columns: f64 = unit.iter().map(|q| dot(q, scaled).powi(2)).sum();
        dots(&self.basis.q, scaled, coefficients);
        moments.g = dot(residual, scaled);
        moments.gg = dot(scaled, scaled) - dot(coefficients, coefficients) - of_columns;
        for q in unit {
            scale(&self.rho, q, scaled);
            dots(&self.basis.q, scaled, coefficients);
            moments.trace_s1 += dot(q, scaled);
            moments.trace_s1_squared += 2.0 * dot(coefficients, coefficients);
            moments.trace_s1_squared += unit.iter().map(|q| dot(q, scaled).powi(2)).sum::<f64>();
            moments.trace_s2 += dot(scaled, scaled);
        }
        (moments.slope_terms[1], moments.slope_terms[2]) = match &self.shifted {
            None => (moments.trace_s1, moments.g),
            Some(weights) => {
                let of_columns = unit.iter().map(|q| weighted_square(weights, q, scaled));
                (
                    self.null.slope_terms[1] + of_columns.sum::<f64>(),
                    weighted_square(weights, residual, scaled),
                )
            }
        };
    }

    /// Updates the derivatives for the column of the SNP and the residual after it.
    fn add_derivatives(&self, snp: &mut WeightedSnp, moments: &mut Moments) {
        let WeightedSnp {
            q,
            residual,
            scaled,
            coefficients,
        } = snp;
        scale(&self.rho, residual, scaled);
        let of_x = dot(q, scaled);
        dots(&self.basis.q, scaled, coefficients);
        moments.g = dot(residual, scaled);
        moments.gg = dot(scaled, scaled) - dot(coefficients, coefficients) - of_x * of_x;
        scale(&self.rho, q, scaled);
        let own = dot(q, scaled);
        dots(&self.basis.q, scaled, coefficients);
        moments.trace_s1 += own;
        moments.trace_s1_squared += own * own + 2.0 * dot(coefficients, coefficients);
        moments.trace_s2 += dot(scaled, scaled);
        (moments.slope_terms[1], moments.slope_terms[2]) = match &self.shifted {
            None => (moments.trace_s1, moments.g),
            Some(weights) => (
                self.null.slope_terms[1] + weighted_square(weights, q, scaled),
                weighted_square(weights, residual, scaled),
            ),
        };
    }

    /// r̃, padded.
    pub(crate) fn residual(&self) -> &[f64] {
        &self.residual
    }

    /// q̃ of the SNP `x`; `None` if the weighted x is a combination of the weighted covariates.
    pub(crate) fn unit_snp<'s>(&self, x: &[f64], snp: &'s mut WeightedSnp) -> Option<&'s [f64]> {
        self.reduce(x, snp)?;
        Some(&snp.q)
    }

    /// Computes q̃ of the SNP; returns P_xx^½.
    fn reduce(&self, x: &[f64], snp: &mut WeightedSnp) -> Option<f64> {
        scale(&self.root, x, &mut snp.q);
        self.reduce_weighted(&mut snp.q, &mut snp.coefficients)
    }

    /// Regresses the weighted covariates out of the weighted column `x` and divides it by its norm, which is returned.
    ///
    /// `None` if x is a combination of the weighted covariates; x is then arbitrary.
    pub(crate) fn reduce_weighted(
        &self,
        x: &mut [f64],
        coefficients: &mut Vec<f64>,
    ) -> Option<f64> {
        coefficients.resize(self.basis.q.len(), 0.0);
        let before = dot(x, x).sqrt();
        for _ in 0..2 {
            dots(&self.basis.q, x, coefficients);
            subtract(&self.basis.q, coefficients, x);
        }
        let norm = dot(x, x).sqrt();
        // The negation also catches NaN.
        if !(norm > DEPENDENT_BELOW * before) {
            return None;
        }
        x.iter_mut().for_each(|x| *x /= norm);
        Some(norm)
    }

    /// Computes r̃, β̂ and the value below which a residual is rounding error.
    fn project(&mut self, model: &TraitModel) {
        scale(&self.root, model.y(), &mut self.residual);
        let total = dot(&self.residual, &self.residual);
        let coefficients = self.basis.remove_from(&mut self.residual);
        self.beta = self.basis.coefficients_of_columns(&coefficients);
        // The rounding error of the rotation is relative to the phenotype before the covariates are regressed out.
        let n = self.n as f64;
        let mean_weight = self.root[..self.n].iter().map(|w| w * w).sum::<f64>() / n;
        let noise = n * (f64::EPSILON * model.trait_norm()).powi(2) * mean_weight;
        self.least_a = (PERFECT_FIT + PERFECT_FIT_EACH * n) * total + noise;
    }

    fn moments_without_snp(&self) -> Moments {
        let mut scaled = Vec::new();
        let mut moments = Moments {
            lambda: self.lambda,
            a: self.or_zero(dot(&self.residual, &self.residual)),
            log_det_factor: 1.0,
            sum_dw: self.rho.iter().sum(),
            sum_dw_squared: dot(&self.rho, &self.rho),
            ..Moments::NAN
        };
        scale(&self.rho, &self.residual, &mut scaled);
        moments.g = dot(&self.residual, &scaled);
        let mut coefficients = vec![0.0; self.basis.q.len()];
        dots(&self.basis.q, &scaled, &mut coefficients);
        moments.gg = dot(&scaled, &scaled) - dot(&coefficients, &coefficients);
        (moments.trace_s1, moments.trace_s1_squared, moments.trace_s2) = (0.0, 0.0, 0.0);
        for (j, q) in self.basis.q.iter().enumerate() {
            scale(&self.rho, q, &mut scaled);
            dots(&self.basis.q, &scaled, &mut coefficients);
            moments.trace_s1 += coefficients[j];
            moments.trace_s1_squared += dot(&coefficients, &coefficients);
            moments.trace_s2 += dot(&scaled, &scaled);
        }
        moments.slope_terms = match &self.shifted {
            None => [moments.sum_dw, moments.trace_s1, moments.g],
            Some(weights) => {
                let columns = self.basis.q.iter();
                [
                    // The padding has h = 1, so it is excluded from the sum that has no column.
                    weights[..self.n].iter().sum(),
                    columns
                        .map(|q| weighted_square(weights, q, &mut scaled))
                        .sum(),
                    weighted_square(weights, &self.residual, &mut scaled),
                ]
            }
        };
        moments
    }

    /// A, or 0 if it is only rounding error.
    fn or_zero(&self, a: f64) -> f64 {
        if a <= self.least_a { 0.0 } else { a }
    }
}

/// `out` = w ∘ x.
fn scale(w: &[f64], x: &[f64], out: &mut Vec<f64>) {
    out.clear();
    out.extend(w.iter().zip(x).map(|(w, x)| w * x));
}

/// Σ w x².
fn weighted_square(w: &[f64], x: &[f64], scratch: &mut Vec<f64>) -> f64 {
    scale(w, x, scratch);
    dot(x, scratch)
}
