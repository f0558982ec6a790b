//! Table look-up with integers: exact sums of values that depend on two codes.

use super::choose::Choice;
use super::line::{IntegerLine, Line, PANEL};
use super::patterns::{Patterns, SET};
use super::sets::{AddSets, LINES, Rows};
use pulp::{Arch, Simd, WithSimd};

/// The values of eight columns at each dosage of X in each row, and their tables.
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

impl IntegerPanel {
    /// Fills the rows with the values of the codes of eight columns of A at each dosage of X.
    ///
    /// * `packed`: rows of two-bit codes, one for each of `values`
    /// * `values`: the value for each row, dosage of X and code; 0 for code 1, a missing call
    /// * `panel`: index of the group of eight columns
    /// * `padded_rows`: number of rows, including padding with 0
    ///
    /// # Panics
    /// If the lengths disagree, or there are no such columns.
    pub fn fill(
        &mut self,
        packed: &[u8],
        values: &[[[u64; 4]; 3]],
        panel: usize,
        padded_rows: usize,
    ) {
        let stride = packed.len() / values.len();
        assert!(2 * panel < stride && packed.len() == stride * values.len());
        self.rows.resize(padded_rows, [Line::ZERO; 3]);
        let (rows, rest) = self.rows.split_at_mut(values.len());
        rest.fill([Line::ZERO; 3]);
        let choice = Choice {
            packed,
            stride,
            first_byte: 2 * panel,
            values,
        };
        choice.fill(rows);
    }
}

/// The values at a dosage.
#[derive(Clone, Copy)]
struct Chosen<'a>(&'a [[IntegerLine; 3]]);

impl Rows<u64, PANEL> for Chosen<'_> {
    #[inline(always)]
    fn value(self, row: usize, dosage: usize) -> IntegerLine {
        self.0[row][dosage]
    }
}

/// Adds to `acc` the values of all rows at the dosages of X, modulo 2⁶⁴; a missing call adds nothing.
///
/// * `panel`: its rows are padded to [`Patterns::padded_rows`]
/// * `acc`: one line for each column of X from `first` on
///
/// # Panics
/// If the lengths disagree.
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

/// Subtracts the missing calls, which the tables count as dosage 0.
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
