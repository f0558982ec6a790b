//! The standardised kinship: every SNP divided by its standard deviation, hence real-valued products.

use crate::genotype::{Dosages, GenotypeBlock, Individuals};
use crate::kernels::GenotypeCounts;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

/// SNPs added at once. Fixed, and counted from the first SNP used, so that neither the blocks in which a file is read
/// nor the threads change the order of any sum.
const BATCH: usize = 256;
/// Columns of the matrix that one task updates.
const PANEL: usize = 96;

/// The sum of z zᵀ over the SNPs added so far.
pub(super) struct StandardisedSum {
    n: usize,
    /// n × n, column-major, lower triangle.
    sum: Vec<f64>,
    /// Up to [`BATCH`] columns z, waiting to be added.
    waiting: Vec<f64>,
}

impl StandardisedSum {
    pub(super) fn new(n: usize) -> Self {
        Self {
            n,
            sum: vec![0.0; n * n],
            waiting: Vec::with_capacity(BATCH * n),
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
        let n = self.n;
        let mut rest = positions;
        while !rest.is_empty() {
            let start = self.waiting.len();
            let room = BATCH - start / n;
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.waiting.resize(start + now.len() * n, 0.0);
            self.waiting[start..]
                .par_chunks_mut(n)
                .zip(now)
                .for_each(|(z, &position)| {
                    let packed = block.packed(position);
                    wanted.decode(packed, standardised(everybody.count(packed)), z);
                });
            if self.waiting.len() == BATCH * n {
                self.multiply();
            }
            rest = later;
        }
    }

    /// sum += Z Zᵀ, panel by panel of the lower triangle.
    fn multiply(&mut self) {
        let n = self.n;
        let z = MatRef::from_column_major_slice(&self.waiting, n, self.waiting.len() / n);
        self.sum
            .par_chunks_mut(PANEL * n)
            .enumerate()
            .for_each(|(panel, sum)| {
                let first = panel * PANEL;
                let (rows, width) = (n - first, sum.len() / n);
                let sum = MatMut::from_column_major_slice_mut(sum, n, width);
                // Each panel is one product on one thread: its sums never depend on how many threads there are.
                matmul(
                    sum.subrows_mut(first, rows),
                    Accum::Add,
                    z.subrows(first, rows),
                    z.subrows(first, width).transpose(),
                    1.0,
                    Par::Seq,
                );
            });
        self.waiting.clear();
    }

    /// The mean over `n_snps` SNPs, both triangles.
    pub(super) fn finish(mut self, n_snps: usize) -> Mat<f64> {
        self.multiply();
        let (n, p) = (self.n, n_snps as f64);
        let lower = MatRef::from_column_major_slice(&self.sum, n, n);
        Mat::from_fn(n, n, |i, j| lower[(i.max(j), i.min(j))] / p)
    }
}

/// The value of each two-bit code: (dosage − μ)/√v, left centred where v = 0.
fn standardised(counts: GenotypeCounts) -> Dosages {
    if counts.observed() == 0 {
        return Dosages([0.0; 4]);
    }
    let (mean, n) = (counts.mean(), counts.total() as f64);
    let squares = (4 * counts.two + counts.one) as f64;
    let variance = (squares + mean * mean * counts.missing as f64) / n - mean * mean;
    Dosages::centred(
        mean,
        if variance == 0.0 {
            1.0
        } else {
            1.0 / variance.sqrt()
        },
    )
}
