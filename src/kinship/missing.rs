//! What missing calls take from the sums of a centred kinship.

use super::centred::{BATCH, Batch};
use super::fixed::{Parts, corrections};
use crate::kernels::LANES;
use crate::kernels::selected_sums::{IntegerLanes, SelectedSnps, add_selected};
use faer::Mat;
use rayon::prelude::*;

/// Missing calls of one individual whose corrections, from −4 to 1 each, fit in 64 bits with the fraction.
const MOST_CALLS: usize = 1 << 13;
const _: () = assert!(BATCH <= MOST_CALLS);

/// C_ij, the sum over the missing calls of i of what they add to the pair (i, j).
#[derive(Debug, Clone)]
pub(super) struct Corrections {
    n: usize,
    /// C_ij at `[j / 8 · n + i][j mod 8]`, fixed-point; empty until the first missing call.
    sums: Vec<IntegerLanes>,
    /// The most missing calls of any individual in `sums` since the whole parts were last taken out.
    calls: usize,
}

impl Corrections {
    pub(super) fn new(n: usize) -> Self {
        Self {
            n,
            sums: Vec::new(),
            calls: 0,
        }
    }

    /// Adds those of up to [`BATCH`] SNPs; whole parts may move to `products`.
    pub(super) fn add(&mut self, batch: &Batch, products: &mut Mat<f64>) {
        let n = self.n;
        let missing: Vec<Vec<u32>> = batch.snps().par_iter().map(missing_calls).collect();
        if missing.iter().all(Vec::is_empty) {
            return;
        }
        let (starts, calls) = by_individual(n, &missing);
        let most = starts.windows(2).map(|ends| ends[1] - ends[0]).max();
        let most = most.unwrap_or(0);
        if self.calls + most > MOST_CALLS {
            self.carry(products);
        }
        self.calls += most;
        if self.sums.is_empty() {
            self.sums = zeros(n.div_ceil(LANES) * n);
        }
        let values: Vec<[i64; 4]> = batch.means.iter().map(|&m| corrections(m)).collect();
        let selected = SelectedSnps {
            packed: &batch.packed,
            stride: batch.stride,
            values: &values,
            starts: &starts,
            selected: &calls,
        };
        add_selected(n, selected, &mut self.sums);
    }

    /// Moves the whole parts to the lower triangle of `products`.
    fn carry(&mut self, products: &mut Mat<f64>) {
        self.calls = 0;
        if self.sums.is_empty() {
            return;
        }
        let (n, sums) = (self.n, &self.sums);
        products
            .par_col_iter_mut()
            .enumerate()
            .for_each(|(j, mut column)| {
                for i in j..n {
                    let (ij, ji) = both(sums, n, i, j);
                    column[i] += (Parts::split(ij).0 + Parts::split(ji).0) as f64;
                }
            });
        (self.sums.par_iter_mut()).for_each(|lanes| lanes.0 = lanes.0.map(|x| Parts::split(x).1));
    }

    /// Takes out the corrections of `part`; `products` are those of `self` and of `part`.
    pub(super) fn subtract(&mut self, mut part: Self, products: [&mut Mat<f64>; 2]) {
        let [own, others] = products;
        // Only fractions are left, so that the differences fit.
        self.carry(own);
        part.carry(others);
        if !part.sums.is_empty() {
            self.sums.resize(part.sums.len(), IntegerLanes::default());
        }
        (self.sums.par_iter_mut().zip(&part.sums)).for_each(|(lanes, part)| {
            lanes.0.iter_mut().zip(part.0).for_each(|(x, y)| *x -= y);
        });
        self.carry(own);
    }

    /// C_ij + C_ji as a whole part and a fraction; `None` without missing calls.
    #[inline(always)]
    pub(super) fn pair(&self, i: usize, j: usize) -> Option<Parts> {
        if self.sums.is_empty() {
            return None;
        }
        let (ij, ji) = both(&self.sums, self.n, i, j);
        let (ij, ji) = (Parts::split(ij), Parts::split(ji));
        Some(Parts {
            whole: (ij.0 + ji.0) as f64,
            fraction: (ij.1 + ji.1) as f64,
        })
    }
}

/// Made on all threads: the first touch of so much memory takes as long as a good part of the sums.
fn zeros(count: usize) -> Vec<IntegerLanes> {
    (0..count)
        .into_par_iter()
        .map(|_| IntegerLanes::default())
        .collect()
}

/// Where the missing calls of each individual begin, one more than individuals, and the SNPs of all calls.
fn by_individual(n: usize, missing: &[Vec<u32>]) -> (Vec<usize>, Vec<u32>) {
    let mut next = vec![0; n + 1];
    for &i in missing.iter().flatten() {
        next[i as usize + 1] += 1;
    }
    (0..n).for_each(|i| next[i + 1] += next[i]);
    let (starts, mut snps) = (next.clone(), vec![0; next[n]]);
    for (s, missing) in missing.iter().enumerate() {
        for &i in missing {
            snps[next[i as usize]] = s as u32;
            next[i as usize] += 1;
        }
    }
    (starts, snps)
}

#[inline(always)]
fn both(sums: &[IntegerLanes], n: usize, i: usize, j: usize) -> (i64, i64) {
    let at = |i: usize, j: usize| sums[j / LANES * n + i].0[j % LANES];
    (at(i, j), at(j, i))
}

/// The individuals without a call in one packed SNP.
fn missing_calls(packed: &&[u8]) -> Vec<u32> {
    let mut missing = Vec::new();
    for (k, two) in packed.as_chunks::<2>().0.iter().enumerate() {
        let codes = u16::from_le_bytes(*two);
        let mut left = codes & !(codes >> 1) & 0x5555;
        while left != 0 {
            missing.push((k * LANES) as u32 + left.trailing_zeros() / 2);
            left &= left - 1;
        }
    }
    missing
}
