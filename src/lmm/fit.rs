//! The tests of rotated SNPs, one after the other.

use super::likelihood::{Criterion, Likelihood, Moments, Scratch};
use super::optimize::Found;
use super::scan::{SnpAssoc, Undefined};
use super::shared::SharedTable;
use super::survey::{SurveyScratch, SurveyTables};
use super::tests_of_association::{Effect, Tests, lrt, score, wald};
use super::weighted::WeightedModel;
use super::{LambdaGrid, LambdaRange, NullFit, RotatedModel};
use crate::kernels::Precision;
use crate::kernels::combinations::{dots, subtract};
use crate::kernels::orthonormal::dot;
use crate::kernels::weighted_sums::Weights;

/// A SNP whose variance after the covariates is below this fraction of xᵀx is a combination of them. Rotated in single
/// precision it may be one; it is then looked at again.
pub(crate) const COLLINEAR_BELOW: f64 = 1e-18;
const COLLINEAR_BELOW_SINGLE: f64 = 1e-9;
/// Wald statistics that differ by less than this fraction print the same p.
pub(crate) const SAME_STATISTIC: f64 = 1e-7;
/// SNPs whose sums on the grid are made together: few enough that they are still in the cache for their own search.
const TOGETHER: usize = 32;

/// What the tests of all SNPs share.
pub(super) struct Fit<'m> {
    model: &'m RotatedModel,
    tests: Tests,
    shared: SharedTable<'m>,
    /// `None` where no SNP has a λ of its own.
    tables: Option<SurveyTables>,
    null_logl: f64,
    /// Covariates and phenotype at the null model's ML λ.
    null: WeightedModel,
}

/// Memory of one task.
pub(super) struct FitPlace {
    collinear_below: f64,
    /// xᵀx of each SNP, with the covariates still in it, and after them.
    totals: Vec<(f64, f64)>,
    coefficients: Vec<f64>,
    survey: SurveyScratch,
    scratch: Scratch,
}

impl FitPlace {
    /// For SNPs rotated in numbers of `precision`.
    pub(super) fn new(precision: Precision) -> Self {
        Self {
            collinear_below: match precision {
                Precision::F64 => COLLINEAR_BELOW,
                Precision::F32 => COLLINEAR_BELOW_SINGLE,
            },
            totals: Vec::new(),
            coefficients: Vec::new(),
            survey: SurveyScratch::default(),
            scratch: Scratch::default(),
        }
    }
}

impl<'m> Fit<'m> {
    pub(super) fn new(
        model: &'m RotatedModel,
        null: &NullFit,
        range: LambdaRange,
        tests: Tests,
    ) -> Self {
        let has_own_lambda = tests.has_wald() || tests.has_lrt();
        let at_null = WeightedModel::new(model, null.ml.lambda);
        Self {
            model,
            tests,
            shared: SharedTable::new(model, range.min, range.max),
            tables: has_own_lambda.then(|| SurveyTables::new(LambdaGrid::new(range), model)),
            null_logl: null.ml.value,
            null: at_null.expect("the null model was fitted at this lambda"),
        }
    }

    /// Tests the rotated SNPs `utx` (one padded column for each of `results`), of which the covariates are taken out.
    pub(super) fn snps(&self, utx: &mut [f64], place: &mut FitPlace, results: &mut [SnpAssoc]) {
        let rows = self.model.d().len();
        assert_eq!(utx.len(), rows * results.len());
        for (utx, results) in utx
            .chunks_mut(rows * TOGETHER)
            .zip(results.chunks_mut(TOGETHER))
        {
            place.totals.clear();
            for x in utx.chunks_exact_mut(rows) {
                let total = dot(x, x);
                self.remove_covariates(x, &mut place.coefficients);
                place.totals.push((total, dot(x, x)));
            }
            if let Some(tables) = &self.tables {
                tables.add_up(utx, self.shared.columns(), &mut place.survey);
            }
            for (snp, (x, result)) in utx.chunks_exact(rows).zip(results).enumerate() {
                self.snp(snp, x, place, result);
            }
        }
    }

    /// Takes the projection on the covariates out of `x`, twice: the first sweep leaves a rounding error of x's size.
    fn remove_covariates(&self, x: &mut [f64], coefficients: &mut Vec<f64>) {
        let q = &self.model.basis().q;
        coefficients.resize(q.len(), 0.0);
        for _ in 0..2 {
            dots(q, x, coefficients);
            subtract(q, coefficients, x);
        }
    }

    fn snp(&self, snp: usize, x: &[f64], place: &mut FitPlace, result: &mut SnpAssoc) {
        let (total, xx) = place.totals[snp];
        // The negation also catches NaN.
        if !(xx > place.collinear_below * total) {
            result.undefined = Some(Undefined::Collinear);
            return;
        }
        if self.tests.has_score() || self.tests.has_null_effect() {
            self.test_at_null(x, xx, place, result);
            if result.undefined.is_some() {
                return;
            }
        }
        let Some(tables) = &self.tables else {
            return;
        };
        let mut likelihood = Likelihood::of_snp(x, xx, &self.shared, &mut place.scratch);
        let survey = tables.survey(snp, &mut likelihood, &mut place.survey);
        if survey.is_none() {
            *result = SnpAssoc {
                undefined: Some(Undefined::Likelihood),
                ..SnpAssoc::NAN
            };
            return;
        }
        self.test_at_own_lambda(tables.grid(), &mut likelihood, &place.survey, result);
    }

    /// Score test and effect at the null model's ML λ; undefined where the weighted SNP is a combination of the covariates.
    fn test_at_null(&self, x: &[f64], xx: f64, place: &mut FitPlace, result: &mut SnpAssoc) {
        let (n, df) = (self.model.n() as f64, self.df());
        let scratch = &mut place.scratch.weighted_snp;
        let Some(at) = self.null.moments(x, xx, Weights::One, scratch) else {
            result.undefined = Some(Undefined::Likelihood);
            return;
        };
        if self.tests.has_score() {
            result.p_score = score(at.beta, at.p_xx, self.null.null_moments().a, n, df);
        }
        if self.tests.has_null_effect() {
            result.effect = Effect::new(at.beta, at.p_xx, at.a, df);
        }
        result.is_perfect_fit = at.a == 0.0;
    }

    /// Wald and likelihood ratio tests at the SNP's own λ.
    fn test_at_own_lambda(
        &self,
        grid: &LambdaGrid,
        likelihood: &mut Likelihood<'_>,
        scratch: &SurveyScratch,
        result: &mut SnpAssoc,
    ) {
        let survey = &scratch.survey;
        if self.tests.has_wald() {
            let (reml, at) = grid.maximise_with_moments(likelihood, survey, Criterion::Reml);
            if reml.found == Found::Flat && self.wald_depends_on_lambda(survey.ends()) {
                result.effect = Effect::NAN;
                result.undefined = Some(Undefined::FlatRestricted);
            } else {
                result.effect = Effect::new(at.beta, at.p_xx, at.a, self.df());
                result.p_wald = wald(at.beta, at.p_xx, at.a, self.df());
                (result.l_remle, result.logl_h1) = (reml.lambda, reml.value);
                result.used_fallback |= reml.has_failed_path;
            }
            result.is_perfect_fit |= at.a == 0.0;
        }
        if self.tests.has_lrt() {
            let ml = grid.maximise(likelihood, survey, Criterion::Ml);
            result.p_lrt = lrt(ml.value, self.null_logl);
            (result.l_mle, result.logl_h1) = (ml.lambda, ml.value);
            result.used_fallback |= ml.has_failed_path;
            result.is_perfect_fit |= ml.found == Found::Perfect;
        }
    }

    /// Whether the Wald statistic differs between the `ends` of the range of λ, which are equally likely.
    ///
    /// It does not where K is a multiple of the identity: then every λ gives the test of the linear model.
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
