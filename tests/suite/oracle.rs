//! jamma against the dense oracle: one n × n factorisation per SNP and per λ, no rotation, λ converged to 13 digits.
#![allow(clippy::print_stdout, reason = "tables to read with --nocapture")]

use crate::common::{Table, data, jamma, log_value, relative_difference, root};
use std::path::Path;

/// jamma returns the iterate before the last, as GEMMA does. Newton's method squares the error of a step, so that the
/// error of that iterate is the last step, which was below 1e-5 of λ; the rest is half a unit of seven digits.
const LAMBDA: f64 = 1.05e-5;
/// The error of λ propagates with a factor below 1. Measured: beta 2.1e-6, se 8e-7, p_wald 5.6e-6.
const BETA: f64 = 4e-6;
/// The main effect beside an interaction, whose sums with the interaction enter too. Measured: 4.6e-6.
const BETA_MAIN: f64 = LAMBDA;
const SE: f64 = 2e-6;
const P_WALD: f64 = 1e-5;
/// The likelihood is flat at its maximum: the error of λ enters squared, and half a unit of seven digits remains.
const LOGL: f64 = 5.5e-7;
const P_LRT: f64 = 5.5e-7;
/// At the null model's λ, whose error propagates. Measured: 3.9e-7.
const P_SCORE: f64 = 1e-6;
/// The same with weights; λ of this null model is the iterate before the last, whose error may be as large as [`LAMBDA`].
/// Measured: 3.3e-6.
const P_SCORE_WEIGHTED: f64 = 5e-6;
/// Half a unit of six digits (5e-6) and the error of λ. Measured: 4.4e-6.
const NULL: f64 = 1e-5;

/// Half a unit of seven digits: nothing is iterated in the linear model.
const LINEAR: f64 = 5.5e-7;

/// Name of the oracle's table, data set, and further command-line arguments.
const TABLES: [(&str, &str, &str); 17] = [
    ("plain", "plain", ""),
    ("missing", "missing", ""),
    ("missing_n2", "missing", "-n 2"),
    ("missing_n3", "missing", "-n 3"),
    ("missing_n4", "missing", "-n 4"),
    ("covariates", "covariates", "-c covariates.txt"),
    (
        "missing_gxe",
        "missing",
        "-gxe missing.gxe.txt --gxe-effects",
    ),
    ("missing_weights", "missing", "-widv missing.weights.txt"),
    (
        "covariates_gxe_weights",
        "covariates",
        "-c covariates.txt -gxe covariates.gxe.txt --gxe-effects -widv covariates.weights.txt",
    ),
    ("missing_genotypic", "missing", "--model genotypic"),
    (
        "covariates_genotypic_weights",
        "covariates",
        "-c covariates.txt -widv covariates.weights.txt --model genotypic",
    ),
    ("missing_recessive", "missing", "--model recessive"),
    (
        "missing_gxe_dominant",
        "missing",
        "-gxe missing.gxe.txt --gxe-effects --model dominant",
    ),
    ("plain_k2", "plain", "-k2 plain.households.txt"),
    (
        "covariates_k2_weights",
        "covariates",
        "-c covariates.txt -k2 covariates.households.txt -widv covariates.weights.txt",
    ),
    ("odd", "odd", ""),
    ("demo", "demo", ""),
];

/// The tables of the linear model: name, data set, and further command-line arguments.
const LINEAR_TABLES: [(&str, &str, &str); 6] = [
    ("lm_missing", "missing", ""),
    ("lm_covariates", "covariates", "-c covariates.txt"),
    ("lm_odd", "odd", ""),
    ("lm_missing_genotypic", "missing", "--model genotypic"),
    (
        "lm_covariates_genotypic",
        "covariates",
        "-c covariates.txt --model genotypic",
    ),
    (
        "lm_covariates_overdominant",
        "covariates",
        "-c covariates.txt --model overdominant",
    ),
];

/// Runs `-lmm 4` on GEMMA's kinship; returns the table and the log.
fn run(table: &str, dataset: &str, more: &str) -> (Table, String) {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("oracle")
        .join(table);
    std::fs::create_dir_all(&out).expect("a folder for outputs");
    jamma(&format!(
        "-bfile {dataset} -k ../gemma/{dataset}/gk1.cXX.txt {more} -lmm 4 -outdir {} -o run -silence",
        out.display()
    ))
    .ok();
    let log = std::fs::read_to_string(out.join("run.log.txt")).expect("a log");
    (Table::read(&out.join("run.assoc.txt")), log)
}

/// Rows of `ours` for the SNPs of `oracle`, in order; ids may repeat.
fn matched(oracle: &Table, ours: &Table) -> Vec<usize> {
    let mut next = 0;
    oracle
        .rows
        .iter()
        .map(|row| {
            // chr to allele0; af is rounded in ours.
            let found = ours.rows[next..]
                .iter()
                .position(|r| r[..6] == row[..6])
                .expect("the SNP is in our table");
            next += found + 1;
            next - 1
        })
        .collect()
}

#[test]
fn every_statistic_agrees_with_the_dense_model() {
    println!(
        "table        SNPs     beta       se  logl_H1  l_remle    l_mle   p_wald    p_lrt  p_score"
    );
    for (table, dataset, more) in TABLES {
        let oracle = Table::read(&root().join(format!("reference/oracle/{table}.tsv")));
        let (ours, _) = run(table, dataset, more);
        let rows = matched(&oracle, &ours);
        let worst = |column: &str| {
            let (a, b) = (ours.numbers(column), oracle.numbers(column));
            let se = column
                .starts_with("beta")
                .then(|| oracle.numbers(&column.replace("beta", "se")));
            let differences = rows.iter().enumerate().map(|(k, &row)| match &se {
                Some(se) => (a[row] - b[k]).abs() / b[k].abs().max(se[k]),
                None => relative_difference(a[row], b[k]),
            });
            differences.fold(0.0, f64::max)
        };
        let effects: &[(&str, f64)] = if table.contains("genotypic") {
            &[
                ("beta_add", BETA),
                ("se_add", SE),
                ("beta_dom", BETA),
                ("se_dom", SE),
            ]
        } else {
            &[("beta", BETA), ("se", SE)]
        };
        let tests = [
            ("logl_H1", LOGL),
            ("l_remle", LAMBDA),
            ("l_mle", LAMBDA),
            ("p_wald", P_WALD),
            ("p_lrt", P_LRT),
            (
                "p_score",
                match table {
                    "missing_weights" | "covariates_genotypic_weights" => P_SCORE_WEIGHTED,
                    _ => P_SCORE,
                },
            ),
        ];
        let joint = [
            ("beta_g", BETA_MAIN),
            ("se_g", SE),
            ("cov_g_gxe", 2.0 * SE),
            ("p_joint", P_WALD),
        ];
        let joint = joint.into_iter().filter(|_| table.contains("gxe"));
        let limits = effects.iter().copied().chain(tests).chain(joint);
        let limits: Vec<(&str, f64)> = limits.collect();
        print!("{table:<11} {:>5}", rows.len());
        limits
            .iter()
            .for_each(|(column, _)| print!(" {:>8.1e}", worst(column)));
        println!();
        for &(column, limit) in &limits {
            assert!(
                worst(column) <= limit,
                "{table}: {column} {:.2e}, limit {limit:.0e}",
                worst(column)
            );
        }
        let (af, exact) = (ours.numbers("af"), oracle.numbers("af"));
        for (k, &row) in rows.iter().enumerate() {
            assert!(
                (af[row] - exact[k]).abs() <= 0.0005 + 1e-9,
                "{table}: af {} is not {}",
                af[row],
                exact[k]
            );
        }
    }
}

/// The number or numbers of a key in the oracle's flat JSON.
fn json_numbers(json: &str, key: &str) -> Vec<f64> {
    let (_, rest) = json
        .split_once(&format!("\"{key}\":"))
        .unwrap_or_else(|| panic!("no key {key}"));
    let rest = rest.trim_start();
    let value = match rest.strip_prefix('[') {
        Some(list) => list.split(']').next(),
        None => rest.split([',', '}']).next(),
    };
    let words = value
        .expect("a value")
        .split(',')
        .map(|word| word.trim().parse().expect("a number"));
    words.collect()
}

#[test]
fn the_null_model_agrees_with_the_dense_model() {
    let labels = [
        ("REMLE log-likelihood in the null model", "logl_reml"),
        ("MLE log-likelihood in the null model", "logl_ml"),
        ("pve estimate in the null model", "pve"),
        ("se(pve) in the null model", "se_pve"),
        ("vg estimate in the null model", "vg"),
        ("ve estimate in the null model", "ve"),
        ("beta estimate in the null model", "beta"),
        ("se(beta)", "se_beta"),
        ("number of analyzed individuals", "n"),
        ("number of covariates", "c"),
    ];
    let components = [
        ("fraction of kinship 2 in the combined kinship", "fraction"),
        ("se(fraction of kinship 2)", "se_fraction"),
        ("vg estimate of kinship 1 in the null model", "vg1"),
        ("se(vg of kinship 1)", "se_vg1"),
        ("vg estimate of kinship 2 in the null model", "vg2"),
        ("se(vg of kinship 2)", "se_vg2"),
        ("se(ve)", "se_ve"),
        ("pve estimate of kinship 1 in the null model", "pve1"),
        ("se(pve of kinship 1)", "se_pve1"),
        ("pve estimate of kinship 2 in the null model", "pve2"),
        ("se(pve of kinship 2)", "se_pve2"),
    ];
    for (table, dataset, more) in TABLES {
        let json =
            std::fs::read_to_string(root().join(format!("reference/oracle/{table}.null.json")))
                .expect("json");
        let (_, log) = run(&format!("{table}_null"), dataset, more);
        let se = json_numbers(&json, "se_beta");
        let components = components.iter().filter(|_| table.contains("k2"));
        for (label, key) in labels.iter().chain(components).copied() {
            let ours: Vec<f64> = log_value(&log, label)
                .split_whitespace()
                .map(|word| word.parse().expect("a number"))
                .collect();
            let exact = json_numbers(&json, key);
            assert_eq!(ours.len(), exact.len(), "{table}: {label}");
            for (j, (a, b)) in ours.iter().zip(&exact).enumerate() {
                let scale = if key == "beta" {
                    b.abs().max(se[j])
                } else {
                    b.abs()
                };
                let difference = (a - b).abs() / scale;
                assert!(difference <= NULL, "{table}: {label}: {a}, oracle {b}");
            }
        }
    }
}

#[test]
fn the_oracle_covers_every_data_set() {
    for (_, dataset, _) in TABLES {
        assert!(data(&format!("{dataset}.bed")).is_file());
    }
    let tables = std::fs::read_dir(root().join("reference/oracle")).expect("the oracle's tables");
    assert_eq!(
        tables.count(),
        2 * TABLES.len() + LINEAR_TABLES.len(),
        "a table of the oracle that no test reads"
    );
}

#[test]
fn the_linear_model_agrees_with_dense_least_squares() {
    for (table, dataset, more) in LINEAR_TABLES {
        let oracle = Table::read(&root().join(format!("reference/oracle/{table}.tsv")));
        let out = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("oracle")
            .join(table);
        std::fs::create_dir_all(&out).expect("a folder for outputs");
        let to = format!("-outdir {} -o run -silence", out.display());
        jamma(&format!("lm -bfile {dataset} {more} -lm 4 {to}")).ok();
        let ours = Table::read(&out.join("run.assoc.txt"));
        assert_eq!(ours.header, oracle.header);
        // chr to allele0; af is rounded in ours, and ids may repeat.
        let mut rest = ours.rows.iter();
        let column = |name: &str| {
            ours.header
                .iter()
                .position(|h| h == name)
                .expect("a column")
        };
        for row in &oracle.rows {
            let found = rest.find(|found| found[..7] == row[..7]).expect("the SNP");
            let number =
                |row: &[String], name: &str| row[column(name)].parse::<f64>().expect("a number");
            for name in &oracle.header[8..] {
                let (a, b) = (number(found, name), number(row, name));
                let difference = relative_difference(a, b);
                assert!(
                    difference <= LINEAR,
                    "{table} {}: {name} {a}, dense {b}",
                    row[1]
                );
            }
        }
    }
}
