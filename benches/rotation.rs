//! Products with genotypes by table look-up, each compared with a matrix product in the same run: `cargo bench --bench
//! rotation`.
#![allow(
    missing_docs,
    reason = "criterion's macros generate undocumented functions"
)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, Par};
use jamma::genotype::{Dosages, Encoding, GenotypeBlock, Genotypes, Subset};
use jamma::kernels::Precision;
use jamma::kernels::table_product::{Line, Patterns, transposed_product};
use jamma::kinship::{KinshipKind, KinshipSum};

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

/// UᵀX for as many SNPs as the scan rotates at once.
fn rotation(c: &mut Criterion) {
    for n in [1000, 2000, 4000] {
        let p = 4096;
        let (block, everybody) = (genotypes(n, p), Subset::everybody(n));
        let u = Mat::from_fn(n, n, |i, j| ((i * 31 + j * 17) as f64).sin());
        let means: Vec<f64> = (0..p)
            .map(|s| everybody.count(block.packed(s)).mean())
            .collect();
        let mut group = c.benchmark_group(format!("rotate 4096 SNPs, n = {n}"));
        group.sample_size(10);
        group.throughput(Throughput::Elements((n * n * p) as u64));
        for precision in [Precision::F64, Precision::F32] {
            let mut patterns = Patterns::default();
            let mut out = vec![Line::ZERO; n.div_ceil(8) * p];
            let stride = n.div_ceil(4);
            let mut packed = vec![0; stride * p];
            group.bench_function(format!("tables {precision:?}"), |b| {
                b.iter(|| {
                    for (s, out) in packed.chunks_exact_mut(stride).enumerate() {
                        everybody.compact(block.packed(s), out);
                    }
                    patterns.fill_columns(n, &packed, &means);
                    let column = |j| u.col(j).try_as_col_major().expect("contiguous").as_slice();
                    transposed_product(n, column, &patterns, precision, &mut out);
                });
            });
        }
        let x = decoded(&block, &everybody, p, Dosages::with_missing);
        let mut rotated = Mat::<f64>::zeros(n, p);
        group.bench_function("faer F64", |b| {
            b.iter(|| {
                matmul(
                    rotated.as_mut(),
                    Accum::Replace,
                    u.transpose(),
                    &x,
                    1.0,
                    Par::rayon(0),
                );
            });
        });
    }
}

/// The standardised kinship, compared with a product of decoded columns.
fn standardised_kinship(c: &mut Criterion) {
    for n in [1000, 4000] {
        let p = 1920;
        let (block, everybody) = (genotypes(n, p), Subset::everybody(n));
        let snp_indices: Vec<usize> = (0..p).collect();
        let mut group = c.benchmark_group("standardised kinship of 1920 SNPs");
        group.sample_size(10);
        group.throughput(Throughput::Elements((n * n * p / 2) as u64));
        group.bench_with_input(BenchmarkId::new("tables", n), &n, |b, _| {
            b.iter(|| {
                let mut sum = KinshipSum::new(
                    KinshipKind::Standardised,
                    everybody.clone(),
                    Encoding::Packed,
                );
                sum.add(&block, &snp_indices);
                sum.finish()
            });
        });
        group.bench_with_input(BenchmarkId::new("faer, lower triangle", n), &n, |b, _| {
            b.iter(|| {
                let z = decoded(&block, &everybody, p, |mean| Dosages::centred(mean, 1.4));
                let mut k = Mat::<f64>::zeros(n, n);
                triangular::matmul(
                    k.as_mut(),
                    BlockStructure::TriangularLower,
                    Accum::Replace,
                    z.as_ref(),
                    BlockStructure::Rectangular,
                    z.transpose(),
                    BlockStructure::Rectangular,
                    1.0 / p as f64,
                    Par::rayon(0),
                );
                k
            });
        });
    }
}

fn decoded(
    block: &GenotypeBlock,
    everybody: &Subset,
    p: usize,
    values: impl Fn(f64) -> Dosages,
) -> Mat<f64> {
    let mut x = Mat::zeros(everybody.len(), p);
    for s in 0..p {
        let packed = block.packed(s);
        let column = x.col_mut(s).try_as_col_major_mut().expect("contiguous");
        let values = values(everybody.count(packed).mean());
        everybody.decode(packed, values, column.as_slice_mut());
    }
    x
}

criterion_group!(benches, rotation, standardised_kinship);
criterion_main!(benches);
