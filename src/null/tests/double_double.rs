//! The moments against sweeps in double-double arithmetic (about 32 digits), for models on which double precision loses
//! digits.

use super::{Uniform, alone};
use crate::eigen::Eigen;
use crate::kernels::orthonormal::dot;
use crate::kernels::padded;
use crate::kernels::weighted_sums::Weights;
use crate::null::SharedTable;
use crate::null::TraitModel;
use crate::null::likelihood::{Likelihood, Scratch};
use faer::Mat;
use std::ops::{Add, Div, Mul, Sub};

/// An unevaluated sum of two doubles. Source: Dekker 1971, Numer. Math. 18:224.
#[derive(Clone, Copy, Debug)]
struct Dd(f64, f64);

impl Dd {
    fn of(x: f64) -> Self {
        Self(x, 0.0)
    }

    fn sum(a: f64, b: f64) -> Self {
        let s = a + b;
        let v = s - a;
        Self(s, (a - (s - v)) + (b - v))
    }
}

impl Add for Dd {
    type Output = Self;
    fn add(self, b: Self) -> Self {
        let s = Self::sum(self.0, b.0);
        let t = Self::sum(self.1, b.1);
        let s = Self::sum(s.0, s.1 + t.0);
        Self::sum(s.0, s.1 + t.1)
    }
}

impl Sub for Dd {
    type Output = Self;
    fn sub(self, b: Self) -> Self {
        self + Self(-b.0, -b.1)
    }
}

impl Mul for Dd {
    type Output = Self;
    fn mul(self, b: Self) -> Self {
        let p = self.0 * b.0;
        let e = self.0.mul_add(b.0, -p);
        Self::sum(p, e + (self.0 * b.1 + self.1 * b.0))
    }
}

impl Div for Dd {
    type Output = Self;
    fn div(self, b: Self) -> Self {
        let first = self.0 / b.0;
        let rest = self - b * Self::of(first);
        let second = rest.0 / b.0;
        let rest = rest - b * Self::of(second);
        Self::of(first) + Self::of(second) + Self::of(rest.0 / b.0)
    }
}

/// P_xx, β̂ and A after sweeping the covariates, then x, out of the weighted products of all columns.
fn swept(model: &TraitModel, x: &[f64], lambda: f64) -> [f64; 3] {
    let mut columns: Vec<&[f64]> = model.basis().q.iter().map(Vec::as_slice).collect();
    columns.extend([x, model.y()]);
    let m = columns.len();
    let mut p = vec![vec![Dd::of(0.0); m]; m];
    for (i, &d) in model.d().iter().enumerate() {
        let h = Dd::of(lambda) * Dd::of(d) + Dd::of(1.0);
        for a in 0..m {
            for b in 0..m {
                let product = Dd::of(columns[a][i]) * Dd::of(columns[b][i]);
                p[a][b] = p[a][b] + product / h;
            }
        }
    }
    let mut at_x = [0.0; 2];
    for v in 0..m - 1 {
        if v == m - 2 {
            at_x = [p[v][v].0, (p[v][m - 1] / p[v][v]).0];
        }
        let pivot = p.clone();
        for a in v + 1..m {
            for b in v + 1..m {
                p[a][b] = p[a][b] - pivot[a][v] * pivot[v][b] / pivot[v][v];
            }
        }
    }
    [at_x[0], at_x[1], p[m - 1][m - 1].0]
}

/// A model in which `zeros` eigenvalues are 0 and the others up to 5,000; all columns but the first are random.
fn model(n: usize, c: usize, zeros: usize, random: &mut Uniform) -> (TraitModel, Vec<f64>) {
    let d = (0..n).map(|i| {
        if i < zeros {
            0.0
        } else {
            5e3 * (i as f64 / n as f64).powi(3)
        }
    });
    let eigen = Eigen::new(d.collect(), Mat::identity(n, n));
    let w = Mat::from_fn(n, c, |i, j| {
        if j == 0 {
            f64::from(i == 0)
        } else {
            random.normal()
        }
    });
    let y: Vec<f64> = (0..n).map(|_| random.normal()).collect();
    let model = alone(eigen, &y, &w);
    let mut x: Vec<f64> = (0..n).map(|_| random.normal()).collect();
    x.resize(padded(n), 0.0);
    model.basis().remove_from(&mut x);
    (model, x)
}

#[test]
fn moments_keep_their_digits_when_few_directions_have_all_the_weight() {
    let mut random = Uniform(77);
    for (c, zeros) in [(1, 1), (1, 2), (3, 1), (4, 3), (6, 3), (6, 5), (6, 9)] {
        let (model, x) = model(60, c, zeros, &mut random);
        let table = SharedTable::new(&model, 1e-5, 1e10);
        for lambda in [1e-5, 1e-2, 1.0, 1e3, 1e5, 1e8, 1e10] {
            let [p_xx, beta, a] = swept(&model, &x, lambda);
            let (mut one, mut two) = (Scratch::default(), Scratch::default());
            let xx = dot(&x, &x);
            let by_table = Likelihood::of_snp(&x, xx, &table, &mut one)
                .moments(lambda, Weights::Two)
                .expect("moments");
            let alone = Likelihood::new(&model, Some(&x), &mut two)
                .moments(lambda, Weights::Three)
                .expect("moments");
            for m in [by_table, alone] {
                let close = |name: &str, value: f64, exact: f64, size: f64| {
                    assert!(
                        (value - exact).abs() <= 1e-9 * size,
                        "{name}, c = {c}, {zeros} zeros, lambda {lambda}: {value} is not {exact}"
                    );
                };
                close("P_xx", m.p_xx, p_xx, p_xx);
                close("A", m.a, a, a);
                close("beta", m.beta, beta, (a / p_xx).sqrt());
            }
        }
    }
}
