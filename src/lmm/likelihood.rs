//! The likelihoods of λ and their derivatives, in a form that keeps its digits as λ → 0.
//!
//! With r = y − Xβ̂ the generalised least squares residual, G = XᵀH⁻¹X, S₁ = XᵀH⁻¹DH⁻¹X, S₂ = XᵀH⁻¹DH⁻¹DH⁻¹X and
//! u = XᵀH⁻¹DH⁻¹r:
//!
//! * g = yᵀPKPy = Σ d r²/h², gg = yᵀPKPKPy = Σ d² r²/h³ − uᵀG⁻¹u
//! * ML:   ℓ'   = −½ Σ d/h + ½ n g/A, ℓ'' = ½ Σ d²/h² − ½ n (2 gg A − g²)/A²
//! * REML: ℓ_R' = −½ (Σ d/h − tr G⁻¹S₁) + ½ ν g/A,
//!   ℓ_R'' = ½ (Σ d²/h² − 2 tr G⁻¹S₂ + tr (G⁻¹S₁)²) − ½ ν (2 gg A − g²)/A²
//!
//! These equal the derivatives of Zhou & Stephens 2012 (Supplementary Note 3.1.3), which subtract nearly equal numbers
//! and divide by λ².

use super::RotatedModel;
use crate::kernels::orthonormal::dot;
use crate::kernels::weighted_sums::{
    PairSums, ResidualSums, Weights, log_determinant, n_pairs, pair_sums, residual_sums,
};
use std::f64::consts::PI;

/// Which likelihood is maximised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criterion {
    /// Maximum likelihood.
    Ml,
    /// Restricted maximum likelihood.
    Reml,
}

/// yᵀPy below this share of yᵀy is a residual of rounding only: the model fits the phenotype perfectly.
const PERFECT_FIT: f64 = 1e-26;
/// What GEMMA puts in place of a yᵀPy of exactly 0 inside the logarithm.
const A_FOR_PERFECT_FIT: f64 = 1e-8;

/// What both likelihoods need at one λ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// λ.
    pub lambda: f64,
    /// A = yᵀPy; 0 where the fit is perfect.
    pub a: f64,
    /// ln|XᵀH⁻¹X| − ln|XᵀX|.
    log_det: f64,
    g: f64,
    gg: f64,
    trace_s1: f64,
    trace_s2: f64,
    trace_s1_squared: f64,
    sum_dw: f64,
    sum_dw_squared: f64,
}

/// The likelihood of one model: the covariates, and for a SNP its column x.
pub struct Likelihood<'m> {
    model: &'m RotatedModel,
    /// Rotated SNP after the covariates, padded; `None` under the null hypothesis.
    x: Option<&'m [f64]>,
    /// ln xᵀx: what XᵀX has beyond the orthonormal basis.
    log_det_unweighted: f64,
    scratch: &'m mut Scratch,
}

/// Memory that the evaluations reuse.
#[derive(Debug, Default)]
pub struct Scratch {
    pairs: PairSums,
    residual: ResidualSums,
    /// Lower triangular Cholesky factor of G, k × k, row by row.
    cholesky: Vec<f64>,
    beta: Vec<f64>,
    small: Vec<f64>,
}

impl<'m> Likelihood<'m> {
    /// The likelihood of `model` with the SNP `x` (rotated, padded, orthogonal to the covariates) or without one.
    pub fn new(model: &'m RotatedModel, x: Option<&'m [f64]>, scratch: &'m mut Scratch) -> Self {
        let log_det_unweighted = x.map_or(0.0, |x| dot(x, x).ln());
        Self {
            model,
            x,
            log_det_unweighted,
            scratch,
        }
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &'m RotatedModel {
        self.model
    }

    /// Swept columns: c, or c + 1 with a SNP.
    #[must_use]
    pub fn k(&self) -> usize {
        self.model.c() + usize::from(self.x.is_some())
    }

    /// Everything at `lambda`; derivatives only as far as `weights` goes. `None` where XᵀH⁻¹X is not positive definite.
    pub fn moments(&mut self, lambda: f64, weights: Weights) -> Option<Moments> {
        let (d, k) = (self.model.d(), self.k());
        let mut columns: Vec<&[f64]> = Vec::with_capacity(k + 1);
        columns.extend(self.model.basis().q.iter().map(Vec::as_slice));
        columns.extend(self.x);
        columns.push(self.model.y());
        let Scratch {
            pairs,
            residual,
            cholesky,
            beta,
            small,
        } = &mut *self.scratch;
        pair_sums(lambda, d, &columns, weights, pairs);
        let log_det = factorise(&pairs.w1[..n_pairs(k)], k, cholesky)?;
        beta.clear();
        beta.extend_from_slice(&pairs.w1[n_pairs(k)..n_pairs(k) + k]);
        solve(cholesky, k, beta);
        residual_sums(pairs, d, self.model.y(), &columns[..k], beta, residual);
        let total = pairs.w1[n_pairs(k) + k];
        let a = if residual.w1_rr <= PERFECT_FIT * total {
            0.0
        } else {
            residual.w1_rr
        };
        let mut moments = Moments {
            lambda,
            a,
            log_det: log_det - self.log_det_unweighted,
            g: residual.w2_rr,
            gg: f64::NAN,
            trace_s1: f64::NAN,
            trace_s2: f64::NAN,
            trace_s1_squared: f64::NAN,
            sum_dw: f64::NAN,
            sum_dw_squared: f64::NAN,
        };
        if weights != Weights::One {
            (moments.sum_dw, moments.sum_dw_squared) = pairs.traces;
            (moments.trace_s1, moments.trace_s1_squared) = whitened(cholesky, &pairs.w2, k, small);
        }
        if weights == Weights::Three {
            (moments.trace_s2, _) = whitened(cholesky, &pairs.w3, k, small);
            // uᵀG⁻¹u = |L⁻¹u|².
            small.clear();
            small.extend_from_slice(&residual.w2_ar);
            forward(cholesky, k, small);
            moments.gg = residual.w3_rr - small.iter().map(|u| u * u).sum::<f64>();
        }
        Some(moments)
    }

    /// A and first derivatives from the packed triangles `g` and `s1` of Σ w₁ab and Σ w₂ab over the swept columns and,
    /// last, y; loses digits where the columns explain nearly all of y.
    pub(super) fn moments_of_sums(
        &mut self,
        lambda: f64,
        g: &[f64],
        s1: &[f64],
        traces: (f64, f64),
    ) -> Option<Moments> {
        let k = self.k();
        let Scratch {
            cholesky,
            beta,
            small,
            ..
        } = &mut *self.scratch;
        let log_det = factorise(&g[..n_pairs(k)], k, cholesky)?;
        let v = &g[n_pairs(k)..];
        beta.clear();
        beta.extend_from_slice(&v[..k]);
        solve(cholesky, k, beta);
        let with_y = &s1[n_pairs(k)..];
        let mut quadratic = 0.0;
        for i in 0..k {
            for j in 0..k {
                quadratic += beta[i] * beta[j] * s1[n_pairs(i.max(j)) + i.min(j)];
            }
        }
        let (trace_s1, trace_s1_squared) = whitened(cholesky, s1, k, small);
        Some(Moments {
            lambda,
            a: v[k] - sum_of_products(&v[..k], beta),
            log_det: log_det - self.log_det_unweighted,
            g: with_y[k] - 2.0 * sum_of_products(&with_y[..k], beta) + quadratic,
            gg: f64::NAN,
            trace_s1,
            trace_s2: f64::NAN,
            trace_s1_squared,
            sum_dw: traces.0,
            sum_dw_squared: traces.1,
        })
    }

    /// β̂ of the last swept column and its P_xx = 1/(G⁻¹)_xx, at the λ of the last evaluation.
    #[must_use]
    pub fn last_effect(&self) -> (f64, f64) {
        let k = self.k();
        let pivot = self.scratch.cholesky[n_pairs(k) - 1];
        (self.scratch.beta[k - 1], pivot * pivot)
    }

    /// β̂ of all swept columns and the lower Cholesky factor of G, at the λ of the last evaluation.
    #[must_use]
    pub(crate) fn last_solution(&self) -> (&[f64], &[f64]) {
        (&self.scratch.beta, &self.scratch.cholesky)
    }

    /// The log-likelihood, given the moments and Σ ln h at their λ.
    #[must_use]
    pub fn value(&self, criterion: Criterion, m: &Moments, log_det_h: f64) -> f64 {
        let df = self.df(criterion);
        let a = if m.a == 0.0 { A_FOR_PERFECT_FIT } else { m.a };
        let log_det = if criterion == Criterion::Reml {
            m.log_det
        } else {
            0.0
        };
        0.5 * df * (df.ln() - (2.0 * PI).ln() - 1.0)
            - 0.5 * log_det_h
            - 0.5 * log_det
            - 0.5 * df * a.ln()
    }

    /// The log-likelihood at `lambda`.
    pub fn value_at(&mut self, criterion: Criterion, lambda: f64) -> f64 {
        let log_det_h = log_determinant(lambda, self.model.d());
        self.moments(lambda, Weights::One)
            .map_or(f64::NAN, |m| self.value(criterion, &m, log_det_h))
    }

    /// First derivative in λ.
    #[must_use]
    pub fn slope(&self, criterion: Criterion, m: &Moments) -> f64 {
        let trace = match criterion {
            Criterion::Ml => m.sum_dw,
            Criterion::Reml => m.sum_dw - m.trace_s1,
        };
        -0.5 * trace + 0.5 * self.df(criterion) * m.g / m.a
    }

    /// Second derivative in λ.
    #[must_use]
    pub fn curvature(&self, criterion: Criterion, m: &Moments) -> f64 {
        let trace = match criterion {
            Criterion::Ml => m.sum_dw_squared,
            Criterion::Reml => m.sum_dw_squared - 2.0 * m.trace_s2 + m.trace_s1_squared,
        };
        0.5 * trace - 0.5 * self.df(criterion) * (2.0 * m.gg * m.a - m.g * m.g) / (m.a * m.a)
    }

    /// n for ML, ν = n − k for REML.
    fn df(&self, criterion: Criterion) -> f64 {
        match criterion {
            Criterion::Ml => self.model.n() as f64,
            Criterion::Reml => (self.model.n() - self.k()) as f64,
        }
    }
}

fn sum_of_products(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Cholesky factor of the packed lower triangle `g` into `l`; returns ln|G|, `None` where G is not positive definite.
fn factorise(g: &[f64], k: usize, l: &mut Vec<f64>) -> Option<f64> {
    l.clear();
    l.extend_from_slice(g);
    let mut log_det = 0.0;
    for j in 0..k {
        for i in j..k {
            let mut sum = l[n_pairs(i) + j];
            for m in 0..j {
                sum -= l[n_pairs(i) + m] * l[n_pairs(j) + m];
            }
            if i > j {
                l[n_pairs(i) + j] = sum / l[n_pairs(j) + j];
            } else if sum > 0.0 {
                log_det += sum.ln();
                l[n_pairs(j) + j] = sum.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(log_det)
}

/// b ← L⁻¹b.
pub(crate) fn forward(l: &[f64], k: usize, b: &mut [f64]) {
    for i in 0..k {
        let sum: f64 = (0..i).map(|m| l[n_pairs(i) + m] * b[m]).sum();
        b[i] = (b[i] - sum) / l[n_pairs(i) + i];
    }
}

/// b ← G⁻¹b = L⁻ᵀL⁻¹b.
pub(crate) fn solve(l: &[f64], k: usize, b: &mut [f64]) {
    forward(l, k, b);
    for i in (0..k).rev() {
        let sum: f64 = (i + 1..k).map(|m| l[n_pairs(m) + i] * b[m]).sum();
        b[i] = (b[i] - sum) / l[n_pairs(i) + i];
    }
}

/// tr M and tr M² of M = L⁻¹SL⁻ᵀ, which has the traces of G⁻¹S; S is the packed lower triangle `s`.
fn whitened(l: &[f64], s: &[f64], k: usize, m: &mut Vec<f64>) -> (f64, f64) {
    m.clear();
    m.resize(k * k, 0.0);
    // Rows of L⁻¹S, by forward substitution on the columns of the symmetric S.
    for (j, column) in m.chunks_exact_mut(k).enumerate() {
        for (i, x) in column.iter_mut().enumerate() {
            *x = s[n_pairs(i.max(j)) + i.min(j)];
        }
        forward(l, k, column);
    }
    // m[j*k + i] = (L⁻¹S)_ij; a second substitution along j gives (L⁻¹S L⁻ᵀ)_ij.
    let (mut trace, mut squares) = (0.0, 0.0);
    for i in 0..k {
        for j in 0..k {
            let sum: f64 = (0..j).map(|q| l[n_pairs(j) + q] * m[q * k + i]).sum();
            m[j * k + i] = (m[j * k + i] - sum) / l[n_pairs(j) + j];
            squares += m[j * k + i] * m[j * k + i];
        }
        trace += m[i * k + i];
    }
    (trace, squares)
}
