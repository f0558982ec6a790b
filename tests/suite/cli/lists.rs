//! Lists of SNPs: which of them restrict the kinship, and what happens if no SNP is left to test.

use super::bench;
use crate::common::{Table, jamma_in, log_value};
use std::path::Path;

fn bytes(bench: &Path, name: &str) -> Vec<u8> {
    let path = bench.join("output").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn run(bench: &Path, words: &str) -> String {
    jamma_in(bench, words).ok().stderr
}

#[test]
fn a_list_of_snps_to_test_does_not_change_the_computed_kinship() {
    let bench = bench();
    let here = bench.path();
    std::fs::write(here.join("one.txt"), "rs7\n").unwrap();
    std::fs::write(here.join("some.txt"), "rs3\nrs7\nrs9\nrs11\nrs20\n").unwrap();
    run(here, "lmm -bfile s -lmm 4 -o all");
    let all = Table::read(&here.join("output/all.assoc.txt"));
    let rs = all.column("rs");
    for (options, name) in [
        ("", "plain"),
        ("--save-kinship", "saved"),
        ("-gk 2", "standard"),
    ] {
        run(here, &format!("lmm -bfile s -lmm 4 {options} -o all"));
        let all = Table::read(&here.join("output/all.assoc.txt"));
        let expected: Vec<_> = all.rows.iter().filter(|row| row[rs] == "rs7").collect();
        run(
            here,
            &format!("lmm -bfile s -lmm 4 -snps one.txt {options} -o {name}"),
        );
        let found = Table::read(&here.join(format!("output/{name}.assoc.txt")));
        assert_eq!(found.rows.iter().collect::<Vec<_>>(), expected, "{options}");
        let log = String::from_utf8(bytes(here, &format!("{name}.log.txt"))).unwrap();
        assert_eq!(
            log_value(&log, "number of SNPs in the kinship"),
            all.rows.len().to_string()
        );
        assert_eq!(log_value(&log, "number of analyzed SNPs/var"), "1");
    }
    run(here, "gk -bfile s -o all");
    assert!(bytes(here, "saved.cXX.txt") == bytes(here, "all.cXX.txt"));
    // -ksnps narrows it, with or without -snps.
    run(here, "gk -bfile s -ksnps some.txt -o narrow");
    for options in ["-ksnps some.txt", "-ksnps some.txt -snps one.txt"] {
        run(here, &format!("lmm -bfile s {options} --save-kinship -o n"));
        assert!(
            bytes(here, "n.cXX.txt") == bytes(here, "narrow.cXX.txt"),
            "{options}"
        );
    }
    // As in GEMMA: the list restricts the kinship of a run that only computes the kinship.
    for words in [
        "gk -bfile s -snps some.txt -o n",
        "-gk -bfile s -snps some.txt -o n",
    ] {
        run(here, words);
        assert!(
            bytes(here, "n.cXX.txt") == bytes(here, "narrow.cXX.txt"),
            "{words}"
        );
    }
    run(here, "gk -bfile s -snps one.txt -ksnps some.txt -o n");
    assert!(bytes(here, "n.cXX.txt") == bytes(here, "narrow.cXX.txt"));
}

#[test]
fn a_run_that_tests_nothing_notes_that_the_list_does_not_restrict_its_kinship() {
    let bench = bench();
    let here = bench.path();
    std::fs::write(here.join("some.txt"), "rs3\nrs7\nrs9\nrs11\nrs20\n").unwrap();
    run(here, "eigen -bfile s -o all");
    run(here, "lmm -bfile s -lmm 5 -o all");
    for (words, file) in [
        ("eigen -bfile s", "eigenD.txt"),
        ("lmm -bfile s -lmm 5", "residU.txt"),
    ] {
        let said = run(here, &format!("{words} -snps some.txt -o n"));
        assert!(said.contains("this run tests none"), "{words}: {said}");
        assert!(
            bytes(here, &format!("n.{file}")) == bytes(here, &format!("all.{file}")),
            "{words}"
        );
        let said = run(here, &format!("{words} -ksnps some.txt -o n"));
        assert!(!said.contains("this run tests none"), "{words}: {said}");
        assert!(
            bytes(here, &format!("n.{file}")) != bytes(here, &format!("all.{file}")),
            "{words}"
        );
    }
}

#[test]
fn if_no_snp_is_left_to_test_the_table_has_only_its_header() {
    let bench = bench();
    let here = bench.path();
    std::fs::write(here.join("one.txt"), "rs7\n").unwrap();
    std::fs::write(here.join("nobody.txt"), "rs9999\n").unwrap();
    run(here, "gk -bfile s -o k");
    run(here, "lmm -bfile s -k output/k.cXX.txt -lmm 4 -o all");
    let all = bytes(here, "all.assoc.txt");
    let header = &all[..=all.iter().position(|&b| b == b'\n').unwrap()];
    for (options, reason) in [
        (
            "-k output/k.cXX.txt -maf 0.5 -hwe 1",
            "minor allele frequency below -maf",
        ),
        (
            "-k output/k.cXX.txt -snps one.txt -hwe 1 -maf 0.499",
            "(39: not in the -snps list",
        ),
        (
            "-ksnps one.txt -snps one.txt -r2 1 -hwe 0 -maf 0.01 --kinship-qc all",
            "",
        ),
    ] {
        let said = run(here, &format!("lmm -bfile s -lmm 4 {options} -o n"));
        if reason.is_empty() {
            continue;
        }
        assert!(bytes(here, "n.assoc.txt") == header, "{options}");
        let note = said.lines().find(|line| {
            line.starts_with("note: no SNP is left to test: the filters exclude all 40 (")
        });
        let note = note.unwrap_or_else(|| panic!("{options}: {said}"));
        assert!(
            note.contains(reason) && note.ends_with("has only its header line"),
            "{note}"
        );
        let log = String::from_utf8(bytes(here, "n.log.txt")).unwrap();
        assert_eq!(log_value(&log, "number of analyzed SNPs/var"), "0");
        assert!(log.contains("## note: no SNP is left to test"), "{log}");
        assert!(log.contains("## pve estimate in the null model"), "{log}");
    }
    run(
        here,
        "lmm -bfile s -k output/k.cXX.txt -maf 0.5 -hwe 1 --gz -o z",
    );
    assert!(here.join("output/z.assoc.txt.gz").exists());
    for (words, said) in [
        (
            "lmm -bfile s -k output/k.cXX.txt -snps nobody.txt -o e",
            "none of the 1 listed SNPs",
        ),
        (
            "lmm -bfile s -maf 0.5 -hwe 1 -o e",
            "no SNP is left for the kinship",
        ),
        (
            "lmm -bfile s -ksnps one.txt -maf 0.5 -hwe 1 -o e",
            "no SNP is left for the kinship",
        ),
        (
            "gk -bfile s -maf 0.5 -hwe 1 -o e",
            "no SNP is left for the kinship",
        ),
    ] {
        let failed = jamma_in(here, words);
        assert_eq!(failed.status, 1, "{words}");
        assert!(failed.stderr.contains(said), "{words}: {}", failed.stderr);
        assert!(!here.join("output/e.log.txt").exists());
    }
}
