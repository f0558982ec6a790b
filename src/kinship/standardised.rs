//! The standardised kinship: every SNP divided by its standard deviation, hence real-valued products.
//!
//! Σ_s z_is z_js = Σ_s y_js (g_is − μ_s) with y = (g − μ)/v, for eight individuals j and all individuals i from the first of
//! them on, by table look-up ([`crate::kernels::table_product`]).

use crate::genotype::{Dosages, GenotypeBlock, Individuals};
use crate::kernels::table_product::{Line, Line8, PANEL, Panel, Patterns, add_panel};
use crate::kernels::{GenotypeCounts, zeros};
use faer::{Mat, MatMut};
use rayon::prelude::*;

/// SNPs added at once. Fixed, and counted from the first SNP used, so that neither the blocks in which a file is read
/// nor the threads change the order of any sum. Many, because every batch goes through the whole matrix.
const BATCH: usize = 1920;
/// Rows and columns of the blocks in which the matrix is mirrored.
const MIRRORED: usize = 64;

/// The sum of z zᵀ over the SNPs added so far.
pub(super) struct StandardisedSum {
    /// n × n, lower triangle; what stands above it is not used.
    sum: Mat<f64>,
    /// Up to [`BATCH`] SNPs of the wanted individuals, packed, waiting to be added.
    waiting: Vec<u8>,
    /// μ and 1/v of the waiting SNPs.
    means: Vec<f64>,
    weights: Vec<f64>,
    patterns: Patterns,
}

impl StandardisedSum {
    pub(super) fn new(n: usize) -> Self {
        Self {
            sum: zeros(n, n),
            waiting: Vec::new(),
            means: Vec::new(),
            weights: Vec::new(),
            patterns: Patterns::default(),
        }
    }

    /// Adds SNPs of `block`; means and variances are over `everybody`, rows and columns are the `wanted`.
    pub(super) fn add(
        &mut self,
        block: &GenotypeBlock,
        positions: &[usize],
        everybody: &Individuals,
        wanted: &Individuals,
    ) {
        let stride = wanted.len().div_ceil(4);
        let mut rest = positions;
        while !rest.is_empty() {
            let start = self.means.len();
            let (now, later) = rest.split_at(rest.len().min(BATCH - start));
            self.waiting.resize((start + now.len()) * stride, 0);
            let scales: Vec<_> = self.waiting[start * stride..]
                .par_chunks_mut(stride)
                .zip(now)
                .map(|(out, &position)| {
                    let packed = block.packed(position);
                    wanted.compact(packed, out);
                    scale(everybody.count(packed))
                })
                .collect();
            for (mean, weight) in scales {
                self.means.push(mean);
                self.weights.push(weight);
            }
            if self.means.len() == BATCH {
                self.multiply();
            }
            rest = later;
        }
    }

    /// Adds the waiting SNPs, panel by panel of the lower triangle.
    fn multiply(&mut self) {
        let Self {
            sum,
            waiting,
            means,
            weights,
            patterns,
        } = self;
        let n = sum.nrows();
        patterns.fill_rows(n, waiting, means);
        let values: Vec<Dosages> = means
            .iter()
            .zip(weights.iter())
            .map(|(&mean, &weight)| Dosages::centred(mean, weight))
            .collect();
        sum.par_col_chunks_mut(PANEL).enumerate().for_each_init(
            || (Panel::default(), Vec::new()),
            |(panel, acc), (p, columns)| {
                let first = p * PANEL;
                pack(&mut panel.rows, waiting, &values, p);
                panel.rows.resize(patterns.padded_rows(), Line::ZERO);
                acc.clear();
                acc.resize(n - first, Line::ZERO);
                add_panel(panel, patterns, first, acc);
                add_to_columns(acc, columns, first);
            },
        );
        waiting.clear();
        means.clear();
        weights.clear();
    }

    /// The mean over `n_snps` SNPs, both triangles.
    pub(super) fn finish(mut self, n_snps: usize) -> Mat<f64> {
        if !self.means.is_empty() {
            self.multiply();
        }
        let (mut k, p) = (self.sum, n_snps as f64);
        let n = k.nrows();
        for left in (0..n).step_by(MIRRORED) {
            for top in (left..n).step_by(MIRRORED) {
                for j in left..n.min(left + MIRRORED) {
                    for i in top.max(j)..n.min(top + MIRRORED) {
                        let mean = k[(i, j)] / p;
                        k[(i, j)] = mean;
                        k[(j, i)] = mean;
                    }
                }
            }
        }
        k
    }
}

/// y of panel `p` of the individuals, one line a SNP.
fn pack(rows: &mut Vec<Line8>, packed: &[u8], values: &[Dosages], p: usize) {
    let stride = packed.len() / values.len();
    rows.clear();
    rows.extend(
        packed
            .chunks_exact(stride)
            .zip(values)
            .map(|(packed, values)| {
                let bytes = &packed[2 * p..];
                let codes = [bytes[0], *bytes.get(1).unwrap_or(&0)];
                Line(std::array::from_fn(|lane| {
                    values.0[usize::from(codes[lane / 4] >> (2 * (lane % 4)) & 3)]
                }))
            }),
    );
}

/// Adds `acc` to the columns of a panel, from row `first` on.
fn add_to_columns(acc: &[Line8], mut columns: MatMut<'_, f64>, first: usize) {
    for lane in 0..columns.ncols() {
        let column = columns.as_mut().col_mut(lane).try_as_col_major_mut();
        let column = column.expect("columns of a matrix are contiguous");
        for (sum, acc) in column.as_slice_mut()[first..].iter_mut().zip(acc) {
            *sum += acc.0[lane];
        }
    }
}

/// μ and 1/v of a SNP; 1/v is 1 where v = 0, and μ is 0 where no call is observed.
pub(crate) fn scale(counts: GenotypeCounts) -> (f64, f64) {
    if counts.observed() == 0 {
        return (0.0, 1.0);
    }
    let (mean, n) = (counts.mean(), counts.total() as f64);
    let squares = (4 * counts.two + counts.one) as f64;
    let variance = (squares + mean * mean * counts.missing as f64) / n - mean * mean;
    let weight = if variance == 0.0 { 1.0 } else { 1.0 / variance };
    (mean, weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_few_individuals_equal_the_definition() {
        for n in 1..=19_usize {
            for (p, missing) in [(1, 0x55), (45, 0x11)] {
                let stride = n.div_ceil(4);
                let packed: Vec<u8> = (0..stride * p)
                    .map(|i| (i * i * 29 + 83 * i) as u8 & !missing)
                    .map(|byte| byte | (0x01 & missing))
                    .collect();
                let block = GenotypeBlock::new(0, n, packed);
                let everybody = Individuals::everybody(n);
                let positions: Vec<usize> = (0..p).collect();
                let mut sum = StandardisedSum::new(n);
                sum.add(&block, &positions, &everybody, &everybody);
                let k = sum.finish(p);
                let mut expected = Mat::<f64>::zeros(n, n);
                let mut z = vec![0.0; n];
                for &position in &positions {
                    let packed = block.packed(position);
                    let (mean, weight) = scale(everybody.count(packed));
                    everybody.decode(packed, Dosages::centred(mean, weight.sqrt()), &mut z);
                    for i in 0..n {
                        for j in 0..n {
                            expected[(i, j)] += z[i] * z[j] / p as f64;
                        }
                    }
                }
                assert!((&k - &expected).norm_max() < 1e-13 * n as f64, "n = {n}");
            }
        }
    }
}
