//! Properties that hold for any study, whatever its numbers.
//!
//! Studies are simulated (`simulate.rs`) or bundled. Expected results come from the mathematics, from another program,
//! or from a few lines written here independently of the code under test.

mod extremes;
mod filters;
mod flat;
mod genotypes;
mod inputs;
mod invariance;
mod tables;

use super::common::{Run, Table, data, jamma_in, relative_difference};
use super::simulate::Study;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory that contains a study and the outputs of runs on it.
pub struct Bench(TempDir);

impl Bench {
    /// An empty one.
    pub fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One with the study `s`.
    pub fn new(study: &Study) -> Self {
        let bench = Self::empty();
        study.write(bench.path(), "s");
        bench
    }

    /// One with the files `NAME.*` of the reference data.
    pub fn of_reference(name: &str) -> Self {
        let bench = Self::empty();
        for entry in std::fs::read_dir(data("")).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_str().unwrap();
            if file.starts_with(&format!("{name}.")) {
                std::fs::copy(&path, bench.file(file)).unwrap();
            }
        }
        bench
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.file(name), text).unwrap();
    }

    /// A run that must succeed.
    pub fn run(&self, words: &str) -> Run {
        jamma_in(self.path(), words).ok()
    }

    /// A run that must fail; returns its standard error.
    pub fn rejected(&self, words: &str) -> String {
        let run = jamma_in(self.path(), words);
        assert_ne!(run.status, 0, "`{words}` passed");
        run.stderr
    }

    /// The association table of a run `-o name`.
    pub fn assoc(&self, name: &str) -> Table {
        Table::read(&self.output(&format!("{name}.assoc.txt")))
    }

    pub fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.output(&format!("{name}.log.txt"))).unwrap()
    }

    pub fn output(&self, name: &str) -> PathBuf {
        self.path().join("output").join(name)
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.output(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// The names of the outputs, sorted.
    pub fn outputs(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.output("")).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// One and a half units of the last of seven printed digits.
const PRINTED: f64 = 1.5e-6;
/// λ: the search stops when two iterates agree to 1e-5, and returns the one before the last.
const LAMBDA: f64 = 2e-5;

/// Asserts that every statistic of two tables agrees to its printed digits.
pub fn assert_same_statistics(a: &Table, b: &Table) {
    assert_eq!((&a.header, a.rows.len()), (&b.header, b.rows.len()));
    for column in a.header.iter().skip(7) {
        let tolerance = if column.starts_with("l_") {
            LAMBDA
        } else {
            PRINTED
        };
        assert_close(column, &a.numbers(column), &b.numbers(column), tolerance);
    }
}

/// Asserts that two columns agree, each pair relative to the larger.
fn assert_close(what: &str, a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!(
            relative_difference(*a, *b) <= tolerance,
            "{what} {i}: {a} against {b}"
        );
    }
}
