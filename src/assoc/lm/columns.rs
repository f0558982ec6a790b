//! The columns of the tables of the linear model: GEMMA's, and jamma's own.

use super::regression::{Degrees, Regression};
use super::tests_of_association::Tests;
use crate::assoc::Column;
use crate::assoc::block::{BETA, NEG_LOG10, PER_COPY};
use crate::stats::{
    chi2_upper_tail, chi2_upper_tail_neg_log10, f_upper_tail, f_upper_tail_neg_log10,
};

/// One statistic of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statistic {
    Beta,
    /// The standard error of the Wald test.
    SeWald,
    /// The standard error of the score test.
    SeScore,
    PWald,
    PLrt,
    PScore,
    NegLog10PWald,
    NegLog10PLrt,
    NegLog10PScore,
}

impl Statistic {
    /// The statistics of `tests` in GEMMA's order, followed by −log₁₀ p if `log10p` is set.
    pub(super) fn of(tests: Tests, log10p: bool) -> Vec<Self> {
        let (p_values, logs): (&[Self], &[Self]) = match tests {
            Tests::Wald => (
                &[Self::Beta, Self::SeWald, Self::PWald],
                &[Self::NegLog10PWald],
            ),
            Tests::Lrt => (&[Self::PLrt], &[Self::NegLog10PLrt]),
            Tests::Score => (
                &[Self::Beta, Self::SeScore, Self::PScore],
                &[Self::NegLog10PScore],
            ),
            Tests::All => (
                &[
                    Self::Beta,
                    Self::SeWald,
                    Self::PWald,
                    Self::PLrt,
                    Self::PScore,
                ],
                &[
                    Self::NegLog10PWald,
                    Self::NegLog10PLrt,
                    Self::NegLog10PScore,
                ],
            ),
        };
        let logs = if log10p { logs } else { &[] };
        [p_values, logs].concat()
    }

    /// Named as in GEMMA; the columns of −log₁₀ p are jamma's own.
    pub(super) fn column(self) -> Column {
        let (name, meaning, unit) = match self {
            Self::Beta => ("beta", BETA, PER_COPY),
            Self::SeWald => (
                "se",
                "standard error of beta, with the residual variance of the model with the SNP",
                PER_COPY,
            ),
            Self::SeScore => (
                "se",
                "standard error of beta, with the residual variance of the model without the SNP",
                PER_COPY,
            ),
            Self::PWald => ("p_wald", "p-value of the Wald test: F distribution", ""),
            Self::PLrt => (
                "p_lrt",
                "p-value of the likelihood ratio test: chi-square distribution",
                "",
            ),
            Self::PScore => ("p_score", "p-value of the score test: F distribution", ""),
            Self::NegLog10PWald => ("neg_log10_p_wald", NEG_LOG10, ""),
            Self::NegLog10PLrt => ("neg_log10_p_lrt", NEG_LOG10, ""),
            Self::NegLog10PScore => ("neg_log10_p_score", NEG_LOG10, ""),
        };
        Column::new(name.into(), meaning, unit)
    }

    /// The value for a SNP; only here are tails evaluated, because they take longer than the rest of a test.
    pub(super) fn value(self, of: &Regression, degrees: Degrees) -> f64 {
        let df = degrees.df;
        match self {
            Self::Beta => of.beta,
            Self::SeWald => of.se_wald(degrees),
            Self::SeScore => of.se_score(degrees),
            Self::PWald => f_upper_tail(of.f_wald(degrees), df),
            Self::PLrt => chi2_upper_tail(of.likelihood_ratio(degrees)),
            Self::PScore => f_upper_tail(of.f_score(degrees), df),
            Self::NegLog10PWald => f_upper_tail_neg_log10(of.f_wald(degrees), df),
            Self::NegLog10PLrt => chi2_upper_tail_neg_log10(of.likelihood_ratio(degrees)),
            Self::NegLog10PScore => f_upper_tail_neg_log10(of.f_score(degrees), df),
        }
    }
}
