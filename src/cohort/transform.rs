//! Transforms of phenotypes (`--rint`, `--standardize`).

use crate::stats::normal_quantile;

/// What is done with the values of a phenotype over its analysed individuals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Transform {
    /// `--rint`: replace each value by a quantile of the normal distribution, by its rank.
    pub ranks: bool,
    /// `--standardize`: mean 0 and variance 1; after the ranks.
    pub standardizes: bool,
}

impl Transform {
    /// Transforms the values of the analysed individuals.
    pub(super) fn apply(self, y: &mut [f64]) {
        if self.ranks {
            rint(y);
        }
        if self.standardizes {
            standardize(y);
        }
    }

    /// What is done, for the log; `None` if nothing is.
    #[must_use]
    pub fn note(self) -> Option<&'static str> {
        match (self.ranks, self.standardizes) {
            (false, false) => None,
            (true, false) => Some(
                "the phenotype was replaced by normal quantiles of its ranks among the analysed individuals (rank - 3/8) / (n + 1/4), ties by their mean rank (--rint)",
            ),
            (false, true) => Some(
                "the phenotype was scaled to mean 0 and variance 1 over the analysed individuals (--standardize)",
            ),
            (true, true) => Some(
                "the phenotype was replaced by normal quantiles of its ranks among the analysed individuals (rank - 3/8) / (n + 1/4), ties by their mean rank, and scaled to variance 1 (--rint, --standardize)",
            ),
        }
    }
}

/// The rank-based inverse normal transform: Φ⁻¹((r − 3/8) / (n + 1/4)) of the rank r of each value, from 1; equal values
/// have their mean rank.
///
/// Source: Blom 1958, Statistical Estimates and Transformed Beta-Variables.
fn rint(y: &mut [f64]) {
    let n = y.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| y[a].total_cmp(&y[b]));
    let sorted: Vec<f64> = order.iter().map(|&i| y[i]).collect();
    let mut first = 0;
    for equal in sorted.chunk_by(|a, b| a == b) {
        let end = first + equal.len();
        let rank = (first + 1 + end) as f64 / 2.0;
        let quantile = normal_quantile((rank - 0.375) / (n as f64 + 0.25));
        order[first..end].iter().for_each(|&i| y[i] = quantile);
        first = end;
    }
}

/// Subtracts the mean and divides by the standard deviation, with n − 1 in the variance. A constant is not changed.
fn standardize(y: &mut [f64]) {
    let n = y.len() as f64;
    let Some(&first) = y.first() else {
        return;
    };
    if y.iter().all(|x| *x == first) {
        return;
    }
    // Differences from the first value keep the digits of values about a large mean.
    let mean = y.iter().map(|x| x - first).sum::<f64>() / n;
    y.iter_mut().for_each(|x| *x = (*x - first) - mean);
    let sd = (y.iter().map(|x| x * x).sum::<f64>() / (n - 1.0)).sqrt();
    y.iter_mut().for_each(|x| *x /= sd);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(found: &[f64], expected: &[f64]) {
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() <= 1e-14 * b.abs().max(1.0), "{found:?}");
        }
    }

    #[test]
    fn ranks_become_the_quantiles_of_scipy() {
        // scipy.stats.norm.ppf((scipy.stats.rankdata(y) - 3/8) / (len(y) + 1/4))
        let mut y = [3.5, -1.0, 2.0, 2.0, 100.0, 0.0, 3.5, 2.5, 2.0];
        rint(&mut y);
        let expected = [
            0.739_737_219_413_889_8,
            -1.494_154_908_620_904_7,
            -0.274_391_487_860_036_9,
            -0.274_391_487_860_036_9,
            1.494_154_908_620_905_2,
            -0.931_971_312_343_190_4,
            0.739_737_219_413_889_8,
            0.274_391_487_860_036_9,
            -0.274_391_487_860_036_9,
        ];
        assert_close(&y, &expected);
        let mut zeros = [0.0, -0.0, 1.0];
        rint(&mut zeros);
        assert_eq!(zeros[0], zeros[1]);
        let mut constant = [7.0; 4];
        rint(&mut constant);
        assert_eq!(constant, [constant[0]; 4]);
    }

    #[test]
    fn standardized_values_have_mean_0_and_variance_1() {
        let mut y = [1e9 + 1.0, 1e9 + 2.0, 1e9 + 6.0];
        standardize(&mut y);
        // (y - y.mean()) / y.std(ddof=1) of 1, 2, 6
        let sd = 7f64.sqrt();
        assert_close(&y, &[-2.0 / sd, -1.0 / sd, 3.0 / sd]);
        let mut constant = [2.5; 3];
        standardize(&mut constant);
        assert_eq!(constant, [2.5; 3]);
        let mut both = [4.0, 1.0, 9.0];
        let transform = Transform {
            ranks: true,
            standardizes: true,
        };
        transform.apply(&mut both);
        assert_close(&both, &[0.0, -1.0, 1.0]);
        assert!(transform.note().is_some() && Transform::default().note().is_none());
    }
}
