//! Options of the tests of gene-environment interaction.

use super::columns::GxeColumn;
use super::fit::GxeStatistics;
use crate::assoc::lmm::Tests;
use crate::assoc::{Column, TraitColumns};
use crate::null::LambdaRange;

/// Wald, likelihood ratio and score tests of the interaction of each SNP with an environment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gxe {
    /// Tests to perform.
    pub tests: Tests,
    /// Range of λ.
    pub range: LambdaRange,
    /// Whether −log₁₀ p is reported as well.
    pub log10p: bool,
    /// `--gxe-effects`: whether the main effect, its covariance with the interaction and the joint test are reported. They are
    /// those of the Wald test.
    pub effects: bool,
    /// The names of the interactions with a categorical environment, such as `site=B`; empty for a numeric one.
    pub levels: Vec<&'static str>,
}

impl Gxe {
    /// The columns of the results: for a numeric environment those of GEMMA, then those of `effects`.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let columns = GxeColumn::of(self);
        columns.iter().map(GxeColumn::column).collect()
    }

    /// Number of interactions.
    pub(super) fn n_interactions(&self) -> usize {
        self.levels.len().max(1)
    }

    /// Whether the effects of all columns are needed, not only that of the last.
    pub(super) fn needs_effects(&self) -> bool {
        self.effects || self.n_interactions() > 1
    }

    /// The result columns of SNPs with these statistics; sets the flag of λ at an end of its range.
    pub(super) fn trait_columns<'s>(
        &self,
        snps: impl ExactSizeIterator<Item = &'s GxeStatistics>,
    ) -> TraitColumns {
        let columns = GxeColumn::of(self);
        let mut table = TraitColumns {
            flags: Vec::with_capacity(snps.len()),
            values: vec![Vec::with_capacity(snps.len()); columns.len()],
        };
        for snp in snps {
            let mut flags = snp.of_test.flags;
            let lambda = if self.tests.has_wald() {
                snp.of_test.l_remle
            } else {
                snp.of_test.l_mle
            };
            flags.lambda_bound = self.range.bound_at(lambda);
            table.flags.push(flags);
            for (values, column) in table.values.iter_mut().zip(&columns) {
                values.push(column.value(snp));
            }
        }
        table
    }
}
