//! The linear model compared with PLINK 2's `--glm`, and recoded calls with those that PLINK 2 writes. Skipped if it is not
//! installed.

use super::{Sexed, assert_same, rows_on, without};
use crate::common::{Table, relative_difference};
use crate::properties::Bench;
use crate::simulate::lines_of;
use std::process::Command;

/// PLINK 2 prints six digits.
const PRINTED: f64 = 1e-5;

/// Runs plink2 with these words; `None` if it is not installed.
fn plink2(bench: &Bench, words: &str) -> Option<()> {
    let run = Command::new("plink2")
        .current_dir(bench.path())
        .args(["--threads", "1", "--memory", "2000"])
        .args(words.split(' '))
        .output();
    let Ok(run) = run else {
        #[allow(clippy::print_stdout, reason = "why the test does nothing")]
        {
            println!("skipped: plink2 is not installed");
        }
        return None;
    };
    let text = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "plink2 {words}: {text}");
    Some(())
}

/// Asserts that effects, standard errors and p-values of the SNPs that PLINK 2 tested are the same.
fn assert_same_tests(what: &str, found: &Table, plink: &Table, n: usize) {
    assert!(!plink.rows.is_empty(), "{what}");
    let ids = found.texts("rs");
    let [beta, se, p] = ["beta", "se", "p_wald"].map(|name| found.numbers(name));
    let mut n_compared = 0;
    for row in &plink.rows {
        let cell = |name: &str| row[plink.column(name)].as_str();
        let number = |name: &str| -> f64 { cell(name).parse().unwrap() };
        let Some(k) = ids.iter().position(|rs| rs == cell("ID")) else {
            panic!("{what}: {} was not tested", cell("ID"))
        };
        assert_eq!(cell("OBS_CT"), n.to_string());
        for (name, ours) in [("BETA", beta[k]), ("SE", se[k]), ("P", p[k])] {
            let theirs = number(name);
            assert!(
                relative_difference(ours, theirs) <= PRINTED,
                "{what} {}: {name} {ours}, PLINK {theirs}",
                cell("ID")
            );
        }
        n_compared += 1;
    }
    assert_eq!(n_compared, ids.len(), "{what}");
}

#[test]
fn effects_and_p_values_are_those_of_plink2() {
    let sexed = Sexed::simulate(101, 200, false, false);
    let bench = sexed.bench();
    let males = (sexed.study.individuals.iter().zip(&sexed.is_male)).filter(|(_, male)| **male);
    let males: Vec<String> = males
        .map(|((fid, iid), _)| format!("{fid} {iid}"))
        .collect();
    bench.write("males", lines_of(&males));
    let fam = sexed.fam();
    bench.write(
        "sex.tsv",
        lines_of(
            std::iter::once("#FID IID S".to_owned()).chain(fam.lines().map(|line| {
                let cells: Vec<&str> = line.split(' ').collect();
                format!("{} {} {}", cells[0], cells[1], cells[4])
            })),
        ),
    );
    let to = "-maf 0 -miss 1 -lm 1";
    for model in [1, 2] {
        let glm = format!("--bfile s --xchr-model {model} --out plink --glm omit-ref hide-covar");
        // SNPs of everybody, without and with sex as a covariate.
        for (covariate, ours, theirs) in [
            ("without", "", "allow-no-covars no-x-sex"),
            ("with", "-c sex.covar", "no-x-sex --covar sex.tsv"),
        ] {
            let what = format!("model {model}, {covariate} sex");
            let chr = "--chr 1,2,X,XY,MT";
            if plink2(&bench, &format!("{glm} {theirs} {chr}")).is_none() {
                return;
            }
            let plink = Table::read(&bench.file("plink.PHENO1.glm.linear"));
            bench.run(&format!(
                "lm -bfile s --chr-set human --x-model {model} {to} {ours} --chr 1,2,23,25,26 -o all"
            ));
            assert_same_tests(&what, &bench.assoc("all"), &plink, 200);
        }
        // With PLINK's default, sex is a covariate of SNPs on X alone.
        plink2(&bench, &format!("{glm} allow-no-covars --chr X")).unwrap();
        let plink = Table::read(&bench.file("plink.PHENO1.glm.linear"));
        bench.run(&format!(
            "lm -bfile s --chr-set human --x-model {model} {to} -c sex.covar --chr 23 -o x"
        ));
        assert_same_tests("X by default", &bench.assoc("x"), &plink, 200);
        // Only males have Y.
        plink2(&bench, &format!("{glm} allow-no-covars --chr Y")).unwrap();
        let plink = Table::read(&bench.file("plink.PHENO1.glm.linear"));
        bench.run(&format!(
            "lm -bfile s --chr-set human --x-model {model} {to} --keep males --chr 24 -o y"
        ));
        assert_same_tests("Y", &bench.assoc("y"), &plink, males.len());
    }
    // Model 0 of PLINK skips X.
    plink2(
        &bench,
        "--bfile s --xchr-model 0 --out plink --glm omit-ref allow-no-covars --chr 1,2,X,XY,MT",
    )
    .unwrap();
    let plink = Table::read(&bench.file("plink.PHENO1.glm.linear"));
    bench.run(&format!(
        "lm -bfile s --chr-set human --x-model none {to} --chr 1,2,23,25,26 -o none"
    ));
    assert_same_tests("none", &bench.assoc("none"), &plink, 200);
}

/// The calls that PLINK 2 sets to missing are set to missing, and the frequencies are PLINK's.
#[test]
fn missing_calls_and_frequencies_are_those_of_plink2() {
    let sexed = Sexed::simulate(103, 150, true, true);
    let bench = sexed.bench();
    let make = "--bfile s --set-hh-missing --set-mixed-mt-missing --make-bed --out made";
    if plink2(&bench, make).is_none() {
        return;
    }
    plink2(&bench, "--bfile made --freq --out made").unwrap();
    let to = "-maf 0 -miss 1 --all-snps";
    bench.run(&format!("lm -bfile s --chr-set human {to} -o found"));
    let found = bench.assoc("found");
    // PLINK calls the chromosomes by their names, and writes six digits of the phenotype.
    bench.write("made.bim", sexed.bim());
    bench.write("made.fam", sexed.fam());
    bench.run(&format!("lm -bfile made {to} -o made"));
    let made = bench.assoc("made");
    let (scale, names) = (["beta", "se", "af"], ["23", "24", "26"]);
    assert_same(
        "p-values",
        &without(&found, &scale),
        &without(&made, &scale),
    );
    let x = |table: &Table| without(&rows_on(table, &["23"]), &["af"]);
    assert_same("X", &x(&found), &x(&made));
    // One copy of a haploid counts once.
    for chr in &names[1..] {
        let beta = |table: &Table| rows_on(table, &[chr]).numbers("beta");
        for (ours, theirs) in beta(&found).into_iter().zip(beta(&made)) {
            assert!(
                relative_difference(ours, 2.0 * theirs) < 2e-6,
                "{ours} {theirs}"
            );
        }
    }
    let frequencies = Table::read(&bench.file("made.afreq"));
    let theirs = frequencies.numbers("ALT_FREQS");
    let [alt, ids] = ["ALT", "ID"].map(|name| frequencies.texts(name));
    assert!(ids == found.texts("rs") && alt.iter().all(|allele| allele == "A"));
    for (s, (ours, theirs)) in found.numbers("af").into_iter().zip(theirs).enumerate() {
        assert!(
            (ours - theirs).abs() <= 0.5005e-3,
            "rs{s}: {ours}, PLINK {theirs}"
        );
    }
}
