//! Files of eigenvalues and eigenvectors, read and written.

use super::background::in_background;
use super::matrices::{Ids, array_of_mat, ids_of, mat_of_array, size_of_matrix};
use crate::eigen::read_eigen as read_files;
use crate::error::{Error, Result};
use crate::io::fam::Individual;
use crate::io::regular::check_regular;
use crate::kinship::ids_beside;
use crate::output::file::{OutputPlace, finish_all};
use crate::output::ids::{check_ids_are_free, finish_with_ids};
use crate::output::matrix::{MatrixFormat, write_matrix, write_vector};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use std::path::{Path, PathBuf};

/// Eigenvalues, eigenvectors and the ids of the rows (FID, IID), if the vectors have an id file.
type WithIds<'py> = (
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray2<f64>>,
    Option<Ids>,
);

/// Reads the files `values` and `vectors`, with the checks of `-d` and `-u`.
#[pyfunction]
pub(super) fn read_eigen(
    py: Python<'_>,
    values: PathBuf,
    vectors: PathBuf,
) -> PyResult<WithIds<'_>> {
    let (eigen, ids) = in_background(py, move |_| {
        let individuals = ids_of_rows(&vectors)?;
        // Without ids, the rows are numbered.
        let rows = match &individuals {
            Some(individuals) => individuals.clone(),
            None => numbered(size_of_matrix(&vectors)?),
        };
        let (eigen, _) = read_files(&values, &vectors, &rows)?;
        Ok((eigen, individuals.as_deref().map(ids_of)))
    })?;
    let vectors = array_of_mat(py, eigen.vectors.as_ref())?;
    Ok((eigen.values.into_pyarray(py), vectors, ids))
}

fn ids_of_rows(vectors: &Path) -> Result<Option<Vec<Individual>>> {
    // The file is read twice, first for its size; a pipe can be read only once.
    check_regular(vectors)?;
    let ids = ids_beside(vectors, &mut Vec::new())?;
    Ok(ids.map(|ids| ids.individuals().to_vec()))
}

fn numbered(n: usize) -> Vec<Individual> {
    let one = |i: usize| Individual {
        fid: "0".into(),
        iid: (i + 1).to_string().into(),
    };
    (0..n).map(one).collect()
}

/// Writes `prefix`.eigenD, `prefix`.eigenU and, with `individuals`, the ids of the rows; returns the paths of the first two.
#[pyfunction]
#[pyo3(signature = (directory, prefix, values, vectors, *, individuals=None, npy=false, gz=false))]
#[allow(
    clippy::too_many_arguments,
    reason = "keywords of a private function, as PyO3 extracts them"
)]
pub(super) fn write_eigen(
    py: Python<'_>,
    directory: PathBuf,
    prefix: String,
    values: &Bound<'_, PyArray1<f64>>,
    vectors: &Bound<'_, PyArray2<f64>>,
    individuals: Option<Ids>,
    npy: bool,
    gz: bool,
) -> PyResult<(PathBuf, PathBuf)> {
    let d = values.readonly().as_array().to_vec();
    let u = mat_of_array(&vectors.readonly())?;
    let n = d.len();
    if u.nrows() != n || u.ncols() != n || individuals.as_ref().is_some_and(|ids| ids.len() != n) {
        let error = Error::inconsistent(
            format!(
                "{n} eigenvalues, eigenvectors of {} x {}, and ids of {} rows",
                u.nrows(),
                u.ncols(),
                individuals.as_ref().map_or(n, Vec::len)
            ),
            "give n values and n x n vectors, and one id per row",
        );
        return Err(error.into());
    }
    if prefix.is_empty() {
        let error = Error::option(
            "-o",
            "the prefix of the output files is empty",
            "give a name",
        );
        return Err(error.into());
    }
    let format = match (npy, gz) {
        (true, _) => MatrixFormat::Npy,
        (false, true) => MatrixFormat::Gzip,
        (false, false) => MatrixFormat::Text,
    };
    let individuals = individuals.map(|ids| {
        ids.into_iter()
            .map(|(fid, iid)| Individual {
                fid: fid.into(),
                iid: iid.into(),
            })
            .collect::<Vec<_>>()
    });
    in_background(py, move |_| {
        let place = OutputPlace::new(&directory, &prefix)?;
        check_ids_are_free(
            &place,
            "eigenU",
            format,
            individuals.as_deref().unwrap_or(&[]),
        )?;
        place.check_room(format.bytes((n * n) as u64))?;
        let suffix = |stem: &str| format!("{stem}.{}", format.extension());
        let values = place.create(&suffix("eigenD"))?;
        let vectors = place.create(&suffix("eigenU"))?;
        let values = write_vector(values, &d, format)?;
        let vectors = write_matrix(vectors, &u, format)?;
        let paths = if let Some(individuals) = &individuals {
            let ids = place.path("eigenU.id");
            finish_with_ids(&ids, individuals, None, format, vectors, Some(values))?
        } else {
            let paths = finish_all(vec![values.file, vectors.file])?;
            // Otherwise the ids of an older file would be taken for those of this one.
            remove_old(&place.path("eigenU.id"))?;
            paths
        };
        Ok((paths[0].clone(), paths[1].clone()))
    })
}

fn remove_old(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}
