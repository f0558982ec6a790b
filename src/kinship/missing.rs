//! Corrections of a centred kinship for missing calls.

use super::batch::Batch;
use super::fixed::{CORRECTION_BITS, Parts};
use crate::kernels::LANES;
use crate::kernels::selected_sums::{IntegerLanes, SelectedSnps, add_selected};
use faer::Mat;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Upper bound of the sums of corrections, so that the two sums of a pair together fit in 64 bits.
const MOST: u64 = (1 << 62) - 1;

/// C_ij, the sum, over the missing calls of i, of their contributions to the pair (i, j).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Corrections {
    n: usize,
    /// C_ij at `[j / 8 · n + i][j mod 8]`, fixed-point; empty until the first missing call.
    #[serde(with = "lanes")]
    sums: Vec<IntegerLanes>,
    /// Upper bound of the sums of each individual since their whole parts were last moved.
    sizes: Vec<u64>,
    /// Number of missing calls of each individual.
    n_calls: Vec<u64>,
}

/// [`IntegerLanes`] as plain numbers, as they are written.
mod lanes {
    use crate::io::packed::columns;
    use crate::kernels::LANES;
    use crate::kernels::selected_sums::IntegerLanes;
    use serde::{Deserializer, Serializer};

    /// Lanes whose numbers are written together.
    const TOGETHER: usize = 1 << 16;

    pub(super) fn serialize<S: Serializer>(
        sums: &[IntegerLanes],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let pieces = sums.chunks(TOGETHER);
        let numbers = pieces.map(|lanes| lanes.iter().flat_map(|lanes| lanes.0).collect());
        columns::serialize_each::<i64, S>(numbers, to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<IntegerLanes>, D::Error> {
        let mut all = Vec::new();
        columns::deserialize_each(from, |piece: Vec<i64>, n_more| {
            let lanes = piece.as_chunks::<LANES>().0;
            all.reserve_exact(lanes.len() * (n_more + 1));
            all.extend(lanes.iter().map(|lanes| IntegerLanes(*lanes)));
        })?;
        Ok(all)
    }
}

impl Corrections {
    pub(super) fn new(n: usize) -> Self {
        Self {
            n,
            sums: Vec::new(),
            sizes: vec![0; n],
            n_calls: vec![0; n],
        }
    }

    /// Number of missing calls of individual i.
    #[inline(always)]
    pub(super) fn n_calls(&self, i: usize) -> u64 {
        self.n_calls[i]
    }

    /// Adds the corrections of a batch of SNPs; whole parts may be moved to `products`.
    pub(super) fn add(&mut self, batch: &Batch, products: &mut Mat<f64>) {
        let n = self.n;
        let missing: Vec<Vec<u32>> = batch.snps().par_iter().map(missing_calls).collect();
        if missing.iter().all(Vec::is_empty) {
            return;
        }
        if self.sums.is_empty() {
            self.sums = zeros(n.div_ceil(LANES) * n);
        }
        let values: Vec<[i64; 4]> = (batch.terms.par_iter().zip(&missing))
            .map(|(terms, missing)| {
                // The values of a SNP without missing calls are not used.
                if missing.is_empty() {
                    return [0; 4];
                }
                terms.corrections(CORRECTION_BITS)
            })
            .collect();
        let (mut starts, calls) = by_individual(n, &missing);
        for (count, ends) in self.n_calls.iter_mut().zip(starts.windows(2)) {
            *count += (ends[1] - ends[0]) as u64;
        }
        let ends = starts[1..].to_vec();
        starts.truncate(n);
        loop {
            let (now, full) = self.that_fit(&values, &calls, &mut starts, &ends);
            let selected = SelectedSnps {
                packed: &batch.packed,
                stride: batch.stride,
                values: &values,
                starts: &now.0,
                selected: &now.1,
            };
            add_selected(n, selected, &mut self.sums);
            if full.is_empty() {
                return;
            }
            self.carry(&full, products);
        }
    }

    /// As many calls from `next` to `ends` of each individual as fit in its sums, and the individuals that have more.
    fn that_fit(
        &mut self,
        values: &[[i64; 4]],
        calls: &[u32],
        next: &mut [usize],
        ends: &[usize],
    ) -> ((Vec<usize>, Vec<u32>), Vec<usize>) {
        let sizes_of_snps: Vec<u64> = (values.iter())
            .map(|values| values.map(i64::unsigned_abs).into_iter().max().unwrap_or(0))
            .collect();
        let (mut starts, mut now, mut full) = (vec![0], Vec::new(), Vec::new());
        for (i, (next, &end)) in next.iter_mut().zip(ends).enumerate() {
            let left = &calls[*next..end];
            let fitting = left.iter().take_while(|&&s| {
                let size = self.sizes[i] + sizes_of_snps[s as usize];
                let fits = size <= MOST;
                if fits {
                    self.sizes[i] = size;
                }
                fits
            });
            now.extend(fitting);
            *next += now.len() - starts[i];
            starts.push(now.len());
            if *next < end {
                full.push(i);
            }
        }
        ((starts, now), full)
    }

    /// Moves the whole parts of some individuals (ascending) to the lower triangle of `products`.
    fn carry(&mut self, full: &[usize], products: &mut Mat<f64>) {
        for &i in full {
            // The remainder is below one.
            self.sizes[i] = 1 << CORRECTION_BITS;
        }
        if self.sums.is_empty() {
            return;
        }
        let (n, sums) = (self.n, &self.sums);
        let whole = |i: usize, j: usize| Parts::split(at(sums, n, i, j)).0 as f64;
        products
            .par_col_iter_mut()
            .enumerate()
            .for_each(|(j, mut column)| {
                let from = full.partition_point(|&i| i < j);
                for &i in &full[from..] {
                    column[i] += whole(i, j);
                }
                if full.get(from) == Some(&j) {
                    for i in j..n {
                        column[i] += whole(j, i);
                    }
                }
            });
        (self.sums.par_chunks_mut(n)).for_each(|strip| {
            for &i in full {
                strip[i].0 = strip[i].0.map(|x| Parts::split(x).1);
            }
        });
    }

    fn carry_all(&mut self, products: &mut Mat<f64>) {
        let everybody: Vec<usize> = (0..self.n).collect();
        self.carry(&everybody, products);
    }

    /// Adds the corrections of `other`; `products` are those of `self` and of `other`.
    pub(super) fn merge(&mut self, other: Self, products: [&mut Mat<f64>; 2]) {
        (self.n_calls.iter_mut().zip(&other.n_calls)).for_each(|(own, other)| *own += other);
        self.combine(other, products, |x, y| x + y);
    }

    /// Subtracts the corrections of `part`; `products` are those of `self` and of `part`.
    pub(super) fn subtract(&mut self, part: Self, products: [&mut Mat<f64>; 2]) {
        (self.n_calls.iter_mut().zip(&part.n_calls)).for_each(|(own, part)| *own -= part);
        self.combine(part, products, |x, y| x - y);
    }

    fn combine(
        &mut self,
        mut other: Self,
        products: [&mut Mat<f64>; 2],
        combined: impl Fn(i64, i64) -> i64 + Sync,
    ) {
        let [own, others] = products;
        if self.sums.is_empty() && other.sums.is_empty() {
            return;
        }
        // Only fractions are left, so their sums and differences fit.
        self.carry_all(own);
        other.carry_all(others);
        let length = self.sums.len().max(other.sums.len());
        for sums in [&mut self.sums, &mut other.sums] {
            sums.resize(length, IntegerLanes::default());
        }
        (self.sums.par_iter_mut().zip(&other.sums)).for_each(|(lanes, others)| {
            let pairs = lanes.0.iter_mut().zip(others.0);
            pairs.for_each(|(x, y)| *x = combined(*x, y));
        });
        self.carry_all(own);
    }

    /// C_ij + C_ji as a whole part and a fraction, both rounded down; `None` without missing calls.
    #[inline(always)]
    pub(super) fn pair(&self, i: usize, j: usize) -> Option<Parts> {
        if self.sums.is_empty() {
            return None;
        }
        let (ij, ji) = (at(&self.sums, self.n, i, j), at(&self.sums, self.n, j, i));
        let (ij, ji) = (Parts::of_correction(ij), Parts::of_correction(ji));
        Some(Parts {
            whole: ij.whole + ji.whole,
            fraction: ij.fraction + ji.fraction,
        })
    }

    /// C_ij + C_ji with all bits.
    pub(super) fn exact_pair(&self, i: usize, j: usize) -> i64 {
        if self.sums.is_empty() {
            return 0;
        }
        at(&self.sums, self.n, i, j) + at(&self.sums, self.n, j, i)
    }
}

/// Allocated on all threads: the first touch of so much memory takes a considerable fraction of the time of the sums.
fn zeros(count: usize) -> Vec<IntegerLanes> {
    (0..count)
        .into_par_iter()
        .map(|_| IntegerLanes::default())
        .collect()
}

/// Where the missing calls of each individual begin (one entry more than individuals), and the SNPs of all missing
/// calls.
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
fn at(sums: &[IntegerLanes], n: usize, i: usize, j: usize) -> i64 {
    sums[j / LANES * n + i].0[j % LANES]
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
