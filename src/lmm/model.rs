//! A study after rotation: everything that all SNPs share.

use crate::eigen::Eigen;
use crate::error::{Error, Result};
use crate::kernels::orthonormal::dot;
use crate::kernels::{OrthonormalBasis, padded};
use faer::{Mat, MatMut, MatRef, Par};

/// A phenotype whose sum of squares falls by this factor when the covariates are taken out has no variance left.
pub(crate) const EXPLAINED_BELOW: f64 = 1e-20;

/// Rotated phenotype and covariates of n individuals, with the eigendecomposition that rotates SNPs.
///
/// All rotated columns are padded with zeros to whole lanes of the kernels.
#[derive(Debug)]
pub struct RotatedModel {
    eigen: Eigen,
    /// Eigenvalues, padded with 0.
    d: Vec<f64>,
    /// Orthonormal basis of the rotated covariates, c columns.
    basis: OrthonormalBasis,
    /// Rotated phenotype without its part in the span of the covariates.
    y: Vec<f64>,
    /// Coefficients of that part, in the basis.
    y_in_basis: Vec<f64>,
    /// Rotated covariates, n × c.
    utw: Mat<f64>,
    /// Rotated phenotype.
    uty: Vec<f64>,
}

impl RotatedModel {
    /// Rotates the phenotype `y` (n) and the covariates `w` (n × c, with the intercept).
    ///
    /// Fails with [`Error::Degenerate`] where n ≤ c + 1, the covariates are linearly dependent, or they explain the
    /// phenotype completely (a constant phenotype, for one).
    pub fn new(eigen: Eigen, y: &[f64], w: MatRef<'_, f64>) -> Result<Self> {
        let (n, c) = (eigen.n(), w.ncols());
        assert!(
            y.len() == n && w.nrows() == n,
            "phenotype, covariates and kinship have the same individuals"
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
        let utw = rotated(&eigen, w);
        let uty = rotated(&eigen, MatRef::from_column_major_slice(y, n, 1));
        let basis = OrthonormalBasis::of(&columns(&utw)).map_err(|dependent| {
            Error::degenerate(
                format!(
                    "covariate {} is a linear combination of the others after rotation",
                    dependent.column + 1
                ),
                "remove it from the covariate file",
            )
        })?;
        let mut residual = columns(&uty).remove(0);
        let norm = dot(&residual, &residual);
        let y_in_basis = basis.remove_from(&mut residual);
        if !(dot(&residual, &residual) > EXPLAINED_BELOW * norm) {
            return Err(Error::degenerate(
                "the phenotype has no variance left after the covariates among the analysed individuals",
                "check that the phenotype column is not constant and not a combination of the covariates",
            ));
        }
        let mut d = eigen.values.clone();
        d.resize(padded(n), 0.0);
        let uty = uty.col(0).subrows(0, n).iter().copied().collect();
        Ok(Self {
            eigen,
            d,
            basis,
            y: residual,
            y_in_basis,
            utw,
            uty,
        })
    }

    /// Individuals.
    #[must_use]
    pub fn n(&self) -> usize {
        self.eigen.n()
    }

    /// Covariates, the intercept included.
    #[must_use]
    pub fn c(&self) -> usize {
        self.basis.q.len()
    }

    /// The eigendecomposition that rotates SNPs.
    #[must_use]
    pub fn eigen(&self) -> &Eigen {
        &self.eigen
    }

    /// Eigenvalues, padded.
    #[must_use]
    pub fn d(&self) -> &[f64] {
        &self.d
    }

    /// Orthonormal basis of the rotated covariates, padded columns.
    #[must_use]
    pub fn basis(&self) -> &OrthonormalBasis {
        &self.basis
    }

    /// Rotated phenotype after the covariates, padded.
    #[must_use]
    pub fn y(&self) -> &[f64] {
        &self.y
    }

    /// Rotated covariates, n rows of interest × c.
    #[must_use]
    pub fn utw(&self) -> MatRef<'_, f64> {
        self.utw.as_ref().subrows(0, self.n())
    }

    /// Rotated phenotype, n values, the covariates still in it.
    #[must_use]
    pub fn uty(&self) -> &[f64] {
        &self.uty
    }

    /// |y|, the covariates still in it: what the rounding of rotated numbers is relative to.
    #[must_use]
    pub fn phenotype_norm(&self) -> f64 {
        dot(&self.uty, &self.uty).sqrt()
    }

    /// Coefficients of the covariates, given those of the basis for [`RotatedModel::y`].
    pub(crate) fn covariate_effects(&self, of_residual: &[f64]) -> Vec<f64> {
        let both: Vec<f64> = self
            .y_in_basis
            .iter()
            .zip(of_residual)
            .map(|(a, b)| a + b)
            .collect();
        self.basis.coefficients_of_columns(&both)
    }

    /// r = Uᵀy − UᵀWβ, n values.
    #[must_use]
    pub fn rotated_residual(&self, beta: &[f64]) -> Vec<f64> {
        let mut r = self.uty.clone();
        for (j, beta) in beta.iter().enumerate() {
            for (i, r) in r.iter_mut().enumerate() {
                *r -= self.utw[(i, j)] * beta;
            }
        }
        r
    }
}

/// Uᵀx for the columns of `x`, padded.
fn rotated(eigen: &Eigen, x: MatRef<'_, f64>) -> Mat<f64> {
    let mut out = Mat::zeros(padded(eigen.n()), x.ncols());
    // One thread: the few columns of a study must not depend on how many there are.
    eigen.rotate(x, MatMut::from(out.as_mut()), Par::Seq);
    out
}

fn columns(m: &Mat<f64>) -> Vec<Vec<f64>> {
    (0..m.ncols())
        .map(|j| m.col(j).iter().copied().collect())
        .collect()
}
