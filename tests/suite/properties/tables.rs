//! Tables of individuals: how they are matched, and what is said about codes in them.

use super::Bench;
use crate::common::{jamma_in, log_value};
use crate::simulate::{Random, Study, lines_of, permuted};
use rustix::fs::{CWD, Mode, mkfifoat};

fn study() -> Study {
    let mut study = Study::simulate(61, 80, 60);
    study.phenotype[7] = "NA".into();
    study
}

/// Rows `FID IID phenotype`, in another order.
fn rows_with_ids(study: &Study) -> Vec<String> {
    let rows: Vec<String> = (study.individuals.iter().zip(&study.phenotype))
        .map(|((fid, iid), y)| format!("{fid}\t{iid}\t{y}"))
        .collect();
    permuted(&rows, &Random::new(5).permutation(rows.len()))
}

#[test]
fn rows_with_ids_come_in_any_order_and_who_is_unknown_or_absent_is_counted() {
    let study = study();
    let bench = Bench::new(&study);
    let expected = |without: &[usize]| {
        let mut study = study.clone();
        without
            .iter()
            .for_each(|&i| study.phenotype[i] = "NA".into());
        let bench = Bench::new(&study);
        bench.run("lmm -bfile s -lmm 4 -o m");
        bench.bytes("m.assoc.txt")
    };
    bench.write("y.txt", lines_of(rows_with_ids(&study)));
    bench.run("lmm -bfile s -lmm 4 -p y.txt -n 3 -o m");
    assert!(bench.bytes("m.assoc.txt") == expected(&[]));
    assert!(bench.log("m").contains("by FID and IID (columns 1 and 2)"));
    let mut fewer: Vec<String> = rows_with_ids(&study);
    fewer.retain(|row| !row.contains("\tI3\t") && !row.contains("\tI44\t"));
    fewer.push("F99\tI99\t3.5".into());
    bench.write("y.txt", lines_of(fewer));
    bench.run("lmm -bfile s -lmm 4 -p y.txt -n 3 -o m");
    assert!(bench.bytes("m.assoc.txt") == expected(&[3, 44]));
    let log = bench.log("m");
    assert!(
        log.contains(
            "2 individuals of the .fam without a row, so without a phenotype: F0 I3, F11 I44"
        ),
        "{log}"
    );
    assert!(
        log.contains("1 row of individuals who are not in the .fam excluded: F99 I99"),
        "{log}"
    );
}

#[test]
fn covariates_with_ids_are_matched_and_named_by_their_column() {
    let study = study();
    let bench = Bench::new(&study);
    let plain: Vec<String> = (0..80)
        .map(|i| format!("{} {}", i * 7 % 23, i % 5))
        .collect();
    let rows: Vec<String> = (study.individuals.iter().zip(&plain))
        .map(|((fid, iid), c)| format!("{fid} {iid} {c}"))
        .collect();
    let order = Random::new(6).permutation(80);
    bench.write("plain.txt", lines_of(&plain));
    bench.write("ids.txt", lines_of(permuted(&rows, &order)));
    for name in ["plain", "ids"] {
        bench.run(&format!("lmm -bfile s -lmm 4 -c {name}.txt -o {name}"));
    }
    assert!(bench.bytes("plain.assoc.txt") == bench.bytes("ids.assoc.txt"));
    let doubled = rows
        .iter()
        .map(|row| format!("{row} {}", row.rsplit(' ').next().unwrap()));
    bench.write("twice.txt", lines_of(doubled));
    let said = bench.refused("lmm -bfile s -lmm 4 -c twice.txt");
    assert!(
        said.contains("covariate 5 is a linear combination of covariate 4"),
        "{said}"
    );
}

#[test]
fn small_integers_are_phenotypes_though_ids_are_small_integers_too() {
    let mut study = study();
    for (i, (fid, iid)) in study.individuals.iter_mut().enumerate() {
        *fid = (i + 1).to_string();
        *iid = (i + 1).to_string();
    }
    let bench = Bench::new(&study);
    let mut random = Random::new(8);
    let mut column = |k: usize| -> Vec<usize> { (0..80).map(|_| random.below(k)).collect() };
    for k in [2, 3, 60, 81] {
        let (a, b) = (column(k), column(k));
        bench.write(
            "y.txt",
            lines_of((0..80).map(|i| format!("{} {}", a[i], b[i]))),
        );
        for n in [1, 2] {
            bench.run(&format!("lmm -bfile s -lmm 1 -p y.txt -n {n} -o y"));
            assert!(!bench.log("y").contains("matched"), "{k}");
        }
    }
    // A permutation of the ids is a phenotype where it is alone.
    bench.write("y.txt", lines_of((0..80).map(|i| i * 7 % 80 + 1)));
    bench.run("lmm -bfile s -lmm 1 -p y.txt -o y");
    // In the order of the .fam file it is not.
    bench.write("y.txt", lines_of(1..81));
    let said = bench.refused("lmm -bfile s -lmm 1 -p y.txt");
    assert!(
        said.contains("column 1 equals the individual ids (IID)"),
        "{said}"
    );
}

#[test]
fn codes_that_count_as_values_are_said_with_number_and_ids() {
    let mut study = study();
    let bench = Bench::new(&study);
    let covariates: Vec<String> = (0..80)
        .map(|i| {
            if [4, 9].contains(&i) {
                "-9".into()
            } else {
                (i * 7 % 23).to_string()
            }
        })
        .collect();
    bench.write("c.txt", lines_of(&covariates));
    bench.run("lmm -bfile s -lmm 1 -c c.txt -o c");
    let log = bench.log("c");
    assert!(log.contains("c.txt, column 1: -9 is a value in a -c file and is used as such for 2 individuals (F1 I4, F2 I9)"), "{log}");
    study.phenotype = (0..80).map(|i| (i * i % 3).to_string()).collect();
    study.phenotype[40] = "2".into();
    study.write(bench.path(), "s");
    bench.run("lmm -bfile s -lmm 1 -o y");
    let log = bench.log("y");
    assert!(
        log.contains("s.fam, phenotype 1: all values are 0, 1 or 2"),
        "{log}"
    );
    assert!(
        log.contains("for 27 individuals (F0 I0, F0 I3, F1 I6, F2 I9, F3 I12 and 22 more)"),
        "{log}"
    );
    study.phenotype[3] = "-999".into();
    study.write(bench.path(), "s");
    bench.run("lmm -bfile s -lmm 1 -o y");
    let log = bench.log("y");
    assert!(
        log.contains("-999 is a value, only -9 and NA are missing") && log.contains("(F0 I3)"),
        "{log}"
    );
    assert!(!log.contains("all values are"), "{log}");
}

#[test]
fn individuals_without_any_genotype_are_named() {
    let mut study = study();
    for snp in &mut study.snps {
        (snp[7], snp[33]) = (None, None);
    }
    let bench = Bench::new(&study);
    let note = |log: &str| {
        log.lines()
            .find(|line| line.contains("without any genotype"))
            .map(str::to_owned)
    };
    bench.run("lmm -bfile s -lmm 1 -o m");
    let said = note(&bench.log("m")).unwrap();
    assert!(
        said.contains("1 individual without any genotype: F8 I33"),
        "{said}"
    );
    bench.run("gk -bfile s -o k");
    let said = note(&bench.log("k")).unwrap();
    assert!(
        said.contains("2 individuals without any genotype: F1 I7, F8 I33"),
        "{said}"
    );
    study.snps[59][33] = Some(1);
    study.write(bench.path(), "s");
    bench.run("lmm -bfile s -lmm 1 -o m");
    assert_eq!(note(&bench.log("m")), None);
}

#[test]
fn a_phenotype_about_a_large_mean_gives_the_results_of_its_differences() {
    let mut study = study();
    let thousandths: Vec<Option<i64>> = (study.phenotype.iter())
        .map(|y| y.parse::<f64>().ok().map(|y| (y * 1e3).round() as i64))
        .collect();
    let mut results = Vec::new();
    for mean in [0, 1_000_000_000_000] {
        let values = thousandths.iter().map(|y| y.map(|y| y + mean));
        study.phenotype = values
            .map(|y| y.map_or("NA".into(), |y| y.to_string()))
            .collect();
        let bench = Bench::new(&study);
        bench.run("lmm -bfile s -lmm 4 -o m");
        let log = bench.log("m");
        assert_eq!(log.contains("its mean is subtracted"), mean > 0, "{log}");
        results.push((
            bench.assoc("m"),
            log_value(&log, "beta estimate in the null model"),
        ));
    }
    super::assert_same_statistics(&results[0].0, &results[1].0);
    assert_eq!(results[1].1, "1e+12");
}

#[test]
fn a_table_with_an_empty_cell_is_read_from_a_pipe_too() {
    let study = study();
    let bench = Bench::new(&study);
    bench.run("lmm -bfile s -lmm 4 -o fam");
    mkfifoat(CWD, bench.file("pipe"), Mode::from_raw_mode(0o600)).unwrap();
    let text = lines_of(study.phenotype.iter().map(|y| {
        let y = if y == "NA" { "" } else { y };
        format!("{y}\t1")
    }));
    std::thread::scope(|scope| {
        scope.spawn(|| bench.write("pipe", text));
        jamma_in(bench.path(), "lmm -bfile s -lmm 4 -p pipe -o pipe").ok();
    });
    assert!(bench.bytes("fam.assoc.txt") == bench.bytes("pipe.assoc.txt"));
}
