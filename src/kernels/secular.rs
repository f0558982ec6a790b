//! The sums of the secular equation in a divide and conquer step.

/// Σ z²/(δ − μ) and Σ z²/(δ − μ)², over all poles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoleSums {
    /// Σ z²/(δ − μ).
    pub value: f64,
    /// Its derivative in μ.
    pub derivative: f64,
}

/// The sums over poles at `poles − origin`, with squared weights `weights`, at μ = `shift`.
#[must_use]
pub fn pole_sums(poles: &[f64], weights: &[f64], origin: f64, shift: f64) -> PoleSums {
    pulp::Arch::new().dispatch(Sums {
        poles,
        weights,
        origin,
        shift,
    })
}

struct Sums<'a> {
    poles: &'a [f64],
    weights: &'a [f64],
    origin: f64,
    shift: f64,
}

impl pulp::WithSimd for Sums<'_> {
    type Output = PoleSums;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) -> PoleSums {
        let (poles, poles_rest) = S::as_simd_f64s(self.poles);
        let (weights, weights_rest) = S::as_simd_f64s(self.weights);
        let (origin, shift) = (simd.splat_f64s(self.origin), simd.splat_f64s(self.shift));
        let mut value = simd.splat_f64s(0.0);
        let mut derivative = value;
        for (pole, weight) in poles.iter().zip(weights) {
            // In this order, the difference of neighbouring poles is exact.
            let delta = simd.sub_f64s(simd.sub_f64s(*pole, origin), shift);
            let term = simd.div_f64s(*weight, delta);
            value = simd.add_f64s(value, term);
            derivative = simd.add_f64s(derivative, simd.div_f64s(term, delta));
        }
        let mut sums = PoleSums {
            value: simd.reduce_sum_f64s(value),
            derivative: simd.reduce_sum_f64s(derivative),
        };
        for (pole, weight) in poles_rest.iter().zip(weights_rest) {
            let delta = (pole - self.origin) - self.shift;
            sums.value += weight / delta;
            sums.derivative += weight / delta / delta;
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_a_plain_loop() {
        for n in 0..40 {
            let poles: Vec<f64> = (0..n).map(|i| f64::from(i) * 1.5).collect();
            let weights: Vec<f64> = (0..n).map(|i| 1.0 + f64::from(i % 3)).collect();
            let sums = pole_sums(&poles, &weights, 3.0, 0.25);
            let (mut value, mut derivative) = (0.0, 0.0);
            for (pole, weight) in poles.iter().zip(&weights) {
                let delta = pole - 3.25;
                value += weight / delta;
                derivative += weight / (delta * delta);
            }
            assert!((sums.value - value).abs() <= 1e-14 * (1.0 + derivative));
            assert!((sums.derivative - derivative).abs() <= 1e-14 * (1.0 + derivative));
        }
    }
}
