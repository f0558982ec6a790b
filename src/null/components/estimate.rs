//! The REML estimate of the ratio of two kinships for one trait.

use super::centred::CentredKinship;
use super::evaluation::Evaluation;
use super::identifiable;
use super::mixture::Mixture;
use super::search::maximise;
use crate::error::{Error, Result};
use crate::kernels::OrthonormalBasis;
use crate::kernels::orthonormal::dot;
use crate::kinship::Kinship;
use faer::MatRef;

/// A trait and two kinships of the same n individuals.
#[derive(Debug, Clone, Copy)]
pub struct MixtureInputs<'a> {
    /// The kinships, as given.
    pub kinships: [&'a Kinship; 2],
    /// Their names in messages.
    pub names: [&'a str; 2],
    /// Covariates, n × c, with an intercept.
    pub w: MatRef<'a, f64>,
    /// The trait, n values.
    pub y: &'a [f64],
    /// √weight of each individual, if they have weights.
    pub roots: Option<&'a [f64]>,
}

/// The fraction of the second kinship in the combined one, by REML over all three variance components.
///
/// Takes n² doubles besides the kinships. The result does not depend on the number of threads.
///
/// Fails with [`Error::Degenerate`] if the components cannot be told apart, with [`Error::NoConvergence`] if the maximum is not
/// found, and with [`Error::Interrupted`] soon after `is_cancelled` returns true.
pub fn estimate_mixture(
    inputs: MixtureInputs<'_>,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Mixture> {
    let MixtureInputs {
        kinships,
        names,
        w,
        y,
        roots,
    } = inputs;
    let root = |i: usize| roots.map_or(1.0, |roots| roots[i]);
    let scaled = |x: &mut dyn Iterator<Item = f64>| -> Vec<f64> {
        x.enumerate().map(|(i, x)| root(i) * x).collect()
    };
    let columns: Vec<Vec<f64>> = (0..w.ncols())
        .map(|j| scaled(&mut w.col(j).iter().copied()))
        .collect();
    let basis = OrthonormalBasis::of(&columns).map_err(|dependent| {
        Error::degenerate(
            format!(
                "covariate {} is a linear combination of the others once the individuals are weighted",
                dependent.column + 1
            ),
            "remove it from the covariate file",
        )
    })?;
    let mut y = scaled(&mut y.iter().copied());
    basis.remove_from(&mut y);
    // The likelihood does not depend on the unit of y, and y must not overflow.
    let largest = y.iter().fold(0.0_f64, |max, y| max.max(y.abs()));
    y.iter_mut().for_each(|y| *y /= largest);
    let norm = dot(&y, &y).sqrt();
    y.iter_mut().for_each(|y| *y /= norm);
    let [first, second] = [0, 1].map(|k| CentredKinship::new(kinships[k], names[k], roots));
    let (first, second) = (first?, second?);
    let scales = [first.scale, second.scale];
    let mut evaluation = Evaluation::new([first, second], &basis.q, &y)?;
    identifiable::check(&evaluation, names)?;
    let maximum = maximise(&mut evaluation, is_cancelled)?;
    Ok(Mixture::new(&maximum, scales))
}
