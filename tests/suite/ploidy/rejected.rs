//! What is wrong or makes no sense is named, with the remedy.

use super::{Sexed, without};
use crate::simulate::lines_of;

#[test]
fn a_missing_sex_is_named_if_a_test_needs_it() {
    let sexed = Sexed::simulate(79, 60, true, true);
    let bench = sexed.bench();
    let unknown = |line: &str| {
        let mut cells: Vec<&str> = line.split(' ').collect();
        if ["I7", "I30"].contains(&cells[1]) {
            cells[4] = "0";
        }
        cells.join(" ")
    };
    let fam = sexed.fam();
    bench.write("s.fam", lines_of(fam.lines().map(unknown)));
    let who = "but the sex of 2 of 60 analysed individuals is not known: F1 I7, F7 I30";
    for (words, what) in [
        (
            "lm",
            "there are 14 SNPs to test on X (the first: rs40) and 8 SNPs to test on Y (the first: rs54)",
        ),
        ("lmm", "14 SNPs to test on X"),
        ("lmm -loco", "14 SNPs to test on X"),
        ("lm --x-model none", "there are 8 SNPs to test on Y"),
        (
            "lm --chr 23 --from-bp 4201",
            "there are 12 SNPs to test on X (the first: rs42)",
        ),
        (
            "lmm -k output/k.cXX.txt --chr 1 --condition rs45",
            "SNP rs45 of --condition is on X",
        ),
    ] {
        bench.run("gk -bfile s -o k");
        let said = bench.rejected(&format!("{words} -bfile s --chr-set human -o n"));
        assert!(said.contains(what) && said.contains(who), "{words}: {said}");
        assert!(said.contains("--sex-from FILE"), "{said}");
    }
    for words in [
        "lm --chr 1-22",
        "lm --chr 23 --x-model none",
        "lm --chr 23 --to-bp 4300 --par 1-4300",
        "lmm -loco 2",
        "gk",
        "eigen",
        "lmm -lmm 5",
        "lm --sex-from sex.txt",
    ] {
        bench.run(&format!("{words} -bfile s --chr-set human -o n"));
    }
    // Nor is the sex of those who are not analysed needed.
    let without_phenotype = |line: &str| {
        let line = unknown(line);
        if line.contains(" 0 0 0 ") {
            let start = line.rsplit_once(' ').unwrap().0;
            return format!("{start} NA");
        }
        line
    };
    bench.write("s.fam", lines_of(fam.lines().map(without_phenotype)));
    bench.run("lm -bfile s --chr-set human -o n");
    bench.write(
        "s.fam",
        lines_of(fam.lines().map(|line| line.replace(" 0 0 1 ", " 0 0 0 "))),
    );
    let said = bench.rejected("lm -bfile s --chr-set human");
    assert!(
        said.contains("analysed individuals is not known: F0 I0"),
        "{said}"
    );
    assert!(said.contains("more"), "{said}");
}

#[test]
fn options_that_make_no_sense_are_refused_by_name() {
    let sexed = Sexed::simulate(83, 60, false, true);
    let bench = sexed.bench();
    for (words, parts) in [
        ("lm --x-model 1", ["--x-model", "--chr-set human"]),
        ("lm --par hg19", ["--par", "treated alike"]),
        ("lm --chr-set cat", ["found \"cat\"", "human, mouse, rat"]),
        (
            "lm --chr-set human --x-model 3",
            ["--x-model", "expected 2, 1 or none, found 3"],
        ),
        (
            "lm --chr-set mouse --par hg19",
            ["--par", "build of the human genome"],
        ),
        ("lm --chr-set human --par 7", ["--par", "START-END"]),
        (
            "lm --chr-set rice --x-model 1",
            ["--x-model", "no sex chromosomes"],
        ),
        (
            "lm --chr-set rice",
            [
                "chromosome 23, which it does not have (rice: 12 autosomes)",
                "--chr-set N",
            ],
        ),
        (
            "lm --chr-set mouse",
            [
                "chromosome 24, which it does not have",
                "mouse: 19 autosomes, X (20)",
            ],
        ),
        (
            "-gk --chr-set human --x-model 1",
            ["--x-model", "does not test SNPs"],
        ),
        (
            "-eigen --chr-set human --par hg38",
            ["--par", "does not test SNPs"],
        ),
        ("gk --chr-set human --x-model 1", ["--x-model", "lmm"]),
        (
            "lmm --chr-set human -loco --loco-min-snps 5",
            ["--loco-min-snps", "whatever their size"],
        ),
        (
            "lmm --chr-set human --x-model none --condition rs45",
            ["--condition", "SNP rs45 is on X"],
        ),
        ("lm --cow", ["--chr-set", "not an option of jamma"]),
        ("lm --xchr-model 2", ["--x-model", "not an option of jamma"]),
        ("lm --split-par hg38", ["--par", "not an option of jamma"]),
    ] {
        let said = bench.rejected(&format!("{words} -bfile s"));
        for part in parts {
            assert!(said.contains(part), "{words}: {part:?} is not in: {said}");
        }
    }
    let numeric = crate::numeric::individual_rows(&sexed.study);
    bench.write("s.csv", numeric);
    let said = bench.rejected("lm --numeric s.csv --no-dosage-range -p y --chr-set human");
    assert!(
        said.contains("--no-dosage-range") || said.contains("copies of an allele"),
        "{said}"
    );
    // Without autosomes, no kinship can be computed.
    bench.write(
        "s.bim",
        sexed
            .bim()
            .replace("1\trs", "Un\trs")
            .replace("2\trs", "Un2\trs"),
    );
    let said = bench.rejected("gk -bfile s --chr-set human");
    assert!(
        said.contains("115: not on an autosome (--chr-set)"),
        "{said}"
    );
}

/// Names, codes and the prefix of chromosomes do not matter.
#[test]
fn chromosomes_may_have_any_of_their_names() {
    let sexed = Sexed::simulate(89, 60, true, true);
    let bench = sexed.bench();
    bench.run("lmm -bfile s --chr-set human -lmm 4 -o codes");
    let codes = without(&bench.assoc("codes"), &["chr"]);
    for names in [
        ["chr1", "chr2", "chrX", "chrY", "XY", "chrM", "chrUn"],
        ["01", "02", "x", "Y", "PAR1", "MT", "scaffold_7"],
    ] {
        let codes_and_names = ["1", "2", "23", "24", "25", "26", "0"]
            .into_iter()
            .zip(names);
        let bim = sexed
            .bim()
            .lines()
            .map(|line| {
                let (chr, rest) = line.split_once('\t').unwrap();
                let name = codes_and_names
                    .clone()
                    .find(|(code, _)| *code == chr)
                    .unwrap();
                format!("{}\t{rest}", name.1)
            })
            .collect::<Vec<_>>();
        bench.write("s.bim", lines_of(bim));
        bench.run("lmm -bfile s --chr-set human -lmm 4 -o names");
        assert_eq!(without(&bench.assoc("names"), &["chr"]), codes);
    }
}

#[test]
fn without_the_species_every_chromosome_is_treated_alike() {
    let sexed = Sexed::simulate(97, 60, true, true);
    let bench = sexed.bench();
    bench.run("lmm -bfile s -lmm 4 --save-kinship -o codes");
    let bim = sexed.bim();
    let one = bim
        .lines()
        .map(|line| format!("1\t{}", line.split_once('\t').unwrap().1));
    bench.write("s.bim", lines_of(one));
    bench.write("s.fam", sexed.fam().replace(" 0 0 1 ", " 0 0 0 "));
    bench.run("lmm -bfile s -lmm 4 --save-kinship -o one");
    let of = |name: &str| without(&bench.assoc(name), &["chr"]);
    assert_eq!(of("codes"), of("one"));
    assert!(bench.bytes("codes.cXX.txt") == bench.bytes("one.cXX.txt"));
    assert!(!bench.log("codes").contains("chr-set = "));
}
