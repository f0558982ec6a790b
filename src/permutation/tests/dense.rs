//! Every statistic against explicit matrices of the individuals, without eigenvectors.

use super::{COVARIATE, MISSING, MONOMORPHIC, Study, scan};
use crate::permutation::shuffle::{Generator, PermutationOptions};
use faer::linalg::solvers::DenseSolveCore;
use faer::{Col, Mat};

fn inverse(a: &Mat<f64>) -> Mat<f64> {
    a.partial_piv_lu().inverse()
}

/// V^(-½), the symmetric one, by the iteration of Denman & Beavers 1976.
fn inverse_root(v: &Mat<f64>) -> Mat<f64> {
    let (mut y, mut z) = (v.clone(), Mat::<f64>::identity(v.nrows(), v.nrows()));
    for _ in 0..30 {
        (y, z) = ((&y + inverse(&z)) * 0.5, (&z + inverse(&y)) * 0.5);
    }
    z
}

/// R² of the SNP and the residual, as in the documentation of the module.
fn r_squared(x: &Col<f64>, z: &Col<f64>) -> f64 {
    (x.transpose() * z).powi(2) / (x.squared_norm_l2() * z.squared_norm_l2())
}

/// The dosages of the analysed individuals, missing ones at the mean.
fn column(study: &Study, snp: usize) -> Col<f64> {
    let all = &study.dosages[snp * study.n_total..][..study.n_total];
    let x = Col::from_fn(study.subset.len(), |i| all[study.subset.rows()[i]]);
    let observed: Vec<f64> = x.iter().copied().filter(|x| !x.is_nan()).collect();
    let mean = observed.iter().sum::<f64>() / observed.len() as f64;
    Col::from_fn(x.nrows(), |i| if x[i].is_nan() { mean } else { x[i] })
}

#[test]
fn every_statistic_is_that_of_explicit_matrices() {
    let (count, seed) = (5, 11);
    let study = Study::simulate(4, 73, 12, 2);
    let (n, group) = (study.subset.len(), study.group(&[0, 1]));
    let scan = scan(&group, count, seed);
    for (t, fitted) in group.traits.iter().enumerate() {
        let lambda = fitted.null.reml.lambda;
        assert!(
            (0.05..20.0).contains(&lambda),
            "an estimate inside the range: {lambda}"
        );
        let root = inverse_root(&(&study.k * faer::Scale(lambda) + Mat::<f64>::identity(n, n)));
        let w = &root * &study.w;
        let m = Mat::<f64>::identity(n, n) - &w * inverse(&(w.transpose() * &w)) * w.transpose();
        let y = &root * Col::from_fn(n, |i| study.traits[t][i]);
        let fitted = &y - &m * &y;
        let r = &m * &y;
        let mut z = vec![r.clone()];
        for generator in Generator::sequence(PermutationOptions { count, seed }) {
            let mut order: Vec<usize> = (0..n).collect();
            generator.shuffle(&mut order);
            let response = &fitted + Col::from_fn(n, |i| r[order[i]]);
            z.push(&m * response);
        }
        for snp in 0..study.n_snps() {
            let is_skipped = [MONOMORPHIC, COVARIATE, MISSING].contains(&snp);
            let x = &m * (&root * column(&study, snp));
            for is_packed in [true, false] {
                let maxima = &study.maxima(&scan, snp..snp + 1, 1, is_packed)[t];
                let found = std::iter::once(&maxima.observed).chain(&maxima.permuted);
                for (found, z) in found.zip(&z) {
                    let expected = if is_skipped { 0.0 } else { r_squared(&x, z) };
                    assert!(
                        (found - expected).abs() < 1e-12,
                        "SNP {snp}: {found} {expected}"
                    );
                }
            }
        }
    }
}
