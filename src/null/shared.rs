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

use super::first_terms::{First, RR, SCALARS, Shared, multiply};
use super::model::TraitModel;
use super::moments::Moments;
use super::small::{factorise, solve, sum_of_products, whitened};
use crate::kernels::padded;
use crate::kernels::snp_sums::SnpSums;
use crate::kernels::weighted_sums::{
    PairSums, ResidualSums, Weights, log_determinant, n_pairs, pair_sums, residual_sums,
};

/// If less than this fraction of the weighted square of a covariate is left after the others, G⁻¹ has too few digits.
pub(crate) const ILL_CONDITIONED: f64 = 1e-6;
/// If less than this fraction of the weighted yᵀy is left after the covariates, P_xy has too few digits.
const EXPLAINED_PHENOTYPE: f64 = 1e-9;
/// Above this λd̄ the terms of the slope cancel except for their last digits.
pub(crate) const LARGEST_MEAN_PRODUCT: f64 = 1e9;

// Indices of the scalars in `SharedValues`, which come before the vectors and matrices.
pub(super) const LOG_DET_H: usize = 0;
pub(super) const SUM_DW: usize = 1;
pub(super) const SUM_DW_SQUARED: usize = 2;
pub(super) const LOG_DET_G: usize = 3;
pub(super) const TRACE_S1: usize = 4;
pub(super) const TRACE_S2: usize = 5;
pub(super) const TRACE_S1_SQUARED: usize = 6;
/// uᵀG⁻¹u for u = QᵀW₂r₀.
pub(super) const U_G_U: usize = 10;

/// The shared values at one λ in this order: scalars, α, QᵀW₂r₀, QᵀW₃r₀, G⁻¹, S₁ and S₂, padded to whole lanes.
#[derive(Debug, Clone, Default)]
pub(crate) struct SharedValues {
    pub(super) c: usize,
    pub(super) values: Vec<f64>,
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

    /// The moments with a SNP whose sums at this `lambda` are `snp` (with the covariates, y and x) and with
    /// xᵀx = `xx`; second derivatives only if `weights` requests them.
    ///
    /// `None` if a difference loses digits: the weighted x is nearly a combination of the weighted covariates, or explains
    /// nearly all of y.
    pub(crate) fn moments(
        &self,
        lambda: f64,
        snp: &SnpSums,
        xx: f64,
        weights: Weights,
        small: &mut Vec<f64>,
    ) -> Option<Moments> {
        // With one covariate, the intercept, all loops over covariates vanish.
        match self.c {
            1 => self.moments_with(1, lambda, snp, xx, weights, small),
            c => self.moments_with(c, lambda, snp, xx, weights, small),
        }
    }

    #[inline(always)]
    fn moments_with(
        &self,
        c: usize,
        lambda: f64,
        snp: &SnpSums,
        xx: f64,
        weights: Weights,
        small: &mut Vec<f64>,
    ) -> Option<Moments> {
        small.resize(4 * c, 0.0);
        let (z, rest) = small.split_at_mut(c);
        let (s_z, rest) = rest.split_at_mut(c);
        let (t, g_t) = rest.split_at_mut(c);
        let shared = Shared {
            c,
            values: &self.values,
        };
        let value = |k: usize| shared.value(k);
        let [v, v2, v3] = &snp.w;
        let first = shared.first_terms(v, v2, z, s_z);
        if !first.is_accurate() {
            return None;
        }
        let First {
            beta,
            p_xx,
            a,
            g,
            xx2,
            xr2,
            trace_x,
            ..
        } = first;
        let mut moments = Moments {
            lambda,
            a,
            beta,
            p_xx,
            log_det_h: value(LOG_DET_H),
            log_det: value(LOG_DET_G),
            log_det_factor: p_xx / xx,
            g,
            trace_s1: value(TRACE_S1) + trace_x,
            sum_dw: value(SUM_DW),
            sum_dw_squared: value(SUM_DW_SQUARED),
            slope_terms: [value(SUM_DW), value(TRACE_S1) + trace_x, g],
            ..Moments::NAN
        };
        if weights == Weights::Three {
            let (alpha, u) = (shared.vector(0), shared.vector(1));
            for ((t, v2), s_z) in t.iter_mut().zip(v2).zip(&*s_z) {
                *t = v2 - s_z;
            }
            multiply(shared.matrix(0), t, g_t);
            let t_g_t = sum_of_products(t, g_t);
            multiply(shared.matrix(2), z, s_z);
            let xx3 = v3[c + 1] - 2.0 * sum_of_products(z, &v3[..c]) + sum_of_products(z, s_z);
            let xr3 =
                v3[c] - sum_of_products(&v3[..c], alpha) - sum_of_products(z, shared.vector(2));
            let rr3 = value(RR[2]) - 2.0 * beta * xr3 + beta * beta * xx3;
            let of_covariates =
                value(U_G_U) - 2.0 * beta * sum_of_products(u, g_t) + beta * beta * t_g_t;
            let of_x = xr2 - beta * xx2;
            moments.gg = rr3 - of_covariates - of_x * of_x / p_xx;
            moments.trace_s1_squared =
                value(TRACE_S1_SQUARED) + 2.0 * t_g_t / p_xx + trace_x * trace_x;
            moments.trace_s2 = value(TRACE_S2) + xx3 / p_xx;
        }
        Some(moments)
    }
}

/// The covariates, then y.
pub(super) fn columns_of(model: &TraitModel) -> Vec<&[f64]> {
    let basis = model.basis().q.iter().map(Vec::as_slice);
    basis.chain([model.y()]).collect()
}
