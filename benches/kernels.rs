//! Kernels, each compared with the usual method in the same run: `cargo bench`.
#![allow(
    missing_docs,
    reason = "criterion's macros generate undocumented functions"
)]

use criterion::{Criterion, criterion_group, criterion_main};
use jamma::genotype::{Dosages, GenotypeBlock, Genotypes, Subset};
use jamma::stats::f_upper_tail;
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
    GenotypeBlock::new(0, n, Genotypes::Packed(packed))
}

/// Counting genotypes: packed bit planes compared with decoding.
fn counts(c: &mut Criterion) {
    let n = 4000;
    let (block, everybody) = (genotypes(n, 1), Subset::everybody(n));
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

/// Upper tails, compared with statrs.
fn tails(c: &mut Criterion) {
    let mut group = c.benchmark_group("upper tail of F(1, 1408) at 30");
    group.bench_function("ours", |b| b.iter(|| f_upper_tail(black_box(30.0), 1408.0)));
    let f = FisherSnedecor::new(1.0, 1408.0).expect("degrees of freedom");
    group.bench_function("statrs", |b| b.iter(|| f.sf(black_box(30.0))));
}

criterion_group!(benches, counts, tails);
criterion_main!(benches);
