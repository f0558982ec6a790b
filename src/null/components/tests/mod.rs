//! The estimate against a restricted likelihood that is written here from its definition, without a Cholesky factor, a projection
//! or a derivative, and maximised by another method.

use super::centred::CentredKinship;
use super::evaluation::Evaluation;
use super::{Mixture, MixtureInputs, estimate_mixture};
use crate::kernels::OrthonormalBasis;
use crate::kinship::Kinship;
use faer::Mat;

/// Random numbers from a seed (xorshift64*).
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

struct Study {
    first: Kinship,
    second: Kinship,
    w: Mat<f64>,
    y: Vec<f64>,
}

/// Individuals in households of three, with genotypes of their own.
///
/// * `parts`: standard deviations of the genetic effect, that of households, and of the residual
fn study(seed: u64, n: usize, parts: [f64; 3]) -> Study {
    let mut random = Random(seed);
    let p = 2 * n;
    let x = Mat::from_fn(n, p, |_, _| random.normal());
    let effects: Vec<f64> = (0..p)
        .map(|_| random.normal() / (p as f64).sqrt())
        .collect();
    let households: Vec<f64> = (0..n.div_ceil(3)).map(|_| random.normal()).collect();
    let y = (0..n)
        .map(|i| {
            let g: f64 = (0..p).map(|j| x[(i, j)] * effects[j]).sum();
            let e = random.normal();
            2.0 + parts[0] * g + parts[1] * households[i / 3] + parts[2] * e
        })
        .collect();
    let k = &x * x.transpose() * faer::Scale(1.0 / p as f64);
    Study {
        first: Kinship {
            matrix: Mat::from_fn(n, n, |i, j| k[(i.min(j), i.max(j))] + 0.3),
        },
        second: Kinship {
            matrix: Mat::from_fn(n, n, |i, j| f64::from(u8::from(i / 3 == j / 3))),
        },
        w: Mat::from_fn(n, 2, |i, j| if j == 0 { 1.0 } else { (i % 7) as f64 }),
        y,
    }
}

impl Study {
    fn mixture(&self, roots: Option<&[f64]>) -> crate::error::Result<Mixture> {
        let inputs = MixtureInputs {
            kinships: [&self.first, &self.second],
            names: ["a", "b"],
            w: self.w.as_ref(),
            y: &self.y,
            roots,
        };
        estimate_mixture(inputs, &|| false)
    }

    /// The restricted log-likelihood of variance components without its constants.
    fn likelihood(&self, components: [f64; 3], roots: &[f64]) -> f64 {
        let [log_det, square] = self.parts(components, roots);
        -0.5 * (log_det + square)
    }

    /// The factor of all variance components that maximises the likelihood, and the likelihood with this factor.
    fn profile(&self, components: [f64; 3], roots: &[f64]) -> (f64, f64) {
        let [log_det, square] = self.parts(components, roots);
        let m = (self.y.len() - self.w.ncols()) as f64;
        let factor = square / m;
        (factor, -0.5 * (log_det + m * factor.ln() + m))
    }

    /// ln|V| and uᵀV⁻¹u of contrasts u = Zᵀy with Zᵀ(DW) = 0.
    fn parts(&self, components: [f64; 3], roots: &[f64]) -> [f64; 2] {
        let n = self.y.len();
        let c = self.w.ncols();
        // Contrasts: unit vectors that are made orthogonal to DW and to each other.
        let mut columns: Vec<Vec<f64>> = (0..c)
            .map(|j| (0..n).map(|i| roots[i] * self.w[(i, j)]).collect())
            .collect();
        for i in 0..n {
            let mut unit = vec![0.0; n];
            unit[i] = 1.0;
            columns.push(unit);
        }
        let mut z: Vec<Vec<f64>> = Vec::new();
        for mut x in columns {
            for _ in 0..3 {
                for q in &z {
                    let dot: f64 = x.iter().zip(q).map(|(a, b)| a * b).sum();
                    x.iter_mut().zip(q).for_each(|(x, q)| *x -= dot * q);
                }
            }
            let norm = x.iter().map(|x| x * x).sum::<f64>().sqrt();
            if norm > 1e-8 {
                z.push(x.iter().map(|x| x / norm).collect());
            }
        }
        let z = &z[c..];
        let m = z.len();
        assert_eq!(m, n - c);
        let z = Mat::from_fn(n, m, |i, j| z[j][i]);
        let v = Mat::from_fn(n, n, |i, j| {
            let both = roots[i] * roots[j];
            let residual = if i == j { components[2] } else { 0.0 };
            both * components[0] * self.first.matrix[(i, j)]
                + both * components[1] * self.second.matrix[(i, j)]
                + residual
        });
        let y = Mat::from_fn(n, 1, |i, _| roots[i] * self.y[i]);
        gaussian(&(z.transpose() * &v * &z), &(z.transpose() * y))
    }
}

/// ln|V| and uᵀV⁻¹u by elimination; infinite if V is not positive definite.
fn gaussian(v: &Mat<f64>, u: &Mat<f64>) -> [f64; 2] {
    let m = v.nrows();
    let (mut v, mut b) = (v.clone(), u.clone());
    let (mut log_det, mut square) = (0.0, 0.0);
    for k in 0..m {
        let pivot = v[(k, k)];
        if pivot <= 0.0 {
            return [f64::INFINITY; 2];
        }
        log_det += pivot.ln();
        square += b[(k, 0)].powi(2) / pivot;
        for i in k + 1..m {
            let factor = v[(i, k)] / pivot;
            for j in k + 1..m {
                v[(i, j)] -= factor * v[(k, j)];
            }
            b[(i, 0)] -= factor * b[(k, 0)];
        }
    }
    [log_det, square]
}

/// The maximum of `f` over the logarithms of its three arguments by the method of Nelder and Mead, started again until nothing
/// changes.
fn nelder_mead(mut f: impl FnMut([f64; 3]) -> f64, start: [f64; 3]) -> ([f64; 3], f64) {
    let mut value = |x: [f64; 3]| f(x.map(f64::exp));
    let mut best = start.map(f64::ln);
    for size in [1.0, 0.5, 0.1, 0.1, 0.01, 0.01, 1e-3, 1e-4] {
        let mut simplex: Vec<([f64; 3], f64)> = (0..4)
            .map(|k| {
                let mut x = best;
                if k < 3 {
                    x[k] += size;
                }
                (x, value(x))
            })
            .collect();
        for _ in 0..150 {
            simplex.sort_by(|a, b| b.1.total_cmp(&a.1));
            let centre = [0, 1, 2].map(|k| simplex[..3].iter().map(|s| s.0[k]).sum::<f64>() / 3.0);
            let worst = simplex[3].0;
            let along = |t: f64| [0, 1, 2].map(|k| centre[k] + t * (centre[k] - worst[k]));
            let mut try_at = |t: f64| {
                let x = along(t);
                (x, value(x))
            };
            let reflected = try_at(1.0);
            simplex[3] = if reflected.1 > simplex[0].1 {
                let expanded = try_at(2.0);
                if expanded.1 > reflected.1 {
                    expanded
                } else {
                    reflected
                }
            } else if reflected.1 > simplex[2].1 {
                reflected
            } else {
                let contracted = try_at(-0.5);
                if contracted.1 > simplex[3].1 {
                    contracted
                } else {
                    let first = simplex[0].0;
                    for one in &mut simplex[1..] {
                        one.0 = [0, 1, 2].map(|k| 0.5 * (one.0[k] + first[k]));
                        one.1 = value(one.0);
                    }
                    continue;
                }
            };
        }
        simplex.sort_by(|a, b| b.1.total_cmp(&a.1));
        best = simplex[0].0;
    }
    (best.map(f64::exp), value(best))
}

/// σ₁², σ₂² and σ_e² of a mixture: its proportions, scaled by the variance that maximises the likelihood.
fn components(study: &Study, mixture: &Mixture, roots: &[f64]) -> [f64; 3] {
    let unit = mixture.components(mixture.relative_vg(), 1.0);
    let of = [
        unit.kinships[0].variance,
        unit.kinships[1].variance,
        unit.residual.variance,
    ];
    let (factor, _) = study.profile(of, roots);
    of.map(|x| factor * x)
}

#[test]
fn the_estimate_is_the_maximum_of_a_dense_likelihood() {
    for (seed, roots) in [(3, false), (11, true), (29, false)] {
        let study = study(seed, 60, [1.0, 0.9, 0.8]);
        let weights: Vec<f64> = (0..60)
            .map(|i| {
                if roots {
                    0.5 + 0.1 * f64::from(i % 9)
                } else {
                    1.0
                }
            })
            .collect();
        let mixture = study.mixture(roots.then_some(&weights[..])).unwrap();
        let f = |x| study.likelihood(x, &weights);
        let (expected, highest) = nelder_mead(f, [0.7, 0.7, 0.7]);
        let found = components(&study, &mixture, &weights);
        let value = study.likelihood(found, &weights);
        assert!(value >= highest - 1e-9, "{seed}: {value} below {highest}");
        for k in 0..3 {
            let difference = (found[k] - expected[k]).abs() / (expected[k] + 1e-3);
            assert!(difference < 1e-4, "{seed}: {found:?} {expected:?}");
        }
        let fraction = expected[1] / (expected[0] + expected[1]);
        assert!((mixture.fraction - fraction).abs() < 1e-4, "{seed}");
    }
}

#[test]
fn many_individuals_need_one_search() {
    let study = study(17, 303, [1.0, 0.8, 0.8]);
    let mixture = study.mixture(None).unwrap();
    let ones = vec![1.0; 303];
    let found = components(&study, &mixture, &ones);
    let value = study.likelihood(found, &ones);
    for k in 0..3 {
        for factor in [0.98, 1.02] {
            let mut other = found;
            other[k] *= factor;
            assert!(study.likelihood(other, &ones) < value, "{k} {factor}");
        }
    }
    // Simulated: 0.8² of households, and 0.8² of the residual.
    let all = mixture.components(found[0] + found[1], found[2]);
    let [households, residual] = [all.kinships[1], all.residual];
    for one in [households, residual] {
        let difference = (one.variance - 0.64).abs();
        assert!(difference < 3.0 * one.variance_se, "{one:?}");
        assert!(one.variance_se < 0.4, "{one:?}");
    }
}

#[test]
fn a_component_of_zero_is_found_at_the_edge_and_nothing_inside_is_better() {
    let mut n_edges = 0;
    for seed in 1..9 {
        for parts in [[1.0, 0.0, 0.7], [0.0, 0.7, 0.7], [0.0, 0.0, 1.0]] {
            let study = study(seed, 45, parts);
            let mixture = study.mixture(None).unwrap();
            let ones = [1.0; 45];
            let found = components(&study, &mixture, &ones);
            let value = study.likelihood(found, &ones);
            n_edges += usize::from(mixture.is_zero != [false; 2]);
            for a in 0..9 {
                for b in 0..9 - a {
                    let [a, b] = [a, b].map(|x| f64::from(x) / 9.0);
                    let (_, other) = study.profile([a, b, 1.0 - a - b], &ones);
                    assert!(other <= value + 1e-9, "{seed} {parts:?}: {other} {value}");
                }
            }
            match mixture.is_zero {
                [_, true] if mixture.is_zero[0] => {}
                [true, false] => assert_eq!(mixture.fraction, 1.0),
                [false, true] => assert_eq!(mixture.fraction, 0.0),
                _ => assert!(mixture.fraction > 0.0 && mixture.fraction < 1.0),
            }
            let is_inside = mixture.is_zero == [false; 2] && !mixture.is_without_residual;
            assert_eq!(mixture.notes().is_empty(), is_inside);
        }
    }
    assert!((8..=20).contains(&n_edges), "{n_edges}");
}

#[test]
fn the_slopes_are_differences_of_the_likelihood() {
    let study = study(7, 50, [1.0, 1.0, 1.0]);
    let weights: Vec<f64> = (0..50).map(|i| 0.6 + 0.1 * f64::from(i % 5)).collect();
    let columns: Vec<Vec<f64>> = (0..2)
        .map(|j| (0..50).map(|i| weights[i] * study.w[(i, j)]).collect())
        .collect();
    let basis = OrthonormalBasis::of(&columns).unwrap();
    let mut y: Vec<f64> = study.y.iter().zip(&weights).map(|(y, d)| d * y).collect();
    basis.remove_from(&mut y);
    let centred = |kinship| CentredKinship::new(kinship, "", Some(&weights)).unwrap();
    let kinships = [centred(&study.first), centred(&study.second)];
    let mut evaluation = Evaluation::new(kinships, &basis.q, &y).unwrap();
    let p = [0.3, 0.2, 0.5];
    let step = 1e-5;
    // The scale of the variance is profiled out, so that ℓ has the same value for all multiples of p.
    let mut value = |p: [f64; 3]| evaluation.value(&p).unwrap();
    let same = value(p.map(|x| 3.0 * x)) - value(p);
    assert!(same.abs() < 1e-10, "{same}");
    let numeric = [0, 1, 2].map(|k| {
        let at = |sign: f64| {
            let mut p = p;
            p[k] += sign * step;
            p
        };
        (value(at(1.0)) - value(at(-1.0))) / (2.0 * step)
    });
    value(p);
    let slopes = evaluation.slopes();
    for (found, numeric) in slopes.gradient.iter().zip(numeric) {
        assert!((found - numeric).abs() < 1e-6, "{found} {numeric}");
    }
    let along: f64 = slopes.gradient.iter().zip(p).map(|(g, p)| g * p).sum();
    assert!(along.abs() < 1e-10);
}

#[test]
fn kinships_that_cannot_be_told_apart_are_errors() {
    let study = study(5, 40, [1.0, 1.0, 1.0]);
    let n = 40;
    let with = |second: Mat<f64>| Study {
        first: study.first.clone(),
        second: Kinship { matrix: second },
        w: study.w.clone(),
        y: study.y.clone(),
    };
    let k = &study.first.matrix;
    let identity = Mat::<f64>::identity(n, n);
    for (second, text) in [
        (k.clone(), "the same up to a factor"),
        // A constant is removed by centring.
        (
            Mat::from_fn(n, n, |i, j| 3.0 * k[(i, j)] + 1.0),
            "the same up to a factor",
        ),
        (
            identity.clone() * faer::Scale(0.5),
            "multiple of the identity",
        ),
        (
            k + &identity * faer::Scale(0.5),
            "combination of the other and the identity",
        ),
        // Days of the week, which are a covariate.
        (
            Mat::from_fn(n, n, |i, j| ((i % 7) * (j % 7)) as f64),
            "the covariates explain everything",
        ),
        (
            Mat::full(n, n, 1.0),
            "mean diagonal of the centred kinship is",
        ),
    ] {
        let error = with(second).mixture(None).unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
        assert!(error.hint().is_some());
    }
    // Almost the same is not the same.
    let near = Mat::from_fn(n, n, |i, j| {
        k[(i, j)] + if i.abs_diff(j) == 1 { 1e-3 } else { 0.0 }
    });
    assert!(with(near).mixture(None).is_ok());
}

#[test]
fn an_end_of_the_mixture_is_one_of_the_kinships_to_the_bit() {
    let study = study(5, 40, [1.0, 1.0, 1.0]);
    let of = |fraction: f64| {
        let mut mixture = study.mixture(None).unwrap();
        mixture.fraction = fraction;
        mixture.combined(study.first.clone(), &study.second).matrix
    };
    assert_eq!(of(0.0), study.first.matrix);
    assert_eq!(of(1.0), study.second.matrix);
    let half = of(0.5);
    assert_eq!(half[(3, 4)], 0.5 * study.first.matrix[(3, 4)] + 0.5);
}

#[test]
fn weights_of_one_change_no_bit_and_a_unit_changes_only_the_components() {
    let mut study = study(13, 60, [1.0, 0.8, 0.7]);
    let plain = study.mixture(None).unwrap();
    assert_eq!(study.mixture(Some(&[1.0; 60])).unwrap(), plain);
    study.second.matrix *= faer::Scale(4.0);
    study.y.iter_mut().for_each(|y| *y *= 1e-3);
    let scaled = study.mixture(None).unwrap();
    let ratio = |mixture: &Mixture| mixture.fraction / (1.0 - mixture.fraction);
    assert!((4.0 * ratio(&scaled) / ratio(&plain) - 1.0).abs() < 1e-6);
    let [a, b] = [plain, scaled].map(|one| one.components(one.relative_vg(), 1.0));
    for k in 0..2 {
        assert!((a.kinships[k].pve - b.kinships[k].pve).abs() < 1e-7);
        assert!((a.kinships[k].pve_se - b.kinships[k].pve_se).abs() < 1e-6);
    }
}

#[test]
fn a_cancelled_run_ends() {
    let study = study(5, 40, [1.0, 1.0, 1.0]);
    let inputs = MixtureInputs {
        kinships: [&study.first, &study.second],
        names: ["a", "b"],
        w: study.w.as_ref(),
        y: &study.y,
        roots: None,
    };
    let error = estimate_mixture(inputs, &|| true).unwrap_err();
    assert!(matches!(error, crate::error::Error::Interrupted));
}
