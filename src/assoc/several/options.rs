//! What is tested of the columns of a SNP.

use crate::assoc::lmm::Tests;
use crate::null::LambdaRange;

/// Tests of the last columns of a SNP, beside the first ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ColumnTests {
    /// Tests to perform.
    pub(crate) tests: Tests,
    /// Range of λ.
    pub(crate) range: LambdaRange,
    /// The number of columns that belong to the null hypothesis: 0, or 1 for x itself.
    pub(crate) n_in_null: usize,
    /// The number of columns that are tested, at least 1.
    pub(crate) n_tested: usize,
    /// Whether the effects of all columns are reported, not only that of the last.
    pub(crate) has_effects: bool,
}

impl ColumnTests {
    /// Whether the effects of all columns are needed: to be reported, or for a test of several.
    pub(super) fn needs_effects(&self) -> bool {
        self.has_effects || self.n_tested > 1
    }

    /// Number of columns of a SNP.
    pub(super) fn n_columns(&self) -> usize {
        self.n_in_null + self.n_tested
    }

    /// Whether λ is estimated for each SNP.
    pub(super) fn has_own_lambda(&self) -> bool {
        self.tests.has_wald() || self.tests.has_lrt()
    }
}
