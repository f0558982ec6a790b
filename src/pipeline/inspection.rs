//! Checks of decompositions and null models: errors, and notes on what is unusual.

use super::notes::notes_on_null;
use crate::eigen::{Eigen, ZERO_BELOW};
use crate::error::{Error, Result};
use crate::kinship::{check_size, note_on_unit};
use crate::null::{Found, LambdaRange, NullFit};

/// Notes on a decomposition of the kinship `name` that was computed in this run.
///
/// Fails if no eigenvalue is above zero.
pub(super) fn of_decomposition(eigen: &Eigen, name: &str) -> Result<Vec<String>> {
    check_some_eigenvalue(eigen, name)?;
    let zeros = (eigen.n_zero > 1)
        .then(|| format!("Matrix G has {} eigenvalues close to zero", eigen.n_zero));
    Ok(zeros.into_iter().chain(negative(eigen)).collect())
}

/// Notes on a decomposition that was given as `name`, from its eigenvalues.
///
/// Fails if they are too large or none is above zero.
pub(super) fn of_eigenvalues(eigen: &Eigen, name: &str) -> Result<Vec<String>> {
    check_size(eigen.values.last().copied().unwrap_or(0.0), name)?;
    check_some_eigenvalue(eigen, name)?;
    let unit = note_on_unit(name, eigen.mean_value());
    Ok(unit.into_iter().chain(negative(eigen)).collect())
}

fn negative(eigen: &Eigen) -> Option<String> {
    (eigen.most_negative < -1e-8).then(|| {
        format!(
            "the kinship has negative eigenvalues, down to {:.3e}; they are set to 0, as in GEMMA; check that the file is a kinship matrix",
            eigen.most_negative
        )
    })
}

/// Fails if all eigenvalues are 0: the model would contain only noise.
fn check_some_eigenvalue(eigen: &Eigen, name: &str) -> Result<()> {
    if eigen.n() < 2 || eigen.values.iter().any(|&d| d > 0.0) {
        return Ok(());
    }
    Err(Error::degenerate(
        format!(
            "{name}: no eigenvalue of the centred kinship is above {ZERO_BELOW:e} (smaller ones are set to 0): it cannot correct for relatedness"
        ),
        "check that the file is a kinship matrix, and its unit: the mean diagonal should be near 1",
    ))
}

/// Notes on a null model whose λ is not determined, or is at an end of `range`.
///
/// * `mean_eigenvalue`: t; the kinship explains tλ/(tλ + 1) of the variance
/// * `uses_ml`: whether a result depends on the ML estimate
pub(super) fn of_null(
    null: &NullFit,
    range: LambdaRange,
    mean_eigenvalue: f64,
    uses_ml: bool,
) -> Vec<String> {
    if null.reml.found == Found::Flat {
        return vec!["the restricted likelihood of the null model does not depend on lambda: the covariates span the kinship, or it is a multiple of the identity, or its unit is so large that every lambda gives the same model; pve, vg and ve in the log are those at the smallest lambda and are not estimates".into()];
    }
    let lambdas = [null.reml.lambda, null.ml.lambda];
    notes_on_null(lambdas, range, mean_eigenvalue, uses_ml)
}
