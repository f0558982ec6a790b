//! Genome-wide thresholds of one trait: `cargo bench --bench permutation`.
#![allow(
    missing_docs,
    reason = "criterion's macros generate undocumented functions"
)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use faer::Mat;
use jamma::eigen::Eigen;
use jamma::genotype::{Encoding, GenotypeBlock, Genotypes, SnpSummary, Subset};
use jamma::kinship::{KinshipKind, KinshipSum};
use jamma::null::{FittedGroup, FittedTrait, LambdaRange};
use jamma::permutation::{PermutationOptions, PermutationScan};
use jamma::rotation::{RotatedDesign, Rotation};
use std::sync::Arc;

/// Pseudo-random packed SNPs, in which one call in a hundred is missing.
fn genotypes(n: usize, p: usize) -> GenotypeBlock {
    let mut state = 7_u64;
    let mut code = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        match (state >> 40) % 100 {
            0 => 1,
            1..=40 => 3,
            41..=80 => 2,
            _ => 0,
        }
    };
    let packed = (0..n.div_ceil(4) * p)
        .map(|_| (0..4).fold(0, |byte, k| byte | code() << (2 * k)))
        .collect();
    GenotypeBlock::new(0, n, Genotypes::Packed(packed))
}

/// One trait without covariates.
fn group(block: &GenotypeBlock) -> FittedGroup {
    let n = block.n_individuals();
    let everybody = Subset::everybody(n);
    let snp_indices: Vec<usize> = (0..2 * n).collect();
    let mut kinship = KinshipSum::new(KinshipKind::Centred, everybody.clone(), Encoding::Packed);
    kinship.add(block, &snp_indices);
    let eigen = Eigen::of(kinship.finish(), &|_| ()).expect("a decomposition");
    let rotation = Arc::new(Rotation::new(eigen, everybody));
    let w = Mat::from_fn(n, 1, |_, _| 1.0);
    let design = Arc::new(RotatedDesign::new(&rotation, w.as_ref()).expect("a design"));
    let y: Vec<f64> = (0..n).map(|i| ((i * i) as f64).sin()).collect();
    let range = LambdaRange::default();
    let fitted = FittedTrait::fit("trait".into(), &y, &rotation, &design, range);
    FittedGroup::new(vec![fitted.expect("a fit")])
}

fn permutation(c: &mut Criterion) {
    let (n, p) = (1000, 20_000);
    let block = genotypes(n, p);
    let group = group(&block);
    let everybody = Subset::everybody(n);
    let mut x = vec![0.0; n];
    let snps: Vec<SnpSummary> = (0..p)
        .map(|s| block.summarise(s, &everybody, &mut x).summary)
        .collect();
    let mut bench = c.benchmark_group(format!("maxima of {p} SNPs, n = {n}"));
    bench.sample_size(10);
    for count in [100, 1000] {
        bench.throughput(Throughput::Elements((n * p * count) as u64));
        bench.bench_function(BenchmarkId::new("permutations", count), |b| {
            b.iter(|| {
                let options = PermutationOptions { count, seed: 1 };
                let scan = PermutationScan::new(&group, options, &|| false).expect("a scan");
                let mut maxima = scan.maxima();
                for snps in snps.chunks(2048) {
                    scan.add(&block, snps, &mut maxima);
                }
                maxima
            });
        });
    }
}

criterion_group!(benches, permutation);
criterion_main!(benches);
