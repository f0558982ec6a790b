//! Matrices and the ids next to them: which file is wrong if they do not belong together.

use crate::error::{Error, Result};
use crate::io::content::{Content, Digest};
use crate::io::fam::Individual;
use crate::io::ids::{self, IdFile, UNSEAL_HINT};
use crate::io::npy::{self, is_npy};
use crate::io::relationship::Format;
use crate::io::seal::Seal;
use crate::io::square::SquareMatrix;
use crate::io::text::count;
use crate::io::{matrix, triangle};
use std::path::Path;

/// The hint for ids that belong to another matrix.
const STALE_HINT: &str = "remove the .id file if the rows of the matrix are the individuals in the order of the .fam; otherwise use the .id file that was written with the matrix";

/// The ids next to a matrix.
pub(crate) struct BoundIds(IdFile);

/// The ids next to the matrix at `path`; `None` if there are none, which adds a note.
pub(crate) fn ids_beside(path: &Path, notes: &mut Vec<String>) -> Result<Option<BoundIds>> {
    let Some(ids) = IdFile::beside(path)? else {
        notes.push(format!(
            "{}: no ids next to it ({}); its rows are assumed to be the individuals of the genotypes in order",
            path.display(),
            ids::id_path_for(path).file_name().unwrap_or_default().to_string_lossy()
        ));
        return Ok(None);
    };
    if ids.seals().is_empty() {
        let id_path = ids.path();
        notes.push(if ids::is_outlived_by(id_path, path) {
            format!(
                "{}: older than the matrix next to it, and without its checksum; if another program replaced the matrix, remove these ids",
                id_path.display()
            )
        } else {
            format!(
                "{}: no checksum of its matrix (not written by this version of jamma), so it cannot be checked that they belong together",
                id_path.display()
            )
        });
    }
    Ok(Some(BoundIds(ids)))
}

/// The chromosome that is left out of the kinship, or the decomposed kinship, at `path` according to the ids next to it;
/// the outer `None` if they do not say.
pub fn left_out_of(path: &Path) -> Result<Option<Option<String>>> {
    // A matrix of another program is taken as it is.
    if Format::of(path)? != Format::Plain {
        return Ok(None);
    }
    let ids = IdFile::beside(path)?;
    let is_of = |seal: &&Seal| {
        path.to_string_lossy()
            .ends_with(&format!(".{}", seal.format))
    };
    Ok(ids.and_then(|ids| {
        ids.seals()
            .iter()
            .find(is_of)
            .map(|seal| seal.left_out.clone())
    }))
}

/// Reads the `kept` rows and columns of a square matrix of `n_total`, which must be the matrix that `ids` were written
/// for.
pub(crate) fn read_bound_square(
    path: &Path,
    ids: Option<&BoundIds>,
    n_total: usize,
    kept: &[usize],
) -> Result<SquareMatrix> {
    let mut content = Content::default();
    let counted = is_sealed(ids).then_some(&mut content);
    let read = if is_npy(path) {
        npy::read_square(path, n_total, kept, counted)
    } else {
        matrix::read_square(path, n_total, kept, counted)
    };
    let Some(ids) = ids else {
        return read;
    };
    let square = read.map_err(|error| ids.or_stale(path, error))?;
    ids.check_matrix(path, content.digest())?;
    Ok(square)
}

/// Whether a checksum must be computed.
pub(crate) fn is_sealed(ids: Option<&BoundIds>) -> bool {
    ids.is_some_and(|ids| !ids.seals().is_empty())
}

impl BoundIds {
    /// Number of rows of the matrix.
    pub(crate) fn len(&self) -> usize {
        self.0.individuals().len()
    }

    /// Path of the ids.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The individuals in the order of the rows.
    #[cfg(feature = "python")]
    pub(crate) fn individuals(&self) -> &[Individual] {
        self.0.individuals()
    }

    pub(crate) fn seals(&self) -> &[Seal] {
        self.0.seals()
    }

    /// The number of rows of the matrix at `path`, and the row of each of `wanted`.
    pub(crate) fn rows_of(
        &self,
        path: &Path,
        wanted: &[Individual],
        everybody: &[Individual],
        notes: &mut Vec<String>,
    ) -> Result<(usize, Vec<usize>)> {
        let matched = self.0.rows_of(wanted, everybody);
        let (rows, note) = matched.map_err(|error| self.or_stale(path, error))?;
        notes.extend(note);
        if !rows.is_sorted() {
            notes.push(format!(
                "{}: rows were reordered by their ids to match the .fam",
                path.display()
            ));
        }
        Ok((self.len(), rows))
    }

    /// Fails if the number of these ids is not the `n_rows` of the matrix at `path`.
    pub(crate) fn check_size(&self, path: &Path, n_rows: usize) -> Result<()> {
        if n_rows == self.len() {
            return Ok(());
        }
        Err(Error::inconsistent(
            format!(
                "{} does not belong to {}: it lists {}, but the matrix is {n_rows} x {n_rows}",
                self.path().display(),
                path.display(),
                count(self.len(), "individual")
            ),
            STALE_HINT,
        ))
    }

    /// Fails if these ids were written for another matrix than the one at `path`, whose checksum is `found`.
    pub(crate) fn check_matrix(&self, path: &Path, found: Digest) -> Result<()> {
        let seals = self.seals();
        if seals.is_empty() || seals.iter().any(|seal| seal.matrix == found) {
            return Ok(());
        }
        Err(self.stale(path))
    }

    fn stale(&self, path: &Path) -> Error {
        Error::inconsistent(
            format!(
                "{} does not belong to {}: the matrix was changed or replaced after its ids were written",
                self.path().display(),
                path.display()
            ),
            format!(
                "{STALE_HINT}, or recreate both; if they do belong together, remove the lines that start with #jamma from the .id file"
            ),
        )
    }

    /// Replaces an error about the matrix at `path` or its ids if its cause is that the ids belong to another matrix.
    pub(crate) fn or_stale(&self, path: &Path, error: Error) -> Error {
        let is_regular = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
        // A file that cannot be opened, or that can be read only once, is not examined again.
        if !is_regular || matches!(error, Error::Io { .. } | Error::Interrupted) {
            return error;
        }
        if !is_npy(path)
            && let Some((cause, remedy)) = triangle::cause(path, self.len())
        {
            return match error {
                Error::Malformed { .. } => error,
                _ => Error::malformed(path, cause, remedy),
            };
        }
        let n_rows = if is_npy(path) {
            npy::n_rows(path)
        } else {
            matrix::n_columns(path)
        };
        if let Ok(n_rows) = n_rows
            && let Err(stale) = self.check_size(path, n_rows)
        {
            return stale;
        }
        let content = is_sealed(Some(self))
            .then(|| Content::of_file(path, is_npy(path)).ok())
            .flatten();
        match content.map(|content| self.check_matrix(path, content.digest())) {
            // For a damaged matrix, the error with its line is more helpful.
            Some(Err(stale)) if !matches!(error, Error::Malformed { .. }) => stale,
            _ => error,
        }
    }
}

/// Fails if eigenvalues and eigenvectors were not written together.
///
/// * `values`, `vectors`: path and checksum of each
/// * `of_vectors`: the ids next to the vectors; `of_values`: those that were written with the values
pub(crate) fn check_pair(
    values: (&Path, Digest),
    vectors: (&Path, Digest),
    of_vectors: Option<&BoundIds>,
    of_values: Option<&BoundIds>,
) -> Result<()> {
    if let Some(ids) = of_vectors {
        ids.check_matrix(vectors.0, vectors.1)?;
    }
    for ids in of_vectors.iter().chain(&of_values) {
        let mut pairs = ids.seals().iter().filter_map(|seal| {
            let eigenvalues = seal.eigenvalues?;
            Some((eigenvalues, seal.matrix))
        });
        let has_pairs = pairs.clone().next().is_some();
        if has_pairs && !pairs.any(|pair| pair == (values.1, vectors.1)) {
            return Err(Error::inconsistent(
                format!(
                    "{} and {} were not written together according to {}: they are from two decompositions",
                    values.0.display(),
                    vectors.0.display(),
                    ids.path().display()
                ),
                format!("give -d and -u from one run of `jamma eigen`; {UNSEAL_HINT}"),
            ));
        }
    }
    Ok(())
}
