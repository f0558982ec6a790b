//! The root of the slope in a bracket, for use when GEMMA's path fails.

use crate::kernels::weighted_sums::Weights;
use crate::null::likelihood::{Criterion, Likelihood};
use argmin::core::{CostFunction, Error, Executor, State};
use argmin::solver::brent::BrentRoot;
use std::cell::RefCell;

/// The slope as a function of ln λ, so that the tolerance is relative in λ.
struct Slope<'a, 'm> {
    likelihood: RefCell<&'a mut Likelihood<'m>>,
    criterion: Criterion,
}

impl CostFunction for Slope<'_, '_> {
    type Param = f64;
    type Output = f64;

    fn cost(&self, log_lambda: &f64) -> Result<f64, Error> {
        let mut likelihood = self.likelihood.borrow_mut();
        let moments = likelihood.moments(log_lambda.exp(), Weights::Two);
        Ok(moments.map_or(f64::NAN, |m| likelihood.slope(self.criterion, &m)))
    }
}

/// Relative width of λ at which the search stops.
pub(crate) const TOLERANCE: f64 = 1e-10;
pub(crate) const MAX_STEPS: u64 = 200;

/// λ̂ between `ends`, at which the slopes have opposite signs.
pub(super) fn root(
    likelihood: &mut Likelihood<'_>,
    criterion: Criterion,
    ends: [f64; 2],
) -> Option<f64> {
    let slope = Slope {
        likelihood: RefCell::new(likelihood),
        criterion,
    };
    let [lo, hi] = ends.map(f64::ln);
    let result = Executor::new(slope, BrentRoot::new(lo, hi, TOLERANCE))
        .configure(|state| state.param(lo).max_iters(MAX_STEPS))
        .timer(false)
        .run()
        .ok()?;
    result
        .state()
        .get_best_param()
        .map(|log_lambda| log_lambda.exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::null::likelihood::Scratch;
    use crate::null::optimize::{Found, LambdaGrid};
    use crate::null::range::LambdaRange;
    use crate::null::tests::Study;

    #[test]
    fn the_fallback_finds_the_root_that_the_path_approaches() {
        let study = Study::simulate(5, 90, 2, 0.5);
        let (model, range) = (study.model(), LambdaRange::default());
        let x = study.rotated_snp(&model);
        let mut scratch = Scratch::default();
        let mut likelihood = Likelihood::new(&model, Some(&x), &mut scratch);
        let grid = LambdaGrid::new(range);
        let survey = grid.survey(&mut likelihood).expect("a survey");
        for criterion in [Criterion::Ml, Criterion::Reml] {
            let path = grid.maximise(&mut likelihood, &survey, criterion);
            assert_eq!(path.found, Found::Path);
            let ends = [path.lambda / 3.0, path.lambda * 4.0];
            let lambda = root(&mut likelihood, criterion, ends).expect("a root");
            assert!(
                (lambda / path.lambda - 1.0).abs() < 2e-5,
                "{lambda} {}",
                path.lambda
            );
            let slope = |l: &mut Likelihood<'_>, lambda| {
                let m = l.moments(lambda, Weights::Two).expect("moments");
                l.slope(criterion, &m)
            };
            let (below, above) = (lambda * (1.0 - 1e-9), lambda * (1.0 + 1e-9));
            assert!(slope(&mut likelihood, below) > 0.0 && slope(&mut likelihood, above) < 0.0);
        }
    }
}
