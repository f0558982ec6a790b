//! Options of the tests of gene-environment interaction.

use crate::assoc::lmm::Tests;
use crate::assoc::several::{ColumnTests, ColumnsModel, ColumnsScan};
use crate::null::{FittedGroup, LambdaRange};

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
    pub levels: Vec<String>,
}

impl Gxe {
    /// Number of interactions.
    pub(super) fn n_interactions(&self) -> usize {
        self.levels.len().max(1)
    }

    /// Whether the columns of effects are named by the levels of a category. Otherwise the only interaction has GEMMA's columns.
    pub(super) fn has_levels(&self) -> bool {
        !self.levels.is_empty()
    }

    /// Prepares the tests of SNPs for `group`, whose models with the environment are `model`.
    ///
    /// # Panics
    /// If `model` has another number of interactions.
    #[must_use]
    pub fn scan<'g>(&self, group: &'g FittedGroup, model: &'g ColumnsModel) -> ColumnsScan<'g> {
        let tests = ColumnTests {
            tests: self.tests,
            range: self.range,
            n_in_null: 1,
            n_tested: self.n_interactions(),
            has_effects: self.effects || self.has_levels(),
        };
        ColumnsScan::with(group, model, tests, self.statistics())
    }
}
