//! The choice of tests.

/// Tests to perform, with GEMMA's `-lm` codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tests {
    /// Wald test (`-lm 1`).
    #[default]
    Wald,
    /// Likelihood ratio test (`-lm 2`).
    Lrt,
    /// Score test (`-lm 3`).
    Score,
    /// All three (`-lm 4`).
    All,
}

impl Tests {
    /// The value of `-lm`.
    #[must_use]
    pub fn code(self) -> usize {
        match self {
            Self::Wald => 1,
            Self::Lrt => 2,
            Self::Score => 3,
            Self::All => 4,
        }
    }

    /// The names of the tests.
    #[must_use]
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Wald => &["wald"],
            Self::Lrt => &["lrt"],
            Self::Score => &["score"],
            Self::All => &["wald", "lrt", "score"],
        }
    }
}
