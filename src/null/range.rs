//! The range of λ and its ends.

use serde::{Deserialize, Serialize};

/// The range in which λ is searched.
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

/// An end of the range of λ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LambdaBound {
    /// The smallest λ.
    Lower,
    /// The largest λ.
    Upper,
}

/// Relative distance from an end of the range below which λ counts as being at that end.
const AT_BOUND: f64 = 1e-6;

impl LambdaRange {
    /// Whether λ is fixed.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.max <= self.min * (1.0 + AT_BOUND)
    }

    /// The end of the range at which `lambda` lies; `None` if λ is fixed.
    #[must_use]
    pub fn bound_at(&self, lambda: f64) -> Option<LambdaBound> {
        if self.is_fixed() {
            None
        } else if lambda <= self.min * (1.0 + AT_BOUND) {
            Some(LambdaBound::Lower)
        } else if lambda >= self.max * (1.0 - AT_BOUND) {
            Some(LambdaBound::Upper)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lambda_within_a_millionth_of_an_end_is_at_the_end() {
        let range = LambdaRange::default();
        for (lambda, bound) in [
            (1e-5, Some(LambdaBound::Lower)),
            (1.000_000_9e-5, Some(LambdaBound::Lower)),
            (1.000_001_1e-5, None),
            (0.999_998_9e5, None),
            (0.999_999_1e5, Some(LambdaBound::Upper)),
            (1.1e5, Some(LambdaBound::Upper)),
            (f64::NAN, None),
        ] {
            assert_eq!(range.bound_at(lambda), bound, "{lambda}");
        }
        let fixed = LambdaRange {
            min: 0.5,
            max: 0.5,
            intervals: 1,
        };
        assert!(fixed.is_fixed() && fixed.bound_at(0.5).is_none());
    }
}
