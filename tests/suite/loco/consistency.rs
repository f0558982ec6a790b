//! Runs that must agree with each other: one chromosome and all, one command and two, any order, threads and blocks.

use super::{ALONE, UNPLACED, assert_equal, bench_of, blocks, map, rows_on};
use crate::common::Table;
use crate::properties::{Bench, assert_same_statistics};
use crate::simulate::{Random, Study, lines_of, permuted};

/// Chromosomes of a simulated study of 140 SNPs.
const SIZES: [(&str, usize); 4] = [("1", 50), ("2", 20), ("chr3", 40), ("X", 30)];

fn study(seed: u64) -> Study {
    let mut study = Study::simulate(seed, 70, 140);
    for i in [3, 40] {
        study.phenotype[i] = "NA".into();
    }
    study
}

/// The same without missing calls, so that every sum of the kinship is an integer.
fn complete(seed: u64) -> Study {
    let mut study = study(seed);
    let calls = study.snps.iter_mut().flatten();
    calls.for_each(|call| *call = call.or(Some(1)));
    study
}

#[test]
fn the_table_of_a_chromosome_is_its_part_of_the_table_of_all() {
    let bench = Bench::of_reference("loco");
    for options in [
        "-lmm 4",
        "-lmm 1 -gk 2",
        "-lmm 2 -n 2",
        "-lmm 3 -c loco.covariates.txt",
        "-lmm 9 --all-snps --log10p",
        "-lmm 4 -maf 0.2 -miss 0.01 -hwe 0.001",
        "-lmm 1 --rotation f32",
    ] {
        bench.run(&format!("lmm -bfile loco --loco {options} -o all"));
        let all = bench.assoc("all");
        for name in ALONE {
            bench.run(&format!("lmm -bfile loco -loco {name} {options} -o one"));
            let one = bench.assoc("one");
            assert!(one.rows.len() > 10, "{name} {options}");
            assert_equal(&format!("{name} {options}"), &one, &rows_on(&all, &[name]));
        }
    }
}

#[test]
fn the_kinship_of_one_chromosome_has_the_bytes_of_that_of_all() {
    let bench = Bench::of_reference("loco");
    for (options, suffix) in [
        ("", "cXX.txt"),
        ("-gk 2", "sXX.txt"),
        ("-n 2 -maf 0.1", "cXX.txt"),
        ("-c loco.covariates.txt -gk 2", "sXX.txt"),
        ("--kinship-qc all", "cXX.txt"),
        ("--gz", "cXX.txt.gz"),
        ("--format npy", "cXX.npy"),
    ] {
        bench.run(&format!("gk -bfile loco --loco {options} -o all"));
        for name in ALONE {
            bench.run(&format!("gk -bfile loco -loco {name} {options} -o one"));
            assert!(
                bench.bytes(&format!("all.{name}.{suffix}"))
                    == bench.bytes(&format!("one.{suffix}")),
                "{name} {options}"
            );
        }
    }
}

#[test]
fn one_command_equals_kinship_and_tests() {
    let bench = Bench::of_reference("loco");
    for name in ["2", "X"] {
        for (options, suffix) in [("", "cXX"), ("-gk 2", "sXX")] {
            let run = |words: &str| bench.run(&format!("{words} -bfile loco -loco {name}"));
            run(&format!("lmm -lmm 4 {options} --save-kinship -o one"));
            run(&format!("gk {options} --format npy -o k"));
            run(&format!("lmm -lmm 4 -k output/k.{suffix}.npy -o two"));
            assert!(
                bench.bytes("one.assoc.txt") == bench.bytes("two.assoc.txt"),
                "through .npy, to the byte: {name} {options}"
            );
            run(&format!("gk {options} -o k"));
            assert!(
                bench.bytes(&format!("one.{suffix}.txt"))
                    == bench.bytes(&format!("k.{suffix}.txt")),
                "{name} {options}"
            );
            run(&format!("lmm -lmm 4 -k output/k.{suffix}.txt -o text"));
            assert_same_statistics(&bench.assoc("one"), &bench.assoc("text"));
        }
    }
}

#[test]
fn every_spelling_gives_the_same_bytes() {
    let bench = Bench::of_reference("loco");
    let bytes = |words: &str| {
        bench.run(&format!("{words} -o m"));
        bench.bytes("m.assoc.txt")
    };
    let all = bytes("lmm -bfile loco -lmm 4 --loco");
    for words in [
        "lmm --loco -bfile loco -lmm 4",
        "-bfile loco -lmm 4 --loco",
        "-bfile loco -loco -lmm 4",
    ] {
        assert!(bytes(words) == all, "{words}");
    }
    let one = bytes("lmm -bfile loco -lmm 4 -loco 2");
    for words in [
        "lmm -bfile loco -lmm 4 --loco=2",
        "-bfile loco --loco 2 -lmm 4",
        "-bfile loco -loco=2 -lmm 4",
    ] {
        assert!(bytes(words) == one, "{words}");
    }
}

/// `-ksnps` and `-snps` say the same as `-loco`, SNP by SNP.
#[test]
fn leaving_out_a_chromosome_is_listing_the_other_snps() {
    let names = blocks(&SIZES);
    for (study, is_complete) in [(complete(201), true), (study(202), false)] {
        let bench = bench_of(&study, &names);
        let list = |name: &str, is_within: bool| {
            let snps = (0..).zip(&names);
            let kept = snps.filter(|(_, of)| (**of == name) == is_within);
            lines_of(kept.map(|(j, _): (usize, _)| format!("rs{j}")))
        };
        for (name, _) in SIZES {
            bench.write("within.txt", list(name, true));
            bench.write("others.txt", list(name, false));
            for kind in [1, 2] {
                let run = |words: &str| bench.run(&format!("{words} -bfile s -gk {kind}"));
                run(&format!("lmm -lmm 4 -loco {name} -o loco"));
                run("lmm -lmm 4 -ksnps others.txt -snps within.txt -o lists");
                let (loco, lists) = (bench.assoc("loco"), bench.assoc("lists"));
                assert_same_statistics(&loco, &lists);
                if is_complete && kind == 1 {
                    assert_equal(name, &loco, &lists);
                }
            }
        }
    }
}

#[test]
fn threads_and_blocks_never_change_a_byte() {
    let bench = Bench::of_reference("loco");
    let outputs = |words: &str| {
        bench.run(&format!("lmm -bfile loco --loco -lmm 4 -o m {words}"));
        bench.run(&format!("lmm -bfile loco --loco -lmm 1 -gk 2 -o s {words}"));
        bench.run(&format!("lmm -bfile loco -loco 2 -lmm 4 -o one {words}"));
        bench.run(&format!("gk -bfile loco --loco -o k {words}"));
        bench.run(&format!("gk -bfile loco --loco -gk 2 -o k {words}"));
        let tables = ["m.assoc.txt", "s.assoc.txt", "one.assoc.txt"].map(str::to_owned);
        let kinships = ["1", "X", "unplaced", "MT"]
            .into_iter()
            .flat_map(|name| ["cXX", "sXX"].map(|kind| format!("k.{name}.{kind}.txt")));
        tables
            .into_iter()
            .chain(kinships)
            .map(|name| bench.bytes(&name))
            .collect::<Vec<_>>()
    };
    let first = outputs("--threads 1");
    for threads in [1, 2, 3] {
        for block in ["--block-snps 7", "--block-snps 100000"] {
            let words = format!("--threads {threads} {block}");
            assert!(outputs(&words) == first, "{words}");
        }
    }
}

/// Rows sorted by the number in the SNP's id.
fn sorted(table: &Table) -> Table {
    let (rs, ps) = (table.column("rs"), table.column("ps"));
    let mut table = table.clone();
    table
        .rows
        .sort_by_key(|row| row[rs][2..].parse::<usize>().unwrap());
    assert!(
        table
            .rows
            .iter()
            .is_sorted_by_key(|row| { row[ps].parse::<usize>().unwrap() })
    );
    table
}

#[test]
fn chromosomes_that_are_mixed_in_the_file_have_the_same_values_in_its_order() {
    let names = blocks(&SIZES);
    let order = Random::new(17).permutation(names.len());
    let rs_in_order: Vec<String> = order.iter().map(|j| format!("rs{j}")).collect();
    for (study, is_complete) in [(complete(211), true), (study(212), false)] {
        let plain = bench_of(&study, &names);
        let mut shuffled = study.clone();
        shuffled.snps = permuted(&study.snps, &order);
        let mixed = Bench::new(&shuffled);
        mixed.write("s.bim", lines_of(permuted(&map(&names), &order)));
        for bench in [&plain, &mixed] {
            bench.run("lmm -bfile s --loco -lmm 4 -o m");
            bench.run("gk -bfile s --loco -o k");
        }
        let (a, b) = (plain.assoc("m"), mixed.assoc("m"));
        let mut expected = rs_in_order.clone();
        let tested = a.texts("rs");
        expected.retain(|rs| tested.contains(rs));
        assert_eq!(b.texts("rs"), expected, "in the order of the file");
        let b = sorted(&b);
        assert_same_statistics(&a, &b);
        if is_complete {
            assert_equal("mixed", &a, &b);
            for (name, _) in SIZES {
                let file = format!("k.{name}.cXX.txt");
                assert!(plain.bytes(&file) == mixed.bytes(&file), "{file}");
            }
        }
        // One chromosome of the mixed file, in small blocks of SNPs.
        mixed.run("lmm -bfile s -loco chr3 -lmm 4 --block-snps 7 -o one");
        let part = rows_on(&mixed.assoc("m"), &["chr3"]);
        assert_equal("chr3", &mixed.assoc("one"), &part);
    }
}

#[test]
fn unplaced_snps_are_tested_without_all_of_them() {
    let bench = Bench::of_reference("loco");
    let bim = std::fs::read_to_string(bench.file("loco.bim")).unwrap();
    let list = |is_within: bool| {
        let fields = bim.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        let kept = fields.filter(|of| UNPLACED.contains(&of[0]) == is_within);
        lines_of(kept.map(|of| of[1]))
    };
    bench.write("within.txt", list(true));
    bench.write("others.txt", list(false));
    bench.run("lmm -bfile loco --loco -lmm 4 -o loco");
    bench.run("lmm -bfile loco -lmm 4 -ksnps others.txt -snps within.txt -o lists");
    let part = rows_on(&bench.assoc("loco"), &UNPLACED);
    assert_same_statistics(&part, &bench.assoc("lists"));
}

#[test]
fn lists_of_snps_restrict_tests_and_kinships_of_every_chromosome() {
    let names = blocks(&SIZES);
    let bench = bench_of(&study(221), &names);
    let every_third = |from: usize| lines_of((from..140).step_by(3).map(|j| format!("rs{j}")));
    bench.write("tested.txt", every_third(0));
    bench.write("kinship.txt", every_third(1));
    bench.run("lmm -bfile s --loco -lmm 4 -snps tested.txt -o tested");
    bench.run("lmm -bfile s --loco -lmm 4 -o all");
    let tested = bench.assoc("tested");
    let rs = tested.texts("rs");
    let mut part = bench.assoc("all");
    let column = part.column("rs");
    part.rows.retain(|row| rs.contains(&row[column]));
    assert!(rs.len() > 40 && rs.len() < 48);
    assert_equal("-snps leaves the kinships as they are", &tested, &part);
    bench.run("lmm -bfile s --loco -lmm 4 -ksnps kinship.txt -o listed");
    bench.run("lmm -bfile s -loco X -lmm 4 -ksnps kinship.txt -o one");
    let listed = bench.assoc("listed");
    assert_equal("-ksnps", &rows_on(&listed, &["X"]), &bench.assoc("one"));
    assert_ne!(listed, bench.assoc("all"));
}
