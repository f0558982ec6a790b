//! Likelihoods without a maximum inside the range: perfect fits, flat ones, and ranges that hide the maximum.

use super::{Bench, LAMBDA, PRINTED, assert_close, assert_same_statistics};
use crate::common::{Table, log_value, matrix};
use crate::simulate::{Random, Study, lines_of, permuted, text_of};

const FLAT: &str = "SNPs whose restricted likelihood does not depend on lambda (Wald test nan)";
const PERFECT: &str = "SNPs that explain the phenotype completely (p = 0)";

/// 60 individuals; SNP 9 has no missing call.
fn study() -> Study {
    let mut study = Study::simulate(21, 60, 40);
    let calls = study.snps[9].iter_mut().filter(|x| x.is_none());
    calls.for_each(|x| *x = Some(1));
    study
}

/// The phenotype that is SNP 9 in some unit.
fn snp_times(study: &Study, unit: f64, offset: f64) -> Study {
    let y: Vec<f64> = study.snps[9]
        .iter()
        .map(|x| f64::from(x.unwrap()) * unit + offset)
        .collect();
    study.with_phenotype(&y)
}

#[test]
fn a_perfect_fit_has_p_0_in_every_unit() {
    let study = study();
    let units = [1.0, 1e-8, 3e9, 0.1, -7.3e-120, 2.5e100, 1.0 / 3.0];
    for (unit, offset) in units.into_iter().zip([0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 1e6]) {
        let bench = Bench::new(&snp_times(&study, unit, offset));
        for mode in [1, 2, 4, 9] {
            bench.run(&format!("lmm -bfile s -lmm {mode} --log10p -o m"));
            let table = bench.assoc("m");
            for column in ["p_wald", "p_lrt"] {
                if table.header.iter().any(|name| name == column) {
                    assert_eq!(table.texts(column)[9], "0.000000e+00", "{column} in {unit}");
                    let log = &table.texts(&format!("neg_log10_{column}"))[9];
                    assert_eq!(log, "inf", "{column} in {unit}");
                    let others = table.numbers(column);
                    assert!(others.iter().all(|p| (0.0..=1.0).contains(p)));
                }
            }
            assert_eq!(
                log_value(&bench.log("m"), PERFECT),
                "1",
                "mode {mode}, {unit}"
            );
            let fallback = log_value(
                &bench.log("m"),
                "SNPs with lambda found where GEMMA prints nan",
            );
            assert_eq!(fallback, "0", "mode {mode}, {unit}");
        }
    }
}

#[test]
fn a_perfect_fit_is_seen_after_a_rotation_in_single_precision() {
    let bench = Bench::new(&snp_times(&study(), 0.7, 2.0));
    bench.run("lmm -bfile s -lmm 4 -o double");
    bench.run("lmm -bfile s -lmm 4 --rotation f32 -o single");
    let [a, b] = ["double", "single"].map(|name| bench.assoc(name));
    assert_eq!(a.rows[9], b.rows[9]);
    assert_eq!(b.texts("p_wald")[9], "0.000000e+00");
}

#[test]
fn a_fit_that_is_not_perfect_keeps_its_statistics() {
    // A residual of 1e-9 of the phenotype is not rounding error.
    let mut random = Random::new(3);
    let study = study();
    let y: Vec<f64> = study.snps[9]
        .iter()
        .map(|x| f64::from(x.unwrap()) + 1e-9 * random.normal())
        .collect();
    let bench = Bench::new(&study.with_phenotype(&y));
    bench.run("lmm -bfile s -lmm 4 --log10p -o m");
    assert_eq!(log_value(&bench.log("m"), PERFECT), "0");
    let log = bench.assoc("m").numbers("neg_log10_p_wald")[9];
    assert!((400.0..600.0).contains(&log), "{log}");
}

/// Two inbred strains: the centred kinship has rank 1, and a SNP that differs between the strains spans it.
fn two_strains() -> Study {
    let n = 14;
    let strain = |i: usize| i.is_multiple_of(3);
    let between: Vec<_> = (0..n)
        .map(|i| Some(if strain(i) { 2 } else { 0 }))
        .collect();
    let mirrored: Vec<_> = between.iter().map(|x| x.map(|x| 2 - x)).collect();
    Study::of_genotypes(vec![
        between.clone(),
        mirrored,
        between.clone(),
        between.clone(),
    ])
}

#[test]
fn a_snp_that_spans_the_kinship_has_no_wald_test_whatever_the_order() {
    let study = two_strains();
    let order = Random::new(5).permutation(study.n());
    for (study, name) in [(study.clone(), "a"), (study.permuted(&order), "b")] {
        let bench = Bench::new(&study);
        for options in ["", " --rotation f32", " -gk 2", " -lmin 1e-3 -lmax 1e7"] {
            bench.run(&format!("lmm -bfile s -lmm 4{options} -o m"));
            let table = bench.assoc("m");
            for column in ["beta", "se", "l_remle", "p_wald"] {
                let all_nan = table.texts(column).iter().all(|x| x == "nan");
                assert!(
                    all_nan,
                    "{name}{options}: {column} {:?}",
                    table.texts(column)
                );
            }
            for column in ["p_lrt", "p_score", "l_mle"] {
                let numbers = table.numbers(column);
                assert!(numbers.iter().all(|x| x.is_finite()), "{column}");
                numbers
                    .windows(2)
                    .for_each(|p| assert!((p[0] / p[1] - 1.0).abs() < LAMBDA, "{column}"));
            }
            assert_eq!(log_value(&bench.log("m"), FLAT), "4");
        }
        // A file keeps ten digits of the kinship.
        bench.run("gk -bfile s -o k");
        bench.run("lmm -bfile s -k output/k.cXX.txt -o m");
        assert!(bench.assoc("m").texts("p_wald").iter().all(|p| p == "nan"));
    }
}

#[test]
fn one_residual_degree_of_freedom_gives_no_wald_test() {
    let study = Study::simulate(4, 8, 30);
    let mut random = Random::new(6);
    let covariates: Vec<Vec<f64>> = (0..8)
        .map(|_| (0..5).map(|_| random.normal()).collect())
        .collect();
    let order = random.permutation(8);
    for (study, covariates) in [
        (study.clone(), covariates.clone()),
        (study.permuted(&order), permuted(&covariates, &order)),
    ] {
        let bench = Bench::new(&study);
        bench.write("c.txt", text_of(&covariates));
        bench.run("lmm -bfile s -c c.txt -r2 1 -miss 1 -lmm 4 -o m");
        let table = bench.assoc("m");
        assert!(!table.rows.is_empty());
        assert!(table.texts("p_wald").iter().all(|p| p == "nan"));
        let n = table.rows.len().to_string();
        assert_eq!(log_value(&bench.log("m"), FLAT), n);
    }
}

#[test]
fn a_null_model_without_information_about_lambda_is_said() {
    let study = two_strains();
    let bench = Bench::new(&study);
    let strain = study.snps[0].iter().map(|x| x.unwrap());
    bench.write("c.txt", lines_of(strain));
    let mut others = Study::simulate(9, 14, 20);
    others.phenotype.clone_from(&study.phenotype);
    bench.run("gk -bfile s -o k");
    others.individuals.clone_from(&study.individuals);
    others.write(bench.path(), "s");
    let run = bench.run("lmm -bfile s -k output/k.cXX.txt -c c.txt -o m");
    assert!(
        run.stderr.contains("does not depend on lambda"),
        "{}",
        run.stderr
    );
    assert!(bench.log("m").contains("does not depend on lambda"));
}

#[test]
fn a_wide_range_does_not_hide_the_optimum() {
    let bench = Bench::new(&study());
    bench.run("lmm -bfile s -lmm 4 -o default");
    let default = bench.assoc("default");
    let inside: Vec<bool> = ["l_remle", "l_mle"]
        .iter()
        .map(|column| default.numbers(column))
        .reduce(|a, b| a.iter().zip(&b).map(|(a, b)| a.max(*b)).collect())
        .unwrap()
        .iter()
        .map(|lambda| (1e-3..9e4).contains(lambda))
        .collect();
    assert!(inside.iter().filter(|x| **x).count() > 20);
    for range in [
        "-lmin 1e-15 -lmax 1e15",
        "-lmin 1e-15 -lmax 1e15 -region 1",
        "-lmin 0",
        "-lmin 0 -lmax 1e12 -region 3",
        "-region 1",
        "-region 2",
        "-lmin 1e-8 -lmax 1e8 -region 4",
    ] {
        bench.run(&format!("lmm -bfile s -lmm 4 {range} -o m"));
        let table = bench.assoc("m");
        for column in [
            "beta", "se", "logl_H1", "l_remle", "l_mle", "p_wald", "p_lrt",
        ] {
            // Effects at a ratio that is known to 1e-5 only.
            let tolerance = if column == "logl_H1" { PRINTED } else { LAMBDA };
            // An effect counts in standard errors.
            let chosen = |of: &Table, by: &Table| -> Vec<f64> {
                let scale = by.numbers("se").into_iter().zip(by.numbers("beta"));
                let scale = scale.map(|(se, beta)| {
                    if column == "beta" {
                        beta.signum() * se
                    } else {
                        0.0
                    }
                });
                let numbers = of.numbers(column).into_iter().zip(scale).zip(&inside);
                numbers
                    .filter_map(|((x, s), is)| is.then_some(x + s))
                    .collect()
            };
            assert_close(
                &format!("{column}, {range}"),
                &chosen(&table, &default),
                &chosen(&default, &default),
                tolerance,
            );
        }
    }
}

#[test]
fn large_kinships_with_duplicates_and_covariates_keep_their_digits() {
    // Genotype coding times 50: eigenvalues in the thousands, two null directions more than the mean's, four covariates.
    let mut study = Study::simulate(21, 60, 200);
    for snp in &mut study.snps {
        snp[1] = snp[0];
        snp[3] = snp[2];
    }
    let bench = Bench::new(&study);
    let mut random = Random::new(17);
    let covariates: Vec<Vec<f64>> = (0..60)
        .map(|_| (0..4).map(|_| random.normal()).collect())
        .collect();
    bench.write("c.txt", text_of(&covariates));
    bench.run("gk -bfile s -o k");
    let k = matrix(&bench.output("k.cXX.txt"));
    // With lambda at 1e5 and 1e10 of the scaled kinship, and at the same product of the plain one.
    for (scale, lambda) in [(1e3, 1e5), (1e3, 1e10), (1e-3, 1e13)] {
        let rows: Vec<Vec<f64>> = k
            .iter()
            .map(|row| row.iter().map(|x| x * scale).collect())
            .collect();
        bench.write("k.txt", text_of(&rows));
        let same = lambda * scale;
        for mode in [3, 4] {
            bench.run(&format!(
                "lmm -bfile s -k k.txt -c c.txt -lmm {mode} -lmin {lambda} -lmax {lambda} -o a"
            ));
            bench.run(&format!(
                "lmm -bfile s -k output/k.cXX.txt -c c.txt -lmm {mode} -lmin {same} -lmax {same} -o b"
            ));
            let [mut a, mut b] = ["a", "b"].map(|name| bench.assoc(name));
            // Lambda itself differs by the scale.
            for table in [&mut a, &mut b] {
                let keep: Vec<usize> = (0..table.header.len())
                    .filter(|&k| !table.header[k].starts_with("l_"))
                    .collect();
                table.header = permuted(&table.header, &keep);
                table.rows = table.rows.iter().map(|row| permuted(row, &keep)).collect();
            }
            assert_same_statistics(&a, &b);
        }
    }
}

#[test]
fn a_snp_that_is_a_covariate_is_undefined_in_either_precision() {
    let study = study();
    let bench = Bench::new(&study);
    let rows: Vec<Vec<u8>> = study.snps[9].iter().map(|x| vec![1, x.unwrap()]).collect();
    bench.write("c.txt", text_of(&rows));
    for rotation in ["f64", "f32"] {
        bench.run(&format!(
            "lmm -bfile s -c c.txt -r2 1 -lmm 4 --rotation {rotation} -o {rotation}"
        ));
        let table = bench.assoc(rotation);
        let row = table.texts("rs").iter().position(|rs| rs == "rs9");
        let row = row.expect("the SNP");
        for column in ["beta", "p_wald", "p_lrt", "p_score"] {
            assert_eq!(table.texts(column)[row], "nan", "{rotation} {column}");
        }
    }
}

#[test]
fn a_kinship_in_a_huge_unit_does_not_make_the_likelihood_flat() {
    let bench = Bench::new(&Study::simulate(31, 60, 200));
    bench.run("gk -bfile s -o k");
    let k = matrix(&bench.output("k.cXX.txt"));
    for unit in [1e6, 1e9, 1e12] {
        let rows: Vec<Vec<f64>> = k
            .iter()
            .map(|row| row.iter().map(|x| x * unit).collect())
            .collect();
        bench.write("k.txt", text_of(&rows));
        let run = bench.run("lmm -bfile s -k k.txt -lmm 4 -o m");
        assert_eq!(log_value(&bench.log("m"), FLAT), "0", "{unit}");
        assert!(!run.stderr.contains("does not depend on lambda"), "{unit}");
        let p = bench.assoc("m").numbers("p_wald");
        assert!(p.iter().all(|p| (0.0..=1.0).contains(p)), "{unit}: {p:?}");
    }
}
