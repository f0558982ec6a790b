//! Kinship matrices of other programs (`-k`), whose rows have ids.
//!
//! | file | written by | ids | content |
//! |---|---|---|---|
//! | `X.rel`, `X.rel.gz` | PLINK `--make-rel` | `X.rel.id` | text: square, square with zeros above the diagonal, or lower triangle |
//! | `X.rel.bin` | PLINK `--make-rel bin`, `bin4` | `X.rel.id` | the same shapes as `f64` or `f32`, little-endian, without a header |
//! | `X.grm.bin` | GCTA, PLINK `--make-grm-bin` | `X.grm.id` | lower triangle with the diagonal, `f32` |
//! | `X.grm.gz`, `X.grm` | GCTA, PLINK `--make-grm-gz`, `--make-grm-list` | `X.grm.id` | lines `i j n value`, from 1 |
//! | text | R, pandas, TASSEL | names in the file | square, with a header of names, a first column of names, or both |
//!
//! [`Format::of`] recognises them by name and content. The other files, which [`matrix`](super::matrix) and
//! [`npy`](super::npy) read, are [`Format::Plain`] or [`Format::Kinf`].

mod binary;
mod cells;
mod format;
mod layout;
mod named;
mod pairs;
mod rows;
mod words;

pub use format::{Format, id_path_of, located};

use super::ids::IdFile;
use super::square::{SYMMETRY_TOLERANCE, SquareMatrix};
use crate::error::{Error, Result};
use binary::Binary;
use rows::Rows;
use std::path::Path;

/// Largest difference of mirrored entries in single precision, as a fraction of the largest entry.
const SINGLE_TOLERANCE: f64 = 1e-5;

/// A part of a kinship matrix of another program.
pub struct Relationship {
    /// The kept rows and columns; both triangles are filled.
    pub matrix: SquareMatrix,
    /// Largest difference of mirrored entries that is rounding, as a fraction of the largest entry.
    pub tolerance: f64,
    /// What the file is, for a note.
    pub description: &'static str,
}

/// The ids of the rows of the matrix at `path`, in the order of the matrix.
///
/// Fails if they are absent or malformed, and for a format without ids.
pub fn ids(path: &Path, format: &Format) -> Result<IdFile> {
    if let Format::Named(layout) = format {
        return named::ids(path, layout);
    }
    let id_path = id_path_of(path);
    let exists = std::fs::symlink_metadata(&id_path).is_ok();
    if !exists {
        return Err(Error::inconsistent(
            format!(
                "{}: there is no {} next to it, which has the ids of its rows",
                path.display(),
                id_path.file_name().unwrap_or_default().to_string_lossy()
            ),
            "put the .id file that was written with the matrix next to it; without ids, only a square text or .npy matrix \
             in the order of the genotypes can be used",
        ));
    }
    IdFile::read(&id_path)
}

/// Fails if a binary matrix does not have the size that its ids require; other files are checked while they are read.
pub fn check_size(path: &Path, format: &Format, ids: &IdFile) -> Result<()> {
    match format {
        Format::RelBinary => Binary::rel(path, ids).map(drop),
        Format::GrmBinary => Binary::grm(path, ids).map(drop),
        _ => Ok(()),
    }
}

/// Reads the `kept` rows and columns, 0-based and ascending, of a matrix of the individuals `ids`.
///
/// Fails if the file does not have one row per id, or a kept entry is not a finite number. The other entries must be
/// present but are not examined. Memory: the result and two batches of text, or a row per thread.
pub fn read(path: &Path, format: &Format, ids: &IdFile, kept: &[usize]) -> Result<Relationship> {
    assert!(!kept.is_empty(), "at least one individual is kept");
    assert!(kept.windows(2).all(|two| two[0] < two[1]), "rows ascend");
    let individuals = ids.individuals();
    let found = |matrix, description| Relationship {
        matrix,
        tolerance: SYMMETRY_TOLERANCE,
        description,
    };
    match format {
        Format::Plain | Format::Kinf => panic!("a matrix without ids"),
        Format::Rel => {
            let (matrix, description) = Rows::of_rel(path, individuals, kept)?;
            Ok(found(matrix, description))
        }
        Format::RelBinary | Format::GrmBinary => {
            let binary = if *format == Format::RelBinary {
                Binary::rel(path, ids)?
            } else {
                Binary::grm(path, ids)?
            };
            let (matrix, description) = binary.read(path, individuals, kept)?;
            let mut found = found(matrix, description);
            if !binary.is_double() {
                found.tolerance = SINGLE_TOLERANCE;
            }
            Ok(found)
        }
        Format::GrmPairs => {
            let matrix = pairs::read(path, individuals, kept)?;
            Ok(found(
                matrix,
                "GCTA's relationships as text, a line per pair",
            ))
        }
        Format::Named(layout) => {
            let matrix = named::read(path, layout, individuals, kept)?;
            Ok(found(matrix, "a text matrix with names"))
        }
    }
}
