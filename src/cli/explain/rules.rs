//! How GEMMA's options differ in jamma: one row per option and case.
//!
//! Options without a row mean the same. Those that jamma does not have are in [`gemma`](crate::cli::gemma), those that it ignores are
//! in the table of options.

use super::line::{Analysis, Given, Line};

/// How an option of a command line relates to jamma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// It means the same.
    Same,
    /// It differs.
    Changed,
    /// It has no effect on results.
    Ignored,
    /// There is no such option.
    Unsupported,
    /// GEMMA does not have it.
    Unknown,
    /// It is an option of jamma only.
    Ours,
}

impl Status {
    /// The label.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Changed => "changed",
            Self::Ignored => "ignored",
            Self::Unsupported => "unsupported",
            Self::Unknown => "unknown",
            Self::Ours => "jamma",
        }
    }

    /// Whether a command line with such an option has an equivalent.
    pub(super) const fn has_equivalent(self) -> bool {
        !matches!(self, Self::Unsupported | Self::Unknown)
    }
}

/// A condition of a rule.
enum When {
    /// One of these options is given; `lmm=9` with this value.
    With(&'static [&'static str]),
    /// None of these options is given.
    Without(&'static [&'static str]),
    /// This is computed.
    In(Analysis),
    /// The value is one of these.
    Value(&'static [&'static str]),
}

/// What becomes of the option in the equivalent command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// It stays.
    Keep,
    /// It is left out.
    Omit,
    /// It stays, and this is added.
    Add(&'static str),
}

/// Options, conditions of which all must hold, and what they entail.
struct Rule(
    &'static [&'static str],
    &'static [When],
    Status,
    Then,
    &'static str,
);

use Analysis::{Eigen, Gk, Lm, Lmm};
use Status::{Changed, Ignored, Same, Unsupported};
use Then::{Add, Keep, Omit};
use When::{In, Value, With, Without};

/// The rules; the first that applies counts.
#[rustfmt::skip]
const RULES: &[Rule] = &[
    Rule(&["bfile"], &[], Same, Keep,
        "The header and the size of the .bed, and numeric fields, are checked; errors name file and line"),
    Rule(&["g"], &[], Same, Keep,
        "A last line without a line feed is read, which GEMMA drops. Text other than NA and dosages outside 0 to 2 are errors"),
    Rule(&["a"], &[With(&["bfile"])], Changed, Omit,
        "GEMMA does not read it with -bfile, and jamma reports an error: chromosomes and positions are those of the .bim"),
    Rule(&["a"], &[], Same, Keep,
        "SNPs that are not listed have chromosome and position -9. Different positions for one id are an error; in GEMMA the last one counts"),
    Rule(&["p"], &[], Same, Keep,
        "Rows that start with FID and IID, or IID, are matched by id; GEMMA reads ids as phenotypes. -9 is a value, as in GEMMA"),
    Rule(&["c"], &[], Same, Keep,
        "An intercept is added if there is none. Collinear covariates are an error that names the columns; in GEMMA, the run crashes"),
    Rule(&["k"], &[In(Gk)], Changed, Omit,
        "GEMMA ignores it with -gk; jamma reports an error"),
    Rule(&["k", "km", "d", "u"], &[In(Lm)], Ignored, Omit,
        "The linear model does not use a kinship, as in GEMMA"),
    Rule(&["k"], &[], Same, Keep,
        "Rows are matched by the ids next to a matrix of jamma. A matrix that is not symmetric, or has no positive eigenvalue, is an error"),
    Rule(&["km", "d", "u"], &[In(Gk)], Ignored, Omit,
        "It has no effect with -gk, as in GEMMA"),
    Rule(&["km"], &[Without(&["k"])], Ignored, Omit,
        "It has no effect without -k, as in GEMMA"),
    Rule(&["km"], &[Value(&["2"]), With(&["g"])], Unsupported, Omit,
        "GEMMA refuses it too: BIMBAM genotypes have no ids"),
    Rule(&["km"], &[Value(&["2"])], Same, Keep,
        "The value of an individual with itself must be in the file; in GEMMA it is 0 otherwise"),
    Rule(&["d", "u"], &[With(&["k"])], Ignored, Omit,
        "It has no effect with -k, as in GEMMA"),
    Rule(&["d", "u"], &[], Same, Keep,
        "Files that jamma wrote are matched by id and checked to belong together"),
    Rule(&["gxe-file"], &[With(&["lmm=9"])], Changed, Keep,
        "GEMMA's p_lrt of -lmm 9 is 1 for nearly every SNP; jamma's is that of the likelihood ratio test"),
    Rule(&["gxe-file"], &[], Same, Keep,
        "A constant environment is an error; in GEMMA all results are -nan"),
    Rule(&["widv"], &[With(&["d", "u"]), Without(&["k"])], Unsupported, Keep,
        "GEMMA ignores the weights with -d and -u; jamma reports an error. Give the kinship with -k"),
    Rule(&["widv"], &[In(Lmm)], Changed, Add("--gemma-widv"),
        "The residual variance is divided by the weights, which GEMMA's scaling of the kinship is not; --gemma-widv does what GEMMA does"),
    Rule(&["snps"], &[In(Gk)], Same, Keep,
        "The kinship is computed from these SNPs only. A list that matches no SNP is an error"),
    Rule(&["snps"], &[], Same, Keep,
        "A list that matches no SNP is an error. A kinship that is computed in the same run still uses all SNPs"),
    Rule(&["ksnps"], &[], Changed, Keep,
        "GEMMA 0.98.5 does not recognise it, although its help lists it; jamma computes the kinship only from these SNPs"),
    Rule(&["outdir"], &[], Same, Keep,
        "Missing parents are created too. A directory that cannot be written is an error; GEMMA exits with status 0"),
    Rule(&["maf"], &[With(&["notsnp"])], Ignored, Omit,
        "-notsnp turns it off, as in GEMMA"),
    Rule(&["hwe"], &[With(&["notsnp"])], Ignored, Omit,
        "-notsnp turns it off, as in GEMMA"),
    Rule(&["r2"], &[], Same, Keep,
        "R2 is uncentred, as in GEMMA, so that it depends on which allele is counted; --r2-centred does not"),
    Rule(&["notsnp"], &[With(&["g"])], Changed, Keep,
        "The -maf and -hwe filters are off, but dosages must still be from 0 to 2. For other numbers, such as expression levels, give a matrix with ids: --numeric FILE --no-dosage-range"),
    Rule(&["notsnp"], &[], Same, Keep,
        "The -maf and -hwe filters are off"),
    Rule(&["loco"], &[With(&["bfile"])], Changed, Keep,
        "GEMMA ignores it with -bfile; jamma leaves the chromosome out. Omit it for GEMMA's results, or omit its value to test every chromosome in one run"),
    Rule(&["loco"], &[In(Gk)], Same, Keep,
        "An unknown chromosome is an error; GEMMA then uses all SNPs"),
    Rule(&["loco"], &[], Same, Keep,
        "Only this chromosome is tested. An unknown chromosome is an error; GEMMA then tests all SNPs"),
    Rule(&["lmm"], &[Value(&["5"])], Same, Keep,
        "-p is not required; GEMMA refuses the phenotypes of a .fam here"),
    Rule(&["lmm"], &[], Same, Keep,
        "SNPs for which GEMMA's search for lambda fails (nan, or the numbers of another SNP) have the optimum, and the log counts them"),
    Rule(&["lmin"], &[Value(&["0", "0.0"])], Changed, Keep,
        "GEMMA then compares only the ends of the range; jamma finds maxima inside"),
    Rule(&["region"], &[], Same, Keep,
        "If the intervals are longer than a decade, jamma also finds maxima that GEMMA misses"),
    Rule(&["seed"], &[], Ignored, Omit,
        "It has no effect on this analysis, as in GEMMA"),
    Rule(&["legacy"], &[], Ignored, Omit,
        "A last line of -g without a line feed is always read"),
    Rule(&["check", "strict"], &[], Ignored, Omit,
        "Inputs are always checked; the results do not change"),
    Rule(&["no-check", "no-fpe-check"], &[], Ignored, Omit,
        "Inputs are always checked; the option has no effect on results in GEMMA either"),
    Rule(&["pace"], &[], Ignored, Omit,
        "It sets how often GEMMA shows its progress"),
    Rule(&["debug", "issue"], &[], Ignored, Omit,
        "It is for the development of GEMMA"),
    Rule(&["o"], &[], Same, Keep, "The names of the files are the same. jamma also writes PREFIX.run.json"),
    Rule(&["eigen"], &[In(Eigen)], Same, Keep, "Signs of eigenvectors are arbitrary"),
];

/// The row that applies to an option; `None` if it means the same and there is nothing to say.
pub(super) fn rule(given: &Given, line: &Line) -> Option<(Status, Then, &'static str)> {
    let holds = |when: &When| match when {
        With(names) => names.iter().any(|name| is_given(line, name)),
        Without(names) => !names.iter().any(|name| is_given(line, name)),
        In(analysis) => line.analysis() == Some(*analysis),
        Value(values) => given
            .values
            .first()
            .is_some_and(|value| values.contains(&&**value)),
    };
    let mut rules = RULES.iter();
    let found =
        rules.find(|Rule(names, when, ..)| names.contains(&&*given.name) && when.iter().all(holds));
    found.map(|Rule(_, _, status, then, text)| (*status, *then, *text))
}

/// Whether an option is given; `name=value` also asks for its value.
fn is_given(line: &Line, name: &str) -> bool {
    match name.split_once('=') {
        None => line.has(name),
        Some((name, value)) => {
            let given = line.option(name);
            given.is_some_and(|given| given.values.iter().any(|found| found == value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::options::is_known;

    #[test]
    fn every_rule_is_about_an_option_of_jamma_and_can_apply() {
        for (k, Rule(names, ..)) in RULES.iter().enumerate() {
            for name in *names {
                assert!(is_known(name), "{name}");
                let hides = |rule: &Rule| rule.0.contains(name) && rule.1.is_empty();
                assert!(!RULES[..k].iter().any(hides), "{name}: a rule is hidden");
            }
        }
    }
}
