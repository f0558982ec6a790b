//! Numbers as they are printed.

/// Words for a missing or undefined number.
const MISSING: [&str; 7] = ["NA", "nan", "NaN", "NAN", "#NA", ".", ""];

/// A number with the place of its last printed digit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Printed {
    /// The value; NaN if it is missing.
    pub value: f64,
    /// The exponent of ten of the last printed digit; `None` for a number from a file with types.
    pub last_place: Option<i16>,
}

impl Printed {
    /// Undefined.
    pub(super) const NAN: Self = Self {
        value: f64::NAN,
        last_place: None,
    };

    /// Parses a cell; `None` if it is a word.
    pub(super) fn parse(cell: &str) -> Option<Self> {
        if MISSING.contains(&cell) {
            return Some(Self::NAN);
        }
        let value: f64 = cell.parse().ok()?;
        let (mantissa, exponent) = split(cell);
        let n_decimals = mantissa.split_once('.').map_or(0, |(_, after)| after.len());
        Some(Self {
            value,
            last_place: i16::try_from(exponent - n_decimals as i32).ok(),
        })
    }
}

/// −log₁₀ of a printed p-value, also of one that is too small for a double.
pub(super) fn neg_log10(cell: &str, value: f64) -> f64 {
    if value > 0.0 {
        return -value.log10();
    }
    let (mantissa, exponent) = split(cell);
    let mantissa: f64 = mantissa.parse().unwrap_or(f64::NAN);
    -(mantissa.log10() + f64::from(exponent))
}

/// The digits before the exponent, and the exponent.
fn split(cell: &str) -> (&str, i32) {
    let (mantissa, exponent) = cell.split_once(['e', 'E']).unwrap_or((cell, "0"));
    (mantissa, exponent.parse().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_printed_place_is_known() {
        for (cell, value, last_place) in [
            ("1.234560e-05", 1.234_56e-5, -11),
            ("0.125", 0.125, -3),
            ("-12", -12.0, 0),
            ("3e4", 3e4, 4),
        ] {
            let found = Printed::parse(cell).unwrap();
            assert_eq!((found.value, found.last_place), (value, Some(last_place)));
        }
        assert!(Printed::parse("NA").unwrap().value.is_nan());
        assert!(Printed::parse("nan").unwrap().value.is_nan());
        assert_eq!(Printed::parse("rs1"), None);
    }

    #[test]
    fn the_logarithm_of_a_tiny_p_value_is_that_of_its_text() {
        assert_eq!(neg_log10("0.001", 0.001), 3.0);
        assert!((neg_log10("5.623413e-413", 0.0) - 412.25).abs() < 1e-6);
        assert_eq!(neg_log10("0.000000e+00", 0.0), f64::INFINITY);
    }
}
