//! What is special about the result of a SNP.

use crate::genotype::Exclusion;
use crate::null::LambdaBound;

/// Why the statistics of a SNP are not numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undefined {
    /// The SNP is a linear combination of the covariates.
    Collinear,
    /// The likelihood could not be evaluated.
    Likelihood,
    /// The restricted likelihood does not depend on λ, and the Wald test does: it has no defined result.
    FlatRestricted,
}

/// Everything special about one tested SNP for one trait; several things can be true at once, and all are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SnpFlags {
    /// Why there are no numbers.
    pub undefined: Option<Undefined>,
    /// The end of the range at which the SNP's λ lies: the REML λ if there is a Wald test, else the ML λ.
    pub lambda_bound: Option<LambdaBound>,
    /// Whether a λ was found although GEMMA's own path ends without one.
    pub used_fallback: bool,
    /// Whether the SNP and the covariates explain the trait completely: tests with an infinite statistic have p = 0.
    pub is_perfect_fit: bool,
}

impl SnpFlags {
    /// The one status that matters most to a reader of the row.
    ///
    /// Undefined statistics come first, then a perfect fit, a fallback, and λ at an end of its range.
    #[must_use]
    pub fn status(self) -> SnpStatus {
        match self.undefined {
            Some(Undefined::Collinear) => return SnpStatus::Collinear,
            Some(Undefined::Likelihood) => return SnpStatus::UndefinedLikelihood,
            Some(Undefined::FlatRestricted) => return SnpStatus::FlatRestricted,
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

/// The main thing to know about a row of results; a later one takes precedence over an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnpStatus {
    /// Nothing special.
    Ok,
    /// λ is at the lower end of its range.
    LambdaAtLowerBound,
    /// λ is at the upper end of its range.
    LambdaAtUpperBound,
    /// λ was found although GEMMA's own path ends without one.
    Fallback,
    /// The SNP and the covariates explain the trait completely.
    PerfectFit,
    /// Not a number in the Wald test: the restricted likelihood does not depend on λ, but the test does.
    FlatRestricted,
    /// Not a number: the likelihood could not be evaluated.
    UndefinedLikelihood,
    /// Not a number: the SNP is a linear combination of the covariates.
    Collinear,
    /// Not tested.
    Excluded(Exclusion),
}

impl SnpStatus {
    /// The word in tables; without blanks, so that programs which split at blanks can read it.
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
            Self::Excluded(reason) => match reason {
                Exclusion::NotListed => "excluded_not_listed",
                Exclusion::Missingness => "excluded_missingness",
                Exclusion::AlleleFrequency => "excluded_allele_frequency",
                Exclusion::Monomorphic => "excluded_monomorphic",
                Exclusion::HardyWeinberg => "excluded_hardy_weinberg",
                Exclusion::Covariates => "excluded_covariates",
            },
        }
    }
}

/// How many tested SNPs have which flag. A SNP with several is counted under each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatusCounts {
    /// Statistics that are not numbers.
    pub undefined: usize,
    /// Those among them whose restricted likelihood does not depend on λ.
    pub flat: usize,
    /// λ was found although GEMMA's search ends without one.
    pub fallback: usize,
    /// The SNP explains the trait completely.
    pub perfect_fit: usize,
}

impl StatusCounts {
    /// Counts more SNPs.
    pub fn add(&mut self, flags: &[SnpFlags]) {
        let number = |is: fn(&SnpFlags) -> bool| flags.iter().filter(|snp| is(snp)).count();
        self.undefined += number(|snp| snp.undefined.is_some());
        self.flat += number(|snp| snp.undefined == Some(Undefined::FlatRestricted));
        self.fallback += number(|snp| snp.used_fallback);
        self.perfect_fit += number(|snp| snp.is_perfect_fit);
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
        for reason in Exclusion::ALL {
            let label = SnpStatus::Excluded(reason).label();
            assert!(
                label.starts_with("excluded_") && !label.contains(' '),
                "{label}"
            );
        }
    }
}
