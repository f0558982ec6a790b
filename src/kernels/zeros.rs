//! Matrices of zeros, written on all threads.
//!
//! The system provides memory page by page when it is first written, which takes about as long as reading the matrix ten
//! times.
#![allow(unsafe_code, reason = "columns written before the matrix has a size")]

use super::memory::matrix_room;
use crate::error::Result;
use faer::Mat;
use rayon::prelude::*;

/// Number of elements below which one thread is faster.
const SMALL: usize = 1 << 16;

/// A `rows` × `columns` matrix of zeros.
#[must_use]
pub fn zeros(rows: usize, columns: usize) -> Mat<f64> {
    write_columns(
        Mat::with_capacity(rows, columns),
        rows,
        columns,
        Columns::Zero,
    )
}

/// As [`zeros`]; fails if the memory for `what` cannot be allocated.
pub fn try_zeros(rows: usize, columns: usize, what: &str) -> Result<Mat<f64>> {
    let room = matrix_room(rows, columns, what)?;
    Ok(write_columns(room, rows, columns, Columns::Zero))
}

/// A `rows` × `columns` matrix with a copy of `values`, in column-major order; fails as [`try_zeros`] does.
///
/// # Panics
/// If the number of values is not `rows` · `columns`.
pub fn try_copy(values: &[f64], rows: usize, columns: usize, what: &str) -> Result<Mat<f64>> {
    assert_eq!(values.len(), rows * columns, "whole columns");
    let room = matrix_room(rows, columns, what)?;
    Ok(write_columns(room, rows, columns, Columns::Of(values)))
}

/// The contents of a new matrix.
#[derive(Clone, Copy)]
enum Columns<'a> {
    Zero,
    /// These values, in column-major order.
    Of(&'a [f64]),
}

/// Writes the columns of `matrix`, which is empty and has capacity for them.
fn write_columns(
    mut matrix: Mat<f64>,
    rows: usize,
    columns: usize,
    content: Columns<'_>,
) -> Mat<f64> {
    if rows * columns < SMALL {
        matrix.resize_with(rows, columns, |i, j| match content {
            Columns::Zero => 0.0,
            Columns::Of(values) => values[j * rows + i],
        });
        return matrix;
    }
    let stride = usize::try_from(matrix.col_stride()).expect("columns follow each other");
    assert!(stride >= rows);
    let start = Start(matrix.as_ptr_mut());
    (0..columns).into_par_iter().for_each(|j| {
        // SAFETY: column j lies within the capacity, no other thread writes it, and a slice of `rows` values is read;
        // the bits of 0.0 are zeros.
        unsafe {
            let column = start.get().add(j * stride);
            match content {
                Columns::Zero => column.write_bytes(0, rows),
                Columns::Of(values) => {
                    let from = &values[j * rows..(j + 1) * rows];
                    column.copy_from_nonoverlapping(from.as_ptr(), rows);
                }
            }
        }
    });
    // SAFETY: all elements of these dimensions, which the capacity covers, were written above.
    unsafe { matrix.set_dims(rows, columns) };
    matrix
}

/// Pointer to the first column.
struct Start(*mut f64);

// SAFETY: threads write to different columns.
unsafe impl Sync for Start {}

impl Start {
    fn get(&self) -> *mut f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_elements_of_every_shape_are_zero() {
        for (rows, columns) in [
            (0, 0),
            (3, 0),
            (0, 5),
            (1, 1),
            (300, 301),
            (1, 70_000),
            (70_001, 2),
        ] {
            let matrix = zeros(rows, columns);
            assert_eq!(try_zeros(rows, columns, "").unwrap(), matrix);
            let values: Vec<f64> = (0..rows * columns).map(|k| k as f64).collect();
            let copy = try_copy(&values, rows, columns, "").unwrap();
            assert_eq!(
                copy,
                Mat::from_fn(rows, columns, |i, j| (j * rows + i) as f64)
            );
            assert_eq!((matrix.nrows(), matrix.ncols()), (rows, columns));
            assert!((0..columns).all(|j| (0..rows).all(|i| matrix[(i, j)].to_bits() == 0)));
        }
    }
}
