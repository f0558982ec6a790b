//! The columns of the tables of gene-environment interaction.

use super::options::Gxe;
use crate::assoc::Column;
use crate::assoc::lmm::columns::Statistic;
use crate::assoc::several::{ColumnStatistic, columns_of};
use std::borrow::Cow;

/// The name of a column of the interaction `level`.
fn name(prefix: &str, level: &str) -> Cow<'static, str> {
    Cow::Owned(format!("{prefix}_{level}"))
}

/// The column of a test of the interaction.
fn of_interaction(column: Column) -> Column {
    let meaning = match &*column.name {
        "beta" => {
            "interaction: the change of the effect of one copy of allele1 with the environment"
        }
        "se" => "standard error of beta",
        "p_wald" => "p-value of the Wald test of the interaction: F distribution",
        "p_lrt" => {
            "p-value of the likelihood ratio test of the interaction: chi-square distribution"
        }
        "p_score" => "p-value of the score test of the interaction: F distribution",
        "beta_g" => {
            "main effect: the effect of one copy of allele1 where the environment is 0, or in the reference level"
        }
        "beta_gxe" => "interaction: equal to beta",
        name if name.starts_with("beta_gxe_") => {
            "interaction: the difference of the effect in this level from that in the reference level"
        }
        _ => column.meaning,
    };
    column.meaning(meaning)
}

impl Gxe {
    /// The columns of the results: for a numeric environment those of GEMMA, then those of `effects`.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let columns = columns_of(&self.statistics()).into_iter();
        columns.map(of_interaction).collect()
    }

    /// The statistics of the results, in order. The first column of a SNP has the main effect, the others the interactions.
    pub(super) fn statistics(&self) -> Vec<ColumnStatistic> {
        let statistics = Statistic::of(self.tests, self.log10p);
        let levels = || (1..).zip(&self.levels);
        let mut columns = Vec::new();
        for statistic in statistics {
            match statistic {
                // Each level has an effect of its own, whose sign can be read only with the name of the level.
                Statistic::Beta if self.has_levels() => {
                    columns.extend(levels().flat_map(|(j, level)| {
                        [
                            ColumnStatistic::Effect(j, name("beta_gxe", level)),
                            ColumnStatistic::Se(j, name("se_gxe", level)),
                        ]
                    }));
                }
                Statistic::Se if self.has_levels() => {}
                statistic => columns.push(ColumnStatistic::OfTest(statistic)),
            }
        }
        if !self.effects {
            return columns;
        }
        columns.extend([
            ColumnStatistic::Effect(0, "beta_g".into()),
            ColumnStatistic::Se(0, "se_g".into()),
        ]);
        if self.has_levels() {
            columns.extend(
                levels().map(|(j, level)| ColumnStatistic::Covariance(j, name("cov_g_gxe", level))),
            );
        } else {
            columns.extend([
                ColumnStatistic::Effect(1, "beta_gxe".into()),
                ColumnStatistic::Se(1, "se_gxe".into()),
                ColumnStatistic::Covariance(1, "cov_g_gxe".into()),
            ]);
        }
        columns.extend([
            ColumnStatistic::Tested("p_gxe".into()),
            ColumnStatistic::Joint("p_joint".into()),
        ]);
        if self.log10p {
            columns.extend([
                ColumnStatistic::NegLog10Tested("neg_log10_p_gxe".into()),
                ColumnStatistic::NegLog10Joint("neg_log10_p_joint".into()),
            ]);
        }
        columns
    }
}
