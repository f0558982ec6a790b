//! The genotypic mixed model at a fixed λ, against generalised least squares with the inverse of the whole covariance matrix.

use super::bench;
use crate::common::{matrix, relative_difference};

/// λ, the only one that the runs may use.
const LAMBDA: f64 = 0.7;
/// Half a unit of seven digits.
const PRINTED: f64 = 6e-7;

/// A⁻¹ by Gauss-Jordan elimination with pivoting.
fn inverse(mut a: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let n = a.len();
    for (i, row) in a.iter_mut().enumerate() {
        row.extend((0..n).map(|j| f64::from(u8::from(i == j))));
    }
    for k in 0..n {
        let largest = |i: &usize, j: &usize| a[*i][k].abs().total_cmp(&a[*j][k].abs());
        let pivot = (k..n).max_by(largest).unwrap();
        a.swap(k, pivot);
        let scale = a[k][k];
        a[k].iter_mut().for_each(|x| *x /= scale);
        let of_pivot = a[k].clone();
        for (i, row) in a.iter_mut().enumerate().filter(|(i, _)| *i != k) {
            let factor = row[k];
            debug_assert!(i != k);
            row.iter_mut()
                .zip(&of_pivot)
                .for_each(|(x, p)| *x -= factor * p);
        }
    }
    a.into_iter().map(|row| row[n..].to_vec()).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The effects of the columns, the diagonal of (XᵀV⁻¹X)⁻¹, and yᵀPy.
fn fit(v: &[Vec<f64>], x: &[Vec<f64>], y: &[f64]) -> (Vec<f64>, Vec<f64>, f64) {
    let times = |b: &[f64]| -> Vec<f64> { v.iter().map(|row| dot(row, b)).collect() };
    let vx: Vec<Vec<f64>> = x.iter().map(|column| times(column)).collect();
    let xvx = x.iter().map(|a| vx.iter().map(|b| dot(a, b)).collect());
    let covariance = inverse(xvx.collect());
    let xvy: Vec<f64> = vx.iter().map(|column| dot(column, y)).collect();
    let beta: Vec<f64> = covariance.iter().map(|row| dot(row, &xvy)).collect();
    let diagonal = (0..x.len()).map(|j| covariance[j][j]).collect();
    let ypy = dot(y, &times(y)) - dot(&beta, &xvy);
    (beta, diagonal, ypy)
}

#[test]
fn both_effects_are_those_of_generalised_least_squares() {
    let (study, bench) = bench();
    let rows: Vec<usize> = (0..90).filter(|&i| study.phenotype[i] != "NA").collect();
    let k = matrix(&bench.file("k.cXX.txt"));
    let n = rows.len();
    let k: Vec<Vec<f64>> = (rows.iter())
        .map(|&i| rows.iter().map(|&j| k[i][j]).collect())
        .collect();
    let means: Vec<f64> = k
        .iter()
        .map(|row| row.iter().sum::<f64>() / n as f64)
        .collect();
    let mean = means.iter().sum::<f64>() / n as f64;
    let covariance = |i: usize, j: usize| {
        LAMBDA * (k[i][j] - means[i] - means[j] + mean) + f64::from(u8::from(i == j))
    };
    let v = inverse(
        (0..n)
            .map(|i| (0..n).map(|j| covariance(i, j)).collect())
            .collect(),
    );
    let y: Vec<f64> = rows
        .iter()
        .map(|&i| study.phenotype[i].parse().unwrap())
        .collect();
    let c: Vec<f64> = rows.iter().map(|&i| (20 + (i * i) % 37) as f64).collect();
    let w = vec![vec![1.0; n], c];
    let (_, _, null) = fit(&v, &w, &y);
    let range = format!("-lmin {LAMBDA} -lmax {LAMBDA}");
    for mode in [1, 3] {
        let words = format!("lmm -bfile s -k k.cXX.txt -c c.txt {range} -maf 0");
        bench.run(&format!("{words} -lmm {mode} --model genotypic -o g"));
        let table = bench.assoc("g");
        let mut n_compared = 0;
        for row in &table.rows {
            let number = |name: &str| row[table.column(name)].parse::<f64>().unwrap();
            if number("beta_add").is_nan() {
                continue;
            }
            let s: usize = row[1][2..].parse().unwrap();
            let calls: Vec<Option<u8>> = rows.iter().map(|&i| study.snps[s][i]).collect();
            let imputed = |value: fn(u8) -> f64| -> Vec<f64> {
                let observed: Vec<f64> = calls.iter().flatten().map(|&x| value(x)).collect();
                let mean = observed.iter().sum::<f64>() / observed.len() as f64;
                calls.iter().map(|x| x.map_or(mean, value)).collect()
            };
            let columns = [
                w.clone(),
                vec![imputed(f64::from), imputed(|x| f64::from(u8::from(x == 1)))],
            ]
            .concat();
            let (beta, variance, a) = fit(&v, &columns, &y);
            let df = (n - 4) as f64;
            let se = |j: usize| (a / df * variance[j]).sqrt();
            // P(F(2, df) > f) = (1 + 2f/df)^(-df/2).
            let p = |explained: f64| (1.0 + explained / df).powf(-df / 2.0);
            let (test, expected) = if mode == 1 {
                ("p_wald", p((null - a) / (a / df)))
            } else {
                ("p_score", p(n as f64 * (null - a) / null))
            };
            for (name, expected, scale) in [
                ("beta_add", beta[2], se(2)),
                ("se_add", se(2), 0.0),
                ("beta_dom", beta[3], se(3)),
                ("se_dom", se(3), 0.0),
                (test, expected, 0.0),
            ] {
                let found = number(name);
                let close = relative_difference(found, expected) < PRINTED
                    || (found - expected).abs() < 1e-9 * scale;
                assert!(close, "-lmm {mode} rs{s} {name}: {found}, dense {expected}");
            }
            n_compared += 1;
        }
        assert!(n_compared > 150, "{n_compared}");
    }
}
