//! Checksums of matrices in chunks of columns, on all threads.
//!
//! The checksum is that of the checksums of the chunks. Their size depends only on n, not on the number of threads.

use crate::io::content::{Content, Digest};
use crate::io::numbers::{read_numbers_at, write_numbers};
use crate::kernels::columns::{column, column_mut};
use faer::{MatMut, MatRef};
use rayon::prelude::*;
use std::fs::File;
use std::io;

/// Bytes of a chunk, or one column if that is longer.
const CHUNK_BYTES: usize = 1 << 20;

fn columns_per_chunk(n_rows: usize) -> usize {
    (CHUNK_BYTES / (8 * n_rows).max(1)).max(1)
}

fn digest_of_chunks(chunks: &[Digest]) -> Digest {
    let mut content = Content::default();
    for chunk in chunks {
        content.add(format!("{chunk}\n").as_bytes());
    }
    content.digest()
}

/// The checksum of the bits of `values`.
pub(super) fn digest_of_values(values: &[f64]) -> Digest {
    let mut content = Content::default();
    // Adding bytes to a checksum does not fail.
    let _ = write_numbers(&mut content, values);
    content.digest()
}

/// The checksum of the bits of `matrix`, whose columns are contiguous.
pub(super) fn digest_of_columns(matrix: MatRef<'_, f64>) -> Digest {
    let chunks: Vec<Digest> = matrix
        .par_col_chunks(columns_per_chunk(matrix.nrows()))
        .map(|chunk| {
            let mut content = Content::default();
            for j in 0..chunk.ncols() {
                let _ = write_numbers(&mut content, column(chunk, j));
            }
            content.digest()
        })
        .collect();
    digest_of_chunks(&chunks)
}

/// Reads the columns of `matrix` at byte `offset` of `file`, and returns their checksum.
pub(super) fn read_columns(
    file: &File,
    offset: u64,
    matrix: MatMut<'_, f64>,
) -> io::Result<Digest> {
    let n_rows = matrix.nrows();
    let per_chunk = columns_per_chunk(n_rows);
    let chunks = matrix
        .par_col_chunks_mut(per_chunk)
        .enumerate()
        .map(|(k, mut chunk)| {
            let mut content = Content::default();
            for j in 0..chunk.ncols() {
                let n_before = ((k * per_chunk + j) * n_rows) as u64;
                let column = column_mut(chunk.as_mut(), j);
                read_numbers_at(file, offset + 8 * n_before, column, &mut content)?;
            }
            Ok(content.digest())
        })
        .collect::<io::Result<Vec<Digest>>>()?;
    Ok(digest_of_chunks(&chunks))
}
