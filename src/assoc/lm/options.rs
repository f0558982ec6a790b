//! Options of the linear model.

use super::columns::Statistic;
use super::tests_of_association::Tests;
use crate::assoc::Column;

/// Wald, likelihood ratio and score tests of each SNP in a linear model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lm {
    /// Tests to perform.
    pub tests: Tests,
    /// Whether −log₁₀ p is reported as well.
    pub log10p: bool,
}

impl Lm {
    /// The columns of the results, in GEMMA's order.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let statistics = Statistic::of(self.tests, self.log10p);
        statistics.into_iter().map(Statistic::column).collect()
    }
}
