//! Memory of parts and merges: what does not fit is refused before it is computed, and what fits stays within it.

use super::{Random, assert_same_outputs, parts};
use crate::common::jamma_command;
use crate::properties::Bench;
use crate::simulate::Study;
use std::process::Stdio;
use std::time::Duration;

const N: usize = 1500;
const P: usize = 4096;

/// A study with missing calls on 16 chromosomes.
fn bench() -> Bench {
    let bench = Bench::new(&Study::simulate(5, N, P));
    let bim = (0..P).map(|j| {
        let chromosome = 1 + j * 16 / P;
        format!("{chromosome}\trs{j}\t0\t{}\tA\tC\n", 100 * (j + 1))
    });
    bench.write("s.bim", bim.collect::<String>());
    bench
}

/// The same with a scaffold that lies between the SNPs of all chromosomes: its sum is in memory while theirs are computed.
fn scattered() -> Bench {
    let bench = bench();
    let bim = (0..P).map(|j| {
        let name = match j % 256 {
            0..100 => "scaffold_1".to_owned(),
            _ => (1 + j / 256).to_string(),
        };
        format!("{name}\trs{j}\t0\t{}\tA\tC\n", 100 * (j + 1))
    });
    bench.write("s.bim", bim.collect::<String>());
    bench
}

#[test]
fn parts_and_merges_that_do_not_fit_are_refused() {
    let bench = bench();
    let mut random = Random::new(6);
    // A sum of missing calls has 36 MB. A part has one, and merging has two.
    let refused = |words: &str| {
        let message = bench.rejected(words);
        assert!(message.contains("for the kinship"), "{words}: {message}");
        assert!(message.contains("--memory"), "{words}: {message}");
    };
    refused("gk -bfile s --part 1/1 --memory 0.05 -o a");
    refused("gk -bfile s --loco --part 1/1 --memory 0.1 -o a");
    let all = parts(&bench, "gk -bfile s --memory 0.2", "w", 2, &mut random);
    run_within(&bench, &format!("gk --merge {all}"), 0.25);
    refused(&format!("gk --merge {all} --memory 0.11"));
    bench.run("gk -bfile s -o one");
    assert_eq!(bench.bytes("w.cXX.txt"), bench.bytes("one.cXX.txt"));
}

/// A run that must succeed, and keep its resident memory within `gigabytes`, with which it plans.
fn run_within(bench: &Bench, words: &str, gigabytes: f64) {
    let mut command = jamma_command(bench.path());
    command.args(words.split(' '));
    command.args(["--memory", &gigabytes.to_string()]);
    let mut running = command.stdout(Stdio::null()).spawn().unwrap();
    let mut most = 0.0_f64;
    let status = loop {
        // The system does not have it elsewhere than on Linux, nor when the process has ended.
        let status = std::fs::read_to_string(format!("/proc/{}/status", running.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        most = most.max(kilobytes.map_or(0.0, |text| text.parse().unwrap()));
        if let Some(status) = running.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert!(status.success(), "{words}");
    let most = most * 1024.0 / 1e9;
    assert!(most <= gigabytes, "{words}: {most} GB of {gigabytes}");
}

/// The names of three parts, each of which was computed within `gigabytes`.
fn parts_within(bench: &Bench, words: &str, gigabytes: f64) -> String {
    let names = [3, 1, 2].map(|number| {
        run_within(bench, &format!("{words} -o k --part {number}/3"), gigabytes);
        format!("output/k.part-{number}-of-3.jammapart")
    });
    names.join(" ")
}

#[test]
fn every_chromosome_is_left_out_without_the_sums_of_all() {
    // The sums of all chromosomes together have 576 MB, those of a third of the SNPs 216 MB.
    for (bench, refused) in [(bench(), "0.1"), (scattered(), "0.15")] {
        let words = "gk -bfile s --loco --format npy";
        let message = bench.rejected(&format!("{words} --part 1/1 --memory {refused} -o a"));
        assert!(message.contains("for the kinship"), "{message}");
        let names = parts_within(&bench, words, 0.18);
        let message = bench.rejected(&format!("gk --merge {names} --memory 0.25"));
        assert!(message.contains("for the kinship"), "{message}");
        run_within(&bench, &format!("gk --merge {names}"), 0.33);
        bench.run(&format!("{words} -o one"));
        assert_same_outputs(&bench, "one", "k");
        assert!(bench.outputs().len() > 32);
    }
}
