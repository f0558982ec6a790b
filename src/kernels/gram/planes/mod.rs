//! Genotypes as bit planes: two bits for each individual and SNP, with 512 SNPs next to each other.
//!
//! With x = a − 1 in {−1, 0, 1}, x x' is not 0 if both genotypes are homozygous, and is then −1 if they differ in sign.
//! Two bits encode each genotype, and population counts sum over 512 SNPs:
//! Σ x x' = #(both homozygous) − 2 #(of these, unlike), and Σ a a' = Σ x x' + Σ x + Σ x' + the number of SNPs.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod transpose;
mod word;

use super::limits::WEIGHT_BITS;
use super::tasks::{Task, tasks};
#[cfg(target_arch = "x86_64")]
use crate::kernels::cpu::V4Popcnt;
use faer::MatMut;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use word::{LANES, ROWS, WORD, Word};

/// Columns that one task updates.
const TASK_COLUMNS: usize = 64;
/// Rows that one task updates in them; both are multiples of [`ROWS`].
const TASK_ROWS: usize = 6 * TASK_COLUMNS;
/// SNPs in a batch. They take 2 KiB per individual, so that nine individuals fit in the first-level cache.
pub(super) const BATCH: usize = 16 * WORD;
/// Rows for the bits of the weights.
const WEIGHT_ROWS: usize = WEIGHT_BITS as usize;

/// Implementations of the counts; the first is the reference for the others.
#[derive(Debug, Clone, Copy)]
pub(super) enum Instructions {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx512(V4Popcnt),
}

impl Instructions {
    /// Σ x x' of each of eight individuals, stored one after the other in `rows`, with the individual `column`.
    #[inline(always)]
    fn products(self, rows: &[Word], column: &[Word]) -> [i64; ROWS] {
        match self {
            Self::Portable => portable(rows, column),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(cpu) => avx512::products(cpu, rows, column),
        }
    }
}

/// The reference implementation.
#[inline(always)]
fn portable(rows: &[Word], column: &[Word]) -> [i64; ROWS] {
    let mut sums = [0; ROWS];
    for (sum, row) in sums.iter_mut().zip(rows.chunks_exact(column.len())) {
        let (mut both, mut unlike) = ([0; LANES], [0; LANES]);
        for (x, y) in row.iter().zip(column) {
            for lane in 0..LANES {
                let homozygous = x.homozygous[lane] & y.homozygous[lane];
                let opposite = homozygous & (x.negative[lane] ^ y.negative[lane]);
                both[lane] += u64::from(homozygous.count_ones());
                unlike[lane] += u64::from(opposite.count_ones());
            }
        }
        *sum = both.iter().sum::<u64>() as i64 - 2 * unlike.iter().sum::<u64>() as i64;
    }
    sums
}

/// A batch of SNPs as bits; the memory is reused from batch to batch.
#[derive(Debug, Clone)]
pub(super) struct Planes {
    instructions: Instructions,
    n: usize,
    n_snps: usize,
    /// Words per individual.
    words: usize,
    /// Individual by individual, padded to a multiple of [`ROWS`]; the padding is not used.
    bits: Vec<Word>,
    /// Σ x of every individual.
    sums: Vec<i64>,
}

impl Planes {
    pub(super) fn new(instructions: Instructions) -> Self {
        Self {
            instructions,
            n: 0,
            n_snps: 0,
            words: 0,
            bits: Vec::new(),
            sums: Vec::new(),
        }
    }

    pub(super) fn fill(&mut self, n: usize, snps: &[&[u8]]) {
        (self.n, self.n_snps) = (n, snps.len());
        let words = snps.len().div_ceil(WORD);
        self.words = words;
        self.bits
            .resize(n.next_multiple_of(ROWS) * words, Word::ZERO);
        self.sums.resize(n.next_multiple_of(ROWS), 0);
        if words == 0 {
            return;
        }
        (self.bits.par_chunks_mut(transpose::GROUP * words))
            .zip(self.sums.par_chunks_mut(transpose::GROUP))
            .enumerate()
            .for_each(|(group, (bits, sums))| {
                Arch::new().dispatch(Fill {
                    snps,
                    group,
                    words,
                    bits,
                    sums,
                });
            });
    }

    fn of(&self, i: usize) -> &[Word] {
        &self.bits[i * self.words..][..self.words]
    }

    pub(super) fn add_gram(&self, sums: MatMut<'_, f64>) {
        assert!(sums.nrows() == self.n && sums.ncols() == self.n);
        if self.words > 0 {
            let tasks = tasks(sums, TASK_COLUMNS, TASK_ROWS);
            tasks.into_iter().par_bridge().for_each(|task| {
                Arch::new().dispatch(AddTask { planes: self, task });
            });
        }
    }

    /// The bits of the weights are multiplied like the dosages of additional individuals.
    pub(super) fn weighted_sums(&self, weights: &[u64]) -> Vec<u64> {
        let words = self.words;
        assert!(weights.len() == self.n_snps, "a weight for every SNP");
        if words == 0 {
            return vec![0; self.n];
        }
        // A bit that is not set is treated as a dosage of 0: x = −1.
        let mut bits = vec![Word::ZERO; WEIGHT_ROWS * words];
        for (word, weights) in weights.chunks(WORD).enumerate() {
            let rows = transpose::transposed_numbers(weights.iter().map(|weight| !weight));
            for (bits, unset) in bits[word..].iter_mut().step_by(words).zip(rows) {
                *bits = Word {
                    homozygous: unset,
                    negative: unset,
                };
            }
        }
        let totals: Vec<i64> = (bits.chunks_exact(words))
            .map(|words| words.iter().map(Word::sum).sum())
            .collect();
        let rows = bits
            .chunks_exact(ROWS * words)
            .zip(totals.chunks_exact(ROWS));
        (0..self.n)
            .into_par_iter()
            .map(|i| {
                let constant = self.sums[i] + self.n_snps as i64;
                let mut sum = 0;
                for (group, (rows, totals)) in rows.clone().enumerate() {
                    let products = self.instructions.products(rows, self.of(i));
                    for (b, (x, total)) in products.into_iter().zip(totals).enumerate() {
                        sum += ((x + total + constant) as u64) << (group * ROWS + b);
                    }
                }
                sum
            })
            .collect()
    }
}

/// The words of one group of individuals, and their sums.
struct Fill<'a> {
    snps: &'a [&'a [u8]],
    group: usize,
    words: usize,
    bits: &'a mut [Word],
    sums: &'a mut [i64],
}

impl WithSimd for Fill<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (word, snps) in self.snps.chunks(WORD).enumerate() {
            let rows = transpose::transposed(snps, self.group);
            let bits = self.bits[word..].iter_mut().step_by(self.words);
            for (bits, [low, high]) in bits.zip(rows.as_chunks::<2>().0) {
                // Codes are 0 for a dosage of 2, 1 for a missing call, 2 for a heterozygote, 3 for a dosage of 0.
                *bits = Word {
                    homozygous: std::array::from_fn(|lane| low[lane] | !high[lane]),
                    negative: *low,
                };
            }
        }
        for (sum, words) in self.sums.iter_mut().zip(self.bits.chunks_exact(self.words)) {
            *sum = words.iter().map(Word::sum).sum();
        }
    }
}

struct AddTask<'a> {
    planes: &'a Planes,
    task: Task<'a>,
}

impl WithSimd for AddTask<'_> {
    type Output = ();

    /// The rows of eight individuals stay in the first-level cache while all columns of the task are processed.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (planes, mut task) = (self.planes, self.task);
        let words = planes.words;
        for row in (0..task.sums.nrows()).step_by(ROWS) {
            let first = task.first_row + row;
            let rows = &planes.bits[first * words..][..ROWS * words];
            for k in 0..task.sums.ncols() {
                let j = task.first_column + k;
                // In this column and those after it, these rows are above the diagonal.
                if j >= first + ROWS {
                    break;
                }
                let products = planes.instructions.products(rows, planes.of(j));
                let constant = planes.sums[j] + planes.n_snps as i64;
                let column = task.sums.as_mut().col_mut(k).try_as_col_major_mut();
                let column = column.expect("columns are contiguous").as_slice_mut();
                let column = column[row..].iter_mut();
                for ((sum, x), row) in column.zip(products).zip(&planes.sums[first..]) {
                    *sum += (x + row + constant) as f64;
                }
            }
        }
    }
}
