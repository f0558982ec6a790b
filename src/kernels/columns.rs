//! Columns of matrices as slices.

use faer::{MatMut, MatRef};

/// Column `j`.
pub fn column(a: MatRef<'_, f64>, j: usize) -> &[f64] {
    a.col(j)
        .try_as_col_major()
        .expect("columns are contiguous")
        .as_slice()
}

/// Column `j`, mutable.
pub fn column_mut(a: MatMut<'_, f64>, j: usize) -> &mut [f64] {
    a.col_mut(j)
        .try_as_col_major_mut()
        .expect("columns are contiguous")
        .as_slice_mut()
}

/// Columns `i` and `j`, in this order; they must be different.
pub fn two_columns_mut(a: MatMut<'_, f64>, i: usize, j: usize) -> (&mut [f64], &mut [f64]) {
    let (left, right) = a.split_at_col_mut(i.max(j));
    let (first, second) = (column_mut(left, i.min(j)), column_mut(right, 0));
    if i < j {
        (first, second)
    } else {
        (second, first)
    }
}
