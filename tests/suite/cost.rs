//! `jamma cost`: its predictions, and docs/cost.md.

use super::common::{jamma, jamma_in, root};
use jamma::cost::{
    Cost, Machines, Node, Rates, StageCost, StudySize, advice, dask, job_array, largest_study,
    one_process,
};
use jamma::progress::Stage;

const GB: u64 = 1_000_000_000;

fn node(threads: u64, memory: u64) -> Node {
    Node {
        threads,
        memory: Some(memory),
        ..Node::default()
    }
}

/// Workers and the node that decomposes are alike.
fn machines(workers: u64, node: Node) -> Machines {
    Machines {
        workers,
        node,
        eigen_node: node,
        disk_rate: 1e15,
        network_rate: 1e15,
        ..Machines::default()
    }
}

fn study(individuals: u64, snps: u64) -> StudySize {
    StudySize {
        individuals,
        snps,
        ..StudySize::default()
    }
}

fn stage(cost: &Cost, stage: Stage) -> StageCost {
    *cost.stage(stage).expect("every cost has three stages")
}

fn assert_ratio(name: &str, a: f64, b: f64, expected: f64) {
    assert!(
        (a / b - expected).abs() < 1e-6 * expected,
        "{name}: {a} / {b}, not {expected}"
    );
}

#[test]
fn time_grows_with_snps_and_with_the_cube_of_individuals() {
    let (rates, machines) = (Rates::default(), machines(1, node(4, 1000 * GB)));
    let cost = |n, p| one_process(&study(n, p), &machines, &rates).unwrap();
    let (one, longer, larger) = (
        cost(5000, 100_000),
        cost(5000, 200_000),
        cost(10_000, 100_000),
    );
    let ratio = |other: &Cost, of| stage(other, of).seconds / stage(&one, of).seconds;
    for of in [Stage::Kinship, Stage::Association] {
        assert_ratio(of.name(), ratio(&longer, of), 1.0, 2.0);
        assert!((3.0..4.01).contains(&ratio(&larger, of)), "{}", of.name());
    }
    let of = Stage::Eigendecomposition;
    assert_ratio("decomposition", ratio(&longer, of), 1.0, 1.0);
    assert_ratio("decomposition", ratio(&larger, of), 1.0, 8.0);
}

#[test]
fn workers_share_what_can_be_shared() {
    let (study, rates) = (study(20_000, 5_000_000), Rates::default());
    let node = node(8, 100 * GB);
    let alone = one_process(&study, &machines(1, node), &rates).unwrap();
    for way in [dask, job_array] {
        let one = way(&study, &machines(1, node), &rates).unwrap();
        let four = way(&study, &machines(4, node), &rates).unwrap();
        assert!(one.seconds() >= 0.999 * alone.seconds());
        for of in [Stage::Kinship, Stage::Association] {
            let ratio = stage(&one, of).seconds / stage(&four, of).seconds;
            assert!((3.0..=4.0).contains(&ratio), "{}: {ratio}", of.name());
            assert_eq!(stage(&four, of).processes, 4);
        }
        let of = Stage::Eigendecomposition;
        assert_ratio(
            of.name(),
            stage(&four, of).seconds,
            stage(&one, of).seconds,
            1.0,
        );
    }
}

#[test]
fn a_slow_disk_or_network_is_what_a_stage_waits_for() {
    let (study, rates) = (study(10_000, 10_000_000), Rates::default());
    let slow = Machines {
        disk_rate: 1e6,
        ..machines(4, node(64, 100 * GB))
    };
    // 25 GB at 1 MB/s, for any number of workers.
    for cost in [
        one_process(&study, &slow, &rates),
        dask(&study, &slow, &rates),
    ] {
        let kinship = stage(&cost.unwrap(), Stage::Kinship);
        assert_eq!(kinship.read, 25 * GB);
        assert!(kinship.seconds >= 25_000.0, "{}", kinship.seconds);
    }
    let fast = machines(4, node(64, 100 * GB));
    let slow = Machines {
        network_rate: 1e6,
        ..fast
    };
    let [fast, slow] = [fast, slow].map(|machines| dask(&study, &machines, &rates).unwrap());
    // The sum of a kinship with missing calls has 1.2 GB; four are added in two rounds.
    let sums = stage(&slow, Stage::Kinship);
    assert_eq!(sums.sent, 3 * 12 * 10_000 * 10_000);
    let more = sums.seconds - stage(&fast, Stage::Kinship).seconds;
    assert!(more >= 2.0 * 1200.0, "{more}");
}

#[test]
fn chromosomes_that_are_left_out_are_decomposed_one_by_one() {
    let (rates, one_kinship) = (Rates::default(), study(5000, 1_000_000));
    let loco = StudySize {
        chromosomes: 22,
        ..one_kinship
    };
    let machines = Machines {
        eigen_workers: 11,
        ..machines(11, node(8, 100 * GB))
    };
    let of = Stage::Eigendecomposition;
    let once = stage(&one_process(&one_kinship, &machines, &rates).unwrap(), of);
    let each = stage(&one_process(&loco, &machines, &rates).unwrap(), of);
    assert_ratio("one process", each.seconds, once.seconds, 22.0);
    let spread = stage(&dask(&loco, &machines, &rates).unwrap(), of);
    assert_eq!(spread.processes, 11);
    assert!(spread.seconds < 0.1 * each.seconds, "{}", spread.seconds);
}

#[test]
fn the_largest_study_fits_and_a_larger_one_does_not() {
    for (threads, memory) in [(1, GB), (16, 64 * GB), (128, 2000 * GB)] {
        let node = node(threads, memory);
        let largest = largest_study(node).unwrap().unwrap();
        // Three matrices take nearly all of the memory.
        let matrices = 24 * largest * largest;
        assert!(
            matrices < memory && matrices > memory * 7 / 10,
            "{largest} with {memory}"
        );
        let fits = |n| {
            let machines = machines(2, node);
            let cost = job_array(&study(n, 200_000), &machines, &Rates::default()).unwrap();
            stage(&cost, Stage::Eigendecomposition).fits()
        };
        assert!(fits(largest) && !fits(largest + 1), "{largest}");
    }
    assert_eq!(largest_study(Node::default()).unwrap(), None);
}

#[test]
fn advice_is_given_if_a_stage_does_not_fit() {
    let (study, rates) = (study(100_000, 1_000_000), Rates::default());
    let small = machines(4, node(32, 256 * GB));
    let said = |machines: &Machines| {
        let cost = dask(&study, machines, &rates).unwrap();
        advice(&study, machines, &cost).unwrap().join("\n")
    };
    let nothing = said(&machines(4, node(32, 1000 * GB)));
    assert_eq!(nothing, "");
    let text = said(&Machines {
        eigen_node: node(32, 100 * GB),
        ..small
    });
    for part in [
        "The eigendecomposition needs",
        "may use 100 GB",
        "one node",
        "REGENIE",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn the_memory_is_that_of_the_plan_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().display();
    jamma(&format!(
        "lmm -bfile demo --threads 2 -outdir {out} -o demo"
    ))
    .ok();
    let log = std::fs::read_to_string(folder.path().join("demo.log.txt")).unwrap();
    let machines = machines(1, node(2, 100 * GB));
    let cost = one_process(&study(300, 1000), &machines, &Rates::default()).unwrap();
    let peak = cost.stages.iter().max_by_key(|of| of.memory).unwrap();
    let gigabytes = (peak.memory as f64 / 1e7).ceil() / 100.0;
    let planned = format!("{gigabytes:.2} GB planned ({})", peak.stage.name());
    assert!(log.contains(&planned), "{planned}\n{log}");
}

#[test]
fn sizes_come_from_files_or_from_options() {
    let files = jamma("cost --bfile demo --threads 2 --memory 4GB").ok();
    assert!(
        files
            .stdout
            .starts_with("300 individuals, 1,000 SNPs (hard calls), 1 trait\n"),
        "{}",
        files.stdout
    );
    let given = jamma("cost --individuals 300 --snps 1e3 --threads 2 --memory 4").ok();
    assert_eq!(given.stdout.lines().next(), files.stdout.lines().next());
    let loco = jamma("cost --bfile loco --loco --threads 2").ok();
    assert!(
        loco.stdout.contains("chromosomes left out in turn"),
        "{}",
        loco.stdout
    );
    let fewer = jamma("cost -bfile demo -individuals 100 -traits 3 -covariates 2").ok();
    let line = "100 individuals, 1,000 SNPs (hard calls), 3 traits, 2 covariates";
    assert_eq!(fewer.stdout.lines().next(), Some(line));
}

#[test]
fn the_exit_status_says_whether_it_fits() {
    let size = "cost --individuals 100000 --snps 1e6 --threads 32";
    let too_small = jamma(&format!("{size} --memory 100GB"));
    assert_eq!(too_small.status, 1);
    for part in [" GB: too much", "up to", "meta-analysis"] {
        assert!(
            too_small.stdout.contains(part),
            "{part}: {}",
            too_small.stdout
        );
    }
    let cluster = format!("{size} --workers 8 --memory 700GB --eigen-memory 400GB");
    assert_eq!(jamma(&cluster).status, 0);
    // The workers have enough, the node that decomposes has not.
    let cluster = format!("{size} --workers 8 --memory 700GB --eigen-memory 200GB --json");
    let found = jamma(&cluster);
    // One process has enough.
    assert_eq!(found.status, 0);
    let fits = |way: &str| {
        let (_, of_way) = found.stdout.split_once(&format!("\"{way}\"")).unwrap();
        let (_, fits) = of_way.split_once("\"fits\": ").unwrap();
        fits.starts_with("true")
    };
    assert!(fits("one_process") && !fits("dask"), "{}", found.stdout);
}

#[test]
fn mistakes_are_named() {
    for (words, message) in [
        (
            "--bfile demo --threads 0",
            "--threads: expected a whole number of at least 1",
        ),
        (
            "--bfile demo --memory lots",
            "--memory: expected a size such as 64GB",
        ),
        (
            "--bfile demo --net-rate 5apples",
            "--net-rate: expected a rate such as",
        ),
        (
            "--bfile demo --lmm 7",
            "--lmm: expected 1, 2, 3 or 4, found 7",
        ),
        (
            "--bfile demo --trait-groups 2",
            "--trait-groups: 2 groups of 1 traits",
        ),
        ("--bfile demo --pfile demo", "genotypes are given twice"),
        ("--bfile demo --dosages", "--dosages: the files say this"),
        (
            "--snps 10",
            "--individuals: the size of the study is not given",
        ),
        ("--bfile demo --worker 2", "--worker: unrecognized option"),
        ("demo", "jamma cost: expected options only, found demo"),
    ] {
        let found = jamma(&format!("cost {words}"));
        assert_eq!(found.status, 2, "{words}: {}", found.stderr);
        assert!(found.stderr.contains(message), "{words}: {}", found.stderr);
    }
    let missing = jamma("cost --bfile no/such");
    assert_eq!(missing.status, 1);
    assert!(missing.stderr.contains("no/such.bed"), "{}", missing.stderr);
}

#[test]
fn help_lists_the_options() {
    for words in ["help cost", "cost --help", "cost"] {
        let found = jamma(words).ok();
        assert!(
            found.stdout.contains("Usage: jamma cost [OPTIONS]"),
            "{}",
            found.stdout
        );
        assert!(found.stdout.contains("--eigen-memory SIZE"));
    }
    assert!(jamma("--help").ok().stdout.contains("cost "));
}

#[test]
fn the_page_has_the_table_and_the_rates_of_the_program() {
    let page = std::fs::read_to_string(root().join("docs/cost.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let table = jamma_in(folder.path(), "cost --table").ok().stdout;
    let tables: Vec<&str> = table.trim_end().split("\n\n").collect();
    assert_eq!(tables.len(), 2);
    for table in tables {
        assert!(page.contains(table), "docs/cost.md should have\n{table}");
    }
    for (name, rate, unit) in Rates::default().named() {
        let row = format!("| `{name}` | {rate:e} {unit} |");
        assert!(page.contains(&row), "docs/cost.md should have {row}");
    }
}
