//! Element types of tables.

use super::patterns::GROUPS;
use pulp::Simd;
use std::fmt::Debug;
use std::ops::Mul;

/// A type that can be added: `f64`, `f32`, or `u64` with wrapping addition.
pub trait Lane: Copy + Debug + Send + Sync + 'static {
    /// A vector register of this type.
    type Vector<S: Simd>: Copy;

    /// 0.
    const ZERO: Self;

    /// The sum.
    #[must_use]
    fn plus(self, other: Self) -> Self;

    /// A line as registers.
    fn vectors<S: Simd>(line: &[Self]) -> &[Self::Vector<S>];

    /// A line as mutable registers.
    fn vectors_mut<S: Simd>(line: &mut [Self]) -> &mut [Self::Vector<S>];

    /// a + b.
    fn add_vectors<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
}

/// `f64` or `f32`.
pub trait Element: Lane + Mul<Output = Self> {
    /// `value`, rounded to the nearest number of this type.
    fn of(value: f64) -> Self;

    /// The same number in double precision.
    fn to_f64(self) -> f64;
}

/// acc + e₀ + e₁ + …, from left to right, for each of K columns.
#[inline(always)]
pub(super) fn add_all<T: Lane, S: Simd, const N: usize, const K: usize>(
    simd: S,
    acc: [&mut [T; N]; K],
    entries: [[&[T; N]; GROUPS]; K],
) {
    let mut acc = acc.map(|acc| T::vectors_mut::<S>(acc));
    let entries = entries.map(|column| column.map(|entry| T::vectors::<S>(entry)));
    for k in 0..acc.first().map_or(0, |acc| acc.len()) {
        let mut sums: [_; K] = std::array::from_fn(|column| acc[column][k]);
        for group in 0..GROUPS {
            for (sum, column) in sums.iter_mut().zip(&entries) {
                *sum = T::add_vectors(simd, *sum, column[group][k]);
            }
        }
        for (acc, sum) in acc.iter_mut().zip(sums) {
            acc[k] = sum;
        }
    }
}

impl Lane for f64 {
    type Vector<S: Simd> = S::f64s;

    const ZERO: Self = 0.0;

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self + other
    }

    #[inline(always)]
    fn vectors<S: Simd>(line: &[Self]) -> &[S::f64s] {
        S::as_simd_f64s(line).0
    }

    #[inline(always)]
    fn vectors_mut<S: Simd>(line: &mut [Self]) -> &mut [S::f64s] {
        S::as_mut_simd_f64s(line).0
    }

    #[inline(always)]
    fn add_vectors<S: Simd>(simd: S, a: S::f64s, b: S::f64s) -> S::f64s {
        simd.add_f64s(a, b)
    }
}

impl Lane for f32 {
    type Vector<S: Simd> = S::f32s;

    const ZERO: Self = 0.0;

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self + other
    }

    #[inline(always)]
    fn vectors<S: Simd>(line: &[Self]) -> &[S::f32s] {
        S::as_simd_f32s(line).0
    }

    #[inline(always)]
    fn vectors_mut<S: Simd>(line: &mut [Self]) -> &mut [S::f32s] {
        S::as_mut_simd_f32s(line).0
    }

    #[inline(always)]
    fn add_vectors<S: Simd>(simd: S, a: S::f32s, b: S::f32s) -> S::f32s {
        simd.add_f32s(a, b)
    }
}

impl Lane for u64 {
    type Vector<S: Simd> = S::u64s;

    const ZERO: Self = 0;

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn vectors<S: Simd>(line: &[Self]) -> &[S::u64s] {
        S::as_simd_u64s(line).0
    }

    #[inline(always)]
    fn vectors_mut<S: Simd>(line: &mut [Self]) -> &mut [S::u64s] {
        S::as_mut_simd_u64s(line).0
    }

    #[inline(always)]
    fn add_vectors<S: Simd>(simd: S, a: S::u64s, b: S::u64s) -> S::u64s {
        simd.add_u64s(a, b)
    }
}

impl Element for f64 {
    #[inline(always)]
    fn of(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
}

impl Element for f32 {
    #[inline(always)]
    fn of(value: f64) -> Self {
        value as Self
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}
