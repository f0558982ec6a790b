//! The maximum of a likelihood over λ, along GEMMA's path.
//!
//! 1. [`LambdaGrid`]: intervals of equal length in ln λ; an interval in which the slope changes sign is a bracket.
//! 2. [`path`]: in every bracket the Brent-Dekker method until the root is known to 10 %, then Newton's method until a
//!    step is below 10⁻⁵ of λ. The estimate is the iterate *before* the last one.
//! 3. The best maximum of all brackets is used, unless the likelihood at an end of the range is higher.
//! 4. GEMMA's path can miss a maximum in intervals longer than a decade. These are searched again at every decade, and a
//!    maximum found there is used if it is higher ([`LambdaGrid::fine`]).
//!
//! A likelihood that does not depend on λ has no maximum: [`Found::Flat`].
//!
//! The printed digits of λ, β and p depend on this path: the exact root would change 238 of 329 printed λ. If the path
//! fails, GEMMA prints `nan`; jamma uses the root of the slope in the bracket, found by [`fallback`], so that the row is
//! correct.

pub(crate) mod fallback;
pub(crate) mod path;

use super::likelihood::{Criterion, Likelihood};
use super::moments::{Moments, SlopeTerms};
use super::range::LambdaRange;
use crate::kernels::weighted_sums::Weights;
use serde::{Deserialize, Serialize};

/// How the estimate of λ was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Found {
    /// Inside the range, by GEMMA's path.
    Path,
    /// Inside the range, by the fallback method because GEMMA's path fails.
    Fallback,
    /// Inside the range, in an interval in which GEMMA's path finds no bracket or a lower maximum.
    Refined,
    /// At an end of the range.
    End,
    /// The likelihood does not depend on λ; the smallest λ is returned.
    Flat,
    /// The residual is 0 for every λ; the smallest λ is returned, and the likelihood is infinite.
    Perfect,
}

/// The maximum of a likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Optimum {
    /// λ̂.
    pub lambda: f64,
    /// ℓ(λ̂).
    pub value: f64,
    /// How it was found.
    pub found: Found,
    /// Whether GEMMA's path failed in a bracket; GEMMA then prints `nan` regardless of the other brackets.
    pub has_failed_path: bool,
}

/// The points at which every SNP's likelihood is evaluated.
#[derive(Debug, Clone)]
pub struct LambdaGrid {
    range: LambdaRange,
    /// λ at the ends of the intervals. The last is min·exp(step·intervals), which differs from max by rounding.
    points: Vec<f64>,
    /// λ from one end of the range to the other, at most a decade apart; empty if the intervals are already that short.
    fine: Vec<f64>,
}

/// |dℓ/d ln λ| below this times n is rounding error.
pub(crate) const FLAT_SLOPE: f64 = 1e-12;
/// A kinship is known to the 10 digits of its file. An eigenvalue of this fraction of the largest can therefore be 0, and
/// a slope that it can produce, λ times the eigenvalue for each individual, is no information about λ.
pub(crate) const UNCERTAIN_EIGENVALUE: f64 = 1e-9;
/// Maximum of such a slope, for each individual.
pub(crate) const UNCERTAIN_SLOPE: f64 = 1e-6;
/// Longest interval without a fine search, as a ratio: slightly more than a decade, so that GEMMA's default has none.
pub(crate) const FINE_INTERVAL: f64 = 10.001;
/// An eigenvalue differs from the largest if it is smaller by more than this many times its uncertainty.
pub(crate) const UNLIKE_NOISE: f64 = 10.0;
/// If the range begins at 0, the fine search begins at the smaller of this and [`SMALLEST_FRACTION`] of the largest λ.
pub(crate) const SMALLEST_POSITIVE: f64 = 1e-12;
pub(crate) const SMALLEST_FRACTION: f64 = 1e-20;
/// How much higher a maximum of the fine search must be to replace that of GEMMA's path, whose λ is inexact.
pub(crate) const CLEARLY_HIGHER: f64 = 1e-6;

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
        Self {
            fine: fine_points(range),
            range,
            points,
        }
    }

    /// λ of the grid, of the fine grid, then of both ends of the range.
    pub(crate) fn lambdas(&self) -> impl Iterator<Item = f64> {
        let all = self.points.iter().chain(&self.fine).copied();
        all.chain([self.range.min, self.range.max])
    }

    /// Fills `survey` with `slopes`, those at [`LambdaGrid::lambdas`] except the ends of the range, and the moments at both
    /// `ends`.
    pub(crate) fn fill(
        &self,
        survey: &mut Survey,
        mut slopes: impl Iterator<Item = Option<SlopeTerms>>,
        ends: &[Moments; 2],
    ) {
        let Survey {
            points,
            fine,
            at_min,
            at_max,
        } = survey;
        points.clear();
        points.extend(slopes.by_ref().take(self.points.len()));
        fine.clear();
        fine.extend(slopes);
        [*at_min, *at_max] = *ends;
    }

    /// Evaluates `likelihood` on the grid and at both ends. `None` if XᵀH⁻¹X is singular.
    pub fn survey(&self, likelihood: &mut Likelihood<'_>) -> Option<Survey> {
        let mut moments = Vec::with_capacity(self.points.len() + 2);
        for lambda in self.lambdas() {
            // An infinite or undefined point (λ_min = 0) is never an end of a bracket.
            moments.push(if lambda.is_finite() {
                Some(likelihood.moments(lambda, Weights::Two)?)
            } else {
                None
            });
        }
        let at_max = moments.pop()??;
        let at_min = moments.pop()??;
        let mut survey = Survey::default();
        let slopes = moments.iter().map(|m| Some(m.as_ref()?.of_slopes()));
        self.fill(&mut survey, slopes, &[at_min, at_max]);
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
    pub(crate) fn maximise_with_moments(
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
        let slope = |likelihood: &Likelihood<'_>, m: &Option<SlopeTerms>| {
            m.as_ref()
                .map_or(f64::NAN, |m| likelihood.slope_of(criterion, m))
        };
        if survey.at_min.a == 0.0 {
            let (mut lowest, moments) = ends[0];
            lowest.found = Found::Perfect;
            return (lowest, moments);
        }
        if self.is_flat(likelihood, survey, criterion) {
            let (mut lowest, moments) = ends[0];
            (lowest.found, lowest.has_failed_path) = (Found::Flat, true);
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
        if let Some(finer) = fine_maximum(likelihood, survey, criterion) {
            let margin = match best.found {
                Found::Path | Found::Fallback => CLEARLY_HIGHER,
                _ => 0.0,
            };
            if finer.0.value > best.value + margin {
                (best, moments) = finer;
            }
        }
        best.has_failed_path = has_failed_path;
        (best, moments)
    }

    /// Whether the slope is nowhere larger than rounding error, or than eigenvalues that may be 0, or equal, can make it.
    fn is_flat(&self, likelihood: &Likelihood<'_>, survey: &Survey, criterion: Criterion) -> bool {
        if self.range.min >= self.range.max {
            return false;
        }
        let model = likelihood.model();
        // They are ascending, and those after the last are padding.
        let largest = model.d()[..model.n()].last().copied().unwrap_or(0.0);
        // Limits per individual, times n. For almost all SNPs, the first point decides.
        let is_below = |uncertain: f64| {
            survey.slopes().all(|m| {
                let of_uncertain = (uncertain * m.lambda * largest).min(UNCERTAIN_SLOPE);
                let slope = likelihood.slope_of(criterion, &m) * m.lambda;
                slope.abs() <= (FLAT_SLOPE + of_uncertain) * model.n() as f64
            })
        };
        is_below(UNCERTAIN_EIGENVALUE)
            && (is_below(0.0) || has_no_structure(&model.d()[..model.n()], likelihood.k(), largest))
    }
}

/// Whether K, within its uncertainty, is spanned by `k` columns, or is a multiple of the identity except in `k` directions:
/// after `k` columns are projected out, nothing may then depend on λ.
fn has_no_structure(d: &[f64], k: usize, largest: f64) -> bool {
    let noise = UNCERTAIN_EIGENVALUE * largest;
    let n_above = d.iter().filter(|&&d| d > noise).count();
    let n_unlike = d
        .iter()
        .filter(|&&d| d < largest - UNLIKE_NOISE * noise)
        .count();
    n_above <= k || n_unlike <= k
}

/// The highest maximum between neighbouring points of the fine grid.
fn fine_maximum(
    likelihood: &mut Likelihood<'_>,
    survey: &Survey,
    criterion: Criterion,
) -> Option<(Optimum, Moments)> {
    let rounding = FLAT_SLOPE * likelihood.model().n() as f64;
    let mut best: Option<(Optimum, Moments)> = None;
    for pair in survey.fine.windows(2) {
        let [Some(lo), Some(hi)] = pair else {
            continue;
        };
        let [rise, fall] = [lo, hi].map(|m| likelihood.slope_of(criterion, m) * m.lambda);
        if !(rise > 0.0 && fall < 0.0 && rise - fall > rounding) {
            continue;
        }
        let Some(moments) = fallback::root(likelihood, criterion, [lo.lambda, hi.lambda])
            .and_then(|lambda| likelihood.moments(lambda, Weights::One))
        else {
            continue;
        };
        let optimum = Optimum {
            lambda: moments.lambda,
            value: likelihood.value(criterion, &moments),
            found: Found::Refined,
            has_failed_path: false,
        };
        if best.is_none_or(|(best, _)| optimum.value > best.value) {
            best = Some((optimum, moments));
        }
    }
    best
}

/// λ of the fine search of `range`; empty if its intervals are no longer than a decade, or if it has no intervals.
fn fine_points(range: LambdaRange) -> Vec<f64> {
    if range.intervals == 0 {
        return Vec::new();
    }
    let min = if range.min > 0.0 {
        range.min
    } else {
        SMALLEST_POSITIVE.min(SMALLEST_FRACTION * range.max)
    };
    let length = (range.max / min).ln();
    let is_fine = range.min > 0.0 && length <= range.intervals as f64 * FINE_INTERVAL.ln();
    if is_fine || !(length > 0.0 && length.is_finite()) {
        return Vec::new();
    }
    let intervals = (length / 10_f64.ln()).ceil();
    (0..=intervals as usize)
        .map(|i| min * (length * i as f64 / intervals).exp())
        .collect()
}

/// One model on the grid: the start of the search under either criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    points: Vec<Option<SlopeTerms>>,
    fine: Vec<Option<SlopeTerms>>,
    at_min: Moments,
    at_max: Moments,
}

impl Default for Survey {
    fn default() -> Self {
        Self {
            points: Vec::new(),
            fine: Vec::new(),
            at_min: Moments::NAN,
            at_max: Moments::NAN,
        }
    }
}

impl Survey {
    /// The moments at both ends of the range.
    pub(crate) fn ends(&self) -> [&Moments; 2] {
        [&self.at_min, &self.at_max]
    }

    /// The terms of the slopes at all points, and at both ends.
    pub(crate) fn slopes(&self) -> impl Iterator<Item = SlopeTerms> {
        let inside = self.points.iter().chain(&self.fine).flatten().copied();
        inside.chain(self.ends().map(Moments::of_slopes))
    }
}
