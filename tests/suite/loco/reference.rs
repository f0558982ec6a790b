//! Tables, kinships and null models of the study `loco` compared with those of GEMMA (`reference/loco.tsv`).
#![allow(clippy::print_stdout, reason = "tables to read with --nocapture")]

use super::UNPLACED;
use crate::common::{Table, root};
use crate::golden::assoc::{Comparison, Range, compare};
use crate::golden::decimal::units_apart;
use crate::golden::log;
use crate::golden::tolerances::Tolerances;
use crate::properties::Bench;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

const RANGE: Range = Range {
    min: 1e-5,
    max: 1e5,
};

/// A row of `loco.tsv`.
struct Line {
    case: String,
    options: String,
    group: String,
    files: Vec<String>,
}

impl Line {
    fn title(&self) -> String {
        format!("loco/{}.{}", self.case, self.group)
    }

    /// GEMMA's file with this ending, if the case has one.
    fn theirs(&self, ending: &str) -> Option<PathBuf> {
        let file = self.files.iter().find(|file| file.ends_with(ending))?;
        Some(root().join("reference/gemma/loco").join(file))
    }
}

fn lines() -> Vec<Line> {
    let table = Table::read(&root().join("reference/loco.tsv"));
    let lines = table.rows.iter().map(|row| Line {
        case: row[0].clone(),
        options: row[1].clone(),
        group: row[2].clone(),
        files: row[4].split(' ').map(str::to_owned).collect(),
    });
    lines.collect()
}

/// The rows of a group: a chromosome, or `unplaced`.
fn group(table: &Table, name: &str) -> Table {
    match name {
        "unplaced" => super::rows_on(table, &UNPLACED),
        name => super::rows_on(table, &[name]),
    }
}

#[test]
fn every_group_of_the_table_agrees_with_gemma() {
    let bench = Bench::of_reference("loco");
    let tolerances = Tolerances::read();
    let mut tables = BTreeMap::<String, Table>::new();
    let mut all = Comparison::default();
    let mut covered = BTreeMap::<String, BTreeSet<String>>::new();
    for line in lines() {
        let Some(theirs) = line.theirs("assoc.txt") else {
            continue;
        };
        let ours = tables.entry(line.options.clone()).or_insert_with(|| {
            bench.run(&format!("lmm -bfile loco --loco {} -o m", line.options));
            bench.assoc("m")
        });
        let theirs = Table::read(&theirs);
        let part = group(ours, &line.group);
        all.add(&compare(&line.title(), &part, &theirs, RANGE, &tolerances));
        let rs = covered.entry(line.options.clone()).or_default();
        rs.extend(theirs.texts("rs"));
    }
    print!("{}", all.lines("loco"));
    all.assert_within();
    assert!(all.total().cells > 15_000, "hardly anything was compared");
    // GEMMA has all groups of these cases.
    for options in [
        "-gk 1 -lmm 4",
        "-gk 1 -lmm 4 -c loco.covariates.txt",
        "-gk 1 -lmm 1 -n 2",
    ] {
        let ours: BTreeSet<String> = tables[options].texts("rs").into_iter().collect();
        assert_eq!(ours, covered[options], "{options}");
    }
}

/// GEMMA's kinship is a file with ten digits; a kinship that is not rounded changes the last digit of some statistics.
#[test]
fn at_least_999_of_1000_cells_print_as_in_gemma_with_a_text_kinship() {
    let bench = Bench::of_reference("loco");
    let tolerances = Tolerances::read();
    let mut all = Comparison::default();
    for line in lines().iter().filter(|line| line.group != "unplaced") {
        let Some(theirs) = line.theirs("assoc.txt") else {
            continue;
        };
        let (mut kinship, mut tests) = (String::new(), String::new());
        let words: Vec<&str> = line.options.split(' ').collect();
        for pair in words.chunks(2) {
            let option = pair.join(" ") + " ";
            if pair[0] != "-lmm" {
                kinship += &option;
            }
            if pair[0] != "-gk" {
                tests += &option;
            }
        }
        let suffix = if kinship.contains("-gk 2") {
            "sXX"
        } else {
            "cXX"
        };
        let group = &line.group;
        bench.run(&format!("gk -bfile loco -loco {group} {kinship} -o k"));
        bench.run(&format!(
            "lmm -bfile loco -loco {group} -k output/k.{suffix}.txt {tests} -o m"
        ));
        let theirs = Table::read(&theirs);
        all.add(&compare(
            &line.title(),
            &bench.assoc("m"),
            &theirs,
            RANGE,
            &tolerances,
        ));
    }
    print!("{}", all.lines("loco"));
    all.assert_within();
    let total = all.total();
    assert!(total.plain_cells > 12_000, "hardly anything was compared");
    let fraction = total.plain_equal as f64 / total.plain_cells as f64;
    assert!(
        fraction >= tolerances.fraction_of_equal_cells,
        "fraction of equal cells {fraction}"
    );
}

#[test]
fn rows_are_in_the_order_of_the_file_although_chromosome_2_returns() {
    let bench = Bench::of_reference("loco");
    bench.run("lmm -bfile loco --loco -maf 0 -miss 1 --all-snps -o m");
    let bim = std::fs::read_to_string(bench.file("loco.bim")).unwrap();
    let ids: Vec<&str> = bim
        .lines()
        .map(|line| line.split('\t').nth(1).unwrap())
        .collect();
    assert_eq!(bench.assoc("m").texts("rs"), ids);
    let chr = bench.assoc("m").texts("chr");
    assert_eq!((chr[260].as_str(), chr[603].as_str()), ("X", "2"));
}

#[test]
fn the_kinship_without_a_group_is_that_of_gemma() {
    let bench = Bench::of_reference("loco");
    let limit = u128::from(Tolerances::read().kinship_units);
    let mut compared = 0;
    for line in lines().iter().filter(|line| line.case.starts_with("gk")) {
        let theirs = line.theirs("XX.txt").expect("a kinship");
        let suffix = line.files[0].rsplit('.').nth(1).unwrap();
        bench.run(&format!("gk -bfile loco --loco {} -o all", line.options));
        let mut ours = vec![format!("all.{}.{suffix}.txt", line.group)];
        if line.group != "unplaced" {
            let (options, name) = (&line.options, &line.group);
            bench.run(&format!("gk -bfile loco -loco {name} {options} -o one"));
            ours.push(format!("one.{suffix}.txt"));
        }
        let theirs = std::fs::read_to_string(theirs).unwrap();
        for name in ours {
            let ours = String::from_utf8(bench.bytes(&name)).unwrap();
            let [a, b] = [&ours, &theirs].map(|text| text.split_whitespace().collect::<Vec<_>>());
            assert_eq!(a.len(), b.len(), "{}", line.title());
            for (a, b) in a.iter().zip(&b) {
                let units = units_apart(a, b, 10);
                assert!(units <= limit, "{}: {a}, GEMMA {b}", line.title());
            }
            let unequal = a.iter().zip(&b).filter(|(a, b)| a != b).count();
            // A tie in the tenth digit may be rounded either way.
            assert!(unequal <= 10, "{}: {unequal} entries", line.title());
            compared += a.len();
        }
    }
    assert!(compared > 50_000);
}

#[test]
fn the_null_model_of_a_chromosome_is_that_of_gemma() {
    let bench = Bench::of_reference("loco");
    let tolerances = Tolerances::read();
    let (mut compared, mut found) = (0, Vec::new());
    for line in lines() {
        let Some(theirs) = line.theirs("log.txt") else {
            continue;
        };
        let theirs = std::fs::read_to_string(theirs).unwrap();
        bench.run(&format!("lmm -bfile loco --loco {} -o all", line.options));
        let prefix = format!("## without chromosome {}: ", line.group);
        let mut logs = vec![bench.log("all").replace(&prefix, "## ")];
        if line.group != "unplaced" {
            let (options, name) = (&line.options, &line.group);
            bench.run(&format!("lmm -bfile loco -loco {name} {options} -o one"));
            log::assert_same_counts(&line.title(), &bench.log("one"), &theirs);
            logs.push(bench.log("one"));
        }
        for ours in logs {
            let (n, differences) =
                log::null_differences(&line.title(), &ours, &theirs, &tolerances);
            compared += n;
            found.extend(differences);
        }
    }
    assert!(compared >= 80, "{compared}");
    assert!(
        found.iter().all(|difference| difference.starts_with(' ')),
        "{}",
        found.join("\n")
    );
}
