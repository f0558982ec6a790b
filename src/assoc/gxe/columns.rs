//! The columns of the tables of gene-environment interaction.

use super::fit::GxeStatistics;
use super::options::Gxe;
use crate::assoc::lmm::columns::Statistic;
use crate::assoc::{Column, ColumnFormat, TraitColumns};
use std::borrow::Cow;

/// One statistic of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GxeColumn {
    /// A statistic of the tests, with its name in GEMMA.
    OfTest(Statistic),
    /// The main effect, and its standard error.
    MainEffect,
    MainSe,
    /// The effect of an interaction, its standard error and its covariance with the main effect, with their names.
    Effect(usize, Cow<'static, str>),
    Se(usize, Cow<'static, str>),
    Covariance(usize, Cow<'static, str>),
    /// The Wald test of the interaction, and its −log₁₀ p.
    Interaction,
    NegLog10Interaction,
    /// The Wald test of all effects of the SNP, and its −log₁₀ p.
    Joint,
    NegLog10Joint,
}

/// The name of a column of the interaction `level`.
fn name(prefix: &str, level: &str) -> Cow<'static, str> {
    Cow::Owned(format!("{prefix}_{level}"))
}

impl GxeColumn {
    /// The columns of `options`, in order.
    pub(super) fn of(options: &Gxe) -> Vec<Self> {
        let statistics = Statistic::of(options.tests, options.log10p);
        let levels = || options.levels.iter().enumerate();
        let mut columns = Vec::new();
        for statistic in statistics {
            match statistic {
                // Each level has an effect of its own, whose sign can be read only with the name of the level.
                Statistic::Beta if options.has_levels() => {
                    columns.extend(levels().flat_map(|(j, level)| {
                        [
                            Self::Effect(j, name("beta_gxe", level)),
                            Self::Se(j, name("se_gxe", level)),
                        ]
                    }));
                }
                Statistic::Se if options.has_levels() => {}
                statistic => columns.push(Self::OfTest(statistic)),
            }
        }
        if !options.effects {
            return columns;
        }
        columns.extend([Self::MainEffect, Self::MainSe]);
        if options.has_levels() {
            columns
                .extend(levels().map(|(j, level)| Self::Covariance(j, name("cov_g_gxe", level))));
        } else {
            columns.extend([
                Self::Effect(0, Cow::Borrowed("beta_gxe")),
                Self::Se(0, Cow::Borrowed("se_gxe")),
                Self::Covariance(0, Cow::Borrowed("cov_g_gxe")),
            ]);
        }
        columns.extend([Self::Interaction, Self::Joint]);
        if options.log10p {
            columns.extend([Self::NegLog10Interaction, Self::NegLog10Joint]);
        }
        columns
    }

    pub(super) fn column(&self) -> Column {
        let name = match self {
            Self::OfTest(statistic) => return statistic.column(),
            Self::MainEffect => "beta_g".into(),
            Self::MainSe => "se_g".into(),
            Self::Effect(_, name) | Self::Se(_, name) | Self::Covariance(_, name) => name.clone(),
            Self::Interaction => "p_gxe".into(),
            Self::NegLog10Interaction => "neg_log10_p_gxe".into(),
            Self::Joint => "p_joint".into(),
            Self::NegLog10Joint => "neg_log10_p_joint".into(),
        };
        Column {
            name,
            format: ColumnFormat::Scientific,
        }
    }

    /// The value for a SNP; NaN if it was not computed.
    pub(super) fn value(&self, snp: &GxeStatistics) -> f64 {
        if let Self::OfTest(statistic) = self {
            return statistic.value(&snp.of_test);
        }
        let Some(effects) = &snp.effects else {
            return f64::NAN;
        };
        match self {
            Self::OfTest(_) => unreachable!("returned above"),
            Self::MainEffect => effects.beta[0],
            Self::MainSe => effects.se[0],
            Self::Effect(j, _) => effects.beta[1 + j],
            Self::Se(j, _) => effects.se[1 + j],
            Self::Covariance(j, _) => effects.covariance_with_main[*j],
            Self::Interaction => effects.p_interaction.p,
            Self::NegLog10Interaction => effects.p_interaction.neg_log10,
            Self::Joint => effects.p_joint.p,
            Self::NegLog10Joint => effects.p_joint.neg_log10,
        }
    }
}

impl Gxe {
    /// The columns of the results: for a numeric environment those of GEMMA, then those of `effects`.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let columns = GxeColumn::of(self);
        columns.iter().map(GxeColumn::column).collect()
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
