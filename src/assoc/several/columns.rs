//! The columns of the tables of these tests.

use super::fit::ColumnsStatistics;
use super::options::ColumnTests;
use crate::assoc::block::{NEG_LOG10, PER_COPY};
use crate::assoc::lmm::columns::Statistic;
use crate::assoc::{Column, TraitColumns};
use std::borrow::Cow;

/// One statistic of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ColumnStatistic {
    /// A statistic of the tests, with its name in GEMMA. The effect is that of the last column of the SNP.
    OfTest(Statistic),
    /// The effect of a column of the SNP, counted from 0, with its name.
    Effect(usize, Cow<'static, str>),
    /// Its standard error.
    Se(usize, Cow<'static, str>),
    /// The covariance of the effects of the first column and of this one.
    Covariance(usize, Cow<'static, str>),
    /// The Wald test of the tested columns, and its −log₁₀ p, with their names.
    Tested(Cow<'static, str>),
    NegLog10Tested(Cow<'static, str>),
    /// The Wald test of all columns, and its −log₁₀ p, with their names.
    Joint(Cow<'static, str>),
    NegLog10Joint(Cow<'static, str>),
}

/// The columns of a table with these statistics.
pub(crate) fn columns_of(statistics: &[ColumnStatistic]) -> Vec<Column> {
    statistics.iter().map(ColumnStatistic::column).collect()
}

impl ColumnStatistic {
    fn column(&self) -> Column {
        let (name, meaning, unit) = match self {
            Self::OfTest(statistic) => return statistic.column(),
            Self::Effect(_, name) => (name, "effect of a column of the SNP", PER_COPY),
            Self::Se(_, name) => (name, "standard error of this effect", PER_COPY),
            Self::Covariance(_, name) => (
                name,
                "covariance of the estimates of the main effect and of this interaction",
                "square of the unit of effects",
            ),
            Self::Tested(name) => (name, "p-value of the Wald test of the interaction", ""),
            Self::Joint(name) => (
                name,
                "p-value of the Wald test of the main effect and the interaction together",
                "",
            ),
            Self::NegLog10Tested(name) | Self::NegLog10Joint(name) => (name, NEG_LOG10, ""),
        };
        Column::new(name.clone(), meaning, unit)
    }

    /// The value for a SNP; NaN if it was not computed.
    fn value(&self, snp: &ColumnsStatistics) -> f64 {
        if let Self::OfTest(statistic) = self {
            return statistic.value(&snp.of_test);
        }
        let Some(effects) = &snp.effects else {
            return f64::NAN;
        };
        match self {
            Self::OfTest(_) => unreachable!("returned above"),
            Self::Effect(j, _) => effects.beta[*j],
            Self::Se(j, _) => effects.se[*j],
            Self::Covariance(j, _) => effects.covariance_with_first[*j],
            Self::Tested(_) => effects.p_tested.p,
            Self::NegLog10Tested(_) => effects.p_tested.neg_log10,
            Self::Joint(_) => effects.p_joint.p,
            Self::NegLog10Joint(_) => effects.p_joint.neg_log10,
        }
    }
}

impl ColumnTests {
    /// The columns with these `statistics` of SNPs; sets the flag of λ at an end of its range.
    pub(super) fn trait_columns<'s>(
        &self,
        statistics: &[ColumnStatistic],
        snps: impl ExactSizeIterator<Item = &'s ColumnsStatistics>,
    ) -> TraitColumns {
        let mut table = TraitColumns {
            flags: Vec::with_capacity(snps.len()),
            values: vec![Vec::with_capacity(snps.len()); statistics.len()],
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
            for (values, statistic) in table.values.iter_mut().zip(statistics) {
                values.push(statistic.value(snp));
            }
        }
        table
    }
}
