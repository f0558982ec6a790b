//! A p-value and its logarithm.

use super::several::{Tail, upper_tail};
use super::tails::{
    chi2_upper_tail, chi2_upper_tail_neg_log10, f_upper_tail, f_upper_tail_neg_log10,
};

/// A p-value, also as an exact −log₁₀ p that does not underflow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PValue {
    /// p.
    pub p: f64,
    /// −log₁₀ p.
    pub neg_log10: f64,
}

impl PValue {
    /// Undefined.
    pub const NAN: Self = Self {
        p: f64::NAN,
        neg_log10: f64::NAN,
    };

    /// The p-value of a statistic that follows F on 1 and `df` degrees of freedom: Wald and score tests.
    #[must_use]
    pub fn of_f(f: f64, df: f64) -> Self {
        Self {
            p: f_upper_tail(f, df),
            neg_log10: f_upper_tail_neg_log10(f, df),
        }
    }

    /// The p-value of a statistic that follows χ² with one degree of freedom; p = 1 if it is not positive.
    #[must_use]
    pub fn of_chi2(x: f64) -> Self {
        Self {
            p: chi2_upper_tail(x),
            neg_log10: chi2_upper_tail_neg_log10(x),
        }
    }

    /// The p-value of a statistic that follows F on `m` and `df` degrees of freedom: tests of `m` effects at once.
    #[must_use]
    pub fn of_f_of_several(m: usize, f: f64, df: f64) -> Self {
        if m == 1 {
            return Self::of_f(f, df);
        }
        let Tail { p, neg_log10 } = upper_tail(m, m as f64 * f, df);
        Self { p, neg_log10 }
    }

    /// The p-value of a statistic that follows χ² with `m` degrees of freedom; p = 1 if it is not positive.
    #[must_use]
    pub fn of_chi2_of_several(m: usize, x: f64) -> Self {
        if m == 1 {
            return Self::of_chi2(x);
        }
        let Tail { p, neg_log10 } = upper_tail(m, x, f64::INFINITY);
        Self { p, neg_log10 }
    }
}
