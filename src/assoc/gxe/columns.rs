//! The columns of the tables of gene-environment interaction.

use super::options::Gxe;
use crate::assoc::Column;
use crate::assoc::lmm::columns::Statistic;
use crate::assoc::several::{ColumnStatistic, columns_of};

/// The name of a column of the interaction `level`.
///
/// Names of columns live as long as the program, and a run has few of them.
fn name(prefix: &str, level: &str) -> &'static str {
    format!("{prefix}_{level}").leak()
}

impl Gxe {
    /// The columns of the results: for a numeric environment those of GEMMA, then those of `effects`.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        columns_of(&self.statistics())
    }

    /// The statistics of the results, in order. The first column of a SNP has the main effect, the others the interactions.
    pub(super) fn statistics(&self) -> Vec<ColumnStatistic> {
        let statistics = Statistic::of(self.tests, self.log10p);
        let levels = || (1..).zip(&self.levels);
        let mut columns = Vec::new();
        for statistic in statistics {
            match statistic {
                // Each level has an effect of its own.
                Statistic::Beta if self.n_interactions() > 1 => {
                    columns.extend(levels().flat_map(|(j, level)| {
                        [
                            ColumnStatistic::Effect(j, name("beta_gxe", level)),
                            ColumnStatistic::Se(j, name("se_gxe", level)),
                        ]
                    }));
                }
                Statistic::Se if self.n_interactions() > 1 => {}
                statistic => columns.push(ColumnStatistic::OfTest(statistic)),
            }
        }
        if !self.effects {
            return columns;
        }
        columns.extend([
            ColumnStatistic::Effect(0, "beta_g"),
            ColumnStatistic::Se(0, "se_g"),
        ]);
        if self.n_interactions() > 1 {
            columns.extend(
                levels().map(|(j, level)| ColumnStatistic::Covariance(j, name("cov_g_gxe", level))),
            );
        } else {
            columns.extend([
                ColumnStatistic::Effect(1, "beta_gxe"),
                ColumnStatistic::Se(1, "se_gxe"),
                ColumnStatistic::Covariance(1, "cov_g_gxe"),
            ]);
        }
        columns.extend([
            ColumnStatistic::Tested("p_gxe"),
            ColumnStatistic::Joint("p_joint"),
        ]);
        if self.log10p {
            columns.extend([
                ColumnStatistic::NegLog10Tested("neg_log10_p_gxe"),
                ColumnStatistic::NegLog10Joint("neg_log10_p_joint"),
            ]);
        }
        columns
    }
}
