//! The statistics of one SNP for one trait.

use super::tests_of_association::Effect;
use crate::assoc::SnpFlags;
use crate::stats::PValue;

/// The statistics of one SNP; NaN for those that the tests do not compute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SnpStatistics {
    /// Effect of allele1: at the SNP's REML λ after a Wald test, else at the null model's ML λ.
    pub effect: Effect,
    /// Log-likelihood under the alternative: ML if the likelihood ratio test is performed, else REML.
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
    /// Flags of the result.
    pub flags: SnpFlags,
}

impl SnpStatistics {
    /// All statistics undefined.
    pub const NAN: Self = Self {
        effect: Effect::NAN,
        logl_h1: f64::NAN,
        l_remle: f64::NAN,
        l_mle: f64::NAN,
        p_wald: PValue::NAN,
        p_lrt: PValue::NAN,
        p_score: PValue::NAN,
        flags: SnpFlags {
            undefined: None,
            lambda_bound: None,
            used_fallback: false,
            is_perfect_fit: false,
        },
    };
}
