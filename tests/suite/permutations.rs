//! `--permutations`: the thresholds in the log.

use super::common::jamma_in;
use super::simulate::Study;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn bench() -> TempDir {
    let bench = tempfile::tempdir().unwrap();
    let study = Study::simulate(7, 80, 300);
    study.write(bench.path(), "s");
    // Two chromosomes, and a second phenotype with missing values.
    let bim = fs::read_to_string(bench.path().join("s.bim")).unwrap();
    let renamed = bim.lines().enumerate().map(|(s, line)| {
        let (_, rest) = line.split_once(['\t', ' ']).unwrap();
        format!("{}\t{rest}\n", if s < 170 { "1" } else { "X" })
    });
    fs::write(bench.path().join("s.bim"), renamed.collect::<String>()).unwrap();
    let fam = fs::read_to_string(bench.path().join("s.fam")).unwrap();
    let more = fam.lines().enumerate().map(|(i, line)| match i % 9 {
        0 => format!("{line} NA\n"),
        _ => format!("{line} {}\n", (i * i % 17) as f64 / 3.0),
    });
    fs::write(bench.path().join("s.fam"), more.collect::<String>()).unwrap();
    bench
}

/// The lines on permutations in a log, by trait.
fn thresholds(directory: &Path, name: &str) -> Vec<String> {
    let log = fs::read_to_string(directory.join(format!("output/{name}.log.txt"))).unwrap();
    let words = ["## permutations", "## genome-wide", "## smallest p"];
    let is_one = |line: &&str| words.iter().any(|word| line.starts_with(word));
    log.lines().filter(is_one).map(str::to_owned).collect()
}

#[test]
fn thresholds_do_not_depend_on_threads_blocks_and_other_traits() {
    let bench = bench();
    let run = |words: &str, name: &str| {
        jamma_in(
            bench.path(),
            &format!("lmm -bfile s --permutations 199 {words} -o {name}"),
        )
        .ok();
        thresholds(bench.path(), name)
    };
    for loco in ["", "--loco"] {
        let [first, second] = ["1", "2"].map(|n| run(&format!("{loco} -n {n}"), "one"));
        assert_eq!(first.len(), 6, "{first:?}");
        assert_eq!(first[0], "## permutations = 199 (seed 1)");
        assert_ne!(first, second);
        for (threads, block) in [(1, 7), (2, 64), (3, 1000)] {
            let words = format!("{loco} --traits 1,2 --threads {threads} --block-snps {block}");
            let both = run(&words, "both");
            assert_eq!(both, [first.clone(), second.clone()].concat(), "{words}");
        }
        let other = run(&format!("{loco} -n 1 -seed 2"), "other");
        assert_ne!(other[1..4], first[1..4]);
        assert_eq!(
            other[4], first[4],
            "the observed p does not depend on the seed"
        );
    }
}

#[test]
fn permutations_change_nothing_else() {
    let bench = bench();
    let table = |words: &str| {
        jamma_in(bench.path(), &format!("lmm -bfile s {words} -o t")).ok();
        fs::read(bench.path().join("output/t.assoc.txt")).unwrap()
    };
    assert!(table("") == table("--permutations 20 -seed 5"));
}

#[test]
fn levels_that_too_few_permutations_cannot_resolve_are_not_reported() {
    let bench = bench();
    for (count, n_levels) in [(1, 0), (9, 1), (19, 2), (99, 3)] {
        let words = format!("lmm -bfile s --permutations {count} -o few");
        jamma_in(bench.path(), &words).ok();
        assert_eq!(
            thresholds(bench.path(), "few").len(),
            n_levels + 3,
            "{count}"
        );
    }
}

#[test]
fn wrong_numbers_and_runs_without_tests_are_rejected() {
    let bench = bench();
    for (words, part) in [
        ("lmm -bfile s --permutations 0", "from 1 to"),
        (
            "lmm -bfile s --permutations 10 -seed x",
            "-seed: expected a whole number",
        ),
        (
            "lmm -bfile s --permutations 10 -lmm 5",
            "does not test SNPs",
        ),
    ] {
        let run = jamma_in(bench.path(), words);
        assert_eq!(run.status, 2, "{words}: {}", run.stderr);
        assert!(run.stderr.contains(part), "{words}: {}", run.stderr);
    }
    // As in GEMMA, any seed is accepted where nothing is random.
    jamma_in(bench.path(), "lmm -bfile s -seed x").ok();
}
