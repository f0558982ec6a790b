//! What is read of genotype files: the settings of their formats.

/// The largest distance from a whole number at which a dosage still is a hard call (`--hard-call-threshold`), from 0 to
/// 0.499999. With it, a source of dosages gives hard calls; dosages that are further away become missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HardCalls(pub f64);

impl HardCalls {
    /// The number of copies that a dosage from 0 to 2 is called; `None` if it is missing.
    #[must_use]
    pub fn call(self, dosage: f64) -> Option<u8> {
        // 1.9 is further than 0.1 from 2 in double precision.
        const ROUNDING: f64 = 1e-9;
        let nearest = dosage.round();
        // NaN compares false.
        ((dosage - nearest).abs() <= self.0 + ROUNDING).then_some(nearest as u8)
    }
}

/// The position of the REF allele in a BGEN file (`--bgen-ref`), which the file does not state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BgenReference {
    /// REF is the first allele; the second allele is counted.
    #[default]
    First,
    /// REF is the last allele, as `plink2 --export bgen-1.2` writes it by default; the first allele is counted.
    Last,
}

/// A field of dosages of VCF (`--dosage`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VcfField {
    /// DS: dosages of ALT.
    Ds,
    /// GP: probabilities of the three genotypes.
    Gp,
}

/// The values of a numeric matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumericValues {
    /// Dosages from 0 to this ploidy (`--ploidy`), which are scaled to 0 to 2.
    Dosages {
        /// 2 for diploids.
        ploidy: u32,
    },
    /// Any numbers from -1e7 to 1e7 (`--no-dosage-range`): copy numbers, expression.
    Any,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hard_calls_are_near_whole_numbers() {
        let calls = |threshold| {
            [0.0, 0.1, 0.11, 0.89, 1.1, 1.9, f64::NAN].map(|x| HardCalls(threshold).call(x))
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
