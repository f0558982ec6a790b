//! `jamma lm --model` against `plink2 --glm`, if it is installed.

use crate::common::{command, finished, relative_difference};
use crate::properties::Bench;
use crate::simulate::Study;
use std::collections::HashMap;

/// BETA, SE, statistic and P of each SNP and test of `plink2 --glm`, by their names.
fn plink2(bench: &Bench, modifier: &str) -> HashMap<(String, String), [f64; 4]> {
    // Counting ALT, which is allele1.
    let words = format!("--bfile s --glm {modifier} allow-no-covars omit-ref --threads 1 --out p");
    finished(command("plink2", bench.path()).args(words.split(' '))).ok();
    let text = std::fs::read_to_string(bench.file("p.PHENO1.glm.linear")).unwrap();
    let mut lines = text
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let column = |prefix: &str| {
        let mut names = header.iter();
        names.position(|name| name.starts_with(prefix)).unwrap()
    };
    let [id, test, beta, se, statistic, p] =
        ["ID", "TEST", "BETA", "SE", "T_", "P"].map(|prefix| match prefix {
            "P" => header.iter().position(|name| *name == "P").unwrap(),
            "T_" => header
                .iter()
                .position(|name| name.ends_with("STAT"))
                .unwrap(),
            prefix => column(prefix),
        });
    lines
        .map(|row| {
            let numbers = [beta, se, statistic, p].map(|j| row[j].parse().unwrap_or(f64::NAN));
            ((row[id].to_owned(), row[test].to_owned()), numbers)
        })
        .collect()
}

#[test]
#[allow(clippy::print_stderr, reason = "reports what was not tested")]
fn linear_tests_are_those_of_plink2() {
    const N: usize = 120;
    let bench = Bench::empty();
    let mut study = Study::simulate(99, N, 150);
    // PLINK excludes individuals with missing calls; jamma imputes them.
    for x in study.snps.iter_mut().flatten() {
        *x = Some(x.unwrap_or(0));
    }
    study.write(bench.path(), "s");
    let version = command("plink2", bench.path()).arg("--version").output();
    if version.is_err() {
        eprintln!("skipped: plink2 is not installed");
        return;
    }
    for (model, modifier, tests) in [
        ("dominant", "dominant", &["DOM"][..]),
        ("recessive", "recessive", &["REC"]),
        ("overdominant", "hetonly", &["HET"]),
        ("genotypic", "genotypic", &["ADD", "DOMDEV", "GENO_2DF"]),
    ] {
        let theirs = plink2(&bench, modifier);
        bench.run(&format!("lm -bfile s --model {model} -maf 0 -o m"));
        let ours = bench.assoc("m");
        let mut n_compared = 0;
        for row in &ours.rows {
            let number = |name: &str| row[ours.column(name)].parse::<f64>().unwrap();
            for test in tests {
                let theirs = theirs.get(&(row[1].clone(), (*test).to_owned()));
                let [beta, se, statistic, p] = *theirs.expect("a row of plink2");
                let pairs = match *test {
                    "ADD" => vec![("beta_add", beta), ("se_add", se)],
                    "DOMDEV" => vec![("beta_dom", beta), ("se_dom", se)],
                    "GENO_2DF" => {
                        // Of F on 2 and n − 3 degrees of freedom. The version 2.00a3.5 of PLINK takes n for n − 3.
                        let df = (N - 3) as f64;
                        let p_wald = (1.0 + 2.0 * statistic / df).powf(-df / 2.0);
                        vec![("p_wald", p_wald)]
                    }
                    _ => vec![("beta", beta), ("se", se), ("p_wald", p)],
                };
                for (name, b) in pairs {
                    let a = number(name);
                    // PLINK prints six digits, and no numbers if it finds columns too collinear.
                    let close = relative_difference(a, b) < 2e-5 || (a - b).abs() < 1e-7;
                    assert!(
                        close || b.is_nan(),
                        "{model} {} {name}: {a}, plink2 {b}",
                        row[1]
                    );
                    n_compared += usize::from(!b.is_nan());
                }
            }
        }
        assert!(n_compared > 400, "{model}: {n_compared}");
    }
}
