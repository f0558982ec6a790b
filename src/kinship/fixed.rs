//! Numbers with 48 bits after the point, in integers: their sums are exact, in any order.

/// Bits after the point: a mean of dosages is off by at most 2⁻⁴⁹.
pub(super) const FRACTION_BITS: u32 = 48;
/// One.
const ONE: i64 = 1 << FRACTION_BITS;

/// `sum` / `count` to the nearest; 0 where the count is.
pub(super) fn ratio(sum: usize, count: usize) -> u64 {
    if count == 0 {
        return 0;
    }
    let twice = ((sum as u128) << (FRACTION_BITS + 1)) / count as u128;
    (twice.div_ceil(2)) as u64
}

/// What a missing call of i adds to its pair with j, for each code of j at a SNP of the mean μ: μ(a_j − μ), and −μ²/2
/// where j is missing too.
pub(super) fn corrections(mean: u64) -> [i64; 4] {
    let mean = i128::from(mean);
    let rounded = |x: i128| ((x + i128::from(ONE / 2)) >> FRACTION_BITS) as i64;
    let observed = |a: i128| rounded(mean * (a * i128::from(ONE) - mean));
    [
        observed(2),
        rounded(-mean * mean / 2),
        observed(1),
        observed(0),
    ]
}

/// A fixed-point number as two doubles that hold it exactly: the whole part, and the fraction as an integer.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Parts {
    pub(super) whole: f64,
    pub(super) fraction: f64,
}

impl Parts {
    pub(super) fn of(x: i128) -> Self {
        Self {
            whole: (x >> FRACTION_BITS) as f64,
            fraction: (x & i128::from(ONE - 1)) as f64,
        }
    }

    /// The whole part and the fraction of `x`.
    #[inline(always)]
    pub(super) fn split(x: i64) -> (i64, i64) {
        (x >> FRACTION_BITS, x & (ONE - 1))
    }

    /// The number as a double, rounded once: the parts of a few sums are exact.
    #[inline(always)]
    pub(super) fn value(self) -> f64 {
        self.whole + self.fraction * (1.0 / ONE as f64)
    }
}
