//! Sums for all pairs of individuals with 52 fractional bits, exact in any order.
//!
//! An entry is a whole number, stored as a double, and a fraction from 0 to below 1, stored as an integer of 52 bits;
//! whole numbers are exact up to 2⁵³. Each number has a single form, so equal sums have equal bytes, whatever was added
//! first.

use crate::kernels::table_product::{IntegerLine, Line, PANEL};
use crate::kernels::zeros;
use faer::{Mat, MatMut};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Number of fractional bits.
pub(super) const FRACTION_BITS: u32 = 52;
const ONE: u64 = 1 << FRACTION_BITS;
/// Rows and columns of the blocks in which the matrix is mirrored.
const MIRRORED: usize = 64;

/// The lower triangle of a symmetric n × n matrix of fixed-point numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FixedMatrix {
    /// Whole parts; entries above the diagonal are not used.
    #[serde(with = "crate::io::packed::lower")]
    whole: Mat<f64>,
    /// Fractions: for every eight columns, the rows from the first of these on.
    #[serde(with = "lines")]
    fractions: Vec<Vec<IntegerLine>>,
}

/// Fractions as plain numbers, as they are written.
mod lines {
    use crate::io::packed::columns;
    use crate::kernels::table_product::{IntegerLine, Line, PANEL};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        fractions: &[Vec<IntegerLine>],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let panels = fractions.iter();
        let panels = panels.map(|lines| lines.iter().flat_map(|line| line.0).collect());
        columns::serialize::<u64, S>(&panels.collect::<Vec<_>>(), to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<Vec<IntegerLine>>, D::Error> {
        let panels = columns::deserialize::<u64, D>(from)?;
        let lines = |panel: &Vec<u64>| {
            let (lines, _) = panel.as_chunks::<PANEL>();
            lines.iter().map(|line| Line(*line)).collect()
        };
        Ok(panels.iter().map(lines).collect())
    }
}

/// Eight columns, or fewer at the end, from the diagonal on.
pub(super) struct FixedPanel<'a> {
    /// The first column, and the first row that is used.
    pub(super) first: usize,
    columns: MatMut<'a, f64>,
    fractions: &'a mut [IntegerLine],
}

impl FixedMatrix {
    /// A matrix of zeros.
    pub(super) fn new(n: usize) -> Self {
        let fractions = (0..n.div_ceil(PANEL)).into_par_iter();
        Self {
            whole: zeros(n, n),
            fractions: fractions
                .map(|panel| vec![Line::ZERO; n - panel * PANEL])
                .collect(),
        }
    }

    /// Number of rows and of columns.
    pub(super) fn n(&self) -> usize {
        self.whole.nrows()
    }

    /// All columns, to be changed in parallel.
    pub(super) fn panels(&mut self) -> impl IndexedParallelIterator<Item = FixedPanel<'_>> {
        (self.whole.par_col_chunks_mut(PANEL))
            .zip(&mut self.fractions)
            .enumerate()
            .map(|(panel, (columns, fractions))| FixedPanel {
                first: panel * PANEL,
                columns,
                fractions,
            })
    }

    /// Adds another matrix of the same size.
    pub(super) fn add(&mut self, other: &Self) {
        self.combine(other, 1);
    }

    /// Subtracts another matrix of the same size.
    pub(super) fn subtract(&mut self, other: &Self) {
        self.combine(other, -1);
    }

    fn combine(&mut self, other: &Self, sign: i64) {
        assert_eq!(self.n(), other.n(), "sums of the same individuals");
        self.panels()
            .zip(&other.fractions)
            .for_each(|(mut panel, other_fractions)| {
                for lane in 0..panel.columns.ncols() {
                    let j = panel.first + lane;
                    let column = panel.column(lane);
                    for ((i, (sum, fraction)), other_fraction) in
                        (panel_rows(j, column)).zip(&other_fractions[lane..])
                    {
                        let changed = *fraction as i64 + sign * other_fraction.0[lane] as i64;
                        let carry = changed >> FRACTION_BITS;
                        *sum += sign as f64 * other.whole[(i, j)] + carry as f64;
                        *fraction = changed as u64 & (ONE - 1);
                    }
                }
            });
    }

    /// Replaces every sum by its result; returns both triangles, and the entries (i, j) that are not settled.
    ///
    /// * `entry`: the result for the sum at (i, j), and whether it is settled
    pub(super) fn finish(
        mut self,
        entry: impl Fn(usize, usize, f64) -> (f64, bool) + Sync,
    ) -> (Mat<f64>, Vec<(u32, u32)>) {
        let unsettled = self
            .panels()
            .flat_map_iter(|mut panel| {
                let mut unsettled = Vec::new();
                for lane in 0..panel.columns.ncols() {
                    let j = panel.first + lane;
                    let column = panel.column(lane);
                    for (i, (sum, fraction)) in panel_rows(j, column) {
                        let is_settled;
                        (*sum, is_settled) = entry(i, j, *sum + *fraction as f64 / ONE as f64);
                        if !is_settled {
                            unsettled.push((i as u32, j as u32));
                        }
                    }
                }
                unsettled
            })
            .collect();
        mirror(&mut self.whole);
        (self.whole, unsettled)
    }
}

/// The rows of a column from the diagonal on, with their indices.
fn panel_rows<'c>(
    j: usize,
    column: impl Iterator<Item = (&'c mut f64, &'c mut u64)>,
) -> impl Iterator<Item = (usize, (&'c mut f64, &'c mut u64))> {
    (j..).zip(column)
}

impl FixedPanel<'_> {
    /// Number of columns of the panel.
    pub(super) fn width(&self) -> usize {
        self.columns.ncols()
    }

    /// Whole parts and fractions of a column from the diagonal on.
    fn column(&mut self, lane: usize) -> impl Iterator<Item = (&mut f64, &mut u64)> {
        let j = self.first + lane;
        let column = self.columns.as_mut().col_mut(lane).try_as_col_major_mut();
        let column = column.expect("columns of a matrix are contiguous");
        (column.as_slice_mut()[j..].iter_mut()).zip(
            self.fractions[lane..]
                .iter_mut()
                .map(move |f| &mut f.0[lane]),
        )
    }

    /// Adds integers with `bits` fractional bits, one line per row.
    pub(super) fn add_integers(&mut self, integers: &[IntegerLine], bits: u32) {
        let below_point = (1 << bits) - 1;
        for lane in 0..self.width() {
            let integers = integers[lane..].iter().map(|line| line.0[lane]);
            for ((sum, fraction), integer) in self.column(lane).zip(integers) {
                *fraction += (integer & below_point) << (FRACTION_BITS - bits);
                *sum += ((integer as i64 >> bits) + (*fraction >> FRACTION_BITS) as i64) as f64;
                *fraction &= ONE - 1;
            }
        }
    }

    /// Adds doubles to a column, each rounded to 52 fractional bits; one per row from the diagonal on.
    pub(super) fn add_doubles(&mut self, lane: usize, doubles: &[f64]) {
        for ((sum, fraction), &x) in self.column(lane).zip(doubles) {
            debug_assert!(x.is_finite());
            // Truncated, so that the rest is from −1 to 1: `floor` and `round` would be function calls.
            let whole = x as i64;
            let rest = (x - whole as f64) * ONE as f64;
            let changed = *fraction as i64 + (rest + 0.5_f64.copysign(rest)) as i64;
            *sum += (whole + (changed >> FRACTION_BITS)) as f64;
            *fraction = changed as u64 & (ONE - 1);
        }
    }
}

/// Copies the lower triangle to the upper one.
fn mirror(k: &mut Mat<f64>) {
    let n = k.nrows();
    for left in (0..n).step_by(MIRRORED) {
        for top in (left..n).step_by(MIRRORED) {
            for j in left..n.min(left + MIRRORED) {
                for i in top.max(j)..n.min(top + MIRRORED) {
                    k[(j, i)] = k[(i, j)];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_have_the_same_bytes_in_any_order_and_can_be_taken_apart() {
        let n = 19;
        let part = |seed: usize| {
            let mut part = FixedMatrix::new(n);
            part.panels().for_each(|mut panel| {
                for lane in 0..panel.width() {
                    let j = panel.first + lane;
                    let x: Vec<f64> = (j..n)
                        .map(|i| ((i * 31 + j * 17 + seed * 7) as f64).sin() * 40.0)
                        .collect();
                    panel.add_doubles(lane, &x);
                }
            });
            part
        };
        let sum = |order: &[usize]| {
            let mut sum = FixedMatrix::new(n);
            order.iter().for_each(|&seed| sum.add(&part(seed)));
            sum
        };
        let same = |a: &FixedMatrix, b: &FixedMatrix| {
            let fractions = |m: &FixedMatrix| -> Vec<[u64; PANEL]> {
                m.fractions.iter().flatten().map(|line| line.0).collect()
            };
            a.whole == b.whole && fractions(a) == fractions(b)
        };
        let all = sum(&[1, 2, 3, 4]);
        assert!(same(&all, &sum(&[4, 2, 3, 1])));
        let mut some = all.clone();
        some.subtract(&part(2));
        assert!(same(&some, &sum(&[3, 1, 4])));
        let (k, unsettled) = all.finish(|_, _, sum| (sum, true));
        assert!(unsettled.is_empty());
        let (i, j) = (15, 2);
        let direct: f64 = (1..5)
            .map(|seed| ((i * 31 + j * 17 + seed * 7) as f64).sin() * 40.0)
            .sum();
        assert!((k[(i, j)] - direct).abs() < 1e-13);
        assert_eq!(k[(i, j)], k[(j, i)]);
    }
}
