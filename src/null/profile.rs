//! The profile of the restricted likelihood over the proportion of variance that the kinship explains.

use super::fit::NullFit;
use super::likelihood::{Criterion, Likelihood, Scratch};
use super::model::TraitModel;

/// Steps of PVE from 0 to 1.
const STEPS: usize = 100;
/// Further values near the estimate, in units of its standard error.
const NEARBY: [f64; 12] = [
    -2.5, -2.0, -1.5, -1.0, -0.6, -0.3, 0.3, 0.6, 1.0, 1.5, 2.0, 2.5,
];

/// PVE, ascending, and the restricted log-likelihood at it minus that at the estimate, maximised over the other parameters:
/// PVE = tλ/(tλ + 1) with the mean eigenvalue t, at multiples of 0.01 below 1 and near the estimate.
///
/// Values of PVE at which the likelihood cannot be evaluated are absent. Empty if t is not positive.
#[must_use]
pub fn pve_profile(model: &TraitModel, fit: &NullFit) -> Vec<(f64, f64)> {
    let t = model.mean_eigenvalue();
    if !(t > 0.0) || !fit.reml.value.is_finite() {
        return Vec::new();
    }
    let mut values: Vec<f64> = (0..STEPS).map(|k| k as f64 / STEPS as f64).collect();
    values.extend(NEARBY.iter().map(|k| fit.pve + k * fit.pve_se));
    values.push(fit.pve);
    values.retain(|pve| (0.0..1.0).contains(pve));
    values.sort_by(f64::total_cmp);
    values.dedup();
    let mut scratch = Scratch::default();
    let mut likelihood = Likelihood::new(model, None, &mut scratch);
    let fall = |pve: f64| {
        let lambda = pve / (t * (1.0 - pve));
        (
            pve,
            likelihood.value_at(Criterion::Reml, lambda) - fit.reml.value,
        )
    };
    let profile = values.into_iter().map(fall);
    profile.filter(|(_, fall)| fall.is_finite()).collect()
}
