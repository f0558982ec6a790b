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
}

impl Lmm {
    /// The columns of the results, in GEMMA's order.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let statistics = Statistic::of(self.tests, self.log10p);
        statistics.into_iter().map(Statistic::column).collect()
    }

    /// The result columns of SNPs with these statistics; sets the flag of λ at an end of its range.
    pub fn trait_columns<'s>(
        &self,
        snps: impl ExactSizeIterator<Item = &'s SnpStatistics>,
    ) -> TraitColumns {
        let statistics = Statistic::of(self.tests, self.log10p);
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
            for (values, statistic) in columns.values.iter_mut().zip(&statistics) {
                values.push(statistic.value(snp));
            }
        }
        columns
    }
}
