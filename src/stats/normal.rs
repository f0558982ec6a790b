//! Quantiles of the standard normal distribution.

/// Φ⁻¹(p): the value below which a standard normal variable is with probability `p`, in (0, 1).
///
/// The relative error is below about 1e-15. NaN outside of [0, 1], ∓∞ at its ends.
///
/// Source: Wichura 1988, Algorithm AS 241 (PPND16), Appl. Stat. 37:477.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(&CENTRE, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if !(tail > 0.0) {
        let end = if tail == 0.0 { f64::INFINITY } else { f64::NAN };
        return end.copysign(q);
    }
    let r = (-tail.ln()).sqrt();
    let x = if r <= 5.0 {
        ratio(&MIDDLE, r - 1.6)
    } else {
        ratio(&FAR, r - 5.0)
    };
    x.copysign(q)
}

/// A ratio of polynomials of degree 7; coefficients from the constant on, with the digits of the paper.
struct Ratio {
    numerator: [f64; 8],
    denominator: [f64; 8],
}

fn ratio(of: &Ratio, r: f64) -> f64 {
    let polynomial = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, c| sum * r + c);
    polynomial(&of.numerator) / polynomial(&of.denominator)
}

/// |p − ½| ≤ 0.425.
#[allow(clippy::excessive_precision)]
const CENTRE: Ratio = Ratio {
    numerator: [
        3.387_132_872_796_366_608_0,
        1.331_416_678_917_843_774_5e2,
        1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4,
        4.592_195_393_154_987_145_7e4,
        6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4,
        2.509_080_928_730_122_672_7e3,
    ],
    denominator: [
        1.0,
        4.231_333_070_160_091_125_2e1,
        6.871_870_074_920_579_083_0e2,
        5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061_0e4,
        2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561_0e3,
    ],
};

/// √(−ln tail) ≤ 5.
#[allow(clippy::excessive_precision)]
const MIDDLE: Ratio = Ratio {
    numerator: [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_90,
        5.769_497_221_460_691_405_50,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        2.417_807_251_774_506_117_70e-1,
        2.272_384_498_926_918_458_33e-2,
        7.745_450_142_783_414_076_40e-4,
    ],
    denominator: [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_40,
        6.897_673_349_851_000_045_50e-1,
        1.481_039_764_274_800_745_90e-1,
        1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946_00e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
};

/// Farther in the tails.
#[allow(clippy::excessive_precision)]
const FAR: Ratio = Ratio {
    numerator: [
        6.657_904_643_501_103_777_20,
        5.463_784_911_164_114_369_90,
        1.784_826_539_917_291_335_80,
        2.965_605_718_285_048_912_30e-1,
        2.653_218_952_657_612_309_30e-2,
        1.242_660_947_388_078_438_60e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    denominator: [
        1.0,
        5.998_322_065_558_879_376_90e-1,
        1.369_298_809_227_358_053_10e-1,
        1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591_00e-4,
        1.846_318_317_510_054_681_80e-5,
        1.421_511_758_316_445_888_70e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::chi2_upper_tail;

    #[test]
    fn quantiles_are_those_of_scipy() {
        // scipy.special.ndtri
        for (p, expected) in [
            (0.4, -0.253_347_103_135_799_7),
            (0.2, -0.841_621_233_572_914_2),
            (0.08, -1.405_071_560_309_632_9),
            (0.05, -1.644_853_626_951_472_9),
            (0.01, -2.326_347_874_040_840_8),
            (1e-5, -4.264_890_793_922_825),
            (1e-10, -6.361_340_902_404_056),
            (1e-12, -7.034_483_825_301_131),
            (1e-20, -9.262_340_089_798_409),
            (1e-100, -21.273_453_560_965_322),
            (1e-300, -37.047_096_299_361_2),
        ] {
            let found = normal_quantile(p);
            assert!(
                (found - expected).abs() <= 2e-15 * expected.abs(),
                "{p}: {found}"
            );
            if p > 0.01 {
                let other = normal_quantile(1.0 - p);
                assert!((other + expected).abs() <= 1e-13, "1 - {p}: {other}");
            }
        }
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(-0.1).is_nan() && normal_quantile(f64::NAN).is_nan());
    }

    #[test]
    fn quantiles_invert_the_tails() {
        for k in 1..300 {
            let p = 0.5 * 0.93_f64.powi(k);
            let z = normal_quantile(p);
            let tail = chi2_upper_tail(z * z) / 2.0; // P(Z < z), z < 0
            assert!((tail - p).abs() <= 1e-12 * p, "{p}: {tail}");
        }
    }
}
