//! `--part`, `jamma merge` and `jamma gk --merge`: parts in any order give the bytes of a run in one piece.

mod chromosomes;
mod inputs;
mod memory;
mod refused;
mod workers;

use super::bimbam::{annotation, genotypes};
use super::properties::Bench;
use super::simulate::{Random, Study, lines_of};
use std::fmt::Write as _;

/// Individuals and SNPs of [`bench`]: five chunks of 1024 SNPs.
const N: usize = 60;
const P: usize = 4700;

/// A study `s` with missing calls on four chromosomes, four traits of which some are missing (`s.fam`), covariates with
/// missing values `c.txt`, dosages `g.txt` with `a.txt` and `p.txt`.
fn bench() -> Bench {
    let study = Study::simulate(77, N, P);
    let bench = Bench::new(&study);
    let mut random = Random::new(78);
    let chromosome = |j: usize| ["1", "2", "X", "un"][j * j * 4 / (P * P)];
    let bim = (0..P).map(|j| format!("{}\trs{j}\t0\t{}\tA\tC\n", chromosome(j), 100 * (j + 1)));
    bench.write("s.bim", bim.collect::<String>());
    let mut fam = String::new();
    for (i, ((fid, iid), y)) in study.individuals.iter().zip(&study.phenotype).enumerate() {
        let missing = |step: usize| {
            if i % step == 3 {
                "NA".to_owned()
            } else {
                y.clone()
            }
        };
        let noise = random.normal();
        writeln!(fam, "{fid} {iid} 0 0 1 {y} {} {noise:.5} 1.5", missing(9)).unwrap();
    }
    bench.write("s.fam", fam);
    let rows = (0..N).map(|i| match i % 29 {
        4 => "NA 1".to_owned(),
        _ => format!("{} {}", 20 + random.below(50), i % 2),
    });
    bench.write("c.txt", lines_of(rows));
    let dosages = genotypes(&study)
        .replace(", 1", ", 0.91")
        .replace(", 2", ", 1.998");
    bench.write("g.txt", dosages);
    bench.write("a.txt", annotation(&study));
    bench.write("p.txt", lines_of(&study.phenotype));
    bench
}

/// Computes the parts of `words`, in `output/NAME`, and returns their names in a random order.
fn parts(bench: &Bench, words: &str, name: &str, of: usize, random: &mut Random) -> String {
    for number in 1..=of {
        let threads = 1 + number % 2;
        bench.run(&format!(
            "{words} -o {name} --part {number}/{of} --threads {threads}"
        ));
    }
    let order = random.permutation(of);
    let names = order
        .iter()
        .map(|k| format!("output/{name}.part-{}-of-{of}.jammapart", k + 1));
    names.collect::<Vec<_>>().join(" ")
}

/// The outputs of a run whose names begin with `name.`, without its log, its record, and parts.
fn tables(bench: &Bench, name: &str) -> Vec<String> {
    let start = format!("{name}.");
    let ends = [".log.txt", ".run.json", ".jammapart"];
    let names = bench.outputs().into_iter().filter_map(|file| {
        let rest = file.strip_prefix(&start)?.to_owned();
        let is_table = !ends.iter().any(|end| file.ends_with(end));
        is_table.then_some(rest)
    });
    names.collect()
}

/// Lines of a log that say what was found, without times, paths, memory and the command.
fn facts(bench: &Bench, name: &str) -> Vec<String> {
    let log = bench.log(name);
    let varies = [
        "Command Line",
        "time",
        "memory",
        "Date",
        "threads",
        "output",
        "jamma ",
        "note: the kinship is that",
    ];
    let lines = log
        .lines()
        .filter(|line| !varies.iter().any(|word| line.contains(word)));
    lines.map(str::to_owned).collect()
}

/// Asserts that the outputs `a` and `b` have the same names and bytes, and their logs the same facts.
fn assert_same_outputs(bench: &Bench, a: &str, b: &str) {
    let names = tables(bench, a);
    assert_eq!(names, tables(bench, b));
    assert!(!names.is_empty(), "{a}");
    for name in names {
        let of = |run: &str| bench.bytes(&format!("{run}.{name}"));
        assert!(of(a) == of(b), "{name} of {a} and {b}");
    }
    assert_eq!(facts(bench, a), facts(bench, b), "logs of {a} and {b}");
}

#[test]
fn parts_of_a_kinship_in_any_order_give_its_bytes() {
    let bench = bench();
    let mut random = Random::new(5);
    for (case, words) in [
        "gk -bfile s -gk 1",
        "gk -bfile s -gk 2 -c c.txt -maf 0.1",
        "gk -bfile s -n 2 -loco 2",
        "gk -bfile s --loco --loco-min-snps 10 --format npy",
        "gk -g g.txt -a a.txt -p p.txt -gk 1",
        "gk -g g.txt -a a.txt -p p.txt -gk 2 -maf 0.05",
    ]
    .iter()
    .enumerate()
    {
        let whole = format!("whole{case}");
        bench.run(&format!("{words} -o {whole}"));
        for of in [1, 3, 7] {
            let name = format!("k{case}x{of}");
            let files = parts(&bench, words, &name, of, &mut random);
            bench.run(&format!("gk --merge {files}"));
            assert_same_outputs(&bench, &whole, &name);
        }
    }
}

#[test]
fn parts_of_tests_in_any_order_give_the_tables_of_a_run() {
    let bench = bench();
    let mut random = Random::new(6);
    bench.run("gk -bfile s -o k");
    bench.run("eigen -bfile s -k output/k.cXX.txt -o e");
    let given = "-d output/e.eigenD.txt -u output/e.eigenU.txt";
    for (case, words) in [
        format!("lmm -bfile s {given} -lmm 4"),
        format!("lmm -bfile s {given} -lmm 1 --all-snps --log10p --gz"),
        format!("lmm -bfile s {given} --permutations 20 --seed 3"),
        format!("lmm -bfile s {given} --chr 2,X --output-format gemma,tsv.gz,bgz"),
        "lmm -bfile s -k output/k.cXX.txt --traits all -c c.txt".into(),
        "lmm -bfile s -k output/k.cXX.txt --traits 1-3 --long".into(),
        "lmm -bfile s --loco --loco-min-snps 10 -lmm 4 --traits 1,3".into(),
        "lmm -bfile s -loco X".into(),
        "lm -bfile s -c c.txt -lm 4".into(),
        "lmm -g g.txt -a a.txt -p p.txt -lmm 4".into(),
    ]
    .iter()
    .enumerate()
    {
        let whole = format!("whole{case}");
        // A trait that is constant fails, in every part and in the run.
        let fails = words.contains("--traits all");
        let ends = super::common::jamma_in(bench.path(), &format!("{words} -o {whole}"));
        assert_eq!(ends.status, i32::from(fails), "{words}: {}", ends.stderr);
        for of in [2, 5] {
            let name = format!("r{case}x{of}");
            let files = parts(&bench, words, &name, of, &mut random);
            let ends = super::common::jamma_in(bench.path(), &format!("merge {files}"));
            assert_eq!(ends.status, i32::from(fails), "{words}: {}", ends.stderr);
            assert_same_outputs(&bench, &whole, &name);
        }
    }
}

#[test]
fn a_merge_has_formats_and_places_of_its_own() {
    let bench = bench();
    let words = "lmm -bfile s --columns plink2 --output-format";
    let files = parts(
        &bench,
        &format!("{words} tsv.gz"),
        "r",
        2,
        &mut Random::new(1),
    );
    bench.run(&format!("{words} gemma,tsv.gz --gz -o whole"));
    bench.run(&format!(
        "merge {files} -o other --output-format gemma,tsv.gz --gz"
    ));
    assert_same_outputs(&bench, "whole", "other");
    assert!(bench.log("other").contains("merge output/r.part-"));
}

#[test]
fn more_parts_than_chunks_are_empty() {
    let bench = bench();
    let words = "lmm -bfile s -lmm 1";
    bench.run(&format!("{words} -o whole"));
    let files = parts(&bench, words, "many", 9, &mut Random::new(2));
    bench.run(&format!("merge {files}"));
    assert_same_outputs(&bench, "whole", "many");
}
