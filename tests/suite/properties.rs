//! What must hold of any study, whatever its numbers.
//!
//! Studies are simulated (`simulate.rs`) or bundled; what is expected comes from the mathematics, from another program,
//! or from a few lines written here without a look at the ones under test.

mod extremes;
mod filters;
mod flat;
mod genotypes;
mod inputs;
mod invariance;
mod tables;

use super::common::{Run, Table, jamma_in, relative_difference};
use super::simulate::Study;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory that holds a study and the outputs of runs on it.
struct Bench(TempDir);

impl Bench {
    /// An empty one.
    fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One with the study `s`.
    fn new(study: &Study) -> Self {
        let bench = Self::empty();
        study.write(bench.path(), "s");
        bench
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.file(name), text).unwrap();
    }

    /// A run that must succeed.
    fn run(&self, words: &str) -> Run {
        jamma_in(self.path(), words).ok()
    }

    /// A run that must fail; what it said.
    fn refused(&self, words: &str) -> String {
        let run = jamma_in(self.path(), words);
        assert_ne!(run.status, 0, "`{words}` passed");
        run.stderr
    }

    /// The association table of a run `-o name`.
    fn assoc(&self, name: &str) -> Table {
        Table::read(&self.output(&format!("{name}.assoc.txt")))
    }

    fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.output(&format!("{name}.log.txt"))).unwrap()
    }

    fn output(&self, name: &str) -> PathBuf {
        self.path().join("output").join(name)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.output(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }
}

/// Half a unit more than the last of seven printed digits.
const PRINTED: f64 = 1.5e-6;
/// λ: the search stops where two iterates agree to 1e-5, and returns the one before the last.
const LAMBDA: f64 = 2e-5;

/// Asserts that every statistic of two tables agrees to its printed digits.
fn assert_same_statistics(a: &Table, b: &Table) {
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
