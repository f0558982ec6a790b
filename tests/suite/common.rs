//! Running the program, and reading what it wrote.
#![allow(dead_code, reason = "each module uses a part of it")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the bundled data sets, without its extension or with it.
pub fn data(name: &str) -> PathBuf {
    root().join("reference/data").join(name)
}

/// A finished run of the program.
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn new(output: &Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The run itself, which must have succeeded.
    pub fn ok(self) -> Self {
        assert_eq!(self.status, 0, "the run failed: {}", self.stderr);
        self
    }
}

/// `program` in `directory`, without the environment variables that affect jamma.
pub fn command(program: impl AsRef<OsStr>, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory);
    for variable in [
        "JAMMA_BACKEND",
        "RAYON_NUM_THREADS",
        "OMP_NUM_THREADS",
        "SLURM_CPUS_PER_TASK",
    ] {
        command.env_remove(variable);
    }
    command
}

/// `jamma` in `directory`.
pub fn jamma_command(directory: &Path) -> Command {
    command(env!("CARGO_BIN_EXE_jamma"), directory)
}

/// Runs `command`.
pub fn finished(command: &mut Command) -> Run {
    Run::new(&command.output().expect("the program starts"))
}

/// Runs `jamma` with words split at blanks, in `directory`.
pub fn jamma_in(directory: &Path, words: &str) -> Run {
    finished(jamma_command(directory).args(words.split_whitespace()))
}

/// Runs `jamma` in the folder of the bundled data sets.
pub fn jamma(words: &str) -> Run {
    jamma_in(&data(""), words)
}

/// A table with a header line, cells as text.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a tab-separated table.
    pub fn read(path: &Path) -> Self {
        let text =
            std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut lines = text
            .lines()
            .map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
        let header = lines.next().expect("a header line");
        Self {
            header,
            rows: lines.collect(),
        }
    }

    /// Position of a column.
    pub fn column(&self, name: &str) -> usize {
        self.header
            .iter()
            .position(|h| h == name)
            .unwrap_or_else(|| panic!("no column {name}"))
    }

    /// A column as numbers.
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        let j = self.column(name);
        self.rows
            .iter()
            .map(|row| row[j].parse().expect("a number"))
            .collect()
    }

    /// A column as text.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let j = self.column(name);
        self.rows.iter().map(|row| row[j].clone()).collect()
    }
}

/// Whitespace-separated numbers of a file, row by row.
pub fn matrix(path: &Path) -> Vec<Vec<f64>> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines()
        .map(|line| {
            line.split_whitespace()
                .map(|x| x.parse().expect("a number"))
                .collect()
        })
        .collect()
}

/// |a − b| divided by the larger of |a| and |b|; 0 if they are equal (NaN equals NaN).
pub fn relative_difference(a: f64, b: f64) -> f64 {
    if a == b || (a.is_nan() && b.is_nan()) {
        0.0
    } else {
        (a - b).abs() / a.abs().max(b.abs())
    }
}

/// The value of a line `## label = value` of a log.
pub fn log_value(log: &str, label: &str) -> String {
    let prefix = format!("## {label} =");
    log.lines()
        .find_map(|line| line.strip_prefix(&prefix))
        .unwrap_or_else(|| panic!("no line `{label}` in\n{log}"))
        .trim()
        .to_owned()
}
