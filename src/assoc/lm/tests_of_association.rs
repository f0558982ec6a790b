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
