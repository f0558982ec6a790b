//! The effective number of independent tests, from the correlations between the SNPs (`--effective-tests`).

use crate::eigen::eigenvalues;
use crate::error::Result;
use crate::genotype::{GenotypeBlock, SnpSummary, Subset};
use crate::kernels::orthonormal::dot;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};
use rayon::prelude::*;

/// Largest number of SNPs in a window: the time of an eigendecomposition grows with its cube.
const MOST_SNPS: usize = 256;
/// An eigenvalue this close to a whole number is that number: the count is discontinuous there, and eigenvalues of copies
/// of a SNP are whole numbers but for rounding.
const ROUNDING: f64 = 1e-9;

/// The effective number of tests of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EffectiveTests {
    /// M_eff.
    pub count: f64,
    /// SNPs in a window.
    pub window: usize,
}

impl EffectiveTests {
    /// The threshold of p for a family-wise error rate of `alpha`: 1 − (1 − α)^(1/M_eff) (Šidák).
    #[must_use]
    pub fn threshold(&self, alpha: f64) -> f64 {
        -((-alpha).ln_1p() / self.count).exp_m1()
    }
}

/// M_eff of Li & Ji, summed over windows of consecutive tested SNPs of one chromosome:
///
/// M_eff = Σ f(|λᵢ|), f(x) = I(x ≥ 1) + (x − ⌊x⌋), where λᵢ are the eigenvalues of the correlation matrix of the SNPs of a
/// window, with missing genotypes at the mean.
///
/// A window has at most n/2 SNPs: the correlation matrix of more SNPs than individuals is singular, whatever the linkage
/// disequilibrium. Correlations across the ends of windows are ignored, so that M_eff is rather too large than too small.
/// Relatedness and population structure, which correlate distant SNPs too, are not removed.
///
/// Source: Li & Ji 2005, Heredity 95:221.
#[derive(Debug)]
pub struct EffectiveTestsSum {
    subset: Subset,
    window: usize,
    chromosome: Box<str>,
    /// Standardised genotypes of the SNPs of the window that is being filled, n values each.
    filling: Vec<f64>,
    /// Windows that are complete.
    complete: Vec<Vec<f64>>,
    count: f64,
}

impl EffectiveTestsSum {
    /// Without a SNP yet, over the individuals of `subset`.
    #[must_use]
    pub fn new(subset: Subset) -> Self {
        Self {
            window: Self::window(subset.len()),
            subset,
            chromosome: "".into(),
            filling: Vec::new(),
            complete: Vec::new(),
            count: 0.0,
        }
    }

    /// SNPs in a window for `n` individuals.
    fn window(n: usize) -> usize {
        (n / 2).clamp(1, MOST_SNPS)
    }

    /// Maximum number of bytes for `n` individuals and this number of threads.
    #[must_use]
    pub fn bytes(n: u64, threads: u64) -> u64 {
        let window = Self::window(n as usize) as u64;
        8 * window * (n * (threads + 1) + 3 * window * threads)
    }

    /// Adds SNPs of `block`, in the order of the source.
    pub fn add(&mut self, block: &GenotypeBlock, snps: &[SnpSummary]) -> Result<()> {
        let n = self.subset.len();
        for snp in snps {
            let chromosome = block.record(snp.snp_index).chr;
            if *self.chromosome != *chromosome {
                self.end_window();
                self.chromosome = chromosome.into();
            }
            let start = self.filling.len();
            self.filling.resize(start + n, 0.0);
            let x = &mut self.filling[start..];
            block.fill_column(snp.snp_index, &self.subset, snp.mean(), x);
            standardise(x);
            if self.filling.len() == self.window * n {
                self.end_window();
            }
            if self.complete.len() >= rayon::current_num_threads() {
                self.count_complete()?;
            }
        }
        Ok(())
    }

    fn end_window(&mut self) {
        if !self.filling.is_empty() {
            self.complete.push(std::mem::take(&mut self.filling));
        }
    }

    /// Counts the complete windows side by side; the sum is in their order.
    fn count_complete(&mut self) -> Result<()> {
        let n = self.subset.len();
        let counts = self.complete.par_iter().map(|window| effective(window, n));
        for count in counts.collect::<Result<Vec<f64>>>()? {
            self.count += count;
        }
        self.complete.clear();
        Ok(())
    }

    /// M_eff of all SNPs that were added.
    pub fn finish(mut self) -> Result<EffectiveTests> {
        self.end_window();
        self.count_complete()?;
        Ok(EffectiveTests {
            count: self.count,
            window: self.window,
        })
    }
}

/// Subtracts the mean and divides by the norm; a SNP that does not vary becomes 0.
fn standardise(x: &mut [f64]) {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    x.iter_mut().for_each(|x| *x -= mean);
    let norm = dot(x, x).sqrt();
    let scale = if norm > 0.0 { 1.0 / norm } else { 0.0 };
    x.iter_mut().for_each(|x| *x *= scale);
}

/// M_eff of one window of standardised SNPs, `n` values each.
fn effective(window: &[f64], n: usize) -> Result<f64> {
    let m = window.len() / n;
    let z = MatRef::from_column_major_slice(window, n, m);
    let mut correlation = Mat::zeros(m, m);
    matmul(
        correlation.as_mut(),
        Accum::Replace,
        z.transpose(),
        z,
        1.0,
        Par::Seq,
    );
    let counted = eigenvalues(correlation.as_ref())?.into_iter().map(part);
    Ok(counted.sum())
}

/// f of Li & Ji.
fn part(eigenvalue: f64) -> f64 {
    let x = eigenvalue.abs();
    let x = if (x - x.round()).abs() < ROUNDING * x.max(1.0) {
        x.round()
    } else {
        x
    };
    f64::from(u8::from(x >= 1.0)) + x.fract()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genotype::Genotypes;
    use crate::io::bim::{Snp, SnpTable};
    use std::sync::Arc;

    /// SNPs with these dosages, all on the chromosomes given.
    fn block(snps: &[Vec<f64>], chromosomes: &[&str]) -> GenotypeBlock {
        let records = SnpTable::of(chromosomes.iter().map(|&chr| Snp {
            chr,
            rs: "rs",
            ps: 1,
            allele1: "A",
            allele0: "C",
        }));
        GenotypeBlock::new(0, snps[0].len(), Genotypes::Dosages(snps.concat()))
            .with_records(Arc::new(records), 0)
    }

    fn count(snps: &[Vec<f64>], chromosomes: &[&str]) -> EffectiveTests {
        let block = block(snps, chromosomes);
        let subset = Subset::everybody(snps[0].len());
        let mut x = vec![0.0; subset.len()];
        let summaries: Vec<SnpSummary> = (0..snps.len())
            .map(|s| block.summarise(s, &subset, &mut x).summary)
            .collect();
        let mut sum = EffectiveTestsSum::new(subset);
        for one in summaries.chunks(3) {
            sum.add(&block, one).unwrap();
        }
        sum.finish().unwrap()
    }

    /// SNPs of `n` individuals: each is the one before, with some genotypes changed.
    fn linked(n: usize, p: usize) -> Vec<Vec<f64>> {
        let mut state = 3_u64;
        let mut draw = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        let mut snps: Vec<Vec<f64>> = vec![(0..n).map(|_| draw(3) as f64).collect()];
        for _ in 1..p {
            let mut next = snps[snps.len() - 1].clone();
            for x in &mut next {
                if draw(5) == 0 {
                    *x = draw(3) as f64;
                }
            }
            snps.push(next);
        }
        snps
    }

    /// Pearson's correlation.
    fn correlation(a: &[f64], b: &[f64]) -> f64 {
        let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
        let (ma, mb) = (mean(a), mean(b));
        let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            a.iter().zip(b).map(|(a, b)| f(a - ma, b - mb)).sum()
        };
        sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
    }

    /// Eigenvalues by Jacobi's rotations.
    #[allow(clippy::needless_range_loop, reason = "two rows of a matrix at once")]
    fn jacobi(mut a: Vec<Vec<f64>>) -> Vec<f64> {
        let m = a.len();
        for _ in 0..60 {
            for p in 0..m {
                for q in p + 1..m {
                    if a[p][q].abs() < 1e-300 {
                        continue;
                    }
                    let theta = 0.5 * (2.0 * a[p][q]).atan2(a[q][q] - a[p][p]);
                    let (s, c) = theta.sin_cos();
                    for row in &mut a {
                        let (x, y) = (row[p], row[q]);
                        (row[p], row[q]) = (c * x - s * y, s * x + c * y);
                    }
                    for k in 0..m {
                        let (x, y) = (a[p][k], a[q][k]);
                        (a[p][k], a[q][k]) = (c * x - s * y, s * x + c * y);
                    }
                }
            }
        }
        (0..m).map(|i| a[i][i]).collect()
    }

    /// M_eff of the SNPs of one window.
    fn oracle(snps: &[Vec<f64>]) -> f64 {
        let matrix = snps
            .iter()
            .map(|a| snps.iter().map(|b| correlation(a, b)).collect());
        let values = jacobi(matrix.collect());
        let f = |x: f64| if x >= 1.0 { 1.0 + x - x.floor() } else { x };
        values.into_iter().map(|x| f(x.abs())).sum()
    }

    #[test]
    fn windows_are_those_of_the_oracle_and_end_with_the_chromosome() {
        let (n, p) = (24, 40);
        let snps = linked(n, p);
        let chromosomes: Vec<&str> = (0..p).map(|s| if s < 17 { "1" } else { "2" }).collect();
        let found = count(&snps, &chromosomes);
        assert_eq!(found.window, 12);
        let windows = [0..12, 12..17, 17..29, 29..40];
        let expected: f64 = windows.into_iter().map(|one| oracle(&snps[one])).sum();
        assert!(
            (found.count - expected).abs() < 1e-9,
            "{} {expected}",
            found.count
        );
        assert!(found.count < 0.9 * p as f64);
    }

    #[test]
    fn copies_of_a_snp_are_one_test_and_uncorrelated_snps_are_each_one() {
        let x = linked(16, 1).remove(0);
        let swapped: Vec<f64> = x.iter().map(|x| 2.0 - x).collect();
        let copies = vec![x.clone(), x.clone(), swapped, x];
        assert!((count(&copies, &["1"; 4]).count - 1.0).abs() < 1e-9);
        let bit = |k: u32| {
            (0..16_u32)
                .map(|i| f64::from((i >> k) % 2))
                .collect::<Vec<_>>()
        };
        let independent: Vec<Vec<f64>> = (0..4).map(bit).collect();
        let found = count(&independent, &["1"; 4]);
        assert!((found.count - 4.0).abs() < 1e-9);
        assert!((found.threshold(0.05) - (1.0 - 0.95_f64.powf(0.25))).abs() < 1e-12);
    }
}
