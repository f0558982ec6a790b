//! The report of a run as a Python dictionary.

use super::argument_names::in_python;
use crate::assoc::stepwise::{Step, StepwisePath};
use crate::genotype::{Exclusion, FilterCounts};
use crate::null::{Component, LambdaBound, NullFit, VarianceComponents};
use crate::output::report::{ALPHA, RunReport, TraitReport};
use crate::output::{log, record};
use crate::permutation::PermutationResult;
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The numbers of the log under the names that the package documents.
pub(super) fn report<'py>(py: Python<'py>, report: &RunReport) -> PyResult<Bound<'py, PyDict>> {
    let text = log::text(report);
    let all = of_trait(py, report, report.first())?;
    let traits = report.traits.iter().map(|of| of_trait(py, report, of));
    all.set_item("traits", traits.collect::<PyResult<Vec<_>>>()?)?;
    all.set_item("are_several", report.are_several)?;
    all.set_item("left_out", &report.left_out)?;
    all.set_item("conditioned_on", &report.conditioned_on)?;
    all.set_item("command", &report.command)?;
    all.set_item("backend", &report.backend)?;
    all.set_item("threads", report.threads)?;
    all.set_item("memory", &report.memory)?;
    let notes: Vec<String> = report.notes.iter().map(|note| in_python(note)).collect();
    all.set_item("notes", notes)?;
    let times = PyDict::new(py);
    for (stage, time) in &report.times {
        // GEMMA's names, as in the log.
        let name = stage.gemma_name().unwrap_or(stage.name());
        times.set_item(name, time.as_secs_f64())?;
    }
    times.set_item("total", report.total_time.as_secs_f64())?;
    all.set_item("times", times)?;
    all.set_item("outputs", &report.outputs)?;
    all.set_item("log", text)?;
    all.set_item("record", record::json(report).to_string())?;
    Ok(all)
}

/// The numbers of one trait.
fn of_trait<'py>(
    py: Python<'py>,
    report: &RunReport,
    first: &TraitReport,
) -> PyResult<Bound<'py, PyDict>> {
    let all = PyDict::new(py);
    all.set_item("name", &first.name)?;
    all.set_item("failure", first.failure.as_deref().map(in_python))?;
    let ledger = PyDict::new(py);
    ledger.set_item("total", first.ledger.total)?;
    ledger.set_item("analysed", first.ledger.analysed)?;
    ledger.set_item("no_phenotype", first.ledger.no_phenotype)?;
    ledger.set_item("no_covariate", first.ledger.no_covariate)?;
    ledger.set_item("no_environment", first.ledger.no_environment)?;
    ledger.set_item("no_weight", first.ledger.no_weight)?;
    all.set_item("individuals", ledger)?;
    let snps = counts(py, &first.filter)?;
    snps.set_item("total", report.n_snps)?;
    snps.set_item("undefined", first.statuses.undefined)?;
    snps.set_item("flat", first.statuses.flat)?;
    snps.set_item("fallback", first.statuses.fallback)?;
    snps.set_item("perfect_fit", first.statuses.perfect_fit)?;
    all.set_item("snps", snps)?;
    let kinship = first.kinship_filter.as_ref().map(|c| counts(py, c));
    all.set_item("kinship_snps", kinship.transpose()?)?;
    let null = first.null.as_ref().map(|null| null_model(py, null));
    all.set_item("null", null.transpose()?)?;
    all.set_item("n_covariates", first.n_covariates)?;
    let chromosomes = first.chromosomes.iter().map(|of| {
        let chromosome = PyDict::new(py);
        chromosome.set_item("chromosome", &of.name)?;
        chromosome.set_item("n_kinship_snps", of.n_kinship_snps)?;
        chromosome.set_item("n_tested", of.n_tested)?;
        let null = of.null.as_ref().map(|null| null_model(py, null));
        chromosome.set_item("null", null.transpose()?)?;
        Ok(chromosome)
    });
    all.set_item("chromosomes", chromosomes.collect::<PyResult<Vec<_>>>()?)?;
    let permutations = first.permutations.as_ref().map(|of| permutations(py, of));
    all.set_item("permutations", permutations.transpose()?)?;
    all.set_item("diagnostics", diagnostics(py, first)?)?;
    let stepwise = first.stepwise.as_ref().map(|path| stepwise(py, path));
    all.set_item("stepwise", stepwise.transpose()?)?;
    Ok(all)
}

/// The columns of `PREFIX.stepwise.txt`, each a list.
fn stepwise<'py>(py: Python<'py>, path: &StepwisePath) -> PyResult<Bound<'py, PyDict>> {
    let all = PyDict::new(py);
    let steps = || path.steps.iter();
    all.set_item("step", (1..=path.steps.len()).collect::<Vec<_>>())?;
    let texts =
        |name: &str, of: fn(&Step) -> &str| all.set_item(name, steps().map(of).collect::<Vec<_>>());
    let numbers =
        |name: &str, of: fn(&Step) -> f64| all.set_item(name, steps().map(of).collect::<Vec<_>>());
    texts("chr", |step| &step.snp.chr)?;
    texts("rs", |step| &step.snp.rs)?;
    all.set_item("ps", steps().map(|step| step.snp.ps).collect::<Vec<_>>())?;
    texts("allele1", |step| &step.snp.allele1)?;
    texts("allele0", |step| &step.snp.allele0)?;
    numbers("af", |step| step.snp.af)?;
    numbers("beta", |step| step.snp.beta)?;
    numbers("se", |step| step.snp.se)?;
    numbers(&path.column, |step| step.snp.p)?;
    numbers("beta_joint", |step| step.joint_beta)?;
    numbers("se_joint", |step| step.joint_se)?;
    numbers("p_joint", |step| step.joint_p)?;
    Ok(all)
}

/// The diagnostics of a trait, except those of its null models.
fn diagnostics<'py>(py: Python<'py>, of: &TraitReport) -> PyResult<Bound<'py, PyDict>> {
    let found = &of.diagnostics;
    let all = PyDict::new(py);
    let tests = PyDict::new(py);
    for test in &found.inflation {
        let values = (test.n_snps, test.lambda_gc, test.interval);
        tests.set_item(&*test.column, values)?;
    }
    all.set_item("tests", tests)?;
    let statuses = PyDict::new(py);
    for (status, count) in of.by_status().into_iter().filter(|_| found.n_tests() > 0) {
        statuses.set_item(status.label(), count)?;
    }
    all.set_item("status", statuses)?;
    all.set_item("n_tests", found.n_tests())?;
    all.set_item("bonferroni", found.bonferroni())?;
    let effective = found.effective_tests;
    all.set_item("effective_tests", effective.map(|of| of.count))?;
    let threshold = effective.map(|of| of.threshold(ALPHA));
    all.set_item("effective_threshold", threshold)?;
    let copies = found.copies.as_ref();
    all.set_item("n_copies", copies.map(|of| of.n_pairs))?;
    let first = copies.map_or(Vec::new(), |of| of.first.clone());
    all.set_item("copies", first)?;
    let binary = found.binary.map(|of| (of.cases, of.controls));
    all.set_item("cases_controls", binary)?;
    all.set_item("n_without_odds", found.n_without_odds)?;
    Ok(all)
}

fn permutations<'py>(py: Python<'py>, of: &PermutationResult) -> PyResult<Bound<'py, PyDict>> {
    let result = PyDict::new(py);
    result.set_item("count", of.count)?;
    result.set_item("seed", of.seed)?;
    let thresholds = of.thresholds.iter().map(|one| (one.alpha, one.p));
    result.set_item("thresholds", thresholds.collect::<Vec<_>>())?;
    result.set_item("observed_min_p", of.observed_min_p)?;
    result.set_item("genome_wide_p", of.genome_wide_p)?;
    result.set_item("min_p", of.min_p.clone().into_pyarray(py))?;
    Ok(result)
}

fn counts<'py>(py: Python<'py>, filter: &FilterCounts) -> PyResult<Bound<'py, PyDict>> {
    let counts = PyDict::new(py);
    counts.set_item("kept", filter.kept)?;
    for (name, reason) in [
        ("not_listed", Exclusion::NotListed),
        ("not_chosen", Exclusion::NotChosen),
        ("not_autosomal", Exclusion::NotAutosomal),
        ("on_x", Exclusion::OnX),
        ("missingness", Exclusion::Missingness),
        ("allele_frequency", Exclusion::AlleleFrequency),
        ("monomorphic", Exclusion::Monomorphic),
        ("hardy_weinberg", Exclusion::HardyWeinberg),
        ("imputation_quality", Exclusion::ImputationQuality),
        ("covariates", Exclusion::Covariates),
    ] {
        counts.set_item(name, filter.excluded[reason as usize])?;
    }
    Ok(counts)
}

fn null_model<'py>(py: Python<'py>, null: &NullFit) -> PyResult<Bound<'py, PyDict>> {
    let fit = PyDict::new(py);
    fit.set_item("pve", null.pve)?;
    fit.set_item("pve_se", null.pve_se)?;
    fit.set_item("vg", null.vg)?;
    fit.set_item("ve", null.ve)?;
    fit.set_item("beta", null.beta.clone().into_pyarray(py))?;
    fit.set_item("beta_se", null.beta_se.clone().into_pyarray(py))?;
    fit.set_item("lambda_reml", null.reml.lambda)?;
    fit.set_item("lambda_ml", null.ml.lambda)?;
    fit.set_item("logl_reml", null.reml.value)?;
    fit.set_item("logl_ml", null.ml.value)?;
    let interval = null.pve_interval;
    fit.set_item("pve_interval", interval.map(|of| (of.lower, of.upper)))?;
    let is_open = interval.map(|of| (of.is_open_below, of.is_open_above));
    fit.set_item("pve_interval_is_open", is_open)?;
    let bound = null.bound.map(|bound| match bound {
        LambdaBound::Lower => "lower",
        LambdaBound::Upper => "upper",
    });
    fit.set_item("lambda_bound", bound)?;
    let components = null.components.as_ref().map(|of| components(py, of));
    fit.set_item("components", components.transpose()?)?;
    Ok(fit)
}

/// The variance components of two kinships.
fn components<'py>(py: Python<'py>, of: &VarianceComponents) -> PyResult<Bound<'py, PyDict>> {
    let all = PyDict::new(py);
    let [first, second] = &of.kinships;
    let of_both = |value: fn(&Component) -> f64| (value(first), value(second));
    all.set_item("fraction", of.fraction)?;
    all.set_item("fraction_se", of.fraction_se)?;
    all.set_item("vg", of_both(|one| one.variance))?;
    all.set_item("vg_se", of_both(|one| one.variance_se))?;
    all.set_item("pve", of_both(|one| one.pve))?;
    all.set_item("pve_se", of_both(|one| one.pve_se))?;
    all.set_item("ve", of.residual.variance)?;
    all.set_item("ve_se", of.residual.variance_se)?;
    Ok(all)
}
