//! The tests of one rotated SNP for one trait.

use super::snp::SnpStatistics;
use super::survey::{GridTable, SnpGridSums, SurveyScratch, TraitGrid};
use super::tests_of_association::{Effect, Tests, lrt, score, wald};
use crate::assoc::{SnpFlags, Undefined};
use crate::kernels::weighted_sums::Weights;
use crate::null::{
    Criterion, FittedTrait, Found, LambdaGrid, LambdaRange, Likelihood, Moments, Scratch,
    SharedTable, TraitModel, WeightedModel,
};

/// Wald statistics whose relative difference is below this print the same p-value.
pub(crate) const SAME_STATISTIC: f64 = 1e-7;

/// Data shared by the tests of all SNPs for one trait.
pub(super) struct TraitFit<'g> {
    model: &'g TraitModel,
    tests: Tests,
    shared: SharedTable<'g>,
    /// `None` if λ is not estimated for each SNP.
    grid: Option<TraitGrid>,
    null_logl: f64,
    /// Covariates and trait at the null model's ML λ.
    null: WeightedModel,
}

/// Scratch memory for the tests of one SNP.
#[derive(Default)]
pub(super) struct SnpScratch {
    survey: SurveyScratch,
    likelihood: Scratch,
}

impl<'g> TraitFit<'g> {
    pub(super) fn new(
        fitted: &'g FittedTrait,
        range: LambdaRange,
        tests: Tests,
        grid: Option<&GridTable<'_>>,
    ) -> Self {
        let model = &fitted.model;
        let at_null = WeightedModel::new(model, fitted.null.ml.lambda);
        Self {
            model,
            tests,
            shared: SharedTable::new(model, range.min, range.max),
            grid: grid.map(|grid| TraitGrid::new(grid, model)),
            null_logl: fitted.null.ml.value,
            null: at_null.expect("the null model was fitted at this lambda"),
        }
    }

    /// Tests the SNP `x` (rotated, orthogonal to the covariates) with xᵀx = `xx`.
    ///
    /// * `sums`: the grid and the sums of the SNP on it, if λ is estimated for each SNP
    pub(super) fn test(
        &self,
        x: &[f64],
        xx: f64,
        sums: Option<(&GridTable<'_>, SnpGridSums<'_>)>,
        scratch: &mut SnpScratch,
        result: &mut SnpStatistics,
    ) {
        if self.tests.has_score() || self.tests.has_null_effect() {
            self.test_at_null(x, xx, scratch, result);
            if result.flags.undefined.is_some() {
                return;
            }
        }
        let Some((grid, (table, sums))) = self.grid.as_ref().zip(sums) else {
            return;
        };
        let mut likelihood = Likelihood::of_snp(x, xx, &self.shared, &mut scratch.likelihood);
        let survey = grid.survey(table, sums, &mut likelihood, &mut scratch.survey);
        if survey.is_none() {
            *result = SnpStatistics {
                flags: SnpFlags {
                    undefined: Some(Undefined::Likelihood),
                    ..SnpFlags::default()
                },
                ..SnpStatistics::NAN
            };
            return;
        }
        self.test_at_own_lambda(table.grid(), &mut likelihood, &scratch.survey, result);
    }

    /// Score test and effect at the null model's ML λ; undefined if the weighted SNP is a combination of the covariates.
    fn test_at_null(
        &self,
        x: &[f64],
        xx: f64,
        scratch: &mut SnpScratch,
        result: &mut SnpStatistics,
    ) {
        let (n, df) = (self.model.n() as f64, self.df());
        let scratch = &mut scratch.likelihood.weighted_snp;
        let Some(at) = self.null.moments(x, xx, Weights::One, scratch) else {
            result.flags.undefined = Some(Undefined::Likelihood);
            return;
        };
        if self.tests.has_score() {
            result.p_score = score(at.beta, at.p_xx, self.null.null_moments().a, n, df);
        }
        if self.tests.has_null_effect() {
            result.effect = Effect::new(at.beta, at.p_xx, at.a, df);
        }
        result.flags.is_perfect_fit = at.a == 0.0;
    }

    /// Wald and likelihood ratio tests at the SNP's own λ.
    fn test_at_own_lambda(
        &self,
        grid: &LambdaGrid,
        likelihood: &mut Likelihood<'_>,
        scratch: &SurveyScratch,
        result: &mut SnpStatistics,
    ) {
        let survey = &scratch.survey;
        if self.tests.has_wald() {
            let (reml, at) = grid.maximise_with_moments(likelihood, survey, Criterion::Reml);
            if reml.found == Found::Flat && self.wald_depends_on_lambda(survey.ends()) {
                result.effect = Effect::NAN;
                result.flags.undefined = Some(Undefined::FlatRestricted);
            } else {
                result.effect = Effect::new(at.beta, at.p_xx, at.a, self.df());
                result.p_wald = wald(at.beta, at.p_xx, at.a, self.df());
                (result.l_remle, result.logl_h1) = (reml.lambda, reml.value);
                result.flags.used_fallback |= reml.has_failed_path;
            }
            result.flags.is_perfect_fit |= at.a == 0.0;
        }
        if self.tests.has_lrt() {
            let ml = grid.maximise(likelihood, survey, Criterion::Ml);
            result.p_lrt = lrt(ml.value, self.null_logl);
            (result.l_mle, result.logl_h1) = (ml.lambda, ml.value);
            result.flags.used_fallback |= ml.has_failed_path;
            result.flags.is_perfect_fit |= ml.found == Found::Perfect;
        }
    }

    /// Whether the Wald statistic differs between the `ends` of the range of λ, at which the likelihood is the same.
    ///
    /// It does not if K is a multiple of the identity: every λ then gives the test of the ordinary linear model.
    fn wald_depends_on_lambda(&self, ends: [&Moments; 2]) -> bool {
        let [a, b] = ends.map(|m| m.beta * m.beta * m.p_xx / m.a * self.df());
        // The negation also catches NaN.
        !((a - b).abs() <= SAME_STATISTIC * a.max(b))
    }

    /// n − c − 1.
    fn df(&self) -> f64 {
        (self.model.n() - self.model.c() - 1) as f64
    }
}
