//! The same look-up with integers: sums of values that depend on two codes, without rounding.

use super::patterns::{Patterns, SET};
use super::{AddSets, LINES, Line, PANEL, Rows};
use pulp::{Arch, Simd, WithSimd};

/// Eight integers that wrap around, as two's complement.
pub type IntegerLine = Line<u64, PANEL>;

/// What eight columns add at each dosage of X in each row, and the tables made of it.
#[derive(Debug, Clone)]
pub struct IntegerPanel {
    /// For each row and dosage of X the values of eight columns; padded with zeros to whole sets of rows.
    pub rows: Vec<[IntegerLine; 3]>,
    tables: Vec<IntegerLine>,
}

impl Default for IntegerPanel {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            tables: vec![Line::ZERO; LINES],
        }
    }
}

/// The values chosen by the dosage.
#[derive(Clone, Copy)]
struct Chosen<'a>(&'a [[IntegerLine; 3]]);

impl Rows<u64, PANEL> for Chosen<'_> {
    #[inline(always)]
    fn value(self, row: usize, dosage: usize) -> IntegerLine {
        self.0[row][dosage]
    }
}

/// Adds to `acc` the values of all rows at the dosages of X, a missing call adding nothing; modulo 2⁶⁴.
///
/// * `panel`: its rows are padded to [`Patterns::padded_rows`]
/// * `acc`: one line for each column of X from `first` on
///
/// # Panics
/// Where a length disagrees.
pub fn add_integer_panel(
    panel: &mut IntegerPanel,
    x: &Patterns,
    first: usize,
    acc: &mut [IntegerLine],
) {
    assert_eq!(panel.rows.len(), x.padded_rows(), "as many rows as X");
    assert_eq!(acc.len(), x.n_columns() - first);
    Arch::new().dispatch(AddSets {
        sets: 0..x.padded_rows() / SET,
        rows: Chosen(&panel.rows),
        x,
        first,
        tables: &mut panel.tables,
        acc,
    });
    Arch::new().dispatch(TakeMissing {
        rows: &panel.rows,
        x,
        first,
        acc,
    });
}

/// Takes out the missing calls, which tables know as dosage 0.
struct TakeMissing<'a> {
    rows: &'a [[IntegerLine; 3]],
    x: &'a Patterns,
    first: usize,
    acc: &'a mut [IntegerLine],
}

impl WithSimd for TakeMissing<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (column, acc) in (self.first..).zip(self.acc) {
            for &row in self.x.missing(column) {
                let values = &self.rows[row as usize][0].0;
                for (sum, value) in acc.0.iter_mut().zip(values) {
                    *sum = sum.wrapping_sub(*value);
                }
            }
        }
    }
}
