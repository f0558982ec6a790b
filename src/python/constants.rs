//! The constants that the engine shares with the Python code, taken from their definitions.
//!
//! `python/jamma/backends/_constants.py` is the table in Python; a test checks that both are equal.

use super::scan;
use crate::assoc::lmm;
use crate::eigen;
use crate::genotype::SnpFilter;
use crate::io::square;
use crate::kernels::orthonormal;
use crate::kinship::inspect;
use crate::null::optimize::{self, fallback, path};
use crate::null::{LambdaRange, first_terms, fit, model, shared, weighted};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Thresholds, tolerances and defaults, by name.
#[pyfunction]
pub(super) fn constants(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let table = PyDict::new(py);
    for (name, value) in numbers() {
        table.set_item(name, value)?;
    }
    for (name, value) in counts() {
        table.set_item(name, value)?;
    }
    Ok(table)
}

#[rustfmt::skip]
fn numbers() -> Vec<(&'static str, f64)> {
    let (filter, range) = (SnpFilter::default(), LambdaRange::default());
    vec![
        ("SYMMETRY_TOLERANCE", square::SYMMETRY_TOLERANCE),
        ("KINSHIP_TOO_LARGE", inspect::TOO_LARGE),
        ("KINSHIP_CONSTANT", inspect::CONSTANT),
        ("ZERO_BELOW", eigen::ZERO_BELOW),
        ("MAX_MISSING", filter.max_missing),
        ("MIN_MAF", filter.min_maf.expect("there is a threshold by default")),
        ("MIN_HWE", filter.min_hwe),
        ("MAX_R2", filter.max_r2),
        ("LAMBDA_MIN", range.min),
        ("LAMBDA_MAX", range.max),
        ("DEPENDENT_BELOW", orthonormal::DEPENDENT_BELOW),
        ("EXPLAINED_BELOW", model::EXPLAINED_BELOW),
        ("COLLINEAR_BELOW", lmm::COLLINEAR_BELOW),
        ("DIGITS_LOST", first_terms::DIGITS_LOST),
        ("ILL_CONDITIONED", shared::ILL_CONDITIONED),
        ("LARGEST_MEAN_PRODUCT", shared::LARGEST_MEAN_PRODUCT),
        ("WEIGHTED_DEPENDENT_BELOW", weighted::DEPENDENT_BELOW),
        ("PERFECT_FIT", weighted::PERFECT_FIT),
        ("PERFECT_FIT_EACH", weighted::PERFECT_FIT_EACH),
        ("BRENT_WIDTH", path::BRENT_WIDTH),
        ("NEWTON_STEP", path::NEWTON_STEP),
        ("ROOT_TOLERANCE", fallback::TOLERANCE),
        ("FLAT_SLOPE", optimize::FLAT_SLOPE),
        ("UNCERTAIN_EIGENVALUE", optimize::UNCERTAIN_EIGENVALUE),
        ("UNCERTAIN_SLOPE", optimize::UNCERTAIN_SLOPE),
        ("UNLIKE_NOISE", optimize::UNLIKE_NOISE),
        ("FINE_INTERVAL", optimize::FINE_INTERVAL),
        ("SMALLEST_POSITIVE", optimize::SMALLEST_POSITIVE),
        ("SMALLEST_FRACTION", optimize::SMALLEST_FRACTION),
        ("CLEARLY_HIGHER", optimize::CLEARLY_HIGHER),
        ("SAME_STATISTIC", lmm::SAME_STATISTIC),
        ("ABSOLUTE_BELOW", fit::ABSOLUTE_BELOW),
    ]
}

fn counts() -> Vec<(&'static str, u64)> {
    vec![
        ("LAMBDA_INTERVALS", LambdaRange::default().intervals as u64),
        ("MAX_STEPS", path::MAX_STEPS as u64),
        ("MAX_ROOT_STEPS", fallback::MAX_STEPS),
        ("UNDEFINED_COLLINEAR", scan::UNDEFINED_COLLINEAR.into()),
        ("UNDEFINED_LIKELIHOOD", scan::UNDEFINED_LIKELIHOOD.into()),
        (
            "UNDEFINED_FLAT_RESTRICTED",
            scan::UNDEFINED_FLAT_RESTRICTED.into(),
        ),
    ]
}
