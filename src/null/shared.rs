//! The values shared by all SNPs at one λ: those of covariates and phenotype, without x.
//!
//! Let Q be the basis of the covariates, G = QᵀH⁻¹Q, S₁ = QᵀW₂Q, S₂ = QᵀW₃Q, α = G⁻¹QᵀH⁻¹y and r₀ = y − Qα, and for a SNP
//! z = G⁻¹QᵀH⁻¹x and x̃ = x − Qz. Blockwise inversion of [Q x]ᵀH⁻¹[Q x] gives
//!
//! * P_xx = Σ w₁x² − zᵀQᵀH⁻¹x, P_xy = Σ w₁xy − αᵀQᵀH⁻¹x, β̂ = P_xy/P_xx, r = r₀ − β̂x̃, A = Σ w₁r₀² − β̂P_xy
//! * Σ w r² = Σ w r₀² − 2β̂ Σ w x̃r₀ + β̂² Σ w x̃² for the weights w₂ and w₃
//! * tr of the whole G⁻¹S = tr G⁻¹S + Σ w x̃²/P_xx, and the squares likewise with t = QᵀW₂x̃
//!
//! so that an evaluation takes one pass over the individuals, for the sums with x only, and its cost hardly grows with c.
//!
//! # The shared part between tabulated λ
//!
//! Every shared value is an analytic function of λ except on the negative axis: all weights are functions of λd + 1, and
//! for any other complex λ the values 1/(λd + 1), d ≥ 0, lie in a half-plane that does not touch 0, so that |G| ≠ 0.
//! A panel spans a quarter of a decade, λ = m (1+s)/(1−s) with |s| ≤ σ = 0.143, which maps the negative axis to the real
//! s beyond ±1. The error of interpolation in [`NODES`] Chebyshev points then falls as ρ^−NODES with
//! ρ = 1/σ + √(1/σ² − 1) = 13.9, and is below 10⁻¹⁶.
//! Source: Trefethen 2013, Approximation Theory and Approximation Practice, chapters 5 and 8.

use super::model::TraitModel;
use super::moments::Moments;
use super::small::{factorise, solve, sum_of_products, whitened};
use crate::kernels::combinations::combine;
use crate::kernels::padded;
use crate::kernels::snp_sums::{LARGEST_PRODUCT, SnpSums};
use crate::kernels::weighted_sums::{
    PairSums, ResidualSums, Weights, log_determinant, n_pairs, pair_sums, residual_sums,
};
use std::f64::consts::PI;
use std::sync::OnceLock;

/// Chebyshev points of a panel.
const NODES: usize = 14;
/// Panels in a decade of λ.
const PANELS_PER_DECADE: f64 = 4.0;
/// λ above this, or below its inverse, is not tabulated.
const LARGEST_LAMBDA: f64 = 1e20;
/// If less than this fraction of a sum is left after a subtraction, the weighted form is used ([`super::weighted`]).
pub(crate) const DIGITS_LOST: f64 = 1e-3;
/// If less than this fraction of the weighted square of a covariate is left after the others, G⁻¹ has too few digits.
pub(crate) const ILL_CONDITIONED: f64 = 1e-6;
/// If less than this fraction of the weighted yᵀy is left after the covariates, P_xy has too few digits.
const EXPLAINED_PHENOTYPE: f64 = 1e-9;
/// Above this λd̄ the terms of the slope cancel except for their last digits.
pub(crate) const LARGEST_MEAN_PRODUCT: f64 = 1e9;

// Indices of the scalars in `SharedValues`, which come before the vectors and matrices.
const LOG_DET_H: usize = 0;
const SUM_DW: usize = 1;
const SUM_DW_SQUARED: usize = 2;
const LOG_DET_G: usize = 3;
const TRACE_S1: usize = 4;
const TRACE_S2: usize = 5;
const TRACE_S1_SQUARED: usize = 6;
/// Σ w₁r₀², Σ w₂r₀², Σ w₃r₀².
const RR: [usize; 3] = [7, 8, 9];
/// uᵀG⁻¹u for u = QᵀW₂r₀.
const U_G_U: usize = 10;
const SCALARS: usize = 11;

/// The shared values at one λ in this order: scalars, α, QᵀW₂r₀, QᵀW₃r₀, G⁻¹, S₁ and S₂, padded to whole lanes.
#[derive(Debug, Clone, Default)]
pub(crate) struct SharedValues {
    c: usize,
    values: Vec<f64>,
}

impl SharedValues {
    /// The values at `lambda`; `None` if they lose digits because QᵀH⁻¹Q is nearly singular or λ is large.
    pub(crate) fn new(model: &TraitModel, lambda: f64) -> Option<Self> {
        let (d, c) = (model.d(), model.c());
        if lambda * model.mean_eigenvalue() > LARGEST_MEAN_PRODUCT {
            return None;
        }
        let columns = columns_of(model);
        let mut sums = PairSums::default();
        pair_sums(lambda, d, &columns, Weights::Three, &mut sums);
        let (mut cholesky, mut small) = (Vec::new(), Vec::new());
        let log_det = factorise(&sums.w1[..n_pairs(c)], c, &mut cholesky)?;
        let diagonal = |j: usize| n_pairs(j) + j;
        if (0..c).any(|j| !(cholesky[diagonal(j)].powi(2) > ILL_CONDITIONED * sums.w1[diagonal(j)]))
        {
            return None;
        }
        let with_y = n_pairs(c)..n_pairs(c) + c;
        let mut alpha = sums.w1[with_y.clone()].to_vec();
        solve(&cholesky, c, &mut alpha);
        let mut residual = ResidualSums::default();
        residual_sums(&sums, d, model.y(), &columns[..c], &alpha, &mut residual);
        if !(residual.w1_rr > EXPLAINED_PHENOTYPE * sums.w1[diagonal(c)]) {
            return None;
        }
        let full = |triangle: &[f64]| -> Vec<f64> {
            let at = |i: usize, j: usize| triangle[n_pairs(i.max(j)) + i.min(j)];
            (0..c * c).map(|k| at(k / c, k % c)).collect()
        };
        let (s1, s2) = (full(&sums.w2), full(&sums.w3));
        let mut inverse = vec![0.0; c * c];
        for (j, column) in inverse.chunks_exact_mut(c).enumerate() {
            column[j] = 1.0;
            solve(&cholesky, c, column);
        }
        let u = &residual.w2_ar;
        let third = sums.w3[with_y].iter().zip(s2.chunks_exact(c));
        let third: Vec<f64> = third
            .map(|(v, s2)| v - sum_of_products(s2, &alpha))
            .collect();
        let mut g_u = u.clone();
        solve(&cholesky, c, &mut g_u);
        let (trace_s1, trace_s1_squared) = whitened(&cholesky, &sums.w2, c, &mut small);
        let mut values = vec![0.0; SCALARS];
        values[LOG_DET_H] = log_determinant(lambda, d);
        (values[SUM_DW], values[SUM_DW_SQUARED]) = sums.traces;
        values[LOG_DET_G] = log_det;
        values[TRACE_S1] = trace_s1;
        values[TRACE_S1_SQUARED] = trace_s1_squared;
        values[TRACE_S2] = whitened(&cholesky, &sums.w3, c, &mut small).0;
        for (place, sum) in RR
            .into_iter()
            .zip([residual.w1_rr, residual.w2_rr, residual.w3_rr])
        {
            values[place] = sum;
        }
        values[U_G_U] = sum_of_products(u, &g_u);
        for part in [&alpha, u, &third, &inverse, &s1, &s2] {
            values.extend_from_slice(part);
        }
        values.resize(padded(values.len()), 0.0);
        Some(Self { c, values })
    }

    /// Vector `k` of α, QᵀW₂r₀ and QᵀW₃r₀.
    fn vector(&self, k: usize) -> &[f64] {
        &self.values[SCALARS + k * self.c..][..self.c]
    }

    /// Matrix `k` of G⁻¹, S₁ and S₂.
    fn matrix(&self, k: usize) -> &[f64] {
        &self.values[SCALARS + 3 * self.c + k * self.c * self.c..][..self.c * self.c]
    }

    /// The moments with a SNP whose sums at this `lambda` are `snp` (with the covariates, y and x), except
    /// [`Moments::log_det_factor`]; second derivatives only if `weights` requests them.
    ///
    /// `None` if a difference loses digits: the weighted x is nearly a combination of the weighted covariates, or explains
    /// nearly all of y.
    pub(crate) fn moments(
        &self,
        lambda: f64,
        snp: &SnpSums,
        weights: Weights,
        small: &mut Vec<f64>,
    ) -> Option<Moments> {
        let c = self.c;
        small.resize(4 * c, 0.0);
        let (z, rest) = small.split_at_mut(c);
        let (s_z, rest) = rest.split_at_mut(c);
        let (t, g_t) = rest.split_at_mut(c);
        let (alpha, u) = (self.vector(0), self.vector(1));
        let value = |k: usize| self.values[k];
        let v = &snp.w[0];
        multiply(self.matrix(0), &v[..c], z);
        let p_xx = v[c + 1] - sum_of_products(z, &v[..c]);
        let p_xy = v[c] - sum_of_products(&v[..c], alpha);
        let beta = p_xy / p_xx;
        let a = value(RR[0]) - beta * p_xy;
        let v2 = &snp.w[1];
        multiply(self.matrix(1), z, s_z);
        let xx2 = v2[c + 1] - 2.0 * sum_of_products(z, &v2[..c]) + sum_of_products(z, s_z);
        let xr2 = v2[c] - sum_of_products(&v2[..c], alpha) - sum_of_products(z, u);
        let g = value(RR[1]) - 2.0 * beta * xr2 + beta * beta * xx2;
        // The negation also catches NaN.
        if !(p_xx > DIGITS_LOST * v[c + 1]
            && a > DIGITS_LOST * value(RR[0])
            && xx2 > DIGITS_LOST * v2[c + 1]
            && g > DIGITS_LOST * value(RR[1]))
        {
            return None;
        }
        for ((t, v2), s_z) in t.iter_mut().zip(v2).zip(&*s_z) {
            *t = v2 - s_z;
        }
        multiply(self.matrix(0), t, g_t);
        let t_g_t = sum_of_products(t, g_t);
        let trace_x = xx2 / p_xx;
        let mut moments = Moments {
            lambda,
            a,
            beta,
            p_xx,
            log_det_h: value(LOG_DET_H),
            log_det: value(LOG_DET_G),
            g,
            trace_s1: value(TRACE_S1) + trace_x,
            trace_s1_squared: value(TRACE_S1_SQUARED) + 2.0 * t_g_t / p_xx + trace_x * trace_x,
            sum_dw: value(SUM_DW),
            sum_dw_squared: value(SUM_DW_SQUARED),
            slope_terms: [value(SUM_DW), value(TRACE_S1) + trace_x, g],
            ..Moments::NAN
        };
        if weights == Weights::Three {
            let v3 = &snp.w[2];
            multiply(self.matrix(2), z, s_z);
            let xx3 = v3[c + 1] - 2.0 * sum_of_products(z, &v3[..c]) + sum_of_products(z, s_z);
            let xr3 = v3[c] - sum_of_products(&v3[..c], alpha) - sum_of_products(z, self.vector(2));
            let rr3 = value(RR[2]) - 2.0 * beta * xr3 + beta * beta * xx3;
            let of_covariates =
                value(U_G_U) - 2.0 * beta * sum_of_products(u, g_t) + beta * beta * t_g_t;
            let of_x = xr2 - beta * xx2;
            moments.gg = rr3 - of_covariates - of_x * of_x / p_xx;
            moments.trace_s2 = value(TRACE_S2) + xx3 / p_xx;
        }
        Some(moments)
    }
}

/// `out` = Mv for a symmetric c × c matrix.
fn multiply(m: &[f64], v: &[f64], out: &mut [f64]) {
    for (row, out) in m.chunks_exact(v.len()).zip(out) {
        *out = sum_of_products(row, v);
    }
}

/// The covariates, then y.
fn columns_of(model: &TraitModel) -> Vec<&[f64]> {
    let basis = model.basis().q.iter().map(Vec::as_slice);
    basis.chain([model.y()]).collect()
}

/// The shared values at any λ, by interpolation.
pub(crate) struct SharedTable<'m> {
    model: &'m TraitModel,
    columns: Vec<&'m [f64]>,
    /// Largest λ that the kernels accept.
    largest: f64,
    /// Index of the first panel, which begins at 10^(`first`/4).
    first: f64,
    /// Computed on first use; the inner value is `None` if the covariates are singular.
    panels: Vec<OnceLock<Option<Panel>>>,
    nodes: [f64; NODES],
    /// Weights of barycentric interpolation.
    weights: [f64; NODES],
}

/// The shared values at the nodes of one panel, node by node.
struct Panel {
    middle: f64,
    values: Vec<f64>,
}

impl<'m> SharedTable<'m> {
    /// The table of `model` for λ from `min` to `max`.
    pub(crate) fn new(model: &'m TraitModel, min: f64, max: f64) -> Self {
        let panel = |lambda: f64| {
            let lambda = lambda.clamp(LARGEST_LAMBDA.recip(), LARGEST_LAMBDA);
            (PANELS_PER_DECADE * lambda.log10()).floor()
        };
        let (first, last) = (panel(min), panel(max));
        let d_max = model.d().iter().copied().fold(1.0, f64::max);
        let half = 10_f64.powf(0.5 / PANELS_PER_DECADE);
        let sigma = (half - 1.0) / (half + 1.0);
        let angle = |k: usize| PI * (k as f64 + 0.5) / NODES as f64;
        let sign = |k: usize| if k.is_multiple_of(2) { 1.0 } else { -1.0 };
        Self {
            model,
            columns: columns_of(model),
            largest: LARGEST_PRODUCT / d_max,
            first,
            panels: (0..=(last - first) as usize)
                .map(|_| OnceLock::new())
                .collect(),
            nodes: std::array::from_fn(|k| sigma * angle(k).cos()),
            weights: std::array::from_fn(|k| sign(k) * angle(k).sin()),
        }
    }

    pub(crate) fn model(&self) -> &'m TraitModel {
        self.model
    }

    /// The columns shared by all SNPs: the covariates, then y.
    pub(crate) fn columns(&self) -> &[&'m [f64]] {
        &self.columns
    }

    /// Fills `out` with the values at `lambda`; `None` outside the table or if the covariates are singular.
    pub(crate) fn at(&self, lambda: f64, out: &mut SharedValues) -> Option<()> {
        // NaN and values outside the table have no panel.
        let index = (PANELS_PER_DECADE * lambda.log10()).floor() - self.first;
        if !(index >= 0.0 && lambda <= self.largest) {
            return None;
        }
        let panel = self
            .panels
            .get(index as usize)?
            .get_or_init(|| self.panel(self.first + index))
            .as_ref()?;
        let s = (lambda - panel.middle) / (lambda + panel.middle);
        let mut coefficients = [0.0; NODES];
        if let Some(k) = self.nodes.iter().position(|node| s == *node) {
            coefficients[k] = 1.0;
        } else {
            for (k, coefficient) in coefficients.iter_mut().enumerate() {
                *coefficient = self.weights[k] / (s - self.nodes[k]);
            }
            let total: f64 = coefficients.iter().sum();
            coefficients.iter_mut().for_each(|c| *c /= total);
        }
        out.c = self.model.c();
        out.values.resize(panel.values.len() / NODES, 0.0);
        combine(&panel.values, &coefficients, &mut out.values);
        Some(())
    }

    /// The panel from 10^(`index`/4) to 10^((`index`+1)/4).
    fn panel(&self, index: f64) -> Option<Panel> {
        let middle = 10_f64.powf((index + 0.5) / PANELS_PER_DECADE);
        let mut values = Vec::new();
        for s in self.nodes {
            let lambda = middle * (1.0 + s) / (1.0 - s);
            values.extend(SharedValues::new(self.model, lambda)?.values);
        }
        Some(Panel { middle, values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::null::likelihood::{Likelihood, Scratch};
    use crate::null::tests::Study;

    #[test]
    fn interpolated_values_equal_those_at_the_point() {
        for c in 1..=4 {
            let study = Study::simulate(50 + c as u64, 70, c, 0.4);
            let model = study.model();
            let table = SharedTable::new(&model, 1e-5, 1e5);
            let mut between = SharedValues::default();
            for step in 0..400 {
                let lambda = 1e-5 * 10_f64.powf(f64::from(step) * 0.0249);
                table.at(lambda, &mut between).expect("inside the table");
                let exact = SharedValues::new(&model, lambda).expect("regular");
                for (k, (a, b)) in between.values.iter().zip(&exact.values).enumerate() {
                    // Off-diagonal values are differences, so that the diagonal sets their scale. The logarithm of
                    // a product near 1 has the rounding error of 1, and uᵀG⁻¹u is a part of Σ w₃r².
                    let least = match k {
                        LOG_DET_H | LOG_DET_G => 1.0,
                        U_G_U => exact.values[RR[2]],
                        _ => 0.0,
                    };
                    let kind = if k < SCALARS {
                        k..k + 1
                    } else {
                        SCALARS..exact.values.len()
                    };
                    let size = exact.values[kind].iter().fold(least, |m, v| m.max(v.abs()));
                    assert!(
                        (a - b).abs() <= 1e-11 * size,
                        "{k} at {lambda}: {a} is not {b}"
                    );
                }
            }
            for outside in [0.0, 1e-6, 1e6, f64::INFINITY, f64::NAN, -1.0] {
                assert!(table.at(outside, &mut between).is_none(), "{outside}");
            }
        }
    }

    #[test]
    fn one_pass_gives_the_moments_of_the_residual_form() {
        for c in 1..=5 {
            let study = Study::simulate(70 + c as u64, 90, c, 0.5);
            let model = study.model();
            let x = study.rotated_snp(&model);
            let table = SharedTable::new(&model, 1e-5, 1e5);
            let xx = x.iter().map(|x| x * x).sum();
            let (mut one, mut two) = (Scratch::default(), Scratch::default());
            let mut fast = Likelihood::of_snp(&x, xx, &table, &mut one);
            let mut slow = Likelihood::new(&model, Some(&x), &mut two);
            for lambda in [1e-5, 3e-3, 0.2, 1.0, 7.0, 400.0, 9e4] {
                let a = fast.moments(lambda, Weights::Three).expect("moments");
                let b = slow.moments(lambda, Weights::Three).expect("moments");
                let log_det = |m: &Moments| m.log_det + m.log_det_factor.ln();
                for (name, a, b) in [
                    ("A", a.a, b.a),
                    ("P_xx", a.p_xx, b.p_xx),
                    ("ln|H|", a.log_det_h, b.log_det_h),
                    ("g", a.g, b.g),
                    ("gg", a.gg, b.gg),
                    ("tr S1", a.trace_s1, b.trace_s1),
                    ("tr S2", a.trace_s2, b.trace_s2),
                    ("tr S1 S1", a.trace_s1_squared, b.trace_s1_squared),
                    ("sum dw", a.sum_dw, b.sum_dw),
                    ("sum dw dw", a.sum_dw_squared, b.sum_dw_squared),
                ] {
                    assert!(
                        (a - b).abs() <= 1e-11 * b.abs(),
                        "{name} at {lambda}, c = {c}: {a} is not {b}"
                    );
                }
                assert!((log_det(&a) - log_det(&b)).abs() <= 1e-10);
                let scale = (b.a / b.p_xx).sqrt();
                assert!((a.beta - b.beta).abs() <= 1e-12 * scale);
            }
        }
    }
}
