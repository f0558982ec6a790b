//! The lower triangle in parts to share out.

use faer::MatMut;

/// A part of the lower triangle: some columns, and some of the rows from the first of these columns on.
pub(super) struct Task<'a> {
    /// A multiple of the columns of a task.
    pub(super) first_column: usize,
    /// The same and a multiple of the rows of a task more.
    pub(super) first_row: usize,
    pub(super) sums: MatMut<'a, f64>,
}

/// Cuts the lower triangle of `sums` into parts of up to `columns` columns and `rows` rows, the longest columns first.
///
/// The squares on the diagonal are whole: their upper halves belong to nobody else.
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
