//! The columns of one SNP as an orthonormal frame, and the effects of the columns themselves.

use super::model::{ColumnsModel, FurtherColumn};
use crate::kernels::orthonormal::dot;
use crate::null::Columns;
use crate::rotation::COLLINEAR_BELOW;

/// The effects of the columns of a SNP.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawEffects {
    /// β̂ of each column.
    pub(super) beta: Vec<f64>,
    /// The diagonal of (XᵀH⁻¹X)⁻¹ that belongs to these columns, with the covariates projected out.
    pub(super) variance: Vec<f64>,
    /// Its entries for the first column and each column.
    pub(super) with_first: Vec<f64>,
}

/// R of X = Q R for the columns X of a SNP and the orthonormal Q, after the covariates are regressed out: m × m, row by row.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    m: usize,
    r: Vec<f64>,
}

impl Frame {
    /// Makes the columns of a SNP orthonormal in place; they must be orthogonal to the covariates.
    ///
    /// * `columns`: each padded
    /// * `totals`: xᵀx of each before the covariates were regressed out
    ///
    /// `None` if a column is a linear combination of the covariates and the columns before it.
    pub(super) fn orthonormalise(
        &mut self,
        columns: &mut [&mut [f64]],
        totals: &[f64],
    ) -> Option<()> {
        let m = columns.len();
        self.m = m;
        self.r.clear();
        self.r.resize(m * m, 0.0);
        for (j, total) in totals.iter().enumerate() {
            let (before, rest) = columns.split_at_mut(j);
            let x = &mut *rest[0];
            // Twice: the first pass leaves a rounding error of the size of x.
            for _ in 0..2 {
                for (i, q) in before.iter().enumerate() {
                    let projection = dot(q, x);
                    x.iter_mut()
                        .zip(q.iter())
                        .for_each(|(x, q)| *x -= projection * q);
                    self.r[i * m + j] += projection;
                }
            }
            let left = dot(x, x);
            // The negation also catches NaN.
            if !(left > COLLINEAR_BELOW * total) {
                return None;
            }
            let norm = left.sqrt();
            x.iter_mut().for_each(|x| *x /= norm);
            self.r[j * m + j] = norm;
        }
        Some(())
    }

    /// R for the products with E itself: x∘e = `scale`·(x∘(e − mean)/scale) + mean·x.
    pub(super) fn restore_scale(&mut self, model: &ColumnsModel) {
        let m = self.m;
        for (j, further) in model.further.iter().enumerate() {
            let FurtherColumn::Product(product) = further else {
                continue;
            };
            for i in 0..m {
                let of_x = self.r[i * m];
                let r = &mut self.r[i * m + j + 1];
                *r = product.scale * *r + product.mean * of_x;
            }
        }
    }

    /// β̂ and 1/(G⁻¹) of the last column, from those of the last column of Q.
    pub(super) fn last(&self, beta: f64, p: f64) -> (f64, f64) {
        let norm = self.r[self.m * self.m - 1];
        (beta / norm, p * norm * norm)
    }

    /// The effects of the columns, from what is left of those of Q under the weights.
    ///
    /// With Q̃L⁻ᵀ orthogonal under the weights, X is Q̃L⁻ᵀM with the upper triangular M = LᵀR, so that β = M⁻¹b and
    /// the block of (XᵀH⁻¹X)⁻¹ is M⁻¹D⁻¹M⁻ᵀ.
    pub(super) fn effects(&self, of_q: &Columns) -> RawEffects {
        let m = self.m;
        let l = |i: usize, k: usize| if i == k { 1.0 } else { of_q.l[i * m + k] };
        let mut upper = vec![0.0; m * m];
        for k in 0..m {
            for j in k..m {
                upper[k * m + j] = (k..=j).map(|i| l(i, k) * self.r[i * m + j]).sum();
            }
        }
        let solve = |mut b: Vec<f64>| {
            for i in (0..m).rev() {
                let sum: f64 = (i + 1..m).map(|j| upper[i * m + j] * b[j]).sum();
                b[i] = (b[i] - sum) / upper[i * m + i];
            }
            b
        };
        // Column k of M⁻¹.
        let inverse: Vec<Vec<f64>> = (0..m)
            .map(|k| solve((0..m).map(|i| f64::from(u8::from(i == k))).collect()))
            .collect();
        let covariance = |i: usize, j: usize| -> f64 {
            (0..m)
                .map(|k| inverse[k][i] * inverse[k][j] / of_q.p[k])
                .sum()
        };
        RawEffects {
            beta: solve(of_q.b.clone()),
            variance: (0..m).map(|i| covariance(i, i)).collect(),
            with_first: (0..m).map(|j| covariance(0, j)).collect(),
        }
    }
}
