//! The tests of association over blocks of SNPs, in parallel.

use super::likelihood::{Criterion, Likelihood, Scratch, solve};
use super::optimize::{LambdaGrid, Survey};
use super::rotated::RotatedSnps;
use super::survey::{SurveyScratch, SurveyTables};
use super::tests_of_association::{Effect, PValue, Tests, lrt, score, wald};
use super::{LambdaRange, NullFit, RotatedModel};
use crate::genotype::{GenotypeBlock, Individuals, SnpSummary};
use crate::kernels::Precision;
use crate::kernels::orthonormal::dot;
use crate::kernels::weighted_sums::Weights;
use rayon::prelude::*;
use std::sync::Mutex;

/// SNPs that one task tests. A product of this width runs at full speed, and its columns do not
/// depend on their neighbours, so that results are the same for any blocks and threads.
const CHUNK_SNPS: usize = 128;

/// A SNP whose variance after the covariates is below this share of xᵀx is a combination of them.
const COLLINEAR_BELOW: f64 = 1e-18;

/// Why the statistics of a SNP are not numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undefined {
    /// The SNP is a linear combination of the covariates.
    Collinear,
    /// The likelihood could not be evaluated.
    Likelihood,
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
    };
}

/// Tests SNPs against one model.
pub struct Scanner<'m> {
    model: &'m RotatedModel,
    individuals: &'m Individuals,
    tests: Tests,
    grid: LambdaGrid,
    /// `None` where no SNP has a λ of its own.
    tables: Option<SurveyTables>,
    null_logl: f64,
    null: NullProjection,
    precision: Precision,
    /// Rotated SNPs, in memory that serves every block.
    rotated: Mutex<RotatedSnps>,
}

/// What one task works in: rotated SNPs of a chunk, and scratch.
struct Workplace {
    utx: Vec<f64>,
    /// xᵀx of each rotated SNP, with the covariates still in it.
    totals: Vec<f64>,
    survey: Option<SurveyScratch>,
    scratch: Scratch,
}

/// The null model at its ML λ, for score tests.
struct NullProjection {
    /// w₁ = 1/h, padded.
    weights: Vec<f64>,
    /// w₁ r, r being the residual y − Wα̂.
    weighted_residual: Vec<f64>,
    /// w₁ q for the basis of the covariates.
    weighted_basis: Vec<Vec<f64>>,
    /// Cholesky factor of QᵀH⁻¹Q.
    cholesky: Vec<f64>,
    /// yᵀPy.
    p_yy: f64,
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
        individuals: &'m Individuals,
        range: LambdaRange,
        tests: Tests,
    ) -> Self {
        assert_eq!(individuals.len(), model.n());
        let grid = LambdaGrid::new(range, model);
        let has_own_lambda = tests.has_wald() || tests.has_lrt();
        Self {
            model,
            individuals,
            tests,
            tables: has_own_lambda.then(|| SurveyTables::new(&grid, model)),
            grid,
            null_logl: null.ml.value,
            null: NullProjection::new(model, null.ml.lambda),
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
        let mut results = vec![SnpAssoc::NAN; snps.len()];
        let mut rotated = self.rotated.lock().expect("no scan panicked");
        let width = RotatedSnps::width(self.model.n());
        for (results, snps) in results.chunks_mut(width).zip(snps.chunks(width)) {
            let eigen = self.model.eigen();
            rotated.rotate(eigen, self.individuals, block, snps, self.precision);
            results
                .par_chunks_mut(CHUNK_SNPS)
                .enumerate()
                .for_each_init(
                    || self.workplace(),
                    |place, (chunk, results)| {
                        self.scan_chunk(&rotated, chunk * CHUNK_SNPS, place, results);
                    },
                );
        }
        results
    }

    fn workplace(&self) -> Workplace {
        Workplace {
            utx: vec![0.0; self.model.d().len() * CHUNK_SNPS],
            totals: vec![0.0; CHUNK_SNPS],
            survey: self
                .tables
                .as_ref()
                .map(|tables| tables.scratch(CHUNK_SNPS)),
            scratch: Scratch::default(),
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
        // Unused columns keep old numbers, which nobody reads.
        rotated.columns(first, rows, &mut place.utx[..results.len() * rows]);
        for (utx, total) in place.utx.chunks_exact_mut(rows).zip(&mut place.totals) {
            *total = dot(utx, utx);
            self.model.basis().remove_from(utx);
        }
        let mut survey = self.tables.as_ref().zip(place.survey.as_mut());
        if let Some((tables, scratch)) = &mut survey {
            tables.add_up(&place.utx, scratch);
        }
        let columns = place.utx.chunks_exact(rows).zip(&place.totals);
        for (column, (result, (x, total))) in results.iter_mut().zip(columns).enumerate() {
            // The negation also catches NaN.
            if !(dot(x, x) > COLLINEAR_BELOW * total) {
                result.undefined = Some(Undefined::Collinear);
                continue;
            }
            if self.tests.has_score() || self.tests.has_null_effect() {
                self.test_at_null(x, result);
            }
            if let Some((tables, scratch)) = &mut survey {
                let mut likelihood = Likelihood::new(self.model, Some(x), &mut place.scratch);
                let survey = tables.survey(column, &mut likelihood, scratch);
                if survey
                    .and_then(|s| self.test_at_own_lambda(&mut likelihood, &s, result))
                    .is_none()
                {
                    *result = SnpAssoc {
                        undefined: Some(Undefined::Likelihood),
                        ..SnpAssoc::NAN
                    };
                }
            }
        }
    }

    /// Score test and effect at the null model's ML λ.
    fn test_at_null(&self, x: &[f64], result: &mut SnpAssoc) {
        let (n, df) = (self.model.n() as f64, self.df());
        let (p_xx, p_xy) = self.null.project(x);
        let p_yy = self.null.p_yy;
        if self.tests.has_score() {
            result.p_score = score(p_xx, p_xy, p_yy, n, df);
        }
        if self.tests.has_null_effect() {
            result.effect = Effect::new(p_xy / p_xx, p_xx, p_yy - p_xy * p_xy / p_xx, df);
        }
    }

    /// Wald and likelihood ratio tests at the SNP's own λ; `None` where the likelihood cannot be evaluated.
    fn test_at_own_lambda(
        &self,
        likelihood: &mut Likelihood<'_>,
        survey: &Survey,
        result: &mut SnpAssoc,
    ) -> Option<()> {
        if self.tests.has_wald() {
            let reml = self.grid.maximise(likelihood, survey, Criterion::Reml);
            let a_x = likelihood.moments(reml.lambda, Weights::One)?.a;
            let (beta, p_xx) = likelihood.last_effect();
            result.effect = Effect::new(beta, p_xx, a_x, self.df());
            result.p_wald = wald(beta, p_xx, a_x, self.df());
            (result.l_remle, result.logl_h1) = (reml.lambda, reml.value);
            result.used_fallback |= reml.has_failed_path;
        }
        if self.tests.has_lrt() {
            let ml = self.grid.maximise(likelihood, survey, Criterion::Ml);
            result.p_lrt = lrt(ml.value, self.null_logl);
            (result.l_mle, result.logl_h1) = (ml.lambda, ml.value);
            result.used_fallback |= ml.has_failed_path;
        }
        Some(())
    }

    /// n − c − 1.
    fn df(&self) -> f64 {
        (self.model.n() - self.model.c() - 1) as f64
    }
}

impl NullProjection {
    fn new(model: &RotatedModel, lambda: f64) -> Self {
        let weights: Vec<f64> = model.d().iter().map(|d| 1.0 / (lambda * d + 1.0)).collect();
        let times_weights = |x: &[f64]| {
            x.iter()
                .zip(&weights)
                .map(|(x, w)| x * w)
                .collect::<Vec<_>>()
        };
        let weighted_basis: Vec<_> = model.basis().q.iter().map(|q| times_weights(q)).collect();
        let mut scratch = Scratch::default();
        let mut likelihood = Likelihood::new(model, None, &mut scratch);
        let moments = likelihood
            .moments(lambda, Weights::One)
            .expect("the null model was fitted at this lambda");
        let (alpha, cholesky) = likelihood.last_solution();
        let mut residual = model.y().to_vec();
        for (q, alpha) in model.basis().q.iter().zip(alpha) {
            residual
                .iter_mut()
                .zip(q)
                .for_each(|(r, q)| *r -= alpha * q);
        }
        let weighted_residual = times_weights(&residual);
        let cholesky = cholesky.to_vec();
        Self {
            weights,
            weighted_residual,
            weighted_basis,
            cholesky,
            p_yy: moments.a,
        }
    }

    /// P_xx and P_xy of a rotated SNP, after the covariates.
    fn project(&self, x: &[f64]) -> (f64, f64) {
        let mut of_basis: Vec<f64> = self.weighted_basis.iter().map(|q| dot(q, x)).collect();
        let with_covariates = of_basis.clone();
        solve(&self.cholesky, of_basis.len(), &mut of_basis);
        let explained: f64 = with_covariates
            .iter()
            .zip(&of_basis)
            .map(|(a, b)| a * b)
            .sum();
        let weighted: Vec<f64> = x.iter().zip(&self.weights).map(|(x, w)| x * w).collect();
        (
            dot(x, &weighted) - explained,
            dot(x, &self.weighted_residual),
        )
    }
}
