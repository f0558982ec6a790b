//! How far two columns of numbers agree.

use crate::io::results::Printed;

/// Numbers whose difference is smaller than this, in units of the last printed place, are the same number.
const SAME_UNITS: f64 = 0.75;

/// What two columns have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// The name of the column, in GEMMA's words.
    pub name: String,
    /// SNPs with a number in both tables.
    pub n: usize,
    /// SNPs with a number in only one of them.
    pub n_missing: usize,
    /// SNPs whose numbers are different.
    pub n_different: usize,
    /// The largest difference in units of the last printed place; 0 if no number is printed.
    pub max_units: f64,
    /// The largest difference divided by the larger of both numbers.
    pub max_relative: f64,
    /// The row of it, in the first table.
    pub worst: Option<usize>,
    /// Pearson's correlation, of p-values that of −log₁₀ p; NaN if it is undefined.
    pub correlation: f64,
}

impl Agreement {
    /// Whether the columns are equal.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.n_different == 0 && self.n_missing == 0
    }
}

/// How a column is printed. Programs omit zeros at the end, so that a single number may have more digits than it shows.
struct Precision {
    /// Whether all numbers have the same number of decimals.
    is_fixed: bool,
    /// The largest number of significant digits.
    digits: i16,
}

/// The precision of printed numbers.
fn precision(numbers: impl Iterator<Item = Printed>) -> Precision {
    let (mut places, mut digits) = (None::<[i16; 2]>, 0);
    for x in numbers {
        let Some(place) = x.last_place else { continue };
        let [low, high] = places.unwrap_or([place; 2]);
        places = Some([low.min(place), high.max(place)]);
        digits = digits.max(first_place(x.value) - place + 1);
    }
    Precision {
        is_fixed: places.is_none_or(|[low, high]| low == high),
        digits,
    }
}

/// The exponent of ten of the first digit.
fn first_place(x: f64) -> i16 {
    let place = x.abs().log10().floor();
    if place.is_finite() { place as i16 } else { 0 }
}

impl Precision {
    /// The exponent of ten of the last digit of a number; `None` if it is exact.
    fn place(&self, x: Printed) -> Option<i16> {
        let place = x.last_place?;
        if self.is_fixed {
            return Some(place);
        }
        Some(place.min(first_place(x.value) - self.digits + 1))
    }
}

/// Compares pairs of numbers, each with the row in the first table, and whether the second was computed from its complement, so
/// that both may be rounded in different directions.
pub(super) fn agreement(
    name: &str,
    numbers: impl Iterator<Item = (usize, Printed, Printed, bool)>,
    tolerance: f64,
) -> Agreement {
    let mut found = Agreement {
        name: name.to_owned(),
        n: 0,
        n_missing: 0,
        n_different: 0,
        max_units: 0.0,
        max_relative: 0.0,
        worst: None,
        correlation: f64::NAN,
    };
    let mut values = Vec::new();
    let numbers: Vec<_> = numbers.collect();
    let first = precision(numbers.iter().map(|(_, x, ..)| *x));
    let second = precision(numbers.iter().map(|(_, _, y, _)| *y));
    for (row, x, y, is_turned) in numbers {
        let same_units = if is_turned { 1.01 } else { SAME_UNITS };
        match (x.value.is_nan(), y.value.is_nan()) {
            (true, true) => continue,
            (false, false) => {}
            _ => {
                found.n_missing += 1;
                continue;
            }
        }
        found.n += 1;
        values.push((x.value, y.value));
        if x.value == y.value {
            continue;
        }
        let difference = (x.value - y.value).abs();
        let relative = difference / x.value.abs().max(y.value.abs());
        let places = [first.place(x), second.place(y)];
        let place = places.into_iter().flatten().max();
        let units = place.map(|place| difference / 10_f64.powi(place.into()));
        if units.is_some_and(|units| units < same_units) {
            continue;
        }
        found.n_different += usize::from(!(relative <= tolerance));
        found.max_units = found.max_units.max(units.unwrap_or_default());
        if !(relative <= found.max_relative) {
            found.max_relative = relative;
            found.worst = Some(row);
        }
    }
    found.correlation = correlation(values.into_iter());
    found
}

/// Pearson's correlation of the pairs of finite numbers.
pub(super) fn correlation(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let pairs: Vec<(f64, f64)> = pairs
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect();
    let n = pairs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (mx, my) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in &pairs {
        let (x, y) = (x - mx, y - my);
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    xy / (xx * yy).sqrt()
}
