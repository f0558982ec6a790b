//! The largest statistic of each permutation, and the thresholds that follow from them.

use super::shuffle::PermutationOptions;
use crate::stats::f_upper_tail;
use serde::{Deserialize, Serialize};

/// The levels α of the thresholds, in percent.
pub const LEVELS: [usize; 3] = [1, 5, 10];

/// The largest R² of all SNPs for one trait: of the observed trait and of each permutation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraitMaxima {
    /// The seed of the permutations.
    pub seed: u64,
    /// Largest R² of the observed trait; 0 if no SNP was tested.
    pub observed: f64,
    /// Largest R² of each permutation; 0 if no SNP was tested.
    pub permuted: Vec<f64>,
}

/// The level α and the p-value that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Probability of at least one significant SNP if no SNP has an effect.
    pub alpha: f64,
    /// A SNP is significant if its p-value is below this.
    pub p: f64,
}

/// Genome-wide significance for one trait. All p-values of SNPs are those of R² under F(1, n − c − 1).
#[derive(Debug, Clone, PartialEq)]
pub struct PermutationResult {
    /// Number of permutations, N.
    pub count: usize,
    /// Their seed.
    pub seed: u64,
    /// The thresholds at the [`LEVELS`] α ≥ 1/(N + 1), α ascending. N permutations cannot resolve smaller levels.
    pub thresholds: Vec<Threshold>,
    /// Smallest p-value of the observed trait.
    pub observed_min_p: f64,
    /// (1 + b)/(N + 1), where b is the number of permutations whose largest statistic is at least the observed one.
    pub genome_wide_p: f64,
    /// Smallest p-value of each permutation.
    pub min_p: Vec<f64>,
}

impl TraitMaxima {
    /// Before the first SNP.
    #[must_use]
    pub fn new(options: PermutationOptions) -> Self {
        Self {
            seed: options.seed,
            observed: 0.0,
            permuted: vec![0.0; options.count],
        }
    }

    /// The maxima over the SNPs of both, element by element. They may have different kinships, as with one kinship for each
    /// chromosome.
    ///
    /// # Panics
    /// If the permutations are not the same.
    pub fn merge(&mut self, other: &Self) {
        assert!(
            self.seed == other.seed && self.permuted.len() == other.permuted.len(),
            "merged maxima have the same permutations"
        );
        self.observed = self.observed.max(other.observed);
        for (a, b) in self.permuted.iter_mut().zip(&other.permuted) {
            *a = a.max(*b);
        }
    }

    /// Raises the maxima to the squares of `correlations`: first the observed one, then one for each permutation; more are
    /// ignored.
    pub(super) fn raise(&mut self, correlations: &[f64]) {
        let maxima = std::iter::once(&mut self.observed).chain(&mut self.permuted);
        for (maximum, r) in maxima.zip(correlations) {
            // The correlation of unit vectors may exceed 1 by a rounding error.
            *maximum = maximum.max((r * r).min(1.0));
        }
    }

    /// Thresholds and p-values for `n` individuals and `c` covariates, including the intercept.
    ///
    /// The threshold at α is the p-value of the k-th largest maximum of the N permutations, k = ⌊α(N + 1)⌋. A p-value is
    /// below it if and only if at most k − 1 permutations have a maximum that is as large or larger, that is if its
    /// genome-wide p is at most k/(N + 1) ≤ α. This also holds if maxima are tied.
    ///
    /// # Panics
    /// If n ≤ c + 1.
    #[must_use]
    pub fn result(&self, n: usize, c: usize) -> PermutationResult {
        assert!(n > c + 1, "{n} individuals, {c} covariates");
        let df = (n - c - 1) as f64;
        let count = self.permuted.len();
        let min_p: Vec<f64> = self.permuted.iter().map(|r2| p_value(*r2, df)).collect();
        let mut ascending = min_p.clone();
        ascending.sort_by(f64::total_cmp);
        let threshold = |percent: usize| {
            let k = percent * (count + 1) / 100;
            let p = *ascending.get(k.checked_sub(1)?)?;
            Some(Threshold {
                alpha: percent as f64 / 100.0,
                p,
            })
        };
        let as_large = self.permuted.iter().filter(|r2| **r2 >= self.observed);
        PermutationResult {
            count,
            seed: self.seed,
            thresholds: LEVELS.into_iter().filter_map(threshold).collect(),
            observed_min_p: p_value(self.observed, df),
            genome_wide_p: (1 + as_large.count()) as f64 / (count + 1) as f64,
            min_p,
        }
    }
}

/// The p-value of R² under F(1, `df`).
fn p_value(r2: f64, df: f64) -> f64 {
    f_upper_tail(df * r2 / (1.0 - r2), df)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maxima(observed: f64, permuted: Vec<f64>) -> TraitMaxima {
        TraitMaxima {
            seed: 3,
            observed,
            permuted,
        }
    }

    /// N different maxima in an order that is not sorted.
    fn distinct(count: usize) -> Vec<f64> {
        let order = (0..count).map(|k| (k * 7919) % count.max(1));
        order.map(|k| (k + 1) as f64 / (count + 2) as f64).collect()
    }

    #[test]
    fn thresholds_exist_if_n_resolves_their_level_and_ascend() {
        for (count, expected) in [(0, 0), (1, 0), (8, 0), (9, 1), (18, 1), (19, 2), (98, 2)] {
            assert_eq!(
                maxima(0.5, distinct(count)).result(50, 1).thresholds.len(),
                expected,
                "{count}"
            );
        }
        for count in [99, 100, 999, 1000] {
            let result = maxima(0.5, distinct(count)).result(50, 3);
            assert_eq!((result.count, result.seed), (count, 3));
            let alpha: Vec<f64> = result.thresholds.iter().map(|t| t.alpha).collect();
            assert_eq!(alpha, [0.01, 0.05, 0.1]);
            assert!(result.thresholds.is_sorted_by(|a, b| a.p < b.p));
        }
    }

    #[test]
    fn a_p_value_is_below_the_threshold_if_and_only_if_genome_wide_p_is_at_most_alpha() {
        let tied: Vec<f64> = (0..199).map(|k| f64::from(k / 4) / 64.0).collect();
        for permuted in [distinct(199), tied] {
            for observed in permuted.iter().flat_map(|m| [m - 1e-9, *m, m + 1e-9]) {
                let result = maxima(observed.max(0.0), permuted.clone()).result(40, 2);
                assert_eq!(result.thresholds.len(), 3);
                for threshold in &result.thresholds {
                    assert_eq!(
                        result.observed_min_p < threshold.p,
                        result.genome_wide_p <= threshold.alpha,
                        "{observed} {result:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn p_values_agree_with_those_of_f_by_hand() {
        let result = maxima(0.5, vec![0.0, 0.5, 1.0]).result(5, 2);
        // On 1 and 2 degrees of freedom, R² = f/(f + 2) and p = 1 − √R².
        let p = 1.0 - 0.5f64.sqrt();
        assert!((result.observed_min_p - p).abs() < 1e-15);
        assert_eq!(result.min_p, [1.0, result.observed_min_p, 0.0]);
        assert_eq!(result.genome_wide_p, 0.75);
        let none = TraitMaxima::new(PermutationOptions { count: 4, seed: 3 });
        let none = none.result(5, 2);
        assert_eq!((none.observed_min_p, none.genome_wide_p), (1.0, 1.0));
    }

    #[test]
    fn merging_takes_the_larger_element() {
        let mut a = maxima(0.2, vec![0.3, 0.1]);
        a.merge(&maxima(0.1, vec![0.2, 0.4]));
        assert_eq!(a, maxima(0.2, vec![0.3, 0.4]));
    }

    #[test]
    #[should_panic(expected = "same permutations")]
    fn maxima_of_different_seeds_are_not_merged() {
        let options = PermutationOptions { count: 1, seed: 1 };
        TraitMaxima::new(options).merge(&maxima(0.1, vec![0.2]));
    }
}
