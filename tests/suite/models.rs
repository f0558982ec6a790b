//! `--model`: genetic codings against recoded files, PLINK 2 and dense fits; and what is refused.

mod dense;
mod interaction;
mod plink2;
mod rejected;

use super::common::{log_value, relative_difference};
use super::properties::Bench;
use super::simulate::{Study, lines_of};
use std::collections::HashMap;

/// Models of two values, with those of 0, 1 and 2 copies.
const CODINGS: [(&str, [u8; 3]); 3] = [
    ("dominant", [0, 1, 1]),
    ("recessive", [0, 0, 1]),
    ("overdominant", [0, 1, 0]),
];
/// The columns of statistics, with those of a main effect.
const STATISTICS: [&str; 12] = [
    "beta", "se", "logl_H1", "l_remle", "l_mle", "p_wald", "p_lrt", "p_score", "beta_g", "se_g",
    "p_joint", "log_odds",
];

/// The study with its genotypes replaced.
fn recoded(study: &Study, values: [u8; 3]) -> Study {
    let code = |x: &Option<u8>| x.map(|copies| values[usize::from(copies)]);
    let snps = study.snps.iter();
    Study {
        snps: snps.map(|snp| snp.iter().map(code).collect()).collect(),
        ..study.clone()
    }
}

/// 90 individuals, of whom some have no phenotype, and 200 SNPs with missing calls: one of them has no heterozygote, and three lack
/// one homozygote. `s` are the files of the study, `k.cXX.txt` is its kinship, `c.txt` a covariate and `e.txt` an environment.
fn bench() -> (Study, Bench) {
    let mut study = Study::simulate(312, 90, 200);
    for i in (0..90).step_by(13) {
        study.phenotype[i] = "NA".into();
    }
    for (s, from, to) in [(3, 1, 0), (4, 2, 1), (5, 0, 1), (150, 2, 1)] {
        for x in study.snps[s].iter_mut().flatten() {
            if *x == from {
                *x = to;
            }
        }
        // Two genotypes are left, also without those who have no phenotype.
        for (i, x) in study.snps[s].iter_mut().enumerate().take(12).skip(1) {
            *x = Some((0..3).filter(|copies| *copies != from).collect::<Vec<_>>()[i % 2]);
        }
    }
    let bench = Bench::new(&study);
    let chromosome = |j: usize| ["1", "2", "X"][j / 70];
    let bim = (0..200).map(|j| format!("{}\trs{j}\t0\t{}\tA\tC\n", chromosome(j), 100 * (j + 1)));
    bench.write("s.bim", bim.collect::<String>());
    bench.run("gk -bfile s -maf 0 --kinship-qc all -o k");
    bench.write("k.cXX.txt", bench.bytes("k.cXX.txt"));
    let column = |f: fn(usize) -> usize| lines_of((0..90).map(f));
    bench.write("c.txt", column(|i| 20 + (i * i) % 37));
    bench.write("e.txt", column(|i| (i * 7) % 11));
    bench.write("w.txt", column(|i| 1 + (i * 5) % 4));
    (study, bench)
}

/// The cells of the statistics in the table of a run, by the ids of its SNPs.
fn cells(bench: &Bench, name: &str) -> HashMap<String, Vec<(String, String)>> {
    let table = bench.assoc(name);
    let columns: Vec<(&str, usize)> = (STATISTICS.into_iter())
        .filter(|column| table.header.iter().any(|name| name == column))
        .map(|column| (column, table.column(column)))
        .collect();
    assert!(columns.len() >= 3);
    let row = |row: &Vec<String>| {
        let cells = columns.iter();
        let cells = cells.map(|(name, j)| ((*name).to_owned(), row[*j].clone()));
        (row[1].clone(), cells.collect())
    };
    table.rows.iter().map(row).collect()
}

#[test]
fn coded_tests_are_those_of_a_recoded_file_to_the_byte() {
    let (study, bench) = bench();
    let bim = std::fs::read(bench.file("s.bim")).unwrap();
    let filters = "-maf 0 -miss 1 -r2 1";
    for (model, values) in CODINGS {
        recoded(&study, values).write(bench.path(), "r");
        bench.write("r.bim", &bim);
        for words in [
            "lmm -lmm 4 -k k.cXX.txt",
            "lmm -lmm 9 -k k.cXX.txt -c c.txt --rotation f32",
            "lmm -lmm 4 -k k.cXX.txt -gxe e.txt --gxe-effects",
            "lmm -lmm 1 -k k.cXX.txt -widv w.txt --permutations 50 --effective-tests",
            "lm -lm 4 -c c.txt",
            "lm -lm 3",
        ] {
            let what = format!("{words} --model {model}");
            bench.run(&format!(
                "{words} -bfile s --model {model} {filters} -o coded"
            ));
            bench.run(&format!("{words} -bfile r {filters} -o file"));
            let (coded, mut file) = (cells(&bench, "coded"), cells(&bench, "file"));
            let mut n_constant = 0;
            for (rs, cells) in &coded {
                if let Some(expected) = file.remove(rs) {
                    assert_eq!(*cells, expected, "{what}: {rs}");
                } else {
                    // A constant SNP is excluded from the recoded file.
                    assert!(cells.iter().all(|(_, cell)| cell == "nan"), "{what}: {rs}");
                    n_constant += 1;
                }
            }
            assert!(file.is_empty(), "{what}: {file:?}");
            assert!(n_constant > 0, "{what}");
            let log = bench.log("coded");
            let label = "SNPs with status constant_coding";
            assert_eq!(log_value(&log, label), n_constant.to_string(), "{what}");
            assert!(
                log.contains(&format!("note: --model {model}: effects are")),
                "{log}"
            );
            if words.contains("permutations") {
                for label in ["genome-wide threshold of p at 5 %", "number of tests"] {
                    let [a, b] = ["coded", "file"].map(|name| log_value(&bench.log(name), label));
                    assert_eq!(a, b, "{what}: {label}");
                }
                let line = |name: &str| {
                    let log = bench.log(name);
                    let lines = log.lines().filter(|line| line.contains("effective number"));
                    lines.map(str::to_owned).collect::<Vec<_>>()
                };
                assert_eq!(line("coded"), line("file"), "{what}");
                assert!(!line("coded").is_empty());
            }
        }
    }
}

#[test]
fn af_counts_and_filters_are_those_of_the_additive_genotypes() {
    let (_, bench) = bench();
    for (command, columns) in [("lmm -k k.cXX.txt", 7), ("lm", 8)] {
        for model in ["dominant", "recessive", "overdominant", "genotypic"] {
            let options = "-bfile s -maf 0.2 -miss 0.02 -hwe 0.001 --all-snps --with-info";
            bench.run(&format!("{command} {options} --model additive -o a"));
            bench.run(&format!("{command} {options} --model {model} -o m"));
            let [a, m] = ["a", "m"].map(|name| bench.assoc(name));
            assert_eq!(a.rows.len(), 200);
            let [of_a, of_m] = [&a, &m].map(|table| table.column("status"));
            for (a, m) in a.rows.iter().zip(&m.rows) {
                // And the imputation quality.
                assert_eq!(a[..=columns], m[..=columns], "{model}");
                let is_excluded = |status: &str| status.starts_with("excluded_");
                assert_eq!(is_excluded(&a[of_a]), is_excluded(&m[of_m]), "{model}");
                assert!(!is_excluded(&a[of_a]) || a[of_a] == m[of_m], "{model}");
            }
        }
        bench.run(&format!("{command} -bfile s --model additive -o a"));
        bench.run(&format!("{command} -bfile s -o none"));
        assert!(bench.bytes("a.assoc.txt") == bench.bytes("none.assoc.txt"));
    }
}

#[test]
fn threads_blocks_and_other_traits_do_not_change_a_byte() {
    let (study, bench) = bench();
    let fam = study.individuals.iter().enumerate().map(|(i, (fid, iid))| {
        let [a, b] = [11, 4].map(|step| match i % step {
            0 => "NA".into(),
            _ => ((i * i % 101) as f64 / 50.0).to_string(),
        });
        format!("{fid} {iid} 0 0 1 {a} {b}\n")
    });
    bench.write("s.fam", fam.collect::<String>());
    for (command, more) in [
        ("lmm -lmm 4 -loco", "--condition rs63"),
        ("lmm -lmm 4", "-widv w.txt"),
        ("lm -lm 4", "-c c.txt"),
    ] {
        for model in ["dominant", "genotypic"] {
            let words = format!("{command} -bfile s {more} --model {model} --all-snps --log10p");
            bench.run(&format!("{words} --traits all -o all"));
            for number in [1, 2] {
                bench.run(&format!(
                    "{words} -n {number} --threads 1 --block-snps 7 -o one"
                ));
                let together = bench.bytes(&format!("all.{number}.assoc.txt"));
                assert!(
                    together == bench.bytes("one.assoc.txt"),
                    "{words} -n {number}"
                );
            }
            bench.run(&format!("{words} --traits all --long --threads 3 -o long"));
            let long = String::from_utf8(bench.bytes("long.assoc.txt")).unwrap();
            assert_eq!(long.lines().count(), 401, "{words}");
        }
    }
}

#[test]
fn a_snp_without_all_genotypes_is_reported_and_not_a_number() {
    let (study, bench) = bench();
    let present = |s: usize| {
        let of = |copies| {
            let calls = study.snps[s].iter().zip(&study.phenotype);
            calls
                .into_iter()
                .any(|(x, y)| *x == Some(copies) && y != "NA")
        };
        (0..3).filter(|copies| of(*copies)).count()
    };
    for (command, n_columns) in [("lmm -lmm 4 -k k.cXX.txt", 10), ("lm -lm 4", 7)] {
        bench.run(&format!(
            "{command} -bfile s --model genotypic --all-snps -maf 0 -o g"
        ));
        let table = bench.assoc("g");
        let first = table.column("beta_add");
        assert_eq!(table.column("status") - first, n_columns);
        let mut n_absent = 0;
        for (s, row) in table.rows.iter().enumerate() {
            let status = row.last().unwrap();
            if status.starts_with("excluded_") {
                continue;
            }
            let is_nan = row[first..first + n_columns]
                .iter()
                .all(|cell| cell == "nan");
            assert_eq!(
                status == "absent_genotype",
                present(s) == 2,
                "rs{s}: {status}"
            );
            assert_eq!(status == "absent_genotype", is_nan, "rs{s}: {status}");
            n_absent += usize::from(is_nan);
        }
        assert!(n_absent >= 4);
        let log = bench.log("g");
        let label = "SNPs with status absent_genotype";
        assert_eq!(log_value(&log, label), n_absent.to_string());
        let label = "SNPs with undefined statistics (nan)";
        assert_eq!(log_value(&log, label), n_absent.to_string());
        assert!(
            log.contains("note: --model genotypic: beta_add is half the"),
            "{log}"
        );
    }
    let header = |words: &str| {
        bench.run(words).status == 0 && {
            let header = bench.assoc("h").header;
            let expected = match words {
                _ if words.contains("-lmm 1") => {
                    "beta_add se_add beta_dom se_dom logl_H1 l_remle p_wald"
                }
                _ if words.contains("-lmm 2") => "logl_H1 l_mle p_lrt",
                _ if words.contains("-lmm 3") => "beta_add se_add beta_dom se_dom p_score",
                _ if words.contains("-lmm 9") => "beta_add se_add beta_dom se_dom l_mle p_lrt",
                _ => "p_lrt neg_log10_p_lrt",
            };
            header.join(" ").ends_with(&format!("af {expected}"))
        }
    };
    for mode in [1, 2, 3, 9] {
        let words = format!("lmm -bfile s -k k.cXX.txt -lmm {mode} --model genotypic -o h");
        assert!(header(&words), "{words}");
    }
    assert!(header("lm -bfile s -lm 2 --log10p --model genotypic -o h"));
}

#[test]
fn counting_the_other_allele_exchanges_dominant_and_recessive() {
    let (study, bench) = bench();
    study.with_swapped_alleles().write(bench.path(), "t");
    let pairs = [
        ("dominant", "recessive", -1.0),
        ("recessive", "dominant", -1.0),
        ("overdominant", "overdominant", 1.0),
    ];
    for (model, other, sign) in pairs {
        for (name, model) in [("s", model), ("t", other)] {
            let words = format!("lmm -bfile {name} -k k.cXX.txt --model {model} -maf 0 -o {name}");
            bench.run(&words);
        }
        let [s, t] = ["s", "t"].map(|name| bench.assoc(name));
        for column in ["beta", "se", "p_wald"] {
            let sign = if column == "beta" { sign } else { 1.0 };
            for (a, b) in s.numbers(column).into_iter().zip(t.numbers(column)) {
                assert!(
                    relative_difference(a, sign * b) < 5e-6,
                    "{model} {column}: {a} {b}"
                );
            }
        }
    }
    for name in ["s", "t"] {
        bench.run(&format!(
            "lm -bfile {name} --model genotypic -maf 0 -o {name}"
        ));
    }
    let [s, t] = ["s", "t"].map(|name| bench.assoc(name));
    for (column, sign) in [
        ("beta_add", -1.0),
        ("beta_dom", 1.0),
        ("se_dom", 1.0),
        ("p_wald", 1.0),
    ] {
        for (a, b) in s.numbers(column).into_iter().zip(t.numbers(column)) {
            let difference = relative_difference(a, sign * b);
            assert!(difference < 2e-6 || a.abs() < 1e-12, "{column}: {a} {b}");
        }
    }
}

#[test]
fn odds_ratios_are_those_of_the_classes_that_are_compared() {
    let (mut study, bench) = bench();
    for (i, y) in study.phenotype.iter_mut().enumerate() {
        *y = if i % 3 == 0 { "1" } else { "0" }.into();
    }
    study.write(bench.path(), "s");
    bench.run("lmm -bfile s --model dominant --odds -k k.cXX.txt -o d");
    let table = bench.assoc("d");
    let (beta, odds) = (table.numbers("beta"), table.numbers("log_odds"));
    for (row, (b, odds)) in table.rows.iter().zip(beta.iter().zip(odds)) {
        let s: usize = row[1][2..].parse().unwrap();
        let calls: Vec<u8> = study.snps[s].iter().copied().flatten().collect();
        let p = calls.iter().filter(|x| **x > 0).count() as f64 / calls.len() as f64;
        let k = 1.0 / 3.0;
        let (with, without) = (k + b * (1.0 - p), k - b * p);
        if with > 0.01 && with < 0.99 && without > 0.01 && without < 0.99 {
            let expected = (with / (1.0 - with) * (1.0 - without) / without).ln();
            assert!((odds - expected).abs() < 1e-5, "rs{s}: {odds} {expected}");
        }
    }
}
