//! Genomic control: the inflation of the test statistics over all SNPs.

use super::block::Column;
use crate::stats::{OrderStatistics, normal_quantile};
use std::borrow::Cow;

/// The median of χ² with one degree of freedom, Φ⁻¹(¾)².
const MEDIAN_CHI2: f64 = 0.454_936_423_119_572_8;
/// Φ⁻¹(0.975).
const Z: f64 = 1.959_963_984_540_054;

/// λ_GC of a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Inflation {
    /// The column of p-values.
    pub column: Cow<'static, str>,
    /// SNPs with a p-value.
    pub n_snps: usize,
    /// λ_GC; NaN without a SNP.
    pub lambda_gc: f64,
    /// Its interval with a confidence of at least 95 % if the tests are independent; NaN for fewer than eight SNPs.
    pub interval: [f64; 2],
}

/// The p-values of the tests of a trait, as χ² with one degree of freedom.
#[derive(Debug, Clone)]
pub struct InflationSum {
    /// The columns of p-values: their index, their name and their χ².
    tests: Vec<(usize, Cow<'static, str>, OrderStatistics)>,
}

impl InflationSum {
    /// Without a SNP yet, for a method with these `columns`.
    #[must_use]
    pub fn new(columns: &[Column]) -> Self {
        let tests = columns
            .iter()
            .enumerate()
            .filter(|(_, one)| one.is_p_value());
        Self {
            tests: tests
                .map(|(index, one)| (index, one.name.clone(), OrderStatistics::default()))
                .collect(),
        }
    }

    /// Maximum number of bytes for `n_snps` SNPs.
    #[must_use]
    pub fn bytes(columns: &[Column], n_snps: u64) -> u64 {
        let n_tests = columns.iter().filter(|one| one.is_p_value()).count() as u64;
        n_tests * OrderStatistics::bytes(n_snps)
    }

    /// Adds SNPs with these columns of statistics.
    pub fn add(&mut self, values: &[Vec<f64>]) {
        for (index, _, chi2) in &mut self.tests {
            for &p in values.get(*index).into_iter().flatten() {
                chi2.push(normal_quantile(0.5 * p).powi(2));
            }
        }
    }

    /// λ_GC of each test.
    ///
    /// λ_GC = median of χ² / 0.4549, where χ² is the quantile with the upper tail p and 0.4549 is its median if no SNP has an
    /// effect. The interval is that of the median from order statistics: of n independent values, the number below the median
    /// is binomial (n, ½), so that the values of rank ⌊n/2 − z√n/2⌋ and ⌈n/2 + 1 + z√n/2⌉ (z = 1.96) enclose it with a
    /// probability of 95 %. SNPs in linkage disequilibrium are not independent, so that the true interval is wider.
    ///
    /// Source: Devlin & Roeder 1999, Biometrics 55:997; Conover 1999, Practical Nonparametric Statistics, section 3.2.
    #[must_use]
    pub fn results(&self) -> Vec<Inflation> {
        let of_test = |(_, column, chi2): &(usize, Cow<'static, str>, OrderStatistics)| {
            let n = chi2.len();
            let (half, margin) = (0.5 * n as f64, 0.5 * Z * (n as f64).sqrt());
            let ranks = [
                n.div_ceil(2),
                n / 2 + 1,
                (half - margin).floor().max(0.0) as usize,
                (half + 1.0 + margin).ceil() as usize,
            ];
            let [below, above, lower, upper] = chi2.at(ranks);
            let median = if n == 0 {
                f64::NAN
            } else {
                0.5 * (below + above)
            };
            Inflation {
                column: column.clone(),
                n_snps: n,
                lambda_gc: median / MEDIAN_CHI2,
                interval: [lower / MEDIAN_CHI2, upper / MEDIAN_CHI2],
            }
        };
        self.tests.iter().map(of_test).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        let column = |name: &'static str| Column::new(name.into(), "", "");
        ["beta", "p_wald", "p_lrt"].map(column).to_vec()
    }

    #[test]
    fn uniform_p_values_are_not_inflated_and_the_interval_is_that_of_the_ranks() {
        let mut sum = InflationSum::new(&columns());
        // 999 quantiles of a uniform p; their median is ½.
        let p: Vec<f64> = (1..1000).map(|i| f64::from(i) / 1000.0).collect();
        let nan = vec![f64::NAN; 999];
        sum.add(&[nan.clone(), p[..400].to_vec(), nan.clone()]);
        sum.add(&[nan.clone(), p[400..].to_vec(), nan]);
        let [wald, lrt] = &sum.results()[..] else {
            panic!("two tests")
        };
        assert_eq!((&*wald.column, wald.n_snps), ("p_wald", 999));
        assert!((wald.lambda_gc - 1.0).abs() < 1e-12);
        // 499.5 ∓ 1.96 √999 / 2 = 468.5 and 530.5: ranks 468 and 532; χ² falls as p grows.
        let at = |p: f64| normal_quantile(p / 2.0).powi(2) / 0.454_936_423_119_572_8;
        assert!((wald.interval[0] - at(0.532)).abs() < 1e-12, "{wald:?}");
        assert!((wald.interval[1] - at(0.468)).abs() < 1e-12, "{wald:?}");
        assert_eq!(lrt.n_snps, 0);
        assert!(lrt.lambda_gc.is_nan() && lrt.interval[0].is_nan());
    }

    #[test]
    fn an_even_number_has_the_mean_of_both_medians_and_few_have_no_interval() {
        let mut sum = InflationSum::new(&columns());
        let chi2 = |p: f64| normal_quantile(p / 2.0).powi(2);
        sum.add(&[vec![0.0; 4], vec![0.01, 0.3, 0.6, 0.9], vec![0.0; 4]]);
        let results = sum.results();
        let expected = 0.5 * (chi2(0.3) + chi2(0.6)) / MEDIAN_CHI2;
        assert!((results[0].lambda_gc - expected).abs() < 1e-14);
        assert!(results[0].interval.iter().all(|x| x.is_nan()));
        assert_eq!(results[1].lambda_gc, f64::INFINITY);
    }
}
