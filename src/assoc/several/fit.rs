//! The tests of the columns of one SNP for one trait.

use super::frame::Frame;
use super::options::ColumnTests;
use crate::assoc::lmm::survey::{GridSums, GridTable, SurveyScratch, TraitGrid};
use crate::assoc::lmm::tests_of_association::{Effect, lrt, score, wald};
use crate::assoc::lmm::{SAME_STATISTIC, SnpStatistics};
use crate::assoc::{SnpFlags, Undefined};
use crate::kernels::weighted_sums::Weights;
use crate::null::{
    Columns, Criterion, FittedTrait, Found, LambdaGrid, Likelihood, Moments, Scratch, SharedTable,
    TraitModel, WeightedModel, WeightedSnp, safe_sqrt,
};
use crate::stats::PValue;
use std::ops::Range;

/// The statistics of one SNP for one trait.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ColumnsStatistics {
    /// Of the tests of the tested columns; the effect is that of the last column.
    pub(super) of_test: SnpStatistics,
    /// Of all columns of the SNP, if they are needed.
    pub(super) effects: Option<Box<Effects>>,
}

impl ColumnsStatistics {
    pub(super) const NAN: Self = Self {
        of_test: SnpStatistics::NAN,
        effects: None,
    };
}

/// The effects of a SNP, and the tests of several of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Effects {
    /// The effect of each column.
    pub(super) beta: Vec<f64>,
    /// Their standard errors.
    pub(super) se: Vec<f64>,
    /// The covariance of the first effect and each effect.
    pub(super) covariance_with_first: Vec<f64>,
    /// Wald test of the tested columns.
    pub(super) p_tested: PValue,
    /// Wald test of all columns.
    pub(super) p_joint: PValue,
}

/// Data shared by the tests of all SNPs for one trait.
pub(super) struct TraitFit<'g> {
    model: &'g TraitModel,
    options: ColumnTests,
    shared: SharedTable<'g>,
    grid: TraitGrid,
    /// The maximum of the likelihood of the null model with W.
    null_logl: f64,
    /// The covariates and the trait at the ML λ of the null model with W.
    null: Option<WeightedModel>,
}

/// Scratch memory for the tests of one SNP.
#[derive(Default)]
pub(super) struct SnpScratch {
    survey: SurveyScratch,
    likelihood: Scratch,
    weighted: WeightedSnp,
    columns: Columns,
}

/// One SNP.
pub(super) struct Snp<'a> {
    /// Its columns, orthonormal and orthogonal to the covariates.
    pub(super) columns: &'a [&'a [f64]],
    pub(super) frame: &'a Frame,
    /// Its index among those whose sums were computed together, and that of the trait.
    pub(super) place: (usize, usize),
}

impl<'g> TraitFit<'g> {
    pub(super) fn new(
        model: &'g TraitModel,
        fitted: &FittedTrait,
        options: ColumnTests,
        table: &GridTable<'_>,
    ) -> Self {
        let needs_null = options.tests.has_score() || options.tests.has_null_effect();
        Self {
            model,
            options,
            shared: SharedTable::new(model, options.range.min, options.range.max),
            grid: TraitGrid::new(table, model),
            null_logl: fitted.null.ml.value,
            null: needs_null
                .then(|| WeightedModel::new(model, fitted.null.ml.lambda))
                .flatten(),
        }
    }

    /// Tests a SNP.
    ///
    /// * `sums`: the sums on the grid of `table` of each column of the SNP
    pub(super) fn test(
        &self,
        snp: &Snp<'_>,
        (table, sums): (&GridTable<'_>, &[GridSums]),
        scratch: &mut SnpScratch,
        result: &mut ColumnsStatistics,
    ) {
        let tests = self.options.tests;
        if (tests.has_score() || tests.has_null_effect())
            && self.test_at_null(snp, scratch, result).is_none()
        {
            *result = undefined();
            return;
        }
        if !(tests.has_wald() || tests.has_lrt()) {
            return;
        }
        let mut null_logl = self.null_logl;
        if tests.has_lrt() && self.options.n_in_null > 0 {
            let Some(null) = self.null_of_snp(snp, table, sums, scratch, result) else {
                *result = undefined();
                return;
            };
            null_logl = null;
        }
        let SnpScratch {
            survey,
            likelihood: of_likelihood,
            ..
        } = scratch;
        let mut likelihood = Likelihood::of_columns(snp.columns, &self.shared, of_likelihood);
        let grid = &self.grid;
        let filled = grid.survey_columns(table, sums, snp.place, &mut likelihood, survey);
        if filled.is_none() {
            *result = undefined();
            return;
        }
        if tests.has_wald() {
            self.wald(snp, table.grid(), &mut likelihood, survey, result);
        }
        if tests.has_lrt() {
            let ml = (table.grid()).maximise(&mut likelihood, &survey.survey, Criterion::Ml);
            let of_test = &mut result.of_test;
            of_test.p_lrt = match self.options.n_tested {
                1 => lrt(ml.value, null_logl),
                q => PValue::of_chi2_of_several(q, 2.0 * (ml.value - null_logl)),
            };
            (of_test.l_mle, of_test.logl_h1) = (ml.lambda, ml.value);
            of_test.flags.used_fallback |= ml.has_failed_path;
            of_test.flags.is_perfect_fit |= ml.found == Found::Perfect;
        }
    }

    /// The log-likelihood with the covariates and x, maximised over λ.
    fn null_of_snp(
        &self,
        snp: &Snp<'_>,
        table: &GridTable<'_>,
        sums: &[GridSums],
        scratch: &mut SnpScratch,
        result: &mut ColumnsStatistics,
    ) -> Option<f64> {
        let SnpScratch {
            survey, likelihood, ..
        } = scratch;
        let mut likelihood = Likelihood::of_snp(snp.columns[0], 1.0, &self.shared, likelihood);
        let of_x = sums[0].of(snp.place.0, snp.place.1);
        (self.grid).survey(table, of_x, &mut likelihood, survey)?;
        let null = (table.grid()).maximise(&mut likelihood, &survey.survey, Criterion::Ml);
        result.of_test.flags.used_fallback |= null.has_failed_path;
        Some(null.value)
    }

    /// Score test and effects at the ML λ of the null model with W.
    fn test_at_null(
        &self,
        snp: &Snp<'_>,
        scratch: &mut SnpScratch,
        result: &mut ColumnsStatistics,
    ) -> Option<()> {
        let SnpScratch {
            weighted, columns, ..
        } = scratch;
        let null = self.null.as_ref()?;
        let at = null.moments_of_columns(snp.columns, Weights::One, weighted, columns)?;
        let (n, df) = (self.model.n() as f64, self.df());
        let (beta, p) = snp.frame.last(at.beta, at.p_xx);
        if self.options.tests.has_score() {
            // A after the covariates and the columns of the null hypothesis.
            let first = self.options.n_in_null;
            let a = null.null_moments().a - explained(columns, 0..first);
            result.of_test.p_score = match self.options.n_tested {
                1 => score(at.beta, at.p_xx, a, n, df),
                q => {
                    let explained = explained(columns, first..columns.m);
                    PValue::of_f_of_several(q, n * explained / (a * q as f64), df)
                }
            };
        }
        if self.options.tests.has_null_effect() {
            result.of_test.effect = Effect::new(beta, p, at.a, df);
            if self.options.needs_effects() {
                result.effects = Some(Box::new(self.effects(snp.frame, columns, at.a)));
            }
        }
        result.of_test.flags.is_perfect_fit = at.a == 0.0;
        Some(())
    }

    /// Wald test at the REML λ of the SNP.
    fn wald(
        &self,
        snp: &Snp<'_>,
        grid: &LambdaGrid,
        likelihood: &mut Likelihood<'_>,
        survey: &SurveyScratch,
        result: &mut ColumnsStatistics,
    ) {
        let df = self.df();
        let (reml, at) = grid.maximise_with_moments(likelihood, &survey.survey, Criterion::Reml);
        let of_test = &mut result.of_test;
        if reml.found == Found::Flat && self.depends_on_lambda(survey.survey.ends()) {
            of_test.effect = Effect::NAN;
            of_test.flags.undefined = Some(Undefined::FlatRestricted);
            return;
        }
        let (beta, p) = snp.frame.last(at.beta, at.p_xx);
        of_test.effect = Effect::new(beta, p, at.a, df);
        if self.options.n_tested == 1 {
            of_test.p_wald = wald(at.beta, at.p_xx, at.a, df);
        }
        (of_test.l_remle, of_test.logl_h1) = (reml.lambda, reml.value);
        of_test.flags.used_fallback |= reml.has_failed_path;
        of_test.flags.is_perfect_fit |= at.a == 0.0;
        if !self.options.needs_effects() {
            return;
        }
        // The search may have ended with another λ, or with a point of the grid.
        if likelihood.moments(reml.lambda, Weights::One).is_none() {
            of_test.flags.undefined = Some(Undefined::Likelihood);
            return;
        }
        let effects = self.effects(snp.frame, likelihood.last_columns(), at.a);
        if self.options.n_tested > 1 {
            of_test.p_wald = effects.p_tested;
        }
        result.effects = Some(Box::new(effects));
    }

    /// The effects of the columns of a SNP, with the residual sum of squares `a`.
    fn effects(&self, frame: &Frame, columns: &Columns, a: f64) -> Effects {
        let (m, df) = (columns.m, self.df());
        let raw = frame.effects(columns);
        let variance = a / df;
        let test = |first: usize| {
            let (q, explained) = (m - first, explained(columns, first..m));
            PValue::of_f_of_several(q, explained * df / (a * q as f64), df)
        };
        Effects {
            beta: raw.beta,
            se: (raw.variance.iter())
                .map(|v| safe_sqrt(variance * v))
                .collect(),
            covariance_with_first: raw.with_first.iter().map(|v| variance * v).collect(),
            p_tested: test(self.options.n_in_null),
            p_joint: test(0),
        }
    }

    /// Whether the Wald statistic differs between the `ends` of the range of λ, at which the likelihood is the same.
    fn depends_on_lambda(&self, ends: [&Moments; 2]) -> bool {
        let [a, b] = ends.map(|m| m.beta * m.beta * m.p_xx / m.a * self.df());
        // The negation also catches NaN.
        !((a - b).abs() <= SAME_STATISTIC * a.max(b))
    }

    /// n minus the number of all columns.
    fn df(&self) -> f64 {
        (self.model.n() - self.model.c() - self.options.n_columns()) as f64
    }
}

/// The part of yᵀPy that these columns explain, after those before them.
fn explained(columns: &Columns, numbers: Range<usize>) -> f64 {
    let terms = columns.p[numbers.clone()].iter().zip(&columns.b[numbers]);
    terms.map(|(p, b)| p * b * b).sum()
}

/// All statistics undefined, because the likelihood could not be evaluated.
fn undefined() -> ColumnsStatistics {
    let mut nan = ColumnsStatistics::NAN;
    nan.of_test.flags = SnpFlags {
        undefined: Some(Undefined::Likelihood),
        ..SnpFlags::default()
    };
    nan
}
