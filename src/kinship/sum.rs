//! The kinship as a running sum, whatever its kind and the encoding of the genotypes.

use super::centred::CentredSum;
use super::dosages::DosageSum;
use super::kind::{Kinship, KinshipKind};
use super::refine::Refinement;
use super::standardised::StandardisedSum;
use crate::genotype::{Encoding, GenotypeBlock, Subset};
use faer::Mat;

/// Bytes for each individual of the SNPs that a kinship of packed genotypes adds at once: centred (8,192 SNPs as they are
/// read and as bits, and the lists of their missing calls, up to a quarter of all), and standardised (1,920 SNPs in tables).
const BATCH_BYTES: [u64; 2] = [32 << 10, 30 << 10];

/// Bytes that the sum of the kinship of `n` individuals takes.
#[must_use]
pub fn summing_bytes(kind: KinshipKind, encoding: Encoding, n: u64) -> u64 {
    let square = n * n * size_of::<f64>() as u64;
    match (encoding, kind) {
        // Missing calls take a second matrix of their own.
        (Encoding::Packed, KinshipKind::Centred) => 2 * square + BATCH_BYTES[0] * n,
        // Fractions take half a matrix.
        (Encoding::Packed, KinshipKind::Standardised) => 3 * square / 2 + BATCH_BYTES[1] * n,
        (Encoding::Dosage, _) => DosageSum::bytes(n),
    }
}

/// Kinship as a running sum over blocks of SNPs.
///
/// The entries are exact fractions; each is right to within 0.51 units of its tenth digit, and 0 where it is 0, once
/// [`needs_another_pass`](Self::needs_another_pass) says no. Dosages are summed in doubles.
///
/// A centred kinship takes n² doubles, and n² more from the first missing call on; n is the number of wanted individuals.
pub struct KinshipSum {
    kind: KinshipKind,
    /// Everybody in the file: means and variances are taken over them.
    everybody: Subset,
    /// Rows and columns of the result.
    wanted: Subset,
    sum: Sum,
    n_snps: usize,
}

enum Sum {
    Centred(Box<CentredSum>),
    Standardised(Box<StandardisedSum>),
    Dosages(Box<DosageSum>),
    /// All is summed, and a few entries once more.
    Refined(Mat<f64>, Refinement),
}

impl KinshipSum {
    /// An empty sum for the `wanted` individuals of a source with this `encoding`.
    ///
    /// # Panics
    /// Where nobody is wanted.
    #[must_use]
    pub fn new(kind: KinshipKind, wanted: Subset, encoding: Encoding) -> Self {
        assert!(
            !wanted.is_empty(),
            "a kinship has individuals; checked by the cohort"
        );
        let n = wanted.len();
        let sum = match (encoding, kind) {
            (Encoding::Packed, KinshipKind::Centred) => {
                Sum::Centred(Box::new(CentredSum::new(wanted.clone())))
            }
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
            Sum::Centred(sum) => sum.add(block, snp_indices),
            Sum::Standardised(sum) => sum.add(block, snp_indices, everybody, wanted),
            Sum::Dosages(sum) => sum.add(block, snp_indices, wanted),
            Sum::Refined(..) => panic!("SNPs come again by `add_again`"),
        }
        self.n_snps += snp_indices.len();
    }

    /// SNPs added so far.
    #[must_use]
    pub fn n_snps(&self) -> usize {
        self.n_snps
    }

    /// Whether all SNPs must be gone through once more ([`add_again`](Self::add_again)), for entries near 0 whose digits
    /// are not known yet; to be asked after every pass.
    ///
    /// # Panics
    /// Where no SNP was added.
    pub fn needs_another_pass(&mut self) -> bool {
        self.check_some_snps();
        let (kind, n, p) = (self.kind, self.wanted.len(), self.n_snps);
        let refinable = |(k, entries)| Sum::Refined(k, Refinement::new(kind, n, entries));
        // An empty sum takes little.
        let nobody = Sum::Refined(Mat::new(), Refinement::new(kind, 0, Vec::new()));
        self.sum = match std::mem::replace(&mut self.sum, nobody) {
            Sum::Centred(sum) => refinable(sum.finish_most()),
            Sum::Standardised(sum) => refinable(sum.finish(p)),
            Sum::Refined(mut k, mut refinement) => {
                refinement.settle(&mut k, p);
                Sum::Refined(k, refinement)
            }
            Sum::Dosages(sum) => Sum::Dosages(sum),
        };
        matches!(&self.sum, Sum::Refined(_, refinement) if !refinement.is_done())
    }

    /// Adds SNPs in another pass: all that were added in the first one, once.
    pub fn add_again(&mut self, block: &GenotypeBlock, snp_indices: &[usize]) {
        if let Sum::Refined(_, refinement) = &mut self.sum {
            refinement.add(block, snp_indices, &self.everybody, &self.wanted);
        }
    }

    /// The mean over the SNPs added, both triangles.
    ///
    /// # Panics
    /// Where no SNP was added.
    #[must_use]
    pub fn finish(self) -> Kinship {
        self.check_some_snps();
        let matrix = match self.sum {
            Sum::Centred(sum) => sum.finish_most().0,
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
}
