//! Values and derivatives.

use super::textbook::Textbook;
use super::{Study, assert_close};
use crate::kernels::weighted_sums::Weights;
use crate::null::likelihood::{Criterion, Likelihood, Scratch};
use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use std::f64::consts::PI;

const BOTH: [Criterion; 2] = [Criterion::Ml, Criterion::Reml];

/// Calls `check` for models with 1 to 4 covariates, with and without a SNP.
fn for_every_model(check: impl Fn(&Study, bool, &mut Likelihood<'_>)) {
    for c in 1..=4 {
        let study = Study::simulate(10 + c as u64, 61, c, 0.5);
        let model = study.model();
        let x = study.rotated_snp(&model);
        for with_snp in [false, true] {
            let mut scratch = Scratch::default();
            check(
                &study,
                with_snp,
                &mut Likelihood::new(&model, with_snp.then_some(&x), &mut scratch),
            );
        }
    }
}

/// ln|M| of a positive definite matrix.
fn log_determinant(m: &Mat<f64>) -> f64 {
    let llt = m.llt(Side::Lower).expect("positive definite");
    2.0 * llt
        .L()
        .diagonal()
        .column_vector()
        .iter()
        .map(|l| l.ln())
        .sum::<f64>()
}

/// The likelihood from V = λK + I itself, factorised; no rotation.
fn dense(study: &Study, with_snp: bool, criterion: Criterion, lambda: f64) -> f64 {
    let (n, x) = (study.n(), study.design(with_snp));
    let v = Mat::from_fn(n, n, |i, j| {
        lambda * study.k[(i, j)] + f64::from(u8::from(i == j))
    });
    let y = Mat::from_fn(n, 1, |i, _| study.y[i]);
    let llt = v.llt(Side::Lower).expect("V is positive definite");
    let (vx, vy) = (llt.solve(&x), llt.solve(&y));
    let xvx = x.transpose() * &vx;
    let beta = xvx
        .llt(Side::Lower)
        .expect("full rank")
        .solve(x.transpose() * &vy);
    let a = (y.transpose() * &vy)[(0, 0)] - (vx.transpose() * &y).transpose().row(0) * beta.col(0);
    let log_det = log_determinant(&v);
    match criterion {
        Criterion::Ml => {
            let n = n as f64;
            0.5 * n * (n.ln() - (2.0 * PI).ln() - 1.0) - 0.5 * log_det - 0.5 * n * a.ln()
        }
        Criterion::Reml => {
            let df = (n - x.ncols()) as f64;
            let fixed = log_determinant(&xvx) - log_determinant(&(x.transpose() * &x));
            0.5 * df * (df.ln() - (2.0 * PI).ln() - 1.0)
                - 0.5 * (log_det + fixed)
                - 0.5 * df * a.ln()
        }
    }
}

#[test]
fn both_likelihoods_equal_those_of_the_dense_model() {
    for_every_model(|study, with_snp, likelihood| {
        for criterion in BOTH {
            for lambda in [1e-5, 0.03, 1.0, 40.0, 1e5] {
                let exact = dense(study, with_snp, criterion, lambda);
                assert_close("value", likelihood.value_at(criterion, lambda), exact, 1e-9);
            }
        }
    });
}

#[test]
fn derivatives_equal_the_textbook_formulas_at_moderate_lambda() {
    for_every_model(|study, with_snp, likelihood| {
        let textbook = Textbook::new(study, with_snp);
        for criterion in BOTH {
            for lambda in [0.1, 0.5, 1.0, 3.0, 10.0] {
                let m = likelihood.moments(lambda, Weights::Three).unwrap();
                let exact = textbook.at(criterion, lambda);
                assert_close(
                    "value",
                    likelihood.value_at(criterion, lambda),
                    exact.value,
                    1e-11,
                );
                // A slope near its root is a difference of two terms; n is the size of each.
                let scale = study.n() as f64 / lambda;
                let slope = likelihood.slope(criterion, &m);
                assert!(
                    (slope - exact.slope).abs() <= 1e-11 * scale,
                    "{slope} is not {}",
                    exact.slope
                );
                let curvature = likelihood.curvature(criterion, &m);
                let scale = scale / lambda;
                assert!(
                    (curvature - exact.curvature).abs() <= 1e-11 * scale,
                    "{curvature} is not {}",
                    exact.curvature
                );
            }
        }
    });
}

#[test]
fn derivatives_equal_central_differences_from_the_smallest_lambda_to_large_ones() {
    for_every_model(|study, _, likelihood| {
        for criterion in BOTH {
            for lambda in [1e-5, 1e-3, 0.1, 1.0, 30.0, 1e3] {
                let m = likelihood.moments(lambda, Weights::Three).unwrap();
                // Steps in λ that change h only slightly, however small λ is.
                let step = 1e-4 * (lambda + 0.1);
                let mut slope_at = |lambda| {
                    let m = likelihood.moments(lambda, Weights::Two).unwrap();
                    likelihood.slope(criterion, &m)
                };
                let of_slope = (slope_at(lambda + step) - slope_at(lambda - step)) / (2.0 * step);
                let of_value = (likelihood.value_at(criterion, lambda + step)
                    - likelihood.value_at(criterion, lambda - step))
                    / (2.0 * step);
                let (slope, curvature) = (
                    likelihood.slope(criterion, &m),
                    likelihood.curvature(criterion, &m),
                );
                let size = study.n() as f64 / (lambda + 0.1);
                assert!(
                    (slope - of_value).abs() <= 1e-6 * size,
                    "slope at {lambda}: {slope}, {of_value}"
                );
                let size = size / (lambda + 0.1);
                assert!(
                    (curvature - of_slope).abs() <= 1e-6 * size,
                    "curvature at {lambda}: {curvature}, {of_slope}"
                );
            }
        }
    });
}
