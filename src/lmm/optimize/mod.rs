//! The maximum of a likelihood over λ, along GEMMA's path.
//!
//! 1. [`LambdaGrid`]: intervals of equal length in ln λ; an interval in which the slope changes sign is a bracket.
//! 2. [`path`]: in every bracket the Brent-Dekker method until the root is known to 10 %, then Newton's method until a
//!    step is below 10⁻⁵ of λ. The estimate is the iterate *before* the last one.
//! 3. The best bracket stands, unless the likelihood at an end of the range is higher.
//!
//! The printed digits of λ, β and p depend on this path: the exact root would change 238 of 329 printed λ. Where the
//! path fails, GEMMA prints `nan`; here [`fallback`] finds the root of the slope in the bracket, so that the row is
//! correct.

mod fallback;
mod path;

use super::likelihood::{Criterion, Likelihood, Moments};
use super::model::RotatedModel;
use crate::kernels::weighted_sums::{Weights, log_determinant};

/// Where λ is searched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LambdaRange {
    /// Smallest λ (`-lmin`), at least 0.
    pub min: f64,
    /// Largest λ (`-lmax`), not below `min`.
    pub max: f64,
    /// Number of intervals (`-region`).
    pub intervals: usize,
}

impl Default for LambdaRange {
    /// GEMMA's range.
    fn default() -> Self {
        Self {
            min: 1e-5,
            max: 1e5,
            intervals: 10,
        }
    }
}

/// How the estimate of λ was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Inside the range, by GEMMA's path.
    Path,
    /// Inside the range, where GEMMA's path ends without an answer.
    Fallback,
    /// At an end of the range.
    End,
    /// The likelihood does not depend on λ, or the fit is perfect: the smallest λ stands for all.
    Flat,
}

/// The maximum of a likelihood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Optimum {
    /// λ̂.
    pub lambda: f64,
    /// ℓ(λ̂).
    pub value: f64,
    /// How it was found.
    pub found: Found,
    /// Whether GEMMA's path failed in a bracket, so that GEMMA prints `nan` whatever the other brackets give.
    pub has_failed_path: bool,
}

/// The points at which every SNP's likelihood is evaluated, with what does not depend on the SNP.
#[derive(Debug, Clone)]
pub struct LambdaGrid {
    range: LambdaRange,
    /// λ at the ends of the intervals. The last is min·exp(step·intervals), which is not max to the bit.
    points: Vec<f64>,
    log_det_h_at_min: f64,
    log_det_h_at_max: f64,
}

/// |dℓ/d ln λ| below this, times n, is rounding.
const FLAT_SLOPE: f64 = 1e-12;

impl LambdaGrid {
    /// The grid of `range` for `model`.
    #[must_use]
    pub fn new(range: LambdaRange, model: &RotatedModel) -> Self {
        let step = (range.max / range.min).ln() / range.intervals as f64;
        let points = match range.intervals {
            0 => Vec::new(),
            m => (0..=m)
                .map(|i| range.min * (step * i as f64).exp())
                .collect(),
        };
        Self {
            range,
            points,
            log_det_h_at_min: log_determinant(range.min, model.d()),
            log_det_h_at_max: log_determinant(range.max, model.d()),
        }
    }

    /// λ of the grid, then of both ends of the range.
    pub(super) fn lambdas(&self) -> impl Iterator<Item = f64> {
        self.points
            .iter()
            .copied()
            .chain([self.range.min, self.range.max])
    }

    /// Evaluates `likelihood` on the grid and at both ends. `None` where XᵀH⁻¹X is singular.
    pub fn survey(&self, likelihood: &mut Likelihood<'_>) -> Option<Survey> {
        let mut moments = Vec::with_capacity(self.points.len() + 2);
        for lambda in self.lambdas() {
            // An endless or undefined point (λ_min = 0) never begins or ends a bracket.
            moments.push(if lambda.is_finite() {
                Some(likelihood.moments(lambda, Weights::Two)?)
            } else {
                None
            });
        }
        Self::survey_of(moments)
    }

    /// The survey with these moments at [`LambdaGrid::lambdas`].
    pub(super) fn survey_of(mut moments: Vec<Option<Moments>>) -> Option<Survey> {
        let at_max = moments.pop()??;
        let at_min = moments.pop()??;
        Some(Survey {
            points: moments,
            at_min,
            at_max,
        })
    }

    /// The maximum of `likelihood` under `criterion`.
    pub fn maximise(
        &self,
        likelihood: &mut Likelihood<'_>,
        survey: &Survey,
        criterion: Criterion,
    ) -> Optimum {
        let LambdaRange { min, max, .. } = self.range;
        let at_min = likelihood.value(criterion, &survey.at_min, self.log_det_h_at_min);
        let at_max = likelihood.value(criterion, &survey.at_max, self.log_det_h_at_max);
        let lowest = Optimum {
            lambda: min,
            value: at_min,
            found: Found::End,
            has_failed_path: false,
        };
        let highest = Optimum {
            lambda: max,
            value: at_max,
            found: Found::End,
            has_failed_path: false,
        };
        let slopes: Vec<f64> = survey
            .points
            .iter()
            .map(|m| {
                m.as_ref()
                    .map_or(f64::NAN, |m| likelihood.slope(criterion, m))
            })
            .collect();
        let is_flat = slopes.iter().zip(&self.points).all(|(slope, lambda)| {
            (slope * lambda).abs() <= FLAT_SLOPE * likelihood.model().n() as f64
        });
        if survey.at_min.a == 0.0 || (is_flat && !slopes.is_empty()) {
            return Optimum {
                found: Found::Flat,
                ..lowest
            };
        }
        let mut best: Option<Optimum> = None;
        let mut has_failed_path = false;
        for (i, ends) in slopes.windows(2).enumerate() {
            if !(ends[0] * ends[1] <= 0.0) {
                continue;
            }
            let bracket = path::Bracket {
                ends: [self.points[i], self.points[i + 1]],
                slopes: [ends[0], ends[1]],
            };
            let on_path = path::search(likelihood, criterion, &bracket, (min, max));
            has_failed_path |= on_path.is_none();
            let found = on_path.map(|lambda| (lambda, Found::Path)).or_else(|| {
                fallback::root(likelihood, criterion, bracket.ends)
                    .map(|lambda| (lambda, Found::Fallback))
            });
            let Some((lambda, found)) = found else {
                continue;
            };
            let lambda = lambda.clamp(min, max);
            let value = likelihood.value_at(criterion, lambda);
            if best.is_none_or(|best| value > best.value) && !value.is_nan() {
                best = Some(Optimum {
                    lambda,
                    value,
                    found,
                    has_failed_path: false,
                });
            }
        }
        let mut best = best.unwrap_or(if at_min >= at_max { lowest } else { highest });
        for end in [lowest, highest] {
            if end.value > best.value {
                best = end;
            }
        }
        Optimum {
            has_failed_path,
            ..best
        }
    }
}

/// One model's likelihoods on the grid: the start of the search under either criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    points: Vec<Option<Moments>>,
    at_min: Moments,
    at_max: Moments,
}

#[cfg(test)]
impl Survey {
    /// The moments at the points of the grid and at both ends.
    pub(super) fn moments(&self) -> impl Iterator<Item = Moments> {
        let points = self.points.iter().flatten().copied();
        points.chain([self.at_min, self.at_max])
    }
}
