//! Kinship as a running sum over blocks of SNPs.

use super::{Kinship, KinshipKind};
use crate::genotype::{Dosages, GenotypeBlock, Individuals};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

/// SNPs added at once. Fixed, and counted from the first SNP used, so that neither the blocks in which a file is read
/// nor the threads change the order of any sum.
const BATCH: usize = 512;
/// Columns of the matrix that one task updates.
const PANEL: usize = 96;

/// The sum of z zᵀ over the SNPs added so far, lower triangle.
pub struct KinshipSum {
    kind: KinshipKind,
    /// Everybody in the file: means and variances are taken over them.
    everybody: Individuals,
    /// The individuals whose kinship is wanted: rows and columns of the result.
    wanted: Individuals,
    /// n × n, column-major, lower triangle.
    sum: Vec<f64>,
    /// Up to [`BATCH`] columns z, n each, waiting to be added.
    waiting: Vec<f64>,
    n_snps: usize,
}

impl KinshipSum {
    /// An empty sum for the `wanted` individuals of a file.
    ///
    /// Takes n² + 512 n doubles, n being the number of `wanted`.
    #[must_use]
    pub fn new(kind: KinshipKind, wanted: Individuals) -> Self {
        let n = wanted.len();
        Self {
            kind,
            everybody: Individuals::everybody(wanted.n_total()),
            sum: vec![0.0; n * n],
            waiting: Vec::with_capacity(BATCH * n),
            wanted,
            n_snps: 0,
        }
    }

    /// Adds the SNPs of `block` at `positions` (positions in the file, ascending).
    pub fn add(&mut self, block: &GenotypeBlock, positions: &[usize]) {
        let n = self.wanted.len();
        let mut rest = positions;
        while !rest.is_empty() {
            let start = self.waiting.len();
            let room = BATCH - start / n.max(1);
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.waiting.resize(start + now.len() * n, 0.0);
            let (everybody, wanted, kind) = (&self.everybody, &self.wanted, self.kind);
            self.waiting[start..].par_chunks_mut(n.max(1)).zip(now).for_each(|(z, &position)| {
                let packed = block.packed(position);
                wanted.decode(packed, scaled(kind, everybody, packed), z);
            });
            if self.waiting.len() == BATCH * n {
                self.flush();
            }
            rest = later;
        }
        self.n_snps += positions.len();
    }

    /// SNPs added so far.
    #[must_use]
    pub fn n_snps(&self) -> usize {
        self.n_snps
    }

    /// The mean over the SNPs added, both triangles.
    ///
    /// # Panics
    /// Where no SNP was added.
    #[must_use]
    pub fn finish(mut self) -> Kinship {
        assert!(self.n_snps > 0, "a kinship needs at least one SNP; checked by the pipeline");
        self.flush();
        let (n, p) = (self.wanted.len(), self.n_snps as f64);
        let lower = MatRef::from_column_major_slice(&self.sum, n, n);
        let matrix = Mat::from_fn(n, n, |i, j| lower[(i.max(j), i.min(j))] / p);
        Kinship { matrix }
    }

    /// Adds the waiting columns: sum += Z Zᵀ, panel by panel of the lower triangle.
    fn flush(&mut self) {
        let n = self.wanted.len();
        let z = MatRef::from_column_major_slice(&self.waiting, n, self.waiting.len() / n.max(1));
        self.sum.par_chunks_mut((PANEL * n).max(1)).enumerate().for_each(|(panel, sum)| {
            let first = panel * PANEL;
            let width = sum.len() / n;
            let sum = MatMut::from_column_major_slice_mut(sum, n, width);
            let (rows, columns) = (z.subrows(first, n - first), z.subrows(first, width));
            // Each panel is one product on one thread: its sums never depend on how many threads there are.
            matmul(
                sum.subrows_mut(first, n - first),
                Accum::Add,
                rows,
                columns.transpose(),
                1.0,
                Par::Seq,
            );
        });
        self.waiting.clear();
    }
}

/// The value of each two-bit code after centring (and scaling), from the calls of all individuals.
fn scaled(kind: KinshipKind, everybody: &Individuals, packed: &[u8]) -> Dosages {
    let counts = everybody.count(packed);
    let mean = counts.mean();
    if mean.is_nan() {
        return Dosages([0.0; 4]);
    }
    let scale = match kind {
        KinshipKind::Centred => 1.0,
        KinshipKind::Standardised => {
            let squares = (4 * counts.two + counts.one) as f64;
            let n = counts.total() as f64;
            let variance = (squares + mean * mean * counts.missing as f64) / n - mean * mean;
            if variance == 0.0 { 1.0 } else { 1.0 / variance.sqrt() }
        }
    };
    Dosages::centred(mean, scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block of pseudo-random genotypes with missing calls.
    fn block(n: usize, p: usize) -> GenotypeBlock {
        let mut state = 3_u64;
        let packed = (0..n.div_ceil(4) * p)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 40) as u8
            })
            .collect();
        GenotypeBlock::new(0, n, packed)
    }

    /// K by its definition, one SNP after another.
    fn dense(kind: KinshipKind, block: &GenotypeBlock, n: usize) -> Mat<f64> {
        let mut k = Mat::<f64>::zeros(n, n);
        let everybody = Individuals::everybody(n);
        for position in block.positions() {
            let mut g = vec![0.0; n];
            everybody.decode(block.packed(position), Dosages::with_missing(f64::NAN), &mut g);
            let observed: Vec<f64> = g.iter().copied().filter(|x| !x.is_nan()).collect();
            let mean = observed.iter().sum::<f64>() / observed.len() as f64;
            let z: Vec<f64> = g.iter().map(|x| if x.is_nan() { 0.0 } else { x - mean }).collect();
            let variance = z.iter().map(|x| x * x).sum::<f64>() / n as f64;
            let scale = if kind == KinshipKind::Standardised { 1.0 / variance } else { 1.0 };
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
        let (n, p) = (117, 1100);
        let whole = block(n, p);
        let positions: Vec<usize> = whole.positions().collect();
        for kind in [KinshipKind::Centred, KinshipKind::Standardised] {
            let expected = dense(kind, &whole, n);
            let mut results = Vec::new();
            for (threads, step) in [(1, p), (2, 7), (3, 600)] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let kinship = pool.install(|| {
                    let mut sum = KinshipSum::new(kind, Individuals::everybody(n));
                    positions.chunks(step).for_each(|some| sum.add(&whole, some));
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
        let positions: Vec<usize> = whole.positions().collect();
        let kept = vec![3, 4, 9, 30];
        let sum = |wanted| {
            let mut sum = KinshipSum::new(KinshipKind::Centred, wanted);
            sum.add(&whole, &positions);
            sum.finish().matrix
        };
        let (all, some) = (sum(Individuals::everybody(n)), sum(Individuals::new(n, kept.clone())));
        for (a, &i) in kept.iter().enumerate() {
            for (b, &j) in kept.iter().enumerate() {
                assert!((some[(a, b)] - all[(i, j)]).abs() < 1e-14);
            }
        }
    }
}
