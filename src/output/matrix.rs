//! Matrices and vectors as GEMMA's text or as `.npy`.

use super::file::{OutputFile, OutputPlace};
use super::number::push_g;
use crate::error::{Error, Result};
use crate::io::fam::Individual;
use crate::io::{ids, npy};
use faer::Mat;
use rayon::prelude::*;
use std::path::PathBuf;

/// How a matrix is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MatrixFormat {
    /// Text with ten significant digits, as GEMMA has it: `.txt`.
    #[default]
    Text,
    /// NumPy's binary format, every bit: `.npy`.
    Npy,
}

impl MatrixFormat {
    /// The file name extension.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Npy => "npy",
        }
    }

    /// Bytes that `numbers` numbers take, about.
    #[must_use]
    pub fn bytes(self, numbers: u64) -> u64 {
        match self {
            Self::Text => numbers * 15,
            Self::Npy => numbers * 8,
        }
    }
}

/// Significant digits of GEMMA's matrices.
const DIGITS: usize = 10;
/// Numbers formatted before they are written: bounds the memory that text takes.
const NUMBERS_AT_ONCE: usize = 1 << 22;

/// Writes `matrix`, row by row, tabs between the numbers.
pub fn write_matrix(
    mut file: OutputFile,
    matrix: &Mat<f64>,
    format: MatrixFormat,
) -> Result<PathBuf> {
    let (rows, columns) = (matrix.nrows(), matrix.ncols());
    if format == MatrixFormat::Npy {
        let column = |j| {
            matrix
                .col(j)
                .try_as_col_major()
                .expect("columns are contiguous")
                .as_slice()
        };
        file.write_with(|out| npy::write_matrix(out, rows, (0..columns).map(column)))?;
        return file.finish();
    }
    let at_once = (NUMBERS_AT_ONCE / columns.max(1)).max(1);
    for first in (0..rows).step_by(at_once) {
        let some: Vec<usize> = (first..(first + at_once).min(rows)).collect();
        let texts: Vec<Vec<u8>> = some
            .par_chunks(16)
            .map(|some| {
                let mut text = Vec::with_capacity(some.len() * columns * 14);
                for &i in some {
                    for j in 0..columns {
                        push_g(&mut text, matrix[(i, j)], DIGITS);
                        text.push(if j + 1 < columns { b'\t' } else { b'\n' });
                    }
                }
                text
            })
            .collect();
        texts.iter().try_for_each(|text| file.write(text))?;
    }
    file.finish()
}

/// Writes `values`, one a line.
pub fn write_vector(mut file: OutputFile, values: &[f64], format: MatrixFormat) -> Result<PathBuf> {
    if format == MatrixFormat::Npy {
        file.write_with(|out| npy::write_vector(out, values))?;
        return file.finish();
    }
    let mut text = Vec::with_capacity(values.len() * 14);
    for &value in values {
        push_g(&mut text, value, DIGITS);
        text.push(b'\n');
    }
    file.write(&text)?;
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

/// Fails where the matrix of the other format under this name belongs to other individuals, who would lose their ids.
pub fn check_ids_are_free(
    place: &OutputPlace,
    stem: &str,
    format: MatrixFormat,
    individuals: &[Individual],
) -> Result<()> {
    let other = match format {
        MatrixFormat::Text => MatrixFormat::Npy,
        MatrixFormat::Npy => MatrixFormat::Text,
    };
    let sibling = place.path(&format!("{stem}.{}", other.extension()));
    let id_path = place.path(&format!("{stem}.id"));
    if !sibling.exists() || !id_path.exists() || ids::read_ids(&id_path)? == individuals {
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
