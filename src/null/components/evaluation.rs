//! The restricted likelihood of the proportions of variance and its derivatives, from dense factorisations.

use super::centred::CentredKinship;
use crate::error::Result;
use crate::kernels::cholesky::{factorise, map_inverse, solve_lower, solve_transposed};
use crate::kernels::columns::{column, column_mut};
use crate::kernels::orthonormal::dot;
use crate::kernels::try_zeros;
use crate::kernels::weighted_sums::n_pairs;
use crate::null::small;
use faer::{Mat, MatRef};
use rayon::prelude::*;

/// The two kinships and the residual, in this order.
pub(super) const N: usize = 3;
/// The index of the residual.
pub(super) const RESIDUAL: usize = 2;

/// Proportions of the variance that are explained by the first kinship, by the second and by neither; their sum is 1.
pub(super) type Proportions = [f64; N];

/// Derivatives of the restricted likelihood.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slopes {
    /// ∂ℓ/∂pₖ, in which the scale of the variance is held fixed.
    pub(super) gradient: [f64; N],
    /// The average information AI.
    pub(super) information: [[f64; N]; N],
}

/// What the restricted likelihood needs: two kinships, an orthonormal basis X of the covariates, and y.
pub(super) struct Evaluation<'a> {
    kinships: [CentredKinship<'a>; 2],
    /// X and y, n × (c + 1).
    columns: Mat<f64>,
    /// H, then its Cholesky factor, in the lower triangle.
    factor: Mat<f64>,
    at: Option<Solved>,
}

/// Solutions at the last proportions that were evaluated.
struct Solved {
    /// L⁻¹X.
    x: Mat<f64>,
    /// The packed Cholesky factor of XᵀH⁻¹X.
    small: Vec<f64>,
    /// L⁻¹(y − Xβ̂).
    residual: Mat<f64>,
    /// yᵀPy.
    ypy: f64,
}

impl<'a> Evaluation<'a> {
    /// * `basis`: the orthonormal columns of X
    /// * `y`: n values that are orthogonal to them
    ///
    /// Takes n² doubles; fails if they cannot be allocated.
    pub(super) fn new(
        kinships: [CentredKinship<'a>; 2],
        basis: &[Vec<f64>],
        y: &[f64],
    ) -> Result<Self> {
        let (n, c) = (y.len(), basis.len());
        let columns = Mat::from_fn(n, c + 1, |i, j| basis.get(j).map_or(y[i], |x| x[i]));
        Ok(Self {
            kinships,
            columns,
            factor: try_zeros(n, n, "the variance components")?,
            at: None,
        })
    }

    fn n(&self) -> usize {
        self.columns.nrows()
    }

    fn c(&self) -> usize {
        self.columns.ncols() - 1
    }

    /// ν = n − c.
    pub(super) fn df(&self) -> f64 {
        (self.n() - self.c()) as f64
    }

    pub(super) fn kinships(&self) -> &[CentredKinship<'a>; 2] {
        &self.kinships
    }

    /// X, n × c.
    pub(super) fn x(&self) -> MatRef<'_, f64> {
        self.columns.as_ref().subcols(0, self.c())
    }

    /// ℓ(p) without its constants; `None` if H is not positive definite.
    pub(super) fn value(&mut self, p: &Proportions) -> Option<f64> {
        self.fill(p);
        let log_det_h = factorise(self.factor.as_mut())?;
        let mut solved = self.columns.clone();
        solve_lower(self.factor.as_ref(), solved.as_mut());
        let c = self.c();
        let z = |j: usize| column(solved.as_ref(), j);
        let mut gram = vec![0.0; n_pairs(c)];
        for i in 0..c {
            for j in 0..=i {
                gram[n_pairs(i) + j] = dot(z(i), z(j));
            }
        }
        let mut small = Vec::new();
        let log_det = small::factorise(&gram, c, &mut small)?;
        let mut beta: Vec<f64> = (0..c).map(|j| dot(z(j), z(c))).collect();
        small::solve(&small, c, &mut beta);
        let mut residual = z(c).to_vec();
        for (j, beta) in beta.iter().enumerate() {
            let of_x = residual.iter_mut().zip(z(j));
            of_x.for_each(|(r, x)| *r -= beta * x);
        }
        let ypy = dot(&residual, &residual);
        let value = -0.5 * (log_det_h + log_det + self.df() * ypy.ln());
        self.at = Some(Solved {
            x: solved.subcols(0, c).to_owned(),
            small,
            residual: Mat::from_fn(self.n(), 1, |i, _| residual[i]),
            ypy,
        });
        value.is_finite().then_some(value)
    }

    /// H in the lower triangle of `factor`.
    fn fill(&mut self, p: &Proportions) {
        let kinships = &self.kinships;
        let columns = self.factor.par_col_chunks_mut(1).enumerate();
        columns.for_each(|(j, h)| {
            let h = &mut column_mut(h, 0)[j..];
            h.fill(0.0);
            for (kinship, p) in kinships.iter().zip(p) {
                kinship.add_column(j, *p, h);
            }
            h[0] += p[RESIDUAL];
        });
    }

    /// The derivatives at the proportions of the last [`value`](Self::value), which must not have been `None`.
    pub(super) fn slopes(&self) -> Slopes {
        let l = self.factor.as_ref();
        let at = self.at.as_ref().expect("the likelihood was evaluated");
        let variance = at.ypy / self.df();
        let g = self.whitened_columns(at);
        let mut py = at.residual.clone();
        solve_transposed(l, py.as_mut());
        // BₖPy.
        let of: Vec<Mat<f64>> = (self.kinships.iter())
            .map(|kinship| kinship.times(py.as_ref()))
            .chain([py.clone()])
            .collect();
        let f = Mat::from_fn(self.n(), N, |i, k| of[k][(i, 0)]);
        let projected = self.project(&f, &g);
        let product = |a: &Mat<f64>, i: usize, b: &Mat<f64>, j: usize| {
            dot(column(a.as_ref(), i), column(b.as_ref(), j))
        };
        let traces = self.traces(&g);
        let gradient = [0, 1, RESIDUAL].map(|k| {
            let square = product(&py, 0, &f, k);
            -0.5 * (traces[k] - square / variance)
        });
        let information = [0, 1, RESIDUAL].map(|k| {
            // Symmetric to the bit.
            let entry = |m: usize| 0.5 * product(&f, k.max(m), &projected, k.min(m)) / variance;
            [0, 1, RESIDUAL].map(entry)
        });
        Slopes {
            gradient,
            information,
        }
    }

    /// G with GGᵀ = H⁻¹X(XᵀH⁻¹X)⁻¹XᵀH⁻¹, n × c.
    fn whitened_columns(&self, at: &Solved) -> Mat<f64> {
        let c = self.c();
        let mut g = at.x.clone();
        // Column by column, so that the columns become orthonormal: L⁻¹X times the inverse of the small factor's transpose.
        for i in 0..c {
            for j in 0..i {
                let factor = at.small[n_pairs(i) + j];
                for row in 0..g.nrows() {
                    g[(row, i)] -= factor * g[(row, j)];
                }
            }
            let diagonal = at.small[n_pairs(i) + i];
            column_mut(g.as_mut(), i)
                .iter_mut()
                .for_each(|x| *x /= diagonal);
        }
        solve_transposed(self.factor.as_ref(), g.as_mut());
        g
    }

    /// Pf for the columns of `f`.
    fn project(&self, f: &Mat<f64>, g: &Mat<f64>) -> Mat<f64> {
        let l = self.factor.as_ref();
        let mut out = f.clone();
        solve_lower(l, out.as_mut());
        solve_transposed(l, out.as_mut());
        for j in 0..f.ncols() {
            for q in 0..g.ncols() {
                let q = column(g.as_ref(), q);
                let coefficient = dot(q, column(f.as_ref(), j));
                let entries = column_mut(out.as_mut(), j).iter_mut().zip(q);
                entries.for_each(|(out, q)| *out -= coefficient * q);
            }
        }
        out
    }

    /// tr PBₖ.
    fn traces(&self, g: &Mat<f64>) -> [f64; N] {
        let kinships = &self.kinships;
        let of_columns = map_inverse(self.factor.as_ref(), |j, x| {
            let mut scratch = vec![0.0; x.len()];
            let of_kinships = [0, 1].map(|k| {
                scratch.fill(0.0);
                kinships[k].add_column(j, 1.0, &mut scratch);
                // Off the diagonal, every entry is there twice.
                2.0 * dot(&scratch, x) - scratch[0] * x[0]
            });
            [of_kinships[0], of_kinships[1], x[0]]
        });
        let mut traces = [0.0; N];
        for of in of_columns {
            traces.iter_mut().zip(of).for_each(|(sum, x)| *sum += x);
        }
        let products = kinships.iter().map(|kinship| kinship.times(g.as_ref()));
        for (k, bg) in products.chain([g.clone()]).enumerate() {
            for q in 0..g.ncols() {
                traces[k] -= dot(column(g.as_ref(), q), column(bg.as_ref(), q));
            }
        }
        traces
    }
}
