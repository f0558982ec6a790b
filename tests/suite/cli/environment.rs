//! The environment of a run: variables, and an empty directory.

use super::{bench, listing};
use crate::common::{Run, data, finished, jamma_command, jamma_in, log_value};
use std::path::Path;

/// `jamma` with a variable in its environment.
fn jamma_with(directory: &Path, words: &str, (name, value): (&str, &str)) -> Run {
    let mut command = jamma_command(directory);
    finished(command.args(words.split_whitespace()).env(name, value))
}

#[test]
fn threads_come_from_the_option_then_the_environment() {
    let bench = bench();
    let threads = |words: &str, value: &str| {
        let run = jamma_with(
            bench.path(),
            &format!("lmm -bfile s -lmm 3 {words}"),
            ("RAYON_NUM_THREADS", value),
        );
        assert_eq!(run.status, 0, "{}", run.stderr);
        let log = std::fs::read_to_string(bench.path().join("output/result.log.txt")).unwrap();
        log_value(&log, "  threads       ")
    };
    assert_eq!(threads("", "3"), "3");
    assert_eq!(threads("--threads 2", "3"), "2");
    let available = std::thread::available_parallelism().unwrap().to_string();
    assert_eq!(threads("", ""), available);
    assert_eq!(threads("", "0"), available, "for rayon, 0 means all");
    let run = jamma_with(bench.path(), "lmm -bfile s", ("RAYON_NUM_THREADS", "many"));
    assert!(
        run.status != 0 && run.stderr.contains("RAYON_NUM_THREADS: expected a number"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_option_backend_takes_precedence_over_the_variable() {
    let bench = bench();
    let over = |words, value| jamma_with(bench.path(), words, ("JAMMA_BACKEND", value));
    assert_eq!(over("lmm -bfile s --backend rust", "jax").status, 0);
    let refused = over("lmm -bfile s --backend jax", "rust");
    assert_eq!(refused.status, 1);
    assert!(
        refused
            .stderr
            .contains("--backend jax: this binary has only the backend rust")
            && refused.stderr.contains("pip install '.[jax]'"),
        "{}",
        refused.stderr
    );
    let unknown = over("lmm -bfile s --backend gpu", "");
    assert_eq!(unknown.status, 2);
    assert!(
        unknown
            .stderr
            .contains("--backend: expected rust or jax, found gpu"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn an_unavailable_backend_is_an_error_before_any_work() {
    let bench = bench();
    let run = jamma_with(bench.path(), "lmm -bfile s", ("JAMMA_BACKEND", "jax"));
    assert_ne!(run.status, 0);
    assert!(
        run.stderr
            .contains("JAMMA_BACKEND=jax: this binary has only the backend rust"),
        "{}",
        run.stderr
    );
    assert!(!bench.path().join("output").exists());
    for value in ["rust", ""] {
        assert_eq!(
            jamma_with(bench.path(), "lmm -bfile s", ("JAMMA_BACKEND", value)).status,
            0
        );
    }
}

#[test]
fn the_demo_finds_its_three_hits_in_an_empty_directory() {
    let bench = tempfile::tempdir().unwrap();
    let run = jamma_in(bench.path(), "demo").ok();
    let hits = run
        .stdout
        .lines()
        .skip_while(|line| !line.starts_with("top hits"))
        .skip(2)
        .take(3);
    let mut names: Vec<&str> = hits
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["rs10226", "rs10523", "rs10827"], "{}", run.stdout);
    assert_eq!(listing(bench.path()), ["output".to_owned()].into());
    assert_eq!(
        listing(&bench.path().join("output")),
        ["demo.assoc.txt", "demo.log.txt", "demo.run.json"]
            .map(str::to_owned)
            .into()
    );
    // The bundled copy of the same study.
    let assoc = std::fs::read(bench.path().join("output/demo.assoc.txt")).unwrap();
    let study = data("demo");
    jamma_in(
        bench.path(),
        &format!("lmm -bfile {} -lmm 4 -o bundled", study.display()),
    )
    .ok();
    assert!(std::fs::read(bench.path().join("output/bundled.assoc.txt")).unwrap() == assoc);
}
