//! The standardised kinship: every SNP is divided by its variance, so products are fractions.
//!
//! The terms of a SNP, one for each pair of codes, are rounded to multiples of 2⁻ᵇ, up or down depending on its index
//! ([`super::terms`]). b follows from the SNP alone: it is [`TERM_BITS`], and less only for SNPs so rare that one term
//! exceeds 4,000. Rounded terms are summed without further rounding ([`super::fixed_matrix`]). The sums of two ranges
//! of SNPs therefore add up to that of both ranges to the last bit, in any order, and a range can be subtracted again.
//!
//! Terms are summed as integers for eight individuals j and all individuals i from the first of them on, by table
//! look-up ([`crate::kernels::table_product`]). The integers wrap around at 2⁶⁴: SNPs are added together only if their
//! sums do not, since |Σ z_i z_j| ≤ max Σ z_i² (Cauchy-Schwarz). An entry so close to zero that rounding could change
//! its tenth digit is summed again ([`super::refine`]).

use super::fixed::step;
use super::fixed_matrix::{FRACTION_BITS, FixedMatrix};
use super::kind::KinshipKind;
use super::terms::{SnpTerms, has_ten_digits, rounding_error};
use crate::genotype::{GenotypeBlock, Subset};
use crate::kernels::table_product::{IntegerPanel, Line, Patterns, add_integer_panel};
use faer::Mat;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// SNPs added at once, if their sums fit. Many, because every batch goes through the whole matrix; it changes no bit.
const BATCH: usize = 1920;
/// Fractional bits of the terms of all but very rare SNPs: with this number the sums of a batch nearly always fit; one
/// bit more would halve most batches, which takes a tenth longer.
const TERM_BITS: u32 = 51;
/// Bytes of packed genotypes whose squares one task sums.
const BYTES_PER_TASK: usize = 64;

/// The sum of z zᵀ over the SNPs added so far.
#[derive(Debug, Clone)]
pub(super) struct StandardisedSum {
    sum: FixedMatrix,
    /// Up to [`BATCH`] packed SNPs of the wanted individuals that wait to be added.
    waiting: Vec<u8>,
    snps: Vec<RoundedSnp>,
    patterns: Patterns,
    /// Number of missing calls of each individual.
    n_calls: Vec<usize>,
    /// Number of SNPs by the fractional bits of their terms.
    n_of_bits: [u64; FRACTION_BITS as usize + 1],
}

/// The terms of a SNP, and the number of fractional bits to which they are rounded.
#[derive(Debug, Clone, Copy)]
struct RoundedSnp {
    terms: SnpTerms,
    bits: u32,
}

/// A standardised sum whose SNPs are all multiplied, as it is written.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredStandardised {
    sum: FixedMatrix,
    n_calls: Vec<usize>,
    n_of_bits: Vec<u64>,
}

impl From<StandardisedSum> for StoredStandardised {
    fn from(mut sum: StandardisedSum) -> Self {
        sum.flush();
        Self {
            sum: sum.sum,
            n_calls: sum.n_calls,
            n_of_bits: sum.n_of_bits.to_vec(),
        }
    }
}

impl From<StoredStandardised> for StandardisedSum {
    fn from(stored: StoredStandardised) -> Self {
        let mut n_of_bits = [0; FRACTION_BITS as usize + 1];
        for (count, stored) in n_of_bits.iter_mut().zip(stored.n_of_bits) {
            *count = stored;
        }
        Self {
            sum: stored.sum,
            waiting: Vec::new(),
            snps: Vec::new(),
            patterns: Patterns::default(),
            n_calls: stored.n_calls,
            n_of_bits,
        }
    }
}

impl StandardisedSum {
    pub(super) fn new(n: usize) -> Self {
        Self {
            sum: FixedMatrix::new(n),
            waiting: Vec::new(),
            snps: Vec::new(),
            patterns: Patterns::default(),
            n_calls: vec![0; n],
            n_of_bits: [0; FRACTION_BITS as usize + 1],
        }
    }

    /// Adds SNPs of `block`; means and variances are over `everybody`, rows and columns are the `wanted` individuals.
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
            let start = self.snps.len();
            let (now, later) = rest.split_at(rest.len().min(BATCH - start));
            self.waiting.resize((start + now.len()) * stride, 0);
            let snps: Vec<_> = self.waiting[start * stride..]
                .par_chunks_mut(stride)
                .zip(now)
                .map(|(out, &snp_index)| {
                    let packed = block.packed(snp_index);
                    wanted.compact(packed, out);
                    let counts = everybody.count(packed);
                    let terms = SnpTerms::new(KinshipKind::Standardised, snp_index, counts);
                    let bits = 63 - bits_of_sums(terms.largest_square(counts));
                    RoundedSnp {
                        terms,
                        bits: bits.min(TERM_BITS),
                    }
                })
                .collect();
            self.snps.extend(snps);
            if self.snps.len() == BATCH {
                self.flush();
            }
            rest = later;
        }
    }

    /// Adds the waiting SNPs to the sum.
    fn flush(&mut self) {
        let (mut waiting, mut snps) = (
            std::mem::take(&mut self.waiting),
            std::mem::take(&mut self.snps),
        );
        self.multiply(&waiting, &snps);
        waiting.clear();
        snps.clear();
        (self.waiting, self.snps) = (waiting, snps);
    }

    /// Adds packed SNPs, all at once or, if their sums do not fit in 64 bits, one half after the other.
    fn multiply(&mut self, packed: &[u8], snps: &[RoundedSnp]) {
        let Some(bits) = snps.iter().map(|snp| snp.bits).max() else {
            return;
        };
        let stride = packed.len() / snps.len();
        // A single SNP always fits: its number of bits was chosen accordingly.
        if snps.len() > 1 && bits + bits_of_sums(largest_square(packed, snps)) > 63 {
            let half = snps.len() / 2;
            let (first, second) = packed.split_at(half * stride);
            self.multiply(first, &snps[..half]);
            self.multiply(second, &snps[half..]);
            return;
        }
        for snp in snps {
            self.n_of_bits[snp.bits as usize] += 1;
        }
        self.patterns.fill_rows(self.sum.n(), packed);
        for (i, n_calls) in self.n_calls.iter_mut().enumerate() {
            *n_calls += self.patterns.missing(i).len();
        }
        let values: Vec<[[u64; 4]; 3]> = (snps.par_iter())
            .map(|snp| {
                let terms = snp.terms.rounded(snp.bits);
                terms.map(|of_dosage| of_dosage.map(|term| term << (bits - snp.bits)))
            })
            .collect();
        let (patterns, n) = (&self.patterns, self.sum.n());
        self.sum.panels().enumerate().for_each_init(
            || (IntegerPanel::default(), Vec::new()),
            |(panel, sums), (p, mut columns)| {
                panel.fill(packed, &values, p, patterns.padded_rows());
                sums.clear();
                sums.resize(n - columns.first, Line::ZERO);
                add_integer_panel(panel, patterns, columns.first, sums);
                columns.add_integers(sums, bits);
            },
        );
    }

    /// Adds the SNPs of another sum for the same individuals.
    pub(super) fn merge(&mut self, mut other: Self) {
        self.flush();
        other.flush();
        self.sum.add(&other.sum);
        (self.n_calls.iter_mut().zip(&other.n_calls)).for_each(|(own, other)| *own += other);
        (self.n_of_bits.iter_mut().zip(&other.n_of_bits)).for_each(|(own, other)| *own += other);
    }

    /// Removes SNPs that were added.
    pub(super) fn subtract(&mut self, mut part: Self) {
        self.flush();
        part.flush();
        self.sum.subtract(&part.sum);
        (self.n_calls.iter_mut().zip(&part.n_calls)).for_each(|(own, part)| *own -= part);
        (self.n_of_bits.iter_mut().zip(&part.n_of_bits)).for_each(|(own, part)| *own -= part);
    }

    /// The mean over `n_snps` SNPs in both triangles, and the entries (i, j) that need more bits.
    pub(super) fn finish(mut self, n_snps: usize) -> (Mat<f64>, Vec<(u32, u32)>) {
        self.flush();
        let p = n_snps as f64;
        // Counted by bits, so that the bound does not depend on how the SNPs were combined.
        let squared_steps = (0..).zip(&self.n_of_bits);
        let squared_steps: f64 = squared_steps
            .map(|(bits, &count)| count as f64 * step(2 * bits))
            .sum();
        let error = rounding_error(p, (squared_steps / p).sqrt());
        let n_calls = &self.n_calls;
        self.sum.finish(|i, j, sum| {
            if n_calls[i] == n_snps || n_calls[j] == n_snps {
                return (0.0, true);
            }
            (sum / p, has_ten_digits(sum, error, p))
        })
    }
}

/// The largest Σ z_i² of an individual over some packed SNPs, in single precision.
fn largest_square(packed: &[u8], snps: &[RoundedSnp]) -> f64 {
    let stride = packed.len() / snps.len();
    let squares: Vec<[f32; 4]> = (snps.iter())
        .map(|snp| [0, 1, 2, 3].map(|code| snp.terms.value(code, code) as f32))
        .collect();
    let largest = (0..stride.div_ceil(BYTES_PER_TASK))
        .into_par_iter()
        .map(|task| {
            let bytes = task * BYTES_PER_TASK..stride.min((task + 1) * BYTES_PER_TASK);
            let mut sums = [[0.0_f32; 4]; BYTES_PER_TASK];
            for (packed, squares) in packed.chunks_exact(stride).zip(&squares) {
                for (sums, byte) in sums.iter_mut().zip(&packed[bytes.clone()]) {
                    for (k, sum) in sums.iter_mut().enumerate() {
                        *sum += squares[usize::from(byte >> (2 * k) & 3)];
                    }
                }
            }
            sums.into_iter().flatten().fold(0.0, f32::max)
        })
        .reduce(|| 0.0, f32::max);
    f64::from(largest)
}

/// Number of bits before the point for sums up to `largest`, with room for its rounding and that of the terms.
fn bits_of_sums(largest: f64) -> u32 {
    let room = (1.01 * largest + 2.0).to_bits();
    // ⌈log₂⌉ from the exponent, which is the same on every machine.
    let is_power_of_two = room << 12 == 0;
    (room >> 52) as u32 - 1023 + u32::from(!is_power_of_two)
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
