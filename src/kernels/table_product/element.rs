//! The numbers that tables hold.

use super::patterns::GROUPS;
use pulp::Simd;
use std::fmt::Debug;
use std::ops::{Add, Mul};

/// `f64` or `f32`.
pub trait Element:
    Copy + Debug + Send + Sync + Add<Output = Self> + Mul<Output = Self> + 'static
{
    /// 0.
    const ZERO: Self;

    /// The nearest number to `value`.
    fn of(value: f64) -> Self;

    /// The same number.
    fn to_f64(self) -> f64;

    /// acc + e₀ + e₁ + …, from left to right.
    fn add_all<S: Simd, const N: usize>(
        simd: S,
        acc: &mut [Self; N],
        entries: [&[Self; N]; GROUPS],
    );
}

impl Element for f64 {
    const ZERO: Self = 0.0;

    #[inline(always)]
    fn of(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }

    #[inline(always)]
    fn add_all<S: Simd, const N: usize>(
        simd: S,
        acc: &mut [Self; N],
        entries: [&[Self; N]; GROUPS],
    ) {
        let entries = entries.map(|entry| S::as_simd_f64s(entry).0);
        for (k, acc) in S::as_mut_simd_f64s(acc).0.iter_mut().enumerate() {
            *acc = entries
                .iter()
                .fold(*acc, |sum, entry| simd.add_f64s(sum, entry[k]));
        }
    }
}

impl Element for f32 {
    const ZERO: Self = 0.0;

    #[inline(always)]
    fn of(value: f64) -> Self {
        value as Self
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn add_all<S: Simd, const N: usize>(
        simd: S,
        acc: &mut [Self; N],
        entries: [&[Self; N]; GROUPS],
    ) {
        let entries = entries.map(|entry| S::as_simd_f32s(entry).0);
        for (k, acc) in S::as_mut_simd_f32s(acc).0.iter_mut().enumerate() {
            *acc = entries
                .iter()
                .fold(*acc, |sum, entry| simd.add_f32s(sum, entry[k]));
        }
    }
}
