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
        Self { eigen, d, subset }
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

    /// Ux for one rotated column: transforms it back to the individuals, n values.
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
