//! The Cholesky factorisation A = LLᵀ of a large matrix, and the inverse that follows from it.
//!
//! Both run on all threads, and give the same bits for any number of them.

use super::columns::column;
use dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{
    LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_upper_triangular_in_place,
};
use faer::{Mat, MatMut, MatRef, Par, Spec};
use rayon::prelude::*;

/// Parts into which faer splits its work: fixed, so that the result has the same bits for any number of threads.
const PARTS: usize = 16;
/// Columns of the inverse that are computed at once.
const AT_ONCE: usize = 64;

/// Replaces the lower triangle of the symmetric `a` by L; the entries above the diagonal are not used.
///
/// Returns ln|A|, or `None` if A is not positive definite.
pub fn factorise(mut a: MatMut<'_, f64>) -> Option<f64> {
    let par = Par::rayon(PARTS);
    let scratch = cholesky_in_place_scratch::<f64>(a.nrows(), par, Spec::default());
    let mut buffer = MemBuffer::new(scratch);
    let stack = MemStack::new(&mut buffer);
    let regularization = LltRegularization::default();
    cholesky_in_place(a.as_mut(), regularization, par, stack, Spec::default()).ok()?;
    let log_det: f64 = (0..a.nrows()).map(|j| 2.0 * a[(j, j)].ln()).sum();
    log_det.is_finite().then_some(log_det)
}

/// x ← L⁻¹x for the few columns of `x`.
pub fn solve_lower(l: MatRef<'_, f64>, x: MatMut<'_, f64>) {
    solve_lower_triangular_in_place(l, x, Par::rayon(PARTS));
}

/// x ← L⁻ᵀx for the few columns of `x`.
pub fn solve_transposed(l: MatRef<'_, f64>, x: MatMut<'_, f64>) {
    solve_upper_triangular_in_place(l.transpose(), x, Par::rayon(PARTS));
}

/// What `of` makes of each column j of A⁻¹ = L⁻ᵀL⁻¹, of which it gets the rows from the diagonal on.
///
/// The inverse is computed some columns at a time, and never held: 2n³/3 operations, little memory.
pub fn map_inverse<T: Send>(l: MatRef<'_, f64>, of: impl Fn(usize, &[f64]) -> T + Sync) -> Vec<T> {
    let n = l.nrows();
    let blocks = (0..n.div_ceil(AT_ONCE)).into_par_iter().map(|block| {
        let first = block * AT_ONCE;
        let (m, width) = (n - first, AT_ONCE.min(n - first));
        // Rows before the first are 0 after the first step, and not needed after the second.
        let rest = l.submatrix(first, first, m, m);
        let mut x = Mat::zeros(m, width);
        (0..width).for_each(|k| x[(k, k)] = 1.0);
        solve_lower_triangular_in_place(rest, x.as_mut(), Par::Seq);
        solve_upper_triangular_in_place(rest.transpose(), x.as_mut(), Par::Seq);
        let columns = (0..width).map(|k| of(first + k, &column(x.as_ref(), k)[k..]));
        columns.collect::<Vec<T>>()
    });
    blocks.collect::<Vec<_>>().into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A positive definite matrix without structure.
    fn matrix(n: usize) -> Mat<f64> {
        let x = Mat::from_fn(n, n, |i, j| ((i * 7919 + j * 104_729) as f64).sin());
        &x * x.transpose() + Mat::<f64>::identity(n, n)
    }

    fn factor(a: &Mat<f64>) -> (Mat<f64>, f64) {
        let mut l = a.clone();
        // Above the diagonal, nothing matters.
        for j in 0..a.ncols() {
            (0..j).for_each(|i| l[(i, j)] = f64::NAN);
        }
        let log_det = factorise(l.as_mut()).unwrap();
        (l, log_det)
    }

    #[test]
    fn columns_of_the_inverse_invert() {
        for n in [1, 5, 63, 64, 65, 200] {
            let a = matrix(n);
            let (l, log_det) = factor(&a);
            let lower = Mat::from_fn(n, n, |i, j| if i < j { 0.0 } else { l[(i, j)] });
            assert!((&lower * lower.transpose() - &a).norm_max() < 1e-12 * a.norm_max());
            let diagonal = (0..n).map(|j| lower[(j, j)].ln()).sum::<f64>();
            assert!((log_det - 2.0 * diagonal).abs() < 1e-12 * (1.0 + log_det.abs()));
            let columns = map_inverse(l.as_ref(), |j, x| {
                assert_eq!(x.len(), n - j);
                x.to_vec()
            });
            let of = |i: usize, j: usize| columns[i.min(j)][i.max(j) - i.min(j)];
            let inverse = Mat::from_fn(n, n, of);
            let unit = &a * &inverse - Mat::<f64>::identity(n, n);
            assert!(unit.norm_max() < 1e-8, "{n}: {}", unit.norm_max());
            let mut x = Mat::from_fn(n, 2, |i, j| (i + 3 * j) as f64);
            let b = x.clone();
            solve_lower(l.as_ref(), x.as_mut());
            solve_transposed(l.as_ref(), x.as_mut());
            assert!((&a * &x - &b).norm_max() < 1e-8 * b.norm_max());
        }
    }

    #[test]
    fn the_bits_do_not_depend_on_the_number_of_threads() {
        let a = matrix(300);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let (l, log_det) = factor(&a);
                let sums = map_inverse(l.as_ref(), |_, x| x.iter().sum::<f64>());
                let bits = sums.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                (log_det.to_bits(), bits)
            })
        };
        assert!(with(1) == with(2) && with(1) == with(5));
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_has_no_factor() {
        let mut a = matrix(100);
        a[(70, 70)] = -1.0;
        assert_eq!(factorise(a.as_mut()), None);
        assert_eq!(factorise(Mat::full(3, 3, f64::NAN).as_mut()), None);
    }
}
