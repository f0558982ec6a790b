//! `--effect-allele`, and which allele is counted.

use super::{Study, fails, output};
use crate::common::{Table, jamma_in, log_value, matrix, relative_difference};
use crate::simulate::lines_of;
use std::path::Path;
use tempfile::TempDir;

const P: usize = 90;

/// A study `s` that counts A, the same, `w`, that counts C, and lists of alleles.
fn bench() -> TempDir {
    let bench = tempfile::tempdir().unwrap();
    let here = bench.path();
    let study = Study::simulate(31, 61, P);
    study.write(here, "s");
    study.with_swapped_alleles().write(here, "w");
    let list = |allele: &dyn Fn(usize) -> &'static str| {
        lines_of((0..P).map(|j| format!("rs{j} {}", allele(j))))
    };
    for (name, text) in [
        ("all.C", list(&|_| "C")),
        ("all.a", list(&|_| "a")),
        (
            "half",
            format!("SNP A1\n{}absent G\n", list(&|j| ["A", "C"][j % 2])),
        ),
        ("odd", "rs3 C x\nrs5 T y\nrs7 G\n".to_owned()),
    ] {
        std::fs::write(here.join(name), text).unwrap();
    }
    bench
}

fn table(here: &Path, name: &str) -> Table {
    Table::read(&here.join(format!("output/{name}.assoc.txt")))
}

#[test]
fn outputs_are_those_of_genotypes_that_count_the_given_allele() {
    let bench = bench();
    let here = bench.path();
    for (words, file) in [
        ("lmm -lmm 4", "assoc.txt"),
        ("lmm -lmm 4 --all-snps -hwe 0.1 --block-snps 7", "assoc.txt"),
        ("lmm -lmm 2 -permutations 10", "assoc.txt"),
        ("gk", "cXX.txt"),
        ("gk -gk 2", "sXX.txt"),
        ("eigen", "eigenD.txt"),
    ] {
        for (study, list, expected) in [("s", "all.C", "w"), ("w", "all.a", "s")] {
            jamma_in(here, &format!("{words} -bfile {expected} -o e")).ok();
            jamma_in(
                here,
                &format!("{words} -bfile {study} --effect-allele {list} -o x"),
            )
            .ok();
            let same = output(here, &format!("e.{file}")) == output(here, &format!("x.{file}"));
            assert!(same, "{words}, {study}");
        }
    }
}

#[test]
fn the_effect_of_the_other_allele_has_the_other_sign_and_the_same_p() {
    let bench = bench();
    let here = bench.path();
    let words = "lmm -bfile s -lmm 4 --save-kinship";
    jamma_in(here, &format!("{words} -o a")).ok();
    jamma_in(here, &format!("{words} --effect-allele half -o b")).ok();
    let (a, b) = (table(here, "a"), table(here, "b"));
    assert_eq!(a.rows.len(), P);
    let at = |name: &str| a.column(name);
    let number = |row: &[String], name: &str| row[at(name)].parse::<f64>().unwrap();
    for (j, (a, b)) in a.rows.iter().zip(&b.rows).enumerate() {
        if j % 2 == 0 {
            assert_eq!(a[..at("beta")], b[..at("beta")]);
        }
        let (sign, alleles) = if j % 2 == 0 {
            (1.0, ["A", "C"])
        } else {
            (-1.0, ["C", "A"])
        };
        assert_eq!([&b[at("allele1")], &b[at("allele0")]], alleles);
        let af = if sign > 0.0 {
            number(a, "af")
        } else {
            1.0 - number(a, "af")
        };
        assert!((number(b, "af") - af).abs() < 1.1e-3);
        let close = |x: f64, y: f64| relative_difference(x, y) < 1e-5;
        assert!(
            close(number(b, "beta"), sign * number(a, "beta")),
            "{a:?} {b:?}"
        );
        for name in ["se", "p_wald", "p_lrt", "p_score"] {
            assert!(
                close(number(a, name), number(b, name)),
                "{name}: {a:?} {b:?}"
            );
        }
    }
    let [a, b] = ["a", "b"].map(|name| matrix(&here.join(format!("output/{name}.cXX.txt"))));
    for (a, b) in a.iter().flatten().zip(b.iter().flatten()) {
        assert!(
            (a - b).abs() < 1e-9,
            "the centred kinship does not depend on the counted allele"
        );
    }
}

#[test]
fn the_log_says_which_allele_is_counted_and_what_was_swapped() {
    let bench = bench();
    let here = bench.path();
    jamma_in(here, "lmm -bfile s -o x").ok();
    let counted = |log: &str| log_value(log, "counted allele (allele1)");
    assert_eq!(counted(&output(here, "x.log.txt")), "A1, column 5 of s.bim");
    jamma_in(here, "lmm -bfile s --effect-allele half -o x").ok();
    let log = output(here, "x.log.txt");
    assert_eq!(counted(&log), "that of half, else A1, column 5 of s.bim");
    assert!(log.contains(
        "--effect-allele half: alleles swapped at 45 SNPs; the given allele was already allele1 at 45"
    ));
    assert!(
        log.contains("half: 1 of 91 listed SNPs is not in the genotypes: "),
        "{log}"
    );
    jamma_in(here, "gk -bfile s --effect-allele odd -o x").ok();
    let log = output(here, "x.log.txt");
    assert!(
        log.contains("odd: neither allele is the given one at 2 SNPs, which keep their alleles; the first: rs5 has A and C, not T"),
        "{log}"
    );
}

#[test]
fn alleles_of_chosen_individuals_and_snps_are_swapped_too() {
    let bench = bench();
    let here = bench.path();
    let ids = lines_of((0..40).map(|i| format!("F{} I{i}", i / 4)));
    std::fs::write(here.join("ids"), ids).unwrap();
    let words = "lmm --keep ids --chr 1 --from-bp 500 --to-bp 3000";
    jamma_in(here, &format!("{words} -bfile w -o e")).ok();
    jamma_in(
        here,
        &format!("{words} -bfile s --effect-allele all.C -o x"),
    )
    .ok();
    assert_eq!(output(here, "x.assoc.txt"), output(here, "e.assoc.txt"));
}

#[test]
fn wrong_lists_of_alleles_are_errors() {
    let bench = bench();
    let here = bench.path();
    for (name, text) in [
        ("none", "x A\n"),
        ("two", "rs1 A\nrs1 C\n"),
        ("short", "rs1\n"),
    ] {
        std::fs::write(here.join(name), text).unwrap();
    }
    for (words, parts) in [
        (
            "none",
            &["none: none of the 1 listed SNPs is in the genotypes"][..],
        ),
        ("two", &["two:2: SNP \"rs1\" has two alleles, A and C"]),
        ("short", &["short:1: SNP \"rs1\" has no allele"]),
        ("absent", &["absent: cannot open"]),
    ] {
        fails(
            here,
            &format!("lmm -bfile s --effect-allele {words}"),
            parts,
        );
    }
}
