//! `--traits`: the traits of one run, each with the bytes of its own run.

mod equality;
mod failing;
mod long;
mod syntax;

use super::common::Table;
use super::properties::Bench;
use super::simulate::{Random, Study};
use std::fmt::Write as _;

/// A study of 90 individuals, 120 SNPs and seven traits; the individuals of 1, 2 and 7 are the same, and those of 3 and 5.
fn study() -> (Study, Vec<Vec<String>>) {
    let study = Study::simulate(301, 90, 120);
    let mut random = Random::new(302);
    let mut noise = |scale: f64| -> Vec<f64> {
        let of = study.y().into_iter();
        of.map(|y| 0.5 * y + scale * random.normal()).collect()
    };
    let column = |y: &[f64], missing: &[usize], token: &str| -> Vec<String> {
        let cell = |(i, y): (usize, &f64)| {
            if missing.contains(&i) {
                token.to_owned()
            } else {
                format!("{y:.6}")
            }
        };
        y.iter().enumerate().map(cell).collect()
    };
    let some: Vec<usize> = (0..90).step_by(7).collect();
    let traits = vec![
        study.phenotype.clone(),
        column(&noise(0.5), &[], ""),
        column(&noise(1.0), &some, "NA"),
        column(&noise(0.3), &[0, 1, 2, 50, 51, 52, 53], "NA"),
        column(&noise(2.0), &some, "-9"),
        column(&noise(0.1), &(40..90).collect::<Vec<_>>(), "NA"),
        column(&noise(1000.0), &[], ""),
    ];
    (study, traits)
}

/// Writes `NAME.fam` with these phenotype columns.
fn write_fam(bench: &Bench, name: &str, study: &Study, traits: &[Vec<String>]) {
    let mut fam = String::new();
    for (i, (fid, iid)) in study.individuals.iter().enumerate() {
        write!(fam, "{fid} {iid} 0 0 1").unwrap();
        for column in traits {
            write!(fam, " {}", column[i]).unwrap();
        }
        fam.push('\n');
    }
    bench.write(&format!("{name}.fam"), fam);
}

/// A bench with the study `s`, whose SNPs are on three chromosomes, and the covariates `c.txt`, some of which are missing.
fn bench() -> Bench {
    let (study, traits) = study();
    let bench = Bench::new(&study);
    write_fam(&bench, "s", &study, &traits);
    let chromosome = |j: usize| ["1", "2", "X"][j / 40];
    let bim = (0..120).map(|j| format!("{}\trs{j}\t0\t{}\tA\tC\n", chromosome(j), 100 * (j + 1)));
    bench.write("s.bim", bim.collect::<String>());
    let mut random = Random::new(303);
    let rows = (0..90).map(|i| match i % 31 {
        4 => format!("NA {}\n", i % 2),
        _ => format!("{} {}\n", 20 + random.below(50), i % 2),
    });
    bench.write("c.txt", rows.collect::<String>());
    bench
}

/// The number of traits of [`bench`].
const N_TRAITS: usize = 7;

/// Asserts that `--traits all` with `words` gives, for each trait, the bytes of its own run; `files` are their endings.
fn assert_as_alone(bench: &Bench, words: &str, n_traits: usize, files: &[&str]) {
    bench.run(&format!("{words} --traits all -o all"));
    for number in 1..=n_traits {
        bench.run(&format!("{words} -n {number} -o alone"));
        for file in files {
            assert!(
                bench.bytes(&format!("all.{number}.{file}"))
                    == bench.bytes(&format!("alone.{file}")),
                "{words}: {file} of trait {number}"
            );
        }
    }
}

/// The rows of a table with one more cell in front.
fn labelled(table: &Table, label: &str) -> Vec<Vec<String>> {
    let rows = table.rows.iter();
    rows.map(|row| [vec![label.to_owned()], row.clone()].concat())
        .collect()
}
