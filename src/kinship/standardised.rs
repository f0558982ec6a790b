//! The standardised kinship: every SNP divided by its variance, hence products that are fractions.
//!
//! The terms of a SNP, one for each pair of codes, are rounded to multiples of 2⁻ᵇ and summed as integers for eight
//! individuals j and all individuals i from the first of them on, by table look-up ([`crate::kernels::table_product`]). The
//! integers wrap around at 2⁶⁴: b is such that the sums of a batch do not, since |Σ z_i z_j| ≤ max Σ z_i² (Cauchy and
//! Schwarz). An entry so near zero that its tenth digit could be wrong for the roundings is summed once more
//! ([`super::refine`]).

use super::fixed::step;
use super::kind::KinshipKind;
use super::terms::{SnpTerms, has_ten_digits, rounding_error};
use crate::genotype::{GenotypeBlock, Subset};
use crate::kernels::table_product::{
    IntegerLine, IntegerPanel, Line, PANEL, Patterns, add_integer_panel,
};
use crate::kernels::zeros;
use faer::{Mat, MatMut};
use rayon::prelude::*;

/// SNPs added at once. Fixed, and counted from the first SNP used, so that neither the blocks in which a file is read
/// nor the threads change the rounding of any term. Many, because every batch goes through the whole matrix.
const BATCH: usize = 1920;
/// Rows and columns of the blocks in which the matrix is mirrored.
const MIRRORED: usize = 64;
/// Bits of the fractions of sums, and the most of a term.
const FRACTION_BITS: u32 = 52;
/// Bytes of packed genotypes whose squares one task adds up.
const BYTES_PER_TASK: usize = 64;

/// The sum of z zᵀ over the SNPs added so far.
pub(super) struct StandardisedSum {
    /// Whole parts, n × n, lower triangle; what stands above it is not used.
    whole: Mat<f64>,
    /// Fractions: for each eight columns the rows from the first of them on.
    fractions: Vec<Vec<IntegerLine>>,
    /// Up to [`BATCH`] SNPs of the wanted individuals, packed, waiting to be added.
    waiting: Vec<u8>,
    terms: Vec<SnpTerms>,
    patterns: Patterns,
    /// Missing calls of each individual.
    n_calls: Vec<usize>,
    /// Σ 4⁻ᵇ over the SNPs, b being the bits after the point of their terms.
    squared_steps: f64,
}

impl StandardisedSum {
    pub(super) fn new(n: usize) -> Self {
        let fractions = (0..n.div_ceil(PANEL)).into_par_iter();
        Self {
            whole: zeros(n, n),
            fractions: fractions
                .map(|panel| vec![Line::ZERO; n - panel * PANEL])
                .collect(),
            waiting: Vec::new(),
            terms: Vec::new(),
            patterns: Patterns::default(),
            n_calls: vec![0; n],
            squared_steps: 0.0,
        }
    }

    /// Adds SNPs of `block`; means and variances are over `everybody`, rows and columns are the `wanted`.
    pub(super) fn add(
        &mut self,
        block: &GenotypeBlock,
        snp_indices: &[usize],
        everybody: &Subset,
        wanted: &Subset,
    ) {
        let stride = wanted.len().div_ceil(4);
        let mut rest = snp_indices;
        while !rest.is_empty() {
            let start = self.terms.len();
            let (now, later) = rest.split_at(rest.len().min(BATCH - start));
            self.waiting.resize((start + now.len()) * stride, 0);
            let terms: Vec<_> = self.waiting[start * stride..]
                .par_chunks_mut(stride)
                .zip(now)
                .map(|(out, &snp_index)| {
                    let packed = block.packed(snp_index);
                    wanted.compact(packed, out);
                    SnpTerms::new(
                        KinshipKind::Standardised,
                        snp_index,
                        everybody.count(packed),
                    )
                })
                .collect();
            self.terms.extend(terms);
            if self.terms.len() == BATCH {
                self.multiply();
            }
            rest = later;
        }
    }

    /// Adds the waiting SNPs, panel by panel of the lower triangle.
    fn multiply(&mut self) {
        let n = self.whole.nrows();
        let bits = self.bits();
        self.squared_steps += self.terms.len() as f64 * step(2 * bits);
        self.patterns.fill_rows(n, &self.waiting);
        for (i, n_calls) in self.n_calls.iter_mut().enumerate() {
            *n_calls += self.patterns.missing(i).len();
        }
        let values: Vec<[[u64; 4]; 3]> =
            (self.terms.par_iter().map(|terms| terms.rounded(bits))).collect();
        let (waiting, patterns) = (&self.waiting, &self.patterns);
        self.whole
            .par_col_chunks_mut(PANEL)
            .zip(&mut self.fractions)
            .enumerate()
            .for_each_init(
                || (IntegerPanel::default(), Vec::new()),
                |(panel, acc), (p, (columns, fractions))| {
                    let first = p * PANEL;
                    panel.fill(waiting, &values, p, patterns.padded_rows());
                    acc.clear();
                    acc.resize(n - first, Line::ZERO);
                    add_integer_panel(panel, patterns, first, acc);
                    add_to_columns(acc, bits, fractions, columns, first);
                },
            );
        self.waiting.clear();
        self.terms.clear();
    }

    /// As many bits after the point as the sums of the waiting SNPs leave room for.
    fn bits(&self) -> u32 {
        let stride = self.waiting.len() / self.terms.len();
        let squares: Vec<[f32; 4]> = (self.terms.iter())
            .map(|terms| [0, 1, 2, 3].map(|code| terms.value(code, code) as f32))
            .collect();
        let largest = (0..stride.div_ceil(BYTES_PER_TASK))
            .into_par_iter()
            .map(|task| {
                let bytes = task * BYTES_PER_TASK..stride.min((task + 1) * BYTES_PER_TASK);
                let mut sums = [[0.0_f32; 4]; BYTES_PER_TASK];
                for (packed, squares) in self.waiting.chunks_exact(stride).zip(&squares) {
                    for (sums, byte) in sums.iter_mut().zip(&packed[bytes.clone()]) {
                        for (k, sum) in sums.iter_mut().enumerate() {
                            *sum += squares[usize::from(byte >> (2 * k) & 3)];
                        }
                    }
                }
                sums.into_iter().flatten().fold(0.0, f32::max)
            })
            .reduce(|| 0.0, f32::max);
        // Single precision, and the terms are rounded.
        let room = 1.01 * f64::from(largest) + 2.0;
        (63 - room.log2().ceil() as u32).min(FRACTION_BITS)
    }

    /// The mean over `n_snps` SNPs, both triangles, and the entries (i, j) that need more bits.
    pub(super) fn finish(mut self, n_snps: usize) -> (Mat<f64>, Vec<(u32, u32)>) {
        if !self.terms.is_empty() {
            self.multiply();
        }
        let (n, p) = (self.whole.nrows(), n_snps as f64);
        let error = rounding_error(p, (self.squared_steps / p).sqrt());
        let n_calls = &self.n_calls;
        let unsettled = self
            .whole
            .par_col_chunks_mut(PANEL)
            .zip(&self.fractions)
            .enumerate()
            .flat_map_iter(|(panel, (mut columns, fractions))| {
                let mut unsettled = Vec::new();
                let first = panel * PANEL;
                for lane in 0..columns.ncols() {
                    let j = first + lane;
                    for i in j..n {
                        let fraction = fractions[i - first].0[lane] as f64 * step(FRACTION_BITS);
                        let mut sum = columns[(i, lane)] + fraction;
                        if n_calls[i] == n_snps || n_calls[j] == n_snps {
                            sum = 0.0;
                        } else if !has_ten_digits(sum, error, p) {
                            unsettled.push((i as u32, j as u32));
                        }
                        columns[(i, lane)] = sum / p;
                    }
                }
                unsettled
            })
            .collect();
        let mut k = self.whole;
        for left in (0..n).step_by(MIRRORED) {
            for top in (left..n).step_by(MIRRORED) {
                for j in left..n.min(left + MIRRORED) {
                    for i in top.max(j)..n.min(top + MIRRORED) {
                        k[(j, i)] = k[(i, j)];
                    }
                }
            }
        }
        (k, unsettled)
    }
}

/// Adds `acc`, with `bits` after the point, to the columns of a panel and their fractions, from row `first` on.
fn add_to_columns(
    acc: &[IntegerLine],
    bits: u32,
    fractions: &mut [IntegerLine],
    mut columns: MatMut<'_, f64>,
    first: usize,
) {
    let below_point = (1 << bits) - 1;
    for lane in 0..columns.ncols() {
        let column = columns.as_mut().col_mut(lane).try_as_col_major_mut();
        let column = column.expect("columns of a matrix are contiguous");
        let column = column.as_slice_mut()[first..].iter_mut();
        for ((sum, fraction), acc) in column.zip(&mut *fractions).zip(acc) {
            let (fraction, acc) = (&mut fraction.0[lane], acc.0[lane]);
            *fraction += (acc & below_point) << (FRACTION_BITS - bits);
            *sum += ((acc as i64 >> bits) + (*fraction >> FRACTION_BITS) as i64) as f64;
            *fraction &= (1 << FRACTION_BITS) - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::moments::scale;
    use super::*;
    use crate::genotype::{Dosages, Genotypes};

    #[test]
    fn sums_of_few_individuals_equal_the_definition() {
        for n in 1..=19_usize {
            for (p, missing) in [(1, 0x55), (45, 0x11)] {
                let stride = n.div_ceil(4);
                let packed: Vec<u8> = (0..stride * p)
                    .map(|i| (i * i * 29 + 83 * i) as u8 & !missing)
                    .map(|byte| byte | (0x01 & missing))
                    .collect();
                let block = GenotypeBlock::new(0, n, Genotypes::Packed(packed));
                let everybody = Subset::everybody(n);
                let snp_indices: Vec<usize> = (0..p).collect();
                let mut sum = StandardisedSum::new(n);
                sum.add(&block, &snp_indices, &everybody, &everybody);
                let (k, _) = sum.finish(p);
                let mut expected = Mat::<f64>::zeros(n, n);
                let mut z = vec![0.0; n];
                for &snp_index in &snp_indices {
                    let packed = block.packed(snp_index);
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
