//! The likelihoods and the optimiser against independent formulas and methods.

mod double_double;
mod interval;
mod likelihood;
mod optimum;
mod textbook;

use super::TraitModel;
use crate::eigen::Eigen;
use crate::genotype::Subset;
use crate::kernels::padded;
use crate::kinship::Kinship;
use crate::rotation::{RotatedDesign, Rotation};
use faer::{Mat, MatMut, Par};
use std::sync::Arc;

/// Uniform random numbers between 0 and 1.
pub(crate) struct Uniform(pub(crate) u64);

impl Uniform {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Approximately normal, variance 1.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }

    pub(crate) fn genotype(&mut self, frequency: f64) -> f64 {
        f64::from(u8::from(self.next() < frequency)) + f64::from(u8::from(self.next() < frequency))
    }
}

/// The model of a single trait.
fn alone(eigen: Eigen, y: &[f64], w: &Mat<f64>) -> TraitModel {
    let rotation = Rotation::new(eigen, Subset::everybody(y.len()));
    let design = RotatedDesign::new(&rotation, w.as_ref()).expect("a design");
    TraitModel::new(&Arc::new(rotation), &Arc::new(design), y).expect("a model")
}

/// A simulated study.
pub(crate) struct Study {
    /// Centred kinship of the individuals.
    k: Mat<f64>,
    /// Intercept and covariates, n × c.
    w: Mat<f64>,
    y: Vec<f64>,
    /// A SNP to test.
    x: Vec<f64>,
}

impl Study {
    /// The fraction `h2` of the variance of y is genetic.
    pub(crate) fn simulate(seed: u64, n: usize, c: usize, h2: f64) -> Self {
        let mut random = Uniform(seed);
        let snps = 2 * n;
        let mut g = Mat::zeros(n, snps);
        for j in 0..snps {
            let frequency = 0.1 + 0.8 * random.next();
            (0..n).for_each(|i| g[(i, j)] = random.genotype(frequency));
            let mean = g.col(j).sum() / n as f64;
            (0..n).for_each(|i| g[(i, j)] -= mean);
        }
        let k = Mat::from_fn(n, n, |i, j| (g.row(i) * g.row(j).transpose()) / snps as f64);
        let effects: Vec<f64> = (0..snps).map(|_| random.normal()).collect();
        let u: Vec<f64> = (0..n)
            .map(|i| (0..snps).map(|j| g[(i, j)] * effects[j]).sum())
            .collect();
        let scale = (u.iter().map(|u| u * u).sum::<f64>() / n as f64).sqrt();
        let w = Mat::from_fn(
            n,
            c,
            |_, j| if j == 0 { 1.0 } else { 3.0 + random.normal() },
        );
        let frequency = 0.3;
        let x: Vec<f64> = (0..n).map(|_| random.genotype(frequency)).collect();
        let y = (0..n).map(|i| {
            let covariates: f64 = (0..c).map(|j| w[(i, j)]).sum();
            covariates + h2.sqrt() * u[i] / scale + (1.0 - h2).sqrt() * random.normal() + 0.2 * x[i]
        });
        Self {
            k,
            y: y.collect(),
            w,
            x,
        }
    }

    fn n(&self) -> usize {
        self.y.len()
    }

    pub(crate) fn model(&self) -> TraitModel {
        let eigen = Eigen::of(
            Kinship {
                matrix: self.k.clone(),
            },
            &|_| (),
        )
        .expect("a decomposition");
        alone(eigen, &self.y, &self.w)
    }

    /// The SNP in the form required by `Likelihood`: rotated, padded, and with the covariates regressed out.
    pub(crate) fn rotated_snp(&self, model: &TraitModel) -> Vec<f64> {
        let x = Mat::from_fn(self.n(), 1, |i, _| self.x[i]);
        let mut rotated = vec![0.0; padded(self.n())];
        let rows = rotated.len();
        let out = MatMut::from_column_major_slice_mut(&mut rotated, rows, 1);
        model.rotation().eigen().rotate(x.as_ref(), out, Par::Seq);
        model.basis().remove_from(&mut rotated);
        rotated
    }

    /// W, or W and x.
    fn design(&self, with_snp: bool) -> Mat<f64> {
        let c = self.w.ncols();
        Mat::from_fn(self.n(), c + usize::from(with_snp), |i, j| {
            if j < c { self.w[(i, j)] } else { self.x[i] }
        })
    }
}

#[track_caller]
pub(crate) fn assert_close(what: &str, a: f64, b: f64, relative: f64) {
    assert!(
        (a - b).abs() <= relative * b.abs().max(a.abs()),
        "{what}: {a} is not {b}"
    );
}
