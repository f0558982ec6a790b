//! `-k2`: a second kinship, compared with runs that have the combined matrix as their only kinship.

mod refusals;

use super::common::{Table, log_value, relative_difference};
use super::properties::Bench;
use super::simulate::{Random, Study};
use jamma::backend::CpuBackend;
use jamma::cli::{Args, Command, Given, Value, job, set};
use jamma::output::report::RunReport;
use jamma::pipeline::{Setting, run};
use jamma::progress::Silent;
use std::fmt::Write as _;

const N: usize = 120;

/// Who lives in the same household: individuals who are no relatives, since families are four in a row.
fn household(i: usize) -> usize {
    i % (N / 3)
}

/// A study on three chromosomes whose phenotype depends on households, with its households as a matrix in `h.txt` and its kinship
/// in `k.cXX.npy`.
///
/// * `effects`: standard deviations of the effects of genotypes, in units of those of the simulation, and of households
fn bench_of(seed: u64, effects: [f64; 2]) -> Bench {
    let mut study = Study::simulate(seed, N, 150);
    let mut random = Random::new(seed + 1);
    let of_households: Vec<f64> = (0..N / 3).map(|_| effects[1] * random.normal()).collect();
    for i in 0..N {
        let y: f64 = study.phenotype[i].parse().unwrap();
        let y = effects[0] * y + of_households[household(i)] + 0.6 * random.normal();
        study.phenotype[i] = format!("{y:.6}");
    }
    let bench = Bench::new(&study);
    let chromosome = |j: usize| ["1", "2", "X"][j / 50];
    let bim = (0..150).map(|j| format!("{}\trs{j}\t0\t{}\tA\tC\n", chromosome(j), 100 * (j + 1)));
    bench.write("s.bim", bim.collect::<String>());
    bench.write("h.txt", text_of(&households()));
    bench.run("gk -bfile s -o k --format npy -outdir .");
    bench
}

fn bench() -> Bench {
    bench_of(733, [1.0, 0.9])
}

fn households() -> Vec<Vec<f64>> {
    let row = |i| {
        let same = |j| f64::from(u8::from(household(i) == household(j)));
        (0..N).map(same).collect()
    };
    (0..N).map(row).collect()
}

/// A matrix as text with all digits.
fn text_of(k: &[Vec<f64>]) -> String {
    let mut text = String::new();
    for row in k {
        let row: Vec<String> = row.iter().map(|x| format!("{x:?}")).collect();
        writeln!(text, "{}", row.join("\t")).unwrap();
    }
    text
}

/// The matrix in a `.npy` file of `n` rows.
fn matrix_of(bench: &Bench, name: &str, n: usize) -> Vec<Vec<f64>> {
    let bytes = std::fs::read(bench.file(name)).unwrap();
    let numbers = bytes[bytes.len() - 8 * n * n..].as_chunks().0;
    let numbers: Vec<f64> = numbers.iter().map(|x| f64::from_le_bytes(*x)).collect();
    numbers.chunks(n).map(<[f64]>::to_vec).collect()
}

/// (1 − w) K₁ + w K₂.
fn combined(first: &[Vec<f64>], second: &[Vec<f64>], w: f64) -> Vec<Vec<f64>> {
    let row = |(a, b): (&Vec<f64>, &Vec<f64>)| {
        let cells = a.iter().zip(b);
        cells.map(|(a, b)| (1.0 - w) * a + w * b).collect()
    };
    first.iter().zip(second).map(row).collect()
}

/// The report of a run with all digits, through the library. Words are those of the command line; values that are files are in
/// `bench`.
fn report(bench: &Bench, words: &str) -> RunReport {
    let mut args = Args {
        command: Some(Command::Lmm),
        ..Args::default()
    };
    let mut words = words.split_whitespace().peekable();
    while let Some(option) = words.next() {
        let name = option.trim_start_matches('-').replace("gxe", "gxe-file");
        let is_value = |word: &&str| !word.starts_with('-');
        let value = words.next_if(is_value).map(|word| {
            let is_file = ["bfile", "k", "k2", "gxe-file", "widv", "c"].contains(&&*name);
            if is_file {
                bench.file(word).display().to_string()
            } else {
                word.to_owned()
            }
        });
        let value = Value::Words(value.into_iter().collect());
        set(&mut args, &name, &value).expect("an option").unwrap();
    }
    let mut job = job(&args, Given::default(), String::new()).unwrap();
    job.files = None;
    run(job, Setting::new(&CpuBackend, &Silent)).unwrap()
}

/// The fraction of the second kinship in the null model of a run.
fn fraction(bench: &Bench, words: &str) -> f64 {
    let report = report(bench, words);
    let null = report.first().null.as_ref().expect("a null model");
    null.components.expect("two kinships").fraction
}

#[test]
fn snps_are_tested_as_with_the_combined_matrix_to_the_byte() {
    let bench = bench();
    let k = matrix_of(&bench, "k.cXX.npy", N);
    let numbers = |step: usize| {
        let line = |i: usize| format!("{}\n", 1 + (i * i) % step);
        (0..N).map(line).collect::<String>()
    };
    bench.write("c.txt", numbers(11));
    bench.write("e.txt", numbers(3));
    bench.write("w.txt", numbers(4));
    let mut fractions = Vec::new();
    for words in [
        "-lmm 4",
        "-lmm 4 -c c.txt --all-snps",
        "-lmm 9 --condition rs17,rs63",
        "-lmm 4 -gxe e.txt",
        "-lmm 4 -widv w.txt",
        "-lmm 1 --permutations 20",
        "-lmm 5",
    ] {
        let two = format!("-bfile s -k k.cXX.npy -k2 h.txt {words}");
        let w = fraction(&bench, &two);
        assert!(w > 0.02 && w < 0.98, "{words}: {w}");
        fractions.push(w);
        bench.write("both.txt", text_of(&combined(&k, &households(), w)));
        bench.run(&format!("lmm {two} -o two"));
        bench.run(&format!("lmm -bfile s -k both.txt {words} -o one"));
        let outputs: &[&str] = if words == "-lmm 5" {
            &["residU.txt", "residE.txt"]
        } else {
            &["assoc.txt"]
        };
        for output in outputs {
            let [one, two] = ["one", "two"].map(|name| bench.bytes(&format!("{name}.{output}")));
            assert!(one == two, "{words}: {output}");
        }
        // The null models are the same too, so that the lines of the log agree to the last digit.
        let [one, two] = ["one", "two"].map(|name| bench.log(name));
        for label in [
            "REMLE log-likelihood in the null model",
            "pve estimate in the null model",
            "vg estimate in the null model",
            "ve estimate in the null model",
            "beta estimate in the null model",
            "REMLE lambda in the null model",
        ] {
            assert_eq!(log_value(&one, label), log_value(&two, label), "{words}");
        }
    }
    // Covariates and weights are part of the model in which the ratio is estimated; the environment is not.
    assert_eq!(fractions[0], fractions[3]);
    for other in [1, 2, 4] {
        assert_ne!(fractions[0], fractions[other]);
    }
}

#[test]
fn the_ratio_is_the_maximum_of_the_likelihood_of_runs_with_one_matrix() {
    let bench = bench();
    let k = matrix_of(&bench, "k.cXX.npy", N);
    let found = report(&bench, "-bfile s -k k.cXX.npy -k2 h.txt");
    let null = found.first().null.as_ref().unwrap();
    let w = null.components.unwrap().fraction;
    let likelihood = |w: f64| {
        bench.write("both.txt", text_of(&combined(&k, &households(), w)));
        let report = report(&bench, "-bfile s -k both.txt");
        report.first().null.as_ref().unwrap().reml.value
    };
    let at = likelihood(w);
    assert!((at - null.reml.value).abs() < 1e-9);
    for other in 0..=20 {
        let other = f64::from(other) / 20.0;
        assert!(likelihood(other) <= at, "{other}");
    }
    // A parabola through three points has its maximum in the middle, as exactly as differences of the likelihood tell.
    let step = 0.01;
    let [low, high] = [likelihood(w - step), likelihood(w + step)];
    let off = 0.5 * step * (high - low) / (2.0 * at - low - high);
    assert!(low < at && high < at && off.abs() < 1e-3, "{off}");
}

#[test]
fn the_log_has_all_variance_components_and_they_add_up() {
    let bench = bench();
    bench.run("lmm -bfile s -k k.cXX.npy -k2 h.txt -o two");
    let log = bench.log("two");
    let value = |label: &str| log_value(&log, label).parse::<f64>().unwrap();
    let sum = |what: &str| {
        [1, 2]
            .map(|k| value(&format!("{what} estimate of kinship {k} in the null model")))
            .iter()
            .sum::<f64>()
    };
    for what in ["vg", "pve"] {
        let all = value(&format!("{what} estimate in the null model"));
        assert!(relative_difference(sum(what), all) < 2e-5, "{what}");
    }
    let [w, of_second] = [
        "fraction of kinship 2 in the combined kinship",
        "vg estimate of kinship 2 in the null model",
    ]
    .map(value);
    assert!(relative_difference(w * sum("vg"), of_second) < 2e-5);
    for label in [
        "se(fraction of kinship 2)",
        "se(vg of kinship 1)",
        "se(vg of kinship 2)",
        "se(ve)",
        "se(pve of kinship 1)",
        "se(pve of kinship 2)",
    ] {
        assert!(value(label) > 0.0 && value(label) < 10.0, "{label}");
    }
    // Simulated: the effects of households have a variance of 0.81.
    let se = value("se(vg of kinship 2)");
    assert!((of_second - 0.81).abs() < 3.0 * se, "{of_second} {se}");
}

#[test]
fn a_kinship_without_a_variance_component_is_as_if_it_were_not_given() {
    let mut ends = [0; 2];
    for seed in 0..12 {
        let bench = bench_of(4000 + seed, [[1.0, 0.0], [0.0, 0.9]][seed as usize % 2]);
        let two = "-bfile s -k k.cXX.npy -k2 h.txt";
        let w = fraction(&bench, two);
        let (other, note) = if w == 0.0 {
            ("-k k.cXX.npy", "of the second kinship is estimated as 0")
        } else if w == 1.0 {
            ("-k h.txt", "of the first kinship is estimated as 0")
        } else {
            continue;
        };
        ends[w as usize] += 1;
        let run = bench.run(&format!("lmm {two} -lmm 4 -o two"));
        assert!(run.stderr.contains(note), "{}", run.stderr);
        bench.run(&format!("lmm -bfile s {other} -lmm 4 -o one"));
        let [one, two] = ["one", "two"].map(|name| bench.bytes(&format!("{name}.assoc.txt")));
        assert!(one == two, "{seed}");
        let log = bench.log("two");
        let absent = if w == 0.0 { 2 } else { 1 };
        let label = format!("vg estimate of kinship {absent} in the null model");
        assert_eq!(log_value(&log, &label), "0");
        let label = format!("se(vg of kinship {absent})");
        assert_eq!(log_value(&log, &label), "nan");
    }
    assert!(ends.iter().all(|n| *n > 0), "{ends:?}");
}

#[test]
fn results_depend_neither_on_threads_nor_on_blocks_nor_on_the_cache() {
    let bench = bench();
    let mut all = Vec::new();
    for more in [
        "--threads 1",
        "--threads 4 --block-snps 7",
        "--eigen-cache cache",
        "--eigen-cache cache",
        "--memory 1",
    ] {
        let run = bench.run(&format!(
            "lmm -bfile s -k k.cXX.npy -k2 h.txt -lmm 4 {more} -o a"
        ));
        let log = bench.log("a");
        let w = log_value(&log, "fraction of kinship 2 in the combined kinship");
        all.push((bench.bytes("a.assoc.txt"), w));
        let is_cached = run.stderr.contains("was read from the cache");
        assert_eq!(is_cached, all.len() == 4, "{}", run.stderr);
    }
    assert!(all.iter().all(|one| *one == all[0]));
}

#[test]
fn the_first_kinship_may_be_computed_in_the_run() {
    let bench = bench();
    bench.run("lmm -bfile s -k k.cXX.npy -k2 h.txt -lmm 4 -o given");
    bench.run("lmm -bfile s -k2 h.txt -lmm 4 -o computed");
    bench.run("-bfile s -k2 h.txt -lmm 4 -o gemma");
    let given = bench.bytes("given.assoc.txt");
    assert!(given == bench.bytes("computed.assoc.txt"));
    assert!(given == bench.bytes("gemma.assoc.txt"));
}

#[test]
fn the_second_matrix_has_any_format_and_order_of_the_first() {
    let bench = bench();
    bench.run("lmm -bfile s -k2 h.txt -o plain");
    let plain = bench.bytes("plain.assoc.txt");
    let h = households();
    let order = Random::new(3).permutation(N);
    // PLINK's text with ids, in another order.
    let shuffled: Vec<Vec<f64>> = (order.iter())
        .map(|&i| order.iter().map(|&j| h[i][j]).collect())
        .collect();
    bench.write("h.rel", text_of(&shuffled));
    let ids = order.iter().map(|i| format!("F{} I{i}\n", i / 4));
    bench.write("h.rel.id", ids.collect::<String>());
    // A list of the pairs that are not 0, with and without a header of names.
    let mut pairs = String::new();
    let mut named = format!(
        "\t{}\n",
        order
            .iter()
            .map(|i| format!("I{i}"))
            .collect::<Vec<_>>()
            .join("\t")
    );
    for (a, &i) in order.iter().enumerate() {
        let row: Vec<String> = shuffled[a].iter().map(f64::to_string).collect();
        writeln!(named, "I{i}\t{}", row.join("\t")).unwrap();
        for &j in &order[..=a] {
            if h[i][j] > 0.0 {
                writeln!(pairs, "I{i} I{j} 1").unwrap();
            }
        }
    }
    bench.write("pairs.txt", pairs);
    bench.write("named.txt", named);
    for (name, more) in [("h.rel", ""), ("pairs.txt", "-km2 2"), ("named.txt", "")] {
        bench.run(&format!("lmm -bfile s -k2 {name} {more} -o other"));
        assert!(plain == bench.bytes("other.assoc.txt"), "{name}");
    }
}

#[test]
fn several_traits_have_ratios_of_their_own() {
    let bench = bench();
    let fam = std::fs::read_to_string(bench.file("s.fam")).unwrap();
    let mut random = Random::new(8);
    let lines = fam.lines().enumerate().map(|(i, line)| {
        let y: f64 = line.split(' ').next_back().unwrap().parse().unwrap();
        let other = if i % 13 == 0 {
            "NA".into()
        } else {
            format!("{}", y + random.normal())
        };
        // The second is of the same individuals as the first, the third of fewer, the fourth is constant.
        format!("{line} {} {other} 3\n", y.powi(3))
    });
    let lines: String = lines.collect();
    bench.write("s.fam", lines);
    let words = "-bfile s -k k.cXX.npy -k2 h.txt -lmm 4";
    let all = super::common::jamma_in(bench.path(), &format!("lmm {words} --traits all -o all"));
    assert_eq!(all.status, 1, "the fourth trait fails: {}", all.stderr);
    let log = bench.log("all");
    let label = "## fraction of kinship 2 in the combined kinship = ";
    let fractions: Vec<&str> = log.lines().filter_map(|l| l.strip_prefix(label)).collect();
    assert_eq!(fractions.len(), 3);
    for number in 1..=3 {
        bench.run(&format!("lmm {words} -n {number} -o one"));
        let [all, one] = [format!("all.{number}"), "one".into()]
            .map(|name| bench.bytes(&format!("{name}.assoc.txt")));
        assert!(all == one, "{number}");
        let one = log_value(&bench.log("one"), &label[3..label.len() - 3]);
        assert_eq!(fractions[number - 1], one);
    }
    assert_ne!(fractions[0], fractions[1]);
    // In one table, too.
    let long = super::common::jamma_in(
        bench.path(),
        &format!("lmm {words} --traits 1-3 --long -o long"),
    );
    let long = Table::read(&{
        assert_eq!(long.status, 0, "{}", long.stderr);
        bench.output("long.assoc.txt")
    });
    let one = Table::read(&bench.output("one.assoc.txt"));
    let of_third = long.rows.iter().filter(|row| row[0] == "3");
    assert!(
        of_third
            .map(|row| &row[1..])
            .eq(one.rows.iter().map(|row| &row[..]))
    );
}

#[test]
fn chromosomes_are_left_out_of_the_first_kinship_only() {
    let bench = bench();
    let run = bench.run("lmm -bfile s -loco -k2 h.txt -lmm 4 -o every");
    assert!(
        run.stderr
            .contains("-loco leaves nothing out of the second kinship"),
        "{}",
        run.stderr
    );
    let every = bench.assoc("every");
    let log = bench.log("every");
    let mut rows = Vec::new();
    for chromosome in ["1", "2", "X"] {
        bench.run(&format!(
            "lmm -bfile s -loco {chromosome} -k2 h.txt -lmm 4 -o one"
        ));
        rows.extend(bench.assoc("one").rows);
        let of_one = log_value(
            &bench.log("one"),
            "fraction of kinship 2 in the combined kinship",
        );
        let label = format!(
            "without chromosome {chromosome}: fraction of kinship 2 in the combined kinship"
        );
        assert_eq!(log_value(&log, &label), of_one);
        // The kinship without the chromosome, given as a file.
        bench.run(&format!(
            "gk -bfile s -loco {chromosome} --format npy -o part -outdir ."
        ));
        bench.run(&format!(
            "lmm -bfile s -loco {chromosome} -k part.cXX.npy -k2 h.txt -lmm 4 -o given"
        ));
        assert!(bench.bytes("given.assoc.txt") == bench.bytes("one.assoc.txt"));
    }
    assert_eq!(every.rows, rows);
}
