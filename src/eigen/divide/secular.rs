//! The roots of the secular equation 1/ρ + Σ zᵢ²/(dᵢ − λ) = 0.
//!
//! Source: Bunch, Nielsen & Sorensen 1978, Numer. Math. 31:31 (the interpolation); Li 1993, LAPACK working note 89
//! (roots as differences to the nearest pole).

use crate::kernels::secular::{PoleSums, pole_sums};

/// Maximum number of iterations per root; a few are usual, and bisection needs no more.
const MAX_ITERATIONS: usize = 400;

/// A root, as its nearest pole and its distance from there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Root {
    /// The pole.
    pub(super) origin: f64,
    /// λ − pole.
    pub(super) shift: f64,
}

/// Root `j`, between pole `j` and the next one, or above the last.
///
/// * `poles`: d, ascending, distinct
/// * `weights`: z², positive
/// * `rho`: positive
pub(super) fn root(poles: &[f64], weights: &[f64], rho: f64, j: usize) -> Root {
    let n = poles.len();
    let equation = Equation {
        poles,
        weights,
        rho,
        j,
    };
    if j + 1 == n {
        let width = rho * weights.iter().sum::<f64>();
        return equation.solve(poles[j], 0.0, width, 0.5 * width);
    }
    let gap = poles[j + 1] - poles[j];
    let middle = equation.at(poles[j], 0.5 * gap);
    if middle.value > 0.0 {
        equation.solve(poles[j], 0.0, 0.5 * gap, 0.5 * gap)
    } else {
        equation.solve(poles[j + 1], -0.5 * gap, 0.0, -0.5 * gap)
    }
}

struct Equation<'a> {
    poles: &'a [f64],
    weights: &'a [f64],
    rho: f64,
    j: usize,
}

/// The secular equation and its parts at one point.
struct Evaluation {
    value: f64,
    /// Sums over the poles up to j, which are below the root.
    below: PoleSums,
    /// Sums over the poles above the root.
    above: PoleSums,
}

impl Equation<'_> {
    fn at(&self, origin: f64, shift: f64) -> Evaluation {
        let cut = self.j + 1;
        let below = pole_sums(&self.poles[..cut], &self.weights[..cut], origin, shift);
        let above = pole_sums(&self.poles[cut..], &self.weights[cut..], origin, shift);
        Evaluation {
            value: 1.0 / self.rho + below.value + above.value,
            below,
            above,
        }
    }

    /// The root between `low` and `high`, given as distances from `origin`; starts at `shift`.
    fn solve(&self, origin: f64, mut low: f64, mut high: f64, mut shift: f64) -> Root {
        for _ in 0..MAX_ITERATIONS {
            let point = self.at(origin, shift);
            let size = 1.0 / self.rho
                + 8.0 * (point.above.value - point.below.value)
                + shift.abs() * (point.above.derivative + point.below.derivative);
            if point.value.abs() <= 0.5 * f64::EPSILON * size {
                break;
            }
            if point.value < 0.0 {
                low = low.max(shift);
            } else {
                high = high.min(shift);
            }
            let mut next = shift + self.step(&point, origin, shift);
            // The negation also catches NaN.
            if !(next > low && next < high) {
                next = 0.5 * (low + high);
            }
            if next == shift || next <= low || next >= high {
                break;
            }
            shift = next;
        }
        Root { origin, shift }
    }

    /// The step to the zero of the rational function with the two neighbouring poles that matches both sums and
    /// derivatives.
    fn step(&self, point: &Evaluation, origin: f64, shift: f64) -> f64 {
        let left = (self.poles[self.j] - origin) - shift;
        let Some(next_pole) = self.poles.get(self.j + 1) else {
            let constant = point.value - left * point.below.derivative;
            return left + left * left * point.below.derivative / constant;
        };
        let right = (next_pole - origin) - shift;
        let (s, t) = (
            left * point.below.derivative,
            right * point.above.derivative,
        );
        let c = point.value - s - t;
        let a = c * (left + right) + left * s + right * t;
        let b = left * right * point.value;
        let root = (a * a - 4.0 * b * c).max(0.0).sqrt();
        if a <= 0.0 {
            (a - root) / (2.0 * c)
        } else {
            2.0 * b / (a + root)
        }
    }
}
