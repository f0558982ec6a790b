//! Symmetric matrix times vector, reading each element of one triangle once.
//!
//! The reduction to tridiagonal form needs one such product for every column. Reading the triangle limits its speed.

use super::columns::column;
use faer::MatRef;

/// Columns processed together: each element of x and y is loaded once for all of them.
const COLUMNS: usize = 8;
/// Rows that justify one more part.
const ROWS_PER_PART: usize = 192;
/// Maximum number of parts.
pub const MAX_PARTS: usize = 32;

/// The lower triangle of a symmetric m × m matrix, column-major.
#[derive(Debug, Clone, Copy)]
pub struct LowerTriangle<'a> {
    /// The matrix; only its lower triangle is read, and its columns must be contiguous.
    pub matrix: MatRef<'a, f64>,
}

impl LowerTriangle<'_> {
    /// Number of parts of a product. It depends on m only, so that the sums do not depend on the number of threads.
    #[must_use]
    pub fn n_parts(&self) -> usize {
        (self.matrix.nrows() / ROWS_PER_PART).clamp(1, MAX_PARTS)
    }

    /// The first row that part `part` adds to.
    #[must_use]
    pub fn part_start(&self, part: usize) -> usize {
        part_start(part, self.n_parts(), self.matrix.nrows())
    }

    /// Writes to `sum` the contribution of part `part` to A x, from row `part_start(part)` on; earlier rows are unchanged.
    pub fn times_vector(&self, part: usize, x: &[f64], sum: &mut [f64]) {
        pulp::Arch::new().dispatch(AddColumns {
            a: self.matrix,
            first: self.part_start(part),
            last: self.part_start(part + 1),
            x,
            sum,
        });
    }
}

/// The first column of a part of the triangle. Parts have nearly the same area and consist of whole groups of columns.
fn part_start(part: usize, n_parts: usize, m: usize) -> usize {
    if part == n_parts {
        return m;
    }
    // Columns from j on have the fraction (1 − j/m)² of the area.
    let fraction = 1.0 - part as f64 / n_parts as f64;
    let start = (m as f64 * (1.0 - fraction.sqrt())) as usize;
    start / COLUMNS * COLUMNS
}

struct AddColumns<'a> {
    a: MatRef<'a, f64>,
    first: usize,
    last: usize,
    x: &'a [f64],
    sum: &'a mut [f64],
}

impl pulp::WithSimd for AddColumns<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) {
        add_columns(simd, self.a, self.first, self.last, self.x, self.sum);
    }
}

/// Writes to `sum`, from row `first` on, the contribution of the columns `first..last` to A x.
#[inline(always)]
fn add_columns<S: pulp::Simd>(
    simd: S,
    a: MatRef<'_, f64>,
    first: usize,
    last: usize,
    x: &[f64],
    sum: &mut [f64],
) {
    sum[first..].fill(0.0);
    let mut j = first;
    while j < last {
        let width = COLUMNS.min(last - j);
        // The small triangle on the diagonal.
        for c in j..j + width {
            let column = column(a, c);
            sum[c] += column[c] * x[c];
            for r in c + 1..j + width {
                sum[r] += column[r] * x[c];
                sum[c] += column[r] * x[r];
            }
        }
        let below = j + width;
        if width == COLUMNS {
            let columns: [&[f64]; COLUMNS] = std::array::from_fn(|c| &column(a, j + c)[below..]);
            let factors: [f64; COLUMNS] = std::array::from_fn(|c| x[j + c]);
            let dots = below_diagonal(simd, columns, factors, &x[below..], &mut sum[below..]);
            for (s, dot) in sum[j..].iter_mut().zip(dots) {
                *s += dot;
            }
        } else {
            for c in j..j + width {
                let column = &column(a, c)[below..];
                for (r, &value) in column.iter().enumerate() {
                    sum[below + r] += value * x[c];
                    sum[c] += value * x[below + r];
                }
            }
        }
        j += width;
    }
}

/// `sum` += Σ factor · column; returns the products of the columns with `x`.
#[inline(always)]
fn below_diagonal<S: pulp::Simd>(
    simd: S,
    columns: [&[f64]; COLUMNS],
    factors: [f64; COLUMNS],
    x: &[f64],
    sum: &mut [f64],
) -> [f64; COLUMNS] {
    let (x_lanes, x_rest) = S::as_simd_f64s(x);
    let (sum_lanes, sum_rest) = S::as_mut_simd_f64s(sum);
    let split = columns.map(|column| S::as_simd_f64s(column));
    // Cut to the length of x, so that the loop has no bounds checks.
    let lanes = split.map(|(lanes, _)| &lanes[..x_lanes.len()]);
    let f = factors.map(|f| simd.splat_f64s(f));
    let mut dots = [simd.splat_f64s(0.0); COLUMNS];
    for (k, (sum, &x)) in sum_lanes.iter_mut().zip(x_lanes).enumerate() {
        // Two chains of dependent additions, each half as long.
        let (mut left, mut right) = (*sum, simd.splat_f64s(0.0));
        for c in 0..COLUMNS {
            let a = lanes[c][k];
            dots[c] = simd.mul_add_f64s(a, x, dots[c]);
            if c % 2 == 0 {
                left = simd.mul_add_f64s(a, f[c], left);
            } else {
                right = simd.mul_add_f64s(a, f[c], right);
            }
        }
        *sum = simd.add_f64s(left, right);
    }
    let mut dots = dots.map(|dot| simd.reduce_sum_f64s(dot));
    for (k, (sum, x)) in sum_rest.iter_mut().zip(x_rest).enumerate() {
        for ((dot, (_, rest)), f) in dots.iter_mut().zip(split).zip(factors) {
            *dot += rest[k] * x;
            *sum += rest[k] * f;
        }
    }
    dots
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::Mat;

    #[test]
    fn parts_add_up_to_the_product() {
        for m in [1, 2, 3, 4, 5, 7, 8, 9, 63, 191, 192, 383, 385, 1001] {
            let full = Mat::from_fn(m, m, |i, j| ((i.max(j) * 37 + i.min(j)) as f64).sin());
            // Nothing above the diagonal is read.
            let lower = Mat::from_fn(m, m, |i, j| if i < j { f64::NAN } else { full[(i, j)] });
            let x: Vec<f64> = (0..m).map(|i| (i as f64).cos()).collect();
            let triangle = LowerTriangle {
                matrix: lower.as_ref(),
            };
            let mut y = vec![0.0; m];
            for part in 0..triangle.n_parts() {
                let mut sum = vec![f64::NAN; m];
                triangle.times_vector(part, &x, &mut sum);
                let first = triangle.part_start(part);
                (first..m).for_each(|i| y[i] += sum[i]);
            }
            for i in 0..m {
                let plain: f64 = (0..m).map(|j| full[(i, j)] * x[j]).sum();
                assert!((y[i] - plain).abs() <= 1e-14 * m as f64, "row {i} of {m}");
            }
        }
    }
}
