//! What a process does of a run.

use super::job::{Analysis, Job, KinshipInput};
use crate::error::{Error, Result};

/// What a process does of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// All of it; with results from elsewhere, everything else.
    #[default]
    Whole,
    /// A part, whose results are merged later.
    Part,
    /// Parts on demand: kinships are read when they are needed.
    Worker,
}

/// Fails if the analysis of `job` cannot be divided into parts.
pub(super) fn check_divisible(job: &Job, is_rust: bool) -> Result<()> {
    let saves = matches!(
        job.analysis.kinship(),
        Some(KinshipInput::Computed { save: true, .. })
    );
    let refused = [
        (
            "--stepwise",
            job.stepwise.is_some(),
            "each step needs the tests of all SNPs before the next one",
            "run it in one piece",
        ),
        (
            "--effective-tests",
            job.effective_tests,
            "it needs the correlations of SNPs across the ends of parts",
            "run it in one piece",
        ),
        (
            "-k2",
            job.second_kinship.is_some(),
            "two kinships are not combined in parts",
            "run it in one piece",
        ),
        (
            "--save-kinship",
            saves,
            "this run passes no kinship of all individuals to its outputs",
            "compute the kinship with `jamma gk`, and give it with -k",
        ),
    ];
    for (option, is_given, why, cure) in refused {
        if is_given {
            return Err(Error::option(
                option,
                format!("a run in parts or on a cluster does not have it: {why}"),
                cure,
            ));
        }
    }
    match &job.analysis {
        Analysis::Eigen(_) | Analysis::Residuals { .. } => Err(Error::option(
            "command line",
            "only the kinship and the tests of SNPs can be divided into parts",
            "run `jamma eigen` and -lmm 5 in one piece",
        )),
        Analysis::Kinship(_) if !is_rust => Err(Error::option(
            "--backend",
            "only the backend rust computes a kinship in parts, exactly",
            "omit --backend",
        )),
        _ => Ok(()),
    }
}
