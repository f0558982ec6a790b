//! What a run did, as a Python dictionary.

use super::argument_names::in_python;
use crate::genotype::{Exclusion, FilterCounts};
use crate::null::NullFit;
use crate::pipeline::Report;
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The numbers of the log under the names that the package documents.
pub(super) fn report(py: Python<'_>, report: Report) -> PyResult<Bound<'_, PyDict>> {
    let log = report.log;
    let text = log.text();
    let all = PyDict::new(py);
    let ledger = PyDict::new(py);
    ledger.set_item("total", log.ledger.total)?;
    ledger.set_item("analysed", log.ledger.analysed)?;
    ledger.set_item("no_phenotype", log.ledger.no_phenotype)?;
    ledger.set_item("no_covariate", log.ledger.no_covariate)?;
    all.set_item("individuals", ledger)?;
    let snps = counts(py, &log.filter)?;
    snps.set_item("total", log.n_snps)?;
    snps.set_item("undefined", log.n_undefined)?;
    snps.set_item("flat", log.n_flat)?;
    snps.set_item("fallback", log.n_fallback)?;
    snps.set_item("perfect_fit", log.n_perfect)?;
    all.set_item("snps", snps)?;
    let kinship = log.kinship_filter.as_ref().map(|c| counts(py, c));
    all.set_item("kinship_snps", kinship.transpose()?)?;
    let null = log.null.as_ref().map(|null| null_model(py, null));
    all.set_item("null", null.transpose()?)?;
    all.set_item("n_covariates", log.n_covariates)?;
    all.set_item("command", &log.command)?;
    all.set_item("backend", &log.backend)?;
    all.set_item("threads", log.threads)?;
    all.set_item("memory", &log.memory)?;
    let notes: Vec<String> = log.notes.iter().map(|note| in_python(note)).collect();
    all.set_item("notes", notes)?;
    let times = PyDict::new(py);
    for (stage, time) in &log.times {
        times.set_item(stage, time.as_secs_f64())?;
    }
    times.set_item("total", log.total_time.as_secs_f64())?;
    all.set_item("times", times)?;
    all.set_item("outputs", report.outputs)?;
    all.set_item("log", text)?;
    Ok(all)
}

fn counts<'py>(py: Python<'py>, filter: &FilterCounts) -> PyResult<Bound<'py, PyDict>> {
    let counts = PyDict::new(py);
    counts.set_item("kept", filter.kept)?;
    for (name, reason) in [
        ("not_listed", Exclusion::NotListed),
        ("missingness", Exclusion::Missingness),
        ("allele_frequency", Exclusion::AlleleFrequency),
        ("monomorphic", Exclusion::Monomorphic),
        ("hardy_weinberg", Exclusion::HardyWeinberg),
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
    Ok(fit)
}
