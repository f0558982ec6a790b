//! `--info` and `--with-info`.

use super::{Study, fails, output};
use crate::common::{Table, jamma_in, log_value};
use crate::simulate::lines_of;
use std::path::Path;

const P: usize = 80;

fn study() -> Study {
    let mut study = Study::simulate(37, 70, P);
    for i in [4, 50] {
        study.phenotype[i] = "NA".into();
    }
    // Without heterozygotes, r² is 2.
    study.snps[7] = (0..70).map(|i| Some([0, 2][i % 2])).collect();
    study
}

/// MaCH's r² of a SNP over the individuals with a phenotype: Σ (x − x̄)² / n / (2p(1 − p)).
fn by_hand(study: &Study, j: usize) -> f64 {
    let calls = study.snps[j].iter().zip(&study.phenotype);
    let x: Vec<f64> = calls
        .filter(|(_, y)| *y != "NA")
        .filter_map(|(call, _)| call.map(f64::from))
        .collect();
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    variance / (2.0 * (mean / 2.0) * (1.0 - mean / 2.0))
}

fn table(here: &Path, name: &str) -> Table {
    Table::read(&here.join(format!("output/{name}.assoc.txt")))
}

#[test]
fn the_column_is_the_value_by_hand_and_the_others_do_not_change() {
    let bench = tempfile::tempdir().unwrap();
    let here = bench.path();
    let study = study();
    study.write(here, "s");
    jamma_in(here, "lmm -miss 1 -bfile s -lmm 4 -o plain").ok();
    jamma_in(here, "lmm -miss 1 -bfile s -lmm 4 --with-info -o x").ok();
    let (plain, with) = (table(here, "plain"), table(here, "x"));
    let at = with.column("info");
    assert_eq!(with.header[at - 1], "af");
    let mut without = with.clone();
    without.header.remove(at);
    without.rows.iter_mut().for_each(|row| drop(row.remove(at)));
    assert_eq!(without, plain);
    for (rs, info) in with.texts("rs").iter().zip(with.numbers("info")) {
        let expected = by_hand(&study, rs[2..].parse().unwrap());
        assert!((info - expected).abs() < 5.01e-4, "{rs}: {info} {expected}");
    }
    assert!(with.rows.iter().any(|row| row[at] == "2.000"));
    // In a long table of several traits, and with the status.
    jamma_in(
        here,
        "lmm -miss 1 -bfile s --with-info --traits all --long --all-snps -o long",
    )
    .ok();
    let long = table(here, "long");
    assert_eq!(long.header[7..9], ["af", "info"]);
    assert_eq!(long.texts("info"), with.texts("info"));
}

#[test]
fn snps_of_low_quality_are_excluded_counted_and_not_in_the_kinship() {
    let bench = tempfile::tempdir().unwrap();
    let here = bench.path();
    let study = study();
    study.write(here, "s");
    let is_good = |j: usize| by_hand(&study, j) >= 0.95;
    let good = (0..P).filter(|&j| is_good(j)).map(|j| format!("rs{j}"));
    let good = lines_of(good);
    let n_bad = (0..P).filter(|&j| !is_good(j)).count();
    assert!(n_bad > 3 && n_bad < P - 3, "{n_bad}");
    std::fs::write(here.join("good"), good).unwrap();
    jamma_in(here, "lmm -miss 1 -bfile s -snps good -ksnps good -o e").ok();
    jamma_in(here, "lmm -miss 1 -bfile s --info 0.95 -o x").ok();
    assert_eq!(output(here, "x.assoc.txt"), output(here, "e.assoc.txt"));
    let log = output(here, "x.log.txt");
    let counted = log_value(&log, "SNPs excluded, imputation quality below --info");
    assert_eq!(counted, n_bad.to_string());
    assert!(!output(here, "e.log.txt").contains("imputation"));
    jamma_in(here, "gk -miss 1 -bfile s -ksnps good -o e").ok();
    jamma_in(here, "gk -miss 1 -bfile s --info 0.95 -o x").ok();
    assert_eq!(output(here, "x.cXX.txt"), output(here, "e.cXX.txt"));
    jamma_in(
        here,
        "lmm -miss 1 -bfile s --info 0.95 --all-snps --with-info -o all",
    )
    .ok();
    let all = table(here, "all");
    assert_eq!(all.rows.len(), P);
    for (j, status) in all.texts("status").iter().enumerate() {
        assert_eq!(
            status == "excluded_imputation_quality",
            !is_good(j),
            "rs{j}: {status}"
        );
    }
    fails(here, "gk -bfile s --with-info", &["--with-info"]);
    fails(
        here,
        "lmm -lmm 5 -bfile s --with-info",
        &["--with-info: this run does not test SNPs"],
    );
    fails(
        here,
        "lmm -miss 1 -bfile s --info 1.5",
        &["--info: expected a number from 0 to 1"],
    );
}
