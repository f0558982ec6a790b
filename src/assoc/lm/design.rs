//! Covariates and traits of a group, with the products of packed SNPs that are needed of them.

use crate::cohort::TraitGroup;
use crate::kernels::OrthonormalBasis;
use crate::kernels::orthonormal::dot;
use crate::kernels::table_product::PackedColumns;
use crate::null::{PERFECT_FIT, PERFECT_FIT_EACH};

/// The columns that SNPs are multiplied with: an orthonormal basis of the covariates, and the residuals of the traits.
pub(super) struct LinearDesign {
    /// Orthonormal basis of W; its first column is that of the intercept, so that the others are orthogonal to it.
    pub(super) basis: OrthonormalBasis,
    /// The traits, in the order of the group.
    pub(super) traits: Vec<Residual>,
    /// The basis without its first column, then the residuals.
    pub(super) packed: PackedColumns,
}

/// A trait after regressing out the covariates.
pub(super) struct Residual {
    /// Py.
    pub(super) py: Vec<f64>,
    /// yᵀPy.
    pub(super) ypy: f64,
    /// A residual sum of squares below this is rounding error, and the fit is perfect.
    pub(super) least_rss: f64,
}

impl LinearDesign {
    /// # Panics
    /// If the group has no intercept among its covariates.
    pub(super) fn new(group: &TraitGroup) -> Self {
        let w = &group.design.w;
        let is_constant = |j: &usize| w.col(*j).iter().all(|x| *x == w[(0, *j)]);
        let intercept = (0..w.ncols()).find(is_constant);
        let intercept = intercept.expect("a design has an intercept");
        let others = (0..w.ncols()).filter(|&j| j != intercept);
        let columns: Vec<Vec<f64>> = std::iter::once(intercept)
            .chain(others)
            .map(|j| w.col(j).iter().copied().collect())
            .collect();
        let basis = OrthonormalBasis::above(0.0, &columns)
            .expect("the covariates of a design are linearly independent");
        let traits: Vec<Residual> = (group.traits.iter())
            .map(|one| Residual::new(&one.y, &basis))
            .collect();
        let q = basis.q.iter().skip(1).map(Vec::as_slice);
        let py = traits.iter().map(|of| of.py.as_slice());
        let packed = PackedColumns::new(group.subset.len(), &q.chain(py).collect::<Vec<_>>());
        Self {
            basis,
            traits,
            packed,
        }
    }

    /// The columns of the products, of which the last are those of the traits.
    pub(super) fn columns(&self) -> impl Iterator<Item = &[f64]> {
        let q = self.basis.q.iter().skip(1).map(Vec::as_slice);
        q.chain(self.traits.iter().map(|of| of.py.as_slice()))
    }

    /// Number of covariates, including the intercept.
    pub(super) fn c(&self) -> usize {
        self.basis.q.len()
    }
}

impl Residual {
    fn new(y: &[f64], basis: &OrthonormalBasis) -> Self {
        let mut py = y.to_vec();
        basis.remove_from(&mut py);
        let (n, total) = (y.len() as f64, dot(y, y));
        // Rounding of y itself leaves up to half a unit in the last place in every residual.
        let noise = n * f64::EPSILON * f64::EPSILON * total;
        Self {
            ypy: dot(&py, &py),
            least_rss: (PERFECT_FIT + PERFECT_FIT_EACH * n) * total + noise,
            py,
        }
    }
}
