//! The memory that a second kinship (`-k2`) needs.

/// Bytes of a matrix entry.
const NUMBER: u64 = 8;

/// The size of a second kinship; 0 individuals if there is none.
#[derive(Debug, Clone, Copy, Default)]
pub struct SecondSize {
    /// Individuals: those that are analysed for any trait.
    pub individuals: u64,
    /// Whether several models need it, so that it is kept until the end.
    pub is_kept: bool,
}

impl SecondSize {
    /// Bytes of the matrix.
    pub(super) fn bytes(self) -> u64 {
        square(self.individuals)
    }

    /// Bytes of the matrix after its first use.
    pub(super) fn kept_bytes(self) -> u64 {
        if self.is_kept { self.bytes() } else { 0 }
    }

    /// Bytes of the estimation of variance components besides [`kept_bytes`](Self::kept_bytes), if there is one: both
    /// kinships of the n analysed individuals, the variance of the phenotype, and kinships that are combined already.
    ///
    /// * `at_once`: kinships that are decomposed at once
    pub(super) fn stage_bytes(self, n: u64, at_once: u64) -> Option<u64> {
        (self.individuals > 0).then(|| (2 + at_once) * square(n))
    }
}

fn square(n: u64) -> u64 {
    n * n * NUMBER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_kinship_is_counted_while_it_is_needed() {
        let none = SecondSize::default();
        assert_eq!(
            (none.bytes(), none.kept_bytes(), none.stage_bytes(9, 1)),
            (0, 0, None)
        );
        let once = SecondSize {
            individuals: 10,
            is_kept: false,
        };
        assert_eq!((once.bytes(), once.kept_bytes()), (800, 0));
        assert_eq!(once.stage_bytes(9, 1), Some(3 * 81 * 8));
        let often = SecondSize {
            is_kept: true,
            ..once
        };
        assert_eq!(
            (often.kept_bytes(), often.stage_bytes(9, 4)),
            (800, Some(6 * 81 * 8))
        );
    }
}
