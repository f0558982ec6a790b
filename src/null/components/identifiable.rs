//! Whether the data can tell the two kinships and the residual apart.

use super::evaluation::{Evaluation, N, RESIDUAL};
use crate::error::{Error, Result};
use crate::kernels::columns::column;
use crate::kernels::orthonormal::dot;
use faer::Mat;
use rayon::prelude::*;

/// Matrices that differ by less than this fraction of their sum of squares are the same; text has ten digits.
const SAME: f64 = 1e-12;

/// Fails with [`Error::Degenerate`] if, among contrasts that are orthogonal to the covariates, a kinship is 0 or a multiple of
/// the identity, or if one kinship is a linear combination of the other and the identity: then their variance components
/// cannot be told apart.
///
/// * `names`: the matrices in messages
pub(super) fn check(evaluation: &Evaluation<'_>, names: [&str; 2]) -> Result<()> {
    let (whole, rest) = inner_products(evaluation);
    for (k, name) in names.iter().enumerate() {
        if rest[k][k] <= SAME * whole[k] {
            return Err(Error::degenerate(
                format!(
                    "{name}: the covariates explain everything in which this kinship varies, so that it has no variance component"
                ),
                "omit -k2, or the covariates that stand for the same groups of individuals",
            ));
        }
    }
    let unexplained = |a: usize, b: usize| 1.0 - rest[a][b].powi(2) / (rest[a][a] * rest[b][b]);
    for (k, name) in names.iter().enumerate() {
        if unexplained(k, RESIDUAL) <= SAME {
            return Err(Error::degenerate(
                format!(
                    "{name}: the kinship is a multiple of the identity among the analysed individuals, so that its variance component cannot be told from that of the residual"
                ),
                "omit -k2, or analyse individuals of whom some share a household or a relative",
            ));
        }
    }
    if unexplained(0, 1) <= SAME {
        return Err(Error::degenerate(
            format!(
                "{} and {}: the kinships are the same up to a factor, so that their variance components cannot be told apart",
                names[0], names[1]
            ),
            "omit -k2, or give another second kinship",
        ));
    }
    // 1 − R² of the second on the first and the identity.
    let [r01, r02, r12] =
        [(0, 1), (0, 2), (1, 2)].map(|(a, b)| rest[a][b] / (rest[a][a] * rest[b][b]).sqrt());
    let determinant = 1.0 - r01 * r01 - r02 * r02 - r12 * r12 + 2.0 * r01 * r02 * r12;
    if determinant <= SAME * (1.0 - r02 * r02) {
        return Err(Error::degenerate(
            format!(
                "{} and {}: one kinship is a combination of the other and the identity, so that the variance components cannot be told apart",
                names[0], names[1]
            ),
            "omit -k2, or give another second kinship",
        ));
    }
    Ok(())
}

/// The sums of squares of B₁ and B₂, and the inner products tr QAQB of all pairs of B₁, B₂ and I with Q = I − XXᵀ.
fn inner_products(evaluation: &Evaluation<'_>) -> ([f64; 2], [[f64; N]; N]) {
    let kinships = evaluation.kinships();
    let x = evaluation.x();
    let (n, c) = (x.nrows(), x.ncols());
    let of_columns: Vec<[f64; N]> = (0..n)
        .into_par_iter()
        .map(|j| {
            let [a, b] = [0, 1].map(|k: usize| {
                let mut entries = vec![0.0; n - j];
                kinships[k].add_column(j, 1.0, &mut entries);
                entries
            });
            let product = |a: &[f64], b: &[f64]| 2.0 * dot(a, b) - a[0] * b[0];
            [product(&a, &a), product(&b, &b), product(&a, &b)]
        })
        .collect();
    let sum = |of: usize| of_columns.iter().map(|column| column[of]).sum::<f64>();
    let (aa, bb, ab) = (sum(0), sum(1), sum(2));
    // BₖX, and XᵀBₖX.
    let times: Vec<Mat<f64>> = kinships.iter().map(|k| k.times(x)).collect();
    let inner = |a: &Mat<f64>, b: &Mat<f64>| {
        let columns = (0..c).map(|q| dot(column(a.as_ref(), q), column(b.as_ref(), q)));
        columns.sum::<f64>()
    };
    let small: Vec<Mat<f64>> = times.iter().map(|bx| x.transpose() * bx).collect();
    let of_small = |a: usize, b: usize| {
        let cells = (0..c).flat_map(|i| (0..c).map(move |j| (i, j)));
        let product = |(i, j)| small[a][(i, j)] * small[b][(i, j)];
        cells.map(product).sum::<f64>()
    };
    let pair =
        |whole: f64, a: usize, b: usize| whole - 2.0 * inner(&times[a], &times[b]) + of_small(a, b);
    let with_identity = |k: usize| {
        let removed: f64 = (0..c).map(|q| small[k][(q, q)]).sum();
        kinships[k].trace() - removed
    };
    let [ai, bi] = [0, 1].map(with_identity);
    let (first, both, second) = (pair(aa, 0, 0), pair(ab, 0, 1), pair(bb, 1, 1));
    let rest = [
        [first, both, ai],
        [both, second, bi],
        [ai, bi, evaluation.df()],
    ];
    ([aa, bb], rest)
}
