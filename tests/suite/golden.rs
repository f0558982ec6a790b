//! Every run of GEMMA in `reference/`, repeated with the same command line.
#![allow(
    unreachable_pub,
    clippy::print_stdout,
    reason = "shared within the suite; tables to read with --nocapture"
)]

pub mod assoc;
pub mod decimal;
pub mod log;
pub mod tolerances;

use crate::common::{Run, Table, data, jamma, matrix, root};
use assoc::{Comparison, Range};
use decimal::units_apart;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tolerances::Tolerances;

/// A row of `cases.tsv`, and the folder of our outputs.
struct Case {
    name: String,
    dataset: String,
    command: String,
    files: Vec<String>,
    ours: PathBuf,
}

impl Case {
    fn title(&self) -> String {
        format!("{}/{}", self.dataset, self.name)
    }

    /// The value of an option in the command.
    fn option(&self, name: &str) -> Option<&str> {
        let mut words = self.command.split_whitespace();
        words.find(|&word| word == name).and_then(|_| words.next())
    }

    fn range(&self) -> Range {
        let end = |name, default| {
            self.option(name)
                .map_or(default, |text| text.parse().expect("a number"))
        };
        Range {
            min: end("-lmin", 1e-5),
            max: end("-lmax", 1e5),
        }
    }

    /// Our file and GEMMA's with this ending, if the case has one.
    fn pair(&self, ending: &str) -> Option<[PathBuf; 2]> {
        let file = self.files.iter().find(|file| file.ends_with(ending))?;
        Some([
            self.ours.join(file),
            root()
                .join("reference/gemma")
                .join(&self.dataset)
                .join(file),
        ])
    }

    fn tables(&self) -> Option<[Table; 2]> {
        self.pair("assoc.txt")
            .map(|pair| pair.map(|path| Table::read(&path)))
    }

    /// K = I makes the likelihood flat: λ is not determined, and GEMMA's rows are `nan` or repeat an earlier SNP.
    fn is_flat(&self) -> bool {
        self.name.starts_with("identity_")
    }
}

/// All cases, run once.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden");
    // A file from an earlier run must not replace one that is missing now.
    let _ = std::fs::remove_dir_all(&out);
    let table = Table::read(&root().join("reference/cases.tsv"));
    let cases = table.rows.iter().map(|row| Case {
        name: row[0].clone(),
        dataset: row[1].clone(),
        command: row[2].clone(),
        files: row[3].split(' ').map(str::to_owned).collect(),
        ours: out.join(&row[1]),
    });
    let cases: Vec<Case> = cases.collect();
    for case in &cases {
        std::fs::create_dir_all(&case.ours).expect("a folder for outputs");
        let Run {
            status,
            stdout,
            stderr,
        } = run(case);
        assert_eq!(status, 0, "{}: {stderr}", case.title());
        assert_eq!(
            (stdout.as_str(), stderr.as_str()),
            ("", ""),
            "{}: -silence",
            case.title()
        );
    }
    cases
});

static TOLERANCES: LazyLock<Tolerances> = LazyLock::new(Tolerances::read);

/// Runs jamma with the case's command line in the same folder, outputs elsewhere.
fn run(case: &Case) -> Run {
    let theirs = format!("-outdir ../gemma/{}", case.dataset);
    assert!(
        case.command.starts_with("gemma ") && case.command.contains(&theirs),
        "{}",
        case.command
    );
    let mut command = case.command.replace(&theirs, "");
    // Without this option, weights are those of the residual variance, which GEMMA's are not.
    if command.contains(" -widv ") {
        command.push_str(" --gemma-widv");
    }
    jamma(&format!(
        "{} -outdir {} -silence",
        &command["gemma ".len()..],
        case.ours.display()
    ))
}

/// The association tables of all cases compared with GEMMA's, by data set.
static COMPARISONS: LazyLock<BTreeMap<String, Comparison>> = LazyLock::new(|| {
    let mut by_dataset = BTreeMap::<String, Comparison>::new();
    for case in CASES.iter().filter(|case| !case.is_flat()) {
        if let Some([ours, theirs]) = case.tables() {
            let found = assoc::compare(&case.title(), &ours, &theirs, case.range(), &TOLERANCES);
            by_dataset
                .entry(case.dataset.clone())
                .or_default()
                .add(&found);
        }
    }
    by_dataset
});

#[test]
fn every_case_writes_the_files_that_gemma_writes() {
    assert!(CASES.len() > 60);
    for case in CASES.iter() {
        for file in &case.files {
            assert!(case.ours.join(file).is_file(), "{}: {file}", case.title());
        }
    }
}

#[test]
fn every_association_table_has_gemmas_header_and_snps() {
    let tables = CASES
        .iter()
        .filter_map(|case| case.tables().map(|tables| (case, tables)));
    for (case, [ours, theirs]) in tables {
        assoc::assert_same_snps(&case.title(), &ours, &theirs);
    }
}

#[test]
fn at_least_999_of_1000_cells_print_as_in_gemma() {
    let mut all = Comparison::default();
    println!("data set    column     cells    equal    plain    equal   worst difference");
    for (dataset, comparison) in COMPARISONS.iter() {
        print!("{}", comparison.lines(dataset));
        all.add(comparison);
    }
    print!("{}", all.lines("all"));
    let total = all.total();
    let fraction = |equal, cells| equal as f64 / cells as f64;
    let plain = fraction(total.plain_equal, total.plain_cells);
    println!(
        "cells compared {}, equal {} ({:.4} %)",
        total.cells,
        total.equal,
        100.0 * fraction(total.equal, total.cells)
    );
    println!(
        "of these in rows with 0.05 <= lambda < lmax {}, equal {} ({:.4} %)",
        total.plain_cells,
        total.plain_equal,
        100.0 * plain
    );
    println!(
        "rows with nan in GEMMA, not compared: {}",
        all.rows_with_nan
    );
    assert!(total.plain_cells > 50_000, "hardly anything was compared");
    assert!(
        plain >= TOLERANCES.fraction_of_equal_cells,
        "fraction of equal cells {plain}"
    );
}

#[test]
fn every_cell_is_within_its_tolerance_of_gemma() {
    COMPARISONS.values().for_each(Comparison::assert_within);
}

#[test]
fn every_statistic_is_a_number_even_if_gemmas_optimiser_fails() {
    let mut rows_with_nan = 0;
    for case in CASES.iter() {
        let Some([ours, theirs]) = case.tables() else {
            continue;
        };
        let n_snp_columns = assoc::snp_columns(&ours.header);
        for (ours, theirs) in ours.rows.iter().zip(&theirs.rows) {
            rows_with_nan += usize::from(theirs.iter().any(|cell| cell.ends_with("nan")));
            for cell in &ours[n_snp_columns..] {
                assert!(
                    cell.parse::<f64>().is_ok_and(f64::is_finite),
                    "{}: {ours:?}",
                    case.title()
                );
            }
        }
        if case.is_flat() {
            assert!(
                ours.numbers("p_wald").iter().all(|&p| p > 0.0 && p <= 1.0),
                "{}",
                case.title()
            );
        }
    }
    assert!(rows_with_nan > 0, "no case shows the failure");
}

#[test]
fn every_kinship_entry_is_within_one_unit_of_its_last_digit() {
    for case in CASES.iter() {
        let Some([ours, theirs]) = case.pair("XX.txt") else {
            continue;
        };
        let [ours, theirs] =
            [ours, theirs].map(|path| std::fs::read_to_string(path).expect("a matrix"));
        assert_eq!(
            ours.lines().count(),
            theirs.lines().count(),
            "{}",
            case.title()
        );
        let (mut entries, mut unequal) = (0, 0);
        for (ours, theirs) in ours.lines().zip(theirs.lines()) {
            assert_eq!(
                ours.split('\t').count(),
                theirs.split('\t').count(),
                "{}",
                case.title()
            );
            for (a, b) in ours.split('\t').zip(theirs.split('\t')) {
                let units = units_apart(a, b, 10);
                assert!(
                    units <= u128::from(TOLERANCES.kinship_units),
                    "{}: {a}, GEMMA {b}",
                    case.title()
                );
                entries += 1;
                unequal += usize::from(a != b);
            }
        }
        println!(
            "{}: {unequal} of {entries} entries differ by one unit",
            case.title()
        );
    }
}

#[test]
fn eigenvalues_agree_and_eigenvectors_solve_the_equation() {
    for case in CASES.iter() {
        let Some([values, their_values]) = case.pair("eigenD.txt") else {
            continue;
        };
        let [vectors, _] = case
            .pair("eigenU.txt")
            .expect("eigenvectors with the eigenvalues");
        let [d, their_d] = [values, their_values].map(|path| matrix(&path).concat());
        let largest = their_d.iter().copied().fold(0.0, f64::max);
        assert_eq!(d.len(), their_d.len());
        assert!(d.is_sorted());
        for (a, b) in d.iter().zip(&their_d) {
            // Ten digits of K leave an absolute error of this size, whatever the eigenvalue.
            let scale = if *b < 1e-6 * largest { largest } else { *b };
            assert!(
                (a - b).abs() <= TOLERANCES.eigenvalue * scale,
                "{a}, GEMMA {b}"
            );
        }
        let worst = eigenvector_error(&analysed_kinship(case), &matrix(&vectors), &d);
        println!("{}: |KU - UD| <= {worst:.1e}", case.title());
        assert!(worst <= TOLERANCES.eigenvector);
    }
}

/// Largest |(KU − UD)_ij|.
fn eigenvector_error(k: &[Vec<f64>], u: &[Vec<f64>], d: &[f64]) -> f64 {
    let n = d.len();
    assert!(k.len() == n && u.len() == n && u.iter().all(|row| row.len() == n));
    let entry =
        |i: usize, j: usize| (0..n).map(|m| k[i][m] * u[m][j]).sum::<f64>() - u[i][j] * d[j];
    (0..n * n)
        .map(|ij| entry(ij / n, ij % n).abs())
        .fold(0.0, f64::max)
}

/// The kinship of the individuals with a phenotype in column 1 of the `.fam`, centred.
fn analysed_kinship(case: &Case) -> Vec<Vec<f64>> {
    let fam =
        std::fs::read_to_string(data(&format!("{}.fam", case.dataset))).expect("the individuals");
    let has_phenotype = |line: &str| {
        let phenotype = line.split_whitespace().nth(5).expect("six columns");
        phenotype.parse::<f64>().is_ok_and(|value| value != -9.0)
    };
    let analysed: Vec<usize> = (0..)
        .zip(fam.lines())
        .filter(|(_, line)| has_phenotype(line))
        .map(|(i, _)| i)
        .collect();
    let whole = matrix(&data(case.option("-k").expect("a kinship")));
    let k: Vec<Vec<f64>> = analysed
        .iter()
        .map(|&i| analysed.iter().map(|&j| whole[i][j]).collect())
        .collect();
    let n = k.len() as f64;
    let means: Vec<f64> = k.iter().map(|row| row.iter().sum::<f64>() / n).collect();
    let mean = means.iter().sum::<f64>() / n;
    let centred = |(i, row): (usize, &Vec<f64>)| {
        row.iter()
            .zip(&means)
            .map(|(k, m)| k - m - means[i] + mean)
            .collect()
    };
    k.iter().enumerate().map(centred).collect()
}

#[test]
fn residuals_agree_on_the_scale_of_the_phenotype() {
    let mut compared = 0;
    for case in CASES.iter() {
        for ending in ["residU.txt", "residE.txt"] {
            let Some(pair) = case.pair(ending) else {
                continue;
            };
            let [ours, theirs] = pair.map(|path| matrix(&path).concat());
            assert_eq!(ours.len(), theirs.len(), "{}", case.title());
            let limit = TOLERANCES.residual * phenotype_deviation(case);
            let worst = ours
                .iter()
                .zip(&theirs)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f64::max);
            println!("{} {ending}: {worst:.1e} of {limit:.1e}", case.title());
            assert!(worst <= limit);
            compared += ours.len();
        }
    }
    assert!(compared > 0);
}

/// Standard deviation of the phenotype that `-p` and `-n` name.
fn phenotype_deviation(case: &Case) -> f64 {
    let path = data(case.option("-p").expect("a phenotype file"));
    let column: usize = case
        .option("-n")
        .map_or(1, |text| text.parse().expect("a column"));
    let text = std::fs::read_to_string(path).expect("the phenotypes");
    let y: Vec<f64> = text
        .lines()
        .filter_map(|line| line.split_whitespace().nth(column - 1)?.parse().ok())
        .collect();
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    (y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / (y.len() - 1) as f64).sqrt()
}

#[test]
fn every_log_has_gemmas_counts_and_null_model() {
    let (mut compared, mut differences) = (0, Vec::new());
    for case in CASES.iter() {
        let pair = case.pair("log.txt").expect("every run has a log");
        let [ours, theirs] = pair.map(|path| std::fs::read_to_string(path).expect("a log"));
        log::assert_same_counts(&case.title(), &ours, &theirs);
        if case.is_flat() {
            continue;
        }
        let (n, found) = log::null_differences(&case.title(), &ours, &theirs, &TOLERANCES);
        compared += n;
        differences.extend(found);
    }
    println!(
        "numbers of null models compared {compared}, not equal {}:",
        differences.len()
    );
    differences
        .iter()
        .for_each(|difference| println!("{difference}"));
    assert!(compared > 500);
    assert!(
        differences
            .iter()
            .all(|difference| difference.starts_with(' ')),
        "{}",
        differences.join("\n")
    );
}
