//! Weights of individuals: residual variances that are known up to a factor.
//!
//! The model is y = Wα + xβ + u + ε with Var(u) = σ_g² K* and Var(εᵢ) = σ_e²/wᵢ: an individual whose phenotype is the mean of
//! four records has w = 4. With D = diag(√w), the model of Dy has independent residuals of equal variance σ_e², the covariates
//! DW, the SNP Dx and the kinship D K* D. K* is the centred kinship of the unweighted model, so that w = 1 is that model.
//! The density of y is that of Dy times Π √wᵢ, so that ½ Σ ln wᵢ is added to log-likelihoods.
//!
//! GEMMA's `-widv` decomposes D⁻¹ K* D⁻¹ and then multiplies y, W and x by D, and adds nothing to log-likelihoods. Its numbers
//! are those of no model that we know ([`Scaling::Gemma`]).

use crate::error::{Error, Result};
use crate::io::fam::Individual;
use crate::io::text::count;
use faer::Mat;
use std::ops::RangeInclusive;

/// What weights do to the kinship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scaling {
    /// D K* D: Var(εᵢ) = σ_e²/wᵢ.
    #[default]
    ResidualVariance,
    /// D⁻¹ K* D⁻¹, as in GEMMA (`--gemma-widv`); an individual whose weight is not positive has zeros.
    Gemma,
}

/// The weights of all individuals, `None` if missing.
#[derive(Debug, Clone, PartialEq)]
pub enum WeightValues {
    /// The same for all traits.
    Common(Vec<Option<f64>>),
    /// For each trait.
    OfTraits(Vec<Vec<Option<f64>>>),
}

impl WeightValues {
    /// The weights for trait number `number`.
    #[must_use]
    pub fn of_trait(&self, number: usize) -> &[Option<f64>] {
        match self {
            Self::Common(values) => values,
            Self::OfTraits(all) => &all[number],
        }
    }

    /// Fails with [`Error::Inconsistent`] at an individual whose weight is not positive.
    ///
    /// * `name`: what the weights are, in the message
    pub fn check_positive(&self, name: &str, everybody: &[Individual]) -> Result<()> {
        let all: Vec<&[Option<f64>]> = match self {
            Self::Common(values) => vec![values],
            Self::OfTraits(all) => all.iter().map(Vec::as_slice).collect(),
        };
        for values in all {
            check_unit(name, values)?;
            let mut wrong = (values.iter().zip(everybody)).filter_map(|(value, one)| {
                let w = (*value)?;
                (!(w > 0.0 && w.is_finite())).then_some((w, one))
            });
            let Some((w, one)) = wrong.next() else {
                continue;
            };
            let more = match wrong.count() {
                0 => String::new(),
                n => format!(
                    ", and those of {} are not positive either",
                    count(n, "other individual")
                ),
            };
            return Err(Error::inconsistent(
                format!(
                    "{name}: the weight of individual {one} is {w}, but a weight must be positive{more}"
                ),
                "the variance of the residual is divided by the weight; to exclude an individual, write NA for its weight",
            ));
        }
        Ok(())
    }
}

/// Means of weights with which λ, which is relative to them, stays within its range.
const USUAL_MEAN: RangeInclusive<f64> = 1e-3..=1e3;

/// Fails if the mean of positive weights is far from 1.
fn check_unit(name: &str, values: &[Option<f64>]) -> Result<()> {
    let positive = || {
        values
            .iter()
            .flatten()
            .filter(|w| **w > 0.0 && w.is_finite())
    };
    let mean = positive().sum::<f64>() / positive().count() as f64;
    if mean.is_nan() || USUAL_MEAN.contains(&mean) {
        return Ok(());
    }
    Err(Error::inconsistent(
        format!(
            "{name}: the mean weight is {mean:.3e}, so that lambda may lie outside of its range"
        ),
        format!(
            "divide all weights by {mean:.3e}: with a mean near 1, a common factor changes neither effects nor tests"
        ),
    ))
}

/// The weights of the analysed individuals.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    values: Vec<f64>,
    scaling: Scaling,
}

impl Weights {
    /// * `values`: n weights, positive unless `scaling` is GEMMA's
    #[must_use]
    pub fn new(values: Vec<f64>, scaling: Scaling) -> Self {
        Self { values, scaling }
    }

    /// √wᵢ, by which the rows of y, W and x are multiplied; 0 if wᵢ is not positive.
    #[must_use]
    pub fn roots(&self) -> Vec<f64> {
        self.values.iter().map(|w| w.max(0.0).sqrt()).collect()
    }

    /// Scales the centred kinship K*, n × n.
    ///
    /// Fails with [`Error::Degenerate`] if an entry overflows.
    pub fn scale_kinship(&self, k: &mut Mat<f64>) -> Result<()> {
        let roots = self.roots();
        for j in 0..k.ncols() {
            for i in 0..k.nrows() {
                let both = roots[i] * roots[j];
                k[(i, j)] = match self.scaling {
                    Scaling::ResidualVariance => k[(i, j)] * both,
                    Scaling::Gemma if both == 0.0 => 0.0,
                    Scaling::Gemma => k[(i, j)] / (self.values[i] * self.values[j]).sqrt(),
                };
            }
        }
        if k.is_all_finite() {
            return Ok(());
        }
        Err(Error::degenerate(
            "the kinship overflows when it is scaled by the weights",
            "give weights near 1: a common factor of all weights has no effect on tests",
        ))
    }

    /// Whether log-likelihoods are those of the phenotype, with the constants of the weights.
    #[must_use]
    pub fn has_likelihood(&self) -> bool {
        self.scaling == Scaling::ResidualVariance
    }

    /// ½ Σ ln wᵢ, which is added to log-likelihoods; 0 with GEMMA's scaling.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        match self.scaling {
            Scaling::ResidualVariance => 0.5 * self.values.iter().map(|w| w.ln()).sum::<f64>(),
            Scaling::Gemma => 0.0,
        }
    }

    /// A text that differs between any two scalings and values, for the key of a cache.
    #[must_use]
    pub fn origin(&self) -> String {
        use std::fmt::Write;
        let mut text = format!("weights {:?}", self.scaling);
        for w in &self.values {
            write!(text, " {:016x}", w.to_bits()).expect("writing to a string does not fail");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_weights_of_one_change_no_bit() {
        let k = Mat::from_fn(3, 3, |i, j| 0.1 + (i + j) as f64 / 3.0);
        for scaling in [Scaling::ResidualVariance, Scaling::Gemma] {
            let weights = Weights::new(vec![1.0; 3], scaling);
            let mut scaled = k.clone();
            weights.scale_kinship(&mut scaled).unwrap();
            assert_eq!(scaled, k);
            assert_eq!(weights.roots(), [1.0; 3]);
            assert_eq!(weights.log_likelihood(), 0.0);
        }
    }

    #[test]
    fn gemma_divides_and_accepts_weights_that_are_not_positive() {
        let weights = Weights::new(vec![4.0, 0.0, 9.0, -1.0], Scaling::Gemma);
        let mut k = Mat::from_fn(4, 4, |_, _| 6.0);
        weights.scale_kinship(&mut k).unwrap();
        assert_eq!((k[(0, 2)], k[(1, 0)], k[(3, 3)]), (1.0, 0.0, 0.0));
        assert_eq!(weights.roots(), [2.0, 0.0, 3.0, 0.0]);
    }

    #[test]
    fn a_weight_that_is_not_positive_names_its_individual() {
        let everybody: Vec<Individual> = ["a", "b"]
            .map(|iid| Individual {
                fid: "f".into(),
                iid: iid.into(),
            })
            .into();
        let check = |w: f64| {
            let values = WeightValues::Common(vec![Some(1.0), Some(w)]);
            values.check_positive("w.txt", &everybody)
        };
        assert!(check(1e-3).is_ok());
        for w in [0.0, -1.0, f64::INFINITY] {
            let error = check(w).unwrap_err().to_string();
            assert!(error.contains("individual f b"), "{error}");
        }
    }
}
