//! The search in one bracket: Brent-Dekker to 10 %, then Newton, step by step as in GEMMA.
//!
//! Source of the first stage: Brent 1973, Algorithms for Minimization without Derivatives, chapter 4, in the variant of
//! the GNU Scientific Library 2.7, whose reported bracket is used only for the stopping rule.

use crate::kernels::weighted_sums::Weights;
use crate::null::likelihood::{Criterion, Likelihood};
use crate::null::moments::Moments;

/// An interval in which the slope of the likelihood changes sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bracket {
    /// λ at both ends, ascending.
    pub(super) ends: [f64; 2],
    /// Slopes there.
    pub(super) slopes: [f64; 2],
}

/// Steps allowed in each stage.
pub(crate) const MAX_STEPS: usize = 100;
/// The first stage stops when the bracket is narrower than this fraction of its smaller end.
pub(crate) const BRENT_WIDTH: f64 = 0.1;
/// The second stage stops when a step is below this fraction of λ.
pub(crate) const NEWTON_STEP: f64 = 1e-5;

/// The moments at λ̂ by GEMMA's path; `None` if that path fails.
///
/// * `range`: the open interval that Newton's method must not leave
pub(super) fn search(
    likelihood: &mut Likelihood<'_>,
    criterion: Criterion,
    bracket: &Bracket,
    range: (f64, f64),
) -> Option<Moments> {
    // The moments at the last point, if they include second derivatives. Newton's method starts where Brent's ends, so these
    // are already computed at a step that can be the last. At the others they are a fifth of the work and would not be used.
    let mut last: Option<Moments> = None;
    let start = brent(bracket, |lambda, can_be_last| {
        let weights = if can_be_last {
            Weights::Three
        } else {
            Weights::Two
        };
        let here = likelihood.moments(lambda, weights);
        let slope = (here.as_ref()).map_or(f64::NAN, |m| likelihood.slope(criterion, m));
        last = here.filter(|_| can_be_last);
        slope
    })?;
    newton(start, range, |lambda| {
        if last.as_ref().is_none_or(|m| m.lambda != lambda) {
            last = likelihood.moments(lambda, Weights::Three);
        }
        let m = last.as_ref()?;
        let slope = likelihood.slope(criterion, m);
        Some((slope, likelihood.curvature(criterion, m)))
    })?;
    last
}

/// The root of `f` in `bracket`, to 10 %; `None` after [`MAX_STEPS`] steps.
///
/// `f` is told whether its point can be the root that is returned, so that it can keep what is needed there. It is told so
/// at almost all roots: at the others, `f` is exactly 0 or the slope after it is not finite.
fn brent(bracket: &Bracket, mut f: impl FnMut(f64, bool) -> f64) -> Option<f64> {
    let [lo, hi] = bracket.ends;
    // q is the current point, p the one before, r the other end of the bracket; s is the last step, t the one before.
    let (mut p, mut q, mut r) = (lo, hi, hi);
    let (mut f_p, mut f_q, mut f_r) = (bracket.slopes[0], bracket.slopes[1], bracket.slopes[1]);
    let (mut s, mut t) = (hi - lo, hi - lo);
    for _ in 0..MAX_STEPS {
        let mut is_two_point = false;
        if same_sign(f_q, f_r) {
            (r, f_r) = (p, f_p);
            s = q - p;
            t = s;
            is_two_point = true;
        }
        if f_r.abs() < f_q.abs() {
            (p, q, r) = (q, r, q);
            (f_p, f_q, f_r) = (f_q, f_r, f_q);
            is_two_point = true;
        }
        let tolerance = 0.5 * f64::EPSILON * q.abs();
        let m = 0.5 * (r - q);
        if f_q == 0.0 || m.abs() <= tolerance {
            return Some(q);
        }
        if t.abs() < tolerance || f_p.abs() <= f_q.abs() {
            (s, t) = (m, m);
        } else {
            let a = f_q / f_p;
            let (mut numerator, mut denominator);
            if is_two_point {
                numerator = 2.0 * m * a;
                denominator = 1.0 - a;
            } else {
                let (b, d) = (f_p / f_r, f_q / f_r);
                numerator = a * (2.0 * m * b * (b - d) - (q - p) * (d - 1.0));
                denominator = (b - 1.0) * (d - 1.0) * (a - 1.0);
            }
            if numerator > 0.0 {
                denominator = -denominator;
            } else {
                numerator = -numerator;
            }
            let limit = (3.0 * m * denominator - (tolerance * denominator).abs())
                .min((t * denominator).abs());
            if 2.0 * numerator < limit {
                t = s;
                s = numerator / denominator;
            } else {
                (s, t) = (m, m);
            }
        }
        (p, f_p) = (q, f_q);
        q += if s.abs() > tolerance {
            s
        } else {
            tolerance.copysign(m)
        };
        let is_narrow = |other: f64| (q - other).abs() < BRENT_WIDTH * q.abs().min(other.abs());
        f_q = f(q, is_narrow(p) || is_narrow(r));
        if !f_q.is_finite() {
            // Newton's method continues from the last point with a finite slope.
            return Some(p);
        }
        let other = if same_sign(f_q, f_r) { p } else { r };
        if is_narrow(other) {
            return Some(q);
        }
    }
    None
}

fn same_sign(a: f64, b: f64) -> bool {
    (a > 0.0 && b > 0.0) || (a < 0.0 && b < 0.0)
}

/// Newton's method on the slope. Returns the iterate before the one that met the stopping rule, which is the last that
/// `derivatives` was given.
fn newton(
    start: f64,
    (min, max): (f64, f64),
    mut derivatives: impl FnMut(f64) -> Option<(f64, f64)>,
) -> Option<f64> {
    let mut lambda = start;
    let (mut slope, mut curvature) = derivatives(lambda)?;
    for _ in 0..MAX_STEPS {
        if curvature == 0.0 {
            return None;
        }
        let before = lambda;
        lambda -= slope / curvature;
        if !lambda.is_finite() {
            return None;
        }
        // GEMMA evaluates the last iterate before it stops, but does not use it.
        if lambda == before || (lambda - before).abs() < NEWTON_STEP * lambda.abs() {
            return Some(before);
        }
        (slope, curvature) = derivatives(lambda)?;
        if !(slope.is_finite() && curvature.is_finite()) {
            return None;
        }
        if lambda <= min || lambda >= max {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brent_locates_a_root_to_ten_percent_and_newton_returns_the_last_iterate_that_it_evaluates() {
        let f = |x: f64| 2.0 - x * x;
        let bracket = Bracket {
            ends: [1.0, 10.0],
            slopes: [f(1.0), f(10.0)],
        };
        let mut can_be_last = false;
        let root = brent(&bracket, |x, can_be| {
            can_be_last = can_be;
            f(x)
        });
        let root = root.unwrap();
        assert!(can_be_last);
        assert!((root - 2.0_f64.sqrt()).abs() < 0.1 * 2.0_f64.sqrt());
        let mut visited = vec![root];
        let lambda = newton(root, (0.1, 100.0), |x| {
            visited.push(x);
            Some((f(x), -2.0 * x))
        });
        assert_eq!(lambda, visited.last().copied());
        assert!((lambda.unwrap() - 2.0_f64.sqrt()).abs() < 1e-4);
    }

    #[test]
    fn newton_gives_up_outside_the_range_and_on_a_vanishing_curvature() {
        assert_eq!(newton(1.0, (0.5, 2.0), |x| Some((x - 10.0, 1.0))), None);
        assert_eq!(newton(1.0, (0.5, 2.0), |_| Some((1.0, 0.0))), None);
        assert_eq!(newton(1.0, (0.5, 2.0), |_| None), None);
    }
}
