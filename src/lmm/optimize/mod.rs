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
use crate::kernels::weighted_sums::Weights;

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

/// The points at which every SNP's likelihood is evaluated.
#[derive(Debug, Clone)]
pub struct LambdaGrid {
    range: LambdaRange,
    /// λ at the ends of the intervals. The last is min·exp(step·intervals), which is not max to the bit.
    points: Vec<f64>,
}

/// |dℓ/d ln λ| below this, times n, is rounding.
const FLAT_SLOPE: f64 = 1e-12;

impl LambdaGrid {
    /// The grid of `range`.
    #[must_use]
    pub fn new(range: LambdaRange) -> Self {
        let step = (range.max / range.min).ln() / range.intervals as f64;
        let points = match range.intervals {
            0 => Vec::new(),
            m => (0..=m)
                .map(|i| range.min * (step * i as f64).exp())
                .collect(),
        };
        Self { range, points }
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
        let mut survey = Survey::default();
        survey.fill(moments.into_iter())?;
        Some(survey)
    }

    /// The maximum of `likelihood` under `criterion`.
    pub fn maximise(
        &self,
        likelihood: &mut Likelihood<'_>,
        survey: &Survey,
        criterion: Criterion,
    ) -> Optimum {
        self.maximise_with_moments(likelihood, survey, criterion).0
    }

    /// The maximum and the moments there.
    pub(super) fn maximise_with_moments(
        &self,
        likelihood: &mut Likelihood<'_>,
        survey: &Survey,
        criterion: Criterion,
    ) -> (Optimum, Moments) {
        let LambdaRange { min, max, .. } = self.range;
        let end = |lambda: f64, moments: Moments| {
            let optimum = Optimum {
                lambda,
                value: likelihood.value(criterion, &moments),
                found: Found::End,
                has_failed_path: false,
            };
            (optimum, moments)
        };
        let ends = [end(min, survey.at_min), end(max, survey.at_max)];
        let slope = |likelihood: &Likelihood<'_>, m: &Option<Moments>| {
            m.as_ref()
                .map_or(f64::NAN, |m| likelihood.slope(criterion, m))
        };
        let is_flat = survey.points.iter().zip(&self.points).all(|(m, lambda)| {
            (slope(likelihood, m) * lambda).abs() <= FLAT_SLOPE * likelihood.model().n() as f64
        });
        if survey.at_min.a == 0.0 || (is_flat && !survey.points.is_empty()) {
            let (mut lowest, moments) = ends[0];
            lowest.found = Found::Flat;
            return (lowest, moments);
        }
        let mut best: Option<(Optimum, Moments)> = None;
        let mut has_failed_path = false;
        let points = survey.points.windows(2).zip(self.points.windows(2));
        for (m, lambdas) in points {
            let slopes = [slope(likelihood, &m[0]), slope(likelihood, &m[1])];
            if !(slopes[0] * slopes[1] <= 0.0) {
                continue;
            }
            let bracket = path::Bracket {
                ends: [lambdas[0], lambdas[1]],
                slopes,
            };
            let on_path = path::search(likelihood, criterion, &bracket, (min, max));
            has_failed_path |= on_path.is_none();
            let found = on_path.map(|moments| (moments, Found::Path)).or_else(|| {
                let lambda = fallback::root(likelihood, criterion, bracket.ends)?;
                Some((likelihood.moments(lambda, Weights::One)?, Found::Fallback))
            });
            let Some((mut moments, found)) = found else {
                continue;
            };
            let lambda = moments.lambda.clamp(min, max);
            if lambda != moments.lambda {
                let Some(at_clamped) = likelihood.moments(lambda, Weights::One) else {
                    continue;
                };
                moments = at_clamped;
            }
            let value = likelihood.value(criterion, &moments);
            if best.is_none_or(|(best, _)| value > best.value) && !value.is_nan() {
                let optimum = Optimum {
                    lambda,
                    value,
                    found,
                    has_failed_path: false,
                };
                best = Some((optimum, moments));
            }
        }
        let is_lowest = ends[0].0.value >= ends[1].0.value;
        let (mut best, mut moments) = best.unwrap_or(ends[usize::from(!is_lowest)]);
        for end in ends {
            if end.0.value > best.value {
                (best, moments) = end;
            }
        }
        best.has_failed_path = has_failed_path;
        (best, moments)
    }
}

/// One model's likelihoods on the grid: the start of the search under either criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    points: Vec<Option<Moments>>,
    at_min: Moments,
    at_max: Moments,
}

impl Default for Survey {
    fn default() -> Self {
        Self {
            points: Vec::new(),
            at_min: Moments::NAN,
            at_max: Moments::NAN,
        }
    }
}

impl Survey {
    /// Takes the moments at [`LambdaGrid::lambdas`]; `None` where an end has none.
    pub(super) fn fill(&mut self, moments: impl Iterator<Item = Option<Moments>>) -> Option<()> {
        self.points.clear();
        self.points.extend(moments);
        self.at_max = self.points.pop()??;
        self.at_min = self.points.pop()??;
        Some(())
    }
}

#[cfg(test)]
impl Survey {
    /// The moments at the points of the grid and at both ends.
    pub(super) fn moments(&self) -> impl Iterator<Item = Moments> {
        let points = self.points.iter().flatten().copied();
        points.chain([self.at_min, self.at_max])
    }
}
