//! What alleles, dosages and probabilities mean; the same for VCF and BCF.

use super::fault::Fault;
use crate::io::bed::{CALLS, NO_CALL};

/// Deviation from the range of dosages that counts as rounding.
const RANGE_TOLERANCE: f64 = 1e-3;
/// Deviation of the sum of probabilities from 1 that counts as rounding.
const SUM_TOLERANCE: f64 = 0.02;

/// A hard call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Call {
    /// The two-bit code, as in a `.bed`.
    pub(super) code: u8,
    /// Whether it is a single allele that is not missing.
    pub(super) is_haploid: bool,
}

impl Call {
    /// The call of these alleles: `None` if missing, 0 for REF.
    ///
    /// Fails on more than two alleles and on an allele that the record does not have.
    pub(super) fn of(
        alleles: impl Iterator<Item = Option<usize>>,
        n_alt: usize,
    ) -> Result<Self, Wrong> {
        let (mut n, mut copies, mut is_missing) = (0, 0, false);
        for allele in alleles {
            n += 1;
            match allele {
                None => is_missing = true,
                Some(allele) if allele > n_alt => return Err(Wrong::Allele(allele)),
                Some(allele) => copies += usize::from(allele > 0),
            }
        }
        let code = match (n, is_missing) {
            (3.., _) => return Err(Wrong::Ploidy(n)),
            (0, _) | (_, true) => NO_CALL,
            (1, false) => CALLS[2 * copies],
            (_, false) => CALLS[copies],
        };
        Ok(Self {
            code,
            is_haploid: n == 1 && !is_missing,
        })
    }
}

/// What is wrong with a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    Ploidy(usize),
    Allele(usize),
    Text,
}

impl Wrong {
    /// The fault in the call `text` of the individual in `row`.
    #[cold]
    pub(super) fn fault(&self, text: &str, n_alt: usize, row: usize) -> Fault {
        let (what, hint) = match self {
            Self::Ploidy(n) => (
                format!("of ploidy {n}, expected 1 or 2"),
                "give dosages of polyploids with --numeric and --ploidy, or remove the record",
            ),
            Self::Allele(allele) => (
                format!("which has allele {allele}, but ALT has {n_alt}"),
                super::fault::DAMAGED,
            ),
            Self::Text => (
                "expected alleles such as 0/1, 0|1 or ./.".into(),
                super::fault::DAMAGED,
            ),
        };
        Fault::new(format!("{text}, {what}"), hint).of("GT", row)
    }
}

/// The dosage of a list of DS values, one for each ALT allele or one for all; NaN is missing.
///
/// Fails if it is out of range, which is 0 to 1 beside a haploid call, and else 0 to 2.
pub(super) fn of_ds(values: &[f64], n_alt: usize, is_haploid: bool) -> Result<f64, Fault> {
    let n = values.len();
    if n != 1 && n != n_alt && !values.iter().all(|value| value.is_nan()) {
        return Err(Fault::new(
            format!("a list of {n} values, but ALT has {n_alt}"),
            super::fault::DAMAGED,
        ));
    }
    let sum: f64 = values.iter().sum();
    let most = if is_haploid { 1.0 } else { 2.0 };
    // NaN compares false.
    if sum < -RANGE_TOLERANCE || sum > most + RANGE_TOLERANCE {
        return Err(Fault::new(
            format!("{sum}, expected 0 to {most}"),
            if is_haploid {
                "GT of the same individual is haploid, so the dosage counts copies on one chromosome; divide DS by 2"
            } else {
                "DS is the expected number of copies of ALT; check the program that wrote it"
            },
        ));
    }
    let dosage = if values.is_empty() { f64::NAN } else { sum };
    // `clamp` keeps NaN. Adding 0 makes -0 positive.
    Ok((dosage.clamp(0.0, most) + 0.0) * 2.0 / most)
}

/// The dosage of genotype probabilities: of 0/0, 0/1 and 1/1, or of 0 and 1. NaN is missing.
///
/// Fails if their sum is not 1.
pub(super) fn of_gp(values: &[f64]) -> Result<f64, Fault> {
    if values.iter().any(|value| value.is_nan()) || values.is_empty() {
        return Ok(f64::NAN);
    }
    let dosage = match *values {
        [_, one, two] => one + 2.0 * two,
        [_, one] => 2.0 * one,
        _ => {
            let n = values.len();
            return Err(Fault::new(
                format!("a list of {n} values, expected 3 probabilities, or 2 if haploid"),
                "GP is read for SNPs of one ALT allele and individuals of ploidy 1 or 2; remove other records (bcftools view -M 2)",
            ));
        }
    };
    let sum: f64 = values.iter().sum();
    let is_probability = |p: &f64| (-RANGE_TOLERANCE..=1.0 + SUM_TOLERANCE).contains(p);
    if !values.iter().all(is_probability) || (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(Fault::new(
            format!("{values:?}, expected probabilities with the sum 1"),
            "older programs write GP on the Phred scale: convert it, or use --dosage DS",
        ));
    }
    Ok(dosage.clamp(0.0, 2.0) + 0.0)
}

/// Powers of ten that a fast number may be divided by.
const POWERS: [f64; 7] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];

/// The value of a decimal number, rounded as [`single`] does; NaN for `.`, and `None` if it is not a number.
pub(super) fn number(text: &[u8]) -> Option<f64> {
    let (mut digits, mut n_digits, mut point) = (0u32, 0, None);
    for (i, &byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                digits = 10 * digits + u32::from(byte - b'0');
                n_digits += 1;
            }
            b'.' if point.is_none() => point = Some(i),
            _ => return other_number(text),
        }
        if n_digits > 7 {
            return other_number(text);
        }
    }
    let n_decimals = point.map_or(0, |i| text.len() - i - 1);
    match (n_digits, text) {
        (0, b".") => Some(f64::NAN),
        (0, _) => None,
        // Both are whole numbers below 2^53, so the quotient is the double nearest to the decimal.
        (1.., _) if n_decimals < POWERS.len() => Some(f64::from(digits) / POWERS[n_decimals]),
        _ => other_number(text),
    }
}

#[cold]
fn other_number(text: &[u8]) -> Option<f64> {
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(single(value as f32))
}

/// The shortest decimal with this single-precision value: 0.1, not 0.10000000149011612.
pub(super) fn single(value: f32) -> f64 {
    let double = f64::from(value);
    for power in [1e4, 1e6] {
        let decimal = (double * power).round() / power;
        if decimal as f32 == value {
            return decimal;
        }
    }
    if value.is_nan() {
        return f64::NAN;
    }
    let decimal = format!("{value}").parse();
    decimal.expect("a formatted number is a number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_nearest_doubles_and_the_same_from_single_precision() {
        for text in [
            "0", "1", "2", "0.1", "1.9", ".5", "2.", "0.123456", "1.999999", "0.000001", "1e-3",
            "00.25",
        ] {
            let value: f64 = text.parse().unwrap();
            assert_eq!(number(text.as_bytes()), Some(value), "{text}");
            assert_eq!(single(value as f32), value, "{text}");
        }
        for i in 0..=2_000_000 {
            let value = f64::from(i) / 1e6;
            assert_eq!(single(value as f32), value);
        }
        for text in ["0.1234567", "1.87654321", "0.00000012", "1.0000001"] {
            let value: f64 = text.parse().unwrap();
            assert_eq!(
                number(text.as_bytes()),
                Some(single(value as f32)),
                "{text}"
            );
        }
        assert!(number(b".").unwrap().is_nan() && number(b"nan").unwrap().is_nan());
        for text in ["", "x", "1.2.3", "0,5", "1 ", "0x1", "..", "-", "\u{e9}"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn calls_count_alleles_other_than_ref() {
        let call = |alleles: &[Option<usize>]| Call::of(alleles.iter().copied(), 2);
        let code = |alleles: &[Option<usize>]| call(alleles).unwrap().code;
        assert_eq!(code(&[Some(0), Some(0)]), 0b11);
        assert_eq!(code(&[Some(2), Some(0)]), 0b10);
        assert_eq!(code(&[Some(1), Some(2)]), 0b00);
        assert_eq!([code(&[Some(0)]), code(&[Some(1)])], [0b11, 0b00]);
        for missing in [&[None, None][..], &[Some(1), None], &[None], &[]] {
            assert_eq!(code(missing), 0b01);
            assert!(!call(missing).unwrap().is_haploid);
        }
        assert!(call(&[Some(0)]).unwrap().is_haploid);
        assert_eq!(call(&[Some(3), None]), Err(Wrong::Allele(3)));
        assert_eq!(call(&[None, None, None]), Err(Wrong::Ploidy(3)));
    }

    #[test]
    fn dosages_are_summed_doubled_and_checked() {
        let nan = f64::NAN;
        assert_eq!(of_ds(&[0.75], 1, false), Ok(0.75));
        assert_eq!(of_ds(&[0.5, 0.25], 2, false), Ok(0.75));
        assert_eq!(of_ds(&[0.5], 2, false), Ok(0.5));
        assert_eq!(of_ds(&[0.25], 1, true), Ok(0.5));
        assert_eq!(of_ds(&[2.0005], 1, false), Ok(2.0));
        assert!(of_ds(&[-0.0], 1, false).unwrap().is_sign_positive());
        for missing in [&[nan][..], &[nan, 1.0], &[]] {
            assert!(of_ds(missing, 2, false).unwrap().is_nan());
        }
        for (values, is_haploid) in [
            (&[2.1][..], false),
            (&[-0.1], false),
            (&[1.5], true),
            (&[f64::INFINITY], false),
            (&[0.1, 0.1, 0.1], false),
        ] {
            assert!(of_ds(values, 2, is_haploid).is_err(), "{values:?}");
        }
    }

    #[test]
    fn probabilities_become_dosages() {
        assert_eq!(of_gp(&[0.25, 0.5, 0.25]), Ok(1.0));
        assert_eq!(of_gp(&[0.75, 0.25]), Ok(0.5));
        assert_eq!(of_gp(&[0.0, 0.0, 1.01]), Ok(2.0));
        assert!(of_gp(&[f64::NAN]).unwrap().is_nan());
        for values in [
            &[0.5, 0.4, 0.0][..],
            &[0.0, 12.0, 99.0],
            &[1.0],
            &[0.2; 6],
            &[1.5, -0.5, 0.0],
        ] {
            assert!(of_gp(values).is_err(), "{values:?}");
        }
    }
}
