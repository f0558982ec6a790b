//! Tests of the genotypic model (`--model genotypic`) in the linear mixed model of [`crate::null`].
//!
//! ```text
//! y = Wα + x a + h d + u + ε
//! ```
//!
//! x is the number of copies of allele1 and h is 1 for a heterozygote, else 0. The additive effect a is half the difference
//! between the homozygotes, and the dominance deviation d that of the heterozygotes from their mean. Each genotype then has a mean of
//! its own, and the tests are of a = d = 0, on 2 degrees of freedom.
//!
//! A missing call is imputed in both columns with the mean of the SNP. All three genotypes must occur; otherwise h is a linear
//! combination of x and the intercept.
//!
//! Source: Falconer & Mackay 1996, Introduction to Quantitative Genetics, chapter 7 (a and d).

use crate::assoc::Column;
use crate::assoc::lmm::Tests;
use crate::assoc::lmm::columns::Statistic;
use crate::assoc::several::{ColumnStatistic, ColumnTests, ColumnsModel, ColumnsScan, columns_of};
use crate::null::{FittedGroup, LambdaRange};

/// The names of the effects and their standard errors, in the order of the columns of a SNP.
pub(crate) const EFFECTS: [(&str, &str); 2] = [("beta_add", "se_add"), ("beta_dom", "se_dom")];

/// What the effects and their standard errors are.
pub(crate) const MEANINGS: [&str; 2] = [
    "additive effect: half the difference between both homozygotes",
    "dominance deviation: the difference of heterozygotes from the mean of both homozygotes",
];
pub(crate) const SE_MEANINGS: [&str; 2] =
    ["standard error of beta_add", "standard error of beta_dom"];

/// The column of a test of both effects.
pub(crate) fn of_both(column: Column) -> Column {
    let meaning = match &*column.name {
        name if name == EFFECTS[0].0 => MEANINGS[0],
        name if name == EFFECTS[1].0 => MEANINGS[1],
        name if name == EFFECTS[0].1 => SE_MEANINGS[0],
        name if name == EFFECTS[1].1 => SE_MEANINGS[1],
        "p_wald" => {
            "p-value of the Wald test of both effects: F distribution on 2 degrees of freedom"
        }
        "p_lrt" => {
            "p-value of the likelihood ratio test of both effects: chi-square distribution with 2 degrees of freedom"
        }
        "p_score" => {
            "p-value of the score test of both effects: F distribution on 2 degrees of freedom"
        }
        _ => column.meaning,
    };
    column.meaning(meaning)
}

/// Wald, likelihood ratio and score tests of the additive effect and the dominance deviation of each SNP.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Genotypic {
    /// Tests to perform.
    pub tests: Tests,
    /// Range of λ.
    pub range: LambdaRange,
    /// Whether −log₁₀ p is reported as well.
    pub log10p: bool,
}

impl Genotypic {
    /// The columns of the results: those of the additive tests, with two effects.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let columns = columns_of(&self.statistics()).into_iter();
        columns.map(of_both).collect()
    }

    fn statistics(&self) -> Vec<ColumnStatistic> {
        let mut columns = Vec::new();
        for statistic in Statistic::of(self.tests, self.log10p) {
            match statistic {
                Statistic::Beta => {
                    for (j, (beta, se)) in EFFECTS.into_iter().enumerate() {
                        let effect = ColumnStatistic::Effect(j, beta.into());
                        columns.extend([effect, ColumnStatistic::Se(j, se.into())]);
                    }
                }
                Statistic::Se => {}
                statistic => columns.push(ColumnStatistic::OfTest(statistic)),
            }
        }
        columns
    }

    /// Prepares the tests of SNPs for `group`, whose models with both columns of a SNP are `model`.
    ///
    /// # Panics
    /// If `model` has other columns.
    #[must_use]
    pub fn scan<'g>(&self, group: &'g FittedGroup, model: &'g ColumnsModel) -> ColumnsScan<'g> {
        let tests = ColumnTests {
            tests: self.tests,
            range: self.range,
            n_in_null: 0,
            n_tested: EFFECTS.len(),
            has_effects: true,
        };
        ColumnsScan::with(group, model, tests, self.statistics())
    }
}
