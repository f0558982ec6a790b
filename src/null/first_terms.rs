//! The terms of one SNP up to the first derivatives, at one λ or at eight λ at once.
//!
//! The formulas are those of [`super::shared`]. They are written once, for [`Number`], so that both forms give the same bits.

use super::number::{Eight, Number};
use super::small::sum_of_products;
use crate::kernels::LANES;

/// If less than this fraction of a sum is left after a subtraction, the weighted form is used ([`super::weighted`]).
pub(crate) const DIGITS_LOST: f64 = 1e-3;

// Indices of scalars in the shared values, which come before the vectors and matrices.
/// Σ w₁r₀², Σ w₂r₀², Σ w₃r₀².
pub(super) const RR: [usize; 3] = [7, 8, 9];
pub(super) const SCALARS: usize = 11;

/// The values of [`super::shared::SharedValues`].
#[derive(Clone, Copy)]
pub(super) struct Shared<'a, T> {
    pub(super) c: usize,
    pub(super) values: &'a [T],
}

impl<'a, T: Number> Shared<'a, T> {
    #[inline(always)]
    pub(super) fn value(&self, k: usize) -> T {
        self.values[k]
    }

    /// Vector `k` of α, QᵀW₂r₀ and QᵀW₃r₀.
    #[inline(always)]
    pub(super) fn vector(&self, k: usize) -> &'a [T] {
        &self.values[SCALARS + k * self.c..][..self.c]
    }

    /// Matrix `k` of G⁻¹, S₁ and S₂.
    #[inline(always)]
    pub(super) fn matrix(&self, k: usize) -> &'a [T] {
        &self.values[SCALARS + 3 * self.c + k * self.c * self.c..][..self.c * self.c]
    }

    /// The terms with a SNP whose sums with w₁ and w₂ are `v` and `v2` (with the covariates, y and x).
    ///
    /// * `z`, `s_z`: c numbers each, to be filled with z and S₁z
    #[inline(always)]
    pub(super) fn first_terms(&self, v: &[T], v2: &[T], z: &mut [T], s_z: &mut [T]) -> First<T> {
        let c = self.c;
        let two = T::from(2.0);
        let (alpha, u) = (self.vector(0), self.vector(1));
        multiply(self.matrix(0), &v[..c], z);
        let p_xx = v[c + 1] - sum_of_products(z, &v[..c]);
        let p_xy = v[c] - sum_of_products(&v[..c], alpha);
        let beta = p_xy / p_xx;
        let a = self.value(RR[0]) - beta * p_xy;
        multiply(self.matrix(1), z, s_z);
        let xx2 = v2[c + 1] - two * sum_of_products(z, &v2[..c]) + sum_of_products(z, s_z);
        let xr2 = v2[c] - sum_of_products(&v2[..c], alpha) - sum_of_products(z, u);
        let g = self.value(RR[1]) - two * beta * xr2 + beta * beta * xx2;
        First {
            beta,
            p_xx,
            a,
            g,
            xx2,
            xr2,
            trace_x: xx2 / p_xx,
            before: [v[c + 1], self.value(RR[0]), v2[c + 1], self.value(RR[1])],
        }
    }
}

/// The terms up to the first derivatives.
#[derive(Debug, Clone, Copy)]
pub(super) struct First<T> {
    pub(super) beta: T,
    pub(super) p_xx: T,
    pub(super) a: T,
    pub(super) g: T,
    /// Σ w₂x̃² and Σ w₂x̃r₀.
    pub(super) xx2: T,
    pub(super) xr2: T,
    /// The part of x in tr G⁻¹S₁.
    pub(super) trace_x: T,
    /// The sums from which P_xx, A, Σ w₂x̃² and g are what is left after subtractions.
    before: [T; 4],
}

impl First<f64> {
    /// Whether no difference loses digits.
    #[inline(always)]
    pub(super) fn is_accurate(&self) -> bool {
        let left = [self.p_xx, self.a, self.xx2, self.g];
        // False for NaN.
        left.iter()
            .zip(self.before)
            .all(|(left, before)| *left > DIGITS_LOST * before)
    }
}

impl First<Eight> {
    /// [`First::is_accurate`] for each of the eight.
    #[inline(always)]
    pub(super) fn are_accurate(&self) -> [bool; LANES] {
        let mut are_accurate = [true; LANES];
        for (left, before) in [self.p_xx, self.a, self.xx2, self.g]
            .iter()
            .zip(&self.before)
        {
            for (lane, is) in are_accurate.iter_mut().enumerate() {
                *is &= left.0[lane] > DIGITS_LOST * before.0[lane];
            }
        }
        are_accurate
    }
}

/// `out` = Mv for a symmetric c × c matrix.
#[inline(always)]
pub(super) fn multiply<T: Number>(m: &[T], v: &[T], out: &mut [T]) {
    for (row, out) in m.chunks_exact(v.len()).zip(out) {
        *out = sum_of_products(row, v);
    }
}
