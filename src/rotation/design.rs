//! Rotated covariates, shared by all traits of a group.

use super::Rotation;
use crate::error::{Error, Result};
use crate::kernels::OrthonormalBasis;
use crate::kernels::combinations::{dots, subtract};
use faer::{Mat, MatRef};

/// A SNP is a linear combination of the covariates if regressing them out leaves less than this fraction of xᵀx.
pub(crate) const COLLINEAR_BELOW: f64 = 1e-18;

/// The covariates after rotation, and an orthonormal basis of them.
#[derive(Debug)]
pub struct RotatedDesign {
    n: usize,
    /// Rotated covariates, n padded × c.
    utw: Mat<f64>,
    basis: OrthonormalBasis,
}

impl RotatedDesign {
    /// Rotates the covariates `w` (n × c, with the intercept).
    ///
    /// Fails with [`Error::Degenerate`] if n ≤ c + 1 or the covariates are linearly dependent.
    pub fn new(rotation: &Rotation, w: MatRef<'_, f64>) -> Result<Self> {
        let (n, c) = (rotation.n(), w.ncols());
        assert_eq!(
            w.nrows(),
            n,
            "covariates and kinship are of the same individuals"
        );
        if n <= c + 1 {
            return Err(Error::degenerate(
                format!(
                    "{n} individuals are analysed, but {c} covariates (with the intercept) need at least {}",
                    c + 2
                ),
                "analyse more individuals or use fewer covariates",
            ));
        }
        let utw = rotation.rotate_columns(w);
        let columns: Vec<Vec<f64>> = (0..c)
            .map(|j| utw.col(j).iter().copied().collect())
            .collect();
        let basis = OrthonormalBasis::of(&columns).map_err(|dependent| {
            Error::degenerate(
                format!(
                    "covariate {} is a linear combination of the others after rotation",
                    dependent.column + 1
                ),
                "remove it from the covariate file",
            )
        })?;
        Ok(Self { n, utw, basis })
    }

    /// Number of covariates, including the intercept.
    #[must_use]
    pub fn c(&self) -> usize {
        self.basis.q.len()
    }

    /// Rotated covariates, n × c.
    #[must_use]
    pub fn utw(&self) -> MatRef<'_, f64> {
        self.utw.as_ref().subrows(0, self.n)
    }

    /// Orthonormal basis of the rotated covariates, padded columns.
    #[must_use]
    pub fn basis(&self) -> &OrthonormalBasis {
        &self.basis
    }

    /// Subtracts from the rotated column `x` its projection on the covariates, twice: the first pass leaves a rounding
    /// error of the size of x.
    ///
    /// * `coefficients`: scratch
    pub(crate) fn regress_out(&self, x: &mut [f64], coefficients: &mut Vec<f64>) {
        let q = &self.basis.q;
        coefficients.resize(q.len(), 0.0);
        for _ in 0..2 {
            dots(q, x, coefficients);
            subtract(q, coefficients, x);
        }
    }
}
