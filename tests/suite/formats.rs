//! `--output-format`, `--columns`, `--effects`, `PREFIX.run.json`, `jamma top` and `jamma compare`, also on tables of other programs.

mod columns;
mod compare;
mod foreign;
mod indexed;
#[cfg(feature = "tables")]
mod parquet;
mod record;
mod rejected;
mod ssf;
mod top;

use super::common::{Run, Table, finished, jamma_command};
use super::properties::Bench;
use super::simulate::Study;
use flate2::read::MultiGzDecoder;
use std::io::Read;

/// A study of 80 individuals and 300 SNPs on the chromosomes 1, 2 and X; every tenth SNP has an indel.
fn bench() -> Bench {
    let bench = Bench::new(&Study::simulate(501, 80, 300));
    bench.write("s.bim", bim(&["1", "2", "X"], |j| 40_000 * (j as u64 + 1)));
    bench
}

/// A `.bim` of 300 SNPs on three chromosomes, with the position of each SNP of a chromosome.
fn bim(chromosomes: &[&str; 3], ps: impl Fn(usize) -> u64) -> String {
    let line = |j: usize| {
        let allele = if j % 10 == 3 { "AT" } else { "A" };
        let chr = chromosomes[j / 100];
        format!("{chr}\trs{j}\t0\t{}\t{allele}\tC\n", ps(j % 100))
    };
    (0..300).map(line).collect()
}

/// The text of a compressed output.
fn text(bench: &Bench, name: &str) -> String {
    let packed = bench.bytes(name);
    let mut text = String::new();
    MultiGzDecoder::new(packed.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// The table of a compressed output.
pub(crate) fn table(bench: &Bench, name: &str) -> Table {
    let text = text(bench, name);
    let mut lines = text
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
    Table {
        header: lines.next().unwrap(),
        rows: lines.collect(),
    }
}

/// Runs `jamma` whatever its exit status.
fn tried(bench: &Bench, words: &str) -> Run {
    finished(jamma_command(bench.path()).args(words.split_whitespace()))
}

/// Every format, for runs of one trait.
const ALL: &str = "gemma,tsv.gz,bgz,parquet,ssf";

#[test]
#[cfg(feature = "tables")]
fn all_formats_have_the_same_bytes_for_any_threads_and_blocks() {
    let bench = bench();
    let names = [
        "assoc.txt",
        "assoc.tsv.gz",
        "assoc.tsv.bgz",
        "assoc.tsv.bgz.tbi",
        "assoc.parquet",
        "ssf.tsv.gz",
    ];
    for (words, more) in [
        ("-lmm 4 --columns regenie", ""),
        ("-lmm 2 --log10p --all-snps", "--loco --loco-min-snps 5"),
    ] {
        let outputs = |how: &str| {
            let formats = format!("--output-format {ALL}");
            // The metadata of Parquet has the command line.
            let _ = std::fs::remove_dir_all(bench.output(""));
            let mut command = jamma_command(bench.path());
            let line = format!("lmm -bfile s {words} {more} {formats} -o r");
            command.args(line.split_whitespace());
            command.env("RAYON_NUM_THREADS", how);
            finished(&mut command).ok();
            names.map(|name| bench.bytes(&format!("r.{name}")))
        };
        let first = outputs("1");
        assert!(outputs("3") == first, "{words}");
        let line = format!("lmm -bfile s {words} {more} --output-format {ALL} -o b --block-snps 7");
        bench.run(&line);
        for (name, expected) in names.iter().zip(&first) {
            let found = bench.bytes(&format!("b.{name}"));
            assert!(
                found == *expected || *name == "assoc.parquet",
                "{words} {name}"
            );
        }
    }
}

#[test]
fn several_traits_have_a_table_each_with_the_rows_of_their_own_run() {
    let bench = bench();
    let fam = std::fs::read_to_string(bench.file("s.fam")).unwrap();
    let more = fam.lines().enumerate();
    let more = more.map(|(i, line)| {
        format!(
            "{line} {}\n",
            if i % 9 == 0 {
                "NA".into()
            } else {
                ((i * i) % 17).to_string()
            }
        )
    });
    bench.write("s.fam", more.collect::<String>());
    bench.run("lmm -bfile s --traits 1,2 --output-format tsv.gz,bgz,ssf -o all");
    assert!(!bench.output("all.1.assoc.txt").exists());
    for number in [1, 2] {
        bench.run(&format!(
            "lmm -bfile s -n {number} --output-format tsv.gz,bgz,ssf -o one"
        ));
        for name in [
            "assoc.tsv.gz",
            "assoc.tsv.bgz",
            "assoc.tsv.bgz.tbi",
            "ssf.tsv.gz",
        ] {
            let alone = bench.bytes(&format!("one.{name}"));
            assert!(
                bench.bytes(&format!("all.{number}.{name}")) == alone,
                "{name}"
            );
        }
    }
    bench.run("lmm -bfile s --traits 1,2 --long --output-format gemma,tsv.gz -o long");
    let plain = std::fs::read_to_string(bench.output("long.assoc.txt")).unwrap();
    assert_eq!(text(&bench, "long.assoc.tsv.gz"), plain);
}
