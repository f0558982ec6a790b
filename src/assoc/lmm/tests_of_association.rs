//! The three tests of H₀: β = 0 for one SNP.

use crate::null::{Criterion, safe_sqrt};
use crate::stats::PValue;

/// Tests to perform, with GEMMA's `-lmm` codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tests {
    /// Wald test at each SNP's REML λ (`-lmm 1`).
    #[default]
    Wald,
    /// Likelihood ratio test at each SNP's ML λ (`-lmm 2`).
    Lrt,
    /// Score test at the null model's ML λ (`-lmm 3`).
    Score,
    /// All three (`-lmm 4`).
    All,
    /// Likelihood ratio test with the effect size of the score test (`-lmm 9`).
    LrtWithEffect,
}

impl Tests {
    /// The value of `-lmm`.
    #[must_use]
    pub fn code(self) -> usize {
        match self {
            Self::Wald => 1,
            Self::Lrt => 2,
            Self::Score => 3,
            Self::All => 4,
            Self::LrtWithEffect => 9,
        }
    }

    /// The names of the tests.
    #[must_use]
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Wald => &["wald"],
            Self::Lrt | Self::LrtWithEffect => &["lrt"],
            Self::Score => &["score"],
            Self::All => &["wald", "lrt", "score"],
        }
    }

    /// Whether each SNP's λ is estimated by REML, for the Wald test.
    #[must_use]
    pub fn has_wald(self) -> bool {
        matches!(self, Self::Wald | Self::All)
    }

    /// Whether each SNP's λ is estimated by ML, for the likelihood ratio test.
    #[must_use]
    pub fn has_lrt(self) -> bool {
        matches!(self, Self::Lrt | Self::All | Self::LrtWithEffect)
    }

    /// Whether the score test is performed.
    #[must_use]
    pub fn has_score(self) -> bool {
        matches!(self, Self::Score | Self::All)
    }

    /// The likelihood whose maximum is the column `logl_H1`; `None` without this column.
    #[must_use]
    pub fn log_likelihood(self) -> Option<Criterion> {
        match self {
            Self::Wald => Some(Criterion::Reml),
            Self::Lrt | Self::All => Some(Criterion::Ml),
            Self::Score | Self::LrtWithEffect => None,
        }
    }

    /// Whether effects are estimated at the null model's λ.
    #[must_use]
    pub fn has_null_effect(self) -> bool {
        matches!(self, Self::Score | Self::LrtWithEffect)
    }
}

/// An effect size with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Change of the phenotype per copy of allele1.
    pub beta: f64,
    /// Standard error.
    pub se: f64,
}

impl Effect {
    /// Undefined.
    pub const NAN: Self = Self {
        beta: f64::NAN,
        se: f64::NAN,
    };

    /// β̂ with se = √(A_x / (df · P_xx)); A_x is yᵀP_x y after the SNP, and `df` = n − c − 1.
    pub(crate) fn new(beta: f64, p_xx: f64, a_x: f64, df: f64) -> Self {
        Self {
            beta,
            se: safe_sqrt(a_x / (df * p_xx)),
        }
    }
}

/// Wald test at the SNP's own REML λ: F = P_xy² / P_xx · df / A_x on 1 and `df` degrees of freedom.
///
/// * `beta`, `p_xx`: β̂ = P_xy/P_xx and P_xx after the covariates
/// * `a_x`: A after the SNP
/// * `df`: n − c − 1
///
/// P_xy²/P_xx equals A − A_x of the textbook form, but avoids the subtraction.
/// Source: Zhou & Stephens 2012, Supplementary Note section 3.1.
pub(crate) fn wald(beta: f64, p_xx: f64, a_x: f64, df: f64) -> PValue {
    PValue::of_f(beta * beta * p_xx * df / a_x, df)
}

/// Score test at the null model's ML λ: n P_xy² / (P_yy P_xx), as an F on 1 and `df` degrees of freedom.
///
/// * `beta`, `p_xx`: β̂ = P_xy/P_xx and P_xx after the covariates
/// * `p_yy`: A before the SNP
///
/// Source: as for [`wald`]; as in GEMMA, the statistic is compared with F, not with χ².
pub(crate) fn score(beta: f64, p_xx: f64, p_yy: f64, n: f64, df: f64) -> PValue {
    PValue::of_f(n * beta * beta * p_xx / p_yy, df)
}

/// Likelihood ratio test: 2(ℓ₁ − ℓ₀) as a χ² with one degree of freedom; p = 1 if it is not positive.
pub(crate) fn lrt(alternative: f64, null: f64) -> PValue {
    let statistic = 2.0 * (alternative - null);
    // Not `max`, which would turn NaN into 0.
    PValue::of_chi2(if statistic < 0.0 { 0.0 } else { statistic })
}
