//! Interpolation of many functions at once, by the barycentric formula, from their values at the same few points.
//!
//! The value at s is Σₖ cₖ fₖ / Σₖ cₖ with cₖ = wₖ/(s − sₖ); at a point itself it is the value there.
//! Source: Berrut & Trefethen 2004, SIAM Rev. 46:501, section 4.

use super::LANES;
use super::snp_sums::multiply_add;
use pulp::{Arch, Simd, WithSimd};

type Lanes = [f64; LANES];

/// Columns of eight functions whose sums stay in registers together.
const TOGETHER: usize = 4;

/// The points of the interpolation, which are distinct, and their weights.
#[derive(Debug, Clone)]
pub struct Points<const N: usize> {
    /// sₖ.
    pub at: [f64; N],
    /// wₖ, not 0.
    pub weights: [f64; N],
}

impl<const N: usize> Points<N> {
    /// Fills `out` with the values of all functions at `s`.
    ///
    /// * `values`: one row for each point, as long as `out`
    ///
    /// # Panics
    /// If the length of `out` is not a multiple of [`LANES`], or `values` does not have one row for each point.
    pub fn interpolate(&self, s: f64, values: &[f64], out: &mut [f64]) {
        assert!(out.len().is_multiple_of(LANES) && values.len() == N * out.len());
        Arch::new().dispatch(Interpolation {
            points: self,
            s,
            values: values.as_chunks().0,
            out: out.as_chunks_mut().0,
        });
    }
}

struct Interpolation<'a, const N: usize> {
    points: &'a Points<N>,
    s: f64,
    values: &'a [Lanes],
    out: &'a mut [Lanes],
}

impl<const N: usize> WithSimd for Interpolation<'_, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        if S::IS_SCALAR {
            self.run::<false>();
        } else {
            self.run::<true>();
        }
    }
}

impl<const N: usize> Interpolation<'_, N> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let coefficients = self.coefficients();
        let width = self.out.len();
        for (group, out) in self.out.chunks_mut(TOGETHER).enumerate() {
            let values = &self.values[group * TOGETHER..];
            match out.len() {
                1 => combine::<1, FUSED>(&coefficients, values, width, out),
                2 => combine::<2, FUSED>(&coefficients, values, width, out),
                3 => combine::<3, FUSED>(&coefficients, values, width, out),
                _ => combine::<TOGETHER, FUSED>(&coefficients, values, width, out),
            }
        }
    }

    /// cₖ / Σ cₖ.
    #[inline(always)]
    fn coefficients(&self) -> [f64; N] {
        let Points { at, weights } = self.points;
        let mut coefficients = [0.0; N];
        for k in 0..N {
            coefficients[k] = weights[k] / (self.s - at[k]);
        }
        let total: f64 = coefficients.iter().sum();
        // The sum is infinite or undefined at a point, so all others are spared the comparison.
        if !total.is_finite()
            && let Some(here) = at.iter().position(|at| *at == self.s)
        {
            coefficients = [0.0; N];
            coefficients[here] = 1.0;
            return coefficients;
        }
        for c in &mut coefficients {
            *c /= total;
        }
        coefficients
    }
}

/// `out` = Σₖ `multiples[k]` × the first `W` of row k of `rows`, which begin `width` apart.
#[inline(always)]
fn combine<const W: usize, const FUSED: bool>(
    multiples: &[f64],
    rows: &[Lanes],
    width: usize,
    out: &mut [Lanes],
) {
    let mut sums = [[0.0; LANES]; W];
    for (row, &multiple) in rows.chunks(width).zip(multiples) {
        for (sums, values) in sums.iter_mut().zip(&row[..W]) {
            for lane in 0..LANES {
                sums[lane] = multiply_add::<FUSED>(multiple, values[lane], sums[lane]);
            }
        }
    }
    out.copy_from_slice(&sums);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cubic_is_reproduced_at_the_points_and_between_them() {
        let points = Points {
            at: [0.0, 1.0, 2.0, 3.0],
            weights: [-1.0, 3.0, -3.0, 1.0],
        };
        let f = |j: usize, s: f64| (s - 0.3 * j as f64).powi(3) + j as f64;
        for width in [8, 24, 64] {
            let values: Vec<f64> = (points.at.iter())
                .flat_map(|&s| (0..width).map(move |j| f(j, s)))
                .collect();
            let mut out = vec![f64::NAN; width];
            for s in [0.0, 0.4, 1.0, 1.9, 3.0] {
                points.interpolate(s, &values, &mut out);
                for (j, value) in out.iter().enumerate() {
                    let exact = f(j, s);
                    if points.at.contains(&s) {
                        assert_eq!(*value, exact);
                    }
                    assert!((value - exact).abs() <= 1e-14 * (1.0 + exact.abs()) * 100.0);
                }
            }
        }
    }
}
