//! `--keep` and `--remove`.

use super::{Study, fails, output};
use crate::common::{jamma_in, log_value};
use crate::simulate::{lines_of, permuted};
use std::path::Path;
use tempfile::TempDir;

const N: usize = 101;

/// The rows that are kept; the others are removed.
fn kept() -> Vec<usize> {
    (0..N).filter(|i| i % 7 != 3 && i % 5 != 4).collect()
}

/// A study `s`, the same without some of its individuals, `t`, and files for both.
fn bench() -> TempDir {
    let bench = tempfile::tempdir().unwrap();
    let here = bench.path();
    let mut study = Study::simulate(17, N, 120);
    for i in [2, 30, 33] {
        study.phenotype[i] = "NA".into();
    }
    // An individual that is removed must not count for the filters: without the others, the SNP is monomorphic.
    study.snps[5] = (0..N).map(|i| Some(u8::from(i % 7 == 3))).collect();
    study.write(here, "s");
    study.permuted(&kept()).write(here, "t");
    let covariates: Vec<String> = (0..N).map(|i| format!("1 {}", (i * i) % 11)).collect();
    let phenotypes: Vec<String> = (0..N).map(|i| format!("{}", (i * 37) % 29)).collect();
    let ids = |rows: &[usize]| {
        let ids = permuted(&study.individuals, rows);
        lines_of(ids.iter().map(|(fid, iid)| format!("{fid} {iid}")))
    };
    let others: Vec<usize> = (0..N).filter(|i| !kept().contains(i)).collect();
    for (name, text) in [
        ("keep.txt", ids(&kept())),
        ("remove.txt", ids(&others)),
        ("c.s", lines_of(&covariates)),
        ("c.t", lines_of(permuted(&covariates, &kept()))),
        ("p.s", lines_of(&phenotypes)),
        ("p.t", lines_of(permuted(&phenotypes, &kept()))),
    ] {
        std::fs::write(here.join(name), text).unwrap();
    }
    bench
}

/// Every output of `words` but the log is the same for `s` with the kept individuals and for `t`.
#[track_caller]
fn assert_same(here: &Path, words: &str) {
    let of = |study: &str| words.replace("STUDY", study);
    for (choice, name) in [("--keep keep.txt", "kept"), ("--remove remove.txt", "left")] {
        jamma_in(here, &format!("{} -bfile s {choice} -o {name}", of("s"))).ok();
        jamma_in(here, &format!("{} -bfile t -o expected", of("t"))).ok();
        let mut n_compared = 0;
        for entry in std::fs::read_dir(here.join("output")).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            let Some(rest) = file.strip_prefix("expected.") else {
                continue;
            };
            if rest != "log.txt" && rest != "run.json" {
                let same = output(here, &file) == output(here, &format!("{name}.{rest}"));
                assert!(same, "`{words}` {choice}: {rest}");
                n_compared += 1;
            }
        }
        assert!(n_compared > 0, "{words}");
        std::fs::remove_dir_all(here.join("output")).unwrap();
    }
}

#[test]
fn results_are_those_of_genotypes_without_the_other_individuals() {
    let bench = bench();
    for words in [
        "gk",
        "gk -gk 2",
        "gk --kinship-qc all",
        "gk -p p.STUDY -c c.STUDY",
        "eigen",
        "lmm -lmm 4",
        "lmm -lmm 4 -c c.STUDY --all-snps --save-kinship",
        "lmm -lmm 1 -p p.STUDY --kinship-qc all --block-snps 7",
        "lmm -lmm 5",
        "lmm -hwe 0.01 -miss 0.01 -permutations 20",
    ] {
        assert_same(bench.path(), words);
    }
}

#[test]
fn kinships_of_all_individuals_are_read_for_those_that_are_kept() {
    let bench = bench();
    let here = bench.path();
    for study in ["s", "t"] {
        jamma_in(
            here,
            &format!("gk -bfile {study} --kinship-qc all -o k{study}"),
        )
        .ok();
    }
    std::fs::create_dir(here.join("k")).unwrap();
    for file in ["ks.cXX.txt", "kt.cXX.txt"] {
        std::fs::copy(here.join("output").join(file), here.join("k").join(file)).unwrap();
    }
    // With ids and without; the kinship of all individuals, or of those that are kept.
    let keep = "--keep keep.txt";
    jamma_in(
        here,
        "lmm -bfile s -k output/ks.cXX.txt -o x --keep keep.txt",
    )
    .ok();
    let by_ids = output(here, "x.assoc.txt");
    jamma_in(here, &format!("lmm -bfile s -k k/ks.cXX.txt -o x {keep}")).ok();
    assert_eq!(output(here, "x.assoc.txt"), by_ids);
    jamma_in(here, "lmm -bfile t -k output/ks.cXX.txt -o x").ok();
    assert_eq!(output(here, "x.assoc.txt"), by_ids);
    jamma_in(
        here,
        &format!("lmm -bfile s -k output/kt.cXX.txt -o x {keep}"),
    )
    .ok();
    let of_kept = output(here, "x.assoc.txt");
    jamma_in(here, "lmm -bfile t -k k/kt.cXX.txt -o x").ok();
    assert_eq!(output(here, "x.assoc.txt"), of_kept);
    // Positions are those in the genotype files.
    for (words, what) in [
        ("-k k/kt.cXX.txt", "k/kt.cXX.txt"),
        ("-p p.t", "p.t has"),
        ("-c c.t", "c.t has"),
    ] {
        fails(
            here,
            &format!("lmm -bfile s {keep} {words}"),
            &[
                what,
                "101",
                "also of those that --keep and --remove exclude",
            ],
        );
    }
    // An eigendecomposition is that of the analysed individuals.
    jamma_in(here, "eigen -bfile t -o e").ok();
    let eigen = "-d output/e.eigenD.txt -u output/e.eigenU.txt";
    jamma_in(here, &format!("lmm -bfile s {eigen} -o x {keep}")).ok();
    let from_eigen = output(here, "x.assoc.txt");
    jamma_in(here, &format!("lmm -bfile t {eigen} -o x")).ok();
    assert_eq!(output(here, "x.assoc.txt"), from_eigen);
}

#[test]
fn the_log_counts_the_individuals_and_names_unknown_ones() {
    let bench = bench();
    let here = bench.path();
    std::fs::write(
        here.join("few"),
        "#IID note\nI1 x\nI5 y\nI5 y\nI77 z\nnobody x\nno2 x\n",
    )
    .unwrap();
    jamma_in(here, "gk -bfile s --keep keep.txt --remove few -o x").ok();
    let log = output(here, "x.log.txt");
    let n = kept().len();
    assert!(log.contains(&format!(
        "## note: --keep keep.txt: {n} of 101 individuals kept"
    )));
    assert!(log.contains("## note: --remove few: 3 of 101 individuals removed"));
    assert!(
        log.contains("## note: few: 2 listed individuals not in the genotype files: nobody, no2")
    );
    let n_removed = [1, 5, 77].iter().filter(|i| kept().contains(i)).count();
    let total = log_value(&log, "number of total individuals");
    assert_eq!(total, (n - n_removed).to_string());
    assert_eq!(
        output(here, "x.cXX.id")
            .lines()
            .filter(|l| !l.starts_with('#'))
            .count(),
        n - n_removed
    );
}

#[test]
fn a_list_that_leaves_nobody_or_cannot_be_read_is_an_error() {
    let bench = bench();
    let here = bench.path();
    std::fs::write(here.join("nobody"), "x y\n").unwrap();
    fails(
        here,
        "gk -bfile s --keep nobody",
        &["none of the 1 listed individual", "first is F0 I0"],
    );
    fails(
        here,
        "gk -bfile s --keep keep.txt --remove keep.txt",
        &["no individual is left of the 101", "--keep lists"],
    );
    fails(here, "lmm -bfile s --keep absent", &["absent: cannot open"]);
    fails(
        here,
        "lmm -bfile s --keep",
        &["--keep: the option needs a value"],
    );
    // A list is an input.
    std::fs::write(here.join("x.log.txt"), "F0 I0\n").unwrap();
    fails(
        here,
        "gk -bfile s --remove x.log.txt -outdir . -o x",
        &["would overwrite this file"],
    );
}
