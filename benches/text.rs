//! Reading and writing numbers and tables, each compared with a plain method in the same run: `cargo bench --bench
//! text`.
#![allow(
    missing_docs,
    reason = "criterion's macros generate undocumented functions"
)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use faer::Mat;
use jamma::io::{bim::read_bim, matrix, npy};
use jamma::output::file::OutputFile;
use jamma::output::matrix::{MatrixFormat, write_matrix};
use jamma::output::number::{push_e6, push_f3, push_g};
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;

/// Number of rows and of columns of the matrices.
const N: usize = 2000;
/// Number of lines of the `.bim`.
const SNPS: usize = 500_000;

/// Pseudo-random numbers in (-1, 1), like those of kinships and eigenvectors.
fn entry(k: usize) -> f64 {
    let bits = (k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (bits >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// Formatting numbers, compared with the standard library.
fn numbers(c: &mut Criterion) {
    const COUNT: usize = 1000;
    let values: Vec<f64> = (0..COUNT).map(entry).collect();
    let mut group = c.benchmark_group("format 1000 numbers");
    group.throughput(Throughput::Elements(COUNT as u64));
    let mut text = Vec::with_capacity(24 * COUNT);
    let mut run = |name: &str, push: fn(&mut Vec<u8>, f64)| {
        group.bench_function(name, |b| {
            b.iter(|| {
                text.clear();
                black_box(&values).iter().for_each(|&x| push(&mut text, x));
            });
        });
    };
    run("%.6e", push_e6);
    run("%.10g", |text, x| push_g(text, x, 10));
    run("%.3f", push_f3);
    run("%.6e below 1e-21", |text, x| push_e6(text, x * 1e-40));
    group.bench_function("write!({:.6e})", |b| {
        let mut text = String::with_capacity(24 * COUNT);
        b.iter(|| {
            text.clear();
            for x in black_box(&values) {
                write!(text, "{x:.6e}").expect("a string grows");
            }
        });
    });
}

/// Writing and reading matrices, compared with plain copies of the bytes.
fn matrices(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let k = Mat::from_fn(N, N, |i, j| entry(i.max(j) * N + i.min(j)));
    let all: Vec<usize> = (0..N).collect();
    let mut group = c.benchmark_group(format!("{N} x {N} numbers"));
    group.sample_size(10);
    group.throughput(Throughput::Elements((N * N) as u64));
    let write = |path: &Path, format| {
        let file = OutputFile::create(path).expect("a file");
        write_matrix(file, &k, format).expect("it is written")
    };
    let (text, binary) = (path("k.txt"), path("k.npy"));
    group.bench_function("write text", |b| {
        b.iter(|| write(&text, MatrixFormat::Text));
    });
    let packed = path("k.txt.gz");
    group.bench_function("write text, gzip", |b| {
        b.iter(|| write(&packed, MatrixFormat::Gzip));
    });
    group.bench_function("read text, gzip", |b| {
        b.iter(|| matrix::read_square(&packed, N, &all, None).expect("it is read"));
    });
    group.bench_function("read text, square", |b| {
        b.iter(|| matrix::read_square(&text, N, &all, None).expect("it is read"));
    });
    group.bench_function("read text, dense", |b| {
        b.iter(|| matrix::read_dense(&text, N, N, None).expect("it is read"));
    });
    group.bench_function("write npy", |b| {
        b.iter(|| write(&binary, MatrixFormat::Npy));
    });
    group.bench_function("read npy, square", |b| {
        b.iter(|| npy::read_square(&binary, N, &all, None).expect("it is read"));
    });
    group.bench_function("read npy, dense", |b| {
        b.iter(|| npy::read_dense(&binary, N, N, None).expect("it is read"));
    });
    let bytes = std::fs::read(&binary).expect("it is read");
    group.bench_function("write the bytes of the npy", |b| {
        b.iter(|| std::fs::write(path("copy"), &bytes).expect("it is written"));
    });
    group.bench_function("read the bytes of the npy", |b| {
        b.iter(|| std::fs::read(&binary).expect("it is read"));
    });
    group.bench_function("read the text by lines, one thread, str::parse", |b| {
        b.iter(|| {
            let text = std::fs::read_to_string(&text).expect("it is read");
            let fields = text.lines().flat_map(|line| line.split('\t'));
            fields
                .map(|x| x.parse::<f64>().expect("a number"))
                .sum::<f64>()
        });
    });
}

/// Reading a `.bim`, compared with splitting its lines without keeping anything.
fn bim(c: &mut Criterion) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let mut text = String::new();
    for i in 0..SNPS {
        let letters = ["A", "C", "G", "T"];
        let (chr, ps) = (1 + 22 * i / SNPS, 1000 + 17 * i);
        let (a, b) = (letters[i % 4], letters[(i + 1 + i % 3) % 4]);
        writeln!(text, "{chr}\trs{}\t0\t{ps}\t{a}\t{b}", 1_000_000 + 7 * i).expect("a string");
    }
    std::fs::write(file.path(), &text).expect("it is written");
    let mut group = c.benchmark_group(format!(".bim of {SNPS} SNPs"));
    group.sample_size(10);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("read_bim", |b| {
        b.iter(|| read_bim(file.path()).expect("it is read"));
    });
    group.bench_function("split into fields, nothing kept", |b| {
        b.iter(|| {
            let text = std::fs::read_to_string(file.path()).expect("it is read");
            let fields = text.lines().map(|line| line.split('\t').count());
            fields.sum::<usize>()
        });
    });
}

criterion_group!(benches, numbers, matrices, bim);
criterion_main!(benches);
