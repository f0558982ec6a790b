//! Compares two tables of associations column by column.

use super::matching::{MatchedBy, Matching};
use crate::error::Result;
use crate::io::results::{Printed, ResultTable};

/// Numbers whose difference is smaller than this, in units of the last printed place, are the same number.
const SAME_UNITS: f64 = 0.75;

/// How tables are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonOptions {
    /// By what SNPs are matched; the best way if `None`.
    pub by: Option<MatchedBy>,
    /// Largest relative difference of equal numbers; 0 requires that they are equal as far as they are printed.
    pub tolerance: f64,
    /// Number of top hits whose order is compared.
    pub n_top: usize,
}

impl Default for ComparisonOptions {
    /// As far as printed, and twenty top hits.
    fn default() -> Self {
        Self {
            by: None,
            tolerance: 0.0,
            n_top: 20,
        }
    }
}

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

/// The SNPs with the smallest p-values of both tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopHits {
    /// Their number.
    pub n: usize,
    /// How many are among them in both tables.
    pub n_common: usize,
    /// How many have the same rank in both.
    pub n_same_rank: usize,
}

/// The comparison of two tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The rows of the same SNPs.
    pub matching: Matching,
    /// Pairs of rows whose effect alleles are exchanged.
    pub n_exchanged: usize,
    /// The columns that are in both tables.
    pub columns: Vec<Agreement>,
    /// The names of those that are in only one of them.
    pub only: [Vec<String>; 2],
    /// The SNPs with the smallest p-values of the first test in common.
    pub top: Option<TopHits>,
}

impl Comparison {
    /// Whether the tables have the same SNPs, and the same numbers in all common columns.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.matching.only.iter().all(Vec::is_empty)
            && self.matching.other_alleles.is_empty()
            && self.columns.iter().all(Agreement::is_equal)
    }
}

/// Compares `a` and `b`.
///
/// If the effect alleles of a SNP are exchanged, the sign of effects and the frequency are turned.
///
/// Fails if the SNPs cannot be matched.
pub fn compare(
    a: &ResultTable,
    b: &ResultTable,
    options: &ComparisonOptions,
) -> Result<Comparison> {
    let matching = Matching::of(a, b, options.by)?;
    let pairs = &matching.pairs;
    let mut columns = Vec::new();
    let mut only = [Vec::new(), Vec::new()];
    for name in a.number_names() {
        if !b.number_names().any(|other| other == name) {
            only[0].push(name.to_owned());
            continue;
        }
        let numbers = pairs.iter().map(|&(row, other, is_exchanged)| {
            let at = |table: &ResultTable, row| table.number(name, row).expect("it has the column");
            let other = turned(name, at(b, other), is_exchanged);
            (row, at(a, row), other)
        });
        columns.push(agreement(name, numbers, options.tolerance));
    }
    let of_b = b
        .number_names()
        .filter(|&name| !a.number_names().any(|other| other == name));
    only[1].extend(of_b.map(str::to_owned));
    let tests = common_tests(a, b);
    for &(i, j) in &tests {
        let numbers = pairs.iter().map(|&(row, other, _)| {
            let logs = [a.tests[i].neg_log10[row], b.tests[j].neg_log10[other]];
            let both = a.printed_p(i, row).zip(b.printed_p(j, other));
            let (x, y) = match both {
                Some((x, y)) if logs.iter().all(|log| !(*log > LARGEST_LOG)) => (x, y),
                // The logarithms, if p is in one of the tables only, or too small for a double.
                _ => {
                    let [x, y] = logs.map(|value| Printed {
                        value,
                        last_place: place_of_log(value),
                    });
                    (x, y)
                }
            };
            (row, x, y)
        });
        let mut found = agreement(&a.tests[i].name, numbers, options.tolerance);
        let logs = pairs
            .iter()
            .map(|&(row, other, _)| (a.tests[i].neg_log10[row], b.tests[j].neg_log10[other]));
        found.correlation = correlation(logs);
        columns.push(found);
    }
    for (side, table) in [a, b].into_iter().enumerate() {
        let known = |k: usize| tests.iter().any(|&(i, j)| [i, j][side] == k);
        let others = table.tests.iter().enumerate().filter(|(k, _)| !known(*k));
        only[side].extend(others.map(|(_, test)| test.name.clone()));
    }
    let top = tests.first().map(|&(i, j)| {
        let logs = pairs.iter();
        let logs =
            logs.map(|&(row, other, _)| [a.tests[i].neg_log10[row], b.tests[j].neg_log10[other]]);
        top_hits(&logs.collect::<Vec<_>>(), options.n_top)
    });
    Ok(Comparison {
        n_exchanged: pairs
            .iter()
            .filter(|(.., is_exchanged)| *is_exchanged)
            .count(),
        columns,
        only,
        top,
        matching,
    })
}

/// −log₁₀ of the smallest p-values that are compared as they are printed.
const LARGEST_LOG: f64 = 300.0;
/// Significant digits of printed logarithms of p-values: REGENIE's.
const LOG_DIGITS: f64 = 6.0;

/// The exponent of ten of the last printed digit of −log₁₀ p.
fn place_of_log(value: f64) -> Option<i16> {
    let first = value.abs().log10().floor();
    first
        .is_finite()
        .then_some((first - LOG_DIGITS + 1.0) as i16)
}

/// The tests of both tables: those of the same name, or, if a table has only one, the first of each.
fn common_tests(a: &ResultTable, b: &ResultTable) -> Vec<(usize, usize)> {
    let of_name = |name: &str| b.tests.iter().position(|test| test.name == name);
    let tests = a.tests.iter().enumerate();
    let same: Vec<_> = tests
        .filter_map(|(i, test)| Some((i, of_name(&test.name)?)))
        .collect();
    if same.is_empty() { vec![(0, 0)] } else { same }
}

/// A number of the second table for the effect allele of the first.
fn turned(name: &str, x: Printed, is_exchanged: bool) -> Printed {
    let value = match name {
        _ if !is_exchanged => x.value,
        "af" => 1.0 - x.value,
        "or" => 1.0 / x.value,
        "t_stat" | "z_stat" | "tstat" | "stat" | "z" | "log_odds" => -x.value,
        name if name.starts_with("beta") => -x.value,
        _ => x.value,
    };
    Printed { value, ..x }
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

/// Compares pairs of numbers, each with the row in the first table.
fn agreement(
    name: &str,
    numbers: impl Iterator<Item = (usize, Printed, Printed)>,
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
    let first = precision(numbers.iter().map(|(_, x, _)| *x));
    let second = precision(numbers.iter().map(|(_, _, y)| *y));
    // A frequency and that of the other allele may be rounded in different directions.
    let same_units = if name == "af" { 1.01 } else { SAME_UNITS };
    for (row, x, y) in numbers {
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
fn correlation(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
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

/// Compares the `n` largest of the first and of the second numbers.
fn top_hits(logs: &[[f64; 2]], n: usize) -> TopHits {
    let ranked = |side: usize| {
        let mut rows: Vec<usize> = (0..logs.len())
            .filter(|&row| !logs[row][side].is_nan())
            .collect();
        rows.sort_by(|&x, &y| logs[y][side].total_cmp(&logs[x][side]).then(x.cmp(&y)));
        rows.truncate(n);
        rows
    };
    let [first, second] = [ranked(0), ranked(1)];
    TopHits {
        n: first.len().max(second.len()),
        n_common: first.iter().filter(|row| second.contains(row)).count(),
        n_same_rank: first.iter().zip(&second).filter(|(x, y)| x == y).count(),
    }
}
