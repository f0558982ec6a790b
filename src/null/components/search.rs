//! The maximum of the restricted likelihood of the proportions of variance.

use super::evaluation::{Evaluation, N, Proportions, RESIDUAL, Slopes};
use crate::error::{Error, Result};
use crate::kernels::weighted_sums::n_pairs;
use crate::null::small;

/// Least proportions. That of the residual keeps H positive definite: kinships may have no variance in some contrasts.
const LEAST: Proportions = [0.0, 0.0, 1e-5];
/// Proportions of the two kinships from which the search may start: inside, at each edge, and in the corner without both.
const STARTS: [[f64; 2]; 9] = [
    [0.3, 0.3],
    [0.1, 0.1],
    [0.4, 0.0],
    [0.0, 0.4],
    [0.6, 0.1],
    [0.1, 0.6],
    [0.1, 0.0],
    [0.0, 0.1],
    [0.0, 0.0],
];
/// The starts that are compared if there are many individuals; each costs a third of a step.
const COMPARED: usize = 4;
/// The search ends with a Newton step that gains less than half of this in ℓ: the proportions before it are within 1e-6 of their
/// standard errors, those after it are nearer.
const CONVERGED: f64 = 1e-12;
/// Gains below this are not visible in ℓ, which has rounding errors; the step is taken without comparing ℓ.
const INVISIBLE: f64 = 1e-9;
/// A step must gain at least this fraction of what the gradient promises.
const LEAST_GAIN: f64 = 1e-4;
/// Up to this number of individuals, the search begins at every start; otherwise only at the best of [`COMPARED`].
const FEW: usize = 300;
/// Steps that are tried, of which usually fewer than ten are needed.
const MOST_STEPS: usize = 200;
/// The damping after the first step without a gain; it is multiplied by 10 after each further one, and divided after a gain.
const FIRST_DAMPING: f64 = 0.1;
/// With this damping a step along the gradient is tiny.
const MOST_DAMPING: f64 = 1e8;

/// The maximum.
#[derive(Debug, Clone, Copy)]
pub(super) struct Maximum {
    pub(super) proportions: Proportions,
    pub(super) slopes: Slopes,
}

impl Maximum {
    /// Whether a proportion is the least that is possible.
    pub(super) fn is_least(&self, k: usize) -> bool {
        is_least(&self.proportions, k)
    }

    /// The inverse of the average information about the proportions that are not the least; 0 for the others.
    pub(super) fn covariance(&self) -> [[f64; N]; N] {
        let free = [0, 1, 2].map(|k| !self.is_least(k));
        let mut covariance = [[0.0; N]; N];
        for k in (0..N).filter(|&k| free[k]) {
            let mut unit = [0.0; N];
            unit[k] = 1.0;
            let column = solved(&self.slopes.information, &unit, free, 0.0);
            covariance[k] = column.unwrap_or([f64::NAN; N]);
        }
        covariance
    }
}

fn is_least(p: &Proportions, k: usize) -> bool {
    p[k] <= LEAST[k] * (1.0 + 1e-9)
}

/// The maximum of ℓ over proportions of at least [`LEAST`].
///
/// The search begins at the best of a few of [`STARTS`]; with few individuals, of whom the likelihood may have several maxima, at
/// each of all.
///
/// Fails with [`Error::NoConvergence`] if it is not found, and with [`Error::Interrupted`] soon after `is_cancelled` returns
/// true.
pub(super) fn maximise(
    evaluation: &mut Evaluation<'_>,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Maximum> {
    let go_on = || {
        if is_cancelled() {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    };
    let are_few = evaluation.x().nrows() <= FEW;
    let n_compared = if are_few { STARTS.len() } else { COMPARED };
    let mut starts: Vec<(Proportions, f64)> = Vec::new();
    for [first, second] in STARTS.into_iter().take(n_compared) {
        go_on()?;
        let p = [first, second, 1.0 - first - second];
        starts.extend(evaluation.value(&p).map(|value| (p, value)));
    }
    starts.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let n_searches = if are_few { starts.len() } else { 1 };
    let mut best: Option<(Maximum, f64)> = None;
    for (p, _) in starts.into_iter().take(n_searches) {
        // Searches that end at the same maximum differ by rounding errors.
        let found = climb(evaluation, p, &go_on)?;
        best = match (best, found) {
            (Some(best), Some(found)) if found.1 <= best.1 + INVISIBLE => Some(best),
            (best, found) => found.or(best),
        };
    }
    best.map(|(maximum, _)| maximum).ok_or_else(not_found)
}

/// The maximum that the search reaches from `p`, and ℓ there; `None` if it reaches none.
fn climb(
    evaluation: &mut Evaluation<'_>,
    mut p: Proportions,
    go_on: &dyn Fn() -> Result<()>,
) -> Result<Option<(Maximum, f64)>> {
    let Some(mut value) = evaluation.value(&p) else {
        return Ok(None);
    };
    let mut slopes = evaluation.slopes();
    let (mut damping, mut last_gain) = (0.0, f64::INFINITY);
    for _ in 0..MOST_STEPS {
        go_on()?;
        let Some((mut step, gain)) = newton_step(&p, &slopes, 0.0) else {
            return Ok(None);
        };
        // Below the rounding errors of the gradient, a step promises no less than the last.
        let is_at_noise = gain < INVISIBLE && gain >= 0.5 * last_gain;
        if gain <= CONVERGED || is_at_noise {
            let maximum = Maximum {
                proportions: moved(&p, &step, &slopes).0,
                slopes,
            };
            return Ok(Some((maximum, value)));
        }
        let is_visible = gain >= INVISIBLE;
        if is_visible && damping > 0.0 {
            let Some((damped, _)) = newton_step(&p, &slopes, damping) else {
                return Ok(None);
            };
            step = damped;
        }
        let (next, promised) = moved(&p, &step, &slopes);
        let is_better = |found: &f64| !is_visible || found - value >= LEAST_GAIN * promised;
        if let Some(found) = evaluation.value(&next).filter(is_better) {
            (p, value, last_gain) = (next, found, gain);
            slopes = evaluation.slopes();
            damping = if damping > FIRST_DAMPING * 1e-2 {
                damping / 10.0
            } else {
                0.0
            };
        } else {
            damping = (10.0 * damping).max(FIRST_DAMPING);
            if damping > MOST_DAMPING {
                break;
            }
        }
    }
    Ok(None)
}

fn not_found() -> Error {
    Error::NoConvergence {
        what: "the variance components of the two kinships (-k2) were not found: the restricted likelihood has no maximum that can be reached".into(),
    }
}

/// The step of Newton's method with the average information, and gᵀ of it: twice what it gains in a parabola. A proportion that is
/// the least and would become smaller is not moved.
fn newton_step(p: &Proportions, slopes: &Slopes, damping: f64) -> Option<([f64; N], f64)> {
    let Slopes {
        gradient,
        information,
    } = slopes;
    let mut free = [0, 1, 2].map(|k| !is_least(p, k) || gradient[k] > 0.0);
    loop {
        let step = solved(information, gradient, free, damping)?;
        let outward = (0..N).find(|&k| free[k] && is_least(p, k) && step[k] < 0.0);
        let Some(k) = outward else {
            let gain = step.iter().zip(gradient).map(|(step, g)| step * g).sum();
            return Some((step, gain));
        };
        free[k] = false;
    }
}

/// The solution of (AI + `damping` diag AI) x = b over the free indices, 0 for the others; `None` if the matrix is singular.
fn solved(
    information: &[[f64; N]; N],
    b: &[f64; N],
    free: [bool; N],
    damping: f64,
) -> Option<[f64; N]> {
    let at: Vec<usize> = (0..N).filter(|&k| free[k]).collect();
    let mut packed = vec![0.0; n_pairs(at.len())];
    for (i, &a) in at.iter().enumerate() {
        for (j, &b) in at[..=i].iter().enumerate() {
            let diagonal = if i == j { 1.0 + damping } else { 1.0 };
            packed[n_pairs(i) + j] = diagonal * information[a][b];
        }
    }
    let mut l = Vec::new();
    small::factorise(&packed, at.len(), &mut l)?;
    let mut x: Vec<f64> = at.iter().map(|&k| b[k]).collect();
    small::solve(&l, at.len(), &mut x);
    let mut all = [0.0; N];
    at.iter().zip(x).for_each(|(&k, x)| all[k] = x);
    all.iter().all(|x| x.is_finite()).then_some(all)
}

/// The proportions after a step that is projected on those of at least [`LEAST`], and gᵀ of the step. The scale of the variance
/// is free, so that the sum is 1 again.
fn moved(p: &Proportions, step: &[f64; N], slopes: &Slopes) -> (Proportions, f64) {
    let mut next = *p;
    for k in 0..N {
        next[k] = (p[k] + step[k]).max(LEAST[k]);
    }
    let changes = next.iter().zip(p).zip(&slopes.gradient);
    let promised = changes.map(|((next, p), g)| (next - p) * g).sum();
    let sum: f64 = next.iter().sum();
    next.iter_mut().for_each(|x| *x /= sum);
    if next[RESIDUAL] < LEAST[RESIDUAL] {
        let others = next[0] + next[1];
        let factor = (1.0 - LEAST[RESIDUAL]) / others;
        next = [factor * next[0], factor * next[1], LEAST[RESIDUAL]];
    }
    (next, promised)
}
