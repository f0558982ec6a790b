//! The fit of λ for one SNP, compared with plain loops and faer's product in the same run: `cargo bench --bench fit`.
#![allow(
    missing_docs,
    reason = "criterion's macros generate undocumented functions"
)]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};
use jamma::kernels::grid_products::{GridProducts, WeightTable};
use jamma::kernels::snp_sums::{SnpSums, snp_sums};
use jamma::kernels::weighted_sums::{PairSums, Weights, pair_sums};
use std::hint::black_box;

const SHAPES: [(usize, usize); 4] = [(1000, 1), (1000, 11), (4000, 1), (4000, 11)];

fn column(seed: usize, n: usize) -> Vec<f64> {
    (0..n).map(|i| ((i * seed) as f64).sin()).collect()
}

/// d, the covariates and y, and x.
fn study(n: usize, c: usize) -> (Vec<f64>, Vec<Vec<f64>>, Vec<f64>) {
    let d = column(3, n).iter().map(|x| x.abs()).collect();
    let shared = (0..=c).map(|k| column(k + 5, n)).collect();
    (d, shared, column(77, n))
}

/// One λ of one SNP: the sums with x only, the sums of all pairs, and a plain loop.
fn evaluation(c: &mut Criterion) {
    let mut group = c.benchmark_group("sums of one SNP at one lambda");
    for (n, covariates) in SHAPES {
        let (d, shared, x) = study(n, covariates);
        let shared: Vec<&[f64]> = shared.iter().map(Vec::as_slice).collect();
        let label = format!("n = {n}, c = {covariates}");
        let mut out = SnpSums::default();
        group.bench_function(BenchmarkId::new("with x", &label), |b| {
            b.iter(|| snp_sums(black_box(0.7), &d, &x, &shared, Weights::Three, &mut out));
        });
        let all: Vec<&[f64]> = shared.iter().copied().chain([&x[..]]).collect();
        let mut pairs = PairSums::default();
        group.bench_function(BenchmarkId::new("all pairs", &label), |b| {
            b.iter(|| pair_sums(black_box(0.7), &d, &all, Weights::Three, &mut pairs));
        });
        group.bench_function(BenchmarkId::new("with x, plain loop", &label), |b| {
            b.iter(|| {
                let mut sums = vec![[0.0; 3]; all.len()];
                for i in 0..n {
                    let w = 1.0 / (black_box(0.7) * d[i] + 1.0);
                    let weights = [w, d[i] * w * w, d[i] * d[i] * w * w * w];
                    for (sums, a) in sums.iter_mut().zip(&all) {
                        for (sum, w) in sums.iter_mut().zip(weights) {
                            *sum += x[i] * a[i] * w;
                        }
                    }
                }
                sums
            });
        });
    }
}

/// The sums of 32 SNPs on the grid of λ, compared with the two products by faer that they replace.
fn grid_sums(c: &mut Criterion) {
    let mut group = c.benchmark_group("grid sums of 32 SNPs");
    let (width, weights) = (32, 24);
    for (n, covariates) in SHAPES {
        let (d, shared, _) = study(n, covariates);
        let refs: Vec<&[f64]> = shared.iter().map(Vec::as_slice).collect();
        let x = column(7, n * width);
        let weight = |i: usize, k: usize| 1.0 / (k as f64 * d[i] + 1.0);
        let label = format!("n = {n}, c = {covariates}");
        let table = WeightTable::new(n, weights, weight);
        let mut out = GridProducts::default();
        group.bench_function(BenchmarkId::new("products on the fly", &label), |b| {
            b.iter(|| out.fill(&table, black_box(&x), &refs));
        });
        let squares = Mat::from_fn(n, weights, weight);
        let products = Mat::from_fn(n, weights * refs.len(), |i, k| {
            weight(i, k / refs.len()) * refs[k % refs.len()][i]
        });
        let mut squared = vec![0.0; x.len()];
        let mut with_squares = Mat::<f64>::zeros(squares.ncols(), width);
        let mut with_products = Mat::<f64>::zeros(products.ncols(), width);
        group.bench_function(BenchmarkId::new("faer", &label), |b| {
            b.iter(|| {
                squared.iter_mut().zip(&x).for_each(|(s, x)| *s = x * x);
                let multiply = |out: &mut Mat<f64>, table: &Mat<f64>, x: &[f64]| {
                    let x = MatRef::from_column_major_slice(x, n, width);
                    let table = table.transpose();
                    matmul(out.as_mut(), Accum::Replace, table, x, 1.0, Par::Seq);
                };
                multiply(&mut with_squares, &squares, &squared);
                multiply(&mut with_products, &products, &x);
            });
        });
    }
}

criterion_group!(benches, evaluation, grid_sums);
criterion_main!(benches);
