//! Packed genotypes, their counts and the Hardy-Weinberg test, compared with other programs and with calculations by
//! hand.

use super::Bench;
use crate::common::data;
use crate::simulate::{Random, Study, lines_of};
use jamma::genotype::{Dosages, GenotypeBlock, Genotypes, Subset, hwe_exact_p};
use jamma::io::bed::{BedFile, packed_bytes};
use std::process::Command;

/// A study of `n` individuals with every kind of call, half of them missing in some SNPs.
fn scattered(seed: u64, n: usize, p: usize) -> Study {
    let mut random = Random::new(seed);
    let mut call = || [Some(0), Some(1), Some(2), None][random.below(4)];
    Study::of_genotypes((0..p).map(|_| (0..n).map(|_| call()).collect()).collect())
}

#[test]
fn the_packed_reader_equals_bed_reader() {
    for n in [1, 2, 3, 4, 5, 7, 8, 9, 30, 31, 32, 33, 63, 65, 101] {
        let (p, bench) = (11, Bench::new(&scattered(n as u64, n, 11)));
        let path = bench.file("s.bed");
        let mut reader = bed_reader::Bed::new(&path).unwrap();
        let expected = bed_reader::ReadOptions::builder()
            .count_a1()
            .f64()
            .read(&mut reader)
            .unwrap();
        let mut bed = BedFile::open(&path, n, p).unwrap();
        let mut random = Random::new(n as u64);
        let some: Vec<usize> = (0..n).filter(|_| random.uniform() < 0.6).collect();
        for individuals in [Subset::everybody(n), Subset::new(n, some)] {
            // Also a range that starts within the file.
            for range in [0..p, 4..9] {
                let mut packed = Vec::new();
                bed.read_packed(range.clone(), &mut packed).unwrap();
                assert_eq!(packed.len(), range.len() * packed_bytes(n));
                let block = GenotypeBlock::new(range.start, n, Genotypes::Packed(packed));
                assert_eq!(block.snp_indices(), range);
                let mut x = vec![0.0; individuals.len()];
                for j in range {
                    individuals.decode(block.packed(j), Dosages::with_missing(f64::NAN), &mut x);
                    let column: Vec<f64> = individuals
                        .rows()
                        .iter()
                        .map(|&i| expected[(i, j)])
                        .collect();
                    let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
                    assert!(
                        x.iter().zip(&column).all(same),
                        "n {n}, SNP {j}: {x:?} against {column:?}"
                    );
                    let counts = individuals.count(block.packed(j));
                    let number = |value: f64| column.iter().filter(|&&x| x == value).count();
                    assert_eq!(
                        [counts.zero, counts.one, counts.two],
                        [0.0, 1.0, 2.0].map(number)
                    );
                    assert_eq!(counts.missing, column.iter().filter(|x| x.is_nan()).count());
                }
            }
        }
    }
}

/// The exact p-value from whole numbers: P(het = k) ∝ N! / (r! k! s!) · 2^k.
fn hwe_by_counting(homozygotes: [usize; 2], heterozygotes: usize) -> f64 {
    let n = homozygotes[0] + homozygotes[1] + heterozygotes;
    let rare = 2 * homozygotes[0].min(homozygotes[1]) + heterozygotes;
    let choose =
        |n: usize, k: usize| (0..k).fold(1u128, |c, i| c * (n - i) as u128 / (i + 1) as u128);
    let ways = |k: usize| {
        let r = (rare - k) / 2;
        (choose(n, r) * choose(n - r, k)) << k
    };
    let all = || {
        (rare % 2..=rare)
            .step_by(2)
            .filter(|&k| k + (rare - k) / 2 <= n)
            .map(ways)
    };
    let observed = ways(heterozygotes);
    all().filter(|&w| w <= observed).sum::<u128>() as f64 / all().sum::<u128>() as f64
}

#[test]
fn the_hardy_weinberg_p_is_a_sum_over_all_tables() {
    for n in 1..=34usize {
        for r in 0..=n {
            for h in 0..=n - r {
                let homozygotes = [r, n - r - h];
                let (p, expected) = (hwe_exact_p(homozygotes, h), hwe_by_counting(homozygotes, h));
                assert!(
                    (p - expected).abs() <= 1e-12 * expected,
                    "{homozygotes:?} {h}: {p} against {expected}"
                );
            }
        }
    }
}

/// Path of PLINK 1.9, if it is installed.
fn plink() -> Option<&'static str> {
    ["plink1.9", "plink"].into_iter().find(|name| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|o| String::from_utf8_lossy(&o.stdout).contains("v1.9"))
    })
}

#[test]
#[allow(clippy::print_stderr, reason = "reports what was not tested")]
fn the_hardy_weinberg_p_and_filter_are_those_of_plink() {
    let Some(plink) = plink() else {
        eprintln!("skipped: plink1.9 is not installed");
        return;
    };
    let bench = Bench::empty();
    let missing = data("missing");
    let run = |words: &str| {
        let output = Command::new(plink)
            .args(["--bfile", missing.to_str().unwrap()])
            .args(words.split_whitespace())
            .current_dir(bench.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    run("--hardy --out h");
    let text = std::fs::read_to_string(bench.file("h.hwe")).unwrap();
    let mut compared = 0;
    for line in text.lines().filter(|line| line.contains("ALL")) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let counts: Vec<usize> = fields[5].split('/').map(|c| c.parse().unwrap()).collect();
        if let Ok(printed) = fields[8].parse::<f64>() {
            let p = hwe_exact_p([counts[0], counts[2]], counts[1]);
            // Four significant digits.
            assert!((p - printed).abs() <= 5.01e-4 * printed, "{line}: {p}");
            compared += 1;
        }
    }
    assert!(compared > 400, "{compared} SNPs compared");
    // The filter: the individuals with phenotype 1.
    let fam = std::fs::read_to_string(missing.with_extension("fam")).unwrap();
    let fields = fam
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let kept = fields
        .filter(|f| !["NA", "-9"].contains(&f[5]))
        .map(|f| format!("{} {}", f[0], f[1]));
    bench.write("keep.txt", lines_of(kept));
    run("--keep keep.txt --hwe 0.02 --maf 0.02 --geno 0.04 --write-snplist --out l");
    let missing = missing.display();
    bench.run(&format!(
        "lmm -bfile {missing} -hwe 0.02 -maf 0.02 -miss 0.04 -lmm 3 -o l"
    ));
    let listed = std::fs::read_to_string(bench.file("l.snplist")).unwrap();
    let listed: Vec<&str> = listed.lines().collect();
    assert!(
        (100..450).contains(&listed.len()),
        "{} SNPs pass",
        listed.len()
    );
    // SNPs with one genotype class do not vary: GEMMA and jamma exclude them, PLINK does not check.
    let one_class = |rs: &str| ["rs2013", "rs2014"].contains(&rs);
    let ours = bench.assoc("l").texts("rs");
    let theirs: Vec<String> = listed
        .into_iter()
        .filter(|rs| !one_class(rs))
        .map(str::to_owned)
        .collect();
    assert_eq!(ours, theirs);
}
