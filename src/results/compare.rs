//! Compares two tables of associations column by column.

use super::agreement::{Agreement, agreement, correlation};
use super::exchange::number_of_second;
use super::matching::{MatchedBy, Matching, Pair};
use crate::error::Result;
use crate::genotype::ChromosomeSet;
use crate::io::results::{Printed, ResultTable, TestColumn};

/// How tables are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonOptions {
    /// By what SNPs are matched; the best way if `None`.
    pub by: Option<MatchedBy>,
    /// Largest relative difference of equal numbers; 0 requires that they are equal as far as they are printed.
    pub tolerance: f64,
    /// Number of top hits whose order is compared.
    pub n_top: usize,
    /// The chromosomes of the species, by which the number of a chromosome may be X.
    pub chromosomes: Option<ChromosomeSet>,
}

impl Default for ComparisonOptions {
    /// As far as printed, and twenty top hits.
    fn default() -> Self {
        Self {
            by: None,
            tolerance: 0.0,
            n_top: 20,
            chromosomes: None,
        }
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

/// The numbers of pairs of rows by the relation of their alleles, of those that are compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlleleCounts {
    /// Pairs whose effect alleles are exchanged.
    pub n_exchanged: usize,
    /// Pairs whose alleles are those of different strands, such as A/G and T/C.
    pub n_flipped: usize,
    /// Pairs with A/T or C/G, whose strand cannot be known; they are matched as they are written.
    pub n_palindromic: usize,
    /// Of these the rows of the first table whose frequencies are nearer to each other if the strand is another one.
    pub frequencies_disagree: Vec<usize>,
    /// Pairs of which a table does not name the effect allele.
    pub n_assumed: usize,
}

/// The comparison of two tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The rows of the same SNPs.
    pub matching: Matching,
    /// What was found about the alleles of the pairs.
    pub alleles: AlleleCounts,
    /// The pairs that are not compared because their alleles are exchanged and the tests are of a model in which this gives
    /// another effect (dominant, recessive).
    pub other_model: Vec<(usize, usize)>,
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
        let matching = &self.matching;
        let unmatched = [&matching.only, &matching.repeated, &matching.without_key];
        unmatched.into_iter().flatten().all(Vec::is_empty)
            && matching.other_alleles.is_empty()
            && matching.other_positions.is_empty()
            && self.other_model.is_empty()
            && self.columns.iter().all(Agreement::is_equal)
    }
}

/// Compares `a` and `b`.
///
/// If the effect alleles of a SNP are exchanged, the numbers of `b` are those for the effect allele of `a`: signs of effects,
/// frequencies, odds ratios, limits of intervals and counts of genotypes.
///
/// Fails if the SNPs cannot be matched.
pub fn compare(
    a: &ResultTable,
    b: &ResultTable,
    options: &ComparisonOptions,
) -> Result<Comparison> {
    let mut matching = Matching::of(a, b, options.by, options.chromosomes.as_ref())?;
    let other_model = split_other_model(&mut matching.pairs, [a, b]);
    let pairs = &matching.pairs;
    let mut columns = Vec::new();
    let mut only = [Vec::new(), Vec::new()];
    for name in a.number_names() {
        if !b.number_names().any(|other| other == name) {
            only[0].push(name.to_owned());
            continue;
        }
        let numbers = pairs.iter().filter_map(|pair| {
            let x = a.number(name, pair.a).expect("it has the column");
            // A frequency and that of the other allele may be rounded in different directions.
            let is_turned = name == "af" && pair.alleles.is_exchanged;
            Some((pair.a, x, number_of_second(b, name, pair)?, is_turned))
        });
        columns.push(agreement(name, numbers, options.tolerance));
    }
    let of_b = b
        .number_names()
        .filter(|&name| !a.number_names().any(|other| other == name));
    only[1].extend(of_b.map(str::to_owned));
    let tests = common_tests(a, b);
    for &(i, j) in &tests {
        let numbers = pairs.iter().map(|pair| {
            let logs = logs_of(pair, [&a.tests[i], &b.tests[j]]);
            let both = a.printed_p(i, pair.a).zip(b.printed_p(j, pair.b));
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
            (pair.a, x, y, false)
        });
        let mut found = agreement(&a.tests[i].name, numbers, options.tolerance);
        let logs = pairs
            .iter()
            .map(|pair| logs_of(pair, [&a.tests[i], &b.tests[j]]).into());
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
        let logs = logs.map(|pair| logs_of(pair, [&a.tests[i], &b.tests[j]]));
        top_hits(&logs.collect::<Vec<_>>(), options.n_top)
    });
    Ok(Comparison {
        alleles: allele_counts(pairs, [a, b]),
        other_model,
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

/// The tests of both tables: those of the same name, or else the first of each.
pub(super) fn common_tests(a: &ResultTable, b: &ResultTable) -> Vec<(usize, usize)> {
    let of_name = |name: &str| b.tests.iter().position(|test| test.name == name);
    let tests = a.tests.iter().enumerate();
    let same: Vec<_> = tests
        .filter_map(|(i, test)| Some((i, of_name(&test.name)?)))
        .collect();
    if same.is_empty() { vec![(0, 0)] } else { same }
}

/// −log₁₀ p of both rows.
pub(super) fn logs_of(pair: &Pair, [a, b]: [&TestColumn; 2]) -> [f64; 2] {
    [a.neg_log10[pair.a], b.neg_log10[pair.b]]
}

/// Removes the pairs with exchanged alleles if the tests are of a model in which this gives another effect.
fn split_other_model(pairs: &mut Vec<Pair>, tables: [&ResultTable; 2]) -> Vec<(usize, usize)> {
    let is_of_other = |table: &ResultTable| {
        let test = table.test.as_deref().unwrap_or_default();
        ["DOM", "REC"].contains(&test.to_ascii_uppercase().as_str())
    };
    if !tables.into_iter().any(is_of_other) {
        return Vec::new();
    }
    let (exchanged, kept): (Vec<Pair>, Vec<Pair>) =
        (pairs.iter().copied()).partition(|pair| pair.alleles.is_exchanged);
    *pairs = kept;
    exchanged.iter().map(|pair| (pair.a, pair.b)).collect()
}

/// Two frequencies that differ by more than this, on both sides of one half, are those of different strands or populations.
const FREQUENCY_DIFFERENCE: f64 = 0.1;

fn allele_counts(pairs: &[Pair], [a, b]: [&ResultTable; 2]) -> AlleleCounts {
    let mut counts = AlleleCounts::default();
    let has_af = [a, b].map(|table| table.number_names().any(|name| name == "af"));
    for pair in pairs {
        let of = pair.alleles;
        counts.n_exchanged += usize::from(of.is_exchanged);
        counts.n_flipped += usize::from(of.is_flipped);
        counts.n_palindromic += usize::from(of.is_palindromic);
        counts.n_assumed += usize::from(of.is_assumed);
        if !of.is_palindromic || has_af != [true, true] {
            continue;
        }
        let x = a.number("af", pair.a).map(|x| x.value);
        let y = number_of_second(b, "af", pair).map(|y| y.value);
        let (Some(x), Some(y)) = (x, y) else { continue };
        if (x - 0.5) * (y - 0.5) < 0.0 && (x - y).abs() > FREQUENCY_DIFFERENCE {
            counts.frequencies_disagree.push(pair.a);
        }
    }
    counts
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
