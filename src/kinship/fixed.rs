//! Fixed-point numbers as integers, whose sums are exact in any order.

/// Fractional bits of means and of sums over all SNPs.
pub(super) const SUM_BITS: u32 = 96;
/// Fractional bits of the corrections for missing calls.
pub(super) const CORRECTION_BITS: u32 = 54;
/// Fractional bits of sums in double precision, and bits of each half of a mean.
const HALF_BITS: u32 = 48;
const HALF: u128 = (1 << HALF_BITS) - 1;

/// `sum`/`count` rounded down to [`SUM_BITS`] fractional bits, in two halves, the higher one first; 0 if `count` is 0.
pub(super) fn ratio((sum, count): (u64, u64)) -> [u64; 2] {
    let Some(high) = (u128::from(sum) << HALF_BITS).checked_div(u128::from(count)) else {
        return [0; 2];
    };
    let rest = (u128::from(sum) << HALF_BITS) % u128::from(count);
    let low = (rest << HALF_BITS) / u128::from(count);
    [high as u64, low as u64]
}

/// The square of a mean, with [`SUM_BITS`] fractional bits.
pub(super) fn square([high, low]: [u64; 2]) -> i128 {
    let (high, low) = (u128::from(high), u128::from(low));
    (high * high + ((2 * high * low) >> HALF_BITS) + ((low * low) >> SUM_BITS)) as i128
}

/// Joins two halves to one number.
pub(super) fn joined([high, low]: [u64; 2]) -> i128 {
    (i128::from(high) << HALF_BITS) + i128::from(low)
}

/// Error bound per SNP: that of `ratio`, summed over the dosages of two individuals, and that of `square`.
pub(super) const ERROR_OF_A_SNP: f64 = 10.0 * step(SUM_BITS);

/// 2 to the −`bits`.
pub(super) const fn step(bits: u32) -> f64 {
    1.0 / (1_u128 << bits) as f64
}

/// A fixed-point number as two doubles: the whole part, and the fraction as an integer of [`HALF_BITS`], rounded down.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Parts {
    pub(super) whole: f64,
    pub(super) fraction: f64,
}

impl Parts {
    /// Error bound of a sum of a few of these, which are rounded down.
    pub(super) const ERROR: f64 = 8.0 * step(HALF_BITS);

    /// Splits a number with [`SUM_BITS`] fractional bits.
    pub(super) fn of(x: i128) -> Self {
        Self {
            whole: (x >> SUM_BITS) as f64,
            fraction: ((x >> HALF_BITS) as u128 & HALF) as f64,
        }
    }

    /// The whole part and the fraction of a correction.
    #[inline(always)]
    pub(super) fn split(x: i64) -> (i64, i64) {
        (x >> CORRECTION_BITS, x & ((1 << CORRECTION_BITS) - 1))
    }

    /// Splits a correction.
    #[inline(always)]
    pub(super) fn of_correction(x: i64) -> Self {
        let (whole, fraction) = Self::split(x);
        Self {
            whole: whole as f64,
            fraction: (fraction >> (CORRECTION_BITS - HALF_BITS)) as f64,
        }
    }

    /// The number as a double.
    #[inline(always)]
    pub(super) fn value(self) -> f64 {
        self.whole + self.fraction * step(HALF_BITS)
    }
}
