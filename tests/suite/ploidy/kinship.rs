//! Kinships use autosomes only, whatever is tested.

use super::{Sexed, assert_same, rows_on};
use crate::common::log_value;
use crate::simulate::lines_of;

#[test]
fn the_kinship_is_that_of_the_autosomes_alone() {
    let sexed = Sexed::simulate(53, 90, true, true);
    let bench = sexed.bench();
    for (words, ending) in [
        ("gk", "cXX.txt"),
        ("gk -gk 2", "sXX.txt"),
        ("gk --kinship-qc all", "cXX.txt"),
        ("gk -c sex.covar -loco 2", "cXX.txt"),
        ("eigen", "eigenD.txt"),
        ("eigen -loco 1", "eigenD.txt"),
    ] {
        let run = |bfile: &str| {
            bench.run(&format!("{words} -bfile {bfile} -o k"));
            bench.bytes(&format!("k.{ending}"))
        };
        let expected = run("a");
        assert!(run("s --chr-set human") == expected, "{words}");
        assert!(run("s --chr-set 22 --block-snps 9") == expected, "{words}");
        assert!(run("s") != expected, "{words}");
    }
    // To the bit, it is that of a list of the SNPs on autosomes.
    let autosomes = [sexed.on("1"), sexed.on("2")].concat();
    bench.write("list", lines_of(autosomes.iter().map(|s| format!("rs{s}"))));
    bench.run("gk -bfile s -ksnps list --format npy -o list");
    bench.run("gk -bfile s --chr-set human --format npy -o set");
    assert!(bench.bytes("list.cXX.npy") == bench.bytes("set.cXX.npy"));
    // Sex is not needed.
    let fam = sexed.fam().replace(" 0 0 1 ", " 0 0 0 ");
    bench.write("s.fam", fam);
    bench.run("gk -bfile s --chr-set human -o k");
    let log = bench.log("k");
    let excluded = "SNPs excluded from the kinship, not on an autosome (--chr-set)";
    assert_eq!(log_value(&log, excluded), "35");
    assert!(!log.contains("set to missing"), "{log}");
}

#[test]
fn lmm_computes_the_same_kinship() {
    let sexed = Sexed::simulate(59, 90, true, true);
    let bench = sexed.bench();
    bench.run("gk -bfile a -o a");
    bench.run("lmm -bfile s --chr-set human --save-kinship -o s");
    assert!(bench.bytes("s.cXX.txt") == bench.bytes("a.cXX.txt"));
    let listed = [sexed.on("23"), vec![1, 2, 3, 4, 60, 70]].concat();
    bench.write("list", lines_of(listed.iter().map(|s| format!("rs{s}"))));
    bench.run("gk -bfile a -ksnps list -o a");
    bench.run("gk -bfile s -ksnps list --chr-set human -o s");
    assert!(bench.bytes("s.cXX.txt") == bench.bytes("a.cXX.txt"));
}

/// Each autosome is tested with the kinship of the others, and the rest together with that of all autosomes.
#[test]
fn loco_leaves_out_autosomes_and_the_rest_together() {
    let sexed = Sexed::simulate(61, 90, true, true);
    let bench = sexed.bench();
    let words = "-lmm 4 -c sex.covar --chr-set human -maf 0 -miss 1";
    let run = bench.run(&format!("lmm -bfile s {words} -loco -o loco"));
    assert!(
        run.stderr.contains("-loco leaves 5 chromosomes out together, as `not_autosomal`: 23, 24, 25, 26, 0; none of them"),
        "{}",
        run.stderr
    );
    let loco = bench.assoc("loco");
    for chr in ["1", "2"] {
        bench.run(&format!("lmm -bfile s {words} -loco {chr} -o one"));
        assert_same(
            &format!("without {chr}"),
            &bench.assoc("one"),
            &rows_on(&loco, &[chr]),
        );
    }
    let others = ["23", "24", "25", "26", "0"];
    for chr in others {
        bench.run(&format!("lmm -bfile s {words} -loco {chr} -o one"));
        assert_same(
            &format!("without {chr}"),
            &bench.assoc("one"),
            &rows_on(&loco, &[chr]),
        );
    }
    bench.run(&format!("lmm -bfile s {words} -o all"));
    let all = rows_on(&bench.assoc("all"), &others);
    assert_same("all autosomes", &all, &rows_on(&loco, &others));
    bench.run("gk -bfile s --chr-set human --loco -o k");
    bench.run("gk -bfile a -o a");
    assert!(bench.bytes("k.not_autosomal.cXX.txt") == bench.bytes("a.cXX.txt"));
}
