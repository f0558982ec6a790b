//! Printed numbers as whole numbers of units, without rounding to a double.

/// mantissa · 10^exponent, exactly as printed.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Decimal {
    mantissa: i128,
    exponent: i32,
}

impl Decimal {
    fn parse(text: &str) -> Self {
        let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let fraction = digits
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len() as i32);
        let mantissa = digits
            .replace('.', "")
            .parse()
            .unwrap_or_else(|_| panic!("not a number: {text}"));
        Self {
            mantissa,
            exponent: exponent.parse::<i32>().expect("an exponent") - fraction,
        }
    }

    /// Exponent of the last of `digits` significant digits.
    fn last_digit(self, digits: u32) -> i32 {
        self.mantissa
            .unsigned_abs()
            .checked_ilog10()
            .map_or(0, |log| log as i32)
            + self.exponent
            + 1
            - digits as i32
    }

    fn in_units_of(self, exponent: i32) -> i128 {
        self.mantissa * 10_i128.pow((self.exponent - exponent) as u32)
    }
}

/// |a − b| in units of the last of `digits` significant digits of `b`, rounded up.
pub fn units_apart(a: &str, b: &str, digits: u32) -> u128 {
    if a == b {
        return 0;
    }
    let (a, b) = (Decimal::parse(a), Decimal::parse(b));
    if a.mantissa == 0 && b.mantissa == 0 {
        return 0;
    }
    let unit = b.last_digit(digits);
    let finest = unit.min(a.exponent).min(b.exponent);
    if unit - finest > 25 {
        return u128::MAX;
    }
    let difference = (a.in_units_of(finest) - b.in_units_of(finest)).unsigned_abs();
    difference.div_ceil(10_u128.pow((unit - finest) as u32))
}

#[test]
fn units_are_counted_on_the_printed_text() {
    assert_eq!(units_apart("0.3371669127", "0.3371669127", 10), 0);
    assert_eq!(units_apart("0.3371669128", "0.3371669127", 10), 1);
    assert_eq!(units_apart("0.337166913", "0.3371669127", 10), 3);
    assert_eq!(units_apart("-0.02132759281", "-0.02132759283", 10), 2);
    assert_eq!(units_apart("1.234567891e-05", "1.23456789e-05", 10), 1);
    assert_eq!(units_apart("1", "0.9999999999", 10), 1);
    assert_eq!(units_apart("0.0419452", "0.0419453", 6), 1);
}
