//! The eigenvalues of a small symmetric matrix, in the current thread.

use crate::error::{Error, Result};
use dyn_stack::{MemBuffer, MemStack};
use faer::diag::Diag;
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{MatRef, Par, Spec};

/// Eigenvalues, ascending, of the symmetric `matrix`, of which only the lower triangle is read.
///
/// Fails with [`Error::NoConvergence`] if the decomposition fails.
pub fn eigenvalues(matrix: MatRef<'_, f64>) -> Result<Vec<f64>> {
    let n = matrix.nrows();
    let mut values = Diag::zeros(n);
    let scratch =
        self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::No, Par::Seq, Spec::default());
    let mut buffer = MemBuffer::new(scratch);
    self_adjoint_evd(
        matrix,
        values.as_mut(),
        None,
        Par::Seq,
        MemStack::new(&mut buffer),
        Spec::default(),
    )
    .map_err(|_| Error::NoConvergence {
        what: format!("the eigenvalues of a {n} x {n} matrix were not found"),
    })?;
    Ok((0..n).map(|i| values[i]).collect())
}
