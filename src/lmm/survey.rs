//! The start of the search for many SNPs at once: their sums on the λ grid as matrix products.
//!
//! The grid is the same for all SNPs, so that Σ w₁ x², Σ w₁ x a and the same with w₂, for a among the covariates and y,
//! are products of a block of SNPs with tables made once; what does not contain x is known beforehand.
//! With v = XᵀH⁻¹y and β = G⁻¹v: A = Σ w₁ y² − vᵀβ and g = Σ w₂ y² − 2 βᵀ(XᵀH⁻¹DH⁻¹y) + βᵀS₁β.
//!
//! These differences lose digits where the SNP explains nearly all of y; such a point is evaluated from the residual,
//! as [`super::likelihood`] does everywhere.

use super::RotatedModel;
use super::likelihood::{Likelihood, Moments};
use super::optimize::{LambdaGrid, Survey};
use crate::kernels::weighted_sums::{PairSums, Weights, n_pairs, pair_sums};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

/// Below this share of Σ w₁ y², A is taken from the residual.
const DIGITS_LOST: f64 = 1e-4;

/// Tables for the surveys of blocks of SNPs.
pub(super) struct SurveyTables {
    /// λ of the grid, then of both ends.
    points: Vec<Point>,
    /// Rotated length, padded.
    rows: usize,
    c: usize,
    /// w₁ and w₂ at each point: rows × 2·points.
    squares: Mat<f64>,
    /// w₁a and w₂a at each point for the covariates and y: rows × 2·points·(c + 1).
    products: Mat<f64>,
}

/// What a point knows without a SNP.
struct Point {
    lambda: f64,
    /// Pair sums of the covariates and y.
    sums: PairSums,
}

/// Memory for one block of SNPs.
pub(super) struct SurveyScratch {
    squared: Vec<f64>,
    with_squares: Mat<f64>,
    with_products: Mat<f64>,
    g: Vec<f64>,
    s1: Vec<f64>,
}

impl SurveyTables {
    /// Tables of `grid` for `model`.
    pub(super) fn new(grid: &LambdaGrid, model: &RotatedModel) -> Self {
        let (rows, c, d) = (model.d().len(), model.c(), model.d());
        let mut columns: Vec<&[f64]> = model.basis().q.iter().map(Vec::as_slice).collect();
        columns.push(model.y());
        let points: Vec<Point> = grid
            .lambdas()
            .map(|lambda| {
                let mut sums = PairSums::default();
                pair_sums(lambda, d, &columns, Weights::Two, &mut sums);
                Point { lambda, sums }
            })
            .collect();
        let weight = |i: usize, k: usize| {
            let w = 1.0 / (points[k / 2].lambda * d[i] + 1.0);
            if k.is_multiple_of(2) { w } else { d[i] * w * w }
        };
        let squares = Mat::from_fn(rows, 2 * points.len(), weight);
        let products = Mat::from_fn(rows, 2 * points.len() * (c + 1), |i, k| {
            weight(i, k / (c + 1)) * columns[k % (c + 1)][i]
        });
        Self {
            points,
            rows,
            c,
            squares,
            products,
        }
    }

    /// Memory for blocks of `width` SNPs.
    pub(super) fn scratch(&self, width: usize) -> SurveyScratch {
        SurveyScratch {
            squared: vec![0.0; self.rows * width],
            with_squares: Mat::zeros(self.squares.ncols(), width),
            with_products: Mat::zeros(self.products.ncols(), width),
            g: Vec::new(),
            s1: Vec::new(),
        }
    }

    /// Sums of the rotated SNPs `x` (rows × width, orthogonal to the covariates) on the whole grid.
    pub(super) fn add_up(&self, x: &[f64], scratch: &mut SurveyScratch) {
        let width = x.len() / self.rows;
        scratch
            .squared
            .iter_mut()
            .zip(x)
            .for_each(|(s, x)| *s = x * x);
        let product = |out: MatMut<'_, f64>, table: &Mat<f64>, x: &[f64]| {
            let x = MatRef::from_column_major_slice(x, self.rows, width);
            matmul(out, Accum::Replace, table.transpose(), x, 1.0, Par::Seq);
        };
        product(
            scratch.with_squares.as_mut(),
            &self.squares,
            &scratch.squared,
        );
        product(scratch.with_products.as_mut(), &self.products, x);
    }

    /// The survey of SNP `column` of the block added up last, whose likelihood is `likelihood`.
    ///
    /// `None` where XᵀH⁻¹X is not positive definite.
    pub(super) fn survey(
        &self,
        column: usize,
        likelihood: &mut Likelihood<'_>,
        scratch: &mut SurveyScratch,
    ) -> Option<Survey> {
        let mut moments = Vec::with_capacity(self.points.len());
        for (k, point) in self.points.iter().enumerate() {
            moments.push(if point.lambda.is_finite() {
                Some(self.moments(k, point, column, likelihood, scratch)?)
            } else {
                None
            });
        }
        LambdaGrid::survey_of(moments)
    }

    fn moments(
        &self,
        k: usize,
        point: &Point,
        column: usize,
        likelihood: &mut Likelihood<'_>,
        scratch: &mut SurveyScratch,
    ) -> Option<Moments> {
        let c = self.c;
        let SurveyScratch {
            with_squares,
            with_products,
            g,
            s1,
            ..
        } = scratch;
        // The packed triangles of [covariates, x, y]: the rows of the covariates, then x, then y.
        let fill = |triangle: &mut Vec<f64>, known: &[f64], which: usize| {
            let row = 2 * k + which;
            let with = |a: usize| with_products[(row * (c + 1) + a, column)];
            triangle.clear();
            triangle.extend_from_slice(&known[..n_pairs(c)]);
            triangle.extend((0..c).map(with));
            triangle.push(with_squares[(row, column)]);
            triangle.extend_from_slice(&known[n_pairs(c)..n_pairs(c) + c]);
            triangle.push(with(c));
            triangle.push(known[n_pairs(c) + c]);
        };
        fill(g, &point.sums.w1, 0);
        fill(s1, &point.sums.w2, 1);
        let moments = likelihood.moments_of_sums(point.lambda, g, s1, point.sums.traces)?;
        if moments.a > DIGITS_LOST * point.sums.w1[n_pairs(c) + c] {
            return Some(moments);
        }
        likelihood.moments(point.lambda, Weights::Two)
    }
}
