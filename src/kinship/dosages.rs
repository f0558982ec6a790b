//! The kinship of dosages, from matrix products of centred and, if requested, scaled columns.
//!
//! SNPs are multiplied in chunks by their index in the source: SNP s is in chunk ⌊s/[`CHUNK_SNPS`]⌋ of its chromosome, no matter which
//! SNPs of the chunk are used. The product of a chunk is computed in double precision, in an order that depends on
//! nothing else. Each of its entries is then rounded to 52 fractional bits, which is below the rounding of the product
//! unless that is below 1/4, and added without further rounding ([`super::fixed_matrix`]). The sum therefore has the
//! same bits for any threads, blocks and order of ranges, if ranges begin and end between chunks, and ranges can be
//! subtracted again.

use super::fixed_matrix::{FixedMatrix, FixedPanel};
use super::kind::KinshipKind;
use crate::genotype::{GenotypeBlock, Subset};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Number of SNPs of a chunk, counted by their index in the source: ranges of dosages that are summed separately must
/// begin at multiples of it for the sum to have the same bits.
pub const CHUNK_SNPS: usize = 1024;
/// Number of panels of eight columns whose products one task computes; fixed, because it determines the order of the
/// sums.
const PANELS_PER_TASK: usize = 32;

/// The sum of z zᵀ over the SNPs added so far.
#[derive(Debug, Clone)]
pub(super) struct DosageSum {
    kind: KinshipKind,
    sum: FixedMatrix,
    /// n × [`CHUNK_SNPS`]; the first columns are z of the waiting SNPs. Empty before the first SNP.
    waiting: Mat<f64>,
    n_waiting: usize,
    /// The chunk of the waiting SNPs: chromosome and number.
    chunk: (Option<u32>, usize),
}

/// A sum of dosages whose SNPs are all multiplied, as it is written.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredDosages {
    kind: KinshipKind,
    sum: FixedMatrix,
}

impl From<DosageSum> for StoredDosages {
    fn from(mut sum: DosageSum) -> Self {
        sum.multiply();
        Self {
            kind: sum.kind,
            sum: sum.sum,
        }
    }
}

impl From<StoredDosages> for DosageSum {
    fn from(StoredDosages { kind, sum }: StoredDosages) -> Self {
        Self {
            kind,
            sum,
            waiting: Mat::new(),
            n_waiting: 0,
            chunk: (None, 0),
        }
    }
}

impl DosageSum {
    /// Bytes of the sum for `n` individuals: whole parts, half a matrix of fractions, the waiting SNPs and their
    /// products.
    pub(super) fn bytes(n: u64) -> u64 {
        (3 * n * n / 2 + 2 * n * CHUNK_SNPS as u64) * size_of::<f64>() as u64
    }

    pub(super) fn new(kind: KinshipKind, n: usize) -> Self {
        Self {
            kind,
            sum: FixedMatrix::new(n),
            waiting: Mat::new(),
            n_waiting: 0,
            chunk: (None, 0),
        }
    }

    /// Adds SNPs of `block`; means and variances are over all its individuals, rows and columns are the `wanted` ones.
    pub(super) fn add(&mut self, block: &GenotypeBlock, snp_indices: &[usize], wanted: &Subset) {
        let (kind, n) = (self.kind, self.sum.n());
        let (records, first_record) = block.records();
        // A chunk ends with its chromosome too, so that the sums of chromosomes can be combined.
        let chunk_of = |snp_index: usize| {
            let record = first_record + snp_index - block.snp_indices().start;
            let chromosome = records.chr_indices().get(record).copied();
            (chromosome, snp_index / CHUNK_SNPS)
        };
        for now in snp_indices.chunk_by(|&a, &b| chunk_of(a) == chunk_of(b)) {
            let chunk = chunk_of(now[0]);
            if chunk != self.chunk {
                self.multiply();
                self.chunk = chunk;
            }
            if self.waiting.nrows() == 0 {
                self.waiting = Mat::zeros(n, CHUNK_SNPS);
            }
            assert!(
                self.n_waiting + now.len() <= CHUNK_SNPS,
                "SNPs are added once and in ascending order"
            );
            self.waiting
                .as_mut()
                .subcols_mut(self.n_waiting, now.len())
                .par_col_iter_mut()
                .zip(now)
                .for_each(|(mut z, &snp_index)| {
                    let dosages = block.dosages(snp_index);
                    let (mean, scale) = moments(kind, &dosages);
                    for (k, &i) in wanted.rows().iter().enumerate().take(n) {
                        let z_i = (dosages[i] - mean) * scale;
                        z[k] = if z_i.is_nan() { 0.0 } else { z_i };
                    }
                });
            self.n_waiting += now.len();
        }
    }

    /// Adds the waiting SNPs to the sum.
    fn multiply(&mut self) {
        if self.n_waiting == 0 {
            return;
        }
        let (n, z) = (
            self.sum.n(),
            self.waiting.as_ref().subcols(0, self.n_waiting),
        );
        let panels = self.sum.panels().chunks(PANELS_PER_TASK);
        panels.for_each(|panels: Vec<FixedPanel<'_>>| {
            let first = panels[0].first;
            let width: usize = panels.iter().map(FixedPanel::width).sum();
            let mut products = Mat::zeros(n - first, width);
            // One thread per part, so that the number of threads does not change the order of the sums.
            matmul(
                products.as_mut(),
                Accum::Replace,
                z.subrows(first, n - first),
                z.subrows(first, width).transpose(),
                1.0,
                Par::Seq,
            );
            for mut panel in panels {
                for lane in 0..panel.width() {
                    let column = panel.first - first + lane;
                    let products = products.col(column).try_as_col_major();
                    let products = products.expect("columns are contiguous").as_slice();
                    panel.add_doubles(lane, &products[column..]);
                }
            }
        });
        self.n_waiting = 0;
    }

    /// Adds the SNPs of another sum of the same kind for the same individuals.
    pub(super) fn merge(&mut self, mut other: Self) {
        self.multiply();
        other.multiply();
        self.sum.add(&other.sum);
    }

    /// Removes SNPs that were added in the same chunks.
    pub(super) fn subtract(&mut self, mut part: Self) {
        self.multiply();
        part.multiply();
        self.sum.subtract(&part.sum);
    }

    /// The mean over `n_snps` SNPs in both triangles.
    pub(super) fn finish(mut self, n_snps: usize) -> Mat<f64> {
        self.multiply();
        let p = n_snps as f64;
        self.sum.finish(|_, _, sum| (sum / p, true)).0
    }
}

/// The mean of the observed dosages, and the factor for centred dosages: 1, or 1/√v with v the variance with missing
/// dosages at the mean; 1 if v is 0.
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
