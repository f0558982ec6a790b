//! The contribution of a SNP to a pair of individuals, as an exact fraction.
//!
//! With s copies of allele1 in m observed calls, μ = s/m and (a − μ)(b − μ) = (am − s)(bm − s)/m². With Q the sum of
//! the squared dosages, the variance over n individuals with missing calls at the mean is v = (Qm − s²)/(nm), so a
//! standardised SNP contributes n(am − s)(bm − s)/(m(Qm − s²)). A missing call contributes nothing.

use super::kind::KinshipKind;
use crate::kernels::GenotypeCounts;

/// Dosage of allele1 of each two-bit code, `None` for a missing call.
const DOSAGES: [Option<i128>; 4] = [Some(2), None, Some(1), Some(0)];
/// Fractional bits of the first part of a term, and the number of further bits in its second part.
pub(super) const PART_BITS: [u32; 2] = [96, 90];
/// The denominators are below 2⁷⁸ for studies of up to 2²⁵ individuals: this many bits can be divided at once.
const STEP: u32 = 48;
/// Denominators for which 64 bits are enough, in steps of [`SHORT_STEP`] bits.
const SHORT: i128 = 1 << 40;
const SHORT_STEP: u32 = 24;
/// A sum of N errors, each independently between −1 and 1 with a mean of 0 and a range of 1, exceeds this times √N with a
/// probability below 10⁻¹⁸ (Hoeffding 1963): √(ln(2·10¹⁸)/2).
const DEVIATIONS: f64 = 4.6;

/// A SNP as integers.
#[derive(Debug, Clone, Copy)]
pub(super) struct SnpTerms {
    /// Its index in the file, which determines its rounding.
    snp_index: u64,
    /// s and m.
    allele1: i128,
    observed: i128,
    /// A term is `factor` (am − s)(bm − s)/`denominator`; these are 0 and 1 if all terms are 0.
    factor: i128,
    denominator: i128,
}

impl SnpTerms {
    /// The terms of the SNP at `snp_index` of its file with these calls of all individuals.
    pub(super) fn new(kind: KinshipKind, snp_index: usize, counts: GenotypeCounts) -> Self {
        let (s, m) = (counts.allele1() as i128, counts.observed() as i128);
        let spread = (4 * counts.two + counts.one) as i128 * m - s * s;
        let (factor, denominator) = match kind {
            _ if spread == 0 => (0, 1),
            KinshipKind::Centred => (1, m * m),
            KinshipKind::Standardised => (counts.total() as i128, m * spread),
        };
        Self {
            snp_index: snp_index as u64,
            allele1: s,
            observed: m,
            factor,
            denominator,
        }
    }

    /// The same SNP with the dosages of allele0 if allele1 is the more frequent one.
    pub(super) fn of_rarer_allele(mut self) -> Self {
        if self.allele1 > self.observed {
            self.allele1 = 2 * self.observed - self.allele1;
        }
        self
    }

    /// s and m.
    pub(super) fn ratio(&self) -> (u64, u64) {
        (self.allele1 as u64, self.observed as u64)
    }

    /// am − s; 0 for a missing call.
    fn centred(&self, code: usize) -> i128 {
        DOSAGES[code].map_or(0, |a| a * self.observed - self.allele1)
    }

    fn numerator(&self, a: usize, b: usize) -> i128 {
        self.factor * self.centred(a) * self.centred(b)
    }

    /// The term of each pair of codes as a double.
    pub(super) fn value(&self, a: usize, b: usize) -> f64 {
        self.numerator(a, b) as f64 / self.denominator as f64
    }

    /// The largest term that a pair of individuals with these calls can have.
    pub(super) fn largest_square(&self, counts: GenotypeCounts) -> f64 {
        let codes = [(counts.two, 0), (counts.one, 2), (counts.zero, 3)];
        let seen = codes.into_iter().filter(|&(count, _)| count > 0);
        seen.map(|(_, code)| self.value(code, code))
            .fold(0.0, f64::max)
    }

    /// The term of each dosage with each code, with `bits` fractional bits, modulo 2⁶⁴.
    pub(super) fn rounded(&self, bits: u32) -> [[u64; 4]; 3] {
        let mut terms = [[0; 4]; 4];
        for (a, b) in [(0, 0), (0, 2), (0, 3), (2, 2), (2, 3), (3, 3)] {
            let x = Fraction::new(self.numerator(a, b), self.denominator);
            let term = x.rounded(bits, self.seed(4 * a + b)) as u64;
            (terms[a][b], terms[b][a]) = (term, term);
        }
        [3, 2, 0].map(|a| terms[a])
    }

    /// The correction for a missing call of i, for each code of j in a centred kinship, with `bits` fractional bits:
    /// μ(a − μ), and −μ²/2 if j is missing too.
    pub(super) fn corrections(&self, bits: u32) -> [i64; 4] {
        let (s, m) = (self.allele1, self.observed);
        if s == 0 || m == 0 {
            return [0; 4];
        }
        std::array::from_fn(|code| {
            let twice = match DOSAGES[code] {
                Some(a) => 2 * s * (a * m - s),
                None => -s * s,
            };
            let x = Fraction::new(twice, 2 * m * m);
            x.rounded(bits, self.seed(16 + code)) as i64
        })
    }

    /// A part of the terms of all pairs of codes, rounded down: part 0 is everything up to the 96th fractional bit,
    /// part 1 the next 90.
    pub(super) fn parts(&self, part: usize) -> [i128; 16] {
        let mut terms = [0; 16];
        for (a, b) in [(0, 0), (0, 2), (0, 3), (2, 2), (2, 3), (3, 3)] {
            let mut x = Fraction::new(self.numerator(a, b), self.denominator);
            let mut value = x.shift(PART_BITS[0]);
            if part == 1 {
                x.whole = 0;
                value = x.shift(PART_BITS[1]);
            }
            (terms[4 * a + b], terms[4 * b + a]) = (value, value);
        }
        terms
    }

    /// A pseudo-random number for one of the roundings of this SNP.
    fn seed(&self, which: usize) -> u64 {
        // SplitMix64 (Steele, Lea & Flood 2014).
        let mut x = (self.snp_index * 32 + which as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }
}

/// `whole` + `rest`/`denominator`, with the rest from 0 to below the denominator.
struct Fraction {
    whole: i128,
    rest: i128,
    denominator: i128,
}

impl Fraction {
    fn new(numerator: i128, denominator: i128) -> Self {
        if let (Ok(numerator), Ok(short)) = (i64::try_from(numerator), i64::try_from(denominator)) {
            return Self {
                whole: numerator.div_euclid(short).into(),
                rest: numerator.rem_euclid(short).into(),
                denominator,
            };
        }
        Self {
            whole: numerator.div_euclid(denominator),
            rest: numerator.rem_euclid(denominator),
            denominator,
        }
    }

    /// Multiplies by 2^`bits` and returns the whole part.
    fn shift(&mut self, bits: u32) -> i128 {
        let mut left = bits;
        while left > 0 {
            let step;
            (self.whole, self.rest, step) = if self.denominator < SHORT {
                // Takes a tenth of the time.
                let step = left.min(SHORT_STEP);
                let (rest, denominator) = ((self.rest as u64) << step, self.denominator as u64);
                let whole = (self.whole << step) + i128::from(rest / denominator);
                (whole, i128::from(rest % denominator), step)
            } else {
                let step = left.min(STEP);
                let rest = self.rest << step;
                let whole = (self.whole << step) + rest / self.denominator;
                (whole, rest % self.denominator, step)
            };
            left -= step;
        }
        self.whole
    }

    /// Rounds to `bits` fractional bits, up with a probability equal to the rest. The choice follows from `seed`, so
    /// the errors of many SNPs have a mean of 0 and do not accumulate, even if SNPs repeat each other.
    fn rounded(mut self, bits: u32, seed: u64) -> i128 {
        let down = self.shift(bits);
        self.whole = 0;
        let threshold = self.shift(32) as u64;
        down + i128::from(seed >> 32 < threshold)
    }
}

/// Error bound of a sum of `count` numbers that are rounded to multiples of `step`.
pub(super) fn rounding_error(count: f64, step: f64) -> f64 {
    count.min(DEVIATIONS * count.sqrt()) * step
}

/// Whether a sum with this error bound gives the mean over `n_snps` SNPs to within 0.01 units of the tenth digit.
pub(super) fn has_ten_digits(sum: f64, error: f64, n_snps: f64) -> bool {
    // A unit of the tenth digit is 1e-10 to 1e-9 of the number.
    if error <= 1e-12 * sum.abs() {
        return true;
    }
    let mean = sum.abs() / n_snps;
    let decade = mean.log10().floor();
    mean > 0.0 && error / n_snps <= 0.01 * 10_f64.powi(decade as i32 - 9)
}
