//! Extreme kinships and phenotypes: no structure, no noise, nothing but noise.

use super::{Bench, PRINTED, assert_close};
use crate::common::matrix;
use crate::simulate::{Random, Study, text_of};
use statrs::distribution::{ChiSquared, ContinuousCDF, FisherSnedecor};

fn study() -> Study {
    Study::simulate(21, 80, 60)
}

/// Simple regression on an intercept and `x`, missing calls at the mean.
struct Ols {
    beta: f64,
    se: f64,
    p_wald: f64,
    p_lrt: f64,
    p_score: f64,
}

impl Ols {
    fn new(x: &[Option<u8>], y: &[f64]) -> Self {
        let n = y.len() as f64;
        let called: Vec<f64> = x.iter().flatten().map(|&x| f64::from(x)).collect();
        let mean_x = called.iter().sum::<f64>() / called.len() as f64;
        let mean_y = y.iter().sum::<f64>() / n;
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for (x, y) in x.iter().zip(y) {
            let (x, y) = (x.map_or(0.0, |x| f64::from(x) - mean_x), y - mean_y);
            xx += x * x;
            xy += x * y;
            yy += y * y;
        }
        let rest = yy - xy * xy / xx;
        let f_tail = |f: f64| FisherSnedecor::new(1.0, n - 2.0).unwrap().sf(f);
        Self {
            beta: xy / xx,
            se: (rest / (n - 2.0) / xx).sqrt(),
            p_wald: f_tail(xy * xy / xx * (n - 2.0) / rest),
            p_lrt: ChiSquared::new(1.0).unwrap().sf(n * (yy / rest).ln()),
            p_score: f_tail(n * xy * xy / (xx * yy)),
        }
    }
}

/// Asserts that all columns of a `-lmm 4` run equal ordinary least squares.
fn assert_ols(bench: &Bench, name: &str, study: &Study) {
    let table = bench.assoc(name);
    let y = study.y();
    let ols: Vec<Ols> = study.snps.iter().map(|x| Ols::new(x, &y)).collect();
    assert_eq!(table.rows.len(), ols.len());
    let assert_column = |name: &str, value: fn(&Ols) -> f64| {
        assert_close(
            name,
            &table.numbers(name),
            &ols.iter().map(value).collect::<Vec<_>>(),
            PRINTED,
        );
    };
    assert_column("beta", |ols| ols.beta);
    assert_column("se", |ols| ols.se);
    assert_column("p_wald", |ols| ols.p_wald);
    assert_column("p_lrt", |ols| ols.p_lrt);
    assert_column("p_score", |ols| ols.p_score);
}

fn diagonal(n: usize, value: f64) -> String {
    let entry = |i, j| if i == j { value } else { 0.0 };
    text_of(
        &(0..n)
            .map(|i| (0..n).map(|j| entry(i, j)).collect())
            .collect::<Vec<Vec<f64>>>(),
    )
}

#[test]
fn without_structure_every_test_is_ordinary_least_squares() {
    let study = study();
    let bench = Bench::new(&study);
    bench.write("k.txt", diagonal(80, 1.0));
    bench.run("lmm -bfile s -k k.txt -lmm 4 -o identity");
    assert_ols(&bench, "identity", &study);
    // A matrix of zeros would give the same, but is never intended.
    bench.write("k.txt", diagonal(80, 0.0));
    let error = bench.rejected("lmm -bfile s -k k.txt -lmm 4 -o zero");
    assert!(
        error.contains("k.txt: every entry of the kinship is 0"),
        "{error}"
    );
}

/// Writes `k.txt`: the kinship of the study `s` with each individual replaced by that of `of`, times `scale`.
fn write_changed_kinship(bench: &Bench, of: impl Fn(usize) -> usize, scale: f64) {
    bench.run("gk -bfile s -o k");
    let k: Vec<Vec<f64>> = matrix(&bench.output("k.cXX.txt"));
    let entry = |i: usize, j: usize| k[of(i)][of(j)] * scale;
    let rows = |i| (0..k.len()).map(|j| entry(i, j)).collect();
    bench.write(
        "k.txt",
        text_of(&(0..k.len()).map(rows).collect::<Vec<Vec<f64>>>()),
    );
}

#[test]
fn a_kinship_in_another_unit_is_noted_with_what_it_does_to_lambda() {
    let bench = Bench::new(&study());
    for (scale, end) in [
        (1e6, "lower end of its range, 1e-05"),
        (1e-6, "upper end of its range, 100000"),
    ] {
        write_changed_kinship(&bench, |i| i, scale);
        bench.run("lmm -bfile s -k k.txt -o lmm");
        bench.run("eigen -bfile s -k k.txt -o e");
        bench.run("lmm -bfile s -d output/e.eigenD.txt -u output/e.eigenU.txt -o eigen");
        for run in ["lmm", "eigen"] {
            let log = bench.log(run);
            assert!(
                log.contains("note: ") && log.contains("divide the matrix by"),
                "{log}"
            );
            assert!(log.contains(end), "{log}");
        }
    }
    // Unchanged, nothing is unusual.
    write_changed_kinship(&bench, |i| i, 1.0);
    bench.run("lmm -bfile s -k k.txt -o usual");
    let log = bench.log("usual");
    let mut notes = log.lines().filter(|line| line.starts_with("## note: "));
    let is_unusual = |note: &str| {
        ["range", "divide", "pair"]
            .iter()
            .any(|word| note.contains(word))
    };
    assert!(!notes.any(is_unusual), "{log}");
}

#[test]
fn individuals_with_the_same_genotypes_are_noted_by_name() {
    let bench = Bench::new(&study());
    write_changed_kinship(&bench, |i| if i == 9 { 3 } else { i }, 1.0);
    bench.run("lmm -bfile s -k k.txt -o twins");
    let log = bench.log("twins");
    assert!(
        log.contains("note: 1 pair of individuals with (nearly) the same genotypes"),
        "{log}"
    );
}

#[test]
fn a_tiny_kinship_has_lambda_at_its_upper_bound() {
    let bench = Bench::new(&study());
    bench.run("gk -bfile s -o k");
    let rows: Vec<Vec<f64>> = matrix(&bench.output("k.cXX.txt"))
        .iter()
        .map(|row| row.iter().map(|x| x * 1e-6).collect())
        .collect();
    bench.write("k.txt", text_of(&rows));
    bench.run("lmm -bfile s -k k.txt -lmm 4 -o m");
    let table = bench.assoc("m");
    for column in ["l_remle", "l_mle"] {
        assert!(
            table.texts(column).iter().all(|l| l == "1.000000e+05"),
            "{column}"
        );
    }
    for column in ["p_wald", "p_lrt", "p_score"] {
        assert!(
            table
                .numbers(column)
                .iter()
                .all(|p| (0.0..=1.0).contains(p)),
            "{column}"
        );
    }
}

/// A study in which SNP 9 has no missing call, and the phenotype is this SNP plus `noise` times a normal.
fn snp_with_noise(noise: f64) -> (Study, Bench) {
    let mut study = study();
    study.snps[9]
        .iter_mut()
        .filter(|x| x.is_none())
        .for_each(|x| *x = Some(1));
    let mut random = Random::new(8);
    let y: Vec<f64> = study.snps[9]
        .iter()
        .map(|x| f64::from(x.unwrap()) + noise * random.normal())
        .collect();
    let study = study.with_phenotype(&y);
    let bench = Bench::new(&study);
    bench.run("lmm -bfile s -lmm 4 --log10p -o m");
    (study, bench)
}

#[test]
fn a_phenotype_that_is_the_snp_has_beta_1_and_p_0() {
    let (_, bench) = snp_with_noise(0.0);
    let table = bench.assoc("m");
    assert_eq!(table.texts("beta")[9], "1.000000e+00");
    assert_eq!(table.texts("se")[9], "0.000000e+00");
    assert_eq!(table.texts("p_wald")[9], "0.000000e+00");
    assert_eq!(table.texts("l_remle")[9], "1.000000e-05");
    assert_eq!(table.texts("p_lrt")[9], "0.000000e+00");
    assert_eq!(table.texts("logl_H1")[9], "inf");
    let others = table
        .numbers("p_wald")
        .iter()
        .filter(|p| (0.0..=1.0).contains(*p))
        .count();
    assert_eq!(others, 60, "all p-values are probabilities");
}

#[test]
fn a_phenotype_that_is_almost_the_snp_keeps_its_exact_exponent() {
    let (study, bench) = snp_with_noise(1e-7);
    let table = bench.assoc("m");
    assert!((table.numbers("beta")[9] - 1.0).abs() < 1e-6);
    assert_eq!(table.texts("p_wald")[9], "0.000000e+00");
    let exponent = table.numbers("neg_log10_p_wald")[9];
    // Below the smallest double, and close to least squares: p ~ (rest/yy)^(df/2).
    let fit = Ols::new(&study.snps[9], &study.y());
    let yy = fit.beta * fit.beta / (fit.se * fit.se * 78.0);
    assert!(
        exponent > 330.0 && (exponent / (39.0 * yy.log10()) - 1.0).abs() < 0.1,
        "{exponent}"
    );
}

#[test]
fn the_logarithm_of_p_agrees_with_p_and_continues_below_its_range() {
    for noise in [3.0, 0.3, 1e-2, 1e-3, 1e-5, 1e-7] {
        let (_, bench) = snp_with_noise(noise);
        let table = bench.assoc("m");
        for test in ["p_wald", "p_lrt", "p_score"] {
            let (p, log) = (
                table.numbers(test),
                table.numbers(&format!("neg_log10_{test}")),
            );
            for (p, log) in p.iter().zip(&log) {
                assert!(log.is_finite() && *log >= 0.0, "{test}: {log}");
                if *p > 1e-300 {
                    assert!(
                        (-p.log10() - log).abs() <= 1e-6 * log.max(1.0),
                        "{test}: {p} and {log}"
                    );
                } else {
                    assert!(*log > 299.9, "{test}: {p} and {log}");
                }
            }
        }
    }
}

#[test]
fn a_phenotype_against_the_kinship_has_lambda_at_its_lower_bound() {
    let study = study();
    let bench = Bench::new(&study);
    bench.run("eigen -bfile s --save-kinship -o e");
    // The directions in which relatives differ most.
    let u = matrix(&bench.output("e.eigenU.txt"));
    let mut random = Random::new(13);
    let weights: Vec<f64> = (0..25).map(|_| random.normal()).collect();
    let y: Vec<f64> = u
        .iter()
        .map(|row| {
            weights
                .iter()
                .enumerate()
                .map(|(k, w)| w * row[k + 1])
                .sum::<f64>()
        })
        .collect();
    study.with_phenotype(&y).write(bench.path(), "s");
    bench.run("lmm -bfile s -k output/e.cXX.txt -lmm 4 -o m");
    let table = bench.assoc("m");
    for column in ["l_remle", "l_mle"] {
        assert!(
            table.texts(column).iter().all(|l| l == "1.000000e-05"),
            "{column}"
        );
    }
    for column in ["p_wald", "p_lrt", "p_score"] {
        assert!(
            table
                .numbers(column)
                .iter()
                .all(|p| (0.0..=1.0).contains(p)),
            "{column}"
        );
    }
}

#[test]
fn the_range_of_lambda_is_kept() {
    let bench = Bench::new(&study());
    bench.run("lmm -bfile s -lmm 4 -lmin 1 -lmax 1 -o one");
    let one = bench.assoc("one");
    for column in ["l_remle", "l_mle"] {
        assert!(
            one.texts(column).iter().all(|l| l == "1.000000e+00"),
            "{column}"
        );
    }
    // Without intervals, only the ends are compared.
    bench.run("lmm -bfile s -lmm 4 -lmin 0.01 -lmax 100 -region 0 -o ends");
    let ends = bench.assoc("ends");
    for column in ["l_remle", "l_mle"] {
        assert!(
            ends.texts(column)
                .iter()
                .all(|l| ["1.000000e-02", "1.000000e+02"].contains(&l.as_str())),
            "{column}"
        );
    }
    // The end that was chosen is at least as likely as the other end alone.
    for end in ["0.01", "100"] {
        bench.run(&format!(
            "lmm -bfile s -lmm 4 -lmin {end} -lmax {end} -o end"
        ));
        let alone = bench.assoc("end").numbers("logl_H1");
        ends.numbers("logl_H1")
            .iter()
            .zip(&alone)
            .for_each(|(best, one)| assert!(*best >= one - 1e-4));
    }
}

#[test]
fn duplicate_individuals_are_analysed() {
    let mut study = study();
    for snp in &mut study.snps {
        snp.copy_within(0..20, 20);
        snp.copy_within(0..20, 40);
    }
    let bench = Bench::new(&study);
    bench.run("lmm -bfile s -lmm 4 -o m");
    let table = bench.assoc("m");
    for column in table.header.iter().skip(7) {
        assert!(
            table.numbers(column).iter().all(|x| x.is_finite()),
            "{column}"
        );
    }
    let n_zero = log_note(&bench, "m");
    assert!(n_zero >= 40, "{n_zero} eigenvalues are 0");
}

/// N of the note `Matrix G has N eigenvalues close to zero`.
fn log_note(bench: &Bench, name: &str) -> usize {
    let log = bench.log(name);
    let note = log
        .lines()
        .find_map(|line| line.strip_prefix("## note: Matrix G has "))
        .expect("the note");
    note.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn negative_eigenvalues_count_as_zero_with_a_note() {
    let bench = Bench::new(&study());
    bench.run("eigen -bfile s --save-kinship -o k");
    let mut rows = matrix(&bench.output("k.cXX.txt"));
    (0..rows.len()).for_each(|i| rows[i][i] -= 0.2);
    bench.write("k.txt", text_of(&rows));
    let run = bench.run("eigen -bfile s -k k.txt -o m");
    let column = |name: &str| matrix(&bench.output(name)).concat();
    let (before, after) = (column("k.eigenD.txt"), column("m.eigenD.txt"));
    // K is already centred: 0.2 less in every direction except that of the mean, whose eigenvalue stays 0.
    let n_below = before[1..].iter().filter(|&&d| d - 0.2 < 1e-10).count() + 1;
    assert!((2..80).contains(&n_below));
    assert_eq!(after.iter().filter(|&&d| d == 0.0).count(), n_below);
    assert!(after.is_sorted());
    let shifted: Vec<f64> = before[n_below..].iter().map(|d| d - 0.2).collect();
    shifted
        .iter()
        .zip(&after[n_below..])
        .for_each(|(a, b)| assert!((a - b).abs() < 1e-8, "{a} {b}"));
    assert_eq!(log_note(&bench, "m"), n_below);
    assert!(
        run.stderr.contains("negative eigenvalues"),
        "{}",
        run.stderr
    );
}
