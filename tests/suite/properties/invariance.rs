//! What a change of units, labels or order must not change.

use super::{Bench, LAMBDA, PRINTED, assert_close, assert_same_statistics};
use crate::common::matrix;
use crate::simulate::{Random, Study, permuted, text_of};

fn study() -> Study {
    Study::simulate(7, 90, 120)
}

#[test]
fn swapping_alleles_flips_beta_and_keeps_the_rest() {
    let (a, b) = (
        Bench::new(&study()),
        Bench::new(&study().with_swapped_alleles()),
    );
    for mode in [1, 2, 3, 4, 9] {
        for bench in [&a, &b] {
            bench.run(&format!("lmm -bfile s -lmm {mode} -o m"));
        }
        let (a, mut b) = (a.assoc("m"), b.assoc("m"));
        if let Some(beta) = b.header.iter().position(|h| h == "beta") {
            for row in &mut b.rows {
                row[beta] = row[beta]
                    .strip_prefix('-')
                    .map_or(format!("-{}", row[beta]), str::to_owned);
            }
        }
        assert_same_statistics(&a, &b);
        assert_eq!(a.texts("allele1"), b.texts("allele0"));
        let folded: Vec<f64> = b.numbers("af").iter().map(|af| 1.0 - af).collect();
        a.numbers("af")
            .iter()
            .zip(&folded)
            .for_each(|(a, b)| assert!((a - b).abs() < 0.0011));
    }
}

/// Two covariates without an intercept, as rows of text, and as columns.
fn covariates(n: usize) -> (String, [Vec<f64>; 2]) {
    let mut random = Random::new(3);
    let age: Vec<f64> = (0..n)
        .map(|_| (20.0 + 50.0 * random.uniform()).round())
        .collect();
    let dose: Vec<f64> = (0..n)
        .map(|_| (random.normal() * 1e3).round() / 1e3)
        .collect();
    let rows: Vec<_> = age.iter().zip(&dose).map(|(a, b)| vec![*a, *b]).collect();
    (text_of(&rows), [age, dose])
}

#[test]
fn a_combination_of_the_covariates_added_to_y_changes_no_statistic() {
    let study = study();
    let (text, [age, dose]) = covariates(study.n());
    let moved: Vec<f64> = study
        .y()
        .iter()
        .zip(age.iter().zip(&dose))
        .map(|(y, (a, d))| y + 17.0 - 0.25 * a + 3.0 * d)
        .collect();
    let tables = [study.clone(), study.with_phenotype(&moved)].map(|study| {
        let bench = Bench::new(&study);
        bench.write("c.txt", &text);
        bench.run("lmm -bfile s -c c.txt -lmm 4 -o m");
        bench.assoc("m")
    });
    assert_same_statistics(&tables[0], &tables[1]);
}

#[test]
fn the_unit_of_y_scales_beta_and_se_and_shifts_the_likelihood() {
    let study = study();
    let scaled: Vec<f64> = study.y().iter().map(|y| 1000.0 * y).collect();
    for (mode, degrees) in [(1, study.n() - 2), (4, study.n())] {
        let [a, b] = [study.clone(), study.with_phenotype(&scaled)].map(|study| {
            let bench = Bench::new(&study);
            bench.run(&format!("lmm -bfile s -lmm {mode} -o m"));
            bench.assoc("m")
        });
        let times = |column: &str| {
            a.numbers(column)
                .iter()
                .map(|x| 1000.0 * x)
                .collect::<Vec<_>>()
        };
        assert_close("beta", &times("beta"), &b.numbers("beta"), PRINTED);
        assert_close("se", &times("se"), &b.numbers("se"), PRINTED);
        // The density of ML has n, that of REML n − c − 1 standard deviations.
        let shift = degrees as f64 * 1000f64.ln();
        let shifted: Vec<f64> = a.numbers("logl_H1").iter().map(|x| x - shift).collect();
        b.numbers("logl_H1")
            .iter()
            .zip(&shifted)
            .for_each(|(b, a)| assert!((a - b).abs() < 2e-4, "{a} {b}"));
        for column in a.header.iter().filter(|h| h.starts_with("p_")) {
            assert_close(column, &a.numbers(column), &b.numbers(column), PRINTED);
        }
        assert_close(
            "l_remle",
            &a.numbers("l_remle"),
            &b.numbers("l_remle"),
            LAMBDA,
        );
    }
}

#[test]
fn the_order_of_the_individuals_does_not_matter() {
    let study = study();
    let order = Random::new(5).permutation(study.n());
    let (text, _) = covariates(study.n());
    let lines: Vec<&str> = text.lines().collect();
    let (a, b) = (Bench::new(&study), Bench::new(&study.permuted(&order)));
    a.write("c.txt", &text);
    b.write("c.txt", permuted(&lines, &order).join("\n"));
    for bench in [&a, &b] {
        bench.run("lmm -bfile s -c c.txt -lmm 4 --save-kinship -o m");
    }
    assert_same_statistics(&a.assoc("m"), &b.assoc("m"));
    let (k, of_b) = (
        matrix(&a.output("m.cXX.txt")),
        matrix(&b.output("m.cXX.txt")),
    );
    let rows: Vec<Vec<f64>> = permuted(&k, &order)
        .iter()
        .map(|row| permuted(row, &order))
        .collect();
    for (a, b) in rows.iter().flatten().zip(of_b.iter().flatten()) {
        assert!(
            (a - b).abs() <= 1.1e-10 * a.abs().max(0.1),
            "{a} against {b}"
        );
    }
    // The same kinship given by file, in the order of each.
    b.write("k.txt", text_of(&rows));
    b.run("lmm -bfile s -c c.txt -lmm 4 -k k.txt -o k");
    assert_same_statistics(&a.assoc("m"), &b.assoc("k"));
}

/// Enough individuals and SNPs for several panels, batches and chunks, with missing phenotypes.
fn wide() -> Study {
    let mut study = Study::simulate(11, 203, 700);
    for i in [0, 5, 77, 202] {
        study.phenotype[i] = "NA".into();
    }
    study
}

#[test]
fn threads_and_blocks_never_change_a_byte() {
    let bench = Bench::new(&wide());
    let outputs = |name: &str| {
        ["assoc.txt", "cXX.txt", "cXX.id"].map(|suffix| bench.bytes(&format!("{name}.{suffix}")))
    };
    bench.run("lmm -bfile s -lmm 4 --save-kinship --threads 1 -o first");
    let first = outputs("first");
    for threads in [1, 2, 3, 5] {
        for block in ["", "--block-snps 1", "--block-snps 7", "--block-snps 64"] {
            bench.run(&format!(
                "lmm -bfile s -lmm 4 --save-kinship --threads {threads} {block} -o m"
            ));
            assert!(outputs("m") == first, "--threads {threads} {block}");
        }
    }
}

#[test]
fn threads_never_change_a_byte_with_a_kinship_from_a_file() {
    let bench = Bench::new(&wide());
    bench.run("gk -bfile s -o k");
    let outputs = |threads: usize, block: &str| {
        let run = |command: &str| bench.run(&format!("{command} --threads {threads} {block}"));
        run("gk -bfile s -gk 2 -o m");
        run("lmm -bfile s -k output/k.cXX.txt -lmm 4 -o m");
        run("eigen -bfile s -k output/k.cXX.txt -o m");
        ["sXX.txt", "assoc.txt", "eigenD.txt", "eigenU.txt"]
            .map(|suffix| bench.bytes(&format!("m.{suffix}")))
    };
    let first = outputs(1, "");
    for (threads, block) in [
        (2, "--block-snps 1"),
        (3, "--block-snps 7"),
        (5, "--block-snps 64"),
        (2, ""),
    ] {
        assert!(
            outputs(threads, block) == first,
            "--threads {threads} {block}"
        );
    }
}

#[test]
fn single_precision_rotation_is_close_says_so_and_keeps_its_bytes() {
    let bench = Bench::new(&wide());
    bench.run("lmm -bfile s -lmm 4 -o double");
    bench.run("lmm -bfile s -lmm 4 --rotation f64 -o same");
    bench.run("lmm -bfile s -lmm 4 --rotation f32 -o single");
    bench.run("lmm -bfile s -lmm 4 --rotation f32 --threads 3 --block-snps 7 -o other");
    let said = "note: SNPs are rotated in single precision (--rotation f32)";
    assert!(bench.log("single").contains(said));
    assert!(!bench.log("double").contains("single precision"));
    assert!(bench.bytes("same.assoc.txt") == bench.bytes("double.assoc.txt"));
    assert!(bench.bytes("other.assoc.txt") == bench.bytes("single.assoc.txt"));
    let (double, single) = (bench.assoc("double"), bench.assoc("single"));
    let se = double.numbers("se");
    // An error of 3e-8 of the SNP's length moves beta by about 1e-7 of its standard error times the length of y.
    for ((a, b), se) in double
        .numbers("beta")
        .iter()
        .zip(single.numbers("beta"))
        .zip(&se)
    {
        assert!((a - b).abs() <= 1e-5 * se.max(a.abs()), "{a} against {b}");
    }
    for column in ["se", "p_wald", "p_lrt", "p_score"] {
        assert_close(
            column,
            &double.numbers(column),
            &single.numbers(column),
            1e-5,
        );
    }
    for command in ["gk -bfile s", "-bfile s -eigen", "-bfile s -lmm 5"] {
        bench.refused(&format!("{command} --rotation f32 -o m"));
    }
}

#[test]
fn one_command_equals_the_two_steps_of_gemma() {
    let bench = Bench::new(&wide());
    bench.run("lmm -bfile s -lmm 4 -o one");
    bench.run("gk -bfile s --format npy -o k");
    bench.run("lmm -bfile s -lmm 4 -k output/k.cXX.npy -o two");
    assert!(
        bench.bytes("one.assoc.txt") == bench.bytes("two.assoc.txt"),
        "through .npy, to the byte"
    );
    bench.run("gk -bfile s -o k");
    bench.run("lmm -bfile s -lmm 4 -k output/k.cXX.txt -o text");
    assert_same_statistics(&bench.assoc("one"), &bench.assoc("text"));
}
