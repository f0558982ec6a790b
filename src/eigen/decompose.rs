//! Symmetric eigendecomposition through faer.

use crate::error::{Error, Result};
use dyn_stack::{MemBuffer, MemStack};
use faer::diag::Diag;
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{Mat, MatRef, Par, Spec};

/// Parts into which faer splits its work. Fixed, not the number of threads: the parts decide the order of its sums, so
/// that the same bits come out of any thread pool, which shares the parts among its threads.
const PARTS: usize = 16;

/// Eigenvalues (ascending) and eigenvectors (columns) of the symmetric `matrix`, of which the lower triangle is read.
///
/// Fails with [`Error::NoConvergence`] where faer's divide and conquer does.
pub fn decompose(matrix: MatRef<'_, f64>) -> Result<(Vec<f64>, Mat<f64>)> {
    let n = matrix.nrows();
    let par = Par::rayon(PARTS);
    let params = Spec::default();
    let mut values = Diag::zeros(n);
    let mut vectors = Mat::zeros(n, n);
    let scratch = self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, par, params);
    let mut buffer = MemBuffer::try_new(scratch).map_err(|_| Error::Memory {
        what: format!(
            "no memory for the eigendecomposition: {:.1} GB beside the matrices",
            scratch.unaligned_bytes_required() as f64 / 1e9
        ),
        hint: "run on a machine with more memory, or analyse fewer individuals".into(),
    })?;
    self_adjoint_evd(
        matrix,
        values.as_mut(),
        Some(vectors.as_mut()),
        par,
        MemStack::new(&mut buffer),
        params,
    )
    .map_err(|e| Error::NoConvergence {
        what: format!(
            "the eigendecomposition of the {n} x {n} kinship matrix did not converge ({e:?})"
        ),
    })?;
    Ok((values.column_vector().iter().copied().collect(), vectors))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
    }

    /// A symmetric matrix without structure.
    fn symmetric(n: usize) -> Mat<f64> {
        Mat::from_fn(n, n, |i, j| {
            ((i.max(j) * 7919 + i.min(j) * 104_729) as f64).sin()
        })
    }

    fn assert_decomposes(k: &Mat<f64>) {
        let n = k.nrows();
        let (values, u) = decompose(k.as_ref()).unwrap();
        let scale = k.norm_l2().max(f64::MIN_POSITIVE) * n as f64;
        let scaled = Mat::from_fn(n, n, |i, j| u[(i, j)] * values[j]);
        assert!(
            (k * &u - scaled).norm_max() <= 1e-15 * scale,
            "residual, n = {n}"
        );
        assert!((u.transpose() * &u - Mat::<f64>::identity(n, n)).norm_max() <= 1e-14 * n as f64);
        assert!(values.is_sorted());
    }

    #[test]
    fn hard_spectra_are_decomposed() {
        for n in [1, 2, 3, 17, 101, 300] {
            assert_decomposes(&symmetric(n));
            assert_decomposes(&Mat::identity(n, n));
            assert_decomposes(&Mat::zeros(n, n));
            // Families of identical individuals: blocks of rank one.
            assert_decomposes(&Mat::from_fn(n, n, |i, j| {
                f64::from(u8::from(i / 4 == j / 4))
            }));
            // Eigenvalues over sixteen orders of magnitude.
            assert_decomposes(&Mat::from_fn(n, n, |i, j| {
                if i == j {
                    10_f64.powf(-16.0 * i as f64 / n as f64)
                } else {
                    0.0
                }
            }));
        }
    }

    #[test]
    fn the_same_bits_come_out_of_any_number_of_threads() {
        let k = symmetric(400);
        let one = pool(1).install(|| decompose(k.as_ref()).unwrap());
        for threads in [2, 3, 5] {
            assert!(pool(threads).install(|| decompose(k.as_ref()).unwrap()) == one);
        }
    }
}
