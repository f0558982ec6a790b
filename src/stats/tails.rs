//! p-values: upper tails of F(1, df) and of χ²(1), down to the smallest subnormal and, in log space, below.
//!
//! Both are the same function: F(1, ∞) is χ²(1). With q = f / df and s = Γ((df+1)/2) / (Γ(df/2) √(df/2)), which tends to 1,
//!
//! ```text
//! p     = (1+q)^(-df/2) · s √(2/π) √((1+q)/f) · C                        the tail, for f ≥ min(6, df/2)
//! C     = 1/(1 + a₁/(b₁ + a₂/(b₂ + …))),  a_m = m (1 + (m-1)/df) / f,  b_m = 1 + 2m/df
//! 1 - p = (1+q)^(-df/2) · s √(2/π) √(f/(1+q)) · Σ_k t_k                  the centre, for smaller f
//! t₀    = 1,  t_k / t_(k-1) = f (1 + (2k-1)/df) / ((2k+1) (1+q))
//! ```
//!
//! All terms of the fraction and of the sum are positive, so nothing cancels at any df. C is Gauss's continued fraction
//! (DLMF 15.7.1) of ₂F₁(½, 1; df/2 + 1; -df/f), which gives `I_x(df/2, ½)` at x = df/(df+f) after Pfaff's transformation
//! (DLMF 8.17.8, 15.8.1) and an equivalence transformation; at df = ∞ it is Laplace's fraction of erfc (DLMF 7.9.1).
//! The sum is DLMF 8.17.8 for `I_(1-x)(½, df/2)`; at df = ∞ it is DLMF 7.6.2.
//!
//! # Why not statrs
//!
//! Measured against mpmath (60 digits) at 5800 points: df from 1 to 1e7, F from 1e-12 to 1e300, χ² from 5e-324 to 1490.
//! Largest relative error of p among p ≥ 2.3e-308 (in parentheses: among 1e-30 ≤ p < 1e-3):
//!
//! | | df ≤ 100 | df = 1e5 | df = 1e7 | df = ∞ |
//! |---|---|---|---|---|
//! | statrs 0.19.1 `FisherSnedecor::sf` | 1: 0 instead of 6.4e-16 (df 1, F 1e30) | 8e-6 (8e-11) | 8e-5 (1.7e-8) | |
//! | statrs 0.19.1 `beta_reg` at (df/2, ½, df/(df+f)) | 1.4e-9 (2e-13) | 8e-6 (8e-11) | 8e-5 (1.7e-8) | |
//! | statrs 0.19.1 `erfc` at √(x/2) | | | | 1.0e-10 |
//! | statrs 0.19.1 `gamma_ur` at (½, x/2) | | | | 1.1e-13 |
//! | this module | 5e-14 (9e-15) | 8e-14 (1.1e-14) | 1.0e-13 (1.1e-14) | 2.3e-14 (9e-16) |
//!
//! Subnormal p are correctly rounded at all points measured; `gamma_ur` gives 0 for them and panics at x = 5e-324. statrs
//! loses the F tail in 1 - F/(df+F), in differences of `ln_gamma` and in 1 - I near p = 1. With its `gamma` for s the error
//! is 2e-12 at df = 30. `gamma_ur` would be sufficient for χ² above the subnormals, but the code for F also covers χ², more
//! accurately and in less time. statrs is therefore used only as an independent check in the tests.
//! Time per call: 0.03 to 0.15 µs, 0.35 µs at worst (F just above 6); statrs 0.2 to 0.3 µs.

use std::f64::consts::{FRAC_2_PI, LOG10_E};

/// Maximum number of terms of the sums; at most 79 are needed (df = ∞, F = 6).
const MAX_TERMS: u32 = 200;
/// A sum stops when the remainder is below this fraction of it (an eighth of a unit in the last place).
const NEGLIGIBLE: f64 = f64::EPSILON / 8.0;
/// From these degrees of freedom the series in [`scaled_gamma_ratio`] is exact in f64: its first omitted term is 2e-18.
const SERIES_DF: f64 = 40.0;
/// Below this statistic (and below df / 2) p comes from the centre.
const CENTRE_MAX_F: f64 = 6.0;

/// P(F(1, df) > f): the p-value of the Wald and the score test.
///
/// * `f`: the statistic, (β̂ / se)²; zero and below (a rounding error) give 1, infinity gives 0, NaN gives NaN
/// * `df`: denominator degrees of freedom, at least 1, not necessarily whole; infinity gives χ²(1)
///
/// Relative error below 2e-13 (5e-14 for p > 1e-30), subnormal p within one unit; measured, see the module.
/// GEMMA (GSL) gives NaN for f < 0 and loses p below 1e-14 if df > 200000; both are corrected here.
///
/// # Panics
///
/// If `df` is below 1 or NaN.
#[must_use]
pub fn f_upper_tail(f: f64, df: f64) -> f64 {
    match UpperTail::of(f, df) {
        UpperTail::Undefined => f64::NAN,
        UpperTail::Centre { complement } => 1.0 - complement,
        UpperTail::Tail { exponent, factor } => {
            // e^-exponent in two halves: only the last product can be subnormal, so p is rounded once.
            let half = (-0.5 * exponent).exp();
            half * (half * factor)
        }
    }
}

/// -log₁₀ P(F(1, df) > f), in log space: accurate also if p underflows (a p of 1e-50000 gives 50000) or is near 1.
///
/// Arguments as for [`f_upper_tail`]; f ≤ 0 gives 0, infinity gives infinity. Relative error below 1e-14; measured.
///
/// # Panics
///
/// If `df` is below 1 or NaN.
#[must_use]
pub fn f_upper_tail_neg_log10(f: f64, df: f64) -> f64 {
    match UpperTail::of(f, df) {
        UpperTail::Undefined => f64::NAN,
        // The subtraction from 0.0 avoids -0 for f = 0.
        UpperTail::Centre { complement } => 0.0 - (-complement).ln_1p() * LOG10_E,
        UpperTail::Tail { exponent, factor } => (exponent - factor.ln()) * LOG10_E,
    }
}

/// P(χ²(1) > x) = erfc(√(x/2)): the p-value of the likelihood ratio test.
///
/// * `x`: twice the difference of the log-likelihoods (natural log); zero and below give 1, NaN gives NaN
///
/// Relative error below 4e-14; subnormal p within one unit; measured, see the module.
#[must_use]
pub fn chi2_upper_tail(x: f64) -> f64 {
    f_upper_tail(x, f64::INFINITY)
}

/// -log₁₀ P(χ²(1) > x), in log space; see [`f_upper_tail_neg_log10`].
#[must_use]
pub fn chi2_upper_tail_neg_log10(x: f64) -> f64 {
    f_upper_tail_neg_log10(x, f64::INFINITY)
}

/// p in the form in which it is computed without cancellation.
pub(super) enum UpperTail {
    /// The statistic is NaN.
    Undefined,
    /// p = 1 - `complement`.
    Centre { complement: f64 },
    /// p = `factor` e^-`exponent`.
    Tail { exponent: f64, factor: f64 },
}

impl UpperTail {
    pub(super) fn of(f: f64, df: f64) -> Self {
        assert!(df >= 1.0, "df = {df}, expected at least 1");
        if f.is_nan() {
            return Self::Undefined;
        }
        if f <= 0.0 {
            return Self::Centre { complement: 0.0 };
        }
        if f == f64::INFINITY {
            return Self::Tail {
                exponent: f64::INFINITY,
                factor: 1.0,
            };
        }
        let inverse_df = df.recip();
        let one_plus_q = 1.0 + f / df;
        let exponent = if df == f64::INFINITY {
            0.5 * f
        } else {
            0.5 * df * (f / df).ln_1p()
        };
        let scale = scaled_gamma_ratio(df) * FRAC_2_PI.sqrt();
        // The sum takes longer for larger f, the fraction for smaller f. At 6 they take 0.1 and 0.3 µs, and p is still
        // above 0.014, so that 1 - complement loses less than two digits.
        if f < (0.5 * df).min(CENTRE_MAX_F) {
            let sum = central_sum(f / one_plus_q, inverse_df);
            Self::Centre {
                complement: (-exponent).exp() * scale * (f / one_plus_q).sqrt() * sum,
            }
        } else {
            Self::Tail {
                exponent,
                factor: scale * (one_plus_q / f).sqrt() * tail_fraction(f, inverse_df),
            }
        }
    }
}

/// `Σ t_k` of the module docs; `f_over` is f / (1 + q).
fn central_sum(f_over: f64, inverse_df: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..=MAX_TERMS {
        let odd = f64::from(2 * k - 1);
        term *= f_over * (1.0 + odd * inverse_df) / (odd + 2.0);
        sum += term;
        // The ratio of terms is below 1/2 by now (f < 6, and y = q/(1+q) < 1/3), so the remainder is less than this term.
        if term <= NEGLIGIBLE * sum {
            break;
        }
    }
    sum
}

/// C of the module docs by the forward recurrence of its convergents (DLMF §1.12(ii)): no division in the loop.
fn tail_fraction(f: f64, inverse_df: f64) -> f64 {
    let per_f = f.recip();
    let (mut before, mut convergent) = ([0.0, 1.0], [1.0, 1.0]); // Numerator and denominator.
    let mut determinant = 1.0; // |convergent[0] before[1] - before[0] convergent[1]|
    for m in (1..=MAX_TERMS).map(f64::from) {
        let a = m * (1.0 + (m - 1.0) * inverse_df) * per_f;
        let b = 1.0 + 2.0 * m * inverse_df;
        let next = [
            b * convergent[0] + a * before[0],
            b * convergent[1] + a * before[1],
        ];
        (before, convergent) = (convergent, next);
        determinant *= a;
        // All terms are positive, so C lies between neighbouring convergents, and their distance bounds the error.
        if determinant <= NEGLIGIBLE * convergent[0] * before[1] {
            break;
        }
    }
    convergent[0] / convergent[1]
}

/// s = Γ((df+1)/2) / (Γ(df/2) √(df/2)).
///
/// `ln Γ(a+½)/Γ(a) = ½ ln w - Σ_n E_2n / (n 4^(2n+1) w^2n)`, w = a - ¼, a = df/2, with Euler's numbers
/// `E_2n` = -1, 5, -61, 1385, -50521 (DLMF 5.11.8 at h = ¼ and ¾, 24.4.31): no difference of large logarithms. Below
/// [`SERIES_DF`] the argument is raised first: Γ(a+½)/Γ(a) = a/(a+½) · Γ(a+1½)/Γ(a+1).
pub(super) fn scaled_gamma_ratio(df: f64) -> f64 {
    const SERIES: [f64; 5] = [
        1.0 / 64.0,
        -5.0 / 2048.0,
        61.0 / 49152.0,
        -1385.0 / 1_048_576.0,
        50521.0 / 20_971_520.0,
    ];
    let (mut raised, mut above, mut below) = (df, 1.0, 1.0);
    while raised < SERIES_DF {
        above *= raised + 1.0;
        below *= raised;
        raised += 2.0;
    }
    let v = (0.5 * raised - 0.25).powi(-2);
    let logarithm = SERIES
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| (sum + coefficient) * v);
    let at_raised = (1.0 - 0.5 / raised).sqrt() * logarithm.exp();
    if df < SERIES_DF {
        at_raised * (raised / df).sqrt() * (below / above)
    } else {
        at_raised
    }
}

#[cfg(test)]
mod tests {
    use statrs::function::{beta::beta_reg, gamma::gamma_ur};
    use std::f64::consts::PI;

    use super::*;

    /// (f, df, p, -log₁₀ p), by mpmath with 60 digits from DLMF 8.17.22 and, for f < 6, 8.17.8.
    /// Both formulas were checked by quadrature of Student's density.
    #[rustfmt::skip]
    #[allow(clippy::unreadable_literal, clippy::approx_constant)]
    const F: [(f64, f64, f64, f64); 57] = [
        (1e-12, 1.0, 0.9999993633802277, 2.7648054221615196e-7),
        (0.02, 1.0, 0.9105614780496845, 0.040690726775834386),
        (1.0, 1.0, 0.5, 0.3010299956639812),
        (4.5, 1.0, 0.2804377980075435, 0.5521634516190825),
        (1e10, 1.0, 6.366197723463607e-6, 5.196119877044629),
        (1e300, 1.0, 6.366197723675813e-151, 150.19611987703016),
        (1e-6, 2.0, 0.9992928933955901, 0.0003072011211879781),
        (3.0, 2.0, 0.22540333075851662, 0.6470396707239998),
        (1e200, 2.0, 1e-200, 200.0),
        (1e-9, 3.5, 0.99997648705246, 1.021166342353082e-5),
        (1.8, 3.5, 0.26013123360747825, 0.584807499518835),
        (100000.0, 3.5, 6.329514027906031e-9, 8.198629633284513),
        (1e150, 3.5, 1.1256208537392985e-262, 261.94860786957116),
        (0.3, 10.0, 0.5958952407991058, 0.22483008311513666),
        (4.9, 10.0, 0.05124772742314507, 1.2903253886033492),
        (77.0, 10.0, 5.1930190226246595e-6, 5.2845800865315),
        (1e30, 10.0, 2.4609374999999997e-146, 145.60889941585828),
        (5.9, 39.5, 0.01978802544808152, 1.703597539789852),
        (30.0, 39.5, 2.654903152839308e-6, 5.5759513167499755),
        (1e-5, 67.0, 0.9974862685126387, 0.0010930741376916394),
        (1.0, 67.0, 0.32090850207226207, 0.4936187766590771),
        (6.0, 67.0, 0.01692666905555704, 1.7714284968892158),
        (2000.0, 67.0, 1.2700674213642845e-51, 50.896173223965874),
        (1e-8, 1409.0, 0.9999202256997255, 3.4646920392214097e-5),
        (0.01, 1409.0, 0.9203585513590271, 0.03604294815353471),
        (1.0, 1409.0, 0.31748220962755697, 0.4982806057328011),
        (3.8, 1409.0, 0.05145075992483124, 1.2886082063490976),
        (5.99, 1409.0, 0.014508571650838412, 1.8383753411593104),
        (6.01, 1409.0, 0.014345735821332068, 1.843277171018643),
        (30.0, 1409.0, 5.110072329516748e-8, 7.2915729526857),
        (700.0, 1409.0, 1.4525250998828376e-125, 124.83787635418966),
        (1e-10, 198000.0, 0.9999920211644664, 3.46517806831828e-6),
        (10.8, 198000.0, 0.001015177404996948, 2.9934580569834335),
        (80.0, 198000.0, 3.7752251861354077e-19, 18.423057138291952),
        (1000.0, 198000.0, 6.336823007677701e-219, 218.19812842288303),
        (80.0, 200002.0, 3.7749124041569904e-19, 18.423093121606353),
        (1300.0, 200002.0, 9.292011228791242e-284, 283.03189027405483),
        (0.0001, 1e6, 0.9920212893655477, 0.003479007528513774),
        (1.0, 1e6, 0.31731074983357815, 0.49851521464928106),
        (29.7, 1e6, 5.044668306789879e-8, 7.297167383890213),
        (80.0, 1e6, 3.7502415635582006e-19, 18.425940757247876),
        (1e-12, 1e7, 0.9999992021154591, 3.4651699152979857e-7),
        (0.1, 1e7, 0.7518296406460634, 0.12388055636193818),
        (3.84, 1e7, 0.050043548984821766, 1.3006518986215014),
        (80.0, 1e7, 3.7447113781806825e-19, 18.42658164971188),
        (56372600000.0, 67.0, 1.0000181712815625e-300, 299.9999921083844),
        (112092000000.0, 67.0, 1.00008840735983e-310, 309.99996160686857),
        (278675000000.0, 67.0, 5e-324, 323.2499952227952),
        (2327.94, 1409.0, 1.000410478150279e-300, 299.999821768182),
        (2452.05, 1409.0, 9.991739675778e-311, 310.00035888957046),
        (2622.2, 1409.0, 5e-324, 323.2000751085826),
        (1373.97, 1e7, 9.985404795436641e-301, 300.000634324698),
        (1419.99, 1e7, 1.0011580847316e-310, 309.9994973411961),
        (1480.75, 1e7, 5e-324, 323.2005347819621),
        (965599.0, 1409.0, 0.0, 1999.9999638607924),
        (432414.0, 200002.0, 0.0, 50000.017033290984),
        (1485.42, 1e6, 0.0, 323.9994811559961),
    ];

    /// (x, p, -log₁₀ p), by mpmath's erfc and erf with 60 digits.
    #[rustfmt::skip]
    #[allow(clippy::unreadable_literal)]
    const CHI2: [(f64, f64, f64); 19] = [
        (5e-324, 1.0, 7.702233867489967e-163),
        (1e-20, 0.9999999999202115, 3.4651686196630805e-11),
        (0.001, 0.9747728793699604, 0.011096562482616878),
        (0.455, 0.49997004814933704, 0.30105601229016654),
        (1.0, 0.3173105078629141, 0.4985155458279893),
        (3.84, 0.050043521248705106, 1.3006521393247688),
        (5.99, 0.014387202374007141, 1.8420236474569094),
        (6.01, 0.014225027505629649, 1.8469468851767135),
        (29.7, 5.0434820841424256e-8, 7.297269517568342),
        (80.0, 3.744097384202899e-19, 18.42665286376088),
        (700.0, 2.9902269751246203e-154, 153.52429584501908),
        (1370.0, 6.942937364643268e-300, 299.1584567526914),
        (1415.0, 1.155871387965274e-309, 308.9370904865075),
        (1450.0, 2.867198e-317, 316.5425423182718),
        (1481.0, 5e-324, 323.278694067844),
        (1484.0, 0.0, 323.93057462108777),
        (1490.0, 0.0, 325.2343330760136),
        (100000.0, 0.0, 21717.322159443942),
        (1e12, 0.0, 217147240957.72397),
    ];

    #[track_caller]
    fn assert_close(what: &str, got: f64, expected: f64, tolerance: f64) {
        // The smallest step between subnormals is larger than any relative tolerance.
        let allowed = (tolerance * expected.abs()).max(f64::from_bits(1));
        let error = (got - expected).abs();
        assert!(error <= allowed, "{what}: {got:e}, expected {expected:e}");
    }

    #[test]
    fn f_tail_agrees_with_mpmath_to_5e_13_in_p_and_2e_14_in_log_p() {
        for (f, df, p, neg_log10) in F {
            let what = format!("F = {f:e}, df = {df}");
            assert_close(&what, f_upper_tail(f, df), p, 5e-13);
            assert_close(&what, f_upper_tail_neg_log10(f, df), neg_log10, 2e-14);
        }
    }

    #[test]
    fn chi2_tail_agrees_with_mpmath_to_5e_14_in_p_and_2e_14_in_log_p() {
        for (x, p, neg_log10) in CHI2 {
            let what = format!("x = {x:e}");
            assert_close(&what, chi2_upper_tail(x), p, 5e-14);
            assert_close(&what, chi2_upper_tail_neg_log10(x), neg_log10, 2e-14);
        }
    }

    /// p = 2/π atan(1/√f) for df = 1, and 1 - √(f/(f+2)) = 2 / ((f+2) (1 + √(f/(f+2)))) for df = 2.
    #[test]
    fn one_and_two_degrees_of_freedom_agree_with_their_closed_forms() {
        for f in (-40..=140).map(|tenth| 10f64.powf(f64::from(tenth) / 10.0)) {
            assert_close(
                "df = 1",
                f_upper_tail(f, 1.0),
                f.sqrt().recip().atan() * 2.0 / PI,
                2e-14,
            );
            let closed = 2.0 / ((f + 2.0) * (1.0 + (f / (f + 2.0)).sqrt()));
            assert_close("df = 2", f_upper_tail(f, 2.0), closed, 2e-14);
        }
    }

    #[test]
    fn tails_agree_with_statrs_where_statrs_is_accurate() {
        for x in (1..1400).map(f64::from) {
            assert_close(
                "gamma_ur",
                chi2_upper_tail(x),
                gamma_ur(0.5, x / 2.0),
                1e-12,
            );
        }
        for df in (1..=100).map(f64::from) {
            for f in [3.0, 8.0, 25.0, 90.0, 1000.0] {
                let expected = beta_reg(0.5 * df, 0.5, df / (df + f));
                assert_close(
                    &format!("beta_reg, {f}, {df}"),
                    f_upper_tail(f, df),
                    expected,
                    2e-12,
                );
            }
        }
    }

    #[test]
    fn tail_falls_and_is_continuous_where_centre_and_fraction_meet() {
        for df in [
            1.0,
            2.0,
            7.5,
            11.0,
            12.0,
            13.0,
            39.9,
            40.0,
            1409.0,
            1e7,
            f64::INFINITY,
        ] {
            let meet = (0.5 * df).min(CENTRE_MAX_F);
            let (below, above) = (f_upper_tail(meet.next_down(), df), f_upper_tail(meet, df));
            assert_close(&format!("df = {df}"), below, above, 1e-13);
            assert!(f_upper_tail(0.99 * meet, df) > above && above > f_upper_tail(1.01 * meet, df));
        }
    }

    #[test]
    fn edges_of_the_statistic_have_their_limits() {
        for df in [1.0, 67.0, 200_002.0, f64::INFINITY] {
            for f in [0.0, -0.0, -1e-17, -5.0, f64::NEG_INFINITY] {
                assert_eq!(f_upper_tail(f, df).to_bits(), 1f64.to_bits());
                assert_eq!(f_upper_tail_neg_log10(f, df).to_bits(), 0);
            }
            assert_eq!(f_upper_tail(f64::INFINITY, df).to_bits(), 0);
            assert_eq!(
                f_upper_tail_neg_log10(f64::INFINITY, df).to_bits(),
                f64::INFINITY.to_bits()
            );
            assert!(
                f_upper_tail(f64::NAN, df).is_nan()
                    && f_upper_tail_neg_log10(f64::NAN, df).is_nan()
            );
            assert!(
                f_upper_tail(f64::MAX, df).is_finite()
                    && f_upper_tail_neg_log10(f64::MAX, df).is_finite()
            );
        }
    }
}
