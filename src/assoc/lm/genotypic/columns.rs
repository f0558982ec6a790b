//! The columns of the tables of the genotypic model.

use crate::assoc::Column;
use crate::assoc::block::PER_COPY;
use crate::assoc::genotypic::{EFFECTS, MEANINGS, SE_MEANINGS, of_both};
use crate::assoc::lm::columns::Statistic;
use crate::assoc::lm::regression::{Degrees, Regression};
use crate::assoc::lm::tests_of_association::Tests;
use crate::stats::PValue;

/// Wald, likelihood ratio and score tests of the additive effect and the dominance deviation of each SNP in a linear model, on
/// 2 degrees of freedom ([`crate::assoc::genotypic`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GenotypicLm {
    /// Tests to perform.
    pub tests: Tests,
    /// Whether −log₁₀ p is reported as well.
    pub log10p: bool,
}

impl GenotypicLm {
    /// The columns of the results: those of [`Lm`](crate::assoc::lm::Lm) with two effects.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let statistics = GenotypicStatistic::of(self.tests, self.log10p);
        (statistics.into_iter())
            .map(GenotypicStatistic::column)
            .collect()
    }
}

/// One statistic of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GenotypicStatistic {
    /// An effect: 0 additive, 1 the dominance deviation.
    Beta(usize),
    /// Its standard error, with the residual variance of the Wald test.
    SeWald(usize),
    /// Its standard error, with that of the score test.
    SeScore(usize),
    /// A p-value, named as in the additive model.
    OfTest(Statistic),
}

impl GenotypicStatistic {
    /// Those of [`Statistic::of`], with two effects.
    pub(super) fn of(tests: Tests, log10p: bool) -> Vec<Self> {
        let effects = |se: fn(usize) -> Self| [Self::Beta(0), se(0), Self::Beta(1), se(1)];
        let mut statistics = Vec::new();
        for one in Statistic::of(tests, log10p) {
            match one {
                Statistic::Beta => {}
                Statistic::SeWald => statistics.extend(effects(Self::SeWald)),
                Statistic::SeScore => statistics.extend(effects(Self::SeScore)),
                one => statistics.push(Self::OfTest(one)),
            }
        }
        statistics
    }

    pub(super) fn column(self) -> Column {
        match self {
            Self::Beta(j) => Column::new(EFFECTS[j].0.into(), MEANINGS[j], PER_COPY),
            Self::SeWald(j) | Self::SeScore(j) => {
                Column::new(EFFECTS[j].1.into(), SE_MEANINGS[j], PER_COPY)
            }
            Self::OfTest(statistic) => of_both(statistic.column()),
        }
    }

    /// The value for a SNP.
    pub(super) fn value(self, of: &TwoEffects, degrees: Degrees) -> f64 {
        let (n, df) = (degrees.n, degrees.df);
        let fit = &of.fit;
        let wald = || PValue::of_f_of_several(2, 0.5 * fit.f_wald(degrees), df);
        let lrt = || PValue::of_chi2_of_several(2, fit.likelihood_ratio(degrees));
        let score = || PValue::of_f_of_several(2, 0.5 * fit.f_score(degrees), df);
        match self {
            Self::Beta(j) => of.beta[j],
            Self::SeWald(j) => (fit.rss / df * of.variance[j]).sqrt(),
            Self::SeScore(j) => (fit.ypy / n * of.variance[j]).sqrt(),
            Self::OfTest(Statistic::PWald) => wald().p,
            Self::OfTest(Statistic::PLrt) => lrt().p,
            Self::OfTest(Statistic::PScore) => score().p,
            Self::OfTest(Statistic::NegLog10PWald) => wald().neg_log10,
            Self::OfTest(Statistic::NegLog10PLrt) => lrt().neg_log10,
            Self::OfTest(Statistic::NegLog10PScore) => score().neg_log10,
            Self::OfTest(Statistic::Beta | Statistic::SeWald | Statistic::SeScore) => {
                unreachable!("effects have statistics of their own")
            }
        }
    }
}

/// The regression of a trait on both columns of a SNP.
pub(super) struct TwoEffects {
    pub(super) beta: [f64; 2],
    /// The diagonal of the inverse of the products of both columns after the covariates.
    pub(super) variance: [f64; 2],
    /// The sums of squares; its β̂ and xᵀPx are not used.
    pub(super) fit: Regression,
}

impl TwoEffects {
    pub(super) const NAN: Self = Self {
        beta: [f64::NAN; 2],
        variance: [f64::NAN; 2],
        fit: Regression::NAN,
    };
}
