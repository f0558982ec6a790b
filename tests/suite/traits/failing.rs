//! A trait that cannot be analysed fails by itself; the exit status says so.

use super::{labelled, study, write_fam};
use crate::common::{Run, Table, jamma_in};
use crate::properties::Bench;

/// Three traits that can be analysed (1, 3 and 6) and three that cannot: 2 is constant, 4 has no values, 5 has two.
fn bench() -> Bench {
    let (study, traits) = study();
    let bench = Bench::new(&study);
    let n = study.n();
    let mut two = vec!["NA".to_owned(); n];
    (two[8], two[30]) = ("1.5".into(), "2.5".into());
    let columns = [
        traits[0].clone(),
        vec!["3.25".to_owned(); n],
        traits[2].clone(),
        vec!["NA".to_owned(); n],
        two,
        traits[3].clone(),
    ];
    write_fam(&bench, "s", &study, &columns);
    bench
}

fn run(bench: &Bench, words: &str) -> Run {
    jamma_in(bench.path(), words)
}

#[test]
fn the_other_traits_are_written_and_the_exit_status_is_1() {
    let bench = bench();
    for words in ["-lmm 4", "-lmm 1 -k output/k.cXX.txt", "-lmm 4 -gk 2"] {
        bench.run("gk -bfile s -o k");
        let done = run(&bench, &format!("lmm -bfile s {words} --traits all -o m"));
        assert_eq!(done.status, 1, "{words}: {}", done.stderr);
        for number in [1, 3, 6] {
            bench.run(&format!("lmm -bfile s {words} -n {number} -o alone"));
            let name = format!("m.{number}.assoc.txt");
            assert!(
                bench.bytes(&name) == bench.bytes("alone.assoc.txt"),
                "{words} {number}"
            );
        }
        for number in [2, 4, 5] {
            assert!(!bench.output(&format!("m.{number}.assoc.txt")).exists());
            assert!(
                done.stderr.contains(&number.to_string()),
                "trait {number} is named: {}",
                done.stderr
            );
        }
        assert!(done.stderr.contains("constant"), "{}", done.stderr);
        let log = bench.log("m");
        assert!(log.contains("constant"), "{log}");
    }
    let outputs = bench.outputs();
    assert!(
        outputs.iter().all(|name| !name.ends_with(".partial")),
        "{outputs:?}"
    );
}

#[test]
fn failing_traits_have_no_rows_in_the_long_table() {
    let bench = bench();
    let done = run(&bench, "lmm -bfile s --traits 1-3 --long -o long");
    assert_eq!(done.status, 1, "{}", done.stderr);
    let mut rows = Vec::new();
    for number in [1, 3] {
        bench.run(&format!("lmm -bfile s -n {number} -o alone"));
        rows.extend(labelled(&bench.assoc("alone"), &number.to_string()));
    }
    let long = Table::read(&bench.output("long.assoc.txt"));
    assert!(long.rows == rows);
}

#[test]
fn a_trait_that_fails_with_loco_fails_by_itself() {
    let bench = bench();
    let bim = (0..120).map(|j| format!("{}\trs{j}\t0\t{}\tA\tC\n", 1 + j / 60, 100 * (j + 1)));
    bench.write("s.bim", bim.collect::<String>());
    let done = run(&bench, "lmm -bfile s --loco --traits 1,2 -o m");
    assert_eq!(done.status, 1, "{}", done.stderr);
    bench.run("lmm -bfile s --loco -n 1 -o alone");
    assert!(bench.bytes("m.1.assoc.txt") == bench.bytes("alone.assoc.txt"));
    assert!(!bench.output("m.2.assoc.txt").exists());
}

#[test]
fn fail_fast_stops_at_once() {
    let bench = bench();
    let done = run(&bench, "lmm -bfile s --traits all --fail-fast -o m");
    assert_eq!(done.status, 1, "{}", done.stderr);
    assert!(
        done.stderr.contains("phenotype 2") && done.stderr.contains("constant"),
        "{}",
        done.stderr
    );
    assert!(!bench.output("m.2.assoc.txt").exists());
    // A trait after it was not begun.
    assert!(!bench.output("m.6.assoc.txt").exists());
    // Without a failing trait it changes nothing.
    bench.run("lmm -bfile s --traits 1,3 --fail-fast -o fast");
    bench.run("lmm -bfile s --traits 1,3 -o m");
    for number in [1, 3] {
        let name = |prefix: &str| format!("{prefix}.{number}.assoc.txt");
        assert!(bench.bytes(&name("fast")) == bench.bytes(&name("m")));
    }
}

#[test]
fn a_run_without_any_trait_that_can_be_analysed_is_an_error() {
    let bench = bench();
    let done = run(&bench, "lmm -bfile s --traits 2,4-5 -o m");
    assert_eq!(done.status, 1, "{}", done.stderr);
    assert!(done.stderr.contains("error:"), "{}", done.stderr);
    for number in [2, 4, 5] {
        assert!(!bench.output(&format!("m.{number}.assoc.txt")).exists());
    }
}
