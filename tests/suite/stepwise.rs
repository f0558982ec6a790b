//! `--stepwise`: compared with a loop over runs with `--condition`.

use super::common::{Table, log_value, relative_difference};
use super::properties::Bench;
use super::simulate::{Random, Study, lines_of};
use std::fmt::Write as _;

const N: usize = 200;
const SNPS: usize = 120;

/// A study on three chromosomes whose phenotype depends on SNPs 17, 63 and 100. Some phenotypes and genotypes are missing.
fn study() -> Study {
    let mut study = Study::simulate(431, N, SNPS);
    let mut random = Random::new(432);
    for i in 0..N {
        let effect = |s: usize, beta: f64| beta * f64::from(study.snps[s][i].unwrap_or(1));
        let y = effect(17, 1.1) + effect(63, -0.9) + effect(100, 0.8) + random.normal();
        study.phenotype[i] = if i % 23 == 5 {
            "NA".into()
        } else {
            format!("{y:.6}")
        };
    }
    for i in [0, 5, 11, 40, 41] {
        study.snps[17][i] = None;
    }
    study
}

fn bench_of(study: &Study) -> Bench {
    let bench = Bench::new(study);
    let chromosome = |j: usize| ["1", "2", "X"][j / 40];
    let bim = (0..SNPS).map(|j| format!("{}\trs{j}\t0\t{}\tA\tC\n", chromosome(j), 100 * (j + 1)));
    bench.write("s.bim", bim.collect::<String>());
    let own = (0..N).map(|i| format!("{} {}", (i * i) % 37, i % 2));
    bench.write("own.txt", lines_of(own));
    bench.write("w.txt", lines_of((0..N).map(|i| 1 + i % 4)));
    bench.run("gk -bfile s --format npy -o k");
    bench
}

fn stepwise_table(bench: &Bench, name: &str) -> Table {
    Table::read(&bench.output(&format!("{name}.stepwise.txt")))
}

/// One scan of a selection by hand.
struct Scan {
    table: Table,
    /// The row of the smallest p-value.
    best: usize,
    p: f64,
}

/// The scans of a selection by hand, the last of which has no p-value below `threshold`, and the SNPs that were added.
fn by_hand(bench: &Bench, words: &str, column: &str, threshold: f64) -> (Vec<Scan>, Vec<String>) {
    let (mut scans, mut picked) = (Vec::new(), Vec::<String>::new());
    loop {
        let condition = match picked.as_slice() {
            [] => String::new(),
            picked => format!("--condition {}", picked.join(",")),
        };
        bench.run(&format!("{words} {condition} -o hand"));
        let table = bench.assoc("hand");
        let p = table.numbers(column);
        let rows = (0..p.len()).filter(|&row| !p[row].is_nan());
        let best = rows.min_by(|&a, &b| p[a].total_cmp(&p[b])).unwrap();
        let (p, rs) = (p[best], table.rows[best][1].clone());
        scans.push(Scan { table, best, p });
        if p >= threshold {
            return (scans, picked);
        }
        picked.push(rs);
    }
}

/// Asserts that the selection of `words` is that of a loop over `--condition`, to the byte.
fn assert_as_by_hand(bench: &Bench, words: &str, column: &str) {
    let threshold = 1e-4;
    let (scans, picked) = by_hand(bench, words, column, threshold);
    assert!(picked.len() >= 3, "{words}: {picked:?}");
    let expected = bench.bytes("hand.assoc.txt");
    bench.run(&format!("{words} --stepwise {threshold} -o step"));
    assert!(bench.bytes("step.assoc.txt") == expected, "{words}");
    let steps = stepwise_table(bench, "step");
    assert_eq!(steps.texts("rs"), picked, "{words}");
    let log = bench.log("step");
    for (k, (step, scan)) in steps.rows.iter().zip(&scans).enumerate() {
        let row = &scan.table.rows[scan.best];
        assert_eq!(step[0], (k + 1).to_string());
        for name in [
            "chr", "rs", "ps", "allele1", "allele0", "af", "beta", "se", column,
        ] {
            let at = steps.column(name);
            match scan.table.header.iter().position(|one| one == name) {
                Some(column) => assert_eq!(step[at], row[column], "{words}: {name}"),
                None => assert_eq!(step[at], "nan", "{words}: {name}"),
            }
        }
        let line = log_value(&log, &format!("stepwise SNP {}", k + 1));
        assert!(
            line.starts_with(&format!("{}, chromosome", picked[k])),
            "{line}"
        );
    }
    let last = scans.last().unwrap();
    let line = log_value(&log, &format!("smallest {column} after the last"));
    let (p, place) = line.split_once(' ').unwrap();
    assert!(
        relative_difference(p.parse().unwrap(), last.p) < 1e-5,
        "{line}"
    );
    assert!(
        place.starts_with(&format!("({},", last.table.rows[last.best][1])),
        "{line}"
    );
    let count = log_value(&log, "number of covariates");
    assert_eq!(count, log_value(&bench.log("hand"), "number of covariates"));
}

/// Asserts that the effects with all SNPs are those of each SNP tested with the others as covariates.
fn assert_joint(bench: &Bench, words: &str) {
    let steps = stepwise_table(bench, "step");
    let picked = steps.texts("rs");
    for (k, rs) in picked.iter().enumerate() {
        let others: Vec<&str> = (picked.iter())
            .filter(|other| *other != rs)
            .map(String::as_str)
            .collect();
        let others = others.join(",");
        bench.run(&format!("{words} --condition {others} -o joint"));
        let table = bench.assoc("joint");
        let row = table.texts("rs").iter().position(|one| one == rs).unwrap();
        for (ours, column) in [
            ("beta_joint", "beta"),
            ("se_joint", "se"),
            ("p_joint", "p_wald"),
        ] {
            let (a, b) = (steps.numbers(ours)[k], table.numbers(column)[row]);
            // λ is found to about 1e-5 of itself in either run.
            assert!(
                relative_difference(a, b) < 1e-4,
                "{words}: {rs} {ours} {a}, {b}"
            );
        }
    }
}

#[test]
fn the_path_is_that_of_a_loop_over_condition_to_the_byte() {
    let bench = bench_of(&study());
    for (words, column) in [
        ("lmm -bfile s -k output/k.cXX.npy", "p_wald"),
        ("lmm -bfile s -k output/k.cXX.npy -lmm 2", "p_lrt"),
        (
            "lmm -bfile s -k output/k.cXX.npy -lmm 3 -c own.txt",
            "p_score",
        ),
        ("lmm -bfile s -k output/k.cXX.npy -lmm 4 --log10p", "p_wald"),
        ("lmm -bfile s -k output/k.cXX.npy -lmm 9 -r2 1", "p_lrt"),
        ("lmm -bfile s -k output/k.cXX.npy --weights-as", "p_wald"),
        ("lmm -bfile s --kinship-qc all -loco -lmm 4", "p_wald"),
        (
            "lmm -bfile s --kinship-qc all -gk 2 -snps list.txt",
            "p_wald",
        ),
        ("lm -bfile s", "p_wald"),
        ("lm -bfile s -lm 2 -c own.txt", "p_lrt"),
        ("lm -bfile s -lm 4 --with-info", "p_wald"),
    ] {
        bench.write("list.txt", lines_of((10..SNPS).map(|s| format!("rs{s}"))));
        let words = words.replace("--weights-as", "-widv w.txt");
        assert_as_by_hand(&bench, &words, column);
        if column == "p_wald" {
            assert_joint(&bench, &words);
        }
    }
}

#[test]
fn all_snps_have_the_status_of_the_last_scan() {
    let bench = bench_of(&study());
    // The R² of an added SNP on several covariates is 1 up to rounding, so that -r2 1 may exclude it.
    let statuses = ["excluded_covariates", "collinear"];
    for (r2, allowed) in [("", &statuses[..1]), ("-r2 1", &statuses[..])] {
        let words = format!("lmm -bfile s -k output/k.cXX.npy --all-snps {r2}");
        bench.run(&format!("{words} --stepwise 1e-4 -o step"));
        let picked = stepwise_table(&bench, "step").texts("rs");
        bench.run(&format!("{words} --condition {} -o hand", picked.join(",")));
        assert!(bench.bytes("step.assoc.txt") == bench.bytes("hand.assoc.txt"));
        let table = bench.assoc("step");
        assert_eq!(table.rows.len(), SNPS);
        for rs in &picked {
            let row = table.texts("rs").iter().position(|one| one == rs).unwrap();
            let status = &*table.rows[row][table.column("status")];
            assert!(allowed.contains(&status), "{rs}: {status}");
            assert_eq!(table.rows[row][table.column("p_wald")], "nan");
        }
    }
}

#[test]
fn a_computed_kinship_stays_that_of_the_first_scan() {
    let bench = bench_of(&study());
    bench.run("lmm -bfile s --stepwise 1e-4 --save-kinship --format npy -o step");
    let picked = stepwise_table(&bench, "step").texts("rs").join(",");
    bench.run(&format!(
        "lmm -bfile s -k output/step.cXX.npy --condition {picked} -o hand"
    ));
    assert!(bench.bytes("step.assoc.txt") == bench.bytes("hand.assoc.txt"));
    let log = bench.log("step");
    let n_kinship = log_value(&log, "number of SNPs in the kinship");
    bench.run("lmm -bfile s -o plain");
    let plain = bench.log("plain");
    assert_eq!(
        n_kinship,
        log_value(&plain, "number of SNPs in the kinship")
    );
    // The decomposition is made once, and may be given.
    bench.run("eigen -bfile s -k output/step.cXX.npy --format npy -o e");
    bench
        .run("lmm -bfile s -d output/e.eigenD.npy -u output/e.eigenU.npy --stepwise 1e-4 -o given");
    assert_eq!(
        stepwise_table(&bench, "given").texts("rs").join(","),
        picked
    );
}

#[test]
fn threads_and_blocks_do_not_change_a_byte() {
    let bench = bench_of(&study());
    for words in [
        "lmm -bfile s -lmm 4 --stepwise 1e-4",
        "lmm -bfile s -loco --stepwise 1e-4",
        "lm -bfile s --stepwise 1e-4",
    ] {
        let run = |more: &str| {
            bench.run(&format!("{words} {more} -o x"));
            ["x.assoc.txt", "x.stepwise.txt"].map(|name| bench.bytes(name))
        };
        let expected = run("--threads 1");
        for more in ["--threads 2 --block-snps 7", "--threads 3 --block-snps 1"] {
            assert!(run(more) == expected, "{words} {more}");
        }
    }
}

#[test]
fn a_run_without_a_significant_snp_is_one_without_the_option() {
    let bench = bench_of(&study());
    for words in ["lmm -bfile s -lmm 4", "lm -bfile s", "lmm -bfile s -loco"] {
        bench.run(&format!("{words} -o plain"));
        bench.run(&format!("{words} --stepwise 1e-300 -o step"));
        assert!(bench.bytes("plain.assoc.txt") == bench.bytes("step.assoc.txt"));
        let steps = stepwise_table(&bench, "step");
        assert_eq!(steps.rows.len(), 0);
        assert_eq!(
            steps.header.join(" "),
            "step chr rs ps allele1 allele0 af beta se p_wald beta_joint se_joint p_joint"
        );
        let log = bench.log("step");
        let label = "SNPs added by --stepwise (p_wald below 1e-300, at most 20)";
        assert_eq!(log_value(&log, label), "0");
    }
}

#[test]
fn the_limit_ends_the_path_with_a_note() {
    let bench = bench_of(&study());
    let words = "lmm -bfile s -k output/k.cXX.npy";
    let run = bench.run(&format!(
        "{words} --stepwise 1e-4 --stepwise-max 2 --gz -o step"
    ));
    let note = "--stepwise: the limit of 2 SNPs (--stepwise-max) is reached; SNP rs";
    assert!(run.stderr.contains(note), "{}", run.stderr);
    assert!(bench.outputs().contains(&"step.stepwise.txt.gz".to_owned()));
    // Every SNP is below 1, and none is added twice.
    bench.run(&format!(
        "{words} --stepwise 1 --stepwise-max 9 -r2 1 -o step"
    ));
    let mut picked = stepwise_table(&bench, "step").texts("rs");
    picked.sort();
    picked.dedup();
    assert_eq!(picked.len(), 9);
}

#[test]
fn snps_that_are_covariates_come_first() {
    let bench = bench_of(&study());
    let words = "lmm -bfile s -k output/k.cXX.npy -c own.txt";
    bench.run(&format!("{words} --condition rs17 --stepwise 1e-4 -o step"));
    let picked = stepwise_table(&bench, "step").texts("rs");
    assert!(!picked.contains(&"rs17".to_owned()));
    let all = format!("rs17,{}", picked.join(","));
    bench.run(&format!("{words} --condition {all} -o hand"));
    assert!(bench.bytes("step.assoc.txt") == bench.bytes("hand.assoc.txt"));
}

#[test]
fn equal_snps_are_one_step_and_ties_go_to_the_first_in_the_file() {
    let mut study = study();
    study.snps[90] = study.snps[17].clone();
    study.snps[3] = study.snps[17].clone();
    let bench = bench_of(&study);
    for words in [
        "lmm -bfile s -k output/k.cXX.npy",
        "lm -bfile s",
        "lm -bfile s -r2 1",
    ] {
        bench.run(&format!("{words} --all-snps --stepwise 1e-4 -o step"));
        let picked = stepwise_table(&bench, "step").texts("rs");
        assert!(picked.contains(&"rs3".to_owned()), "{picked:?}");
        assert!(!picked.iter().any(|rs| rs == "rs17" || rs == "rs90"));
        let table = bench.assoc("step");
        assert_eq!(table.rows[90][table.column("p_wald")], "nan");
    }
}

#[test]
fn a_snp_that_explains_everything_ends_the_path_with_a_note() {
    let mut study = study();
    for i in 0..N {
        study.snps[17][i] = study.snps[17][i].or(Some(1));
        study.phenotype[i] = study.snps[17][i].unwrap().to_string();
    }
    let bench = bench_of(&study);
    for words in ["lmm -bfile s -k output/k.cXX.npy", "lm -bfile s"] {
        bench.run(&format!("{words} -o plain"));
        let run = bench.run(&format!("{words} --stepwise 1e-4 -o step"));
        assert!(bench.bytes("plain.assoc.txt") == bench.bytes("step.assoc.txt"));
        let note = "--stepwise: SNP rs17 was not added, and the selection ends: the phenotype";
        assert!(run.stderr.contains(note), "{}", run.stderr);
    }
}

#[test]
fn sources_without_records_have_the_same_path() {
    let study = study();
    let bench = bench_of(&study);
    let mut bimbam = String::new();
    for (s, snp) in study.snps.iter().enumerate() {
        write!(bimbam, "rs{s}, A, C").unwrap();
        for x in snp {
            write!(bimbam, ", {}", x.map_or("NA".into(), |x| x.to_string())).unwrap();
        }
        bimbam.push('\n');
    }
    bench.write("g.txt", bimbam);
    bench.write("y.txt", study.phenotype.join("\n") + "\n");
    bench.run("lm -g g.txt -p y.txt --stepwise 1e-4 -o g");
    bench.run("lm -bfile s --stepwise 1e-4 -o s");
    let [g, s] = ["g", "s"].map(|name| stepwise_table(&bench, name));
    assert_eq!(g.texts("rs"), s.texts("rs"));
    assert!(g.rows.len() >= 3);
    for (a, b) in g.numbers("p_joint").iter().zip(s.numbers("p_joint")) {
        assert!(relative_difference(*a, b) < 1e-4);
    }
}

#[test]
fn the_linear_model_has_snps_as_covariates() {
    let bench = bench_of(&study());
    let kept: Vec<usize> = (0..N).filter(|i| i % 23 != 5).collect();
    let study = study();
    let x = |i: usize| study.snps[63][i].map(f64::from);
    let observed: Vec<f64> = kept.iter().filter_map(|&i| x(i)).collect();
    let mean = observed.iter().sum::<f64>() / observed.len() as f64;
    bench.write("c.txt", lines_of((0..N).map(|i| x(i).unwrap_or(mean))));
    bench.run("lm -bfile s -lm 4 -c c.txt -o c");
    bench.run("lm -bfile s -lm 4 --condition rs63 -o snp");
    assert!(bench.bytes("c.assoc.txt") == bench.bytes("snp.assoc.txt"));
}

#[test]
fn combinations_that_make_no_sense_are_refused_by_name() {
    let bench = bench_of(&study());
    for (words, option, text) in [
        (
            "lmm -bfile s -lmm 5 --stepwise 0.1",
            "--stepwise",
            "does not test SNPs",
        ),
        (
            "lmm -bfile s --stepwise-max 3",
            "--stepwise-max",
            "--stepwise",
        ),
        ("lmm -bfile s --stepwise 2", "--stepwise", "from 0 to 1"),
        (
            "lmm -bfile s --stepwise 0.1 --stepwise-max 0",
            "--stepwise-max",
            "from 1",
        ),
        (
            "lmm -bfile s --stepwise 0.1 -gxe own.txt",
            "--stepwise",
            "interactions",
        ),
        (
            "lmm -bfile s --stepwise 0.1 --permutations 9",
            "--stepwise",
            "null model",
        ),
        (
            "lmm -bfile s --stepwise 0.1 --traits 1",
            "--stepwise",
            "several traits",
        ),
        (
            "lm -bfile s --stepwise 0.1 --traits all",
            "--stepwise",
            "several traits",
        ),
        ("gk -bfile s --stepwise 0.1", "--stepwise", ""),
    ] {
        let found = bench.rejected(words);
        assert!(
            found.starts_with(&format!("error: {option}: ")) && found.contains(text),
            "{words}: {found}"
        );
    }
}
