//! Hard calls of dosages.

/// The largest distance from a whole number at which a dosage still is a hard call (`--hard-call-threshold`), from 0 to
/// 0.499999. With it, a source of dosages gives hard calls; dosages that are further away become missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HardCalls(pub f64);

impl HardCalls {
    /// The number of copies that a dosage from 0 to 2 is called; `None` if it is missing.
    #[must_use]
    pub fn call(self, dosage: f64) -> Option<u8> {
        let nearest = dosage.round();
        // NaN compares false.
        ((dosage - nearest).abs() <= self.0).then_some(nearest as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hard_calls_are_near_whole_numbers() {
        let calls = |threshold| {
            [0.0, 0.1, 0.11, 0.89, 1.0, 1.95, f64::NAN].map(|x| HardCalls(threshold).call(x))
        };
        assert_eq!(
            calls(0.1),
            [Some(0), Some(0), None, None, Some(1), Some(2), None]
        );
        assert_eq!(
            calls(0.2),
            [Some(0), Some(0), Some(0), Some(1), Some(1), Some(2), None]
        );
    }
}
