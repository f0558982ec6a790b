//! The profile-likelihood interval of the proportion of variance that the kinship explains.

use super::likelihood::{Criterion, Likelihood};
use super::optimize::{Found, Optimum};
use super::range::LambdaRange;
use serde::{Deserialize, Serialize};

/// χ²(1) is below twice this with a probability of 0.95.
const HALF_CHI2: f64 = 1.920_729_410_347_062;
/// The walk from the estimate to an end of the interval multiplies λ by this, a quarter of a decade.
const STEP: f64 = 1.778_279_410_038_922_8;
/// An end is known when ln λ is known to this.
const TOLERANCE: f64 = 1e-9;
/// Halvings of a step of the walk, more than [`TOLERANCE`] needs.
const MOST_HALVINGS: usize = 64;
/// A proportion of variance below this is 0 in every respect: if the range begins at 0, the walk to it ends here.
const LEAST_PVE: f64 = 1e-8;

/// An interval of the proportion of variance explained (PVE), with a confidence of 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PveInterval {
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
    /// Whether the lower end is that of the range of λ, so that smaller values may be compatible with the data too.
    pub is_open_below: bool,
    /// Whether the upper end is that of the range of λ.
    pub is_open_above: bool,
}

/// The values of λ around λ̂ whose restricted likelihood is not much below the maximum:
///
/// 2 (ℓ_R(λ̂) − ℓ_R(λ)) ≤ χ²₀.₉₅(1) = 3.841, converted to PVE = tλ/(tλ + 1).
///
/// ℓ_R is maximised over the other parameters, so that it is their profile. If it has several maxima, the interval is the part
/// that contains λ̂, searched in steps of a quarter of a decade. Unlike an interval from the standard error, it is
/// within 0 and 1 and need not be symmetric.
///
/// * `t`: mean eigenvalue
///
/// `None` if λ is fixed, if the model explains the trait completely, or if the likelihood cannot be evaluated.
///
/// Source: Venzon & Moolgavkar 1988, Appl. Stat. 37:87; Crainiceanu & Ruppert 2004 (J. R. Stat. Soc. B 66:165) show that near
/// PVE = 0 the coverage is above 95 %.
pub(super) fn pve_interval(
    likelihood: &mut Likelihood<'_>,
    reml: &Optimum,
    range: LambdaRange,
    t: f64,
) -> Option<PveInterval> {
    if range.is_fixed() || reml.found == Found::Perfect || !(t > 0.0) {
        return None;
    }
    let pve = |lambda: f64| {
        let x = t * lambda;
        if x.is_finite() { x / (x + 1.0) } else { 1.0 }
    };
    if reml.found == Found::Flat {
        return Some(PveInterval {
            lower: pve(range.min),
            upper: pve(range.max),
            is_open_below: true,
            is_open_above: true,
        });
    }
    let mut excess = |lambda: f64| {
        let value = likelihood.value_at(Criterion::Reml, lambda) - (reml.value - HALF_CHI2);
        value.is_finite().then_some(value)
    };
    let least = LEAST_PVE / t;
    let down = |lambda: f64| {
        let next = lambda / STEP;
        let is_at_end = next <= range.min || next < least;
        if is_at_end { range.min } else { next }
    };
    let up = |lambda: f64| (lambda * STEP).max(least).min(range.max);
    let estimate = reml.lambda;
    let (lower, is_open_below) = match end(&mut excess, estimate, range.min, &down)? {
        End::At(lambda) => (lambda, false),
        End::OfRange => (range.min, true),
    };
    let (upper, is_open_above) = match end(&mut excess, estimate, range.max, &up)? {
        End::At(lambda) => (lambda, false),
        End::OfRange => (range.max, true),
    };
    Some(PveInterval {
        lower: pve(lower),
        upper: pve(upper),
        is_open_below,
        is_open_above,
    })
}

/// An end of the interval of λ.
enum End {
    At(f64),
    /// The end of the range, where the likelihood is not low enough.
    OfRange,
}

/// Walks by `next` from `inside` to `last`, the end of the range, up to the λ at which `excess` becomes negative; `None` if it
/// cannot be evaluated.
fn end(
    excess: &mut impl FnMut(f64) -> Option<f64>,
    mut inside: f64,
    last: f64,
    next: &dyn Fn(f64) -> f64,
) -> Option<End> {
    while inside != last {
        let outside = next(inside);
        if excess(outside)? < 0.0 {
            return Some(End::At(crossing(excess, inside, outside)?));
        }
        inside = outside;
    }
    Some(End::OfRange)
}

/// Where `excess` changes its sign between `inside` and `outside`, by halving the interval of ln λ.
fn crossing(
    excess: &mut impl FnMut(f64) -> Option<f64>,
    mut inside: f64,
    mut outside: f64,
) -> Option<f64> {
    for _ in 0..MOST_HALVINGS {
        let is_positive = inside > 0.0 && outside > 0.0;
        let middle = if is_positive {
            inside * (outside / inside).sqrt()
        } else {
            0.5 * (inside + outside)
        };
        if (outside - inside).abs() <= TOLERANCE * middle {
            break;
        }
        if excess(middle)? < 0.0 {
            outside = middle;
        } else {
            inside = middle;
        }
    }
    Some(inside)
}
