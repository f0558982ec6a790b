//! Effects on a binary trait on the scale of log odds (`--odds`).

use super::block::{Column, TraitColumns};
use crate::genotype::{Coding, SnpSummary};
use std::borrow::Cow;

/// The columns that are added.
pub const ODDS_COLUMNS: [Column; 2] = [
    Column::new(
        Cow::Borrowed("log_odds"),
        "effect of one copy of allele1 on a binary trait, on the scale of log odds",
        "log odds per copy",
    ),
    Column::new(
        Cow::Borrowed("se_log_odds"),
        "standard error of log_odds",
        "log odds per copy",
    ),
];

/// Rounding errors of a probability.
const ROUNDING: f64 = 1e-9;

/// The logarithm of the odds ratio of allele1, and its standard error, from the effect in a linear model.
///
/// If b is the effect of a copy of allele1 on the 0/1 trait, p the frequency of allele1 and k the fraction of cases, a
/// carrier of allele1 is a case with probability k + b(1 − p), and a carrier of the other allele with k − bp. Their odds
/// ratio is
///
/// OR = (k + b(1 − p)) (1 − k + bp) / ((k − bp) (1 − k − b(1 − p))).
///
/// The standard error is that of b times d ln OR/db (delta method); for small b it is se/(k(1 − k)).
///
/// Both are NaN if a probability is not between 0 and 1, that is, if b is too large for the linear model.
///
/// Source: Lloyd-Jones, Robinson, Yang & Visscher 2018, Genetics 208:1397.
#[must_use]
pub fn log_odds(b: f64, se: f64, p: f64, k: f64) -> [f64; 2] {
    let (with, without) = (k + b * (1.0 - p), k - b * p);
    // A probability that is 0 or 1 is so up to rounding errors.
    let are_probabilities = [with, without]
        .iter()
        .all(|x| *x > ROUNDING && *x < 1.0 - ROUNDING);
    if !are_probabilities {
        return [f64::NAN; 2];
    }
    let logit = |x: f64| x.ln() - (-x).ln_1p();
    let slope = (1.0 - p) / (with * (1.0 - with)) + p / (without * (1.0 - without));
    [logit(with) - logit(without), slope * se]
}

/// Appends the [`ODDS_COLUMNS`] of the `snps` to the columns of a trait with the case fraction `k`; returns the number of SNPs
/// with an effect whose odds ratio is not defined.
///
/// * `columns`: those of `of_trait`, among them `beta` and `se`
/// * `snps`: their summaries after `coding`; if it compares two classes of genotypes, the odds ratio is that of these classes,
///   and p the frequency of the class with the value 1
///
/// # Panics
/// If there is no effect.
pub fn append_odds(
    of_trait: &mut TraitColumns,
    columns: &[Column],
    snps: &[SnpSummary],
    coding: Coding,
    k: f64,
) -> usize {
    let [beta, se] = effect_columns(columns).expect("a method with effects, checked in prepare");
    let (mut odds, mut errors) = (Vec::new(), Vec::new());
    let mut n_undefined = 0;
    let effects = of_trait.values[beta].iter().zip(&of_trait.values[se]);
    for ((&b, &se), snp) in effects.zip(snps) {
        let [log_odds, error] = log_odds(b, se, snp.mean() / f64::from(coding.largest()), k);
        n_undefined += usize::from(log_odds.is_nan() && !b.is_nan());
        odds.push(log_odds);
        errors.push(error);
    }
    of_trait.values.extend([odds, errors]);
    n_undefined
}

/// The indices of the effect and its standard error.
#[must_use]
pub fn effect_columns(columns: &[Column]) -> Option<[usize; 2]> {
    let index = |name: &str| columns.iter().position(|column| column.name == name);
    Some([index("beta")?, index("se")?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_by_hand() {
        // 0.3 + 0.1 · 0.8 = 0.38 and 0.3 − 0.1 · 0.2 = 0.28: (0.38/0.62) / (0.28/0.72) = 1.576036866…
        let [found, se] = log_odds(0.1, 0.02, 0.2, 0.3);
        let expected: f64 = 0.38 * 0.72 / (0.62 * 0.28);
        assert!((found - expected.ln()).abs() < 1e-15);
        assert!((found.exp() - 1.576_036_866_359_447).abs() < 1e-12);
        // 0.8/(0.38 · 0.62) + 0.2/(0.28 · 0.72) = 4.387627…
        assert!((se / 0.02 - (0.8 / 0.2356 + 0.2 / 0.2016)).abs() < 1e-12);
        let step = 1e-6;
        let [up, down] = [0.1 + step, 0.1 - step].map(|b| log_odds(b, 0.0, 0.2, 0.3)[0]);
        assert!((se / 0.02 - (up - down) / (2.0 * step)).abs() < 1e-6);
    }

    #[test]
    fn small_effects_are_divided_by_the_variance_of_the_trait() {
        for (p, k) in [(0.01, 0.5), (0.4, 0.1), (0.5, 0.03)] {
            let [found, se] = log_odds(1e-6, 2e-6, p, k);
            assert!((found * k * (1.0 - k) / 1e-6 - 1.0).abs() < 1e-3);
            assert!((se / (2.0 * found) * found.signum() - 1.0).abs() < 1e-3);
        }
        assert_eq!(log_odds(0.0, 1.0, 0.2, 0.5), [0.0, 4.0]);
    }

    #[test]
    fn counting_the_other_allele_or_the_controls_changes_only_the_sign() {
        let [found, se] = log_odds(0.07, 0.01, 0.23, 0.4);
        for (other, name) in [
            (log_odds(-0.07, 0.01, 0.77, 0.4), "allele"),
            (log_odds(-0.07, 0.01, 0.23, 0.6), "controls"),
        ] {
            assert!((found + other[0]).abs() < 1e-14, "{name}");
            assert!((se - other[1]).abs() < 1e-14, "{name}");
        }
    }

    #[test]
    fn an_effect_beyond_a_probability_has_no_odds_ratio() {
        for b in [0.9, -0.5, f64::NAN] {
            assert!(log_odds(b, 0.1, 0.2, 0.3).iter().all(|x| x.is_nan()), "{b}");
        }
    }
}
