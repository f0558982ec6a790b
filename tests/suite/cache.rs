//! `--eigen-cache`: later runs give the same bytes, and no entry that is damaged or of another kinship is used.

use super::common::jamma_in;
use super::simulate::Study;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn bench() -> TempDir {
    let bench = tempfile::tempdir().unwrap();
    Study::simulate(17, 70, 200).write(bench.path(), "s");
    let bim = fs::read_to_string(bench.path().join("s.bim")).unwrap();
    let renamed = bim.lines().enumerate().map(|(s, line)| {
        let (_, rest) = line.split_once(['\t', ' ']).unwrap();
        format!("{}\t{rest}\n", 1 + s / 80)
    });
    fs::write(bench.path().join("s.bim"), renamed.collect::<String>()).unwrap();
    bench
}

fn table(bench: &Path, words: &str) -> (Vec<u8>, String) {
    let run = jamma_in(bench, &format!("lmm -bfile s {words} -o t")).ok();
    (
        fs::read(bench.join("output/t.assoc.txt")).unwrap(),
        run.stderr,
    )
}

fn entries(bench: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(bench.join("cache")).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Number of notes that a decomposition was read.
fn n_read(stderr: &str) -> usize {
    stderr.matches("read from the cache").count()
}

#[test]
fn a_later_run_reads_the_decompositions_and_gives_the_same_bytes() {
    let bench = bench();
    for (loco, n) in [("", 1), ("--loco", 3)] {
        let (expected, _) = table(bench.path(), loco);
        let words = format!("{loco} --eigen-cache cache");
        let before = bench
            .path()
            .join("cache")
            .exists()
            .then(|| entries(bench.path()).len());
        let (first, stderr) = table(bench.path(), &words);
        assert!(first == expected && n_read(&stderr) == 0, "{stderr}");
        assert_eq!(entries(bench.path()).len(), before.unwrap_or(0) + n);
        let (second, stderr) = table(bench.path(), &words);
        assert!(second == expected, "{words}");
        assert_eq!(n_read(&stderr), n, "{stderr}");
    }
    // A run of one chromosome, and one with the kinship in a file, have the kinship of an entry.
    let (_, stderr) = table(bench.path(), "-loco 2 --eigen-cache cache");
    assert_eq!(n_read(&stderr), 1, "{stderr}");
    jamma_in(bench.path(), "gk -bfile s --format npy -o k").ok();
    let (_, stderr) = table(bench.path(), "-k output/k.cXX.npy --eigen-cache cache");
    assert_eq!(n_read(&stderr), 1, "{stderr}");
    let log = fs::read_to_string(bench.path().join("output/t.log.txt")).unwrap();
    assert_eq!(n_read(&log), 1);
}

#[test]
fn other_kinships_and_individuals_are_not_confused() {
    let bench = bench();
    table(bench.path(), "--eigen-cache cache");
    for words in ["-gk 2", "-maf 0.2", "-loco 1"] {
        let (expected, _) = table(bench.path(), words);
        let (found, stderr) = table(bench.path(), &format!("{words} --eigen-cache cache"));
        assert!(
            found == expected && n_read(&stderr) == 0,
            "{words}: {stderr}"
        );
    }
    assert_eq!(entries(bench.path()).len(), 4);
}

#[test]
fn a_damaged_entry_is_replaced_with_a_note() {
    let bench = bench();
    let (expected, _) = table(bench.path(), "--eigen-cache cache");
    let path = entries(bench.path()).remove(0);
    let whole = fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() - 100] ^= 4;
    for damaged in [
        &flipped[..],
        &whole[..whole.len() - 8],
        b"",
        b"something else",
    ] {
        fs::write(&path, damaged).unwrap();
        let (found, stderr) = table(bench.path(), "--eigen-cache cache");
        assert!(found == expected, "the results do not change");
        assert!(
            stderr.contains(".jamma-eigen") && n_read(&stderr) == 0,
            "{stderr}"
        );
        assert!(
            fs::read(&path).unwrap().len() == whole.len(),
            "the entry is replaced"
        );
        let (_, stderr) = table(bench.path(), "--eigen-cache cache");
        assert_eq!(n_read(&stderr), 1, "{stderr}");
    }
}

#[test]
fn a_cache_that_cannot_be_written_does_not_end_the_run() {
    let bench = bench();
    let (expected, _) = table(bench.path(), "");
    fs::write(bench.path().join("cache"), "a file").unwrap();
    let (found, stderr) = table(bench.path(), "--eigen-cache cache");
    assert!(found == expected && stderr.contains("note: "), "{stderr}");
    let run = jamma_in(bench.path(), "lmm -bfile s -d d -u u --eigen-cache cache");
    assert_eq!(run.status, 2, "{}", run.stderr);
}
