//! The eigendecomposition of a symmetric matrix.
//!
//! Reduction to tridiagonal form, divide and conquer, back-transformation. faer implements all three. Ours take three n
//! × n matrices in total, including the input, instead of five, and less time (benches/eigen.rs): for every column, the
//! reduction only reads the triangle, while faer's also writes it. Matrix products and small problems are left to faer.
//! The result does not depend on the number of threads.

use super::back_transformation::apply_reflectors;
use super::divide::divide_and_conquer;
use super::tridiagonalize::tridiagonalize;
use crate::error::{Error, Result};
use crate::kernels::columns::{column, column_mut};
use crate::kernels::try_zeros;
use faer::{Mat, MatRef};
use rayon::prelude::*;

/// Fractions of the work done after the reduction and after divide and conquer, for progress.
const REDUCED: f64 = 0.55;
const DIVIDED: f64 = 0.75;

/// Eigenvalues (ascending) and eigenvectors (columns) of the symmetric `matrix`, of which only the lower triangle is
/// read.
///
/// Takes 3 n² doubles, including `matrix`, and runs in the current rayon pool. `advance` is called with the fraction of
/// the work done, from 0 to 1.
///
/// Fails with [`Error::NoConvergence`] if faer's decomposition of a small part fails.
pub fn decompose(matrix: Mat<f64>, advance: &(dyn Fn(f64) + Sync)) -> Result<(Vec<f64>, Mat<f64>)> {
    decompose_cancellable(&|| false, matrix, advance)
}

/// As [`decompose`], but fails with [`Error::Interrupted`] soon after `is_cancelled` returns true.
pub fn decompose_cancellable(
    is_cancelled: &(dyn Fn() -> bool + Sync),
    mut matrix: Mat<f64>,
    advance: &(dyn Fn(f64) + Sync),
) -> Result<(Vec<f64>, Mat<f64>)> {
    let go_on = || {
        if is_cancelled() {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    };
    let n = matrix.nrows();
    let scale = largest_below_diagonal(matrix.as_ref());
    if n == 0 || scale == 0.0 {
        return Ok((vec![0.0; n], Mat::identity(n, n)));
    }
    // The largest entry becomes 1: squares do not overflow, and numbers that underflow are negligible.
    matrix
        .par_col_chunks_mut(1)
        .for_each(|a| column_mut(a, 0).iter_mut().for_each(|a| *a /= scale));
    let mut tridiagonal = tridiagonalize(&mut matrix, is_cancelled, &|fraction| {
        advance(REDUCED * fraction);
    });
    go_on()?;
    let mut vectors = try_zeros(n, n, "the eigendecomposition")?;
    let mut sorted = try_zeros(n, n, "the eigendecomposition")?;
    let order = divide_and_conquer(
        &mut tridiagonal.diagonal,
        &mut tridiagonal.off_diagonal,
        vectors.as_mut(),
        sorted.as_mut(),
        is_cancelled,
    )
    .map_err(|e| Error::NoConvergence {
        what: format!(
            "the eigendecomposition of the {n} x {n} kinship matrix did not converge ({e:?})"
        ),
    })?;
    go_on()?;
    sorted
        .par_col_chunks_mut(1)
        .zip(&order)
        .for_each(|(to, &from)| {
            column_mut(to, 0).copy_from_slice(column(vectors.as_ref(), from));
        });
    drop(vectors);
    advance(DIVIDED);
    // Clears the rest of the matrix above the reflectors.
    matrix
        .par_col_chunks_mut(1)
        .enumerate()
        .for_each(|(j, a)| column_mut(a, 0)[..=j].fill(0.0));
    apply_reflectors(
        matrix.as_ref(),
        &tridiagonal.tau,
        sorted.as_mut(),
        is_cancelled,
        &|fraction| {
            advance(DIVIDED + (1.0 - DIVIDED) * fraction);
        },
    );
    go_on()?;
    let values = order
        .iter()
        .map(|&c| scale * tridiagonal.diagonal[c])
        .collect();
    Ok((values, sorted))
}

fn largest_below_diagonal(a: MatRef<'_, f64>) -> f64 {
    (0..a.ncols())
        .into_par_iter()
        .map(|j| {
            column(a, j)[j..]
                .iter()
                .fold(0.0, |m: f64, x| m.max(x.abs()))
        })
        .reduce(|| 0.0, f64::max)
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
        let (values, u) = decompose(k.clone(), &|_| ()).unwrap();
        let scale = k.norm_l2().max(f64::MIN_POSITIVE) * n as f64;
        let scaled = Mat::from_fn(n, n, |i, j| u[(i, j)] * values[j]);
        assert!(
            (k * &u - scaled).norm_max() <= 1e-15 * scale,
            "residual, n = {n}"
        );
        assert!((u.transpose() * &u - Mat::<f64>::identity(n, n)).norm_max() <= 1e-14 * n as f64);
        assert!(values.is_sorted());
    }

    /// Sizes below, at and above that of a leaf of divide and conquer, including primes.
    const SIZES: [usize; 11] = [1, 2, 3, 5, 17, 96, 97, 101, 211, 300, 509];

    #[test]
    fn matrices_without_structure_are_decomposed() {
        for n in SIZES {
            assert_decomposes(&symmetric(n));
            // Entries far from 1 in both directions.
            assert_decomposes(&(symmetric(n) * faer::Scale(1e-200)));
            assert_decomposes(&(symmetric(n) * faer::Scale(1e200)));
        }
    }

    #[test]
    fn hard_spectra_are_decomposed() {
        for n in SIZES {
            assert_decomposes(&Mat::identity(n, n));
            assert_decomposes(&Mat::zeros(n, n));
            // Families of identical individuals: blocks of rank one.
            assert_decomposes(&Mat::from_fn(n, n, |i, j| {
                f64::from(u8::from(i / 4 == j / 4))
            }));
            // Full sibs in blocks, each block with the same eigenvalues.
            assert_decomposes(&Mat::from_fn(n, n, |i, j| {
                if i == j {
                    1.0
                } else {
                    0.5 * f64::from(u8::from(i / 5 == j / 5))
                }
            }));
            // Eigenvalues over sixteen orders of magnitude, along the axes and mixed.
            let graded = |i: usize| 10_f64.powf(-16.0 * i as f64 / n as f64);
            let diagonal = Mat::from_fn(n, n, |i, j| if i == j { graded(i) } else { 0.0 });
            assert_decomposes(&diagonal);
            let (_, q) = decompose(symmetric(n), &|_| ()).unwrap();
            let mixed = &q * &diagonal * q.transpose();
            assert_decomposes(&Mat::from_fn(n, n, |i, j| mixed[(i.max(j), i.min(j))]));
            // Two clusters as narrow as the rounding error.
            let cluster = |i: usize| (i % 2) as f64 + 1e-15 * i as f64;
            let clustered = Mat::from_fn(n, n, |i, j| if i == j { cluster(i) } else { 0.0 });
            let mixed = &q * clustered * q.transpose();
            assert_decomposes(&Mat::from_fn(n, n, |i, j| mixed[(i.max(j), i.min(j))]));
            // The second difference, with known eigenvalues and identical halves.
            assert_decomposes(&Mat::from_fn(n, n, |i, j| match i.abs_diff(j) {
                0 => 2.0,
                1 => -1.0,
                _ => 0.0,
            }));
        }
    }

    #[test]
    fn low_rank_and_duplicated_individuals_are_decomposed() {
        for n in [3, 101, 300] {
            for rank in [1, 2, n / 3 + 1] {
                let z = Mat::from_fn(n, rank, |i, j| ((i * 31 + j * 17 + 7) as f64).sin());
                assert_decomposes(&(&z * z.transpose()));
            }
            let twice = Mat::from_fn(n, 2 * n, |i, j| (((i / 2) * 31 + j * 17) as f64).sin());
            assert_decomposes(&(&twice * twice.transpose()));
        }
    }

    #[test]
    fn eigenvalues_agree_with_faer() {
        for n in [97, 300, 509] {
            let k = symmetric(n);
            let (values, _) = decompose(k.clone(), &|_| ()).unwrap();
            let others = k.self_adjoint_eigenvalues(faer::Side::Lower).unwrap();
            let largest = others.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
            for (value, other) in values.iter().zip(others) {
                assert!((value - other).abs() <= 1e-13 * largest);
            }
        }
    }

    #[test]
    fn a_cancelled_decomposition_ends_with_an_error_at_any_stage() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        for after in [0, 1, 150, 302, 310] {
            let asked = AtomicUsize::new(0);
            let is_cancelled = || asked.fetch_add(1, Ordering::Relaxed) >= after;
            let result = decompose_cancellable(&is_cancelled, symmetric(300), &|_| ());
            assert!(
                matches!(result, Err(Error::Interrupted)),
                "after {after} calls"
            );
        }
    }

    #[test]
    fn progress_runs_from_nothing_to_all() {
        let reported = std::sync::Mutex::new(vec![0.0]);
        decompose(symmetric(300), &|fraction| {
            reported.lock().unwrap().push(fraction);
        })
        .unwrap();
        let reported = reported.into_inner().unwrap();
        assert!(
            reported.is_sorted() && reported.last() == Some(&1.0),
            "{reported:?}"
        );
    }

    #[test]
    fn the_number_of_threads_does_not_change_a_bit() {
        let k = symmetric(400);
        let one = pool(1).install(|| decompose(k.clone(), &|_| ()).unwrap());
        for threads in [2, 3, 5] {
            assert!(pool(threads).install(|| decompose(k.clone(), &|_| ()).unwrap()) == one);
        }
    }
}
