//! Phenotypes, covariates, kinships and decompositions as they come in files.

use super::{Bench, assert_close, assert_same_statistics};
use crate::common::{log_value, matrix};
use crate::simulate::{Random, Study, lines_of, permuted, text_of};

fn study() -> Study {
    Study::simulate(31, 70, 50)
}

fn counts(log: &str) -> [usize; 3] {
    [
        "number of analyzed individuals",
        "individuals left out, no phenotype",
        "individuals left out, missing covariate",
    ]
    .map(|label| log_value(log, label).parse().unwrap())
}

#[test]
fn minus_nine_is_missing_in_a_fam_and_a_value_in_a_phenotype_file() {
    let mut study = study();
    for (i, y) in ["-9", "-9.0", "NA", "0", "-9.1"].into_iter().enumerate() {
        study.phenotype[i] = y.into();
    }
    let bench = Bench::new(&study);
    bench.write("y.txt", study.phenotype.join("\n"));
    bench.run("lmm -bfile s -lmm 3 -o fam");
    assert_eq!(counts(&bench.log("fam")), [67, 3, 0]);
    bench.run("lmm -bfile s -lmm 3 -p y.txt -o p");
    assert_eq!(counts(&bench.log("p")), [69, 1, 0]);
    assert!(
        bench
            .log("p")
            .contains("-9 is a value in a -p file and is analysed as such for 2 individuals")
    );
}

#[test]
fn phenotypes_from_a_file_equal_those_of_the_fam() {
    let study = study();
    let bench = Bench::new(&study);
    let rows: Vec<String> = study
        .phenotype
        .iter()
        .map(|y| format!("NA,{y}\t7"))
        .collect();
    bench.write("y.txt", rows.join("\r\n"));
    bench.run("lmm -bfile s -lmm 4 -o fam");
    bench.run("lmm -bfile s -lmm 4 -p y.txt -n 2 -o p");
    assert!(bench.bytes("fam.assoc.txt") == bench.bytes("p.assoc.txt"));
}

#[test]
fn a_missing_covariate_excludes_and_minus_nine_does_not() {
    let mut study = study();
    study.phenotype[3] = "NA".into();
    let bench = Bench::new(&study);
    let mut rows: Vec<String> = (0..70)
        .map(|i| format!("{} {}", i % 9, i * i % 31))
        .collect();
    rows[3] = "NA 1".into();
    rows[5] = "2 NA".into();
    rows[6] = "NA NA".into();
    rows[8] = "-9 4".into();
    bench.write("c.txt", rows.join("\n"));
    bench.run("lmm -bfile s -lmm 3 -c c.txt -o m");
    assert_eq!(counts(&bench.log("m")), [67, 1, 2]);
    // The results are those without a phenotype.
    for i in [5, 6] {
        study.phenotype[i] = "NA".into();
        rows[i] = "1 1".into();
    }
    study.write(bench.path(), "s");
    bench.write("c.txt", rows.join("\n"));
    bench.run("lmm -bfile s -lmm 3 -c c.txt -o n");
    assert!(bench.bytes("m.assoc.txt") == bench.bytes("n.assoc.txt"));
}

fn betas(log: &str, label: &str) -> Vec<f64> {
    log_value(log, label)
        .split_whitespace()
        .map(|b| b.parse().unwrap())
        .collect()
}

#[test]
fn an_intercept_is_added_last_where_there_is_none_and_a_constant_scales_its_effect() {
    let study = study();
    let bench = Bench::new(&study);
    let covariate = |i: usize| i * 7 % 23;
    bench.write(
        "own.txt",
        lines_of((0..70).map(|i| format!("{} 1", covariate(i)))),
    );
    bench.write("none.txt", lines_of((0..70).map(covariate)));
    bench.write(
        "five.txt",
        lines_of((0..70).map(|i| format!("{} 5", covariate(i)))),
    );
    for name in ["own", "none", "five"] {
        bench.run(&format!("lmm -bfile s -lmm 4 -c {name}.txt -o {name}"));
        assert_eq!(log_value(&bench.log(name), "number of covariates"), "2");
    }
    assert!(
        bench
            .log("none")
            .contains("no intercept term is found in the covariate file: a column of 1s is added")
    );
    assert!(bench.bytes("own.assoc.txt") == bench.bytes("none.assoc.txt"));
    assert_same_statistics(&bench.assoc("own"), &bench.assoc("five"));
    for label in ["beta estimate in the null model", "se(beta)"] {
        let [own, none, five] = ["own", "none", "five"].map(|name| betas(&bench.log(name), label));
        assert_eq!(own, none, "the intercept is the last of {label}");
        assert_close(label, &[own[0], own[1] / 5.0], &five, 1e-5);
    }
}

/// The centred kinship of `bench`'s study, made by the program, as rows.
fn kinship(bench: &Bench) -> Vec<Vec<f64>> {
    bench.run("gk -bfile s -o k");
    matrix(&bench.output("k.cXX.txt"))
}

#[test]
fn triplets_in_any_order_equal_the_square_matrix() {
    let study = study();
    let bench = Bench::new(&study);
    let k = kinship(&bench);
    bench.run("lmm -bfile s -lmm 4 -k output/k.cXX.txt -o square");
    let line = |i: usize, j: usize| {
        format!(
            "{} {} {}",
            study.individuals[i].1, study.individuals[j].1, k[i][j]
        )
    };
    let all: Vec<(usize, usize)> = (0..70).flat_map(|i| (0..70).map(move |j| (i, j))).collect();
    let lower = lines_of(all.iter().filter(|(i, j)| j <= i).map(|&(i, j)| line(i, j)));
    let shuffled = permuted(&all, &Random::new(1).permutation(all.len()));
    let full = lines_of(shuffled.into_iter().map(|(i, j)| line(i, j)));
    for text in [&lower, &full] {
        bench.write("k.txt", text);
        bench.run("lmm -bfile s -lmm 4 -k k.txt -km 2 -o list");
        assert!(bench.bytes("square.assoc.txt") == bench.bytes("list.assoc.txt"));
    }
    bench.write("k.txt", format!("{lower}I5 I4 0.123\n"));
    let said = bench.refused("lmm -bfile s -lmm 4 -k k.txt -km 2 -o list");
    assert!(
        said.contains("k.txt:2486") && said.contains("I5 and I4 is 0.123, but it was"),
        "{said}"
    );
}

fn gz(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_kinship_may_be_compressed_and_separated_as_it_likes() {
    let bench = Bench::new(&study());
    let text = text_of(&kinship(&bench));
    bench.run("lmm -bfile s -lmm 4 -k output/k.cXX.txt -o plain");
    for bytes in [
        gz(&text),
        text.replace('\t', ",").into_bytes(),
        text.replace('\t', "  ").into_bytes(),
        text.replace('\n', "\r\n").into_bytes(),
        text.trim_end().as_bytes().to_vec(),
        (text.clone() + "\n\n").into_bytes(),
    ] {
        bench.write("k", bytes);
        bench.run("lmm -bfile s -lmm 4 -k k -o other");
        assert!(bench.bytes("plain.assoc.txt") == bench.bytes("other.assoc.txt"));
    }
}

#[test]
fn a_kinship_of_another_shape_is_refused_with_its_row() {
    let bench = Bench::new(&study());
    let text = text_of(&kinship(&bench));
    let lines: Vec<&str> = text.lines().collect();
    let refused = |lines: &[&str]| {
        bench.write("k.txt", lines.join("\n"));
        bench.refused("lmm -bfile s -k k.txt -o m")
    };
    let said = refused(&lines[..69]);
    assert!(said.contains("the file has 69 rows, 70 expected"), "{said}");
    let said = refused(&[&lines[..], &lines[..1]].concat());
    assert!(
        said.contains("k.txt:71") && said.contains("71 rows, 70 expected"),
        "{said}"
    );
    let (short, long) = (
        lines[4].rsplit_once('\t').unwrap().0,
        format!("{}\t1", lines[4]),
    );
    for (line, found) in [(short, 69), (&*long, 71)] {
        let said = refused(&[&lines[..4], &[line], &lines[5..]].concat());
        assert!(
            said.contains(&format!("row 5 has {found} columns, 70 expected")),
            "{said}"
        );
    }
    // A blank line is refused where more rows follow.
    let said = refused(&[&lines[..4], &[""], &lines[4..]].concat());
    assert!(said.contains("k.txt:5"), "{said}");
}

#[test]
fn rows_of_individuals_that_are_not_analysed_are_not_looked_at() {
    let mut study = study();
    study.phenotype[2] = "NA".into();
    let bench = Bench::new(&study);
    let text = text_of(&kinship(&bench));
    bench.run("lmm -bfile s -lmm 4 -k output/k.cXX.txt -o clean");
    let mut lines: Vec<&str> = text.lines().collect();
    lines[2] = "junk of another width";
    bench.write("k.txt", lines.join("\n"));
    bench.run("lmm -bfile s -lmm 4 -k k.txt -o junk");
    assert!(bench.bytes("clean.assoc.txt") == bench.bytes("junk.assoc.txt"));
    assert!(
        bench
            .log("junk")
            .contains("not read: 1 row of individuals that are not analysed")
    );
}

#[test]
fn a_decomposition_from_files_gives_the_run_that_decomposes() {
    let mut study = study();
    study.phenotype[11] = "NA".into();
    let bench = Bench::new(&study);
    bench.run("eigen -bfile s -o text");
    bench.run("eigen -bfile s --format npy -o binary");
    bench.run("lmm -bfile s -lmm 4 -o own");
    bench.run(
        "lmm -bfile s -lmm 4 -d output/binary.eigenD.npy -u output/binary.eigenU.npy -o binary",
    );
    bench.run("lmm -bfile s -lmm 4 -d output/text.eigenD.txt -u output/text.eigenU.txt -o text");
    assert!(
        bench.bytes("own.assoc.txt") == bench.bytes("binary.assoc.txt"),
        "every bit is kept"
    );
    assert_same_statistics(&bench.assoc("own"), &bench.assoc("text"));
}

#[test]
fn eigenvectors_decompose_the_centred_kinship() {
    let bench = Bench::new(&study());
    let k = kinship(&bench);
    bench.run("eigen -bfile s -k output/k.cXX.txt -o e");
    let d = matrix(&bench.output("e.eigenD.txt")).concat();
    let u = matrix(&bench.output("e.eigenU.txt"));
    assert_eq!((d[0], d.len(), u.len()), (0.0, 70, 70));
    assert!(d.is_sorted());
    let means: Vec<f64> = k.iter().map(|row| row.iter().sum::<f64>() / 70.0).collect();
    let total = means.iter().sum::<f64>() / 70.0;
    for i in 0..70 {
        for j in 0..70 {
            let centred = |l: usize| k[i][l] - means[i] - means[l] + total;
            let ku: f64 = (0..70).map(|l| centred(l) * u[l][j]).sum();
            assert!((ku - u[i][j] * d[j]).abs() < 2e-9, "row {i}, vector {j}");
            let product: f64 = (0..70).map(|l| u[l][i] * u[l][j]).sum();
            assert!(
                (product - f64::from(u8::from(i == j))).abs() < 2e-9,
                "vectors {i} and {j}"
            );
        }
    }
}

#[test]
fn residuals_and_covariates_add_up_to_the_phenotype() {
    let mut study = study();
    study.phenotype[0] = "NA".into();
    let bench = Bench::new(&study);
    let age = |i: usize| (i * 13 % 47) as f64;
    bench.write("c.txt", lines_of((0..70).map(age)));
    bench.run("lmm -bfile s -lmm 5 -c c.txt -o m");
    let [u, e] =
        ["residU", "residE"].map(|name| matrix(&bench.output(&format!("m.{name}.txt"))).concat());
    let beta = betas(&bench.log("m"), "beta estimate in the null model");
    assert_eq!((u.len(), e.len(), beta.len()), (69, 69, 2));
    for (i, y) in study.y().iter().enumerate().skip(1) {
        let sum = u[i - 1] + e[i - 1] + beta[0] * age(i) + beta[1];
        // Six digits of β are in the log.
        assert!((y - sum).abs() < 1e-4, "individual {i}: {y} against {sum}");
    }
    // Ten digits of û and ê: their sum is y less W, exactly what W leaves of it.
    let rest: Vec<f64> = u.iter().zip(&e).map(|(u, e)| u + e).collect();
    let y = &study.y()[1..];
    let left = |j: usize| rest[j] - y[j];
    let slope = (left(1) - left(0)) / (age(2) - age(1));
    for j in 2..69 {
        let line = left(0) + slope * (age(j + 1) - age(1));
        assert!((left(j) - line).abs() < 1e-7, "individual {j}");
    }
}

#[test]
fn silence_says_nothing_on_success_and_speaks_on_failure() {
    let bench = Bench::new(&study());
    bench.run("gk -bfile s -o k");
    // With a note on the way: a kinship without ids.
    std::fs::remove_file(bench.output("k.cXX.id")).unwrap();
    for words in [
        "gk -bfile s -silence",
        "eigen -bfile s --quiet",
        "lmm -bfile s -k output/k.cXX.txt --silence",
        "-bfile s -k output/k.cXX.txt -lmm 5 -silence",
        "demo -silence",
    ] {
        let run = bench.run(words);
        assert_eq!(
            (run.stdout.as_str(), run.stderr.as_str()),
            ("", ""),
            "{words}"
        );
    }
    assert!(
        bench
            .refused("lmm -bfile nobody -silence")
            .contains("nobody.bed")
    );
}
