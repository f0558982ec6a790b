//! A square matrix as read from a file, and its asymmetry.

use std::path::Path;

use rayon::prelude::*;

use super::triangle;
use crate::error::{Error, Result};
use crate::kernels::memory::zeroed;

/// Largest difference of mirrored entries that is taken for rounding, as a fraction of the largest entry.
pub(crate) const SYMMETRY_TOLERANCE: f64 = 1e-6;

/// Number of rows and of columns of a tile: two tiles of f64 fit in a 64 KiB cache.
const TILE: usize = 64;

/// Marks a row or column that is not kept.
pub(super) const NOT_KEPT: usize = usize::MAX;

/// A square matrix of the kept individuals, row after row: entry (a, b) is `values[a * n + b]`.
#[derive(Clone, Debug, PartialEq)]
pub struct SquareMatrix {
    /// Number of rows and of columns.
    pub n: usize,
    /// The n × n entries, all finite.
    pub values: Vec<f64>,
}

/// The largest difference between mirrored entries of a matrix that is symmetric up to rounding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asymmetry {
    /// Largest `|K_ab − K_ba|`, above 0.
    pub difference: f64,
    /// Row a of the first such entry, 0-based, a < b.
    pub row: usize,
    /// Column b of the first such entry.
    pub column: usize,
}

impl SquareMatrix {
    /// Fails if there is not enough memory.
    pub(super) fn zeros(n: usize) -> Result<Self> {
        let what = format!("the kinship matrix of {n} individuals");
        Ok(Self {
            n,
            values: zeroed(n.saturating_mul(n), &what)?,
        })
    }

    /// Copies the upper triangle, which GEMMA uses, to the lower one. Returns the largest difference, `None` if the
    /// matrix was symmetric.
    ///
    /// * `name_of`: names the individual of a row of this matrix for the message, such as `individual F1 I1`
    ///
    /// Fails if mirrored entries differ by more than 10⁻⁶ of the largest `|K_ab|`: such a file is not a kinship matrix.
    pub fn symmetrize(
        &mut self,
        path: &Path,
        name_of: impl Fn(usize) -> String,
    ) -> Result<Option<Asymmetry>> {
        self.symmetrize_within(SYMMETRY_TOLERANCE, path, name_of)
    }

    /// As [`symmetrize`](Self::symmetrize), with the largest difference that is taken for rounding, as a fraction of the
    /// largest `|K_ab|`.
    pub fn symmetrize_within(
        &mut self,
        tolerance: f64,
        path: &Path,
        name_of: impl Fn(usize) -> String,
    ) -> Result<Option<Asymmetry>> {
        let extremes = self.extremes();
        let Some(asymmetry) = extremes.asymmetry else {
            return Ok(None);
        };
        if asymmetry.difference > tolerance * extremes.largest {
            return Err(self.not_symmetric(path, asymmetry, name_of));
        }
        for_each_mirrored_pair(self.n, |upper, lower| {
            self.values[lower] = self.values[upper];
        });
        Ok(Some(asymmetry))
    }

    /// Copies the lower triangle to the upper one.
    pub(super) fn mirror_lower(&mut self) {
        for_each_mirrored_pair(self.n, |upper, lower| {
            self.values[upper] = self.values[lower];
        });
    }

    /// Whether all entries above the diagonal are 0 and some entry below it is not.
    pub(super) fn is_zero_above_diagonal(&self) -> bool {
        let rows = || self.values.chunks_exact(self.n.max(1)).enumerate();
        rows().all(|(a, row)| row[a + 1..].iter().all(|&x| x == 0.0))
            && rows().any(|(a, row)| row[..a].iter().any(|&x| x != 0.0))
    }

    /// Swaps rows and columns in place.
    pub(super) fn transpose(&mut self) {
        for_each_mirrored_pair(self.n, |upper, lower| self.values.swap(upper, lower));
    }

    fn not_symmetric(
        &self,
        path: &Path,
        Asymmetry { row, column, .. }: Asymmetry,
        name_of: impl Fn(usize) -> String,
    ) -> Error {
        let (a, b) = (name_of(row), name_of(column));
        let mut what = format!(
            "the matrix is not symmetric: {a} with {b} is {}, but {b} with {a} is {}",
            self.values[row * self.n + column],
            self.values[column * self.n + row]
        );
        let mut hint = "give a kinship matrix, with rows and columns in the same order";
        if let Some((cause, remedy)) = triangle::of_zeros(self.n, &self.values) {
            what = format!("{what}: {cause}");
            hint = remedy;
        }
        Error::malformed(path, what, hint)
    }

    /// One pass over the matrix, by tiles on all cores; the result does not depend on their number.
    fn extremes(&self) -> Extremes {
        (0..self.n.div_ceil(TILE))
            .into_par_iter()
            .map(|tile| {
                let mut extremes = Extremes::default();
                for start in (tile * TILE..self.n).step_by(TILE) {
                    for row in tile * TILE..self.n.min((tile + 1) * TILE) {
                        for column in start.max(row)..self.n.min(start + TILE) {
                            extremes.add(self, row, column);
                        }
                    }
                }
                extremes
            })
            .reduce(Extremes::default, Extremes::or)
    }
}

/// Largest entry and largest asymmetry of a part of a matrix.
#[derive(Clone, Copy, Default)]
struct Extremes {
    largest: f64,
    asymmetry: Option<Asymmetry>,
}

impl Extremes {
    fn add(&mut self, matrix: &SquareMatrix, row: usize, column: usize) {
        let upper = matrix.values[row * matrix.n + column];
        let lower = matrix.values[column * matrix.n + row];
        self.largest = self.largest.max(upper.abs()).max(lower.abs());
        if upper != lower {
            let difference = (upper - lower).abs();
            self.asymmetry = larger(
                self.asymmetry,
                Some(Asymmetry {
                    difference,
                    row,
                    column,
                }),
            );
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            largest: self.largest.max(other.largest),
            asymmetry: larger(self.asymmetry, other.asymmetry),
        }
    }
}

/// The asymmetry with the larger difference, the first of equal ones.
fn larger(a: Option<Asymmetry>, b: Option<Asymmetry>) -> Option<Asymmetry> {
    let (Some(x), Some(y)) = (a, b) else {
        return a.or(b);
    };
    let y_is_larger = y.difference > x.difference
        || (y.difference == x.difference && (y.row, y.column) < (x.row, x.column));
    if y_is_larger { b } else { a }
}

/// Calls `call` with the positions of (a, b) and (b, a) in `values` for all a < b, tile by tile.
fn for_each_mirrored_pair(n: usize, mut call: impl FnMut(usize, usize)) {
    for row_tile in (0..n).step_by(TILE) {
        for column_tile in (row_tile..n).step_by(TILE) {
            for row in row_tile..n.min(row_tile + TILE) {
                for column in column_tile.max(row + 1)..n.min(column_tile + TILE) {
                    call(row * n + column, column * n + row);
                }
            }
        }
    }
}

/// The position of each of `n_total` rows of a file in `kept`, [`NOT_KEPT`] if it is not there.
pub(super) fn positions(n_total: usize, kept: &[usize]) -> Vec<usize> {
    let mut positions = vec![NOT_KEPT; n_total];
    for (position, &row) in kept.iter().enumerate() {
        assert!(row < n_total, "kept row {row} of {n_total}");
        assert!(positions[row] == NOT_KEPT, "row {row} is kept twice");
        positions[row] = position;
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::assert_fails;
    use super::*;

    fn matrix(n: usize, entry: impl Fn(usize, usize) -> f64) -> SquareMatrix {
        SquareMatrix {
            n,
            values: (0..n * n).map(|i| entry(i / n, i % n)).collect(),
        }
    }

    fn symmetrize(matrix: &mut SquareMatrix) -> Result<Option<Asymmetry>> {
        matrix.symmetrize(Path::new("m.cXX.txt"), |a| format!("row {}", a + 1))
    }

    const SIZES: [usize; 6] = [1, 2, 63, 64, 65, 200];

    #[test]
    fn a_symmetric_matrix_stays_as_it_is() {
        for n in SIZES {
            let mut k = matrix(n, |a, b| (a * b) as f64 - (a + b) as f64);
            let before = k.clone();
            assert_eq!(symmetrize(&mut k).unwrap(), None);
            assert_eq!(k, before);
        }
    }

    #[test]
    fn small_differences_are_reported_and_the_upper_triangle_counts() {
        for n in SIZES.into_iter().filter(|&n| n > 1) {
            for (row, column) in [(0, 1), (0, n - 1), (n / 2 - 1, n - 1)] {
                let mut k = matrix(n, |a, b| 2.0 - (a.abs_diff(b)) as f64 / n as f64);
                let expected = k.clone();
                k.values[column * n + row] += 1e-7;
                let asymmetry = symmetrize(&mut k).unwrap().unwrap();
                assert_eq!((asymmetry.row, asymmetry.column), (row, column));
                assert!((asymmetry.difference - 1e-7).abs() < 1e-15);
                assert_eq!(k, expected);
            }
        }
    }

    #[test]
    fn the_first_of_equal_differences_is_named() {
        let mut k = matrix(150, |a, b| if a < b { 2.0 } else { 2.0 + 1e-9 });
        let asymmetry = symmetrize(&mut k).unwrap().unwrap();
        assert_eq!((asymmetry.row, asymmetry.column), (0, 1));
    }

    #[test]
    fn an_asymmetric_matrix_is_an_error() {
        let mut k = matrix(3, |a, b| if a == b { 1.0 } else { 0.25 });
        k.values[2] = 0.5;
        assert_fails(
            symmetrize(&mut k),
            &[
                "m.cXX.txt: the matrix is not symmetric",
                "row 1 with row 3 is 0.5, but row 3 with row 1 is 0.25",
            ],
        );
    }

    #[test]
    fn transposing_swaps_rows_and_columns() {
        for n in SIZES {
            let mut k = matrix(n, |a, b| (a * 1000 + b) as f64);
            k.transpose();
            assert_eq!(k, matrix(n, |a, b| (b * 1000 + a) as f64));
        }
    }

    #[test]
    fn places_invert_the_kept_rows() {
        assert_eq!(positions(4, &[3, 1]), [NOT_KEPT, 1, NOT_KEPT, 0]);
    }

    #[test]
    #[should_panic(expected = "kept twice")]
    fn a_row_is_kept_once() {
        positions(4, &[3, 3]);
    }
}
