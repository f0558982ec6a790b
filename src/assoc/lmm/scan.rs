//! Parallel association tests over blocks of SNPs.

use super::group::{GroupFit, GroupScratch};
use super::options::Lmm;
use super::snp::SnpStatistics;
use crate::assoc::{Scan, TraitColumns};
use crate::error::Result;
use crate::genotype::{GenotypeBlock, SnpSummary};
use crate::kernels::Precision;
use crate::null::FittedGroup;
use crate::rotation::RotatedSnps;
use rayon::prelude::*;
use std::sync::Mutex;

/// After a rotation in single precision, a SNP whose effect exceeds this many standard errors is tested again in double
/// precision.
const LARGEST_T_SINGLE: f64 = 1e3;
/// The same threshold for −log₁₀ p of the likelihood ratio test, which estimates no effect.
const LARGEST_LRT_SINGLE: f64 = 100.0;
/// SNPs tested by one task. SNPs are tested independently, so the results do not depend on blocks and threads.
const CHUNK_SNPS: usize = 128;

/// Tests SNPs for every trait of a group.
pub struct LmmScan<'g> {
    group: &'g FittedGroup,
    fit: GroupFit<'g>,
    options: Lmm,
    /// Rotated SNPs; the memory is reused for every block.
    rotated: Mutex<RotatedSnps>,
}

/// Scratch memory of one task: the rotated SNPs of a chunk, and the scratch memory of the fit.
struct Scratch {
    utx: Vec<f64>,
    fit: GroupScratch,
}

/// A part of the tests: selected traits of selected SNPs of a block.
struct Part<'a> {
    block: &'a GenotypeBlock,
    snps: &'a [SnpSummary],
    /// SNP by SNP, whether each trait is tested; results of traits that are not tested remain unchanged.
    is_wanted: &'a [bool],
    precision: Precision,
}

impl<'g> LmmScan<'g> {
    /// Prepares the scan of SNPs for `group`.
    #[must_use]
    pub fn new(group: &'g FittedGroup, options: Lmm) -> Self {
        Self {
            group,
            fit: GroupFit::new(group, options.range, options.computed_tests()),
            options,
            rotated: Mutex::default(),
        }
    }

    /// The statistics of `snps`: SNP by SNP, one entry for each trait.
    fn statistics(&self, block: &GenotypeBlock, snps: &[SnpSummary]) -> Vec<SnpStatistics> {
        let count = snps.len() * self.group.traits.len();
        let mut results = vec![SnpStatistics::NAN; count];
        let precision = RotatedSnps::precision(block, self.options.rotation);
        let part = Part {
            block,
            snps,
            is_wanted: &vec![true; count],
            precision,
        };
        self.fill(&part, &mut results);
        if precision != Precision::F64 {
            self.repeat_in_double_precision(block, snps, &mut results);
        }
        results
    }

    /// Repeats the tests that depend on the last digits of the rotated SNP: those of SNPs that explain the trait up to
    /// rounding, and of SNPs whose likelihood barely depends on λ.
    fn repeat_in_double_precision(
        &self,
        block: &GenotypeBlock,
        snps: &[SnpSummary],
        results: &mut [SnpStatistics],
    ) {
        let n_traits = self.group.traits.len();
        let (mut again, mut is_wanted, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        for (snp, of_traits) in snps.iter().zip(results.chunks(n_traits)) {
            if of_traits.iter().any(is_delicate) {
                again.push(*snp);
                is_wanted.extend(of_traits.iter().map(is_delicate));
                repeated.resize(repeated.len() + n_traits, SnpStatistics::NAN);
            }
        }
        let part = Part {
            block,
            snps: &again,
            is_wanted: &is_wanted,
            precision: Precision::F64,
        };
        self.fill(&part, &mut repeated);
        let mut repeated = is_wanted.iter().zip(repeated).filter(|(is, _)| **is);
        for result in results.iter_mut().filter(|result| is_delicate(result)) {
            (_, *result) = repeated.next().expect("all delicate results were repeated");
        }
    }

    fn fill(&self, part: &Part<'_>, results: &mut [SnpStatistics]) {
        let (rotation, n_traits) = (&*self.group.rotation, self.group.traits.len());
        let mut rotated = self.rotated.lock().expect("no scan panicked");
        let width = RotatedSnps::width(rotation, part.block);
        let lots = part
            .snps
            .chunks(width)
            .zip(part.is_wanted.chunks(width * n_traits));
        for ((snps, is_wanted), results) in lots.zip(results.chunks_mut(width * n_traits)) {
            rotated.rotate(rotation, part.block, snps, part.precision);
            results
                .chunks_mut(CHUNK_SNPS * n_traits)
                .zip(is_wanted.chunks(CHUNK_SNPS * n_traits))
                .enumerate()
                .par_bridge()
                .for_each_init(
                    || self.scratch(part.precision),
                    |scratch, (chunk, (results, is_wanted))| {
                        let rows = rotation.d().len();
                        let utx = &mut scratch.utx[..results.len() / n_traits * rows];
                        rotated.columns(chunk * CHUNK_SNPS, rows, utx);
                        self.fit.snps(utx, is_wanted, &mut scratch.fit, results);
                    },
                );
        }
    }

    fn scratch(&self, precision: Precision) -> Scratch {
        Scratch {
            utx: vec![0.0; self.group.rotation.d().len() * CHUNK_SNPS],
            fit: GroupScratch::new(precision),
        }
    }
}

impl Scan for LmmScan<'_> {
    fn scan(&self, block: &GenotypeBlock, snps: &[SnpSummary]) -> Result<Vec<TraitColumns>> {
        let statistics = self.statistics(block, snps);
        let n_traits = self.group.traits.len();
        let of_trait = |t: usize| statistics.iter().skip(t).step_by(n_traits);
        Ok((0..n_traits)
            .into_par_iter()
            .map(|t| self.options.trait_columns(of_trait(t)))
            .collect())
    }
}

/// Whether rounding of the rotated SNP in single precision can change the result.
fn is_delicate(snp: &SnpStatistics) -> bool {
    // With an effect of 10⁶ standard errors, the residual sum of squares is 10⁻¹² of that of the trait.
    let is_near_perfect = snp.effect.beta.abs() > LARGEST_T_SINGLE * snp.effect.se;
    let is_far_out = snp.p_lrt.neg_log10 > LARGEST_LRT_SINGLE;
    let flags = snp.flags;
    is_near_perfect
        || is_far_out
        || flags.is_perfect_fit
        || flags.used_fallback
        || flags.undefined.is_some()
}
