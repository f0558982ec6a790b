//! Division of the lower triangle into parallel tasks.

use faer::MatMut;

/// A block of the lower triangle: consecutive columns, and consecutive rows from the index of the first column on.
pub(super) struct Task<'a> {
    /// A multiple of the number of columns of a task.
    pub(super) first_column: usize,
    /// `first_column` plus a multiple of the number of rows of a task.
    pub(super) first_row: usize,
    pub(super) sums: MatMut<'a, f64>,
}

/// Divides the lower triangle of `sums` into blocks of up to `columns` columns and `rows` rows, longest columns first.
///
/// Blocks on the diagonal are not cut to the triangle; no other task contains their upper halves.
pub(super) fn tasks(mut sums: MatMut<'_, f64>, columns: usize, rows: usize) -> Vec<Task<'_>> {
    let mut tasks = Vec::new();
    let mut first_column = 0;
    while sums.ncols() > 0 {
        let width = columns.min(sums.ncols());
        let (now, later) = sums.split_at_col_mut(width);
        let mut first_row = first_column;
        let mut below = now.split_at_row_mut(first_row).1;
        while below.nrows() > 0 {
            let height = rows.min(below.nrows());
            let (part, rest) = below.split_at_row_mut(height);
            tasks.push(Task {
                first_column,
                first_row,
                sums: part,
            });
            (first_row, below) = (first_row + height, rest);
        }
        (first_column, sums) = (first_column + width, later);
    }
    tasks
}
