//! Matrices and vectors as text in GEMMA's format, or as `.npy`.

use super::file::OutputFile;
use super::number::push_g;
use super::text::{Packing, TextFile};
use crate::error::Result;
use crate::io::content::{Content, Digest};
use crate::io::npy;
use faer::Mat;
use rayon::prelude::*;
use std::ops::Range;

/// The format in which a matrix is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MatrixFormat {
    /// Text with ten significant digits, as in GEMMA: `.txt`.
    #[default]
    Text,
    /// The same text, compressed: `.txt.gz`.
    Gzip,
    /// NumPy's binary format with all bits: `.npy`.
    Npy,
}

impl MatrixFormat {
    pub(super) const ALL: [Self; 3] = [Self::Text, Self::Gzip, Self::Npy];

    /// The file name extension.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Gzip => "txt.gz",
            Self::Npy => "npy",
        }
    }

    /// Approximate number of bytes for `numbers` numbers.
    #[must_use]
    pub fn bytes(self, numbers: u64) -> u64 {
        match self {
            Self::Text => numbers * 15,
            Self::Gzip | Self::Npy => numbers * 8,
        }
    }

    /// The compression of text; `None` for a binary format.
    fn packing(self) -> Option<Packing> {
        match self {
            Self::Text => Some(Packing::Plain),
            Self::Gzip => Some(Packing::Gzip),
            Self::Npy => None,
        }
    }
}

/// Number of significant digits in GEMMA's matrices.
const DIGITS: usize = 10;
/// Numbers that are formatted before they are passed on, which limits the memory for text.
const NUMBERS_AT_ONCE: usize = 1 << 19;
/// Rows that one task formats: two cache lines of every column.
const ROWS_AT_ONCE: usize = 16;

/// A complete matrix or vector that still has its temporary name, and its checksum.
#[derive(Debug)]
pub struct Written {
    /// To be renamed together with the files that belong to it: [`finish_all`](super::file::finish_all).
    pub file: OutputFile,
    /// For the `.id` file of a matrix.
    pub digest: Digest,
}

/// Writes `matrix` row by row, with tabs between the numbers.
pub fn write_matrix(
    mut file: OutputFile,
    matrix: &Mat<f64>,
    format: MatrixFormat,
) -> Result<Written> {
    let (rows, columns) = (matrix.nrows(), matrix.ncols());
    let Some(packing) = format.packing() else {
        let column = |j| {
            matrix
                .col(j)
                .try_as_col_major()
                .expect("columns are contiguous")
                .as_slice()
        };
        file.write_with(|mut out| npy::write_matrix(&mut out, rows, (0..columns).map(column)))?;
        let content = npy::of_matrix(rows, (0..columns).map(column));
        return Ok(Written {
            file,
            digest: content.digest(),
        });
    };
    let mut content = Content::default();
    let mut file = TextFile::new(file, packing)?;
    let at_once = (NUMBERS_AT_ONCE / columns.max(1)).next_multiple_of(ROWS_AT_ONCE);
    for first in (0..rows).step_by(at_once.max(ROWS_AT_ONCE)) {
        let last = (first + at_once.max(ROWS_AT_ONCE)).min(rows);
        let texts: Vec<Vec<u8>> = (0..(last - first).div_ceil(ROWS_AT_ONCE))
            .into_par_iter()
            .map(|task| {
                let first = first + task * ROWS_AT_ONCE;
                rows_as_text(matrix, first..last.min(first + ROWS_AT_ONCE))
            })
            .collect();
        texts.iter().for_each(|text| content.add(text));
        file.write(texts)?;
    }
    Ok(Written {
        file: file.complete()?,
        digest: content.digest(),
    })
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

/// Writes `values`, one per line.
pub fn write_vector(mut file: OutputFile, values: &[f64], format: MatrixFormat) -> Result<Written> {
    let Some(packing) = format.packing() else {
        file.write_with(|mut out| npy::write_vector(&mut out, values))?;
        let content = npy::of_vector(values);
        return Ok(Written {
            file,
            digest: content.digest(),
        });
    };
    let mut text = Vec::with_capacity(values.len() * 14);
    for &value in values {
        push_g(&mut text, value, DIGITS);
        text.push(b'\n');
    }
    let mut content = Content::default();
    content.add(&text);
    let mut file = TextFile::new(file, packing)?;
    file.write(vec![text])?;
    Ok(Written {
        file: file.complete()?,
        digest: content.digest(),
    })
}
