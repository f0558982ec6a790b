//! Matrices between NumPy and faer, their decomposition and their files.

use super::background::in_background;
use super::watch::Watch;
use crate::cli;
use crate::eigen::{Eigen, decompose_cancellable};
use crate::error::{Error, Result};
use crate::io::fam::{Individual, read_fam};
use crate::io::relationship::located;
use crate::io::square::SquareMatrix;
use crate::io::{ids, matrix, npy};
use crate::kernels::memory::room;
use crate::kernels::{try_copy, try_zeros};
use crate::kinship::{BoundIds, Kinship, ids_beside, read_bound_square, read_with_ids};
use crate::output::file::OutputFile;
use crate::output::ids::finish_with_ids;
use crate::output::matrix::{MatrixFormat, write_matrix};
use crate::progress::Observer;
use faer::{Mat, MatRef};
use numpy::npyffi::NPY_ORDER;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2};
use pyo3::prelude::*;
use std::fs::File;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Rows and columns of a tile, which is copied as a whole so that source and copy stay in the cache.
const TILE: usize = 64;

/// Largest difference between an entry in text and in binary, relative to the largest entry.
const TEXT_PRECISION: f64 = 1e-9;

/// Eigenvalues and eigenvectors.
pub(super) type Eigenpairs<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray2<f64>>);

/// A copy of an array of any layout.
pub(super) fn mat_of_array(array: &PyReadonlyArray2<'_, f64>) -> Result<Mat<f64>> {
    let view = array.as_array();
    let (rows, columns) = view.dim();
    let mut copy = try_zeros(rows, columns, "a copy of the matrix")?;
    for left in (0..columns).step_by(TILE) {
        for top in (0..rows).step_by(TILE) {
            for j in left..columns.min(left + TILE) {
                for i in top..rows.min(top + TILE) {
                    copy[(i, j)] = view[[i, j]];
                }
            }
        }
    }
    Ok(copy)
}

/// A copy in Fortran order.
pub(super) fn array_of_mat<'py>(
    py: Python<'py>,
    from: MatRef<'_, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (rows, columns) = (from.nrows(), from.ncols());
    let mut values = room(rows * columns, "a copy of the matrix")?;
    for j in 0..columns {
        values.extend(from.col(j).iter());
    }
    values
        .into_pyarray(py)
        .reshape_with_order([rows, columns], NPY_ORDER::NPY_FORTRANORDER)
}

/// A copy in C order of a symmetric matrix, whose columns are its rows.
pub(super) fn array_of_symmetric<'py>(
    py: Python<'py>,
    from: &Mat<f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let n = from.nrows();
    let mut values = room(n * n, "a copy of the matrix")?;
    for j in 0..n {
        values.extend_from_slice(from.col_as_slice(j));
    }
    values.into_pyarray(py).reshape([n, n])
}

/// The entries row by row.
pub(super) fn square_of_array(
    array: &PyReadonlyArray2<'_, f64>,
    what: &str,
) -> Result<SquareMatrix> {
    let view = array.as_array();
    let (rows, columns) = view.dim();
    if rows != columns || rows == 0 {
        return Err(Error::inconsistent(
            format!("{what} is {rows} x {columns}, a square matrix is expected"),
            "give one row and one column per individual",
        ));
    }
    let mut values = room(rows * rows, "a copy of the matrix")?;
    values.extend(view.iter());
    Ok(SquareMatrix { n: rows, values })
}

/// Eigenvalues (ascending, GEMMA's zeroing rule applied) and eigenvectors (columns) of a symmetric matrix.
///
/// * `centre`: centre rows and columns first, as in the mixed model
#[pyfunction]
#[pyo3(signature = (kinship, *, centre, threads))]
pub(super) fn eigendecompose<'py>(
    py: Python<'py>,
    kinship: &Bound<'py, PyArray2<f64>>,
    centre: bool,
    threads: usize,
) -> PyResult<Eigenpairs<'py>> {
    let square = square_of_array(&kinship.readonly(), "the kinship matrix")?;
    let eigen = in_background(py, move |watch| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.min(cli::most_threads()))
            .thread_name(|i| format!("jamma-{i}"))
            .build()
            .map_err(|reason| Error::threads(threads, &reason))?;
        pool.install(|| decomposed(square, centre, watch))
    })?;
    let vectors = array_of_mat(py, eigen.vectors.as_ref())?;
    Ok((eigen.values.into_pyarray(py), vectors))
}

fn decomposed(mut square: SquareMatrix, centre: bool, watch: &Watch) -> Result<Eigen> {
    let path = Path::new("kinship");
    let n = square.n;
    if let Some(at) = square.values.iter().position(|x| !x.is_finite()) {
        return Err(Error::malformed(
            path,
            format!(
                "row {}, column {} is {}, a finite number is expected",
                at / n + 1,
                at % n + 1,
                square.values[at]
            ),
            "exclude the individuals without kinship values",
        ));
    }
    square.symmetrize(path, |k| format!("row {}", k + 1))?;
    let matrix = try_copy(&square.values, n, n, "a copy of the kinship matrix")?;
    drop(square);
    let is_cancelled = || watch.is_cancelled();
    if centre {
        return Eigen::of_cancellable(&is_cancelled, Kinship { matrix }, &|_| ());
    }
    let (values, vectors) = decompose_cancellable(&is_cancelled, matrix, &|_| ())?;
    Ok(Eigen::new(values, vectors))
}

/// The kinship at `path` (text, gzipped text, `.npy`, or of another program), in the order of the file, or of the `.fam` at
/// `fam`, and the ids of its rows (FID, IID), if there are any.
#[pyfunction]
#[pyo3(signature = (path, fam=None))]
pub(super) fn read_kinship(
    py: Python<'_>,
    path: PathBuf,
    fam: Option<PathBuf>,
) -> PyResult<(Bound<'_, PyArray2<f64>>, Option<Ids>)> {
    let read = in_background(py, move |_| {
        let path = located(&path);
        let copy = copy_of_pipe(&path)?;
        let path = copy
            .as_ref()
            .map_or(&*path, |copy| copy.path())
            .to_path_buf();
        let everybody = fam.as_deref().map(read_fam).transpose()?;
        let everybody = everybody.map(|fam| fam.individuals().to_vec());
        if let Some((kinship, ids)) = read_with_ids(&path, everybody.clone())? {
            return Ok((Read::Other(kinship), Some(ids_of(&ids))));
        }
        let (square, ids) = read_square(&path, everybody)?;
        Ok((Read::Square(square), ids))
    })?;
    let matrix = match read.0 {
        Read::Other(kinship) => array_of_symmetric(py, &kinship.matrix)?,
        Read::Square(square) => {
            let n = square.n;
            square.values.into_pyarray(py).reshape([n, n])?
        }
    };
    Ok((matrix, read.1))
}

/// A kinship that was read.
enum Read {
    /// GEMMA's or jamma's.
    Square(SquareMatrix),
    /// Another program's.
    Other(Kinship),
}

fn read_square(
    path: &Path,
    everybody: Option<Vec<Individual>>,
) -> Result<(SquareMatrix, Option<Ids>)> {
    let ids = ids_beside(path, &mut Vec::new())?;
    let n_total = size_of_matrix(path)?;
    let (rows, individuals): (Vec<usize>, Option<Vec<Individual>>) =
        if let Some(everybody) = everybody {
            let rows = match &ids {
                Some(ids) => {
                    ids.rows_of(path, &everybody, &everybody, &mut Vec::new())?
                        .1
                }
                None => (0..everybody.len()).collect(),
            };
            (rows, Some(everybody))
        } else {
            let individuals = ids.as_ref().map(|ids| ids.individuals().to_vec());
            ((0..n_total).collect(), individuals)
        };
    if let Some(ids) = &ids {
        ids.check_size(path, n_total)?;
    }
    if n_total < rows.len() {
        return Err(Error::inconsistent(
            format!(
                "{}: the matrix is {n_total} x {n_total}, but the .fam lists {} individuals",
                path.display(),
                rows.len()
            ),
            "give the kinship of the same individuals",
        ));
    }
    let mut square = read_bound_square(path, ids.as_ref(), n_total, &rows)?;
    square.symmetrize(path, |k| format!("row {}", rows[k] + 1))?;
    Ok((square, individuals.as_deref().map(ids_of)))
}

/// Family and individual id of each row.
pub(super) type Ids = Vec<(String, String)>;

pub(super) fn ids_of(individuals: &[Individual]) -> Ids {
    individuals
        .iter()
        .map(|one| (one.fid.to_string(), one.iid.to_string()))
        .collect()
}

/// A copy of a pipe, which can be read only once, because the size is read first; `None` for a file.
fn copy_of_pipe(path: &Path) -> Result<Option<NamedTempFile>> {
    let status = std::fs::metadata(path).map_err(Error::io("open", path))?;
    if status.is_file() || status.is_dir() {
        return Ok(None);
    }
    let mut pipe = File::open(path).map_err(Error::io("open", path))?;
    let suffix = if npy::is_npy(path) { ".npy" } else { ".txt" };
    let mut copy = tempfile::Builder::new()
        .suffix(suffix)
        .tempfile()
        .map_err(Error::io("copy", path))?;
    std::io::copy(&mut pipe, &mut copy).map_err(Error::io("copy", path))?;
    Ok(Some(copy))
}

/// The number of rows of a square matrix in a file, from its header or first line.
pub(super) fn size_of_matrix(path: &Path) -> Result<usize> {
    if npy::is_npy(path) {
        npy::n_rows(path)
    } else {
        matrix::n_columns(path)
    }
}

/// Writes a kinship as GEMMA's text (`.txt`, `.txt.gz`) or as `.npy`, depending on the file name, and the ids of its rows in an
/// id file.
#[pyfunction]
#[pyo3(signature = (path, kinship, individuals=None))]
pub(super) fn write_kinship<'py>(
    py: Python<'py>,
    path: PathBuf,
    kinship: &Bound<'py, PyArray2<f64>>,
    individuals: Option<Vec<(String, String)>>,
) -> PyResult<()> {
    let n = square_of_array(&kinship.readonly(), "the kinship matrix")?.n;
    let matrix = mat_of_array(&kinship.readonly())?;
    if let Some(individuals) = &individuals
        && individuals.len() != n
    {
        return Err(Error::inconsistent(
            format!("{} individuals are given for {n} rows", individuals.len()),
            "give one id per row",
        )
        .into());
    }
    in_background(py, move |_| write(&path, &matrix, individuals))
}

fn write(path: &Path, matrix: &Mat<f64>, individuals: Option<Vec<(String, String)>>) -> Result<()> {
    let name = path.to_string_lossy();
    let format = if name.ends_with(".npy") {
        MatrixFormat::Npy
    } else if name.ends_with(".gz") {
        MatrixFormat::Gzip
    } else {
        MatrixFormat::Text
    };
    let id_path = ids::id_path_for(path);
    // Both files must be writable before either gets its final name.
    let file = OutputFile::create_alone(path)?;
    let Some(individuals) = individuals else {
        let written = write_matrix(file, matrix, format)?;
        let Some(ids) = ids_beside(path, &mut Vec::new())? else {
            return written.file.finish().map(drop);
        };
        ids.check_size(path, matrix.nrows())?;
        let Err(stale) = ids.check_matrix(path, written.digest) else {
            return written.file.finish().map(drop);
        };
        if !is_in_sibling(&id_path, &ids, matrix) {
            return Err(stale);
        }
        let individuals = ids.individuals();
        return finish_with_ids(&id_path, individuals, None, format, written, None).map(drop);
    };
    OutputFile::check(&id_path)?;
    let written = write_matrix(file, matrix, format)?;
    let individuals: Vec<Individual> = individuals
        .into_iter()
        .map(|(fid, iid)| Individual {
            fid: fid.into(),
            iid: iid.into(),
        })
        .collect();
    finish_with_ids(&id_path, &individuals, None, format, written, None).map(drop)
}

/// Whether the matrix for which the ids were written exists in another format with the same numbers, so that the ids are valid.
fn is_in_sibling(id_path: &Path, ids: &BoundIds, matrix: &Mat<f64>) -> bool {
    let all: Vec<usize> = (0..ids.len()).collect();
    ids.seals().iter().any(|seal| {
        let sibling = id_path.with_extension(&seal.format);
        let Ok(square) = read_bound_square(&sibling, Some(ids), all.len(), &all) else {
            return false;
        };
        let largest = matrix.norm_max();
        let rows = square.values.chunks(all.len()).enumerate();
        rows.flat_map(|(i, row)| row.iter().enumerate().map(move |(j, k)| (i, j, k)))
            .all(|(i, j, k)| (k - matrix[(i, j)]).abs() <= TEXT_PRECISION * largest)
    })
}
