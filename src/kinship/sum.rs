//! The kinship as a running sum, for every kind and every encoding of the genotypes.
//!
//! Partial sums can be combined: of blocks, chromosomes, workers, or an interrupted run. Whatever the parts and their
//! order, [`KinshipSum::merge`] gives the bits of one pass over all SNPs, and [`KinshipSum::subtract`] those of a pass
//! without some SNPs; for dosages, if the parts begin at multiples of [`CHUNK_SNPS`](super::CHUNK_SNPS) or with a chromosome.

use super::centred::{CentredSum, StoredCentred};
use super::dosages::{DosageSum, StoredDosages};
use super::kind::{Kinship, KinshipKind};
use super::refine::Refinement;
use super::standardised::{StandardisedSum, StoredStandardised};
use crate::genotype::{Encoding, GenotypeBlock, Subset};
use faer::Mat;
use serde::{Deserialize, Serialize};

/// Bytes per individual of the SNPs that a kinship of packed genotypes adds at once: centred (8,192 SNPs as they are
/// read and as bits, and the lists of their missing calls, up to a quarter of all), and standardised (1,920 SNPs in
/// tables).
const BATCH_BYTES: [u64; 2] = [32 << 10, 30 << 10];

/// Bytes of the sum of the kinship of `n` individuals.
#[must_use]
pub fn summing_bytes(kind: KinshipKind, encoding: Encoding, n: u64) -> u64 {
    let square = n * n * size_of::<f64>() as u64;
    match (encoding, kind) {
        // Missing calls take a second matrix.
        (Encoding::Packed, KinshipKind::Centred) => 2 * square + BATCH_BYTES[0] * n,
        // Fractions take half a matrix.
        (Encoding::Packed, KinshipKind::Standardised) => 3 * square / 2 + BATCH_BYTES[1] * n,
        (Encoding::Dosage, _) => DosageSum::bytes(n),
    }
}

/// Kinship as a running sum over blocks of SNPs.
///
/// The entries are exact fractions. Each is right to within 0.51 units of its tenth digit, and 0 if it is 0, once
/// [`needs_another_pass`](Self::needs_another_pass) returns false. Dosages are multiplied in double precision.
///
/// A centred kinship takes n² doubles, and n² more from the first missing call on, for n wanted individuals.
#[derive(Debug, Clone)]
pub struct KinshipSum {
    kind: KinshipKind,
    /// All individuals in the file, over which means and variances are computed.
    everybody: Subset,
    /// Rows and columns of the result.
    wanted: Subset,
    sum: Sum,
    n_snps: usize,
}

#[derive(Debug, Clone)]
enum Sum {
    Centred(Box<CentredSum>),
    Standardised(Box<StandardisedSum>),
    Dosages(Box<DosageSum>),
    /// Everything is summed, and a few entries are summed again.
    Refined(Mat<f64>, Refinement),
}

/// A [`KinshipSum`] that can be written: SNPs that wait to be multiplied are multiplied first.
#[derive(Serialize, Deserialize)]
pub struct StoredSum {
    kind: KinshipKind,
    /// Number of individuals of the source.
    n_total: usize,
    /// Rows of the wanted individuals.
    rows: Vec<usize>,
    sum: StoredKind,
    n_snps: usize,
}

#[derive(Serialize, Deserialize)]
enum StoredKind {
    Centred(StoredCentred),
    Standardised(StoredStandardised),
    Dosages(StoredDosages),
}

impl StoredSum {
    /// Whether both sums are of the same kind, for the same individuals, and of sources with the same encoding, so that
    /// they can be [merged](KinshipSum::merge).
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.n_total == other.n_total
            && self.rows == other.rows
            && std::mem::discriminant(&self.sum) == std::mem::discriminant(&other.sum)
    }

    /// Number of SNPs added.
    #[must_use]
    pub fn n_snps(&self) -> usize {
        self.n_snps
    }
}

impl From<KinshipSum> for StoredSum {
    /// # Panics
    /// If [`needs_another_pass`](KinshipSum::needs_another_pass) was called.
    fn from(sum: KinshipSum) -> Self {
        Self {
            kind: sum.kind,
            n_total: sum.wanted.n_total(),
            rows: sum.wanted.rows().to_vec(),
            sum: match sum.sum {
                Sum::Centred(sum) => StoredKind::Centred((*sum).into()),
                Sum::Standardised(sum) => StoredKind::Standardised((*sum).into()),
                Sum::Dosages(sum) => StoredKind::Dosages((*sum).into()),
                Sum::Refined(..) => panic!("sums are written before another pass"),
            },
            n_snps: sum.n_snps,
        }
    }
}

impl From<StoredSum> for KinshipSum {
    fn from(stored: StoredSum) -> Self {
        Self {
            kind: stored.kind,
            everybody: Subset::everybody(stored.n_total),
            wanted: Subset::new(stored.n_total, stored.rows),
            sum: match stored.sum {
                StoredKind::Centred(sum) => Sum::Centred(Box::new(sum.into())),
                StoredKind::Standardised(sum) => Sum::Standardised(Box::new(sum.into())),
                StoredKind::Dosages(sum) => Sum::Dosages(Box::new(sum.into())),
            },
            n_snps: stored.n_snps,
        }
    }
}

impl KinshipSum {
    /// An empty sum of the same kind, for the same individuals.
    #[must_use]
    pub fn fresh(&self, encoding: Encoding) -> Self {
        Self::new(self.kind, self.wanted.clone(), encoding)
    }

    /// An empty sum for the `wanted` individuals of a source with this `encoding`.
    ///
    /// # Panics
    /// If no individual is wanted.
    #[must_use]
    pub fn new(kind: KinshipKind, wanted: Subset, encoding: Encoding) -> Self {
        assert!(
            !wanted.is_empty(),
            "a kinship has individuals; checked by the cohort"
        );
        let n = wanted.len();
        let sum = match (encoding, kind) {
            (Encoding::Packed, KinshipKind::Centred) => Sum::Centred(Box::new(CentredSum::new(n))),
            (Encoding::Packed, KinshipKind::Standardised) => {
                Sum::Standardised(Box::new(StandardisedSum::new(n)))
            }
            (Encoding::Dosage, _) => Sum::Dosages(Box::new(DosageSum::new(kind, n))),
        };
        Self {
            kind,
            everybody: Subset::everybody(wanted.n_total()),
            wanted,
            sum,
            n_snps: 0,
        }
    }

    /// Adds the SNPs of `block` at `snp_indices` (their indices in the file, ascending).
    pub fn add(&mut self, block: &GenotypeBlock, snp_indices: &[usize]) {
        let (everybody, wanted) = (&self.everybody, &self.wanted);
        match &mut self.sum {
            Sum::Centred(sum) => sum.add(block, snp_indices, everybody, wanted),
            Sum::Standardised(sum) => sum.add(block, snp_indices, everybody, wanted),
            Sum::Dosages(sum) => sum.add(block, snp_indices, wanted),
            Sum::Refined(..) => panic!("SNPs are added again with `add_again`"),
        }
        self.n_snps += snp_indices.len();
    }

    /// Adds the SNPs of another sum, of the same kind and for the same individuals; no SNP may be in both.
    ///
    /// # Panics
    /// If the sums differ in kind, individuals or encoding, or [`needs_another_pass`](Self::needs_another_pass) was
    /// called.
    pub fn merge(&mut self, other: Self) {
        self.check_is_alike(&other);
        match (&mut self.sum, other.sum) {
            (Sum::Centred(sum), Sum::Centred(other)) => sum.merge(*other),
            (Sum::Standardised(sum), Sum::Standardised(other)) => sum.merge(*other),
            (Sum::Dosages(sum), Sum::Dosages(other)) => sum.merge(*other),
            _ => panic!("sums of the same encoding are merged, before another pass"),
        }
        self.n_snps += other.n_snps;
    }

    /// Removes the SNPs of another sum, all of which must have been added to this one.
    ///
    /// # Panics
    /// As [`merge`](Self::merge), and if the other sum has more SNPs.
    pub fn subtract(&mut self, part: Self) {
        self.check_is_alike(&part);
        assert!(self.n_snps >= part.n_snps, "a part of this sum");
        match (&mut self.sum, part.sum) {
            (Sum::Centred(sum), Sum::Centred(part)) => sum.subtract(*part),
            (Sum::Standardised(sum), Sum::Standardised(part)) => sum.subtract(*part),
            (Sum::Dosages(sum), Sum::Dosages(part)) => sum.subtract(*part),
            _ => panic!("sums of the same encoding are subtracted, before another pass"),
        }
        self.n_snps -= part.n_snps;
    }

    fn check_is_alike(&self, other: &Self) {
        assert!(
            self.kind == other.kind
                && self.wanted.n_total() == other.wanted.n_total()
                && self.wanted.rows() == other.wanted.rows(),
            "sums of one kind for the same individuals"
        );
    }

    /// Number of SNPs added so far.
    #[must_use]
    pub fn n_snps(&self) -> usize {
        self.n_snps
    }

    /// Whether all SNPs must be processed once more ([`add_again`](Self::add_again)), for entries near 0 whose digits
    /// are not certain yet; to be called after every pass.
    ///
    /// # Panics
    /// If no SNP was added.
    pub fn needs_another_pass(&mut self) -> bool {
        self.check_some_snps();
        let (kind, n, p) = (self.kind, self.wanted.len(), self.n_snps);
        let refinable = |(k, entries)| Sum::Refined(k, Refinement::new(kind, n, entries));
        // An empty sum takes little memory.
        let nobody = Sum::Refined(Mat::new(), Refinement::new(kind, 0, Vec::new()));
        self.sum = match std::mem::replace(&mut self.sum, nobody) {
            Sum::Centred(sum) => refinable(sum.finish(p)),
            Sum::Standardised(sum) => refinable(sum.finish(p)),
            Sum::Refined(mut k, mut refinement) => {
                refinement.settle(&mut k, p);
                Sum::Refined(k, refinement)
            }
            Sum::Dosages(sum) => Sum::Dosages(sum),
        };
        matches!(&self.sum, Sum::Refined(_, refinement) if !refinement.is_done())
    }

    /// Adds SNPs in another pass: all that were added in the first one, each once.
    pub fn add_again(&mut self, block: &GenotypeBlock, snp_indices: &[usize]) {
        if let Sum::Refined(_, refinement) = &mut self.sum {
            refinement.add(block, snp_indices, &self.everybody, &self.wanted);
        }
    }

    /// The mean over the SNPs added, in both triangles.
    ///
    /// # Panics
    /// If no SNP was added.
    #[must_use]
    pub fn finish(self) -> Kinship {
        self.check_some_snps();
        let matrix = match self.sum {
            Sum::Centred(sum) => sum.finish(self.n_snps).0,
            Sum::Standardised(sum) => sum.finish(self.n_snps).0,
            Sum::Dosages(sum) => sum.finish(self.n_snps),
            Sum::Refined(k, _) => k,
        };
        Kinship { matrix }
    }

    fn check_some_snps(&self) {
        assert!(
            self.n_snps > 0,
            "a kinship needs at least one SNP; checked by the pipeline"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genotype::{Dosages, Genotypes};
    use crate::io::packed::{pack, unpack};

    /// A block of pseudo-random genotypes with missing calls.
    fn block(n: usize, p: usize) -> GenotypeBlock {
        let mut state = 3_u64;
        let packed = (0..n.div_ceil(4) * p)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (state >> 40) as u8
            })
            .collect();
        GenotypeBlock::new(0, n, Genotypes::Packed(packed))
    }

    /// K by its definition, one SNP after another.
    fn dense(kind: KinshipKind, block: &GenotypeBlock, n: usize) -> Mat<f64> {
        let mut k = Mat::<f64>::zeros(n, n);
        let everybody = Subset::everybody(n);
        for snp_index in block.snp_indices() {
            let mut g = vec![0.0; n];
            everybody.decode(
                block.packed(snp_index),
                Dosages::with_missing(f64::NAN),
                &mut g,
            );
            let observed: Vec<f64> = g.iter().copied().filter(|x| !x.is_nan()).collect();
            let mean = observed.iter().sum::<f64>() / observed.len() as f64;
            let z: Vec<f64> = g
                .iter()
                .map(|x| if x.is_nan() { 0.0 } else { x - mean })
                .collect();
            let variance = z.iter().map(|x| x * x).sum::<f64>() / n as f64;
            let scale = if kind == KinshipKind::Standardised {
                1.0 / variance
            } else {
                1.0
            };
            for i in 0..n {
                for j in 0..n {
                    k[(i, j)] += z[i] * z[j] * scale / block.len() as f64;
                }
            }
        }
        k
    }

    #[test]
    fn sum_equals_the_definition_and_does_not_depend_on_blocks_or_threads() {
        let (n, p) = (117, 4100);
        let whole = block(n, p);
        let snp_indices: Vec<usize> = whole.snp_indices().collect();
        for kind in [KinshipKind::Centred, KinshipKind::Standardised] {
            let expected = dense(kind, &whole, n);
            let mut results = Vec::new();
            for (threads, step) in [(1, p), (2, 7), (3, 600)] {
                let pool = rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()
                    .unwrap();
                let kinship = pool.install(|| {
                    let mut sum = KinshipSum::new(kind, Subset::everybody(n), Encoding::Packed);
                    snp_indices
                        .chunks(step)
                        .for_each(|some| sum.add(&whole, some));
                    sum.finish()
                });
                results.push(kinship.matrix);
            }
            assert!((&results[0] - &expected).norm_max() < 1e-12);
            assert!(results.iter().all(|k| *k == results[0]), "the same bits");
        }
    }

    #[test]
    fn kinship_of_a_subset_is_the_subset_of_the_kinship() {
        let n = 40;
        let whole = block(n, 60);
        let snp_indices: Vec<usize> = whole.snp_indices().collect();
        let kept = vec![3, 4, 9, 30];
        let sum = |wanted| {
            let mut sum = KinshipSum::new(KinshipKind::Centred, wanted, Encoding::Packed);
            sum.add(&whole, &snp_indices);
            sum.finish().matrix
        };
        let (all, some) = (sum(Subset::everybody(n)), sum(Subset::new(n, kept.clone())));
        for (a, &i) in kept.iter().enumerate() {
            for (b, &j) in kept.iter().enumerate() {
                assert!((some[(a, b)] - all[(i, j)]).abs() < 1e-14);
            }
        }
    }

    /// Random numbers below `n`.
    struct Random(u64);

    impl Random {
        fn below(&mut self, n: usize) -> usize {
            self.0 = (self.0)
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % n
        }

        /// Ranges of all `p` SNPs, split at multiples of `unit`, in random order.
        fn ranges(&mut self, p: usize, unit: usize) -> Vec<std::ops::Range<usize>> {
            let (mut ranges, mut start) = (Vec::new(), 0);
            while start < p {
                let end = p.min(start + unit * (1 + self.below(p / unit / 3 + 1)));
                let at = self.below(ranges.len() + 1);
                ranges.insert(at, start..end);
                start = end;
            }
            ranges
        }
    }

    /// SNPs from common ones to a single carrier; about one call in `rarity` is missing, and some SNPs repeat others.
    fn mixed(n: usize, p: usize, rarity: usize) -> GenotypeBlock {
        let mut random = Random(n as u64);
        let stride = n.div_ceil(4);
        let mut packed = vec![0xFF_u8; p * stride];
        for snp in packed.chunks_mut(stride) {
            let mut set = |i: usize, code: u8| {
                let byte = &mut snp[i / 4];
                *byte = *byte & !(3 << (2 * (i % 4))) | code << (2 * (i % 4));
            };
            match random.below(4) {
                0 => set(random.below(n), 2),
                1 => (0..n).filter(|i| i % 5 == 1).for_each(|i| set(i, 2)),
                _ => (0..n).for_each(|i| set(i, [0, 2, 3, 3][random.below(4)])),
            }
            (0..n).for_each(|i| {
                if random.below(rarity) == 0 {
                    set(i, 1);
                }
            });
        }
        GenotypeBlock::new(0, n, Genotypes::Packed(packed))
    }

    /// The same calls as dosages that are not quite whole.
    fn dosages_of(block: &GenotypeBlock) -> GenotypeBlock {
        let (n, everybody) = (
            block.n_individuals(),
            Subset::everybody(block.n_individuals()),
        );
        let mut dosages = vec![0.0; n * block.len()];
        for (s, x) in dosages.chunks_mut(n).enumerate() {
            block.fill_column(s, &everybody, f64::NAN, x);
            let softened = x
                .iter()
                .enumerate()
                .map(|(i, x)| (x * 0.9).min(2.0) + ((i + s) % 7) as f64 * 0.01);
            let softened: Vec<f64> = softened.collect();
            x.copy_from_slice(&softened);
        }
        GenotypeBlock::new(0, n, Genotypes::Dosages(dosages))
    }

    /// The kinship after all passes, and the number of passes.
    fn refined(
        mut sum: KinshipSum,
        block: &GenotypeBlock,
        snp_indices: &[usize],
    ) -> (Mat<f64>, usize) {
        let mut n_passes = 1;
        while sum.needs_another_pass() {
            snp_indices
                .chunks(97)
                .for_each(|some| sum.add_again(block, some));
            n_passes += 1;
        }
        (sum.finish().matrix, n_passes)
    }

    /// About every other SNP of a range.
    fn used(snps: std::ops::Range<usize>) -> Vec<usize> {
        snps.filter(|s| s % 5 != 2 && s % 7 != 3).collect()
    }

    fn sum_of(
        empty: &KinshipSum,
        block: &GenotypeBlock,
        snps: &[usize],
        step: usize,
    ) -> KinshipSum {
        let mut sum = empty.clone();
        snps.chunks(step).for_each(|some| sum.add(block, some));
        sum
    }

    #[test]
    fn parts_in_any_order_give_the_bits_of_one_pass() {
        // A single carrier among 5000 exceeds the usual bits of a term; corrections of the second study are carried.
        let studies = [
            (45, 9000, 30, 45),
            (30, 2500, 2, 30),
            (70, 3000, 1 << 30, 60),
            (5000, 90, 300, 130),
        ];
        let mut most_passes = 0;
        for (n, p, rarity, n_wanted) in studies {
            let packed = mixed(n, p, rarity);
            let wanted = Subset::new(n, (0..n_wanted).filter(|i| i % 11 != 4).collect());
            let all = used(0..p);
            for kind in [KinshipKind::Centred, KinshipKind::Standardised] {
                for block in [packed.clone(), dosages_of(&packed)] {
                    let encoding = block.encoding();
                    let unit =
                        [1, super::super::CHUNK_SNPS][usize::from(encoding == Encoding::Dosage)];
                    let empty = KinshipSum::new(kind, wanted.clone(), encoding);
                    let whole = sum_of(&empty, &block, &all, p);
                    let expected = refined(whole, &block, &all);
                    most_passes = most_passes.max(expected.1);
                    let mut random = Random(p as u64);
                    for round in 0..3 {
                        let mut sum = empty.clone();
                        let mut parts: Vec<KinshipSum> = Vec::new();
                        for range in random.ranges(p, unit) {
                            let step = 1 + random.below(700);
                            parts.push(sum_of(&empty, &block, &used(range), step));
                        }
                        // Two parts first, whose sum is then one of several parts.
                        if parts.len() > 1 {
                            let part = parts.remove(0);
                            parts[0].merge(part);
                        }
                        for part in parts {
                            // As parts travel between processes.
                            let bytes = pack(&StoredSum::from(part));
                            let part: StoredSum = unpack(&bytes, "a part").unwrap();
                            sum.merge(part.into());
                        }
                        assert_eq!(sum.n_snps(), all.len());
                        let found = refined(sum, &block, &all);
                        assert!(
                            found == expected,
                            "n {n}, {kind:?}, {encoding:?}, round {round}"
                        );
                    }
                }
            }
        }
        assert!(most_passes > 1, "some entries were summed again");
    }

    #[test]
    fn subtracting_a_chromosome_gives_the_bits_of_the_others() {
        // In the last study nearly everything is missing, so that whole parts of corrections are carried.
        for (n, p, rarity) in [(37, 1500, 1 << 30), (37, 3000, 9), (33, 9000, 2)] {
            let packed = mixed(n, p, rarity);
            for kind in [KinshipKind::Centred, KinshipKind::Standardised] {
                for block in [packed.clone(), dosages_of(&packed)] {
                    let empty = KinshipSum::new(kind, Subset::everybody(n), block.encoding());
                    let chromosomes = [0..400, 400..1100, 1100..p];
                    let sums = chromosomes
                        .clone()
                        .map(|range| sum_of(&empty, &block, &used(range), 211));
                    let mut total = empty.clone();
                    sums.iter().for_each(|sum| total.merge(sum.clone()));
                    for left_out in 0..3 {
                        let (mut some, mut others) = (total.clone(), empty.clone());
                        some.subtract(sums[left_out].clone());
                        let mut snps = Vec::new();
                        for k in (0..3).filter(|&k| k != left_out) {
                            others.merge(sums[k].clone());
                            snps.extend(used(chromosomes[k].clone()));
                        }
                        assert_eq!(some.n_snps(), snps.len());
                        let expected = refined(others, &block, &snps);
                        assert!(
                            refined(some, &block, &snps) == expected,
                            "{kind:?}, {left_out}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_bits_for_all_threads_and_blocks() {
        let (n, p) = (131, 8500);
        let packed = mixed(n, p, 30);
        let all = used(0..p);
        for kind in [KinshipKind::Centred, KinshipKind::Standardised] {
            for block in [packed.clone(), dosages_of(&packed)] {
                let wanted = Subset::new(n, (0..n).filter(|i| i % 5 != 1).collect());
                let empty = KinshipSum::new(kind, wanted, block.encoding());
                let results = [(1, p), (2, 7), (3, 1024), (5, 2300)].map(|(threads, step)| {
                    let pool = rayon::ThreadPoolBuilder::new()
                        .num_threads(threads)
                        .build()
                        .unwrap();
                    pool.install(|| sum_of(&empty, &block, &all, step).finish().matrix)
                });
                assert!(results.iter().all(|k| *k == results[0]), "{kind:?}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "one kind")]
    fn sums_of_two_kinds_are_not_merged() {
        let sum = |kind| KinshipSum::new(kind, Subset::everybody(3), Encoding::Packed);
        sum(KinshipKind::Centred).merge(sum(KinshipKind::Standardised));
    }
}
