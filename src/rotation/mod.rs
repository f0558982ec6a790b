//! Individuals in the coordinates of the eigenvectors: with K* = U diag(d) Uᵀ, every trait, covariate and SNP x becomes
//! Uᵀx, whose residuals are independent.
//!
//! One [`Rotation`] serves all traits of the same individuals, and so does the [`RotatedDesign`]. SNPs are rotated many at
//! once, straight from their packed genotypes or from dosages (`block.rs`).

mod block;
mod design;

pub(crate) use block::RotatedSnps;
pub use block::bytes;
pub use design::RotatedDesign;

use crate::eigen::Eigen;
use crate::genotype::Subset;
use crate::kernels::padded;
use faer::{Mat, MatMut, MatRef, Par};

/// The eigendecomposition of the kinship of some individuals, who are the rows of all that it rotates.
#[derive(Debug)]
pub struct Rotation {
    eigen: Eigen,
    /// Eigenvalues, padded with 0.
    d: Vec<f64>,
    subset: Subset,
}

impl Rotation {
    /// * `subset`: the individuals of `eigen`, in its order
    ///
    /// # Panics
    /// If `eigen` and `subset` differ in number.
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

    /// Individuals.
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

    /// Ux for one rotated column: back to the individuals, n values.
    #[must_use]
    pub(crate) fn rotate_back(&self, rotated: &[f64]) -> Vec<f64> {
        let rotated = MatRef::from_column_major_slice(rotated, self.n(), 1);
        let back: Mat<f64> = &self.eigen.vectors * rotated;
        back.col(0).iter().copied().collect()
    }

    /// Uᵀx for the few columns of `x` (n × any number), padded.
    #[must_use]
    pub(crate) fn rotate_columns(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        let mut out = Mat::zeros(self.d.len(), x.ncols());
        // One thread: the few columns of a study must not depend on how many there are.
        self.eigen.rotate(x, MatMut::from(out.as_mut()), Par::Seq);
        out
    }
}
