//! Traits of the same individuals, each with its null model.

use super::fit::{NullFit, fit_null};
use super::model::TraitModel;
use super::range::LambdaRange;
use crate::error::Result;
use crate::rotation::{RotatedDesign, Rotation};
use std::sync::Arc;

/// A trait with its fitted null model.
#[derive(Debug)]
pub struct FittedTrait {
    /// Name given by the user.
    pub name: String,
    /// The rotated trait.
    pub model: TraitModel,
    /// The model without a SNP.
    pub null: NullFit,
}

impl FittedTrait {
    /// Rotates the trait `y` and fits its null model; fails as [`TraitModel::new`] and [`fit_null`] do.
    pub fn fit(
        name: String,
        y: &[f64],
        rotation: &Arc<Rotation>,
        design: &Arc<RotatedDesign>,
        range: LambdaRange,
    ) -> Result<Self> {
        let model = TraitModel::new(rotation, design, y)?;
        let null = fit_null(&model, range)?;
        Ok(Self { name, model, null })
    }
}

/// Traits that share individuals, kinship and covariates. Work that does not depend on the trait is done once.
#[derive(Debug)]
pub struct FittedGroup {
    /// The eigendecomposition and its individuals.
    pub rotation: Arc<Rotation>,
    /// The rotated covariates.
    pub design: Arc<RotatedDesign>,
    /// The traits, at least one.
    pub traits: Vec<FittedTrait>,
}

impl FittedGroup {
    /// A group of `traits`.
    ///
    /// # Panics
    /// If there is no trait, or the traits were not rotated together.
    #[must_use]
    pub fn new(traits: Vec<FittedTrait>) -> Self {
        let first = &traits.first().expect("a group has a trait").model;
        let (rotation, design) = (Arc::clone(first.rotation()), Arc::clone(first.design()));
        assert!(
            traits.iter().all(|t| {
                Arc::ptr_eq(t.model.rotation(), &rotation) && Arc::ptr_eq(t.model.design(), &design)
            }),
            "traits of a group share rotation and covariates"
        );
        Self {
            rotation,
            design,
            traits,
        }
    }

    /// Number of individuals.
    #[must_use]
    pub fn n(&self) -> usize {
        self.rotation.n()
    }

    /// Number of covariates, including the intercept.
    #[must_use]
    pub fn c(&self) -> usize {
        self.design.c()
    }
}
