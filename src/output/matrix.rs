//! Matrices and vectors as GEMMA's text or as `.npy`.

use super::file::{OutputFile, OutputPlace};
use super::number::push_g;
use crate::error::Result;
use crate::io::fam::Individual;
use crate::io::npy;
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

/// Writes who the rows of a matrix are, `FID<tab>IID`, one a line: `PREFIX.<stem>.id`.
///
/// The file is complete but not in its place: [`OutputFile::finish`] it right after the matrix, so that a run that fails
/// in between does not leave new ids beside an old matrix.
pub fn write_ids(
    place: &OutputPlace,
    stem: &str,
    individuals: &[Individual],
) -> Result<OutputFile> {
    let mut file = place.create(&format!("{stem}.id"))?;
    for Individual { fid, iid } in individuals {
        file.write(format!("{fid}\t{iid}\n").as_bytes())?;
    }
    Ok(file)
}
