//! Cache lines of values.

use super::element::Lane;

/// Values that fill one cache line.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub struct Line<T, const N: usize>(pub [T; N]);

/// Columns of A in a panel of `f64`.
pub const PANEL: usize = 8;

/// Eight sums: one column of X with the eight columns of a panel of A.
pub type Line8 = Line<f64, 8>;

/// Eight integers in two's complement with wrapping arithmetic.
pub type IntegerLine = Line<u64, PANEL>;

impl<T: Lane, const N: usize> Line<T, N> {
    /// Zeros.
    pub const ZERO: Self = Self([T::ZERO; N]);
}

#[inline(always)]
pub(super) fn sum<T: Lane, const N: usize>(a: &Line<T, N>, b: &Line<T, N>) -> Line<T, N> {
    let mut sum = a.0;
    for (sum, b) in sum.iter_mut().zip(&b.0) {
        *sum = sum.plus(*b);
    }
    Line(sum)
}
