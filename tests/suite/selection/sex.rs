//! `--sex-from`.

use super::{Study, fails, output};
use crate::common::jamma_in;
use crate::simulate::lines_of;

#[test]
fn sexes_are_read_and_counted() {
    let bench = tempfile::tempdir().unwrap();
    let here = bench.path();
    Study::simulate(3, 40, 30).write(here, "s");
    let fam = std::fs::read_to_string(here.join("s.fam")).unwrap();
    let fam = fam.lines().enumerate().map(|(i, line)| {
        let mut cells: Vec<&str> = line.split(' ').collect();
        cells[4] = ["1", "2", "2", "0"][i % 4];
        cells.join(" ") + "\n"
    });
    let fam: String = fam.collect();
    std::fs::write(here.join("s.fam"), fam).unwrap();
    let table = lines_of((0..30).map(|i| format!("I{i} {}", ["M", "F"][i % 2])));
    std::fs::write(here.join("table"), format!("#IID SEX\n{table}zz 1\n")).unwrap();
    std::fs::write(here.join("few"), "I0\nI1\nI2\nI39\n").unwrap();
    jamma_in(here, "lmm -bfile s -o plain").ok();
    for (words, said) in [
        (
            "fam",
            "--sex-from s.fam: 10 males, 20 females, 10 of unknown sex",
        ),
        (
            "table",
            "--sex-from table: 15 males, 15 females, 10 of unknown sex",
        ),
        (
            "fam --remove few",
            "--sex-from s.fam: 9 males, 18 females, 9 of unknown sex",
        ),
        (
            "table --keep few",
            "--sex-from table: 2 males, 1 female, 1 of unknown sex",
        ),
    ] {
        let command = if words.contains("few") { "gk" } else { "lmm" };
        jamma_in(here, &format!("{command} -bfile s -o x --sex-from {words}")).ok();
        let log = output(here, "x.log.txt");
        assert!(log.contains(said), "{words}: {log}");
        if words.starts_with("table") {
            assert!(log.contains("table: 1 listed individual not in the genotype files: zz"));
        }
        if command == "lmm" {
            assert_eq!(output(here, "x.assoc.txt"), output(here, "plain.assoc.txt"));
        }
    }
    std::fs::write(here.join("age"), "#IID AGE\nI1 7\n").unwrap();
    fails(
        here,
        "gk -bfile s --sex-from age",
        &["age:1: the header has no column SEX"],
    );
    fails(
        here,
        "gk -bfile s --sex-from absent",
        &["absent: cannot open"],
    );
}

/// A `.pgen` of storage mode 1 has the bytes of a `.bed`, and a `.pvar` without a header is a `.bim`.
#[test]
fn sexes_of_a_psam_are_read() {
    let bench = tempfile::tempdir().unwrap();
    let here = bench.path();
    Study::simulate(3, 40, 30).write(here, "s");
    for (from, to) in [("bed", "pgen"), ("bim", "pvar")] {
        std::fs::copy(here.join(format!("s.{from}")), here.join(format!("s.{to}"))).unwrap();
    }
    let rows = |sexes: [&str; 4]| lines_of((0..40).map(|i| format!("I{i} {}", sexes[i % 4])));
    let psam = format!("#IID SEX\n{}", rows(["1", "2", "F", "NA"]));
    std::fs::write(here.join("s.psam"), psam).unwrap();
    jamma_in(here, "gk --pfile s --kinship-qc all -o x --sex-from fam").ok();
    let log = output(here, "x.log.txt");
    let said = "--sex-from s.psam: 10 males, 20 females, 10 of unknown sex";
    assert!(log.contains(said), "{log}");

    let psam = format!("#IID AGE\n{}", rows(["1", "2", "3", "4"]));
    std::fs::write(here.join("s.psam"), psam).unwrap();
    fails(
        here,
        "gk --pfile s --kinship-qc all --sex-from fam",
        &[
            "--sex-from",
            "no .psam or .sample file with a column of sexes",
        ],
    );
}
