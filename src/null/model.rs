//! One trait after rotation, with the covariates it shares with other traits.

use crate::error::{Error, Result};
use crate::kernels::OrthonormalBasis;
use crate::kernels::orthonormal::dot;
use crate::rotation::{RotatedDesign, Rotation};
use faer::MatRef;
use std::sync::Arc;

/// A trait has no variance left if regressing out the covariates leaves less than this fraction of its sum of squares.
pub(crate) const EXPLAINED_BELOW: f64 = 1e-20;

/// A rotated trait of n individuals.
///
/// All rotated columns are padded with zeros to whole lanes of the kernels.
#[derive(Debug)]
pub struct TraitModel {
    rotation: Arc<Rotation>,
    design: Arc<RotatedDesign>,
    /// Rotated trait after the covariates are regressed out.
    y: Vec<f64>,
    /// Coefficients of its projection on the covariates, in the basis.
    y_in_basis: Vec<f64>,
    /// Rotated trait.
    uty: Vec<f64>,
}

impl TraitModel {
    /// Rotates the trait `y` (n).
    ///
    /// Fails with [`Error::Degenerate`] if the covariates explain it completely, for example if it is constant.
    pub fn new(rotation: &Arc<Rotation>, design: &Arc<RotatedDesign>, y: &[f64]) -> Result<Self> {
        let n = rotation.n();
        assert!(
            y.len() == n && design.utw().nrows() == n,
            "trait, covariates and kinship are of the same individuals"
        );
        let uty = rotation.rotate_columns(MatRef::from_column_major_slice(y, n, 1));
        let mut residual: Vec<f64> = uty.col(0).iter().copied().collect();
        let norm = dot(&residual, &residual);
        let y_in_basis = design.basis().remove_from(&mut residual);
        if !(dot(&residual, &residual) > EXPLAINED_BELOW * norm) {
            return Err(Error::degenerate(
                "the phenotype has no variance left after adjusting for the covariates among the analysed individuals",
                "check that the phenotype is neither constant nor a linear combination of the covariates",
            ));
        }
        Ok(Self {
            rotation: Arc::clone(rotation),
            design: Arc::clone(design),
            y: residual,
            y_in_basis,
            uty: uty.col(0).subrows(0, n).iter().copied().collect(),
        })
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

    /// The rotation of the trait, also used for SNPs.
    #[must_use]
    pub fn rotation(&self) -> &Arc<Rotation> {
        &self.rotation
    }

    /// The rotated covariates.
    #[must_use]
    pub fn design(&self) -> &Arc<RotatedDesign> {
        &self.design
    }

    /// Eigenvalues, padded.
    #[must_use]
    pub fn d(&self) -> &[f64] {
        self.rotation.d()
    }

    /// Mean of the eigenvalues.
    #[must_use]
    pub fn mean_eigenvalue(&self) -> f64 {
        self.rotation.eigen().mean_value()
    }

    /// Orthonormal basis of the rotated covariates, padded columns.
    #[must_use]
    pub fn basis(&self) -> &OrthonormalBasis {
        self.design.basis()
    }

    /// Rotated trait after the covariates are regressed out, padded.
    #[must_use]
    pub fn y(&self) -> &[f64] {
        &self.y
    }

    /// Rotated trait before the covariates are regressed out, n values.
    #[must_use]
    pub fn uty(&self) -> &[f64] {
        &self.uty
    }

    /// Norm of y before the covariates are regressed out, the scale of the rounding errors of rotated values.
    #[must_use]
    pub fn trait_norm(&self) -> f64 {
        dot(&self.uty, &self.uty).sqrt()
    }

    /// Coefficients of the covariates, given those of the basis for [`TraitModel::y`].
    pub(super) fn covariate_effects(&self, of_residual: &[f64]) -> Vec<f64> {
        let both: Vec<f64> = self
            .y_in_basis
            .iter()
            .zip(of_residual)
            .map(|(a, b)| a + b)
            .collect();
        self.basis().coefficients_of_columns(&both)
    }

    /// r = Uᵀy − UᵀWβ, n values.
    #[must_use]
    pub fn rotated_residual(&self, beta: &[f64]) -> Vec<f64> {
        let (mut r, utw) = (self.uty.clone(), self.design.utw());
        for (j, beta) in beta.iter().enumerate() {
            for (i, r) in r.iter_mut().enumerate() {
                *r -= utw[(i, j)] * beta;
            }
        }
        r
    }
}
