//! The eigendecomposition of the centred kinship matrix of the analysed individuals.

mod back_transformation;
pub mod cache;
mod decompose;
mod divide;
mod given;
mod stored;
mod tridiagonalize;
mod values;

pub use decompose::{decompose, decompose_cancellable};
pub use given::{GivenEigen, SelectedEigen};
pub use stored::read_eigen;
pub use values::eigenvalues;

use crate::error::{Error, Result};
use crate::kernels::Precision;
use crate::kernels::table_product::{Line8, Patterns, transposed_product};
use crate::kinship::Kinship;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

/// Eigenvalues below this absolute bound are set to 0, as are all negative ones, as in GEMMA.
pub const ZERO_BELOW: f64 = 1e-10;

/// K* = U diag(d) Uᵀ for the centred kinship K*.
#[derive(Debug, Clone)]
pub struct Eigen {
    /// d, ascending, with everything below [`ZERO_BELOW`] set to 0.
    pub values: Vec<f64>,
    /// U, n × n: column j belongs to `values[j]`.
    pub vectors: Mat<f64>,
    /// Number of eigenvalues that are 0 after the zeroing rule. A centred matrix has at least one.
    pub n_zero: usize,
    /// The most negative eigenvalue before the zeroing rule, or 0.
    pub most_negative: f64,
}

impl Eigen {
    /// Centres `kinship` and decomposes it; `advance` is called with the fraction of the work done, from 0 to 1.
    ///
    /// Takes 3 n² doubles, including `kinship`.
    ///
    /// Fails with [`Error::Degenerate`] if an entry is not finite or is too large, and with [`Error::NoConvergence`] if
    /// the decomposition fails.
    pub fn of(kinship: Kinship, advance: &(dyn Fn(f64) + Sync)) -> Result<Self> {
        Self::of_cancellable(&|| false, kinship, advance)
    }

    /// As [`Eigen::of`], but fails with [`Error::Interrupted`] soon after `is_cancelled` returns true.
    pub fn of_cancellable(
        is_cancelled: &(dyn Fn() -> bool + Sync),
        kinship: Kinship,
        advance: &(dyn Fn(f64) + Sync),
    ) -> Result<Self> {
        Self::of_centred(is_cancelled, Self::centred(kinship)?, advance)
    }

    /// The centred kinship K*, which every backend decomposes.
    ///
    /// Fails with [`Error::Degenerate`] if an entry is not finite or is too large.
    pub fn centred(kinship: Kinship) -> Result<Mat<f64>> {
        let mut matrix = kinship.matrix;
        if !matrix.is_all_finite() {
            return Err(Error::degenerate(
                "the kinship matrix has an entry that is not a finite number",
                "recompute the kinship with `jamma gk`",
            ));
        }
        centre(&mut matrix);
        if !matrix.is_all_finite() {
            return Err(Error::degenerate(
                "the entries of the kinship matrix are too large: their sums overflow",
                "a kinship has entries near 1; check the file, or recompute it with `jamma gk`",
            ));
        }
        Ok(matrix)
    }

    /// Decomposes a centred kinship ([`Eigen::centred`]) that may have been scaled; otherwise as [`Eigen::of_cancellable`].
    pub fn of_centred(
        is_cancelled: &(dyn Fn() -> bool + Sync),
        matrix: Mat<f64>,
        advance: &(dyn Fn(f64) + Sync),
    ) -> Result<Self> {
        let (values, vectors) = decompose_cancellable(is_cancelled, matrix, advance)?;
        Ok(Self::new(values, vectors))
    }

    /// Multiplies row i of U by `factors[i]`.
    ///
    /// # Panics
    /// If there is not one factor for each individual.
    pub fn scale_rows(&mut self, factors: &[f64]) {
        assert_eq!(factors.len(), self.n(), "a factor for each individual");
        for j in 0..self.vectors.ncols() {
            for (i, factor) in factors.iter().enumerate() {
                self.vectors[(i, j)] *= factor;
            }
        }
    }

    /// Applies the zeroing rule to `values`, which are ascending and belong to the columns of `vectors`.
    #[must_use]
    pub fn new(mut values: Vec<f64>, vectors: Mat<f64>) -> Self {
        let most_negative = values.iter().copied().fold(0.0, f64::min);
        for value in &mut values {
            if *value < ZERO_BELOW {
                *value = 0.0;
            }
        }
        let n_zero = values.iter().filter(|&&d| d == 0.0).count();
        Self {
            values,
            vectors,
            n_zero,
            most_negative,
        }
    }

    /// Number of individuals.
    #[must_use]
    pub fn n(&self) -> usize {
        self.values.len()
    }

    /// Mean of the eigenvalues: trace(K*)/n.
    #[must_use]
    pub fn mean_value(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.n() as f64
    }

    /// Uᵀx for the columns of `x`.
    ///
    /// * `x`: n × b
    /// * `rotated`: at least n rows, b columns; rows from n on are set to 0
    pub fn rotate(&self, x: MatRef<'_, f64>, rotated: MatMut<'_, f64>, par: Par) {
        let (mut top, mut padding) = rotated.split_at_row_mut(self.n());
        matmul(
            top.as_mut(),
            Accum::Replace,
            self.vectors.transpose(),
            x,
            1.0,
            par,
        );
        padding.fill(0.0);
    }

    /// Uᵀx for SNPs of packed genotypes, on all threads: \[panel of eight eigenvectors\]\[SNP\].
    ///
    /// * `x`: n × b
    /// * `rotated`: ⌈n/8⌉ · b lines; entries beyond n are set to 0
    pub fn rotate_patterns(&self, x: &Patterns, precision: Precision, rotated: &mut [Line8]) {
        let column = |j| {
            let column = self.vectors.col(j).try_as_col_major();
            column
                .expect("columns of a matrix are contiguous")
                .as_slice()
        };
        transposed_product(self.n(), column, x, precision, rotated);
    }
}

/// K*_ij = K_ij − (s_i + s_j)/n + S/n² with row sums s and total S: the mean is projected out on both sides.
///
/// The upper triangle is used and mirrored to the lower, as in GEMMA.
fn centre(k: &mut Mat<f64>) {
    let n = k.nrows();
    let scale = 1.0 / n as f64;
    // Columns are contiguous and the matrix is symmetric, so column sums are row sums.
    let sums: Vec<f64> = (0..n).map(|j| k.col(j).sum()).collect();
    let total: f64 = sums.iter().sum();
    for j in 0..n {
        for i in 0..=j {
            k[(i, j)] += total * scale * scale - (sums[i] + sums[j]) * scale;
        }
    }
    for j in 0..n {
        for i in j + 1..n {
            k[(i, j)] = k[(j, i)];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centring_removes_row_sums() {
        let mut k = Mat::from_fn(4, 4, |i, j| (i * j + i + j) as f64);
        centre(&mut k);
        for j in 0..4 {
            assert!(k.col(j).sum().abs() < 1e-12);
            for i in 0..4 {
                assert_eq!(k[(i, j)], k[(j, i)]);
            }
        }
    }

    #[test]
    fn negative_and_tiny_eigenvalues_become_zero() {
        let eigen = Eigen::new(vec![-0.2, 1e-11, 1e-9, 3.0], Mat::identity(4, 4));
        assert_eq!(eigen.values, [0.0, 0.0, 1e-9, 3.0]);
        assert_eq!((eigen.n_zero, eigen.most_negative), (2, -0.2));
    }
}
