//! AᵀX for an A of a few columns: its panels are packed once, and every task computes the product with its own X.

use super::add_panel;
use super::line::{Line, Line8, PANEL};
use super::patterns::{Patterns, SET};
use super::sets::LINES;

/// A matrix A of a few columns, packed in panels of eight.
#[derive(Debug, Clone)]
pub struct PackedColumns {
    n_columns: usize,
    /// The rows of each panel, padded with zeros to whole sets.
    panels: Vec<Vec<Line8>>,
}

/// The memory of the look-up tables of one task.
#[derive(Debug, Clone)]
pub struct Tables(Vec<Line8>);

impl Default for Tables {
    fn default() -> Self {
        Self(vec![Line::ZERO; LINES])
    }
}

impl PackedColumns {
    /// Packs `columns`, each of `n_rows` numbers.
    ///
    /// # Panics
    /// If a column has another length.
    #[must_use]
    pub fn new(n_rows: usize, columns: &[&[f64]]) -> Self {
        assert!(columns.iter().all(|column| column.len() == n_rows));
        let panel = |columns: &[&[f64]]| {
            let mut rows = vec![Line::ZERO; n_rows.next_multiple_of(SET)];
            for (lane, column) in columns.iter().enumerate() {
                for (row, &value) in rows.iter_mut().zip(*column) {
                    row.0[lane] = value;
                }
            }
            rows
        };
        Self {
            n_columns: columns.len(),
            panels: columns.chunks(PANEL).map(panel).collect(),
        }
    }

    /// Number of columns of A.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// Fills `out` with AᵀX, on this thread.
    ///
    /// The sums are those of [`transposed_product`](super::transposed_product) in double precision, to the bit.
    ///
    /// * `out`: \[panel\]\[column of X\], resized to one line for each
    ///
    /// # Panics
    /// If A and X do not have as many rows.
    pub fn product(&self, x: &Patterns, tables: &mut Tables, out: &mut Vec<Line8>) {
        let b = x.n_columns();
        out.clear();
        out.resize(self.panels.len() * b, Line::ZERO);
        if b == 0 {
            return;
        }
        for (rows, sums) in self.panels.iter().zip(out.chunks_exact_mut(b)) {
            add_panel(rows, &mut tables.0, x, sums);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Precision, transposed_product};
    use super::*;

    #[test]
    fn the_product_on_one_thread_has_the_bits_of_the_product_on_all() {
        let n: usize = 101;
        let columns: Vec<Vec<f64>> = (0..11)
            .map(|j| (0..n).map(|i| ((7 * i + 13 * j) as f64).sin()).collect())
            .collect();
        let refs: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let stride = n.div_ceil(4);
        for b in [0, 1, 2, 37] {
            let mut packed: Vec<u8> = (0..b * stride)
                .map(|i| (i * i * 31 + 5 * i) as u8)
                .collect();
            packed
                .chunks_mut(stride)
                .for_each(|snp| snp[stride - 1] |= 0xFC);
            let means: Vec<f64> = (0..b).map(|s| s as f64 / 40.0).collect();
            let mut x = Patterns::default();
            x.fill_columns(n, &packed, &means);
            let (mut out, mut tables) = (Vec::new(), Tables::default());
            PackedColumns::new(n, &refs).product(&x, &mut tables, &mut out);
            let mut all = vec![Line::ZERO; 2 * b];
            transposed_product(11, |j| &columns[j], &x, Precision::F64, &mut all);
            assert_eq!(out, all);
        }
    }
}
