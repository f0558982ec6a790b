//! Matrices and vectors as GEMMA's text or as `.npy`.

use super::file::{OutputFile, OutputPlace};
use super::number::push_g;
use super::text::{Packing, TextFile};
use crate::error::{Error, Result};
use crate::io::fam::Individual;
use crate::io::{ids, npy};
use faer::Mat;
use rayon::prelude::*;
use std::ops::Range;
use std::path::PathBuf;

/// How a matrix is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MatrixFormat {
    /// Text with ten significant digits, as GEMMA has it: `.txt`.
    #[default]
    Text,
    /// The same text, compressed: `.txt.gz`.
    Gzip,
    /// NumPy's binary format, every bit: `.npy`.
    Npy,
}

impl MatrixFormat {
    const ALL: [Self; 3] = [Self::Text, Self::Gzip, Self::Npy];

    /// The file name extension.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Gzip => "txt.gz",
            Self::Npy => "npy",
        }
    }

    /// Bytes that `numbers` numbers take, about.
    #[must_use]
    pub fn bytes(self, numbers: u64) -> u64 {
        match self {
            Self::Text => numbers * 15,
            Self::Gzip | Self::Npy => numbers * 8,
        }
    }

    /// How text is packed; `None` for what is no text.
    fn packing(self) -> Option<Packing> {
        match self {
            Self::Text => Some(Packing::Plain),
            Self::Gzip => Some(Packing::Gzip),
            Self::Npy => None,
        }
    }
}

/// Significant digits of GEMMA's matrices.
const DIGITS: usize = 10;
/// Numbers formatted before they are handed over: bounds the memory that text takes.
const NUMBERS_AT_ONCE: usize = 1 << 19;
/// Rows formatted by one task: two cache lines of every column.
const ROWS_AT_ONCE: usize = 16;

/// Writes `matrix`, row by row, tabs between the numbers.
pub fn write_matrix(
    mut file: OutputFile,
    matrix: &Mat<f64>,
    format: MatrixFormat,
) -> Result<PathBuf> {
    let (rows, columns) = (matrix.nrows(), matrix.ncols());
    let Some(packing) = format.packing() else {
        let column = |j| {
            matrix
                .col(j)
                .try_as_col_major()
                .expect("columns are contiguous")
                .as_slice()
        };
        file.write_with(|out| npy::write_matrix(out, rows, (0..columns).map(column)))?;
        return file.finish();
    };
    let mut file = TextFile::new(file, packing)?;
    let at_once = (NUMBERS_AT_ONCE / columns.max(1)).next_multiple_of(ROWS_AT_ONCE);
    for first in (0..rows).step_by(at_once.max(ROWS_AT_ONCE)) {
        let last = (first + at_once.max(ROWS_AT_ONCE)).min(rows);
        let texts = (0..(last - first).div_ceil(ROWS_AT_ONCE))
            .into_par_iter()
            .map(|task| {
                let first = first + task * ROWS_AT_ONCE;
                rows_as_text(matrix, first..last.min(first + ROWS_AT_ONCE))
            })
            .collect();
        file.write(texts)?;
    }
    file.finish()
}

fn rows_as_text(matrix: &Mat<f64>, rows: Range<usize>) -> Vec<u8> {
    let columns = matrix.ncols();
    let mut text = Vec::with_capacity(rows.len() * columns * 16);
    for i in rows {
        for j in 0..columns {
            push_g(&mut text, matrix[(i, j)], DIGITS);
            text.push(if j + 1 < columns { b'\t' } else { b'\n' });
        }
    }
    text
}

/// Writes `values`, one a line.
pub fn write_vector(mut file: OutputFile, values: &[f64], format: MatrixFormat) -> Result<PathBuf> {
    let Some(packing) = format.packing() else {
        file.write_with(|out| npy::write_vector(out, values))?;
        return file.finish();
    };
    let mut text = Vec::with_capacity(values.len() * 14);
    for &value in values {
        push_g(&mut text, value, DIGITS);
        text.push(b'\n');
    }
    let mut file = TextFile::new(file, packing)?;
    file.write(vec![text])?;
    file.finish()
}

/// Writes who the rows of a finished matrix are, `FID<tab>IID`, one a line: `PREFIX.<stem>.id`.
pub fn write_ids(place: &OutputPlace, stem: &str, individuals: &[Individual]) -> Result<PathBuf> {
    let mut file = place.create(&format!("{stem}.id"))?;
    for Individual { fid, iid } in individuals {
        file.write(format!("{fid}\t{iid}\n").as_bytes())?;
    }
    file.finish()
}

/// Fails where a matrix of another format under this name belongs to other individuals, who would lose their ids.
pub fn check_ids_are_free(
    place: &OutputPlace,
    stem: &str,
    format: MatrixFormat,
    individuals: &[Individual],
) -> Result<()> {
    let id_path = place.path(&format!("{stem}.id"));
    let sibling = MatrixFormat::ALL
        .into_iter()
        .filter(|&other| other != format)
        .map(|other| place.path(&format!("{stem}.{}", other.extension())))
        .find(|sibling| sibling.exists());
    let Some(sibling) = sibling else {
        return Ok(());
    };
    if !id_path.exists() || ids::read_ids(&id_path)? == individuals {
        return Ok(());
    }
    Err(Error::inconsistent(
        format!(
            "{} belongs to other individuals, whose ids in {} would be overwritten",
            sibling.display(),
            id_path.display()
        ),
        "choose another prefix with -o, or remove the old files",
    ))
}
