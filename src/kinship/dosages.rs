//! The kinship of dosages, by matrix products of columns that are centred, and scaled where that is asked for.

use super::kind::KinshipKind;
use crate::genotype::{GenotypeBlock, Subset};
use crate::kernels::zeros;
use faer::linalg::matmul::triangular::{BlockStructure, matmul as triangular_matmul};
use faer::{Accum, Mat, Par};
use rayon::prelude::*;

/// SNPs multiplied at once.
const BATCH: usize = 512;
/// Parts into which faer splits a product: fixed, so that the same bits come out of any number of threads.
const PARTS: usize = 16;

/// The sum of z zᵀ over the SNPs added so far.
pub(super) struct DosageSum {
    kind: KinshipKind,
    /// n × n, lower triangle.
    sum: Mat<f64>,
    /// n × [`BATCH`], z of the SNPs that wait in its first columns.
    waiting: Mat<f64>,
    n_waiting: usize,
}

impl DosageSum {
    /// Bytes that the sum for `n` individuals takes.
    pub(super) fn bytes(n: u64) -> u64 {
        (n * n + n * BATCH as u64) * size_of::<f64>() as u64
    }

    pub(super) fn new(kind: KinshipKind, n: usize) -> Self {
        Self {
            kind,
            sum: zeros(n, n),
            waiting: Mat::zeros(n, BATCH),
            n_waiting: 0,
        }
    }

    /// Adds SNPs of `block`; means and variances are over everybody in it, rows and columns are the `wanted`.
    pub(super) fn add(&mut self, block: &GenotypeBlock, snp_indices: &[usize], wanted: &Subset) {
        let mut rest = snp_indices;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(BATCH - self.n_waiting));
            let (kind, n) = (self.kind, self.sum.nrows());
            self.waiting
                .as_mut()
                .subcols_mut(self.n_waiting, now.len())
                .par_col_iter_mut()
                .zip(now)
                .for_each(|(mut z, &snp_index)| {
                    let dosages = block.dosages(snp_index);
                    let (mean, scale) = moments(kind, dosages);
                    for (k, &i) in wanted.rows().iter().enumerate().take(n) {
                        let z_i = (dosages[i] - mean) * scale;
                        z[k] = if z_i.is_nan() { 0.0 } else { z_i };
                    }
                });
            self.n_waiting += now.len();
            if self.n_waiting == BATCH {
                self.multiply();
            }
            rest = later;
        }
    }

    fn multiply(&mut self) {
        let z = self.waiting.as_ref().subcols(0, self.n_waiting);
        triangular_matmul(
            self.sum.as_mut(),
            BlockStructure::TriangularLower,
            Accum::Add,
            z,
            BlockStructure::Rectangular,
            z.transpose(),
            BlockStructure::Rectangular,
            1.0,
            Par::rayon(PARTS),
        );
        self.n_waiting = 0;
    }

    /// The mean over `n_snps` SNPs, both triangles.
    pub(super) fn finish(mut self, n_snps: usize) -> Mat<f64> {
        if self.n_waiting > 0 {
            self.multiply();
        }
        let mut k = self.sum;
        for j in 0..k.ncols() {
            for i in j..k.nrows() {
                k[(i, j)] /= n_snps as f64;
                k[(j, i)] = k[(i, j)];
            }
        }
        k
    }
}

/// The mean of the observed dosages, and what a centred dosage is multiplied by: 1, or 1/√v, v being the variance with
/// missing dosages at the mean; 1 where v is 0.
pub(super) fn moments(kind: KinshipKind, dosages: &[f64]) -> (f64, f64) {
    let observed = || dosages.iter().filter(|x| !x.is_nan());
    let mean = observed().sum::<f64>() / observed().count() as f64;
    if kind == KinshipKind::Centred {
        return (mean, 1.0);
    }
    let variance = observed().map(|x| (x - mean) * (x - mean)).sum::<f64>() / dosages.len() as f64;
    let scale = if variance > 0.0 {
        variance.sqrt().recip()
    } else {
        1.0
    };
    (mean, scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genotype::Genotypes;
    use crate::kinship::KinshipSum;

    #[test]
    fn dosages_that_are_hard_calls_give_the_kinship_of_hard_calls() {
        let (n, p) = (37_usize, 700_usize);
        let code = |i: usize, s: usize| (i * i * 29 + 83 * s + i * s) % 4;
        let mut packed = vec![0xFF_u8; n.div_ceil(4) * p];
        let mut dosages = vec![f64::NAN; n * p];
        for s in 0..p {
            for i in 0..n {
                let byte = &mut packed[s * n.div_ceil(4) + i / 4];
                *byte = *byte & !(3 << (2 * (i % 4))) | (code(i, s) as u8) << (2 * (i % 4));
                dosages[s * n + i] = [2.0, f64::NAN, 1.0, 0.0][code(i, s)];
            }
        }
        let blocks = [Genotypes::Packed(packed), Genotypes::Dosages(dosages)]
            .map(|genotypes| GenotypeBlock::new(0, n, genotypes));
        for kind in [KinshipKind::Centred, KinshipKind::Standardised] {
            let wanted = Subset::new(n, (0..n).filter(|i| i % 5 != 3).collect());
            let [hard, soft] = blocks.each_ref().map(|block| {
                let mut sum = KinshipSum::new(kind, wanted.clone(), block.encoding());
                sum.add(block, &block.snp_indices().collect::<Vec<_>>());
                sum.finish().matrix
            });
            assert!((&hard - &soft).norm_max() < 1e-13, "{kind:?}");
        }
    }
}
