//! Values that vary little about a large mean, such as 10¹² ± 1.
//!
//! Every product with such a column is rounded at the magnitude of its mean, which leaves few digits of the variation.
//! The covariates include an intercept, so a constant may be subtracted without changing the tests. Other columns are
//! kept to the bit.

use crate::error::{Error, Result};

/// A mean of more than this many standard deviations is subtracted; GEMMA's own results have lost most digits there.
const LARGEST_MEAN: f64 = 1e6;

/// With fewer steps of double precision per standard deviation, fewer than two digits are left.
const FEWEST_STEPS: f64 = 100.0;

/// What was subtracted from a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shift {
    pub(super) by: f64,
    sd: f64,
    /// Whether all values are integers that a double represents exactly, so that nothing was rounded.
    is_exact: bool,
}

impl Shift {
    /// Subtracts the mean of `values` if it is large compared with their standard deviation. The differences are exact.
    pub(super) fn apply(values: &mut [f64]) -> Option<Self> {
        let (first, n) = (*values.first()?, values.len() as f64);
        let mean_of = |f: &dyn Fn(f64) -> f64| values.iter().map(|x| f(*x)).sum::<f64>() / n;
        let from_first = mean_of(&|x| x - first);
        let by = first + from_first;
        let sd = mean_of(&|x| (x - by) * (x - by)).sqrt();
        // The negation also catches NaN.
        if !(sd > 0.0 && by.is_finite() && by.abs() > LARGEST_MEAN * sd) {
            return None;
        }
        let is_exact = values.iter().all(|x| x.fract() == 0.0 && x.abs() < 9e15);
        values.iter_mut().for_each(|x| *x -= by);
        Some(Self { by, sd, is_exact })
    }

    /// A note for the user on `name`.
    pub(super) fn note(self, name: &str) -> String {
        let rounded = if self.is_exact {
            String::new()
        } else {
            format!(
                ", and about {} digits of the differences are left; subtract a constant in the file to keep more",
                self.steps().log10().floor()
            )
        };
        format!(
            "{name} varies by {:.1e} about {:.3e}: its mean was subtracted before the analysis{rounded}",
            self.sd, self.by
        )
    }

    /// Steps of double precision at the mean, per standard deviation.
    fn steps(self) -> f64 {
        self.sd / (self.by.abs() * f64::EPSILON)
    }

    /// Fails if rounding has left almost none of the variation.
    pub(super) fn check(self, name: &str) -> Result<()> {
        if self.is_exact || self.steps() >= FEWEST_STEPS {
            return Ok(());
        }
        Err(Error::degenerate(
            format!(
                "{name} varies by {:.1e} about {:.3e}, but double precision has steps of {:.1e} there",
                self.sd,
                self.by,
                self.by.abs() * f64::EPSILON
            ),
            "subtract a constant from the column in the file: numbers keep about 16 digits",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_large_mean_is_subtracted_and_exactly() {
        let mut usual = [1950.0, 1961.5, 1955.25];
        assert_eq!(Shift::apply(&mut usual), None);
        assert_eq!(usual, [1950.0, 1961.5, 1955.25]);
        let mut large = [1e12 + 0.5, 1e12 - 1.0, 1e12 + 2.0];
        let shift = Shift::apply(&mut large).unwrap();
        assert!((shift.by - 1e12 - 0.5).abs() < 1e-3);
        assert_eq!(large[2] - large[1], 3.0);
        assert!(shift.check("x").is_ok());
        let mut coarse = [1e16, 1e16 + 4.0, 1e16 - 2.0];
        let error = Shift::apply(&mut coarse).unwrap().check("x").unwrap_err();
        assert!(error.to_string().contains("about 1.000e16"), "{error}");
        let mut whole = [1e15, 1e15 + 4.0, 1e15 - 2.0];
        assert!(Shift::apply(&mut whole).unwrap().check("x").is_ok());
        assert!(
            shift.note("x").contains("about 3 digits"),
            "{}",
            shift.note("x")
        );
        let mut constant = [1e12; 3];
        assert_eq!(Shift::apply(&mut constant), None);
    }
}
