//! The moments with several columns of one SNP, such as its genotypes and their products with an environment.
//!
//! The notation is that of [`super::shared`], with the columns X = [x₁ … x_m] in place of x. After the covariates,
//! X̃ = X − QZ with Z = G⁻¹QᵀH⁻¹X, and P = XᵀH⁻¹X̃ = L D Lᵀ with a unit lower triangular L. In the columns X̃L⁻ᵀ, which are
//! orthogonal under the weights, every term is a sum over columns. With p the diagonal of D, pᵢbᵢ = x̃ᵢᵀH⁻¹r₀ and Sₖ the
//! products of these columns under wₖ:
//!
//! * A = Σ w₁r₀² − Σ pᵢbᵢ², r = r₀ − X̃L⁻ᵀb; the last b is β̂ of the last column, and its p is 1/(P⁻¹) of that column
//! * Σ w r² = Σ w r₀² − 2 Σ bᵢ Σ w x̃ᵢr₀ + bᵀSb for the weights w₂ and w₃
//! * tr of the whole G⁻¹S₁ = tr G⁻¹S₁ + Σ (S₂)ᵢᵢ/pᵢ, and the squares likewise with Tᵢ = QᵀW₂x̃ᵢ
//!
//! The columns must be orthonormal before weighting, and orthogonal to the covariates, so that |XᵀX| = 1.

use super::first_terms::{DIGITS_LOST, RR, Shared, multiply};
use super::moments::Moments;
use super::number::Number;
use super::shared::{
    LOG_DET_G, LOG_DET_H, SUM_DW, SUM_DW_SQUARED, SharedValues, TRACE_S1, TRACE_S1_SQUARED,
    TRACE_S2, U_G_U,
};
use super::small::sum_of_products;
use crate::kernels::snp_sums::SnpSums;
use crate::kernels::weighted_sums::Weights;

/// What is left of the columns of a SNP after the covariates and the columns before them, at one λ.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Columns<T = f64> {
    /// Number of columns.
    pub(crate) m: usize,
    /// p of each column.
    pub(crate) p: Vec<T>,
    /// b of each column.
    pub(crate) b: Vec<T>,
    /// L, m × m, row by row; only the entries below the diagonal are used.
    pub(crate) l: Vec<T>,
}

/// Scratch memory for the terms of several columns.
#[derive(Debug, Default)]
pub(crate) struct ColumnScratch<T = f64> {
    pub(super) columns: Columns<T>,
    /// P below the pivots that are done, m × m.
    pxx: Vec<T>,
    pxy: Vec<T>,
    /// S for w₂ and for w₃, m × m, and x̃ᵀW r₀ for both.
    s2: Vec<T>,
    s3: Vec<T>,
    xr2: Vec<T>,
    xr3: Vec<T>,
    /// Z, and S₁Z or S₂Z: c numbers for each column.
    z: Vec<T>,
    s_z: Vec<T>,
    /// T, c numbers for each column.
    t: Vec<T>,
    /// Every difference, and the sum from which it was subtracted.
    differences: Vec<(T, T)>,
}

/// The terms up to the first derivatives.
#[derive(Debug, Clone, Copy)]
pub(super) struct FirstOfColumns<T> {
    pub(super) a: T,
    pub(super) g: T,
    /// The part of the columns in tr G⁻¹S₁.
    pub(super) trace: T,
    /// Π pᵢ.
    pub(super) det: T,
}

/// Makes the columns orthogonal under the weights: subtracts `l` times entry `k` from entry `i` of a vector of columns of
/// `width` numbers.
#[inline(always)]
fn subtract<T: Number>(v: &mut [T], width: usize, i: usize, k: usize, l: T) {
    for q in 0..width {
        v[i * width + q] = v[i * width + q] - l * v[k * width + q];
    }
}

/// The same for the rows and the columns of a symmetric matrix.
#[inline(always)]
fn subtract_both<T: Number>(s: &mut [T], m: usize, i: usize, k: usize, l: T) {
    subtract(s, m, i, k, l);
    for q in 0..m {
        s[q * m + i] = s[q * m + i] - l * s[q * m + k];
    }
}

impl<T: Number> ColumnScratch<T> {
    fn resize(&mut self, m: usize, c: usize) {
        let zero = T::from(0.0);
        for (vector, length) in [
            (&mut self.columns.p, m),
            (&mut self.columns.b, m),
            (&mut self.columns.l, m * m),
            (&mut self.pxx, m * m),
            (&mut self.pxy, m),
            (&mut self.s2, m * m),
            (&mut self.s3, m * m),
            (&mut self.xr2, m),
            (&mut self.xr3, m),
            (&mut self.z, m * c),
            (&mut self.s_z, m * c),
            (&mut self.t, m * c),
        ] {
            vector.clear();
            vector.resize(length, zero);
        }
        self.columns.m = m;
        self.differences.clear();
    }

    /// The terms of the columns whose sums with w₁ and w₂ are `v` and `v2`: for each column, those with the covariates, y, the
    /// columns before it, and itself.
    ///
    /// * `m`: number of columns
    #[inline(always)]
    pub(super) fn first_terms<'v>(
        &mut self,
        shared: Shared<'_, T>,
        m: usize,
        v: impl Fn(usize) -> &'v [T],
        v2: impl Fn(usize) -> &'v [T],
    ) -> FirstOfColumns<T>
    where
        T: 'v,
    {
        let c = shared.c;
        self.resize(m, c);
        let (alpha, u) = (shared.vector(0), shared.vector(1));
        let two = T::from(2.0);
        for i in 0..m {
            let (of_i, of_i2) = (&v(i)[..c], &v2(i)[..c]);
            let (before, z) = self.z.split_at_mut(i * c);
            let z = &mut z[..c];
            multiply(shared.matrix(0), of_i, z);
            let s_z = &mut self.s_z[i * c..][..c];
            multiply(shared.matrix(1), z, s_z);
            self.pxy[i] = v(i)[c] - sum_of_products(of_i, alpha);
            self.xr2[i] = v2(i)[c] - sum_of_products(of_i2, alpha) - sum_of_products(z, u);
            for j in 0..=i {
                let z_j = if j == i { &*z } else { &before[j * c..][..c] };
                let p = v(i)[c + 1 + j] - sum_of_products(z_j, of_i);
                let s = v2(i)[c + 1 + j]
                    - sum_of_products(z, &v2(j)[..c])
                    - sum_of_products(z_j, of_i2)
                    + sum_of_products(z_j, s_z);
                self.pxx[i * m + j] = p;
                self.s2[i * m + j] = s;
                self.s2[j * m + i] = s;
            }
        }
        self.factorise(m);
        let (p, b) = (&self.columns.p, &self.columns.b);
        let mut a = shared.value(RR[0]);
        let mut g = shared.value(RR[1]);
        let (mut trace, mut det) = (T::from(0.0), T::from(1.0));
        for i in 0..m {
            let own = self.s2[i * m + i];
            a = a - b[i] * self.pxy[i];
            g = g - two * b[i] * self.xr2[i] + b[i] * b[i] * own;
            for j in 0..i {
                g = g + two * b[i] * b[j] * self.s2[i * m + j];
            }
            trace = trace + own / p[i];
            det = det * p[i];
            self.differences.push((p[i], v(i)[c + 1 + i]));
            self.differences.push((own, v2(i)[c + 1 + i]));
        }
        self.differences.push((a, shared.value(RR[0])));
        self.differences.push((g, shared.value(RR[1])));
        FirstOfColumns { a, g, trace, det }
    }

    /// P = L D Lᵀ, b, and the other terms in the columns X̃L⁻ᵀ.
    #[inline(always)]
    fn factorise(&mut self, m: usize) {
        let Columns { p, b, l, .. } = &mut self.columns;
        for k in 0..m {
            p[k] = self.pxx[k * m + k];
            b[k] = self.pxy[k] / p[k];
            for i in k + 1..m {
                l[i * m + k] = self.pxx[i * m + k] / p[k];
            }
            for i in k + 1..m {
                let factor = l[i * m + k];
                for j in k + 1..=i {
                    self.pxx[i * m + j] = self.pxx[i * m + j] - factor * self.pxx[j * m + k];
                }
                self.pxy[i] = self.pxy[i] - factor * self.pxy[k];
                subtract(&mut self.xr2, 1, i, k, factor);
                subtract_both(&mut self.s2, m, i, k, factor);
            }
        }
    }

    /// Whether no difference loses digits, by `is_left` of a difference and the sum from which it was subtracted.
    #[inline(always)]
    pub(super) fn all_differences(&self, mut is_left: impl FnMut(&T, &T) -> bool) -> bool {
        self.differences
            .iter()
            .all(|(left, before)| is_left(left, before))
    }

    /// The differences, each with the sum from which it was subtracted.
    pub(super) fn differences(&self) -> &[(T, T)] {
        &self.differences
    }
}

impl SharedValues {
    /// The moments with the columns whose sums at this `lambda` are `sums`; second derivatives only if `weights` requests
    /// them.
    ///
    /// * `sums`: for each column, those with the covariates, y and the columns before it
    ///
    /// `None` if a difference loses digits.
    pub(super) fn moments_of_columns(
        &self,
        lambda: f64,
        sums: &[SnpSums],
        weights: Weights,
        scratch: &mut ColumnScratch,
    ) -> Option<Moments> {
        let (c, m) = (self.c, sums.len());
        let shared = Shared {
            c,
            values: &self.values,
        };
        let of = |k: usize| move |i: usize| sums[i].w[k].as_slice();
        let first = scratch.first_terms(shared, m, of(0), of(1));
        // False for NaN.
        if !scratch.all_differences(|left, before| *left > DIGITS_LOST * before) {
            return None;
        }
        let value = |k: usize| shared.value(k);
        let mut moments = moments_of(lambda, &first, &scratch.columns, value);
        if weights == Weights::Three {
            self.add_second(sums, scratch, &mut moments);
        }
        Some(moments)
    }

    fn add_second(&self, sums: &[SnpSums], scratch: &mut ColumnScratch, moments: &mut Moments) {
        let (c, m) = (self.c, sums.len());
        let shared = Shared {
            c,
            values: &self.values,
        };
        let (alpha, u) = (shared.vector(0), shared.vector(1));
        let value = |k: usize| shared.value(k);
        let mut s2_z = vec![0.0; c];
        for i in 0..m {
            let z = &scratch.z[i * c..][..c];
            for q in 0..c {
                scratch.t[i * c + q] = sums[i].w[1][q] - scratch.s_z[i * c + q];
            }
            multiply(shared.matrix(2), z, &mut s2_z);
            let v3 = &sums[i].w[2];
            scratch.xr3[i] =
                v3[c] - sum_of_products(&v3[..c], alpha) - sum_of_products(z, shared.vector(2));
            for j in 0..=i {
                let z_j = &scratch.z[j * c..][..c];
                let s = v3[c + 1 + j]
                    - sum_of_products(z, &sums[j].w[2][..c])
                    - sum_of_products(z_j, &v3[..c])
                    + sum_of_products(z_j, &s2_z);
                scratch.s3[i * m + j] = s;
                scratch.s3[j * m + i] = s;
            }
        }
        for k in 0..m {
            for i in k + 1..m {
                let factor = scratch.columns.l[i * m + k];
                subtract(&mut scratch.t, c, i, k, factor);
                subtract(&mut scratch.xr3, 1, i, k, factor);
                subtract_both(&mut scratch.s3, m, i, k, factor);
            }
        }
        let Columns { p, b, .. } = &scratch.columns;
        let (mut rr3, mut of_columns) = (value(RR[2]), 0.0);
        let (mut squares, mut trace_s2) = (value(TRACE_S1_SQUARED), value(TRACE_S2));
        let (mut t_b, mut g_t) = (vec![0.0; c], vec![0.0; c]);
        for i in 0..m {
            let t = &scratch.t[i * c..][..c];
            multiply(shared.matrix(0), t, &mut g_t);
            squares += 2.0 * sum_of_products(t, &g_t) / p[i];
            for (sum, t) in t_b.iter_mut().zip(t) {
                *sum += b[i] * t;
            }
            rr3 -= 2.0 * b[i] * scratch.xr3[i];
            let mut of_column = scratch.xr2[i];
            for j in 0..m {
                rr3 += b[i] * b[j] * scratch.s3[i * m + j];
                let s = scratch.s2[i * m + j];
                of_column -= s * b[j];
                squares += s * s / (p[i] * p[j]);
            }
            of_columns += of_column * of_column / p[i];
            trace_s2 += scratch.s3[i * m + i] / p[i];
        }
        multiply(shared.matrix(0), &t_b, &mut g_t);
        let of_covariates =
            value(U_G_U) - 2.0 * sum_of_products(u, &g_t) + sum_of_products(&t_b, &g_t);
        moments.gg = rr3 - of_covariates - of_columns;
        moments.trace_s1_squared = squares;
        moments.trace_s2 = trace_s2;
    }
}

/// The moments without second derivatives.
///
/// * `value`: a shared value
pub(super) fn moments_of(
    lambda: f64,
    first: &FirstOfColumns<f64>,
    columns: &Columns,
    value: impl Fn(usize) -> f64,
) -> Moments {
    let last = columns.m - 1;
    let trace_s1 = value(TRACE_S1) + first.trace;
    Moments {
        lambda,
        a: first.a,
        beta: columns.b[last],
        p_xx: columns.p[last],
        log_det_h: value(LOG_DET_H),
        log_det: value(LOG_DET_G),
        log_det_factor: first.det,
        g: first.g,
        trace_s1,
        sum_dw: value(SUM_DW),
        sum_dw_squared: value(SUM_DW_SQUARED),
        slope_terms: [value(SUM_DW), trace_s1, first.g],
        ..Moments::NAN
    }
}
