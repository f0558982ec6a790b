//! A symmetric matrix in squares, each with its mirror image, so that a task can finish one of them.

use faer::MatMut;

/// Number of rows and of columns of a part.
const PART: usize = 64;

/// A square on or below the diagonal, and its mirror image above.
pub(super) struct Part<'a> {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) lower: MatMut<'a, f64>,
    /// `None` on the diagonal.
    pub(super) upper: Option<MatMut<'a, f64>>,
}

/// Splits a matrix into squares.
pub(super) fn parts(mut matrix: MatMut<'_, f64>) -> Vec<Part<'_>> {
    let count = matrix.nrows().div_ceil(PART);
    let mut grid: Vec<Vec<Option<MatMut<f64>>>> = Vec::with_capacity(count);
    while matrix.ncols() > 0 {
        let width = PART.min(matrix.ncols());
        let (mut columns, later) = matrix.split_at_col_mut(width);
        let mut squares = Vec::with_capacity(count);
        while columns.nrows() > 0 {
            let height = PART.min(columns.nrows());
            let (square, rest) = columns.split_at_row_mut(height);
            squares.push(Some(square));
            columns = rest;
        }
        grid.push(squares);
        matrix = later;
    }
    let mut parts = Vec::with_capacity(count * (count + 1) / 2);
    for (i, j) in (0..count).flat_map(|j| (j..count).map(move |i| (i, j))) {
        let mut take = |i: usize, j: usize| grid[j][i].take().expect("taken once");
        parts.push(Part {
            row: i * PART,
            column: j * PART,
            lower: take(i, j),
            upper: (i != j).then(|| take(j, i)),
        });
    }
    parts
}

impl Part<'_> {
    /// Copies the lower triangle to the upper one.
    pub(super) fn mirror(self) {
        let mut lower = self.lower;
        match self.upper {
            Some(mut upper) => {
                for i in 0..lower.nrows() {
                    for k in 0..lower.ncols() {
                        upper[(k, i)] = lower[(i, k)];
                    }
                }
            }
            None => {
                for i in 0..lower.nrows() {
                    for k in 0..i {
                        lower[(k, i)] = lower[(i, k)];
                    }
                }
            }
        }
    }
}
