//! The models of a group's traits, and the columns of a SNP.

use crate::cohort::{Environment, TraitGroup};
use crate::error::Result;
use crate::null::{FittedGroup, TraitModel};
use crate::rotation::{RotatedDesign, Rotation};
use faer::Mat;
use std::sync::Arc;

/// The columns by which a SNP enters the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SnpDesign {
    /// The SNP x.
    #[default]
    Single,
    /// x and its products with the environment, which is among the covariates.
    Interaction,
    /// x and the indicator of heterozygotes.
    Genotypic,
}

/// The traits of a group with their covariates, and the columns of a SNP after x.
#[derive(Debug)]
pub struct ColumnsModel {
    /// The covariates after rotation.
    pub(super) design: Arc<RotatedDesign>,
    /// The traits, in the order of the group.
    pub(super) traits: Vec<TraitModel>,
    pub(super) further: Vec<FurtherColumn>,
}

/// A column of a SNP after x.
#[derive(Debug)]
pub(super) enum FurtherColumn {
    /// The product with a column of the environment.
    Product(Box<Product>),
    /// 1 for a heterozygote, else 0.
    Heterozygotes,
}

/// The rotation of the products with a column e of E.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) rotation: Rotation,
    /// The products are with (e − `mean`)/`scale`: far from 0, x∘e is nearly a multiple of x.
    pub(super) mean: f64,
    pub(super) scale: f64,
}

impl ColumnsModel {
    /// The models of the traits in `fitted`, which are those of `group`, for SNPs with the columns `of_snp`; `None` if a SNP has a
    /// single column, for which `fitted` suffices.
    ///
    /// Fails with [`Error::Degenerate`](crate::error::Error) if the covariates and the environment are linearly dependent after
    /// rotation.
    ///
    /// # Panics
    /// If there are to be interactions, but the group has no environment.
    pub fn new(
        of_snp: SnpDesign,
        group: &TraitGroup,
        fitted: &FittedGroup,
    ) -> Result<Option<Self>> {
        Ok(match of_snp {
            SnpDesign::Single => None,
            SnpDesign::Genotypic => {
                let further = vec![FurtherColumn::Heterozygotes];
                let design = Arc::clone(&fitted.design);
                Some(Self::of(group, fitted, design, further)?)
            }
            SnpDesign::Interaction => {
                let environment = group.environment.as_ref();
                let environment = environment.expect("a run of interactions has an environment");
                Some(Self::of_interactions(group, fitted, environment)?)
            }
        })
    }

    /// The model with [W, E] and the products of a SNP with E.
    fn of_interactions(
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
        let product = |(e, &mean): (&Vec<f64>, &f64)| {
            let scale = e.iter().fold(0.0, |max: f64, e| max.max(e.abs()));
            let scaled: Vec<f64> = e.iter().map(|e| e / scale).collect();
            FurtherColumn::Product(Box::new(Product {
                rotation: rotation.of_products_with(&scaled),
                mean,
                scale,
            }))
        };
        let products = columns.iter().zip(&environment.means).map(product);
        let products = products.collect();
        Self::of(group, fitted, design, products)
    }

    fn of(
        group: &TraitGroup,
        fitted: &FittedGroup,
        design: Arc<RotatedDesign>,
        further: Vec<FurtherColumn>,
    ) -> Result<Self> {
        let of_trait = |one: &crate::null::FittedTrait| {
            let mut named = group.traits.iter().filter(|other| other.name == one.name);
            let y = &named.next().expect("a fitted trait is one of its group").y;
            TraitModel::new(&fitted.rotation, &design, y)
        };
        let traits = fitted.traits.iter().map(of_trait).collect::<Result<_>>()?;
        Ok(Self {
            design,
            traits,
            further,
        })
    }

    /// Number of columns of a SNP.
    pub(super) fn n_columns(&self) -> usize {
        1 + self.further.len()
    }
}
