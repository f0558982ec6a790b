//! `--interaction`: equal to `-gxe` with the imputed genotypes of the partner.

use super::bench;
use crate::simulate::{Study, lines_of};

/// The genotypes of a SNP, one on each line with all digits; missing ones are the mean of those at `rows`.
fn environment(study: &Study, s: usize, rows: &[usize]) -> String {
    let observed = rows.iter().filter_map(|&i| study.snps[s][i]);
    let observed: Vec<f64> = observed.map(f64::from).collect();
    let mean = observed.iter().sum::<f64>() / observed.len() as f64;
    let values = study.snps[s].iter();
    lines_of(values.map(|x| x.map_or(mean, f64::from)))
}

#[test]
fn tests_are_those_with_the_partner_as_environment_to_the_byte() {
    let (mut study, bench) = bench();
    for i in [0, 1, 13, 40, 41] {
        study.snps[17][i] = None;
    }
    let bim = std::fs::read(bench.file("s.bim")).unwrap();
    study.write(bench.path(), "s");
    bench.write("s.bim", bim);
    let rows: Vec<usize> = (0..90).filter(|i| i % 13 != 0).collect();
    bench.write("partner.txt", environment(&study, 17, &rows));
    for words in [
        "-lmm 4 --gxe-effects --all-snps --log10p",
        "-lmm 4 -loco",
        "-lmm 9 -c c.txt --condition rs63 --model dominant",
        "-lmm 1 -widv w.txt -gk 2 --threads 1 --block-snps 9",
    ] {
        let run = |more: &str, name: &str| {
            bench.run(&format!("lmm -bfile s {words} {more} -o {name}"));
            bench.bytes(&format!("{name}.assoc.txt"))
        };
        let expected = run("-gxe partner.txt", "e");
        assert!(expected == run("--interaction rs17", "i"), "{words}");
        assert!(expected != run("--interaction rs18", "other"), "{words}");
    }
    let log = bench.log("i");
    for text in [
        "missing genotypes among the analysed individuals, which are replaced by its mean",
        "--interaction: the environment is the number of copies of allele1 of SNP rs17",
    ] {
        assert!(log.contains(text), "{log}");
    }
}

#[test]
fn the_partner_is_not_tested_with_itself() {
    let (_, bench) = bench();
    bench.run("lmm -bfile s --all-snps --interaction rs63 -k k.cXX.txt -lmm 4 -o i");
    let table = bench.assoc("i");
    for (s, row) in table.rows.iter().enumerate() {
        let status = &row[table.column("status")];
        if status.starts_with("excluded_") {
            continue;
        }
        let is_collinear = status == "collinear";
        assert_eq!(is_collinear, s == 63, "rs{s}");
        assert_eq!(is_collinear, row[table.column("p_wald")] == "nan", "rs{s}");
    }
}

#[test]
fn traits_of_different_individuals_have_means_of_their_own() {
    let (mut study, bench) = bench();
    study.snps[17][5] = None;
    let steps = [11, 4];
    study.write(bench.path(), "s");
    let fam = study.individuals.iter().enumerate().map(|(i, (fid, iid))| {
        let [a, b] = steps.map(|step| match i % step {
            0 => "NA".into(),
            _ => ((i * i % 101) as f64 / 50.0).to_string(),
        });
        format!("{fid} {iid} 0 0 1 {a} {b}\n")
    });
    bench.write("s.fam", fam.collect::<String>());
    bench.run("lmm -bfile s --traits all --interaction rs17 -o all");
    for (number, step) in (1..).zip(steps) {
        let rows: Vec<usize> = (0..90).filter(|i| i % step != 0).collect();
        bench.write("e.txt", environment(&study, 17, &rows));
        bench.run(&format!("lmm -bfile s -n {number} -gxe e.txt -o one"));
        let found = bench.bytes(&format!("all.{number}.assoc.txt"));
        assert!(found == bench.bytes("one.assoc.txt"), "{number}");
    }
}

#[test]
fn partners_that_are_unknown_ambiguous_or_constant_are_named() {
    let (mut study, bench) = bench();
    for x in &mut study.snps[8] {
        *x = Some(1);
    }
    for x in &mut study.snps[9] {
        *x = None;
    }
    study.write(bench.path(), "s");
    for (words, text) in [
        (
            "--interaction rs500",
            "--interaction: no SNP of the genotypes has this id: rs500",
        ),
        (
            "--interaction rs8",
            "the environment SNP rs8 is 1 for all 83 analysed individuals",
        ),
        (
            "--interaction rs9",
            "--interaction: none of the 83 analysed individuals has a genotype of SNP rs9",
        ),
        (
            "--interaction rs63 --condition rs63",
            "the environment SNP rs63 is a linear combination of the covariates",
        ),
        (
            "--interaction rs7 -gxe e.txt",
            "--interaction: an environment is given too",
        ),
        (
            "--interaction rs7 -lmm 5",
            "--interaction: this run does not test SNPs",
        ),
        (
            "--interaction rs7 --rotation f32",
            "--rotation: interactions are rotated in f64 only",
        ),
        (
            "--interaction rs7 --permutations 9",
            "--permutations: the tests of interactions",
        ),
    ] {
        let found = bench.rejected(&format!("lmm -bfile s {words}"));
        assert!(
            found.contains(text) && found.contains("hint: "),
            "{words}: {found}"
        );
    }
    let bim = std::fs::read_to_string(bench.file("s.bim")).unwrap();
    bench.write("s.bim", bim.replace("rs63\t", "rs17\t"));
    let found = bench.rejected("lmm -bfile s --interaction rs17");
    assert!(
        found.contains("--interaction: several SNPs of the genotypes have this id: rs17"),
        "{found}"
    );
    for words in [
        "gk -bfile s --interaction rs7",
        "lm -bfile s --interaction rs7",
    ] {
        let found = bench.rejected(words);
        assert!(
            found.starts_with("error: --interaction"),
            "{words}: {found}"
        );
    }
    let found = bench.rejected("-bfile s -lm 1 --interaction rs7");
    assert!(
        found.contains("the linear model does not test interactions"),
        "{found}"
    );
}
