//! Each trait of a run has the bytes of its own run (`-n`), whatever the others are.

use super::{N_TRAITS, assert_as_alone, bench, study};
use crate::common::{Table, log_value};
use crate::properties::Bench;
use crate::simulate::{Random, lines_of, permuted};

const TABLE: [&str; 1] = ["assoc.txt"];

#[test]
fn each_trait_has_the_bytes_of_its_own_run() {
    let bench = bench();
    bench.run("gk -bfile s -o k");
    for words in [
        "-lmm 4",
        "-lmm 1 -gk 2",
        "-lmm 2 --all-snps",
        "-lmm 3 -c c.txt",
        "-lmm 9 -c c.txt --log10p -maf 0.2 -miss 0.01",
        "-lmm 1 -k output/k.cXX.txt",
        "-lmm 4 --kinship-qc all",
        "-lmm 1 --rotation f32",
        "-lmm 4 -hwe 0.01 -lmin 0.01 -lmax 10 -region 3",
    ] {
        assert_as_alone(&bench, &format!("lmm -bfile s {words}"), N_TRAITS, &TABLE);
    }
}

#[test]
fn each_trait_has_the_bytes_of_its_own_run_with_loco() {
    let bench = bench();
    for words in [
        "--loco -lmm 4",
        "--loco -lmm 1 -c c.txt -gk 2 --all-snps",
        "-loco 2 -lmm 4",
    ] {
        assert_as_alone(&bench, &format!("lmm -bfile s {words}"), N_TRAITS, &TABLE);
    }
}

#[test]
fn each_trait_has_the_bytes_of_its_own_run_compressed() {
    assert_as_alone(
        &bench(),
        "lmm -bfile s -lmm 4 --gz",
        N_TRAITS,
        &["assoc.txt.gz"],
    );
}

#[test]
fn each_trait_of_the_reference_data_has_the_bytes_of_its_own_run() {
    for (name, words, n_traits) in [
        ("missing", "-lmm 4", 4),
        ("missing", "-lmm 1 -c missing.covariates.txt", 4),
        ("missing", "-lmm 1 -p missing.pheno.txt", 2),
        ("odd", "-lmm 4 -maf 0", 3),
        ("loco", "-lmm 4 -c loco.covariates.txt --loco", 2),
    ] {
        let bench = Bench::of_reference(name);
        assert_as_alone(
            &bench,
            &format!("lmm -bfile {name} {words}"),
            n_traits,
            &TABLE,
        );
    }
}

#[test]
fn columns_of_a_phenotype_file_are_traits_and_its_ids_are_not() {
    let (study, traits) = study();
    let bench = bench();
    let rows: Vec<String> = (0..study.n())
        .map(|i| {
            let (fid, iid) = &study.individuals[i];
            // -9 is a value in such a file.
            let cells = [0, 2, 3].map(|j| traits[j][i].replace("NA", ["NA", "-9"][i % 2]));
            format!("{fid}\t{iid}\t{}", cells.join("\t"))
        })
        .collect();
    bench.write(
        "ids.txt",
        lines_of(permuted(&rows, &Random::new(9).permutation(90))),
    );
    let plain = rows.iter().map(|row| row.splitn(3, '\t').nth(2).unwrap());
    bench.write("plain.txt", lines_of(plain));
    bench.run("lmm -bfile s -p ids.txt --traits all -lmm 4 -o ids");
    bench.run("lmm -bfile s -p plain.txt --traits 1-3 -lmm 4 -o plain");
    bench.run("lmm -bfile s -p ids.txt --traits 4,5 -lmm 4 -o some");
    for number in 1..=3 {
        let column = number + 2;
        bench.run(&format!(
            "lmm -bfile s -p ids.txt -n {column} -lmm 4 -o alone"
        ));
        let alone = bench.bytes("alone.assoc.txt");
        assert!(
            bench.bytes(&format!("ids.{column}.assoc.txt")) == alone,
            "{column}"
        );
        assert!(
            bench.bytes(&format!("plain.{number}.assoc.txt")) == alone,
            "{number}"
        );
        if column > 3 {
            assert!(bench.bytes(&format!("some.{column}.assoc.txt")) == alone);
        }
    }
    let found = bench.outputs();
    let tables = found.iter().filter(|name| name.starts_with("ids."));
    assert_eq!(
        tables.collect::<Vec<_>>(),
        [
            "ids.3.assoc.txt",
            "ids.4.assoc.txt",
            "ids.5.assoc.txt",
            "ids.log.txt",
            "ids.run.json"
        ]
    );
}

#[test]
fn files_have_the_number_of_the_trait_and_there_is_one_log() {
    let bench = bench();
    bench.run("lmm -bfile s --traits 1,3,5-6 -o m");
    assert_eq!(
        bench.outputs(),
        [
            "m.1.assoc.txt",
            "m.3.assoc.txt",
            "m.5.assoc.txt",
            "m.6.assoc.txt",
            "m.log.txt",
            "m.run.json"
        ]
    );
}

/// The lines of a log about one trait.
fn about(log: &str, number: usize) -> &str {
    let start = log.find(&format!("## trait = {number}\n")).unwrap();
    let rest = &log[start + 1..];
    &rest[..rest.find("## trait = ").unwrap_or(rest.len())]
}

#[test]
fn the_log_has_the_counts_and_the_null_model_of_each_trait() {
    let bench = bench();
    bench.run("lmm -bfile s -lmm 4 -c c.txt --traits all -o all");
    let log = bench.log("all");
    for number in 1..=N_TRAITS {
        bench.run(&format!(
            "lmm -bfile s -lmm 4 -c c.txt -n {number} -o alone"
        ));
        for label in [
            "number of analyzed individuals",
            "number of covariates",
            "number of analyzed SNPs/var",
            "number of SNPs in the kinship",
            "REMLE log-likelihood in the null model",
            "MLE log-likelihood in the null model",
            "pve estimate in the null model",
            "se(pve) in the null model",
            "beta estimate in the null model",
            "se(beta)",
        ] {
            let (a, b) = (
                log_value(about(&log, number), label),
                log_value(&bench.log("alone"), label),
            );
            assert_eq!(a, b, "trait {number}: {label}");
        }
    }
}

#[test]
fn threads_and_blocks_never_change_a_byte() {
    let bench = bench();
    for (words, files) in [
        ("lmm -bfile s -lmm 4 --traits all -o m", 1..=N_TRAITS),
        ("lmm -bfile s -lmm 1 --loco --traits 1-4 -o m", 1..=4),
    ] {
        let outputs = |more: &str| {
            bench.run(&format!("{words} {more}"));
            let names = files.clone().map(|number| format!("m.{number}.assoc.txt"));
            names.map(|name| bench.bytes(&name)).collect::<Vec<_>>()
        };
        let first = outputs("--threads 1");
        for threads in [1, 2, 3] {
            for block in ["--block-snps 7", "--block-snps 100000"] {
                let more = format!("--threads {threads} {block}");
                assert!(outputs(&more) == first, "{words} {more}");
            }
        }
    }
}

#[test]
fn residuals_of_each_trait_are_those_of_its_own_run() {
    assert_as_alone(
        &bench(),
        "lmm -bfile s -lmm 5 -c c.txt",
        N_TRAITS,
        &["residU.txt", "residE.txt"],
    );
}

/// A trait is tested on its own individuals, not on those that all traits have in common.
#[test]
fn missing_values_of_a_trait_do_not_exclude_individuals_from_the_others() {
    let bench = bench();
    bench.run("lmm -bfile s -lmm 1 --traits 2,6 -o m");
    let log = bench.log("m");
    let analysed = |number| log_value(about(&log, number), "number of analyzed individuals");
    assert_eq!((analysed(2).as_str(), analysed(6).as_str()), ("90", "40"));
    let n_miss = |number: usize| -> f64 {
        let table = Table::read(&bench.output(&format!("m.{number}.assoc.txt")));
        table.numbers("n_miss").iter().sum()
    };
    assert!(n_miss(2) > n_miss(6));
}
