//! The ratio of two kinships in a null model, and what follows from it.

use super::evaluation::{N, Proportions};
use super::search::Maximum;
use crate::kernels::columns::{column, column_mut};
use crate::kinship::Kinship;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The fraction of the second kinship in the combined one, as the REML estimate for a trait, and the precision of the estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mixture {
    /// w = σ₂²/(σ₁² + σ₂²). If both are 0, 0 or 1: the kinship whose variance component would increase the likelihood more, or
    /// decrease it less.
    pub fraction: f64,
    /// Whether σ₁² and σ₂² are estimated as 0.
    pub is_zero: [bool; 2],
    /// Whether the residual variance is as small as the search allows.
    pub is_without_residual: bool,
    /// Mean diagonals t of the centred kinships.
    scales: [f64; 2],
    /// The proportions of the variance.
    proportions: Proportions,
    /// The covariance of the estimated variances, in units of their sum; 0 for those at a bound.
    covariance: [[f64; N]; N],
}

/// A variance component.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// σ², which is multiplied by the matrix as given.
    pub variance: f64,
    /// Its standard error; NaN if the estimate is at a bound.
    pub variance_se: f64,
    /// Proportion of variance explained: tₖσₖ² of t₁σ₁² + t₂σ₂² + σ_e², with the mean diagonal t of the centred kinship.
    pub pve: f64,
    /// Its standard error by the delta method; NaN if the estimate is at a bound.
    pub pve_se: f64,
}

/// The variance components of a null model with two kinships.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VarianceComponents {
    /// w, the fraction of the second kinship in the combined one.
    pub fraction: f64,
    /// Its standard error; NaN if a variance component of a kinship is 0.
    pub fraction_se: f64,
    /// The first kinship and the second.
    pub kinships: [Component; 2],
    /// The residual; its `pve` is the proportion that no kinship explains.
    pub residual: Component,
}

impl Mixture {
    /// * `scales`: the mean diagonals of the centred kinships
    pub(super) fn new(maximum: &Maximum, scales: [f64; 2]) -> Self {
        let p = maximum.proportions;
        let is_zero = [0, 1].map(|k| maximum.is_least(k));
        let [a, b] = [0, 1].map(|k| p[k] / scales[k]);
        let [first, second, _] = maximum.slopes.gradient;
        let fraction = match is_zero {
            [false, false] => b / (a + b),
            [true, true] if second > first => 1.0,
            [_, true] => 0.0,
            [true, false] => 1.0,
        };
        Self {
            fraction,
            is_zero,
            is_without_residual: maximum.is_least(2),
            scales,
            proportions: p,
            covariance: maximum.covariance(),
        }
    }

    /// σ_g²/σ_e² by the estimated proportions, without a range of λ.
    #[cfg(test)]
    pub(super) fn relative_vg(&self) -> f64 {
        let [a, b] = [0, 1].map(|k| self.proportions[k] / self.scales[k]);
        (a + b) / self.proportions[2]
    }

    /// (1 − w) K₁ + w K₂, in the memory of K₁.
    ///
    /// # Panics
    /// If the kinships have different sizes.
    #[must_use]
    pub fn combined(&self, mut first: Kinship, second: &Kinship) -> Kinship {
        let n = second.matrix.nrows();
        assert_eq!(first.matrix.nrows(), n, "kinships of the same individuals");
        let w = self.fraction;
        let columns = first.matrix.par_col_chunks_mut(1).enumerate();
        columns.for_each(|(j, first)| {
            let second = column(second.matrix.as_ref(), j);
            for (a, b) in column_mut(first, 0).iter_mut().zip(second) {
                *a = (1.0 - w) * *a + w * b;
            }
        });
        first
    }

    /// The variance components of the null model of the combined kinship.
    ///
    /// * `vg`, `ve`: its σ_g² and σ_e²
    #[must_use]
    pub fn components(&self, vg: f64, ve: f64) -> VarianceComponents {
        let w = self.fraction;
        let variances = [(1.0 - w) * vg, w * vg, ve];
        let scales = [self.scales[0], self.scales[1], 1.0];
        let explained: [f64; N] = [0, 1, 2].map(|k| scales[k] * variances[k]);
        let total: f64 = explained.iter().sum();
        let is_fixed = [self.is_zero[0], self.is_zero[1], self.is_without_residual];
        let component = |k: usize| {
            let of_pve = [0, 1, 2].map(|j| f64::from(u8::from(j == k)) - self.proportions[k]);
            let unknown = if is_fixed[k] { f64::NAN } else { 0.0 };
            Component {
                variance: variances[k],
                variance_se: unknown + total / scales[k] * self.covariance[k][k].sqrt(),
                pve: explained[k] / total,
                pve_se: unknown + self.se(&of_pve),
            }
        };
        let [a, b] = [0, 1].map(|k| self.proportions[k] / scales[k]);
        let of_fraction = [
            -b / (a + b).powi(2) / scales[0],
            a / (a + b).powi(2) / scales[1],
            0.0,
        ];
        VarianceComponents {
            fraction: w,
            fraction_se: if self.is_zero == [false; 2] {
                self.se(&of_fraction)
            } else {
                f64::NAN
            },
            kinships: [component(0), component(1)],
            residual: component(2),
        }
    }

    /// The standard error of a function of the variances with these derivatives, by the delta method.
    fn se(&self, derivatives: &[f64; N]) -> f64 {
        let mut variance = 0.0;
        for (row, a) in self.covariance.iter().zip(derivatives) {
            for (cell, b) in row.iter().zip(derivatives) {
                variance += a * cell * b;
            }
        }
        variance.sqrt()
    }

    /// Notes for the user on estimates at a bound.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let zero = |which: &str, other: &str| {
            format!(
                "the variance component of the {which} kinship is estimated as 0: the SNPs are tested with the {other} kinship alone"
            )
        };
        let of_kinships = match self.is_zero {
            [true, true] => Some(format!(
                "the variance components of both kinships are estimated as 0; the SNPs are tested with the {} kinship alone, whose component is nearer to being positive",
                if self.fraction == 0.0 {
                    "first"
                } else {
                    "second"
                }
            )),
            [true, false] => Some(zero("first", "second")),
            [false, true] => Some(zero("second", "first")),
            [false, false] => None,
        };
        let of_residual = self.is_without_residual.then(|| {
            "the two kinships explain all of the variance: the residual is as small as the search for their variance components allows".to_owned()
        });
        of_kinships.into_iter().chain(of_residual).collect()
    }
}
