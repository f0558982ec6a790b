//! The models of a group's traits with the environment among the covariates.

use crate::cohort::{Environment, TraitGroup};
use crate::error::Result;
use crate::null::{FittedGroup, TraitModel};
use crate::rotation::{RotatedDesign, Rotation};
use faer::Mat;
use std::sync::Arc;

/// The traits of a group with the covariates [W, E], and the rotations of the products of SNPs with E.
#[derive(Debug)]
pub struct InteractionModel {
    /// [W, E] after rotation.
    pub(super) design: Arc<RotatedDesign>,
    /// The traits, in the order of the group.
    pub(super) traits: Vec<TraitModel>,
    /// For each column of E, the rotation of products with it, after it is centred and scaled.
    pub(super) products: Vec<Product>,
}

/// The rotation of the products with a column e of E.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) rotation: Rotation,
    /// The products are with (e − `mean`)/`scale`: far from 0, x∘e is nearly a multiple of x.
    pub(super) mean: f64,
    pub(super) scale: f64,
}

impl InteractionModel {
    /// The models of the traits in `fitted`, which are those of `group`.
    ///
    /// Fails with [`Error::Degenerate`](crate::error::Error) if [W, E] is linearly dependent after rotation.
    pub fn new(
        group: &TraitGroup,
        fitted: &FittedGroup,
        environment: &Environment,
    ) -> Result<Self> {
        let (rotation, w) = (&fitted.rotation, &group.design.w);
        let (n, c) = (w.nrows(), w.ncols());
        let columns = &environment.columns;
        let with_e = Mat::from_fn(n, c + columns.len(), |i, j| {
            if j < c { w[(i, j)] } else { columns[j - c][i] }
        });
        let design = Arc::new(RotatedDesign::new(rotation, with_e.as_ref())?);
        let of_trait = |one: &crate::null::FittedTrait| {
            let mut named = group.traits.iter().filter(|other| other.name == one.name);
            let y = &named.next().expect("a fitted trait is one of its group").y;
            TraitModel::new(rotation, &design, y)
        };
        let traits = fitted.traits.iter().map(of_trait).collect::<Result<_>>()?;
        let product = |(e, &mean): (&Vec<f64>, &f64)| {
            let scale = e.iter().fold(0.0, |max: f64, e| max.max(e.abs()));
            let scaled: Vec<f64> = e.iter().map(|e| e / scale).collect();
            Product {
                rotation: rotation.of_products_with(&scaled),
                mean,
                scale,
            }
        };
        Ok(Self {
            design,
            traits,
            products: columns
                .iter()
                .zip(&environment.means)
                .map(product)
                .collect(),
        })
    }

    /// Number of columns of a SNP: x and its products.
    pub(super) fn n_columns(&self) -> usize {
        1 + self.products.len()
    }
}
