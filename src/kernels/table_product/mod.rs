//! AᵀX for a real A and an X of dosages 0, 1, 2, by table look-up instead of multiplication.
//!
//! Four rows of A and four dosages have 3⁴ = 81 possible sums. These are tabulated once; every column of X then adds one
//! table entry instead of four products. A table holds the sums of one *panel* of columns of A, as wide as a vector of 64
//! bytes. Eight tables are used at a time: the entries that occur stay in the first-level cache, and the sums of one panel
//! for all columns of X in the second-level cache. The eight indices are loaded as one word, because separate loads would
//! compete with the loads from the tables.
//!
//! Every sum adds the groups of four rows in order, then the missing calls in order, by fours (in single precision,
//! together with the last run of rows), without fused multiply-add. The results are therefore bitwise identical on every
//! machine, for any block of columns and any number of threads. Tables of integers ([`add_integer_panel`]) give exact
//! sums.

mod choose;
mod columns;
mod element;
mod integers;
mod line;
mod missing;
mod patterns;
mod sets;

pub use columns::{PackedColumns, Tables};
pub use integers::{IntegerPanel, add_integer_panel};
pub use line::{IntegerLine, Line, Line8, PANEL};
pub use patterns::Patterns;

use element::Element;
use missing::Missing;
use patterns::SET;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use sets::{AddSets, LINES, Rows};

/// Sets of rows that are summed in `f32` before their sums are added in `f64`: 384 rows.
const F32_SETS: usize = 12;

/// Precision in which AᵀX is computed. The result is `f64` in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Double precision: differs from a matrix product only by rounding, about 1e-16 of the norm of the column of X.
    #[default]
    F64,
    /// Single precision, in sums of 384 rows that are added in double precision: an error of up to about 5e-8 of the norm of
    /// the column of X, for columns of A with norm 1. Faster.
    F32,
}

/// One panel of A and its tables.
#[derive(Debug, Clone)]
pub struct Panel<T, const N: usize> {
    /// The rows, padded with zeros to whole sets.
    pub rows: Vec<Line<T, N>>,
    /// The tables of a set, [`LINES`] in all.
    tables: Vec<Line<T, N>>,
    sums: Vec<Line<T, N>>,
}

impl<T: Element, const N: usize> Default for Panel<T, N> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            tables: vec![Line::ZERO; LINES],
            sums: Vec::new(),
        }
    }
}

/// Fills `out` with AᵀX, on all threads.
///
/// * `m`: columns of A
/// * `column`: column j of A, k numbers
/// * `x`: k × b, not centred
/// * `out`: \[panel\]\[column of X\], ⌈m/8⌉ · b lines; the sums of columns beyond m are 0
///
/// # Panics
/// If the lengths disagree.
pub fn transposed_product<'a>(
    m: usize,
    column: impl Fn(usize) -> &'a [f64] + Sync,
    x: &Patterns,
    precision: Precision,
    out: &mut [Line8],
) {
    let b = x.n_columns();
    assert_eq!(
        out.len(),
        m.div_ceil(PANEL) * b,
        "a line for each panel and column"
    );
    if out.is_empty() {
        return;
    }
    match precision {
        Precision::F64 => {
            out.chunks_mut(b).enumerate().par_bridge().for_each_init(
                Panel::default,
                |panel, (p, acc)| {
                    acc.fill(Line::ZERO);
                    panel.pack(m, p, &column, x);
                    add_panel(&panel.rows, &mut panel.tables, x, acc);
                },
            );
        }
        Precision::F32 => out
            .chunks_mut(2 * b)
            .enumerate()
            .par_bridge()
            .for_each_init(Panel::default, |panel, (p, acc)| {
                panel.pack(m, p, &column, x);
                fill_panel_f32(panel, x, acc);
            }),
    }
}

/// Adds the products of the rows of one panel of A with the columns of X to `acc`, one line for each column of X.
fn add_panel(rows: &[Line8], tables: &mut [Line8], x: &Patterns, acc: &mut [Line8]) {
    check_rows(rows, x);
    assert_eq!(acc.len(), x.n_columns());
    Arch::new().dispatch(AddSets {
        sets: 0..x.padded_rows() / SET,
        rows: Scaled(rows),
        x,
        first: 0,
        tables,
        acc,
    });
    let missing = Missing { rows, x };
    Arch::new().dispatch(missing::AddMissing { missing, acc });
}

/// Fills two panels of eight columns at once, from sums in `f32`; the second panel may be absent.
fn fill_panel_f32(panel: &mut Panel<f32, 16>, x: &Patterns, acc: &mut [Line8]) {
    let b = x.n_columns();
    check_rows(&panel.rows, x);
    let (low, high) = acc.split_at_mut(b);
    let n_sets = x.padded_rows() / SET;
    panel.sums.clear();
    panel.sums.resize(b, Line::ZERO);
    for start in (0..n_sets).step_by(F32_SETS) {
        let end = n_sets.min(start + F32_SETS);
        Arch::new().dispatch(AddSets {
            sets: start..end,
            rows: Scaled(&panel.rows),
            x,
            first: 0,
            tables: &mut panel.tables,
            acc: &mut panel.sums,
        });
        Arch::new().dispatch(Flush {
            sums: &mut panel.sums,
            is_first: start == 0,
            missing: (end == n_sets).then_some(Missing {
                rows: &panel.rows,
                x,
            }),
            acc: [&mut *low, &mut *high],
        });
    }
}

fn check_rows<T, const N: usize>(rows: &[Line<T, N>], x: &Patterns) {
    assert_eq!(rows.len(), x.padded_rows(), "A and X have the same rows");
}

impl<T: Element, const N: usize> Panel<T, N> {
    /// Copies the N columns of A from `N · p` on.
    fn pack<'a>(&mut self, m: usize, p: usize, column: impl Fn(usize) -> &'a [f64], x: &Patterns) {
        self.rows.resize(x.padded_rows(), Line::ZERO);
        let columns: [&[f64]; N] = std::array::from_fn(|lane| {
            let j = N * p + lane;
            if j < m { &column(j)[..x.n_rows()] } else { &[] }
        });
        self.rows[x.n_rows()..].fill(Line::ZERO);
        // A few rows at a time, so that both reads and writes are sequential.
        for (block, rows) in self.rows[..x.n_rows()].chunks_mut(PANEL).enumerate() {
            for (lane, column) in columns.iter().enumerate() {
                let column = column.get(PANEL * block..).unwrap_or(&[]);
                // Columns beyond m are zeros.
                let values = column.iter().chain(std::iter::repeat(&0.0));
                for (row, &value) in rows.iter_mut().zip(values) {
                    row.0[lane] = T::of(value);
                }
            }
        }
    }
}

/// Adds sums in `f32` to the sums of two panels in `f64`, and after the last rows those of the imputed missing calls.
struct Flush<'a> {
    sums: &'a mut [Line<f32, 16>],
    /// Whether the panels have no sums yet.
    is_first: bool,
    missing: Option<Missing<'a, f32, 16>>,
    acc: [&'a mut [Line8]; 2],
}

impl WithSimd for Flush<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) {
        for (column, line) in self.sums.iter_mut().enumerate() {
            let mut sums = line.0.map(f64::from);
            *line = Line::ZERO;
            if let Some(missing) = self.missing.and_then(|missing| missing.of(column)) {
                for (sum, missing) in sums.iter_mut().zip(missing) {
                    *sum += missing;
                }
            }
            for (acc, sums) in self.acc.iter_mut().zip(sums.as_chunks::<PANEL>().0) {
                if let Some(Line(acc)) = acc.get_mut(column) {
                    if self.is_first {
                        *acc = *sums;
                    } else {
                        for (acc, sum) in acc.iter_mut().zip(sums) {
                            *acc += sum;
                        }
                    }
                }
            }
        }
    }
}

/// Each row times the dosage.
#[derive(Clone, Copy)]
struct Scaled<'a, T, const N: usize>(&'a [Line<T, N>]);

impl<T: Element, const N: usize> Rows<T, N> for Scaled<'_, T, N> {
    #[inline(always)]
    fn value(self, row: usize, dosage: usize) -> Line<T, N> {
        let by = T::of(dosage as f64);
        Line(self.0[row].0.map(|value| value * by))
    }
}

#[cfg(test)]
mod tests;
