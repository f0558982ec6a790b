//! Our kernels, each beside the usual way in the same run: `cargo bench`.
#![allow(
    missing_docs,
    reason = "criterion's macros make undocumented functions"
)]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use faer::{Accum, Mat, Par, Side};
use jamma::eigen::decompose;
use jamma::genotype::{Dosages, GenotypeBlock, Individuals};
use jamma::kernels::padded;
use jamma::kernels::weighted_sums::{PairSums, Weights, pair_sums};
use jamma::lmm::pvalue::f_upper_tail;
use statrs::distribution::{ContinuousCDF, FisherSnedecor};
use std::hint::black_box;

/// Pseudo-random packed SNPs without missing calls.
fn genotypes(n: usize, p: usize) -> GenotypeBlock {
    let mut state = 7_u64;
    let packed = (0..n.div_ceil(4) * p)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // A missing code (01) becomes a heterozygote (10).
            let byte = (state >> 40) as u8;
            let missing = byte & !(byte >> 1) & 0x55;
            (byte & !missing) | (missing << 1)
        })
        .collect();
    GenotypeBlock::new(0, n, packed)
}

/// Counting genotypes: packed bit planes beside decoding and comparing.
fn counts(c: &mut Criterion) {
    let n = 4000;
    let (block, everybody) = (genotypes(n, 1), Individuals::everybody(n));
    let mut group = c.benchmark_group("count genotypes of one SNP, n = 4000");
    group.bench_function("packed", |b| {
        b.iter(|| everybody.count(black_box(block.packed(0))));
    });
    let mut x = vec![0.0; n];
    group.bench_function("decoded", |b| {
        b.iter(|| {
            everybody.decode(block.packed(0), Dosages::with_missing(f64::NAN), &mut x);
            let two = x.iter().filter(|&&g| g == 2.0).count();
            let one = x.iter().filter(|&&g| g == 1.0).count();
            (two, one, x.iter().filter(|g| g.is_nan()).count())
        });
    });
}

/// The eigendecomposition in its fixed parts beside faer's own, which splits by threads.
fn eigendecomposition(c: &mut Criterion) {
    let mut group = c.benchmark_group("eigendecomposition");
    group.sample_size(10);
    for n in [500, 1500] {
        let k = Mat::from_fn(n, n, |i, j| {
            ((i.max(j) * 7919 + i.min(j) * 104_729) as f64).sin()
        });
        group.bench_with_input(BenchmarkId::new("fixed parts", n), &n, |b, _| {
            b.iter(|| decompose(k.clone(), &|_| ()).expect("it converges"));
        });
        group.bench_with_input(BenchmarkId::new("faer", n), &n, |b, _| {
            b.iter(|| k.self_adjoint_eigen(Side::Lower).expect("it converges"));
        });
    }
}

/// The weighted sums of one λ: lanes beside a plain loop.
fn sums(c: &mut Criterion) {
    let mut group = c.benchmark_group("weighted sums at one lambda, intercept + SNP");
    for n in [1000, 4000] {
        let column = |k: usize| {
            let mut v: Vec<f64> = (0..n).map(|i| ((i * k) as f64).sin()).collect();
            v.resize(padded(n), 0.0);
            v
        };
        let d: Vec<f64> = column(3).iter().map(|x| x.abs()).collect();
        let columns = [column(5), column(7), column(11)];
        let refs: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let mut out = PairSums::default();
        group.bench_with_input(BenchmarkId::new("lanes", n), &n, |b, _| {
            b.iter(|| pair_sums(black_box(0.7), &d, &refs, Weights::Three, &mut out));
        });
        group.bench_with_input(BenchmarkId::new("plain loop", n), &n, |b, _| {
            b.iter(|| {
                let mut sums = [[0.0; 3]; 6];
                for i in 0..d.len() {
                    let w = 1.0 / (black_box(0.7) * d[i] + 1.0);
                    let weights = [w, d[i] * w * w, d[i] * d[i] * w * w * w];
                    let mut pair = 0;
                    for a in 0..3 {
                        for b in 0..=a {
                            for (sum, w) in sums[pair].iter_mut().zip(weights) {
                                *sum += columns[a][i] * columns[b][i] * w;
                            }
                            pair += 1;
                        }
                    }
                }
                sums
            });
        });
    }
}

/// Tails: ours beside the library's.
fn tails(c: &mut Criterion) {
    let mut group = c.benchmark_group("upper tail of F(1, 1408) at 30");
    group.bench_function("ours", |b| b.iter(|| f_upper_tail(black_box(30.0), 1408.0)));
    let f = FisherSnedecor::new(1.0, 1408.0).expect("degrees of freedom");
    group.bench_function("statrs", |b| b.iter(|| f.sf(black_box(30.0))));
}

criterion_group!(benches, counts, eigendecomposition, sums, tails);
criterion_main!(benches);
