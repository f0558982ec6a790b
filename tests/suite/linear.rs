//! `jamma lm`, the linear model: equal to GEMMA's `-lm`, and to itself whatever the sources, traits, threads and blocks.

use crate::common::{Run, Table, data, jamma, jamma_in, log_value};
use crate::golden::assoc::assert_same_snps;
use crate::golden::decimal::units_apart;
use crate::golden::log::assert_same_counts;
use crate::live::{gemma_in, has_gemma, output_folder, shared};
use std::path::Path;

/// The number of cells of statistics in two tables of the same SNPs, and descriptions of those whose text differs.
fn unequal_cells(name: &str, ours: &Path, theirs: &Path) -> (usize, Vec<String>) {
    let (ours, theirs) = (Table::read(ours), Table::read(theirs));
    assert_same_snps(name, &ours, &theirs);
    let (mut cells, mut unequal) = (0, Vec::new());
    for (a, b) in ours.rows.iter().zip(&theirs.rows) {
        for (column, (a, b)) in ours.header.iter().zip(a.iter().zip(b)).skip(8) {
            cells += 1;
            if a != b {
                assert!(units_apart(a, b, 7) <= 1, "{name}: {column} {a}, GEMMA {b}");
                unequal.push(format!("{name}: {column} {a}, GEMMA {b}"));
            }
        }
    }
    (cells, unequal)
}

#[test]
fn every_cell_is_that_of_gemma() {
    if !has_gemma() {
        return;
    }
    let out = output_folder("linear");
    let to = format!("-outdir {} -silence", out.display());
    let (mut cells, mut unequal) = (0, Vec::new());
    for (dataset, more) in [
        ("plain", ""),
        ("missing", "-n 2 -miss 0.3 -maf 0"),
        ("missing", "-notsnp -r2 0.9 -c missing.covariates.txt"),
        ("covariates", "-c covariates_intercept.txt"),
        ("covariates", "-c covariates_na.txt -hwe 0.01"),
        ("odd", "-p odd.pheno.txt -maf 0.05"),
    ] {
        for mode in 1..=4 {
            let run = format!("-bfile {dataset} {more} -lm {mode} {to}");
            gemma_in(&data(""), &format!("{run} -o gemma"));
            jamma(&format!("{run} -o jamma")).ok();
            let file = |program: &str, ending: &str| out.join(format!("{program}.{ending}"));
            let found = unequal_cells(
                &run,
                &file("jamma", "assoc.txt"),
                &file("gemma", "assoc.txt"),
            );
            cells += found.0;
            unequal.extend(found.1);
            let log = |program| std::fs::read_to_string(file(program, "log.txt")).expect("a log");
            assert_same_counts(&run, &log("jamma"), &log("gemma"));
        }
    }
    assert!(cells > 10_000);
    // GEMMA centres nothing, and its rounding can reach the seventh digit.
    assert!(unequal.len() * 1000 <= cells, "{}", unequal.join("\n"));
}

#[test]
fn every_cell_of_mouse_hs1940_is_that_of_gemma() {
    let Some(mouse) = shared("mouse").filter(|_| has_gemma()) else {
        return;
    };
    let out = output_folder("linear_mouse");
    let to = format!(
        "-bfile mouse_hs1940 -lm 4 -outdir {} -silence",
        out.display()
    );
    gemma_in(&mouse, &format!("{to} -o gemma"));
    jamma_in(&mouse, &format!("{to} -o jamma")).ok();
    let [ours, theirs] = ["jamma", "gemma"].map(|name| out.join(format!("{name}.assoc.txt")));
    let (cells, unequal) = unequal_cells("mouse", &ours, &theirs);
    assert_eq!(cells, 9100 * 5);
    assert!(unequal.len() <= 5, "{}", unequal.join("\n"));
}

/// Runs `jamma lm` on `missing` with `more`, and returns the table with this name.
fn table(out: &Path, more: &str, name: &str) -> String {
    let to = format!("-outdir {} -o {name} -silence", out.display());
    jamma(&format!("lm -bfile missing -lm 4 {more} {to}")).ok();
    std::fs::read_to_string(out.join(format!("{name}.assoc.txt"))).unwrap_or_default()
}

#[test]
fn traits_threads_and_blocks_do_not_change_a_byte() {
    let out = output_folder("linear_traits");
    let c = "-c missing.covariates.txt --log10p --with-info --all-snps";
    table(&out, &format!("--traits all {c}"), "all");
    for column in 1..=4 {
        let file = out.join(format!("all.{column}.assoc.txt"));
        let together = std::fs::read_to_string(file).expect("a table");
        let alone = table(&out, &format!("-n {column} {c} --threads 1"), "one");
        assert_eq!(together, alone, "trait {column}");
        let blocks = table(&out, &format!("-n {column} {c} --block-snps 7"), "blocks");
        assert_eq!(blocks, alone, "trait {column}");
    }
    let header = table(&out, c, "header");
    let header = header.lines().next().expect("a header");
    assert_eq!(
        header.split('\t').collect::<Vec<_>>().join(" "),
        "chr rs ps n_mis n_obs allele1 allele0 af info beta se p_wald p_lrt p_score \
         neg_log10_p_wald neg_log10_p_lrt neg_log10_p_score status"
    );
    let long = table(&out, "--traits 1,2 --long", "long");
    assert!(long.starts_with("trait\tchr\trs\tps\tn_mis\tn_obs\t"));
}

#[test]
fn a_snp_that_is_a_covariate_is_reported_and_not_a_number() {
    let out = output_folder("linear_collinear");
    let to = format!("-outdir {} -o run -silence", out.display());
    jamma(&format!(
        "lm -bfile covariates -c covariates.txt -r2 1 -lm 4 {to}"
    ))
    .ok();
    let table = Table::read(&out.join("run.assoc.txt"));
    let nan: Vec<&str> = (table.rows.iter())
        .filter(|row| row.iter().any(|cell| cell == "nan"))
        .map(|row| row[1].as_str())
        .collect();
    let log = std::fs::read_to_string(out.join("run.log.txt")).expect("a log");
    assert!(!nan.is_empty());
    assert_eq!(
        log_value(&log, "SNPs with undefined statistics (nan)"),
        nan.len().to_string()
    );
    assert!(!log.contains("null model") && !log.contains("pve"), "{log}");
    assert!(log.contains("##      time on optimization = "));
}

#[test]
fn options_of_a_kinship_are_refused_by_name() {
    for (words, option) in [
        ("lm -bfile plain -k k.txt", "-k"),
        ("lm -bfile plain -loco", "-loco"),
        ("lm -bfile plain --permutations 10", "--permutations"),
        ("lm -bfile plain -lmm 1", "-lmm"),
        ("-bfile plain -lm 1 -loco", "-loco"),
        ("-bfile plain -lm 1 -loco 1", "-loco"),
        ("-bfile plain -lm 1 -lmin 0.1", "-lmin"),
        ("-bfile plain -lm 1 -lmax 10", "-lmax"),
        ("-bfile plain -lm 1 -region 3", "-region"),
        ("-bfile plain -lm 1 --rotation f32", "--rotation"),
        ("-bfile plain -lm 1 --eigen-cache d", "--eigen-cache"),
        ("-bfile plain -lm 1 --save-kinship", "--save-kinship"),
        ("-bfile plain -lm 1 -ksnps s", "-ksnps"),
        ("-bfile plain -lm 1 -gk 1", "-lm"),
        ("-bfile plain -lm 1 -d d -u u", "-d"),
        ("-bfile plain -lm 1 --permutations 10", "--permutations"),
        ("-bfile plain -lm 1 -gxe e.txt", "--gxe"),
        ("-bfile plain -lm 1 --gxe-effects", "--gxe-effects"),
        ("-bfile plain -lm 5", "-lm"),
    ] {
        let Run { status, stderr, .. } = jamma(words);
        assert_eq!(status, 2, "{words}: {stderr}");
        assert!(
            stderr.starts_with(&format!("error: {option}: ")),
            "{words}: {stderr}"
        );
        assert!(stderr.contains("hint: "), "{words}: {stderr}");
    }
}

#[test]
fn a_kinship_in_gemmas_spelling_is_ignored_with_a_note() {
    let out = output_folder("linear_kinship");
    let to = format!("-bfile plain -lm 1 -outdir {} -silence", out.display());
    jamma(&format!("{to} -o with -k ../gemma/plain/gk1.cXX.txt")).ok();
    jamma(&format!("{to} -o without")).ok();
    let read = |name: &str| std::fs::read_to_string(out.join(name)).expect("a file");
    assert_eq!(read("with.assoc.txt"), read("without.assoc.txt"));
    let log = read("with.log.txt");
    assert!(log.contains("## note: -k is ignored, as in GEMMA"), "{log}");
}

#[test]
fn dosages_of_whole_numbers_give_the_statistics_of_calls() {
    let out = output_folder("linear_dosages");
    let bim = std::fs::read_to_string(data("plain.bim")).expect("SNPs");
    let bed = std::fs::read(data("plain.bed")).expect("genotypes");
    let fam = std::fs::read_to_string(data("plain.fam")).expect("individuals");
    let n = fam.lines().count();
    let mut text = String::new();
    for (line, snp) in bim.lines().zip(bed[3..].chunks(n.div_ceil(4))) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        text.push_str(&[fields[1], fields[4], fields[5]].join(", "));
        for i in 0..n {
            let dosage = ["2", "NA", "1", "0"][usize::from(snp[i / 4] >> (2 * (i % 4)) & 3)];
            text.push_str(", ");
            text.push_str(dosage);
        }
        text.push('\n');
    }
    let geno = out.join("geno.txt");
    std::fs::write(&geno, text).expect("written");
    let pheno: Vec<&str> = fam
        .lines()
        .map(|line| line.split_whitespace().nth(5).unwrap())
        .collect();
    let p = out.join("pheno.txt");
    std::fs::write(&p, pheno.join("\n") + "\n").expect("written");
    let to = format!("-lm 4 -outdir {} -silence", out.display());
    jamma(&format!("lm -bfile plain -o calls {to}")).ok();
    jamma(&format!(
        "lm -g {} -p {} -o dosages {to}",
        geno.display(),
        p.display()
    ))
    .ok();
    let [calls, dosages] =
        ["calls", "dosages"].map(|name| Table::read(&out.join(format!("{name}.assoc.txt"))));
    assert_eq!(calls.rows.len(), dosages.rows.len());
    for (a, b) in calls.rows.iter().zip(&dosages.rows) {
        assert_eq!(a[3..8], b[3..8]);
        for (a, b) in a[8..].iter().zip(&b[8..]) {
            assert!(units_apart(a, b, 7) <= 1, "{a} {b}");
        }
    }
}
