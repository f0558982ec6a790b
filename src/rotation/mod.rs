//! Rotation to the coordinates of the eigenvectors: with K* = U diag(d) Uᵀ, every trait, covariate and SNP x becomes Uᵀx,
//! and the residuals of the model become independent.
//!
//! One [`Rotation`] and one [`RotatedDesign`] are used for all traits of the same individuals. SNPs are rotated in batches,
//! directly from packed genotypes or from dosages (`block.rs`).

mod block;
mod design;

pub(crate) use block::RotatedSnps;
pub use block::bytes;
pub(crate) use design::COLLINEAR_BELOW;
pub use design::RotatedDesign;

use crate::eigen::Eigen;
use crate::genotype::Subset;
use crate::kernels::padded;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

/// The eigendecomposition of the kinship of the analysed individuals, which are the rows of all columns to rotate.
#[derive(Debug)]
pub struct Rotation {
    eigen: Eigen,
    /// Eigenvalues, padded with 0.
    d: Vec<f64>,
    subset: Subset,
    /// The factors of the rows of U if it is that of a weighted model, else empty.
    row_factors: Vec<f64>,
}

impl Rotation {
    /// The rotation by `eigen`.
    ///
    /// * `subset`: the individuals of `eigen`, in its order
    ///
    /// # Panics
    /// If `eigen` and `subset` have different numbers of individuals.
    #[must_use]
    pub fn new(eigen: Eigen, subset: Subset) -> Self {
        assert_eq!(
            eigen.n(),
            subset.len(),
            "the decomposition is of the analysed individuals"
        );
        let mut d = eigen.values.clone();
        d.resize(padded(eigen.n()), 0.0);
        Self {
            eigen,
            d,
            subset,
            row_factors: Vec::new(),
        }
    }

    /// The rotation of a model whose rows are multiplied by `factors`, of which `eigen` is the decomposition: x becomes
    /// Uᵀ diag(factors) x.
    ///
    /// # Panics
    /// As for [`Rotation::new`], or if there is not one factor for each individual.
    #[must_use]
    pub fn of_scaled_rows(mut eigen: Eigen, subset: Subset, factors: Vec<f64>) -> Self {
        eigen.scale_rows(&factors);
        Self::with_scaled_rows(eigen, subset, factors)
    }

    /// As [`Rotation::of_scaled_rows`], with vectors whose rows are multiplied by the factors already.
    #[must_use]
    pub(crate) fn with_scaled_rows(eigen: Eigen, subset: Subset, factors: Vec<f64>) -> Self {
        Self {
            row_factors: factors,
            ..Self::new(eigen, subset)
        }
    }

    /// The rotation of products with `e`: x becomes what this rotation makes of x∘e. It has a matrix of its own, with row i of
    /// U multiplied by eᵢ, so that packed genotypes need not be unpacked.
    ///
    /// * `e`: n values
    ///
    /// # Panics
    /// If `e` does not have one value for each individual.
    #[must_use]
    pub(crate) fn of_products_with(&self, e: &[f64]) -> Self {
        let mut eigen = self.eigen.clone();
        eigen.scale_rows(e);
        Self::new(eigen, self.subset.clone())
    }

    /// Number of individuals.
    #[must_use]
    pub fn n(&self) -> usize {
        self.eigen.n()
    }

    /// The eigendecomposition.
    #[must_use]
    pub fn eigen(&self) -> &Eigen {
        &self.eigen
    }

    /// Eigenvalues, padded with zeros to whole lanes of the kernels, as all rotated columns are.
    #[must_use]
    pub fn d(&self) -> &[f64] {
        &self.d
    }

    /// The individuals, as rows of the genotype source.
    #[must_use]
    pub fn subset(&self) -> &Subset {
        &self.subset
    }

    /// Ux for one rotated column: transforms it back to the individuals, n values. With factors of the rows, diag(factors)⁻¹Ux,
    /// and 0 for a factor of 0.
    #[must_use]
    pub(crate) fn rotate_back(&self, rotated: &[f64]) -> Vec<f64> {
        let n = self.n();
        let mut back = vec![0.0; n];
        // One thread, so that the result does not depend on the number of threads.
        matmul(
            MatMut::from_column_major_slice_mut(&mut back, n, 1),
            Accum::Replace,
            &self.eigen.vectors,
            MatRef::from_column_major_slice(rotated, n, 1),
            1.0,
            Par::Seq,
        );
        // U has the factors already, so they are divided out twice.
        for (back, factor) in back.iter_mut().zip(&self.row_factors) {
            *back = if *factor == 0.0 {
                0.0
            } else {
                *back / (factor * factor)
            };
        }
        back
    }

    /// Uᵀx for the few columns of `x` (n × any number), padded.
    #[must_use]
    pub(crate) fn rotate_columns(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        let mut out = Mat::zeros(self.d.len(), x.ncols());
        // One thread, so that the result of a column does not depend on the number of columns.
        self.eigen.rotate(x, MatMut::from(out.as_mut()), Par::Seq);
        out
    }
}
