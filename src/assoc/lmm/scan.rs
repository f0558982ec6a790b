//! The tests of association over blocks of SNPs, in parallel.

use super::fit::{Fit, FitPlace};
use super::tests_of_association::{Effect, Tests};
use crate::genotype::{GenotypeBlock, SnpSummary, Subset};
use crate::kernels::Precision;
use crate::null::{LambdaRange, NullFit, RotatedModel};
use crate::rotation::RotatedSnps;
use crate::stats::PValue;
use faer::{MatMut, MatRef, Par};
use rayon::prelude::*;
use std::sync::Mutex;

/// SNPs of dosages that are rotated at once.
const DOSAGES_AT_ONCE: usize = 1024;
/// Parts into which faer splits a product: fixed, so that the same bits come out of any number of threads.
const PARTS: usize = 16;
/// An effect of more standard errors than this is tested again in double precision after a rotation in single precision.
const LARGEST_T_SINGLE: f64 = 1e3;
/// The same for −log₁₀ p of the likelihood ratio test, where no effect is estimated.
const LARGEST_LRT_SINGLE: f64 = 100.0;
/// SNPs that one task tests. They do not depend on each other, so that results are the same for any blocks and threads.
const CHUNK_SNPS: usize = 128;

/// Why the statistics of a SNP are not numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undefined {
    /// The SNP is a linear combination of the covariates.
    Collinear,
    /// The likelihood could not be evaluated.
    Likelihood,
    /// The restricted likelihood does not depend on λ, and the Wald test does: it has no defined result.
    FlatRestricted,
}

/// The statistics of one SNP; what a test does not give is NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SnpAssoc {
    /// Effect of allele1: at the SNP's REML λ after a Wald test, else at the null model's ML λ.
    pub effect: Effect,
    /// Log-likelihood under the alternative: ML where a likelihood ratio test is made, else REML.
    pub logl_h1: f64,
    /// REML λ.
    pub l_remle: f64,
    /// ML λ.
    pub l_mle: f64,
    /// Wald test.
    pub p_wald: PValue,
    /// Likelihood ratio test.
    pub p_lrt: PValue,
    /// Score test.
    pub p_score: PValue,
    /// Why there are no numbers.
    pub undefined: Option<Undefined>,
    /// Whether a λ was found where GEMMA's own path ends without one.
    pub used_fallback: bool,
    /// Whether the SNP and the covariates explain the phenotype completely: tests with an infinite statistic have p = 0.
    pub is_perfect_fit: bool,
}

impl SnpAssoc {
    /// Nothing known.
    pub const NAN: Self = Self {
        effect: Effect::NAN,
        logl_h1: f64::NAN,
        l_remle: f64::NAN,
        l_mle: f64::NAN,
        p_wald: PValue::NAN,
        p_lrt: PValue::NAN,
        p_score: PValue::NAN,
        undefined: None,
        used_fallback: false,
        is_perfect_fit: false,
    };

    /// Whether rounding of the rotated SNP in single precision can change the result.
    fn is_delicate(&self) -> bool {
        // In standard errors: with 10⁶ of them the residual is 10⁻¹² of the phenotype's square.
        let is_near_perfect = self.effect.beta.abs() > LARGEST_T_SINGLE * self.effect.se;
        let is_far_out = self.p_lrt.neg_log10 > LARGEST_LRT_SINGLE;
        is_near_perfect
            || is_far_out
            || self.is_perfect_fit
            || self.used_fallback
            || self.undefined.is_some()
    }
}

/// Tests SNPs against one model.
pub struct Scanner<'m> {
    model: &'m RotatedModel,
    individuals: &'m Subset,
    fit: Fit<'m>,
    precision: Precision,
    /// Rotated SNPs, in memory that serves every block.
    rotated: Mutex<RotatedSnps>,
}

/// What one task works in: rotated SNPs of a chunk, and what the fit needs.
struct Workplace {
    utx: Vec<f64>,
    fit: FitPlace,
}

impl<'m> Scanner<'m> {
    /// Prepares the scan of SNPs of `individuals`, those of `model`, in the same order.
    ///
    /// # Panics
    /// Where `individuals` and `model` differ in number.
    #[must_use]
    pub fn new(
        model: &'m RotatedModel,
        null: &NullFit,
        individuals: &'m Subset,
        range: LambdaRange,
        tests: Tests,
    ) -> Self {
        assert_eq!(individuals.len(), model.n());
        Self {
            model,
            individuals,
            fit: Fit::new(model, null, range, tests),
            precision: Precision::default(),
            rotated: Mutex::default(),
        }
    }

    /// The same scan with its SNPs rotated in numbers of `precision`.
    #[must_use]
    pub fn rotating_in(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// Tests the SNPs of `block` that `snps` names, in their order.
    #[must_use]
    pub fn scan(&self, block: &GenotypeBlock, snps: &[SnpSummary]) -> Vec<SnpAssoc> {
        if block.has_dosages() {
            return self.scan_dosages(block, snps);
        }
        let mut results = self.scan_packed(block, snps, self.precision);
        if self.precision != Precision::F64 {
            self.repeat_in_double_precision(block, snps, &mut results);
        }
        results
    }

    /// Tests again the SNPs on whose digits the result hangs: those that explain all but rounding of the phenotype, and
    /// those whose likelihood hardly depends on λ.
    fn repeat_in_double_precision(
        &self,
        block: &GenotypeBlock,
        snps: &[SnpSummary],
        results: &mut [SnpAssoc],
    ) {
        let delicate: Vec<usize> = (0..snps.len())
            .filter(|&s| results[s].is_delicate())
            .collect();
        let again: Vec<SnpSummary> = delicate.iter().map(|&s| snps[s]).collect();
        let repeated = self.scan_packed(block, &again, Precision::F64);
        for (s, result) in delicate.into_iter().zip(repeated) {
            results[s] = result;
        }
    }

    fn scan_packed(
        &self,
        block: &GenotypeBlock,
        snps: &[SnpSummary],
        precision: Precision,
    ) -> Vec<SnpAssoc> {
        let mut results = vec![SnpAssoc::NAN; snps.len()];
        let mut rotated = self.rotated.lock().expect("no scan panicked");
        let width = RotatedSnps::width(self.model.n());
        for (results, snps) in results.chunks_mut(width).zip(snps.chunks(width)) {
            let eigen = self.model.eigen();
            rotated.rotate(eigen, self.individuals, block, snps, precision);
            results
                .chunks_mut(CHUNK_SNPS)
                .enumerate()
                .par_bridge()
                .for_each_init(
                    || self.workplace(precision),
                    |place, (chunk, results)| {
                        self.scan_chunk(&rotated, chunk * CHUNK_SNPS, place, results);
                    },
                );
        }
        results
    }

    /// As [`Scanner::scan`], rotating dosages by matrix products.
    fn scan_dosages(&self, block: &GenotypeBlock, snps: &[SnpSummary]) -> Vec<SnpAssoc> {
        let mut results = vec![SnpAssoc::NAN; snps.len()];
        let (n, rows) = (self.model.n(), self.model.d().len());
        for (results, snps) in results
            .chunks_mut(DOSAGES_AT_ONCE)
            .zip(snps.chunks(DOSAGES_AT_ONCE))
        {
            let mut x = vec![0.0; n * snps.len()];
            x.par_chunks_mut(n).zip(snps).for_each(|(x, snp)| {
                let (dosages, mean) = (block.dosages(snp.snp_index), snp.mean());
                for (x, &i) in x.iter_mut().zip(self.individuals.rows()) {
                    *x = if dosages[i].is_nan() {
                        mean
                    } else {
                        dosages[i]
                    };
                }
            });
            let mut utx = vec![0.0; rows * snps.len()];
            self.model.eigen().rotate(
                MatRef::from_column_major_slice(&x, n, snps.len()),
                MatMut::from_column_major_slice_mut(&mut utx, rows, snps.len()),
                Par::rayon(PARTS),
            );
            utx.par_chunks_mut(rows * CHUNK_SNPS)
                .zip(results.par_chunks_mut(CHUNK_SNPS))
                .for_each_init(
                    || FitPlace::new(Precision::F64),
                    |place, (utx, results)| {
                        self.fit.snps(utx, place, results);
                    },
                );
        }
        results
    }

    fn workplace(&self, precision: Precision) -> Workplace {
        Workplace {
            utx: vec![0.0; self.model.d().len() * CHUNK_SNPS],
            fit: FitPlace::new(precision),
        }
    }

    /// Tests the rotated SNPs from number `first` on.
    fn scan_chunk(
        &self,
        rotated: &RotatedSnps,
        first: usize,
        place: &mut Workplace,
        results: &mut [SnpAssoc],
    ) {
        let rows = self.model.d().len();
        let utx = &mut place.utx[..results.len() * rows];
        rotated.columns(first, rows, utx);
        self.fit.snps(utx, &mut place.fit, results);
    }
}
