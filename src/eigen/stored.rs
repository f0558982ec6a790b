//! Eigenvalues and eigenvectors from files (`-d`, `-u`).

use super::Eigen;
use crate::error::{Error, Result};
use crate::io::fam::Individual;
use crate::io::{matrix, npy};
use crate::kinship::{is_npy, matched_rows};
use faer::{Col, Mat};
use rayon::prelude::*;
use std::path::Path;

/// How far the norm of an eigenvector may be from 1. GEMMA's text has ten digits.
const NORM_TOLERANCE: f64 = 1e-6;

/// How far `UᵀU` may be from the identity along one vector.
const ORTHOGONAL_TOLERANCE: f64 = 1e-5;

/// Reads the eigendecomposition of the kinship of the `analysed` individuals; also returns what the user should know.
///
/// * `values`: n numbers, text or `.npy`
/// * `vectors`: n × n, row i an individual, column j the eigenvector of value j
///
/// Where ids stand beside `vectors` (`X.eigenU.id`), they must be exactly those analysed, in any order.
/// Fails where a size is wrong, a column does not have norm 1, columns are not orthogonal, or the ids are others.
pub fn read_eigen(
    values: &Path,
    vectors: &Path,
    analysed: &[Individual],
) -> Result<(Eigen, Vec<String>)> {
    let n = analysed.len();
    let mut notes = Vec::new();
    let rows = match matched_rows(vectors, analysed, &mut notes)? {
        None => (0..n).collect(),
        Some((n_rows, _)) if n_rows != n => {
            return Err(Error::inconsistent(
                format!(
                    "{}: the decomposition was made for {n_rows} individuals, but {n} are analysed",
                    vectors.display()
                ),
                "make it again with `jamma eigen` and the same phenotype (-n, -p) and covariates (-c)",
            ));
        }
        Some((_, rows)) => rows,
    };
    let d = if is_npy(values) {
        npy::read_eigenvalues(values, n)?
    } else {
        matrix::read_eigenvalues(values, n)?
    };
    let mut u = if is_npy(vectors) {
        npy::read_dense(vectors, n, n)?
    } else {
        matrix::read_dense(vectors, n, n)?
    };
    if !rows.is_sorted() {
        u.par_col_iter_mut().for_each(|column| {
            let in_file = column.to_owned();
            for (value, &row) in column.iter_mut().zip(&rows) {
                *value = in_file[row];
            }
        });
    }
    check_orthonormal(vectors, &u)?;
    let (d, u) = ascending(d, u);
    Ok((Eigen::new(d, u), notes))
}

/// Fails where a column of `u` does not have norm 1, or the columns are not orthogonal.
pub(super) fn check_orthonormal(path: &Path, u: &Mat<f64>) -> Result<()> {
    for j in 0..u.ncols() {
        let norm = u.col(j).norm_l2();
        // The negation also catches NaN.
        if (norm - 1.0).abs() <= NORM_TOLERANCE {
            continue;
        }
        return Err(Error::malformed(
            path,
            format!(
                "column {} has norm {norm:.6}, an eigenvector has norm 1",
                j + 1
            ),
            "give the .eigenU file of `jamma eigen` or GEMMA's -eigen",
        ));
    }
    check_orthogonal(path, u)
}

/// Fails where `UᵀU v` is not v for one vector v without structure: n² operations where `UᵀU = I` would take n³.
fn check_orthogonal(path: &Path, u: &Mat<f64>) -> Result<()> {
    let v = Col::from_fn(u.ncols(), |j| (j as f64 + 1.0).sin());
    let difference = (u.transpose() * (u * &v) - &v).norm_l2();
    // The negation also catches NaN.
    if difference <= ORTHOGONAL_TOLERANCE * v.norm_l2() {
        return Ok(());
    }
    Err(Error::malformed(
        path,
        format!(
            "the columns are not orthogonal: |UᵀUv - v| / |v| is {:.1e}",
            difference / v.norm_l2()
        ),
        "give the .eigenU file of `jamma eigen` or GEMMA's -eigen",
    ))
}

/// Sorts eigenpairs by value, where they are not sorted already.
pub(super) fn ascending(d: Vec<f64>, u: Mat<f64>) -> (Vec<f64>, Mat<f64>) {
    if d.is_sorted() {
        return (d, u);
    }
    let mut order: Vec<usize> = (0..d.len()).collect();
    order.sort_by(|&a, &b| d[a].total_cmp(&d[b]));
    let sorted = Mat::from_fn(u.nrows(), u.ncols(), |i, j| u[(i, order[j])]);
    (order.into_iter().map(|k| d[k]).collect(), sorted)
}
