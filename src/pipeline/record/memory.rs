//! The inputs of a job that no option names.

use crate::pipeline::individuals::SexInput;
use crate::pipeline::input::Input;
use crate::pipeline::job::{GenotypeInput, Job, KinshipInput};
use crate::pipeline::selection::ValueInput;

/// The inputs of `job` that are in memory, not in files.
pub(crate) fn in_memory(job: &Job) -> Vec<&'static str> {
    let is_value = |input: Option<&ValueInput>| matches!(input, Some(ValueInput::Memory(_)));
    let kinship = job.analysis.kinship();
    let computed = job.analysis.computed_kinship();
    let all = [
        (
            "genotypes",
            matches!(job.genotypes, GenotypeInput::Source(_)),
        ),
        (
            "phenotypes",
            matches!(job.traits.phenotypes, Input::Memory(_)),
        ),
        (
            "covariates",
            matches!(job.covariates, Some(Input::Memory(_))),
        ),
        ("environment", is_value(job.environment.as_ref())),
        (
            "weights",
            is_value(job.weights.as_ref().map(|of| &of.values)),
        ),
        ("sexes", matches!(job.sexes, Some(SexInput::Memory(_)))),
        (
            "kinship",
            matches!(kinship, Some(KinshipInput::Matrix(Input::Memory(_)))),
        ),
        (
            "eigen",
            matches!(kinship, Some(KinshipInput::Eigen(Input::Memory(_)))),
        ),
        (
            "kinship2",
            matches!(job.second_kinship, Some(Input::Memory(_))),
        ),
        ("snps", matches!(job.filter.snps, Some(Input::Memory(_)))),
        (
            "ksnps",
            computed.is_some_and(|of| matches!(of.snps, Some(Input::Memory(_)))),
        ),
    ];
    let all = all.into_iter();
    all.filter_map(|(name, is_it)| is_it.then_some(name))
        .collect()
}
