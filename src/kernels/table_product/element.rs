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

    /// acc + e₀ + e₁ + …, from left to right, for each of K columns.
    fn add_all<S: Simd, const N: usize, const K: usize>(
        simd: S,
        acc: [&mut [Self; N]; K],
        entries: [[&[Self; N]; GROUPS]; K],
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
    fn add_all<S: Simd, const N: usize, const K: usize>(
        simd: S,
        acc: [&mut [Self; N]; K],
        entries: [[&[Self; N]; GROUPS]; K],
    ) {
        let mut acc = acc.map(|acc| S::as_mut_simd_f64s(acc).0);
        let entries = entries.map(|column| column.map(|entry| S::as_simd_f64s(entry).0));
        for k in 0..acc.first().map_or(0, |acc| acc.len()) {
            let mut sums: [_; K] = std::array::from_fn(|column| acc[column][k]);
            for group in 0..GROUPS {
                for (sum, column) in sums.iter_mut().zip(&entries) {
                    *sum = simd.add_f64s(*sum, column[group][k]);
                }
            }
            for (acc, sum) in acc.iter_mut().zip(sums) {
                acc[k] = sum;
            }
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
    fn add_all<S: Simd, const N: usize, const K: usize>(
        simd: S,
        acc: [&mut [Self; N]; K],
        entries: [[&[Self; N]; GROUPS]; K],
    ) {
        let mut acc = acc.map(|acc| S::as_mut_simd_f32s(acc).0);
        let entries = entries.map(|column| column.map(|entry| S::as_simd_f32s(entry).0));
        for k in 0..acc.first().map_or(0, |acc| acc.len()) {
            let mut sums: [_; K] = std::array::from_fn(|column| acc[column][k]);
            for group in 0..GROUPS {
                for (sum, column) in sums.iter_mut().zip(&entries) {
                    *sum = simd.add_f32s(*sum, column[group][k]);
                }
            }
            for (acc, sum) in acc.iter_mut().zip(sums) {
                acc[k] = sum;
            }
        }
    }
}
