//! Products of many SNPs with one table of weights: Σᵢ Wᵢᵣ xᵢ aᵢ for every column r of the table, every SNP x, and every a
//! among the columns shared by all SNPs and x itself.
//!
//! This is a matrix product whose right-hand side, the products x·a, is computed block by block and never stored as a
//! whole. The bounds of the blocks of individuals are fixed, and within a block every sum adds its individuals in order
//! with fused multiply-adds. A sum therefore does not depend on its neighbours, and all vector implementations give the
//! same bits.

#[cfg(target_arch = "x86_64")]
use super::cpu::V4;
use super::snp_sums::multiply_add;
use pulp::{Arch, Simd, WithSimd};

/// Columns of the table in one panel: three registers of eight.
pub const PANEL: usize = 24;
/// Products x·a computed in one pass over a panel.
const TILE: usize = 8;
/// Individuals in one block: the products of a tile fill 16 KB.
const BLOCK: usize = 256;

/// A table of weights, rows × columns.
#[derive(Debug, Clone)]
pub struct WeightTable {
    rows: usize,
    /// Panels of [`PANEL`] columns, each stored row by row; the last is padded with zeros.
    panels: Vec<Vec<[f64; PANEL]>>,
}

impl WeightTable {
    /// The table of `weight(row, column)`.
    #[must_use]
    pub fn new(rows: usize, columns: usize, weight: impl Fn(usize, usize) -> f64) -> Self {
        let value = |row, column| {
            if column < columns {
                weight(row, column)
            } else {
                0.0
            }
        };
        let panel = |start: usize| {
            (0..rows)
                .map(|row| std::array::from_fn(|k| value(row, start + k)))
                .collect()
        };
        Self {
            rows,
            panels: (0..columns).step_by(PANEL).map(panel).collect(),
        }
    }

    /// Number of columns, padded to whole panels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.panels.len() * PANEL
    }
}

/// The products of a block of SNPs, with the memory to compute them.
#[derive(Debug, Clone, Default)]
pub struct GridProducts {
    sums: Vec<[f64; PANEL]>,
    /// Number of products with each SNP, and of panels of the table.
    shape: (usize, usize),
    tile: Vec<f64>,
}

impl GridProducts {
    /// Computes the products of `table` with the SNPs `x` (rows × any number, column-major) and `columns`.
    ///
    /// # Panics
    /// If a column does not have as many rows as the table, or `x` is not a whole number of SNPs.
    pub fn fill(&mut self, table: &WeightTable, x: &[f64], columns: &[&[f64]]) {
        self.fill_by(table, x, columns, &[], tile_products);
    }

    /// As [`GridProducts::fill`], with further columns of each SNP, such as its genotypes beside their product with an
    /// environment. Their products come after those with `columns`, and before those of x with itself.
    ///
    /// * `others`: each as long as `x`
    ///
    /// # Panics
    /// As for [`GridProducts::fill`], or if one of `others` is not as long as `x`.
    pub fn fill_with(
        &mut self,
        table: &WeightTable,
        x: &[f64],
        columns: &[&[f64]],
        others: &[&[f64]],
    ) {
        self.fill_by(table, x, columns, others, tile_products);
    }

    fn fill_by(
        &mut self,
        table: &WeightTable,
        x: &[f64],
        columns: &[&[f64]],
        others: &[&[f64]],
        tile_products: impl Fn(&[[f64; PANEL]], &[f64], &mut [[f64; PANEL]; TILE]),
    ) {
        let rows = table.rows;
        assert!(x.len().is_multiple_of(rows) && columns.iter().all(|c| c.len() == rows));
        assert!(others.iter().all(|other| other.len() == x.len()));
        let (n_shared, panels) = (columns.len(), table.panels.len());
        let of_snp = n_shared + others.len() + 1;
        let products = x.len() / rows * of_snp;
        self.shape = (of_snp, panels);
        self.sums.clear();
        self.sums.resize(products * panels, [0.0; PANEL]);
        self.tile.resize(TILE * BLOCK, 0.0);
        let mut out = [[0.0; PANEL]; TILE];
        for start in (0..rows).step_by(BLOCK) {
            let end = rows.min(start + BLOCK);
            for first in (0..products).step_by(TILE) {
                let last = products.min(first + TILE);
                for (z, product) in self.tile.chunks_exact_mut(BLOCK).zip(first..last) {
                    let snp = product / of_snp * rows;
                    let x = &x[snp + start..snp + end];
                    let a = match product % of_snp {
                        k if k < n_shared => &columns[k][start..end],
                        k if k + 1 < of_snp => &others[k - n_shared][snp + start..snp + end],
                        _ => x,
                    };
                    z.iter_mut()
                        .zip(x.iter().zip(a))
                        .for_each(|(z, (x, a))| *z = x * a);
                }
                for (k, panel) in table.panels.iter().enumerate() {
                    tile_products(&panel[start..end], &self.tile, &mut out);
                    for (product, out) in (first..last).zip(&out) {
                        let sums = &mut self.sums[product * panels + k];
                        sums.iter_mut()
                            .zip(out)
                            .for_each(|(sum, part)| *sum += part);
                    }
                }
            }
        }
    }

    /// Σ W x a of SNP `snp` and column number `a` (the number of all columns for x itself), for every column of the table.
    #[must_use]
    pub fn of(&self, snp: usize, a: usize) -> &[f64] {
        let (of_snp, panels) = self.shape;
        let first = (snp * of_snp + a) * panels;
        self.sums[first..first + panels].as_flattened()
    }
}

/// Products of the rows of one panel with the columns of a tile, which are stored [`BLOCK`] apart.
fn tile_products(panel: &[[f64; PANEL]], tile: &[f64], out: &mut [[f64; PANEL]; TILE]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(cpu) = V4::try_new() {
        return avx512::run(cpu, panel, tile, out);
    }
    portable(panel, tile, out);
}

fn portable(panel: &[[f64; PANEL]], tile: &[f64], out: &mut [[f64; PANEL]; TILE]) {
    Arch::new().dispatch(Portable { panel, tile, out });
}

/// The reference implementation: plain loops.
struct Portable<'a> {
    panel: &'a [[f64; PANEL]],
    tile: &'a [f64],
    out: &'a mut [[f64; PANEL]; TILE],
}

impl WithSimd for Portable<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        if S::IS_SCALAR {
            self.run::<false>();
        } else {
            self.run::<true>();
        }
    }
}

impl Portable<'_> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (z, out) in self.tile.chunks_exact(BLOCK).zip(self.out) {
            let mut sums = [0.0; PANEL];
            for (w, &z) in self.panel.iter().zip(z) {
                for (sum, &w) in sums.iter_mut().zip(w) {
                    *sum = multiply_add::<FUSED>(w, z, *sum);
                }
            }
            *out = sums;
        }
    }
}

/// A tile of 24 × 8 sums in registers.
#[cfg(target_arch = "x86_64")]
mod avx512 {
    #![allow(unsafe_code, reason = "loads and stores of vectors")]

    use super::{BLOCK, PANEL, TILE, V4};
    use crate::kernels::cpu::with_instructions;
    use std::arch::x86_64::{
        _mm512_fmadd_pd, _mm512_loadu_pd, _mm512_set1_pd, _mm512_setzero_pd, _mm512_storeu_pd,
    };

    pub(super) fn run(
        cpu: V4,
        panel: &[[f64; PANEL]],
        tile: &[f64],
        out: &mut [[f64; PANEL]; TILE],
    ) {
        with_instructions!(cpu: V4, products(panel, tile, out));
    }

    #[target_feature(enable = "avx512f")]
    fn products(panel: &[[f64; PANEL]], tile: &[f64], out: &mut [[f64; PANEL]; TILE]) {
        assert!(tile.len() == TILE * BLOCK && panel.len() <= BLOCK);
        let mut sums = [[_mm512_setzero_pd(); 3]; TILE];
        for (i, w) in panel.iter().enumerate() {
            // SAFETY: a row of the panel is three vectors.
            let w = [0, 8, 16].map(|k| unsafe { _mm512_loadu_pd(w.as_ptr().add(k)) });
            for (s, sums) in sums.iter_mut().enumerate() {
                // SAFETY: i < BLOCK and the tile has TILE columns of BLOCK values, as checked above.
                let z = _mm512_set1_pd(unsafe { *tile.get_unchecked(s * BLOCK + i) });
                for (sum, w) in sums.iter_mut().zip(w) {
                    *sum = _mm512_fmadd_pd(w, z, *sum);
                }
            }
        }
        for (out, sums) in out.iter_mut().zip(sums) {
            for (k, sum) in sums.into_iter().enumerate() {
                // SAFETY: a row of `out` is three vectors.
                unsafe { _mm512_storeu_pd(out.as_mut_ptr().add(8 * k), sum) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(seed: usize, i: usize) -> f64 {
        ((i * 37 + seed * 101) as f64 * 0.61).sin()
    }

    #[test]
    fn products_equal_plain_sums_and_all_bodies_agree_to_the_bit() {
        for (rows, columns, snps, shared) in [
            (8, 1, 1, 0),
            (8, 24, 3, 2),
            (248, 25, 8, 1),
            (256, 24, 5, 3),
            (264, 26, 9, 2),
            (1000, 49, 4, 12),
        ] {
            let table = WeightTable::new(rows, columns, |i, k| value(k, i) + 1.5);
            let x: Vec<f64> = (0..rows * snps).map(|i| value(3, i)).collect();
            let shared: Vec<Vec<f64>> = (0..shared)
                .map(|k| (0..rows).map(|i| value(70 + k, i)).collect())
                .collect();
            let refs: Vec<&[f64]> = shared.iter().map(Vec::as_slice).collect();
            let (mut products, mut plain) = (GridProducts::default(), GridProducts::default());
            // Earlier contents of the memory must not affect the result.
            products.fill(&table, &x[..rows], &[]);
            products.fill(&table, &x, &refs);
            plain.fill_by(&table, &x, &refs, &[], portable);
            assert_eq!(products.sums, plain.sums);
            for (snp, x) in x.chunks_exact(rows).enumerate() {
                for a in 0..=refs.len() {
                    let column = refs.get(a).copied().unwrap_or(x);
                    assert_eq!(products.of(snp, a).len(), table.width());
                    for (k, sum) in products.of(snp, a)[..columns].iter().enumerate() {
                        let exact: f64 = (0..rows)
                            .map(|i| (value(k, i) + 1.5) * x[i] * column[i])
                            .sum();
                        assert!(
                            (sum - exact).abs() <= 1e-13 * rows as f64,
                            "{sum} != {exact}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn further_columns_of_a_snp_are_like_shared_ones() {
        let (rows, snps) = (264, 7);
        let table = WeightTable::new(rows, 25, value);
        let of = |seed: usize, n: usize| -> Vec<f64> { (0..n).map(|i| value(seed, i)).collect() };
        let (x, other, shared) = (of(5, rows * snps), of(9, rows * snps), of(6, rows));
        let (mut all, mut alone) = (GridProducts::default(), GridProducts::default());
        all.fill_with(&table, &x, &[&shared], &[&other]);
        for (snp, (x, other)) in x.chunks(rows).zip(other.chunks(rows)).enumerate() {
            alone.fill(&table, x, &[&shared, other]);
            for a in 0..3 {
                assert_eq!(all.of(snp, a), alone.of(0, a));
            }
        }
    }

    #[test]
    fn a_sum_does_not_depend_on_its_neighbours() {
        let (rows, snps) = (320, 11);
        let table = WeightTable::new(rows, 24, value);
        let x: Vec<f64> = (0..rows * snps).map(|i| value(5, i)).collect();
        let column = |k: usize| -> Vec<f64> { (0..rows).map(|i| value(6 + k, i)).collect() };
        let columns: Vec<Vec<f64>> = (0..5).map(column).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let (mut all, mut alone) = (GridProducts::default(), GridProducts::default());
        all.fill(&table, &x, &columns);
        for (snp, x) in x.chunks_exact(rows).enumerate() {
            for (a, column) in columns.iter().enumerate() {
                alone.fill(&table, x, &[column]);
                assert_eq!(all.of(snp, a), alone.of(0, 0));
                assert_eq!(all.of(snp, columns.len()), alone.of(0, 1));
            }
        }
    }
}
