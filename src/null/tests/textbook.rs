//! The likelihoods and derivatives as in the paper and in GEMMA: sums from which one column after another is swept out.

use super::Study;
use crate::eigen::Eigen;
use crate::kinship::Kinship;
use crate::null::likelihood::Criterion;
use faer::Mat;
use std::f64::consts::PI;

/// Rotated columns w₁ … w_c, x if there is one, and y last.
pub(super) struct Textbook {
    d: Vec<f64>,
    columns: Vec<Vec<f64>>,
}

/// Value, first and second derivative.
pub(super) struct Derivatives {
    pub(super) value: f64,
    pub(super) slope: f64,
    pub(super) curvature: f64,
}

impl Textbook {
    pub(super) fn new(study: &Study, with_snp: bool) -> Self {
        let eigen = Eigen::of(
            Kinship {
                matrix: study.k.clone(),
            },
            &|_| (),
        )
        .expect("a decomposition");
        let design = study.design(with_snp);
        let k = design.ncols();
        let all = Mat::from_fn(study.n(), k + 1, |i, j| {
            if j < k { design[(i, j)] } else { study.y[i] }
        });
        let rotated = eigen.vectors.transpose() * &all;
        let columns = (0..=k)
            .map(|j| rotated.col(j).iter().copied().collect())
            .collect();
        Self {
            d: eigen.values,
            columns,
        }
    }

    /// P_ab, Q_ab and R_ab: Σ ab/h, Σ ab/h² and Σ ab/h³.
    fn sums(&self, lambda: f64) -> [Mat<f64>; 3] {
        [1, 2, 3].map(|power| {
            Mat::from_fn(self.columns.len(), self.columns.len(), |a, b| {
                let terms = self.columns[a].iter().zip(&self.columns[b]).zip(&self.d);
                terms
                    .map(|((a, b), d)| a * b / (lambda * d + 1.0).powi(power))
                    .sum()
            })
        })
    }

    /// Zhou & Stephens 2012, Supplementary Note 3.1.3, with every column but y swept out in turn.
    pub(super) fn at(&self, criterion: Criterion, lambda: f64) -> Derivatives {
        let (n, k) = (self.d.len() as f64, self.columns.len() - 1);
        let h = || self.d.iter().map(|d| lambda * d + 1.0);
        let [mut p, mut q, mut r] = self.sums(lambda);
        let [mut p_0, mut q_0, mut r_0] = self.sums(0.0);
        let (mut t1, mut t2): (f64, f64) =
            (h().map(|h| 1.0 / h).sum(), h().map(|h| 1.0 / (h * h)).sum());
        let mut log_det = 0.0;
        for v in 0..k {
            let [p_v, q_v, r_v] = [p[(v, v)], q[(v, v)], r[(v, v)]];
            if criterion == Criterion::Reml {
                t1 -= q_v / p_v;
                t2 += q_v * q_v / (p_v * p_v) - 2.0 * r_v / p_v;
                log_det += p_v.ln() - p_0[(v, v)].ln();
            }
            [p, q, r] = swept(v, &p, &q, &r);
            [p_0, q_0, r_0] = swept(v, &p_0, &q_0, &r_0);
        }
        let (a, b, c) = (p[(k, k)], q[(k, k)], r[(k, k)]);
        let (g, gg) = ((a - b) / lambda, (a + c - 2.0 * b) / (lambda * lambda));
        let df = if criterion == Criterion::Reml {
            n - k as f64
        } else {
            n
        };
        let log_h: f64 = h().map(f64::ln).sum();
        Derivatives {
            value: 0.5 * df * (df.ln() - (2.0 * PI).ln() - 1.0)
                - 0.5 * (log_h + log_det)
                - 0.5 * df * a.ln(),
            slope: -0.5 * (df - t1) / lambda + 0.5 * df * g / a,
            curvature: 0.5 * (df + t2 - 2.0 * t1) / (lambda * lambda)
                - 0.5 * df * (2.0 * gg * a - g * g) / (a * a),
        }
    }
}

/// The sums after column `v` is swept out.
fn swept(v: usize, p: &Mat<f64>, q: &Mat<f64>, r: &Mat<f64>) -> [Mat<f64>; 3] {
    let (p_v, q_v, r_v, size) = (p[(v, v)], q[(v, v)], r[(v, v)], p.nrows());
    let new_p = Mat::from_fn(size, size, |a, b| p[(a, b)] - p[(a, v)] * p[(b, v)] / p_v);
    let new_q = Mat::from_fn(size, size, |a, b| {
        let (pa, pb, qa, qb) = (p[(a, v)], p[(b, v)], q[(a, v)], q[(b, v)]);
        q[(a, b)] + pa * pb * q_v / (p_v * p_v) - (pa * qb + pb * qa) / p_v
    });
    let new_r = Mat::from_fn(size, size, |a, b| {
        let (pa, pb, qa, qb, ra, rb) = (
            p[(a, v)],
            p[(b, v)],
            q[(a, v)],
            q[(b, v)],
            r[(a, v)],
            r[(b, v)],
        );
        r[(a, b)] - pa * pb * q_v * q_v / p_v.powi(3) - (pa * rb + pb * ra + qa * qb) / p_v
            + (pa * qb * q_v + pb * qa * q_v + pa * pb * r_v) / (p_v * p_v)
    });
    [new_p, new_q, new_r]
}
