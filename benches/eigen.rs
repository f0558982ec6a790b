//! The eigendecomposition and the product that limits its speed, each compared with faer in the same run: `cargo bench
//! --bench eigen`. `benches/peers.py eigen:PREFIX` compares with NumPy.
#![allow(
    missing_docs,
    reason = "criterion's macros generate undocumented functions"
)]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use faer::{Mat, Side};
use jamma::eigen::cache::{CacheKey, Description, EigenCache, KeyInputs};
use jamma::eigen::{Eigen, decompose};
use jamma::io::fam::Individual;
use jamma::kernels::symmetric_vector::LowerTriangle;
use std::hint::black_box;

/// A matrix of full rank, without structure.
fn gram(n: usize) -> Mat<f64> {
    let mut state = 1_u64;
    let mut number = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    let z = Mat::from_fn(n, 2 * n, |_, _| number());
    &z * z.transpose()
}

fn decomposition(c: &mut Criterion) {
    let mut group = c.benchmark_group("eigendecomposition");
    group.sample_size(10);
    for n in [500, 1000, 2000, 4000] {
        let k = gram(n);
        group.bench_with_input(BenchmarkId::new("ours", n), &n, |b, _| {
            b.iter(|| decompose(k.clone(), &|_| ()).expect("it converges"));
        });
        group.bench_with_input(BenchmarkId::new("faer", n), &n, |b, _| {
            b.iter(|| k.self_adjoint_eigen(Side::Lower).expect("it converges"));
        });
    }
}

/// On one thread: reading the triangle once, compared with reading the whole matrix once.
fn symmetric_product(c: &mut Criterion) {
    let n = 4000;
    let k = gram(n);
    let x: Vec<f64> = (0..n).map(|i| (i as f64).sin()).collect();
    let column = Mat::from_fn(n, 1, |i, _| x[i]);
    let mut group = c.benchmark_group("symmetric matrix times vector, n = 4000");
    group.bench_function("triangle", |b| {
        let triangle = LowerTriangle { matrix: k.as_ref() };
        let mut sum = vec![0.0; n];
        b.iter(|| {
            for part in 0..triangle.n_parts() {
                triangle.times_vector(part, black_box(&x), &mut sum);
            }
        });
    });
    let mut product = Mat::zeros(n, 1);
    group.bench_function("faer, whole matrix", |b| {
        b.iter(|| {
            faer::linalg::matmul::matmul(
                product.as_mut(),
                faer::Accum::Replace,
                k.as_ref(),
                column.as_ref(),
                1.0,
                faer::Par::Seq,
            );
        });
    });
}

/// Storing a decomposition on disk and loading it, to compare with computing it.
fn cache(c: &mut Criterion) {
    let n = 2000;
    let k = gram(n);
    let (values, vectors) = decompose(k.clone(), &|_| ()).expect("it converges");
    let eigen = Eigen::new(values, vectors);
    let individual = |i| Individual {
        fid: "f".into(),
        iid: format!("{i}").into(),
    };
    let individuals: Vec<Individual> = (0..n).map(individual).collect();
    let key = || {
        CacheKey::of(&KeyInputs {
            backend: "rust",
            matrix: k.as_ref(),
            individuals: &individuals,
            origin: "",
        })
    };
    let folder = tempfile::tempdir().expect("a folder");
    let cache = EigenCache::new(folder.path().to_path_buf());
    let description = Description::default();
    let mut group = c.benchmark_group("cache of eigendecompositions, n = 2000");
    group.sample_size(10);
    group.bench_function("key", |b| b.iter(key));
    let key = key();
    group.bench_function("store", |b| {
        b.iter(|| assert_eq!(cache.store(&key, &eigen, &description), None));
    });
    group.bench_function("load", |b| b.iter(|| cache.load(&key, n)));
}

criterion_group!(benches, decomposition, symmetric_product, cache);
criterion_main!(benches);
