//! A kinship, centred, scaled by weights and divided by its mean diagonal, without a copy of the matrix.

use crate::error::{Error, Result};
use crate::kernels::columns::column;
use crate::kinship::Kinship;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};
use rayon::prelude::*;

/// Parts into which faer splits a product: fixed, so that the result has the same bits for any number of threads.
const PARTS: usize = 16;

/// B = D M K M D / t with M = I − 11ᵀ/n, D = diag(√weight) and t such that the mean diagonal of B is 1.
pub(super) struct CentredKinship<'a> {
    k: MatRef<'a, f64>,
    /// Means of the rows of K.
    means: Vec<f64>,
    /// Mean of all entries of K.
    mean: f64,
    /// The diagonal of D; `None` is I.
    roots: Option<&'a [f64]>,
    /// t.
    pub(super) scale: f64,
}

impl<'a> CentredKinship<'a> {
    /// Fails with [`Error::Degenerate`] if the mean diagonal is not positive.
    ///
    /// * `name`: the matrix in messages
    /// * `roots`: √weight of each individual, or `None`
    pub(super) fn new(kinship: &'a Kinship, name: &str, roots: Option<&'a [f64]>) -> Result<Self> {
        let k = kinship.matrix.as_ref();
        let n = k.nrows();
        // Columns are rows, because the matrix is symmetric.
        let means: Vec<f64> = (0..n)
            .into_par_iter()
            .map(|j| column(k, j).iter().sum::<f64>() / n as f64)
            .collect();
        let mean = means.iter().sum::<f64>() / n as f64;
        let mut one = Self {
            k,
            means,
            mean,
            roots,
            scale: 1.0,
        };
        one.scale = one.trace() / n as f64;
        // The negation also catches NaN.
        if !(one.scale > 0.0 && one.scale.is_finite()) {
            return Err(Error::degenerate(
                format!(
                    "{name}: the mean diagonal of the centred kinship is {:e}: it has no variance component",
                    one.scale
                ),
                "check that the file is a kinship matrix",
            ));
        }
        Ok(one)
    }

    fn n(&self) -> usize {
        self.means.len()
    }

    /// The sum of the diagonal of B.
    pub(super) fn trace(&self) -> f64 {
        let diagonal = (0..self.n()).map(|i| {
            let root = self.roots.map_or(1.0, |roots| roots[i]);
            root * root * (self.k[(i, i)] - 2.0 * self.means[i] + self.mean)
        });
        diagonal.sum::<f64>() / self.scale
    }

    /// Adds `factor` times column `j` of B, from the diagonal on, to `out`.
    pub(super) fn add_column(&self, j: usize, factor: f64, out: &mut [f64]) {
        let (k, means) = (&column(self.k, j)[j..], &self.means[j..]);
        let (shift, factor) = (self.mean - self.means[j], factor / self.scale);
        let entries = out.iter_mut().zip(k).zip(means);
        match self.roots {
            None => entries.for_each(|((out, k), mean)| *out += factor * (k - mean + shift)),
            Some(roots) => {
                let factor = factor * roots[j];
                let entries = entries.zip(&roots[j..]);
                entries.for_each(|(((out, k), mean), root)| {
                    *out += factor * root * (k - mean + shift);
                });
            }
        }
    }

    /// Bx for the few columns of `x`.
    pub(super) fn times(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        let (n, m) = (x.nrows(), x.ncols());
        let root = |i: usize| self.roots.map_or(1.0, |roots| roots[i]);
        let centred = |x: Mat<f64>| {
            let means: Vec<f64> = (0..m).map(|j| x.col(j).sum() / n as f64).collect();
            Mat::from_fn(n, m, |i, j| x[(i, j)] - means[j])
        };
        let inner = centred(Mat::from_fn(n, m, |i, j| root(i) * x[(i, j)]));
        let mut product = Mat::zeros(n, m);
        matmul(
            product.as_mut(),
            Accum::Replace,
            self.k,
            inner.as_ref(),
            1.0 / self.scale,
            Par::rayon(PARTS),
        );
        let outer = centred(product);
        Mat::from_fn(n, m, |i, j| root(i) * outer[(i, j)])
    }
}
