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
    /// Whether the likelihood ratio test is reported with the effect and its standard error, those of the Wald test.
    pub effects: bool,
    /// Whether −log₁₀ p and effects are computed in any case, for tables with the columns of other programs.
    pub exchange: bool,
}

impl Lm {
    /// The columns of the results, in GEMMA's order.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let statistics = self.statistics().into_iter();
        statistics
            .map(|(statistic, is_hidden)| statistic.column().hidden_if(is_hidden))
            .collect()
    }

    /// The statistics of a row, each with whether it is hidden.
    pub(super) fn statistics(self) -> Vec<(Statistic, bool)> {
        let shown = Statistic::of(self.tests, self.log10p);
        let mut all: Vec<_> = shown.into_iter().map(|one| (one, false)).collect();
        if self.tests == Tests::Lrt && (self.effects || self.exchange) {
            all.extend([Statistic::Beta, Statistic::SeWald].map(|one| (one, !self.effects)));
        }
        if self.exchange && !self.log10p {
            // The logarithms follow the other statistics.
            let n_others = Statistic::of(self.tests, false).len();
            let logs = Statistic::of(self.tests, true).split_off(n_others);
            all.extend(logs.into_iter().map(|one| (one, true)));
        }
        all
    }
}
