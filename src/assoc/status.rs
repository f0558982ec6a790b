//! Flags and status of the result of a SNP.

use crate::genotype::Exclusion;
use crate::null::LambdaBound;
use serde::{Deserialize, Serialize};

/// Why the statistics of a SNP are undefined (NaN).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Undefined {
    /// The SNP is a linear combination of the covariates.
    Collinear,
    /// The likelihood could not be evaluated.
    Likelihood,
    /// The restricted likelihood does not depend on λ but the Wald test does, so that its result is undefined.
    FlatRestricted,
    /// The SNP has one value in the coding of its genotypes (`--model dominant`, `recessive`, `overdominant`).
    ConstantCoding,
    /// One of the three genotypes does not occur, so that the genotypic model has too many effects.
    AbsentGenotype,
}

/// Flags of one tested SNP for one trait. Several can be set at once, and each is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SnpFlags {
    /// Why the statistics are undefined; `None` if they are defined.
    pub undefined: Option<Undefined>,
    /// The end of the range at which λ of the SNP lies: the REML λ if there is a Wald test, else the ML λ.
    pub lambda_bound: Option<LambdaBound>,
    /// Whether λ was found by the fallback method because GEMMA's search fails.
    pub used_fallback: bool,
    /// Whether the SNP and the covariates explain the trait completely: tests with an infinite statistic have p = 0.
    pub is_perfect_fit: bool,
}

impl SnpFlags {
    /// The most important status.
    ///
    /// In order of precedence: undefined statistics, a perfect fit, a fallback, and λ at an end of its range.
    #[must_use]
    pub fn status(self) -> SnpStatus {
        match self.undefined {
            Some(Undefined::Collinear) => return SnpStatus::Collinear,
            Some(Undefined::Likelihood) => return SnpStatus::UndefinedLikelihood,
            Some(Undefined::FlatRestricted) => return SnpStatus::FlatRestricted,
            Some(Undefined::ConstantCoding) => return SnpStatus::ConstantCoding,
            Some(Undefined::AbsentGenotype) => return SnpStatus::AbsentGenotype,
            None => {}
        }
        if self.is_perfect_fit {
            return SnpStatus::PerfectFit;
        }
        if self.used_fallback {
            return SnpStatus::Fallback;
        }
        match self.lambda_bound {
            Some(LambdaBound::Lower) => SnpStatus::LambdaAtLowerBound,
            Some(LambdaBound::Upper) => SnpStatus::LambdaAtUpperBound,
            None => SnpStatus::Ok,
        }
    }
}

/// The most important fact about a row of results; later variants take precedence over earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnpStatus {
    /// No flag is set.
    Ok,
    /// λ is at the lower end of its range.
    LambdaAtLowerBound,
    /// λ is at the upper end of its range.
    LambdaAtUpperBound,
    /// λ was found by the fallback method because GEMMA's search fails.
    Fallback,
    /// The SNP and the covariates explain the trait completely.
    PerfectFit,
    /// The Wald test is undefined: the restricted likelihood does not depend on λ, but the test does.
    FlatRestricted,
    /// Undefined: the likelihood could not be evaluated.
    UndefinedLikelihood,
    /// Undefined: the SNP is a linear combination of the covariates.
    Collinear,
    /// Undefined: the SNP has one value in the coding of its genotypes.
    ConstantCoding,
    /// Undefined: one of the three genotypes of the genotypic model does not occur.
    AbsentGenotype,
    /// Not tested.
    Excluded(Exclusion),
}

impl SnpStatus {
    /// The statuses of tested SNPs.
    pub const TESTED: [Self; 10] = [
        Self::Ok,
        Self::LambdaAtLowerBound,
        Self::LambdaAtUpperBound,
        Self::Fallback,
        Self::PerfectFit,
        Self::FlatRestricted,
        Self::UndefinedLikelihood,
        Self::Collinear,
        Self::ConstantCoding,
        Self::AbsentGenotype,
    ];

    /// The label in tables; contains no blanks, so that programs that split at blanks can read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::LambdaAtLowerBound => "lambda_at_lower_bound",
            Self::LambdaAtUpperBound => "lambda_at_upper_bound",
            Self::Fallback => "fallback",
            Self::PerfectFit => "perfect_fit",
            Self::FlatRestricted => "flat_restricted_likelihood",
            Self::UndefinedLikelihood => "undefined_likelihood",
            Self::Collinear => "collinear",
            Self::ConstantCoding => "constant_coding",
            Self::AbsentGenotype => "absent_genotype",
            Self::Excluded(reason) => match reason {
                Exclusion::NotListed => "excluded_not_listed",
                Exclusion::NotChosen => "excluded_not_chosen",
                Exclusion::NotAutosomal => "excluded_not_autosomal",
                Exclusion::OnX => "excluded_on_x",
                Exclusion::Missingness => "excluded_missingness",
                Exclusion::AlleleFrequency => "excluded_allele_frequency",
                Exclusion::Monomorphic => "excluded_monomorphic",
                Exclusion::HardyWeinberg => "excluded_hardy_weinberg",
                Exclusion::ImputationQuality => "excluded_imputation_quality",
                Exclusion::Covariates => "excluded_covariates",
            },
        }
    }
}

/// Number of tested SNPs with each flag. A SNP with several flags is counted once for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatusCounts {
    /// SNPs with undefined statistics.
    pub undefined: usize,
    /// Of these, SNPs whose restricted likelihood does not depend on λ.
    pub flat: usize,
    /// SNPs whose λ was found by the fallback method.
    pub fallback: usize,
    /// SNPs that explain the trait completely.
    pub perfect_fit: usize,
    /// Tested SNPs by their status, indexed as [`SnpStatus::TESTED`]; each is counted once.
    by_status: [usize; SnpStatus::TESTED.len()],
}

impl StatusCounts {
    /// Adds the flags of more SNPs.
    ///
    /// * `exclusions`: why each was not tested, which has no flags
    pub fn add(&mut self, flags: &[SnpFlags], exclusions: &[Option<Exclusion>]) {
        for (flags, _) in flags
            .iter()
            .zip(exclusions)
            .filter(|(_, why)| why.is_none())
        {
            let status = flags.status();
            let index = SnpStatus::TESTED.iter().position(|one| *one == status);
            self.by_status[index.expect("flags are those of tested SNPs")] += 1;
        }
        let number = |is: fn(&SnpFlags) -> bool| flags.iter().filter(|snp| is(snp)).count();
        self.undefined += number(|snp| snp.undefined.is_some());
        self.flat += number(|snp| snp.undefined == Some(Undefined::FlatRestricted));
        self.fallback += number(|snp| snp.used_fallback);
        self.perfect_fit += number(|snp| snp.is_perfect_fit);
    }

    /// The number of tested SNPs of each status.
    pub fn by_status(&self) -> impl Iterator<Item = (SnpStatus, usize)> {
        SnpStatus::TESTED.into_iter().zip(self.by_status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_the_flag_that_takes_precedence() {
        let at_end = SnpFlags {
            lambda_bound: Some(LambdaBound::Upper),
            ..SnpFlags::default()
        };
        let fallback = SnpFlags {
            used_fallback: true,
            ..at_end
        };
        let perfect = SnpFlags {
            is_perfect_fit: true,
            ..fallback
        };
        let flat = SnpFlags {
            undefined: Some(Undefined::FlatRestricted),
            ..perfect
        };
        for (flags, label) in [
            (SnpFlags::default(), "ok"),
            (at_end, "lambda_at_upper_bound"),
            (fallback, "fallback"),
            (perfect, "perfect_fit"),
            (flat, "flat_restricted_likelihood"),
        ] {
            assert_eq!(flags.status().label(), label);
        }
    }

    #[test]
    fn labels_have_no_blanks() {
        for status in SnpStatus::TESTED {
            assert!(!status.label().contains(' '), "{status:?}");
        }
        for reason in Exclusion::ALL {
            let label = SnpStatus::Excluded(reason).label();
            assert!(
                label.starts_with("excluded_") && !label.contains(' '),
                "{label}"
            );
        }
    }
}
