//! The diagnostics of a run, against the results from which they are computed.

use super::common::log_value;
use super::properties::Bench;
use super::simulate::{Random, Study};
use std::fmt::Write as _;

fn number(log: &str, label: &str) -> f64 {
    let value = log_value(log, label);
    let first = value.split_whitespace().next().expect("a number");
    first.parse().unwrap_or_else(|_| panic!("{label}: {value}"))
}

/// The lines of a log from its counts to its times.
fn results(log: &str) -> String {
    let lines = log
        .lines()
        .skip_while(|line| !line.contains("Summary Statistics"));
    let lines = lines.take_while(|line| !line.contains("Computation Time"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_log_has_lambda_gc_thresholds_and_statuses_of_its_table() {
    let bench = Bench::new(&Study::simulate(811, 90, 150));
    bench.run("lmm -bfile s -lmm 4 --all-snps --effective-tests -o d");
    let (log, table) = (bench.log("d"), bench.assoc("d"));
    let statuses = table.texts("status");
    let tested = statuses
        .iter()
        .filter(|status| !status.starts_with("excluded"))
        .count();
    for (column, name) in [
        ("p_wald", "p_wald"),
        ("p_lrt", "p_lrt"),
        ("p_score", "p_score"),
    ] {
        let mut p: Vec<f64> = table
            .numbers(column)
            .into_iter()
            .filter(|p| !p.is_nan())
            .collect();
        p.sort_unstable_by(f64::total_cmp);
        assert_eq!(p.len(), tested);
        // χ² falls as p grows, and the median of an even number is the mean of two.
        let chi2 =
            |p: f64| jamma::stats::normal_quantile(p / 2.0).powi(2) / 0.454_936_423_119_572_8;
        let median = 0.5 * (chi2(p[(tested - 1) / 2]) + chi2(p[tested / 2]));
        let label = format!("lambda_GC ({name})");
        assert!(
            (number(&log, &label) - median).abs() < 6e-4 * median,
            "{label} {median}"
        );
        let (half, margin) = (
            tested as f64 / 2.0,
            0.979_981_992_270_027 * (tested as f64).sqrt(),
        );
        let rank = |r: f64| chi2(p[tested - r as usize]);
        let [lower, upper] = [
            rank((half - margin).floor()),
            rank((half + 1.0 + margin).ceil()),
        ];
        let value = log_value(&log, &label);
        let words: Vec<&str> = value.split([' ', ')']).collect();
        let at = |word: &str| -> f64 {
            let place = words.iter().position(|one| *one == word).expect(word);
            words[place + 1].parse().unwrap()
        };
        assert!(
            (at("interval") - lower).abs() < 6e-4 * lower,
            "{value} {lower}"
        );
        assert!((at("to") - upper).abs() < 6e-4 * upper, "{value} {upper}");
    }
    assert_eq!(number(&log, "number of tests"), tested as f64);
    let bonferroni = number(&log, "Bonferroni threshold of p at 5 %");
    assert!((bonferroni * tested as f64 - 0.05).abs() < 1e-6);
    let mut distinct = statuses.clone();
    distinct.sort_unstable();
    distinct.dedup();
    for status in distinct {
        let count = statuses.iter().filter(|one| **one == status).count();
        let label = format!("SNPs with status {status}");
        assert_eq!(log_value(&log, &label), count.to_string(), "{label}");
    }
    let effective = number(
        &log,
        "effective number of tests (Li and Ji, windows of 45 SNPs)",
    );
    assert!(effective > 1.0 && effective <= tested as f64);
    let threshold = number(
        &log,
        "threshold of p at 5 % for the effective number of tests",
    );
    assert!((threshold - (1.0 - 0.95_f64.powf(1.0 / effective))).abs() < 1e-5 * threshold);
}

#[test]
fn diagnostics_do_not_depend_on_threads_blocks_and_other_traits() {
    let bench = Bench::new(&Study::simulate(812, 70, 130));
    let words = "lmm -bfile s --effective-tests";
    bench.run(&format!("{words} --threads 1 -o a"));
    bench.run(&format!("{words} --threads 4 --block-snps 7 -o b"));
    bench.run(&format!("{words} --traits 1 -o c"));
    let of = |name: &str| {
        let found = results(&bench.log(name));
        let is_own = |line: &&str| {
            ["lambda", "effective", "Bonferroni", "status", "pve"]
                .iter()
                .any(|word| line.contains(word))
        };
        found
            .lines()
            .filter(is_own)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert!(of("a").len() >= 8, "{:?}", of("a"));
    assert_eq!(of("a"), of("b"));
    assert_eq!(of("a"), of("c"));
}

#[test]
fn every_chromosome_left_out_gives_an_interval_and_the_same_number_of_tests() {
    let bench = Bench::new(&Study::simulate(815, 90, 120));
    let chromosome = |j: usize| ["1", "2", "X"][j / 40];
    let bim = (0..120).map(|j| format!("{}\trs{j}\t0\t{}\tA\tC\n", chromosome(j), 100 * (j + 1)));
    bench.write("s.bim", bim.collect::<String>());
    bench.run("lmm -bfile s --effective-tests -loco -o loco");
    bench.run("lmm -bfile s --effective-tests -o whole");
    let (loco, whole) = (bench.log("loco"), bench.log("whole"));
    let label = "without chromosome 1: 95 % profile-likelihood interval of pve";
    assert!(log_value(&loco, label).contains(" to "));
    let is_effective = |line: &&str| line.contains("effective number of tests");
    let effective = |log: &str| -> Vec<String> {
        log.lines()
            .filter(is_effective)
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(effective(&loco), effective(&whole));
    assert_eq!(effective(&whole).len(), 2);
}

#[test]
fn copies_of_individuals_are_counted_unless_the_kinship_is_decomposed() {
    let mut study = Study::simulate(813, 60, 200);
    for snp in &mut study.snps {
        snp[20] = snp[9];
    }
    let bench = Bench::new(&study);
    let label = "pairs of individuals with (nearly) the same genotypes in the kinship";
    bench.run("lmm -bfile s --save-kinship -o d");
    assert_eq!(log_value(&bench.log("d"), label), "1");
    bench.run("lmm -bfile s -k output/d.cXX.txt -o k");
    assert_eq!(log_value(&bench.log("k"), label), "1");
    // Of two traits, only one has both individuals.
    let mut traits = String::from("IID a b\n");
    for i in 0..60 {
        let b = if i == 20 { "NA" } else { "1.5" };
        let b = if i % 3 == 0 && i != 20 { "0.5" } else { b };
        writeln!(traits, "I{i} {} {b}", i * i % 17).unwrap();
    }
    bench.write("traits.txt", traits);
    bench.run("lmm -bfile s -k output/d.cXX.txt --pheno traits.txt --traits all -o t");
    let log = bench.log("t");
    let counts: Vec<&str> = log.lines().filter(|line| line.contains(label)).collect();
    assert_eq!(counts.len(), 2, "{log}");
    assert!(
        counts[0].ends_with("= 1") && counts[1].ends_with("= 0"),
        "{counts:?}"
    );
    bench.run("eigen -bfile s -k output/d.cXX.txt -o e");
    bench.run("lmm -bfile s -d output/e.eigenD.txt -u output/e.eigenU.txt -o u");
    assert!(!bench.log("u").contains(label));
}

/// A binary phenotype with the log odds ratio `effect` of the first SNP, in unrelated individuals, and SNPs without effect.
fn cases(seed: u64, n: usize, effect: f64, intercept: f64, coding: [&str; 2]) -> Study {
    let mut random = Random::new(seed);
    let mut genotype = |frequency: f64| {
        Some(u8::from(random.uniform() < frequency) + u8::from(random.uniform() < frequency))
    };
    let frequency = |s: usize| {
        if s == 0 {
            0.3
        } else {
            0.1 + 0.8 * (s % 17) as f64 / 17.0
        }
    };
    let snps: Vec<Vec<Option<u8>>> = (0..300)
        .map(|s| (0..n).map(|_| genotype(frequency(s))).collect())
        .collect();
    let mut study = Study::of_genotypes(snps);
    let mut random = Random::new(seed + 1);
    study.phenotype = (0..n)
        .map(|i| {
            let x = f64::from(study.snps[0][i].unwrap());
            let p = 1.0 / (1.0 + (-(intercept + effect * x)).exp());
            coding[usize::from(random.uniform() < p)].to_owned()
        })
        .collect();
    study
}

#[test]
fn log_odds_are_those_of_the_logistic_model_within_their_error() {
    // The mean of several studies has an error of about se/√6.
    let (mut sum, mut errors, mut raw) = (0.0, 0.0, 0.0);
    let n_studies = 6;
    for seed in 0..n_studies {
        let bench = Bench::new(&cases(900 + 10 * seed, 1200, 0.4, -0.6, ["0", "1"]));
        bench.run("lmm -bfile s --odds -o odds");
        let table = bench.assoc("odds");
        sum += table.numbers("log_odds")[0] / n_studies as f64;
        errors += table.numbers("se_log_odds")[0].powi(2);
        raw += table.numbers("beta")[0] / n_studies as f64;
    }
    let error = errors.sqrt() / n_studies as f64;
    assert!((sum - 0.4).abs() < 3.0 * error, "{sum} ± {error}");
    assert!(
        error < 0.05 && (raw - 0.4).abs() > 6.0 * error,
        "{raw} is not a log odds ratio"
    );
}

#[test]
fn a_binary_phenotype_is_reported_and_its_coding_changes_nothing() {
    let study = cases(950, 200, 0.5, 0.0, ["0", "1"]);
    let bench = Bench::new(&study);
    let run = bench.run("lmm -bfile s -lmm 4 --odds --all-snps -o a");
    let log = bench.log("a");
    let n_cases = study.phenotype.iter().filter(|y| *y == "1").count();
    let expected = format!(
        "{n_cases} cases (1), {} controls (0), case fraction {:.4}",
        200 - n_cases,
        n_cases as f64 / 200.0
    );
    assert_eq!(log_value(&log, "binary trait"), expected);
    assert_eq!(
        log_value(&log, "SNPs whose effect has no odds ratio (nan)"),
        "0"
    );
    assert!(
        run.stderr.contains("expected minor alleles among"),
        "{}",
        run.stderr
    );
    let mut coded = study.clone();
    for y in &mut coded.phenotype {
        *y = if y == "1" { "2" } else { "1" }.to_owned();
    }
    coded.write(bench.path(), "t");
    bench.run("lmm -bfile t -lmm 4 --odds --all-snps -o b");
    let (a, b) = (bench.assoc("a"), bench.assoc("b"));
    assert_eq!(
        a.header[a.header.len() - 3..],
        ["log_odds", "se_log_odds", "status"]
    );
    let k = n_cases as f64 / 200.0;
    for column in ["beta", "log_odds", "se_log_odds"] {
        for (x, y) in a.numbers(column).iter().zip(b.numbers(column)) {
            assert!(
                (x - y).abs() < 2e-6 * x.abs() || x.is_nan() && y.is_nan(),
                "{x} {y}"
            );
        }
    }
    let columns = ["beta", "se", "log_odds", "se_log_odds"].map(|name| a.numbers(name));
    for (row, snp) in study.snps.iter().enumerate() {
        let copies: usize = snp.iter().flatten().map(|x| usize::from(*x)).sum();
        let p = copies as f64 / 400.0;
        let [beta, se, odds, error] = [0, 1, 2, 3].map(|c| columns[c][row]);
        if beta.is_nan() {
            continue;
        }
        let (with, without) = (k + beta * (1.0 - p), k - beta * p);
        let expected = (with * (1.0 - without) / (without * (1.0 - with))).ln();
        assert!(
            (odds - expected).abs() < 1e-5 * expected.abs().max(1e-3),
            "SNP {row}"
        );
        let slope = (1.0 - p) / (with * (1.0 - with)) + p / (without * (1.0 - without));
        assert!((error - slope * se).abs() < 1e-5 * error, "SNP {row}");
    }
}

#[test]
fn odds_of_a_trait_that_is_not_binary_or_without_effects_are_rejected() {
    let bench = Bench::new(&Study::simulate(814, 60, 40));
    let text = bench.rejected("lmm -bfile s --odds");
    assert!(
        text.contains("--odds") && text.contains("phenotype 1 is not binary"),
        "{text}"
    );
    for (words, reason) in [
        ("-lmm 2", "does not estimate effects"),
        ("-lmm 5", "does not test SNPs"),
        ("--rint", "the phenotype is transformed"),
        ("--gxe-file e.txt", "the effects are those of interactions"),
    ] {
        let text = bench.rejected(&format!("lmm -bfile s --odds {words}"));
        assert!(text.contains(reason), "{words}: {text}");
    }
    let text = bench.rejected("lmm -bfile s -lmm 5 --effective-tests");
    assert!(text.contains("does not test SNPs"), "{text}");
}
