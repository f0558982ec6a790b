//! The centred kinship, from exact integer products.
//!
//! With a the observed dosage (0 where missing) and no missing call,
//! Σ_s (a_i − μ_s)(a_j − μ_s) = Σ a_i a_j − r_i − r_j + Σ μ_s² with r_i = Σ_s μ_s a_i.
//! The first sum is of integers: it is taken in `f32` products of a few hundred SNPs, exact below 2²⁴, and added up in
//! `f64`, exact below 2⁵³. The rest is summed with its rounding errors kept, so that entries near zero keep their ten
//! printed digits although large numbers cancel.
//!
//! A missing call of i stands for μ: it takes −μ(a_j − μ) out of the pair with an observed j, and μ² out of the pair with
//! another missing j. Both are put back by adding the column w, w_j = μ(a_j − μ) or −μ²/2, to column i of a correction C;
//! then K p = Σ a_i a_j − r_i − r_j + Σ μ² + C_ij + C_ji.
//!
//! No sum depends on threads, blocks or the machine.

use crate::genotype::{Dosages, GenotypeBlock, Individuals};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

/// SNPs multiplied at once: their products, at most 4 each, add up exactly in `f32`.
const BATCH: usize = 512;
/// Columns of the matrix that one task updates.
const PANEL: usize = 96;

/// The sums over the SNPs added so far.
pub(super) struct CentredSum {
    n: usize,
    /// Σ a_i a_j, lower triangle, column-major; exact integers.
    products: Vec<f64>,
    /// C, column-major; empty until the first missing call.
    correction: Vec<f64>,
    /// r_i.
    r: Vec<Accurate>,
    /// Σ μ².
    squares: Accurate,
    /// Up to [`BATCH`] columns a, waiting to be multiplied.
    waiting: Vec<f32>,
}

/// A sum with what rounding took from it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Accurate {
    sum: f64,
    lost: f64,
}

impl Accurate {
    /// Adds `x` exactly. Source: Knuth 1998, The Art of Computer Programming, volume 2, section 4.2.2 (the two-sum).
    #[inline(always)]
    fn add(&mut self, x: f64) {
        let sum = self.sum + x;
        let part = sum - self.sum;
        self.lost += (self.sum - (sum - part)) + (x - part);
        self.sum = sum;
    }

    fn add_other(&mut self, other: Self, sign: f64) {
        self.add(sign * other.sum);
        self.add(sign * other.lost);
    }

    fn value(self) -> f64 {
        self.sum + self.lost
    }
}

/// One SNP on its way into the sums.
struct Column {
    mean: f64,
    /// Positions, among the wanted individuals, of missing calls.
    missing: Vec<usize>,
}

impl CentredSum {
    pub(super) fn new(n: usize) -> Self {
        Self {
            n,
            products: vec![0.0; n * n],
            correction: Vec::new(),
            r: vec![Accurate::default(); n],
            squares: Accurate::default(),
            waiting: Vec::with_capacity(BATCH * n),
        }
    }

    /// Adds SNPs of `block`; means are over `everybody`, rows and columns are the `wanted`.
    pub(super) fn add(
        &mut self,
        block: &GenotypeBlock,
        positions: &[usize],
        everybody: &Individuals,
        wanted: &Individuals,
    ) {
        let n = self.n;
        let mut rest = positions;
        while !rest.is_empty() {
            let start = self.waiting.len();
            let room = BATCH - start / n;
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.waiting.resize(start + now.len() * n, 0.0);
            let columns: Vec<Column> = self.waiting[start..]
                .par_chunks_mut(n)
                .zip(now)
                .map_init(
                    || vec![0.0; n],
                    |decoded, (a, &position)| {
                        Column::decode(block.packed(position), everybody, wanted, decoded, a)
                    },
                )
                .collect();
            self.add_means(start, &columns);
            self.add_corrections(start, &columns);
            if self.waiting.len() == BATCH * n {
                self.multiply();
            }
            rest = later;
        }
    }

    /// r and Σ μ², each sum in the order of the SNPs.
    fn add_means(&mut self, start: usize, columns: &[Column]) {
        let (n, a) = (self.n, &self.waiting[start..]);
        self.r
            .par_chunks_mut(1024)
            .enumerate()
            .for_each(|(chunk, r)| {
                let first = chunk * 1024;
                for (column, a) in columns.iter().zip(a.chunks_exact(n)) {
                    for (r, &a) in r.iter_mut().zip(&a[first..]) {
                        r.add(column.mean * f64::from(a));
                    }
                }
            });
        columns
            .iter()
            .for_each(|column| self.squares.add(column.mean * column.mean));
    }

    /// C, each column in the order of the SNPs.
    fn add_corrections(&mut self, start: usize, columns: &[Column]) {
        let n = self.n;
        if columns.iter().all(|column| column.missing.is_empty()) {
            return;
        }
        if self.correction.is_empty() {
            self.correction = vec![0.0; n * n];
        }
        // For every individual, the columns in which it has no call.
        let mut missing_in: Vec<Vec<u32>> = vec![Vec::new(); n];
        for (s, column) in columns.iter().enumerate() {
            column
                .missing
                .iter()
                .for_each(|&i| missing_in[i].push(s as u32));
        }
        let mut w: Vec<f64> = vec![0.0; columns.len() * n];
        let a = &self.waiting[start..];
        w.par_chunks_mut(n)
            .zip(a.par_chunks(n))
            .zip(columns)
            .for_each(|((w, a), column)| {
                if column.missing.is_empty() {
                    return;
                }
                let mean = column.mean;
                w.iter_mut()
                    .zip(a)
                    .for_each(|(w, &a)| *w = mean * (f64::from(a) - mean));
                column
                    .missing
                    .iter()
                    .for_each(|&i| w[i] = -0.5 * mean * mean);
            });
        self.correction
            .par_chunks_mut(n)
            .zip(&missing_in)
            .for_each(|(correction, missing_in)| {
                for &s in missing_in {
                    let w = &w[s as usize * n..][..n];
                    correction.iter_mut().zip(w).for_each(|(c, w)| *c += w);
                }
            });
    }

    /// Adds the products of the waiting columns, panel by panel of the lower triangle.
    fn multiply(&mut self) {
        let n = self.n;
        let a = MatRef::from_column_major_slice(&self.waiting, n, self.waiting.len() / n);
        let panels = self.products.par_chunks_mut(PANEL * n).enumerate();
        panels.for_each_init(Vec::new, |batch: &mut Vec<f32>, (panel, products)| {
            let first = panel * PANEL;
            let (rows, width) = (n - first, products.len() / n);
            batch.resize(rows * width, 0.0);
            matmul(
                MatMut::from_column_major_slice_mut(batch, rows, width),
                Accum::Replace,
                a.subrows(first, rows),
                a.subrows(first, width).transpose(),
                1.0,
                Par::Seq,
            );
            for (products, batch) in products.chunks_exact_mut(n).zip(batch.chunks_exact(rows)) {
                products[first..]
                    .iter_mut()
                    .zip(batch)
                    .for_each(|(p, &x)| *p += f64::from(x));
            }
        });
        self.waiting.clear();
    }

    /// The mean over `n_snps` SNPs, both triangles.
    pub(super) fn finish(mut self, n_snps: usize) -> Mat<f64> {
        self.multiply();
        let (n, p) = (self.n, n_snps as f64);
        let (r, squares, correction) = (&self.r, self.squares, &self.correction);
        self.products
            .par_chunks_mut(n)
            .enumerate()
            .for_each(|(j, column)| {
                for i in j..n {
                    let mut sum = Accurate {
                        sum: column[i],
                        lost: 0.0,
                    };
                    sum.add_other(r[i], -1.0);
                    sum.add_other(r[j], -1.0);
                    sum.add_other(squares, 1.0);
                    if !correction.is_empty() {
                        sum.add(correction[j * n + i]);
                        sum.add(correction[i * n + j]);
                    }
                    column[i] = sum.value() / p;
                }
            });
        let lower = MatRef::from_column_major_slice(&self.products, n, n);
        Mat::from_fn(n, n, |i, j| lower[(i.max(j), i.min(j))])
    }
}

impl Column {
    /// Decodes one SNP into `a`, missing calls as 0; `decoded` is scratch.
    fn decode(
        packed: &[u8],
        everybody: &Individuals,
        wanted: &Individuals,
        decoded: &mut [f64],
        a: &mut [f32],
    ) -> Self {
        let counts = everybody.count(packed);
        wanted.decode(packed, Dosages::with_missing(-1.0), decoded);
        let mut missing = Vec::new();
        for (i, (a, &x)) in a.iter_mut().zip(decoded.iter()).enumerate() {
            *a = x.max(0.0) as f32;
            if x < 0.0 {
                missing.push(i);
            }
        }
        // A SNP without any call adds nothing: its mean is not a number.
        let mean = if counts.observed() == 0 {
            0.0
        } else {
            counts.mean()
        };
        Self { mean, missing }
    }
}
