//! The contribution of missing calls, which the tables count as dosage 0.

use super::element::Element;
use super::line::{Line, Line8, PANEL, sum};
use super::patterns::Patterns;
use pulp::{Simd, WithSimd};

/// The missing calls of every column, and the rows of a panel.
#[derive(Clone, Copy)]
pub(super) struct Missing<'a, T, const N: usize> {
    pub(super) rows: &'a [Line<T, N>],
    pub(super) x: &'a Patterns,
}

impl<T: Element, const N: usize> Missing<'_, T, N> {
    /// The sums over the missing calls of a column, imputed with its mean; `None` if it has none.
    #[inline(always)]
    pub(super) fn of(self, column: usize) -> Option<[f64; N]> {
        let missing = self.x.missing(column);
        if missing.is_empty() {
            return None;
        }
        let mut sums = [0.0; N];
        // Four rows at a time, to shorten the chain of dependent additions.
        let (fours, rest) = missing.as_chunks::<4>();
        for four in fours {
            let [a, b, c, d] = four.map(|row| &self.rows[row as usize]);
            let four = sum(&sum(a, b), &sum(c, d)).0;
            for (sum, value) in sums.iter_mut().zip(four) {
                *sum += value.to_f64();
            }
        }
        for &row in rest {
            for (sum, value) in sums.iter_mut().zip(&self.rows[row as usize].0) {
                *sum += value.to_f64();
            }
        }
        let mean = self.x.column_mean(column);
        sums.iter_mut().for_each(|sum| *sum *= mean);
        Some(sums)
    }
}

/// Adds the imputed missing calls to the sums of the columns.
pub(super) struct AddMissing<'a> {
    pub(super) missing: Missing<'a, f64, PANEL>,
    pub(super) acc: &'a mut [Line8],
}

impl WithSimd for AddMissing<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        if !self.missing.x.has_missing() {
            return;
        }
        for (column, acc) in self.acc.iter_mut().enumerate() {
            if let Some(sums) = self.missing.of(column) {
                for (acc, sum) in acc.0.iter_mut().zip(sums) {
                    *acc += sum;
                }
            }
        }
    }
}
