//! Options of the univariate linear mixed model.

use super::columns::Statistic;
use super::snp::SnpStatistics;
use super::tests_of_association::Tests;
use crate::assoc::{Column, TraitColumns};
use crate::kernels::Precision;
use crate::null::LambdaRange;

/// Wald, likelihood ratio and score tests of each SNP in a linear mixed model.
///
/// Source: Zhou & Stephens 2012, Nat. Genet. 44:821.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Lmm {
    /// Tests to perform.
    pub tests: Tests,
    /// Range of λ.
    pub range: LambdaRange,
    /// Precision of the genotype rotation.
    pub rotation: Precision,
    /// Whether −log₁₀ p is reported as well.
    pub log10p: bool,
    /// Whether every test is reported with an effect and its standard error: for the likelihood ratio test, those at the null
    /// model's λ, as with `-lmm 9`.
    pub effects: bool,
    /// Whether −log₁₀ p and effects are computed in any case, for tables with the columns of other programs.
    pub exchange: bool,
}

impl Lmm {
    /// The columns of the results, in GEMMA's order.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let statistics = self.statistics().into_iter();
        statistics
            .map(|(statistic, is_hidden)| statistic.column().hidden_if(is_hidden))
            .collect()
    }

    /// The tests that are computed: the likelihood ratio test also estimates an effect if one is wanted.
    #[must_use]
    pub fn computed_tests(&self) -> Tests {
        match self.tests {
            Tests::Lrt if self.effects || self.exchange => Tests::LrtWithEffect,
            tests => tests,
        }
    }

    /// The statistics of a row, each with whether it is hidden.
    fn statistics(&self) -> Vec<(Statistic, bool)> {
        let shown = Statistic::of(self.tests, self.log10p);
        let mut all: Vec<_> = shown.into_iter().map(|one| (one, false)).collect();
        if self.tests == Tests::Lrt && (self.effects || self.exchange) {
            all.extend([Statistic::Beta, Statistic::Se].map(|one| (one, !self.effects)));
        }
        if self.exchange && !self.log10p {
            // The logarithms follow the other statistics.
            let n_others = Statistic::of(self.tests, false).len();
            let logs = Statistic::of(self.tests, true).split_off(n_others);
            all.extend(logs.into_iter().map(|one| (one, true)));
        }
        all
    }

    /// The result columns of SNPs with these statistics; sets the flag of λ at an end of its range.
    pub fn trait_columns<'s>(
        &self,
        snps: impl ExactSizeIterator<Item = &'s SnpStatistics>,
    ) -> TraitColumns {
        let statistics = self.statistics();
        let mut columns = TraitColumns {
            flags: Vec::with_capacity(snps.len()),
            values: vec![Vec::with_capacity(snps.len()); statistics.len()],
        };
        for snp in snps {
            let mut flags = snp.flags;
            let lambda = if self.tests.has_wald() {
                snp.l_remle
            } else {
                snp.l_mle
            };
            flags.lambda_bound = self.range.bound_at(lambda);
            columns.flags.push(flags);
            for (values, (statistic, _)) in columns.values.iter_mut().zip(&statistics) {
                values.push(statistic.value(snp));
            }
        }
        columns
    }
}
