//! The columns of the tables of the linear mixed model: GEMMA's, and jamma's own.

use super::snp::SnpStatistics;
use super::tests_of_association::Tests;
use crate::assoc::Column;
use crate::assoc::block::{BETA, NEG_LOG10, PER_COPY};

/// One statistic of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statistic {
    Beta,
    Se,
    LoglH1,
    LRemle,
    LMle,
    PWald,
    PLrt,
    PScore,
    NegLog10PWald,
    NegLog10PLrt,
    NegLog10PScore,
}

impl Statistic {
    /// The statistics of `tests` in GEMMA's order, followed by −log₁₀ p if `log10p` is set.
    pub(crate) fn of(tests: Tests, log10p: bool) -> Vec<Self> {
        let mut statistics = match tests {
            Tests::Wald => vec![
                Self::Beta,
                Self::Se,
                Self::LoglH1,
                Self::LRemle,
                Self::PWald,
            ],
            Tests::Lrt => vec![Self::LoglH1, Self::LMle, Self::PLrt],
            Tests::Score => vec![Self::Beta, Self::Se, Self::PScore],
            Tests::All => vec![
                Self::Beta,
                Self::Se,
                Self::LoglH1,
                Self::LRemle,
                Self::LMle,
                Self::PWald,
                Self::PLrt,
                Self::PScore,
            ],
            Tests::LrtWithEffect => vec![Self::Beta, Self::Se, Self::LMle, Self::PLrt],
        };
        if log10p {
            let logs: Vec<Self> = statistics.iter().filter_map(|s| s.neg_log10()).collect();
            statistics.extend(logs);
        }
        statistics
    }

    /// Named as in GEMMA; the columns of −log₁₀ p are jamma's own.
    pub(crate) fn column(self) -> Column {
        let (name, meaning, unit) = match self {
            Self::Beta => ("beta", BETA, PER_COPY),
            Self::Se => ("se", "standard error of beta", PER_COPY),
            Self::LoglH1 => (
                "logl_H1",
                "log-likelihood with the SNP: restricted with mode 1, ordinary with 2 and 4",
                "natural logarithm",
            ),
            Self::LRemle => (
                "l_remle",
                "REML estimate of lambda = vg/ve with the SNP",
                "",
            ),
            Self::LMle => ("l_mle", "ML estimate of lambda = vg/ve with the SNP", ""),
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

    /// The value for a SNP.
    pub(crate) fn value(self, snp: &SnpStatistics) -> f64 {
        match self {
            Self::Beta => snp.effect.beta,
            Self::Se => snp.effect.se,
            Self::LoglH1 => snp.logl_h1,
            Self::LRemle => snp.l_remle,
            Self::LMle => snp.l_mle,
            Self::PWald => snp.p_wald.p,
            Self::PLrt => snp.p_lrt.p,
            Self::PScore => snp.p_score.p,
            Self::NegLog10PWald => snp.p_wald.neg_log10,
            Self::NegLog10PLrt => snp.p_lrt.neg_log10,
            Self::NegLog10PScore => snp.p_score.neg_log10,
        }
    }

    fn neg_log10(self) -> Option<Self> {
        match self {
            Self::PWald => Some(Self::NegLog10PWald),
            Self::PLrt => Some(Self::NegLog10PLrt),
            Self::PScore => Some(Self::NegLog10PScore),
            _ => None,
        }
    }
}
