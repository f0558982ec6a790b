//! Upper tails of F(m, df) and of χ²(m) for a whole number m of effects tested at once.
//!
//! With y = m f, q = y/df, a = df/2 and x = 1/(1+q), P(F(m, df) > f) = `I_x(a, m/2)`. The second parameter is raised from ½ or
//! 1 in steps of 1 (DLMF 8.17.21), and every term of the sum is positive, so that nothing cancels:
//!
//! ```text
//! I_x(a, m/2) = I_x(a, b₀) + (1+q)^-a Σ_b T_b     over b = b₀, b₀ + 1, … m/2 - 1
//! b₀ = ½ if m is odd, with I_x(a, ½) = P(F(1, df) > y), else 1, with I_x(a, 1) = (1+q)^-a
//! T_½ = s √(y/(1+q)) √(2/π),  T_1 = y/(2(1+q)),  T_(b+1) / T_b = y (½ + b/df) / ((1+q) (b+1))
//! ```
//!
//! with s as in [`super::tails`]. At df = ∞ it is the tail of χ²(m) at y.

use super::tails::{UpperTail, scaled_gamma_ratio};
use std::f64::consts::{FRAC_2_PI, LOG10_E};

/// P(F(m, df) > y/m), and its logarithm.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tail {
    pub(super) p: f64,
    pub(super) neg_log10: f64,
}

/// P(F(m, df) > y/m).
///
/// * `m`: at least 1
/// * `y`: m times the statistic; zero and below (a rounding error) give 1, NaN gives NaN
/// * `df`: at least 1; infinity gives χ²(m)
pub(super) fn upper_tail(m: usize, y: f64, df: f64) -> Tail {
    assert!(m >= 1 && df >= 1.0, "m = {m}, df = {df}");
    if y.is_nan() {
        return Tail {
            p: f64::NAN,
            neg_log10: f64::NAN,
        };
    }
    if y <= 0.0 {
        return Tail {
            p: 1.0,
            neg_log10: 0.0,
        };
    }
    if y == f64::INFINITY {
        return Tail {
            p: 0.0,
            neg_log10: f64::INFINITY,
        };
    }
    let inverse_df = df.recip();
    let over = y / (1.0 + y * inverse_df);
    let exponent = if inverse_df == 0.0 {
        0.5 * y
    } else {
        0.5 * df * (y * inverse_df).ln_1p()
    };
    let is_odd = m % 2 == 1;
    let (mut b, mut term) = if is_odd {
        (0.5, scaled_gamma_ratio(df) * (over * FRAC_2_PI).sqrt())
    } else {
        (1.0, 0.5 * over)
    };
    let mut sum = 0.0;
    while b < 0.5 * m as f64 {
        sum += term;
        term *= over * (0.5 + b * inverse_df) / (b + 1.0);
        b += 1.0;
    }
    let factor = match (is_odd, UpperTail::of(y, df)) {
        (true, UpperTail::Centre { complement }) => {
            let below = complement - (-exponent).exp() * sum;
            return Tail {
                p: 1.0 - below.max(0.0),
                neg_log10: 0.0 - (-below.max(0.0)).ln_1p() * LOG10_E,
            };
        }
        (true, UpperTail::Tail { factor, .. }) => factor + sum,
        _ => 1.0 + sum,
    };
    let half = (-0.5 * exponent).exp();
    Tail {
        p: (half * (half * factor)).min(1.0),
        neg_log10: (exponent - factor.ln()).max(0.0) * LOG10_E,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{chi2_upper_tail, f_upper_tail};
    use statrs::function::{beta::beta_reg, gamma::gamma_ur};

    #[test]
    fn tails_equal_the_incomplete_beta_and_gamma_functions() {
        for m in 1..=9 {
            for y in [1e-3, 0.4, 2.0, 5.0, 9.0, 40.0] {
                for df in [1.0, 2.0, 7.0, 60.0, 1400.0] {
                    let p = upper_tail(m, y, df);
                    let expected = beta_reg(0.5 * df, 0.5 * m as f64, df / (df + y));
                    assert!((p.p - expected).abs() <= 1e-9 * expected, "{m} {y} {df}");
                    assert!((p.neg_log10 + expected.log10()).abs() <= 1e-8);
                }
                let (p, expected) = (
                    upper_tail(m, y, f64::INFINITY).p,
                    gamma_ur(0.5 * m as f64, 0.5 * y),
                );
                assert!((p - expected).abs() <= 1e-10 * expected, "{m} {y}");
            }
        }
    }

    #[test]
    fn one_effect_is_the_tail_of_f_on_one_degree_of_freedom() {
        for y in [0.3, 3.0, 8.0, 300.0] {
            assert_eq!(upper_tail(1, y, 30.0).p, f_upper_tail(y, 30.0));
            assert_eq!(upper_tail(1, y, f64::INFINITY).p, chi2_upper_tail(y));
        }
    }

    #[test]
    fn two_effects_have_a_closed_form_down_to_the_smallest_p() {
        // P(χ²(2) > x) = e^(-x/2).
        let p = upper_tail(2, 1e5, f64::INFINITY);
        assert_eq!(p.p, 0.0);
        assert!((p.neg_log10 / (5e4 * LOG10_E) - 1.0).abs() < 1e-14);
        assert_eq!(upper_tail(2, -1e-12, 10.0).p, 1.0);
        assert!(upper_tail(2, f64::NAN, 10.0).p.is_nan());
        assert_eq!(upper_tail(3, f64::INFINITY, 10.0).p, 0.0);
    }
}
