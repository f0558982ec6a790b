//! Eigenvalues and eigenvectors from files (`-d`, `-u`).

use super::Eigen;
use crate::error::{Error, Result};
use crate::io::content::Content;
use crate::io::fam::Individual;
use crate::io::{matrix, npy};
use crate::kinship::{BoundIds, check_pair, ids_beside, is_sealed};
use faer::{Col, Mat};
use rayon::prelude::*;
use std::path::Path;

/// Maximum deviation of the norm of an eigenvector from 1. GEMMA's text has ten digits.
const NORM_TOLERANCE: f64 = 1e-6;

/// Maximum deviation of `UᵀU` from the identity along one vector.
const ORTHOGONAL_TOLERANCE: f64 = 1e-5;

/// Reads the eigendecomposition of the kinship of the `analysed` individuals; also returns notes for the user.
///
/// * `values`: n numbers, text or `.npy`
/// * `vectors`: n × n, row i is an individual, column j the eigenvector of value j
///
/// If there are ids next to `vectors` (`X.eigenU.id`), they must be exactly those of the analysed individuals, in any
/// order, and both files must be those that the ids were written with. Fails if a size is wrong, a column does not have
/// norm 1, columns are not orthogonal, or the ids differ.
pub fn read_eigen(
    values: &Path,
    vectors: &Path,
    analysed: &[Individual],
) -> Result<(Eigen, Vec<String>)> {
    let n = analysed.len();
    let mut notes = Vec::new();
    let ids = ids_beside(vectors, &mut notes)?;
    let of_values = ids_of_values(values)?;
    let rows = match &ids {
        None => (0..n).collect(),
        Some(ids) => match ids.rows_of(vectors, analysed, analysed, &mut notes)? {
            (n_rows, _) if n_rows != n => {
                return Err(Error::inconsistent(
                    format!(
                        "{}: the decomposition is of {n_rows} individuals, but {n} are analysed",
                        vectors.display()
                    ),
                    "recompute it with `jamma eigen` for the same phenotype (-n, -p) and covariates (-c)",
                ));
            }
            (_, rows) => rows,
        },
    };
    let is_sealed = is_sealed(ids.as_ref()) || is_sealed(of_values.as_ref());
    let (mut content_d, mut content_u) = (Content::default(), Content::default());
    let counted = is_sealed.then_some(&mut content_d);
    let d = if npy::is_npy(values) {
        npy::read_eigenvalues(values, n, counted)?
    } else {
        matrix::read_eigenvalues(values, n, counted)?
    };
    let counted = is_sealed.then_some(&mut content_u);
    let u = if npy::is_npy(vectors) {
        npy::read_dense(vectors, n, n, counted)
    } else {
        matrix::read_dense(vectors, n, n, counted)
    };
    let mut u = match &ids {
        None => u?,
        Some(ids) => u.map_err(|error| ids.or_stale(vectors, error))?,
    };
    check_pair(
        (values, content_d.digest()),
        (vectors, content_u.digest()),
        ids.as_ref(),
        of_values.as_ref(),
    )?;
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

/// The ids that were written with the eigenvalues at `path`: those in `X.eigenU.id` for `X.eigenD.txt`.
fn ids_of_values(path: &Path) -> Result<Option<BoundIds>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match name.rsplit_once(".eigenD") {
        // The note on absent ids of the vectors is enough.
        Some((stem, rest)) => ids_beside(
            &path.with_file_name(format!("{stem}.eigenU{rest}")),
            &mut Vec::new(),
        ),
        None => Ok(None),
    }
}

/// Fails if a column of `u` does not have norm 1, or the columns are not orthogonal.
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
                "column {} has norm {norm:.6}, expected 1 for an eigenvector",
                j + 1
            ),
            "give the .eigenU file of `jamma eigen` or GEMMA's -eigen",
        ));
    }
    check_orthogonal(path, u)
}

/// Fails if `UᵀU v` is not v for one vector v without structure: this takes n² operations, while `UᵀU = I` would take
/// n³.
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

/// Sorts eigenpairs by value, unless they are already sorted.
pub(super) fn ascending(d: Vec<f64>, u: Mat<f64>) -> (Vec<f64>, Mat<f64>) {
    if d.is_sorted() {
        return (d, u);
    }
    let mut order: Vec<usize> = (0..d.len()).collect();
    order.sort_by(|&a, &b| d[a].total_cmp(&d[b]));
    let sorted = Mat::from_fn(u.nrows(), u.ncols(), |i, j| u[(i, order[j])]);
    (order.into_iter().map(|k| d[k]).collect(), sorted)
}
