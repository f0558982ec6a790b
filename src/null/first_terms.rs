//! The terms of one SNP up to the first derivatives, at one λ or at eight λ at once.
//!
//! The formulas are those of [`super::shared`]. They are written once, for [`Number`], so that both forms give the same bits.

use super::shared::{DIGITS_LOST, RR, SCALARS};
use super::small::sum_of_products;
use crate::kernels::LANES;
use std::ops::{Add, Div, Mul, Sub};

/// What the formulas need: one number, or eight.
pub(super) trait Number:
    Copy + From<f64> + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
}

impl Number for f64 {}

/// Eight numbers; every operation is applied to each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Eight(pub(super) [f64; LANES]);

impl Number for Eight {}

impl Default for Eight {
    #[inline(always)]
    fn default() -> Self {
        Self::from(0.0)
    }
}

impl From<f64> for Eight {
    #[inline(always)]
    fn from(x: f64) -> Self {
        Self([x; LANES])
    }
}

macro_rules! lane_by_lane {
    ($operator:ident, $method:ident) => {
        impl $operator for Eight {
            type Output = Self;

            #[inline(always)]
            fn $method(mut self, other: Self) -> Self {
                for lane in 0..LANES {
                    self.0[lane] = self.0[lane].$method(other.0[lane]);
                }
                self
            }
        }
    };
}
lane_by_lane!(Add, add);
lane_by_lane!(Sub, sub);
lane_by_lane!(Mul, mul);
lane_by_lane!(Div, div);

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
