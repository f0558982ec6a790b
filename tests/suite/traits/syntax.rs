//! Lists of traits, and what is not one.

use super::bench;
use crate::common::jamma_in;

#[test]
fn lists_and_ranges_name_columns() {
    let bench = bench();
    for (list, numbers) in [
        ("all", vec![1, 2, 3, 4, 5, 6, 7]),
        ("4", vec![4]),
        ("1,3", vec![1, 3]),
        ("2-4", vec![2, 3, 4]),
        ("1,3,5-7", vec![1, 3, 5, 6, 7]),
        ("3-3", vec![3]),
    ] {
        let _ = std::fs::remove_dir_all(bench.output(""));
        bench.run(&format!("lmm -bfile s --traits {list} -o m"));
        let mut expected: Vec<String> = numbers
            .iter()
            .map(|number| format!("m.{number}.assoc.txt"))
            .collect();
        expected.extend(["m.log.txt", "m.run.json"].map(str::to_owned));
        assert_eq!(bench.outputs(), expected, "{list}");
    }
}

#[test]
fn a_list_that_is_none_is_rejected_before_anything_is_read() {
    let bench = bench();
    for list in [
        "0",
        "0-3",
        "5-3",
        "a",
        "1,a",
        "1,,2",
        "1,",
        "-3",
        "1-",
        "1-2-3",
        "1.5",
        "1;2",
        "1,1",
        "1-3,2",
        "2,1-3",
        "99999999999999999999",
    ] {
        let run = jamma_in(bench.path(), &format!("lmm -bfile nowhere --traits={list}"));
        assert_eq!(run.status, 2, "{list}: {}", run.stderr);
        assert!(run.stderr.contains("--traits"), "{list}: {}", run.stderr);
    }
    let run = jamma_in(bench.path(), "lmm -bfile s --traits");
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(!bench.path().join("output").exists());
}

#[test]
fn an_unknown_column_is_an_error_that_names_it() {
    let bench = bench();
    bench.write("y.txt", "1 2.5\n0 3.5\n".repeat(45));
    for words in [
        "--traits 8",
        "--traits 1,8",
        "--traits 6-8",
        "-p y.txt --traits 1-8",
    ] {
        let said = bench.rejected(&format!("lmm -bfile s {words}"));
        assert!(said.contains('8') || said.contains('3'), "{words}: {said}");
        assert!(
            said.contains("phenotype") || said.contains("column"),
            "{words}: {said}"
        );
    }
    let outputs = bench.path().join("output");
    assert!(!outputs.exists() || bench.outputs().is_empty());
}

#[test]
fn several_columns_of_n_are_rejected_with_a_pointer_to_traits() {
    let bench = bench();
    for words in ["lmm -bfile s -n 1 2", "-bfile s -lmm 1 -n 1 3"] {
        let run = jamma_in(bench.path(), words);
        assert_eq!(run.status, 2, "{}", run.stderr);
        assert!(run.stderr.contains("--traits"), "{}", run.stderr);
    }
}

#[test]
fn a_kinship_has_no_traits() {
    let bench = bench();
    for command in ["gk", "eigen"] {
        let run = jamma_in(bench.path(), &format!("{command} -bfile s --traits all"));
        assert_ne!(run.status, 0);
        assert!(run.stderr.contains("traits"), "{}", run.stderr);
    }
}
