//! Values that vary little about a large mean, such as 10¹² ± 1.
//!
//! Every product of such a column is rounded at the size of its mean, which leaves few digits of what varies. An intercept
//! is among the covariates, so a constant may be subtracted: the tests stay the same. Other columns stay as they are to the bit.

/// Means above so many standard deviations are subtracted; GEMMA's own results have lost most digits there.
const LARGEST_MEAN: f64 = 1e6;

/// What was subtracted from a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shift {
    pub(super) by: f64,
    pub(super) sd: f64,
}

impl Shift {
    /// Subtracts the mean of `values` where it is large beside their standard deviation. The differences are exact.
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
        values.iter_mut().for_each(|x| *x -= by);
        Some(Self { by, sd })
    }

    /// What the user should know about `name`.
    pub(super) fn note(self, name: &str) -> String {
        // The spacing of numbers of this size.
        let spacing = self.by.abs() * f64::EPSILON;
        let digits = (self.sd / spacing).log10().max(0.0).floor();
        format!(
            "{name} varies by {:.1e} about {:.3e}: its mean is subtracted before the analysis, and about {digits} digits of the differences are left; subtract a constant in the file to keep more",
            self.sd, self.by
        )
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
        assert!(
            shift.note("x").contains("about 3 digits"),
            "{}",
            shift.note("x")
        );
        let mut constant = [1e12; 3];
        assert_eq!(Shift::apply(&mut constant), None);
    }
}
