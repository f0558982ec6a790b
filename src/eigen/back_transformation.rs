//! Transforms eigenvectors of the tridiagonal matrix to those of the matrix itself.

use crate::kernels::columns::{column, column_mut};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

/// Columns that one task transforms.
const CHUNK: usize = 256;

/// Z ← H Z with H = H₀ H₁ …, Hⱼ = I − τⱼ vⱼ vⱼᵀ; column j of `v` holds vⱼ with zeros above.
///
/// Stops once `is_cancelled` returns true, which leaves `z` incomplete. Reflectors are applied in groups, as I − V T
/// Vᵀ. Source: Schreiber & Van Loan 1989, SIAM J. Sci. Stat. Comput. 10:53.
pub(super) fn apply_reflectors(
    v: MatRef<'_, f64>,
    tau: &[f64],
    z: MatMut<'_, f64>,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    advance: &(dyn Fn(f64) + Sync),
) {
    let n = z.nrows();
    let width = if n < 3000 { 64 } else { 128 };
    let groups: Vec<(usize, Mat<f64>)> = (0..tau.len())
        .step_by(width)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|first| (first, triangle(v, tau, first, width.min(tau.len() - first))))
        .collect();
    let n_tasks = z.ncols().div_ceil(CHUNK);
    let done = std::sync::atomic::AtomicUsize::new(0);
    z.par_col_chunks_mut(CHUNK).for_each(|mut z| {
        let mut along = Mat::<f64>::zeros(width, CHUNK);
        let mut scaled = Mat::<f64>::zeros(width, CHUNK);
        for (first, t) in groups.iter().rev() {
            if is_cancelled() {
                return;
            }
            let (first, width, columns) = (*first, t.nrows(), z.ncols());
            let v = v.submatrix(first + 1, first, n - first - 1, width);
            let mut along = along.as_mut().submatrix_mut(0, 0, width, columns);
            let mut scaled = scaled.as_mut().submatrix_mut(0, 0, width, columns);
            let mut z = z.as_mut().subrows_mut(first + 1, n - first - 1);
            matmul(
                along.as_mut(),
                Accum::Replace,
                v.transpose(),
                z.as_ref(),
                1.0,
                Par::Seq,
            );
            matmul(
                scaled.as_mut(),
                Accum::Replace,
                t.as_ref(),
                along.as_ref(),
                1.0,
                Par::Seq,
            );
            matmul(z.as_mut(), Accum::Add, v, scaled.as_ref(), -1.0, Par::Seq);
        }
        let done = 1 + done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        advance(done as f64 / n_tasks as f64);
    });
}

/// The upper triangular T of a group of reflectors: H_first … = I − V T Vᵀ.
fn triangle(v: MatRef<'_, f64>, tau: &[f64], first: usize, width: usize) -> Mat<f64> {
    let n = v.nrows();
    let v = v.submatrix(first + 1, first, n - first - 1, width);
    let mut gram = Mat::<f64>::zeros(width, width);
    matmul(
        gram.as_mut(),
        Accum::Replace,
        v.transpose(),
        v,
        1.0,
        Par::Seq,
    );
    let mut t = Mat::<f64>::zeros(width, width);
    for j in 0..width {
        let factor = tau[first + j];
        // Column j: −τ T (Vᵀ vⱼ) above the diagonal.
        let mut above = vec![0.0; j];
        for k in 0..j {
            let g = gram[(k, j)];
            for (a, t) in above.iter_mut().zip(&column(t.as_ref(), k)[..=k]) {
                *a -= factor * t * g;
            }
        }
        let target = column_mut(t.as_mut(), j);
        target[..j].copy_from_slice(&above);
        target[j] = factor;
    }
    t
}
