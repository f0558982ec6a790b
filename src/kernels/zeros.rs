//! A matrix of zeros, written on all threads.
//!
//! The system gives memory page by page when it is first written, which takes as long as reading a matrix some ten times.
#![allow(unsafe_code, reason = "columns written before the matrix has a size")]

use faer::Mat;
use rayon::prelude::*;

/// Rows times columns below which one thread is faster.
const SMALL: usize = 1 << 16;

/// Zeros, `rows` × `columns`.
#[must_use]
pub fn zeros(rows: usize, columns: usize) -> Mat<f64> {
    if rows * columns < SMALL {
        return Mat::zeros(rows, columns);
    }
    let mut matrix = Mat::<f64>::with_capacity(rows, columns);
    let stride = usize::try_from(matrix.col_stride()).expect("columns follow each other");
    assert!(stride >= rows);
    let start = Start(matrix.as_ptr_mut());
    (0..columns).into_par_iter().for_each(|j| {
        // SAFETY: column j lies within the capacity, and no other thread writes it; the bits of 0.0 are zeros.
        unsafe { start.get().add(j * stride).write_bytes(0, rows) };
    });
    // SAFETY: all elements of these dimensions, which the capacity covers, were written above.
    unsafe { matrix.set_dims(rows, columns) };
    matrix
}

/// Where the first column begins.
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
            assert_eq!((matrix.nrows(), matrix.ncols()), (rows, columns));
            assert!((0..columns).all(|j| (0..rows).all(|i| matrix[(i, j)].to_bits() == 0)));
        }
    }
}
