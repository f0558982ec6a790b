//! The centred kinship compared with faer's f64 product of the lower triangle: `cargo bench --bench kinship`.
#![allow(
    missing_docs,
    reason = "criterion's macros generate undocumented functions"
)]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::{Accum, Mat, MatMut, Par};
use jamma::genotype::{Dosages, Encoding, GenotypeBlock, Genotypes, Subset};
use jamma::kernels::gram::Unpacked;
use jamma::kinship::{KinshipKind, KinshipSum};

/// Pseudo-random packed SNPs, in which `missing` calls in a thousand are missing.
fn genotypes(n: usize, p: usize, missing: u64) -> GenotypeBlock {
    let mut state = 7_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state >> 33
    };
    let mut code = || {
        if next() % 1000 < missing {
            1
        } else {
            [0_u8, 2, 3, 3][(next() % 4) as usize]
        }
    };
    let packed = (0..n.div_ceil(4) * p)
        .map(|_| code() | code() << 2 | code() << 4 | code() << 6)
        .collect();
    GenotypeBlock::new(0, n, Genotypes::Packed(packed))
}

/// Decodes and centres all SNPs.
fn decode(block: &GenotypeBlock, everybody: &Subset, z: &mut Mat<f64>) {
    for j in 0..block.len() {
        let packed = block.packed(j);
        let values = Dosages::centred(everybody.count(packed).mean(), 1.0);
        let column = z.col_mut(j).try_as_col_major_mut();
        everybody.decode(packed, values, column.expect("contiguous").as_slice_mut());
    }
}

/// The usual method: the lower triangle of Z Zᵀ.
fn gemm(lower: MatMut<'_, f64>, z: &Mat<f64>) {
    matmul(
        lower,
        BlockStructure::TriangularLower,
        Accum::Add,
        z.as_ref(),
        BlockStructure::Rectangular,
        z.transpose(),
        BlockStructure::Rectangular,
        1.0,
        Par::rayon(0),
    );
}

/// Only the sums of products.
fn products(c: &mut Criterion) {
    let mut group = c.benchmark_group("products of 8192 SNPs, lower triangle");
    group.sample_size(10);
    for n in [1500, 4000] {
        let (block, everybody) = (genotypes(n, 8192, 0), Subset::everybody(n));
        let snps: Vec<&[u8]> = block.snp_indices().map(|s| block.packed(s)).collect();
        let mut sums = Mat::<f64>::zeros(n, n);
        for (way, mut unpacked) in Unpacked::every_way() {
            let batch = unpacked.best_batch();
            group.bench_function(
                BenchmarkId::new(format!("{way}, unpacking included"), n),
                |b| {
                    b.iter(|| {
                        for snps in snps.chunks(batch) {
                            unpacked.fill(n, snps);
                            unpacked.add_gram(sums.as_mut());
                        }
                    });
                },
            );
        }
        let mut z = Mat::<f64>::zeros(n, block.len());
        decode(&block, &everybody, &mut z);
        group.bench_function(BenchmarkId::new("f64 gemm of decoded SNPs", n), |b| {
            b.iter(|| gemm(sums.as_mut(), &z));
        });
    }
}

/// From packed SNPs to the finished matrix.
fn whole(c: &mut Criterion) {
    let mut group = c.benchmark_group("centred kinship of 1024 SNPs");
    group.sample_size(10);
    for (n, missing) in [(1500, 0), (1500, 10), (4000, 0), (4000, 10), (4000, 50)] {
        let (block, everybody) = (genotypes(n, 1024, missing), Subset::everybody(n));
        let snp_indices: Vec<usize> = block.snp_indices().collect();
        let case = format!("n = {n}, {} % missing", missing as f64 / 10.0);
        group.bench_function(BenchmarkId::new("integers", &case), |b| {
            b.iter(|| {
                let mut sum =
                    KinshipSum::new(KinshipKind::Centred, everybody.clone(), Encoding::Packed);
                sum.add(&block, &snp_indices);
                sum.finish()
            });
        });
        group.bench_function(BenchmarkId::new("f64 gemm", &case), |b| {
            b.iter(|| {
                let mut z = Mat::<f64>::zeros(n, block.len());
                decode(&block, &everybody, &mut z);
                let mut k = Mat::<f64>::zeros(n, n);
                gemm(k.as_mut(), &z);
                k
            });
        });
    }
}

/// From dosages to the finished matrix.
fn dosages(c: &mut Criterion) {
    let mut group = c.benchmark_group("centred kinship of 4096 SNPs of dosages");
    group.sample_size(10);
    let n = 1500;
    let (hard, everybody) = (genotypes(n, 4096, 0), Subset::everybody(n));
    let mut z = Mat::<f64>::zeros(n, hard.len());
    decode(&hard, &everybody, &mut z);
    let values = z.col_iter().flat_map(|x| x.iter().copied()).collect();
    let block = GenotypeBlock::new(0, n, Genotypes::Dosages(values));
    let snp_indices: Vec<usize> = block.snp_indices().collect();
    group.bench_function("sum of exact chunks", |b| {
        b.iter(|| {
            let mut sum =
                KinshipSum::new(KinshipKind::Centred, everybody.clone(), Encoding::Dosage);
            sum.add(&block, &snp_indices);
            sum.finish()
        });
    });
    group.bench_function("one f64 gemm, columns centred before", |b| {
        b.iter(|| {
            let mut k = Mat::<f64>::zeros(n, n);
            gemm(k.as_mut(), &z);
            k
        });
    });
    let empty = KinshipSum::new(KinshipKind::Centred, everybody, Encoding::Dosage);
    let (mut sum, mut part) = (empty.clone(), empty);
    sum.add(&block, &snp_indices);
    // Merging adds the SNPs that still wait.
    part.merge(sum);
    let mut total = part.clone();
    group.bench_function("merge of two sums", |b| {
        b.iter_batched(
            || part.clone(),
            |part| total.merge(part),
            criterion::BatchSize::LargeInput,
        );
    });
}

criterion_group!(benches, products, whole, dosages);
criterion_main!(benches);
