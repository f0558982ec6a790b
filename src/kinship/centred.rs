//! The centred kinship, from exact integer sums.
//!
//! With a the observed dosage (0 if missing), and without missing calls,
//! Σ_s (a_i − μ_s)(a_j − μ_s) = Σ a_i a_j − r_i − r_j + Σ μ_s² with r_i = Σ_s μ_s a_i.
//! The first sum is of integers; means have 96 fractional bits.
//!
//! A missing call of i must count as μ. With 0 instead, this sum contains −μ(a_j − μ) for the pair with an observed j,
//! and μ² for the pair with another missing j, both of which should be 0. A correction C removes them: C_ij is the sum,
//! over the missing calls of i, of μ(a_j − μ) or −μ²/2, each rounded to 54 fractional bits; then K p = Σ a_i a_j − r_i
//! − r_j + Σ μ² + C_ij + C_ji. Dosages are those of the rarer allele, so that corrections are small; centred products
//! are the same for either allele. These rounded numbers are summed without further rounding. An entry so close to zero
//! that rounding could change its tenth digit is summed again ([`super::refine`]).
//!
//! Exact sums do not depend on threads, blocks or the machine: the sums of two ranges of SNPs add up to that of both
//! ranges to the last bit, in any order, and a range can be subtracted again. The rounding, and the bound on its error,
//! follow from the SNPs alone.

use super::batch::Batch;
use super::fixed::{CORRECTION_BITS, ERROR_OF_A_SNP, Parts, SUM_BITS, joined, ratio, square, step};
use super::kind::KinshipKind;
use super::missing::Corrections;
use super::squares::{Part, parts};
use super::terms::{SnpTerms, has_ten_digits, rounding_error};
use crate::genotype::{GenotypeBlock, Subset};
use crate::kernels::gram::Unpacked;
use crate::kernels::zeros;
use faer::Mat;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// SNPs that are added at once: the products may use smaller batches, but every pass over the corrections goes through
/// n² numbers.
const BATCH: usize = 8192;

/// The centred kinship as exact sums over the SNPs added so far.
///
/// Takes n² doubles, and n² more from the first missing call on, for n wanted individuals.
#[derive(Debug, Clone)]
pub(super) struct CentredSum {
    /// Σ a_i a_j, lower triangle; integers.
    products: Mat<f64>,
    /// r_i, fixed-point.
    r: Vec<i128>,
    /// Σ μ², fixed-point.
    squares: i128,
    /// Number of SNPs for each number of observed calls, the denominators of their means.
    denominators: BTreeMap<u64, u64>,
    corrections: Corrections,
    waiting: Batch,
    unpacked: Unpacked,
}

/// A centred sum whose SNPs are all multiplied, as it is written.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredCentred {
    #[serde(with = "crate::io::packed::lower")]
    products: Mat<f64>,
    #[serde(with = "crate::io::packed::numbers")]
    r: Vec<i128>,
    #[serde(with = "crate::io::packed::numbers")]
    squares: Vec<i128>,
    denominators: BTreeMap<u64, u64>,
    corrections: Corrections,
}

impl From<CentredSum> for StoredCentred {
    fn from(mut sum: CentredSum) -> Self {
        sum.multiply();
        Self {
            products: sum.products,
            r: sum.r,
            squares: vec![sum.squares],
            denominators: sum.denominators,
            corrections: sum.corrections,
        }
    }
}

impl From<StoredCentred> for CentredSum {
    fn from(stored: StoredCentred) -> Self {
        let n = stored.r.len();
        Self {
            products: stored.products,
            squares: stored.squares.into_iter().sum(),
            denominators: stored.denominators,
            corrections: stored.corrections,
            ..Self::without_matrix(n, stored.r)
        }
    }
}

impl CentredSum {
    /// An empty sum for `n` individuals.
    pub(super) fn new(n: usize) -> Self {
        Self {
            products: zeros(n, n),
            ..Self::without_matrix(n, vec![0; n])
        }
    }

    fn without_matrix(n: usize, r: Vec<i128>) -> Self {
        Self {
            products: Mat::new(),
            r,
            squares: 0,
            denominators: BTreeMap::new(),
            corrections: Corrections::new(n),
            waiting: Batch::new(n),
            unpacked: Unpacked::default(),
        }
    }

    /// Adds SNPs of `block`; means are over `everybody`, rows and columns are the `wanted` individuals.
    pub(super) fn add(
        &mut self,
        block: &GenotypeBlock,
        snp_indices: &[usize],
        everybody: &Subset,
        wanted: &Subset,
    ) {
        let mut rest = snp_indices;
        while !rest.is_empty() {
            let room = BATCH - self.waiting.len();
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.take(block, now, everybody, wanted);
            if self.waiting.len() == BATCH {
                self.multiply();
            }
            rest = later;
        }
    }

    /// Copies the wanted individuals of some SNPs to the waiting ones.
    fn take(
        &mut self,
        block: &GenotypeBlock,
        snp_indices: &[usize],
        everybody: &Subset,
        wanted: &Subset,
    ) {
        let is_everybody = wanted.rows().iter().copied().eq(0..wanted.n_total());
        let batch = &mut self.waiting;
        let start = batch.packed.len();
        (batch.packed).resize(start + snp_indices.len() * batch.stride, 0);
        let terms: Vec<SnpTerms> = batch.packed[start..]
            .par_chunks_mut(batch.stride)
            .zip(snp_indices)
            .map(|(out, &snp_index)| {
                let packed = block.packed(snp_index);
                if is_everybody {
                    out[..packed.len()].copy_from_slice(packed);
                } else {
                    pack(packed, wanted.rows(), out);
                }
                let terms = SnpTerms::new(KinshipKind::Centred, snp_index, everybody.count(packed));
                let rarer = terms.of_rarer_allele();
                if rarer.ratio() != terms.ratio() {
                    swap_alleles(&mut out[..wanted.len().div_ceil(4)]);
                }
                clear_padding(out, wanted.len());
                rarer
            })
            .collect();
        for snp in &terms {
            *self.denominators.entry(snp.ratio().1).or_default() += 1;
        }
        batch.terms.extend(terms);
    }

    /// Adds the waiting SNPs to the sums.
    fn multiply(&mut self) {
        let means: Vec<[u64; 2]> = (self.waiting.terms.iter())
            .map(|terms| ratio(terms.ratio()))
            .collect();
        let batch = self.unpacked.best_batch();
        for (snps, means) in self.waiting.snps().chunks(batch).zip(means.chunks(batch)) {
            self.unpacked.fill(self.r.len(), snps);
            self.unpacked.add_gram(self.products.as_mut());
            let halves = [0, 1].map(|half| {
                let weights: Vec<u64> = means.iter().map(|mean| mean[half]).collect();
                self.unpacked.weighted_sums(&weights)
            });
            for (i, r) in self.r.iter_mut().enumerate() {
                *r += joined([halves[0][i], halves[1][i]]);
            }
        }
        self.squares += means.into_iter().map(square).sum::<i128>();
        self.corrections.add(&self.waiting, &mut self.products);
        self.waiting.clear();
    }

    /// Adds the SNPs of another sum for the same individuals.
    pub(super) fn merge(&mut self, mut other: Self) {
        self.multiply();
        other.multiply();
        (self.corrections).merge(other.corrections, [&mut self.products, &mut other.products]);
        self.products += &other.products;
        (self.r.iter_mut().zip(&other.r)).for_each(|(r, other)| *r += other);
        self.squares += other.squares;
        for (denominator, count) in other.denominators {
            *self.denominators.entry(denominator).or_default() += count;
        }
    }

    /// Removes SNPs that were added.
    pub(super) fn subtract(&mut self, mut part: Self) {
        self.multiply();
        part.multiply();
        (self.corrections).subtract(part.corrections, [&mut self.products, &mut part.products]);
        self.products -= &part.products;
        (self.r.iter_mut().zip(&part.r)).for_each(|(r, part)| *r -= part);
        self.squares -= part.squares;
        for (denominator, count) in part.denominators {
            *self.denominators.entry(denominator).or_default() -= count;
        }
        self.denominators.retain(|_, count| *count > 0);
    }

    /// The mean over `n_snps` SNPs in both triangles, and the entries (i, j) that need more bits.
    pub(super) fn finish(mut self, n_snps: usize) -> (Mat<f64>, Vec<(u32, u32)>) {
        self.multiply();
        let p = n_snps as f64;
        let most_calls = (0..self.r.len()).map(|i| self.corrections.n_calls(i)).max();
        let terms = FinalTerms {
            parts: self.r.iter().map(|&r| Parts::of(r)).collect(),
            r: self.r,
            parts_of_squares: Parts::of(self.squares),
            squares: self.squares,
            careful_below: 1e12 * (Parts::ERROR + error(p, [most_calls.unwrap_or(0); 2])),
            denominator: (self.denominators.into_keys()).fold(Some(1), common_multiple),
            corrections: self.corrections,
            p,
        };
        let unsettled = parts(self.products.as_mut())
            .into_par_iter()
            .flat_map_iter(|part| terms.finish(part))
            .collect();
        (self.products, unsettled)
    }
}

/// Error bound of the sum of a pair over `p` SNPs, if the two individuals have these numbers of missing calls.
fn error(p: f64, n_calls: [u64; 2]) -> f64 {
    // A call that is missing in both is rounded once and counts twice.
    let n_rounded = 2.0 * (n_calls[0] + n_calls[1]) as f64;
    ERROR_OF_A_SNP * p + rounding_error(n_rounded, step(CORRECTION_BITS))
}

/// The least common multiple, if it is below 2⁴⁰.
fn common_multiple(a: Option<u64>, b: u64) -> Option<u64> {
    let a = a?;
    if b == 0 || a % b == 0 {
        return Some(a);
    }
    let (mut x, mut y) = (a, b);
    while y > 0 {
        (x, y) = (y, x % y);
    }
    a.checked_mul(b / x).filter(|&multiple| multiple < 1 << 40)
}

/// What is subtracted from the products in the end.
struct FinalTerms {
    r: Vec<i128>,
    squares: i128,
    /// The same in parts.
    parts: Vec<Parts>,
    parts_of_squares: Parts,
    /// Sums below this are computed with all bits.
    careful_below: f64,
    /// A multiple of all denominators of means, if it is small.
    denominator: Option<u64>,
    corrections: Corrections,
    p: f64,
}

impl FinalTerms {
    /// Finishes a part, and returns the entries that need more bits than are available.
    fn finish(&self, mut part: Part) -> Vec<(u32, u32)> {
        let rows = &self.parts[part.row..];
        let mut unsettled = Vec::new();
        for k in 0..part.lower.ncols() {
            let j = part.column + k;
            let (r, from) = (self.parts[j], if part.upper.is_some() { 0 } else { k });
            let column = part.lower.as_mut().col_mut(k).try_as_col_major_mut();
            let column = column.expect("columns are contiguous").as_slice_mut();
            for (i, (sum, row)) in column.iter_mut().zip(rows).enumerate().skip(from) {
                let mut total = Parts {
                    whole: *sum - row.whole - r.whole + self.parts_of_squares.whole,
                    fraction: self.parts_of_squares.fraction - row.fraction - r.fraction,
                };
                if let Some(pair) = self.corrections.pair(part.row + i, j) {
                    total.whole += pair.whole;
                    total.fraction += pair.fraction;
                }
                let mut value = total.value();
                if value.abs() < self.careful_below {
                    let is_settled;
                    (value, is_settled) = self.careful(*sum, part.row + i, j);
                    if !is_settled {
                        unsettled.push(((part.row + i) as u32, j as u32));
                    }
                }
                *sum = value / self.p;
            }
        }
        part.mirror();
        unsettled
    }

    /// An entry times p, computed with all bits, and whether they are sufficient.
    fn careful(&self, products: f64, i: usize, j: usize) -> (f64, bool) {
        let n_calls = [i, j].map(|i| self.corrections.n_calls(i));
        if n_calls.map(|calls| calls as f64).contains(&self.p) {
            return (0.0, true);
        }
        let correction = i128::from(self.corrections.exact_pair(i, j));
        let sum = ((products as i128) << SUM_BITS) - self.r[i] - self.r[j]
            + self.squares
            + (correction << (SUM_BITS - CORRECTION_BITS));
        let (value, error) = (sum as f64 * step(SUM_BITS), error(self.p, n_calls));
        if let Some(denominator) = self.denominator {
            // The sum is a multiple of 1/denominator².
            let square = denominator as f64 * denominator as f64;
            if error * square < 0.25 {
                // Adding 0 turns -0 into 0.
                return ((value * square).round() / square + 0.0, true);
            }
        }
        (value, has_ten_digits(value, error, self.p))
    }
}

/// Changes the codes to those of the dosages of allele0.
fn swap_alleles(packed: &mut [u8]) {
    for byte in packed {
        let homozygous = !(*byte ^ (*byte >> 1)) & 0b0101_0101;
        *byte ^= homozygous | homozygous << 1;
    }
}

/// Sets the codes beyond `n` individuals to 0.
fn clear_padding(packed: &mut [u8], n: usize) {
    if !n.is_multiple_of(4) {
        packed[n / 4] &= (1 << (2 * (n % 4))) - 1;
    }
}

/// Packs the codes of the individuals at `rows`.
fn pack(packed: &[u8], rows: &[usize], out: &mut [u8]) {
    for (byte, four) in out.iter_mut().zip(rows.chunks(4)) {
        *byte = (four.iter().enumerate()).fold(0, |byte, (k, i)| {
            byte | (packed[i / 4] >> (2 * (i % 4)) & 3) << (2 * k)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genotype::Genotypes;

    /// Random SNPs in which about one call in `rarity` is missing, with random padding bits.
    fn block(n: usize, p: usize, rarity: u64) -> GenotypeBlock {
        let mut state = 11_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        let mut packed = Vec::new();
        for _ in 0..p {
            let rare = next() % 4;
            for _ in 0..n.div_ceil(4) {
                let mut byte = 0;
                for k in 0..4 {
                    let code = match (next() % rarity, next() % (1 + rare)) {
                        (0, _) => 1,
                        (_, 0) => [0, 2, 3][(next() % 3) as usize],
                        _ => 3,
                    };
                    byte |= code << (2 * k);
                }
                packed.push(byte);
            }
        }
        GenotypeBlock::new(0, n, Genotypes::Packed(packed))
    }

    fn summed(block: &GenotypeBlock, wanted: &Subset, snp_indices: &[usize]) -> CentredSum {
        let everybody = Subset::everybody(wanted.n_total());
        let mut sum = CentredSum::new(wanted.len());
        sum.add(block, snp_indices, &everybody, wanted);
        sum
    }

    /// K p of two individuals in 2⁻⁴⁰ of the product of denominators up to 30, exactly: n is small, so that
    /// L = 2⁴·3³·5²·7·11·13 is a multiple of every number of observed calls up to 15.
    fn exact(block: &GenotypeBlock, n: usize, i: usize, j: usize) -> f64 {
        const L: i128 = 10_810_800;
        let mut total = 0_i128;
        for s in block.snp_indices() {
            let code = |i: usize| usize::from(block.packed(s)[i / 4] >> (2 * (i % 4)) & 3);
            let dosage = |i: usize| [2, -1, 1, 0][code(i)];
            let observed: Vec<i128> = (0..n).map(dosage).filter(|&a| a >= 0).collect();
            if observed.is_empty() {
                continue;
            }
            let mean = observed.iter().sum::<i128>() * L / observed.len() as i128;
            let centred = |i| match dosage(i) {
                -1 => 0,
                a => a * L - mean,
            };
            total += centred(i) * centred(j);
        }
        // Exact below 2¹²⁷; the two roundings are of 2⁻⁵³.
        total as f64 / (L * L) as f64
    }

    #[test]
    fn entries_equal_exact_fractions_to_the_last_digits() {
        for (n, p, rarity) in [(1, 5, 3), (7, 900, 1 << 40), (13, 2500, 20), (15, 5000, 2)] {
            let block = block(n, p, rarity);
            let snp_indices: Vec<usize> = block.snp_indices().collect();
            let (k, _) = summed(&block, &Subset::everybody(n), &snp_indices).finish(p);
            for j in 0..n {
                for i in 0..n {
                    let (found, exact) = (k[(i, j)] * p as f64, exact(&block, n, i, j));
                    let scale = 2e-14 * (p as f64).sqrt() + 3e-16 * exact.abs();
                    assert!(
                        (found - exact).abs() <= scale,
                        "{n}, {i}, {j}: {found} {exact}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_way_of_computing_products_gives_the_same_bits() {
        let n = 45;
        let block = block(n, BATCH + 300, 30);
        let (everybody, snp_indices) = (
            Subset::everybody(n),
            block.snp_indices().collect::<Vec<_>>(),
        );
        let p = snp_indices.len();
        let (reference, _) = summed(&block, &everybody, &snp_indices).finish(p);
        for (way, unpacked) in Unpacked::every_way() {
            let mut sum = CentredSum::new(n);
            sum.unpacked = unpacked;
            sum.add(&block, &snp_indices, &everybody, &everybody);
            assert!(sum.finish(p).0 == reference, "{way}");
        }
    }
}
