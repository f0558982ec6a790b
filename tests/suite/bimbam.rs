//! BIMBAM mean genotypes (`-g`, `-a`): the results are GEMMA's, and those of the same study in PLINK files.
#![allow(clippy::print_stdout, reason = "tables to read with --nocapture")]

mod rejected;

use super::common::{Table, jamma_in, log_value};
use super::live::{assert_alike, assert_same_log, gemma_in, has_gemma, output_folder, shared};
use super::simulate::{Random, Study, lines_of};
use std::fmt::Write as _;
use std::path::Path;

/// The genotypes of a study: rs0, rs1, …, hard calls.
pub fn genotypes(study: &Study) -> String {
    let [allele1, allele0] = study.alleles;
    let mut text = String::new();
    for (j, snp) in study.snps.iter().enumerate() {
        write!(text, "rs{j}, {allele1}, {allele0}").unwrap();
        for call in snp {
            match call {
                Some(copies) => write!(text, ", {copies}").unwrap(),
                None => text.push_str(", NA"),
            }
        }
        text.push('\n');
    }
    text
}

/// The positions in [`Study::write`].
pub fn annotation(study: &Study) -> String {
    let snps = 0..study.snps.len();
    lines_of(snps.map(|j| format!("rs{j}, {}, 1", 100 * (j + 1))))
}

/// Dosages with decimals around the calls of a study.
fn dosages(study: &Study, random: &mut Random) -> String {
    let mut text = String::new();
    for (j, snp) in study.snps.iter().enumerate() {
        write!(text, "rs{j} A G").unwrap();
        for call in snp {
            match call {
                None => text.push_str(" NA"),
                Some(copies) if random.below(3) == 0 => write!(text, " {copies}").unwrap(),
                Some(copies) => {
                    let dosage = (f64::from(*copies) + 0.3 * random.normal()).clamp(0.0, 2.0);
                    write!(text, " {dosage:.*}", 1 + random.below(4)).unwrap();
                }
            }
        }
        text.push('\n');
    }
    text
}

/// A folder with a study in BIMBAM and PLINK files: `g.txt`, `a.txt`, `p.txt` and `s.*`.
fn folder_of(test: &str, study: &Study) -> std::path::PathBuf {
    let out = output_folder(&format!("bimbam_{test}"));
    study.write(&out, "s");
    write(&out, "g.txt", genotypes(study));
    write(&out, "a.txt", annotation(study));
    write(&out, "p.txt", lines_of(&study.phenotype));
    out
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    std::fs::write(folder.join(name), text).unwrap();
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// A study whose first individual has no phenotype.
fn study(seed: u64, n: usize, p: usize) -> Study {
    let mut study = Study::simulate(seed, n, p);
    study.phenotype[0] = "NA".into();
    study
}

/// Asserts that kinships in text agree in all but a few last digits.
fn assert_same_kinship(folder: &Path, ours: &str, theirs: &str) {
    let (ours, theirs) = (text(folder, ours), text(folder, theirs));
    let cells = |text: &str| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (ours, theirs) = (cells(&ours), cells(&theirs));
    assert_eq!(ours.len(), theirs.len());
    let different: Vec<_> = ours.iter().zip(&theirs).filter(|(a, b)| a != b).collect();
    println!(
        "kinship: {} of {} entries differ: {different:?}",
        different.len(),
        ours.len()
    );
    assert!(500 * different.len() <= ours.len(), "{different:?}");
    for (a, b) in different {
        let [a, b] = [a, b].map(|x| x.parse::<f64>().unwrap());
        assert!((a - b).abs() <= 2e-10 * a.abs().max(1.0), "{a} {b}");
    }
}

#[test]
fn dosages_give_the_kinship_and_the_tests_of_gemma() {
    if !has_gemma() {
        return;
    }
    let study = study(11, 90, 400);
    let out = folder_of("gemma", &study);
    write(&out, "g.txt", dosages(&study, &mut Random::new(5)));
    let all = annotation(&study);
    // SNPs without annotation have chromosome and position -9; a position may be NA.
    write(
        &out,
        "a.txt",
        all.replacen("rs3, 400", "rs3, NA", 1)
            .replacen("rs7, 800, 1\n", "", 1),
    );
    for (kind, ending) in [(1, "cXX"), (2, "sXX")] {
        let gk = format!("-g g.txt -a a.txt -p p.txt -gk {kind} -outdir . -silence");
        gemma_in(&out, &format!("{gk} -o gemma"));
        jamma_in(&out, &format!("{gk} -o jamma")).ok();
        assert_same_kinship(
            &out,
            &format!("jamma.{ending}.txt"),
            &format!("gemma.{ending}.txt"),
        );
        for lmm in [1, 4] {
            let lmm = format!(
                "-g g.txt -a a.txt -p p.txt -k gemma.{ending}.txt -lmm {lmm} -outdir . -silence"
            );
            gemma_in(&out, &format!("{lmm} -o gemma"));
            jamma_in(&out, &format!("{lmm} -o jamma")).ok();
            let [ours, theirs] =
                ["jamma", "gemma"].map(|name| out.join(format!("{name}.assoc.txt")));
            assert_alike("bimbam", &ours, &theirs);
            let [ours, theirs] = ["jamma", "gemma"].map(|name| out.join(format!("{name}.log.txt")));
            assert_same_log("bimbam", &ours, &theirs);
        }
    }
    let table = Table::read(&out.join("jamma.assoc.txt"));
    let at = |rs: &str| table.rows.iter().find(|row| row[1] == rs).unwrap()[..3].join(" ");
    assert_eq!([at("rs3"), at("rs7")], ["1 rs3 -9", "-9 rs7 -9"]);
}

#[test]
fn without_an_annotation_and_with_covariates_results_are_those_of_gemma() {
    if !has_gemma() {
        return;
    }
    let study = study(12, 70, 150);
    let out = folder_of("plain", &study);
    let mut random = Random::new(9);
    let covariates = (0..70).map(|i| match i {
        5 => "1\tNA".to_owned(),
        _ => format!("1\t{:.4}", random.normal()),
    });
    write(&out, "c.txt", lines_of(covariates));
    let inputs = "-g g.txt -p p.txt -c c.txt -outdir . -silence";
    gemma_in(&out, &format!("{inputs} -gk -o k"));
    jamma_in(&out, &format!("{inputs} -gk -o j")).ok();
    assert_same_kinship(&out, "j.cXX.txt", "k.cXX.txt");
    let lmm = format!("{inputs} -k k.cXX.txt -lmm 4 -maf 0.1 -miss 0.02 -hwe 0.01");
    gemma_in(&out, &format!("{lmm} -o gemma"));
    jamma_in(&out, &format!("{lmm} -o jamma")).ok();
    let [ours, theirs] = ["jamma", "gemma"].map(|name| out.join(format!("{name}.assoc.txt")));
    assert_alike("bimbam", &ours, &theirs);
    let [ours, theirs] = ["jamma", "gemma"].map(|name| out.join(format!("{name}.log.txt")));
    assert_same_log("bimbam", &ours, &theirs);
    assert!(
        Table::read(&ours.with_file_name("jamma.assoc.txt"))
            .rows
            .iter()
            .all(|row| row[0] == "-9")
    );
}

#[test]
fn bxd_gives_the_published_results() {
    let Some(bxd) = shared("bxd") else { return };
    let out = output_folder("bimbam_bxd");
    let at = |name: &str| bxd.join(name).display().to_string();
    let inputs = format!(
        "-g {} -a {} -p {} -c {} -maf 0.1 -outdir . -silence",
        at("BXD_geno.txt.gz"),
        at("BXD_snps.txt"),
        at("BXD_pheno.txt"),
        at("BXD_covariates2.txt")
    );
    jamma_in(&out, &format!("{inputs} -gk -o k")).ok();
    let kinship = text(&out, "k.cXX.txt");
    assert!(
        kinship.starts_with("0.2429741339\t-0.02276684838\t0.02701206692\t"),
        "{}",
        &kinship[..60]
    );
    jamma_in(&out, &format!("{inputs} -k k.cXX.txt -lmm 4 -o lmm")).ok();
    let log = text(&out, "lmm.log.txt");
    for (label, value) in [
        ("number of total individuals", "198"),
        ("number of analyzed individuals", "67"),
        ("number of covariates", "3"),
        ("number of total SNPs/var", "7320"),
        ("number of analyzed SNPs/var", "7317"),
        ("REMLE log-likelihood in the null model", "-42.7287"),
        ("MLE log-likelihood in the null model", "-43.1922"),
    ] {
        assert_eq!(log_value(&log, label), value, "{label}");
    }
    let table = Table::read(&out.join("lmm.assoc.txt"));
    let row = table
        .rows
        .iter()
        .find(|row| row[1] == "rs31443144")
        .unwrap();
    assert_eq!(row[0], "1");
    assert_eq!(
        row[7..].join(" "),
        "1.740933e-01 1.152873e-01 -4.200587e+01 1.000000e-05 1.000000e-05 1.360220e-01 1.234747e-01 1.363352e-01"
    );
}

#[test]
fn the_same_calls_in_plink_files_give_the_same_results() {
    let study = study(13, 80, 500);
    let out = folder_of("twin", &study);
    let bim = (0..500).map(|j| format!("{}\trs{j}\t0\t{}\tA\tC", 1 + j / 180, 100 * (j + 1)));
    write(&out, "s.bim", lines_of(bim));
    let places = (0..500)
        .rev()
        .map(|j| format!("rs{j}\t{}\t{}\t0.5", 100 * (j + 1), 1 + j / 180));
    write(&out, "a.txt", lines_of(places));
    for options in ["gk", "gk -gk 2 -loco 2", "eigen"] {
        let options = format!("{options} -outdir . -silence");
        jamma_in(&out, &format!("{options} -g g.txt -a a.txt -p p.txt -o g")).ok();
        jamma_in(&out, &format!("{options} -bfile s -o b")).ok();
    }
    assert_same_kinship(&out, "g.cXX.txt", "b.cXX.txt");
    assert_same_kinship(&out, "g.sXX.txt", "b.sXX.txt");
    for options in [
        "",
        "-k b.cXX.txt",
        "-loco 2 -k b.sXX.txt",
        "--loco --loco-min-snps 1",
        "-snps list.txt -maf 0.3",
    ] {
        write(&out, "list.txt", "rs1\nrs300\nrs4\n");
        let options = format!("lmm -lmm 4 {options} -outdir . -silence");
        jamma_in(&out, &format!("{options} -g g.txt -a a.txt -p p.txt -o g")).ok();
        jamma_in(&out, &format!("{options} -bfile s -o b")).ok();
        let [ours, theirs] =
            ["g", "b"].map(|name| Table::read(&out.join(format!("{name}.assoc.txt"))));
        assert_eq!(ours.header, theirs.header);
        assert_eq!(ours.rows.len(), theirs.rows.len(), "{options}");
        assert!(!ours.rows.is_empty());
        let cells = ours.rows.iter().flatten().zip(theirs.rows.iter().flatten());
        let n_different = cells.filter(|(a, b)| a != b).count();
        println!(
            "{options}: {n_different} cells differ of {}",
            15 * ours.rows.len()
        );
        assert_alike(&options, &out.join("g.assoc.txt"), &out.join("b.assoc.txt"));
    }
}

#[test]
fn compression_separators_blocks_and_threads_do_not_matter() {
    let study = study(14, 40, 300);
    let out = folder_of("forms", &study);
    let plain = dosages(&study, &mut Random::new(6));
    write(&out, "g.txt", &plain);
    write(
        &out,
        "comma.txt",
        plain.replace(' ', ",").replace('\n', "\r\n"),
    );
    write(&out, "tab.txt", plain.replace(' ', "\t").trim_end());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, plain.as_bytes()).unwrap();
    write(&out, "g.gz", gzip.finish().unwrap());
    let run = |words: &str, name: &str| {
        jamma_in(
            &out,
            &format!("lmm -lmm 4 -a a.txt -p p.txt -outdir . -silence {words} -o {name}"),
        )
        .ok();
        text(&out, &format!("{name}.assoc.txt"))
    };
    let expected = run("-g g.txt", "plain");
    assert!(expected.lines().count() > 200);
    for words in [
        "-g comma.txt",
        "-g tab.txt",
        "-g g.gz",
        "-g g.txt --block-snps 7 --threads 1",
        "-g g.gz --block-snps 256 --threads 3",
    ] {
        assert!(run(words, "other") == expected, "{words}");
    }
}

#[test]
fn a_run_says_what_is_not_annotated_and_numbers_its_individuals() {
    let mut study = study(15, 30, 60);
    for snp in &mut study.snps {
        snp[4] = None;
    }
    let out = folder_of("notes", &study);
    write(
        &out,
        "a.txt",
        annotation(&study).replacen("rs7, 800, 1\n", "", 1),
    );
    let run = jamma_in(&out, "lmm -g g.txt -a a.txt -p p.txt -outdir . -o r").ok();
    for part in [
        "1 of 60 SNPs of g.txt are not listed",
        "1 individual without any genotype: number 5",
    ] {
        assert!(run.stderr.contains(part), "{part} is not in {}", run.stderr);
    }
    let log = text(&out, "r.log.txt");
    assert_eq!(log_value(&log, "number of total SNPs/var"), "60");
    assert_eq!(log_value(&log, "number of total individuals"), "30");
    let run = jamma_in(&out, "lmm -g g.txt -p p.txt -outdir . -o r").ok();
    assert!(
        run.stderr
            .contains("without -a, the chromosome and position of every SNP are -9"),
        "{}",
        run.stderr
    );
}

#[test]
fn rows_are_in_the_order_of_the_genotypes_and_never_matched_by_number() {
    let study = study(16, 30, 60);
    let out = folder_of("order", &study);
    let to = "-g g.txt -a a.txt -outdir . -silence";
    jamma_in(&out, &format!("lmm {to} -p p.txt -o plain")).ok();
    // A column of other numbers, which would be ids of a .fam, is only a phenotype.
    let rows = study.phenotype.iter().enumerate();
    write(
        &out,
        "numbered.txt",
        lines_of(rows.map(|(i, y)| format!("{} {y}", 30 - i))),
    );
    jamma_in(&out, &format!("lmm {to} -p numbered.txt -n 2 -o numbered")).ok();
    assert!(text(&out, "plain.assoc.txt") == text(&out, "numbered.assoc.txt"));

    jamma_in(&out, &format!("gk {to} -p p.txt -o k")).ok();
    let ids = text(&out, "k.cXX.id");
    assert!(ids.starts_with("#NUMBER\n1\n2\n"), "{ids}");
    jamma_in(&out, &format!("lmm {to} -p p.txt -k k.cXX.txt -o k")).ok();
    jamma_in(&out, &format!("eigen {to} -p p.txt -k k.cXX.txt -o k")).ok();
    jamma_in(
        &out,
        &format!("lmm {to} -p p.txt -d k.eigenD.txt -u k.eigenU.txt -o d"),
    )
    .ok();
    // A matrix with ids is used in its order, and so is one with numbers in a study with ids.
    jamma_in(&out, "gk -bfile s -outdir . -silence -o b").ok();
    let run = jamma_in(
        &out,
        "lmm -g g.txt -a a.txt -outdir . -p p.txt -k b.cXX.txt -o b",
    )
    .ok();
    assert!(
        run.stderr
            .contains("its ids are not used, because the genotypes have none"),
        "{}",
        run.stderr
    );
    let run = jamma_in(&out, "lmm -bfile s -outdir . -k k.cXX.txt -o s").ok();
    assert!(
        run.stderr.contains("it has no ids; rows are assumed"),
        "{}",
        run.stderr
    );
    assert_alike(
        "kinship",
        &out.join("b.assoc.txt"),
        &out.join("k.assoc.txt"),
    );
    assert_alike(
        "kinship",
        &out.join("s.assoc.txt"),
        &out.join("k.assoc.txt"),
    );
    assert_alike("eigen", &out.join("d.assoc.txt"), &out.join("k.assoc.txt"));
    // The decomposition of other individuals is rejected.
    let mut other = study.phenotype.clone();
    other.swap(0, 9);
    write(&out, "p.txt", lines_of(other));
    let run = jamma_in(
        &out,
        &format!("lmm {to} -p p.txt -d k.eigenD.txt -u k.eigenU.txt -o d"),
    );
    assert_eq!(run.status, 1);
    assert!(
        run.stderr
            .contains("is of other individuals: number 2 there is number 1"),
        "{}",
        run.stderr
    );
}
