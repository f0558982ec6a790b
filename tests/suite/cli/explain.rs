//! `jamma explain`: every option of GEMMA is known, and the equivalent command does what GEMMA's does.

use super::bench;
use crate::common::{Run, jamma_in};

/// Every option of GEMMA 0.98.5 with a value for it, as its parser, its help and its manual have them.
#[rustfmt::skip]
const OF_GEMMA: &[(&str, &str)] = &[
    ("-bfile", "d"), ("--bfile", "d"), ("-b", "d"), ("-mbfile", "d"), ("--mbfile", "d"), ("-mb", "d"), ("-g", "g"), ("-mg", "g"),
    ("-p", "p"), ("-a", "a"), ("-n", "1"), ("-c", "c"), ("-k", "k"), ("-km", "1"), ("-mk", "k"), ("-u", "u"), ("-d", "d"),
    ("-gxe", "e"), ("-widv", "w"), ("-gene", "g"), ("-r", "r"), ("-snps", "s"), ("-ksnps", "s"), ("-gwasnps", "s"), ("-weight", "w"),
    ("-outdir", "o"), ("-o", "o"), ("-silence", ""), ("--quiet", ""), ("-pace", "7"),
    ("-miss", "0.1"), ("-maf", "0.1"), ("-hwe", "0.1"), ("-r2", "0.9"), ("-notsnp", ""),
    ("-gk", "1"), ("-loco", "1"), ("-eigen", "1"),
    ("-lm", "1"), ("-lmm", "1"), ("-fa", "1"), ("-lmin", "1e-5"), ("-lmax", "1e5"), ("-region", "10"), ("-pnr", "0.001"),
    ("-emi", "10000"), ("-nri", "100"), ("-emp", "1e-4"), ("-nrp", "1e-4"), ("-crt", ""),
    ("-vc", "1"), ("-noconstrain", ""), ("-ci", "1"), ("-pve", "0.5"), ("-beta", "b"), ("-cat", "c"), ("-mcat", "c"), ("-wcat", "w"),
    ("-wsnp", "w"), ("-blocks", "200"), ("-sample", "400"), ("-gs", ""), ("-gq", ""), ("-study", "s"), ("-ref", "r"), ("-mstudy", "s"),
    ("-mref", "r"), ("-gw", ""), ("-cor", "c"), ("-catc", "c"), ("-mcatc", "c"),
    ("-bslmm", "1"), ("-w", "1000"), ("-s", "1000"), ("-rpace", "10"), ("-wpace", "1000"), ("-seed", "1"), ("-smin", "0"), ("-smax", "300"),
    ("-hmin", "0"), ("-hmax", "1"), ("-rmin", "0"), ("-rmax", "1"), ("-pmin", "-3"), ("-pmax", "-1"), ("-gmean", "2000"), ("-hscale", "0.1"),
    ("-rscale", "0.1"), ("-pscale", "0.1"), ("-mh", "10"), ("-bf", "b"), ("-hyp", "h"), ("-ldr", ""),
    ("-predict", "1"), ("-epm", "e"), ("-emu", "e"), ("-mu", "-1.5"), ("-ebv", "e"), ("-en", "2"),
    ("-calccor", ""), ("-windowbp", "1e6"), ("-windowcm", "0"), ("-windowns", "0"),
    ("-check", ""), ("-no-check", ""), ("-strict", ""), ("-legacy", ""), ("-no-fpe-check", ""), ("-debug", ""), ("-debug-data", ""),
    ("-debug-dump", ""), ("-issue", "7"), ("-nind", "10"), ("-h", "3"), ("-license", ""),
];

/// Words that GEMMA 0.98.5 does not recognise.
const UNKNOWN: &str = "-saveX -ep -vcs -emitr -nritr -emprec -nrprec -calccov";

fn explain(words: &str) -> Run {
    let nowhere = tempfile::tempdir().unwrap();
    jamma_in(nowhere.path(), &format!("explain {words}"))
}

/// The status of an option on a line of its own.
fn status(run: &Run, option: &str) -> String {
    let line = run
        .stdout
        .lines()
        .find(|line| line.trim_start().starts_with(option));
    let line = line.unwrap_or_else(|| panic!("no {option} in\n{}", run.stdout));
    let labels = [
        "same",
        "changed",
        "ignored",
        "unsupported",
        "unknown",
        "jamma",
    ];
    let found = line.split_whitespace().find(|word| labels.contains(word));
    found
        .unwrap_or_else(|| panic!("no status of {option}: {line}"))
        .to_owned()
}

#[test]
fn every_option_of_gemma_is_known() {
    for (option, value) in OF_GEMMA {
        let run = explain(&format!("gemma {option} {value}"));
        let status = status(&run, option);
        assert!(run.status <= 1, "{option}: {}", run.stderr);
        assert!(
            !["unknown", "jamma"].contains(&&*status),
            "{option} is {status}: {}",
            run.stdout
        );
        if status == "unsupported" {
            assert!(
                run.stdout
                    .contains("There is no equivalent command, because of: "),
                "{option}"
            );
        }
    }
    for option in UNKNOWN.split(' ') {
        assert_eq!(
            status(&explain(&format!("gemma {option}")), option),
            "unknown"
        );
    }
}

#[test]
fn the_statuses_are_those_of_the_command_line_and_not_of_the_option_alone() {
    for (line, option, expected) in [
        ("-bfile d -k k -lmm 4", "-k k", "same"),
        ("-bfile d -k k -gk", "-k k", "changed"),
        ("-bfile d -k k -lm 1", "-k k", "ignored"),
        ("-bfile d -k k -lmm -a a", "-a a", "changed"),
        ("-g g -p p -k k -lmm -a a", "-a a", "same"),
        ("-bfile d -k k -lmm -loco 3", "-loco 3", "changed"),
        ("-g g -a a -p p -k k -lmm -loco 3", "-loco 3", "same"),
        ("-bfile d -k k -lmm -n 2", "-n 2", "same"),
        ("-bfile d -k k -lmm -n 2 3", "-n 2 3", "unsupported"),
        ("-bfile d -k k -lmm -maf 0.1 -notsnp", "-maf 0.1", "ignored"),
        (
            "-bfile d -k k -lmm -maf 0.1 -maf 0.2",
            "-maf 0.1",
            "ignored",
        ),
        ("-bfile d -k k -lmm -maf abc", "-maf abc", "unsupported"),
        ("-bfile d -k k -lmm 21", "-lmm 21", "unsupported"),
        ("-bfile d -k k -lmm -maf -o x", "-maf", "changed"),
        ("-bfile d stray -k k -lmm 1", "stray", "unknown"),
        ("-bfile d -k k -lmm --traits 1,2", "--traits 1,2", "jamma"),
        ("-bfile d -d d -u u -k k -lmm", "-u u", "ignored"),
        ("-bfile d -d d -u u -lmm", "-u u", "same"),
    ] {
        let run = explain(line);
        assert_eq!(status(&run, option), expected, "{line}: {}", run.stdout);
    }
}

/// The equivalent command, without `jamma`.
fn equivalent(run: &Run) -> Option<&str> {
    let mut lines = run
        .stdout
        .lines()
        .skip_while(|line| *line != "The equivalent command:");
    lines
        .nth(1)
        .map(|line| line.trim().trim_start_matches("jamma "))
}

#[test]
fn the_equivalent_command_is_printed_only_if_there_is_one() {
    for (line, expected) in [
        ("gemma -bfile d -gk 1 -o k", "gk -bfile d -o k"),
        ("gemma -bfile d -gk 2", "gk -bfile d -gk 2"),
        ("gemma -bfile d -k k -eigen", "eigen -bfile d -k k"),
        (
            "./gemma-0.98.5 -b d -k k -fa 4 --quiet",
            "lmm -bfile d -k k -lmm 4 -silence",
        ),
        ("gemma -bfile d -k k -lm 2 -km 1", "lm -bfile d -lm 2"),
        (
            "gemma -bfile d -k k -lmm 1 -no-check -legacy -pace 7 -seed 3",
            "lmm -bfile d -k k",
        ),
        (
            "gemma -bfile d -k k -lmm 4 -gxe e.txt",
            "lmm -bfile d -k k -lmm 4 -gxe e.txt",
        ),
        (
            "gemma -bfile d -k k -lmm 4 -widv w",
            "lmm -bfile d -k k -lmm 4 -widv w --gemma-widv",
        ),
        ("gemma -bfile d -k k -lmm -a a.txt", "lmm -bfile d -k k"),
        ("gemma -bfile d -k k -gk", "gk -bfile d"),
        ("gemma -bfile d -k k -lmm -o", "lmm -bfile d -k k"),
        (
            "OMP_NUM_THREADS=2 gemma -g g -p p -a a -k k -lmm 4 -notsnp",
            "lmm -g g -p p -a a -k k -lmm 4 -notsnp",
        ),
    ] {
        let run = explain(line);
        assert_eq!(equivalent(&run), Some(expected), "{line}: {}", run.stdout);
        assert_eq!(run.status, 0, "{line}");
    }
    for (line, why) in [
        (
            "gemma -g a.txt.gz -p p.txt -lmm 4 -n 2 3 -notsnp",
            "because of: -n",
        ),
        ("gemma -bfile d -bslmm 1 -w 1000", "because of: -bslmm, -w"),
        ("gemma -p p -k k -vc 1", "because of: -vc"),
        ("gemma -p p -k k -predict 1", "because of: -predict"),
        ("gemma -bfile d -k k", "because of: no analysis is selected"),
        (
            "gemma -bfile d -k k -lmm -lm",
            "because of: several analyses are selected",
        ),
        (
            "gemma -p p -k k -lmm 5",
            "because of: -bfile: no genotypes are given",
        ),
        ("gemma -bfile d -k k -widv w -eigen", "because of: "),
    ] {
        let run = explain(line);
        assert_eq!(
            (equivalent(&run), run.status),
            (None, 1),
            "{line}: {}",
            run.stdout
        );
        let text: Vec<&str> = run.stdout.split_whitespace().collect();
        assert!(text.join(" ").contains(why), "{line}: {}", run.stdout);
    }
}

#[test]
fn the_equivalent_command_has_the_results_of_the_spelling_of_gemma() {
    let bench = bench();
    jamma_in(bench.path(), "gk -bfile s -o k").ok();
    for line in [
        "-b s -k output/k.cXX.txt -fa 4 -maf 0.2 -n 1 -o r",
        "-bfile s -lm 4 -notsnp -maf 0.3 -legacy -o r",
    ] {
        let table = |words: &str| {
            jamma_in(bench.path(), words).ok();
            let path = bench.path().join("output/r.assoc.txt");
            let table = std::fs::read(&path).unwrap();
            std::fs::remove_file(path).unwrap();
            table
        };
        let run = explain(line);
        assert!(table(equivalent(&run).unwrap()) == table(line), "{line}");
    }
}

#[test]
fn json_has_the_same_facts() {
    let run = explain("--json gemma -bfile d -k k -lmm 4 -n 2 3");
    assert_eq!(run.status, 1);
    for part in [
        "\"option\": \"-n\"",
        "\"values\": [\"2\", \"3\"]",
        "\"status\": \"unsupported\"",
        "\"equivalent\": null",
        "\"no_equivalent_because\": \"-n\"",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    let run = explain("gemma -bfile d -k k -lmm 4 --json").ok();
    for part in [
        "\"equivalent\": \"jamma lmm -bfile d -k k -lmm 4\"",
        "\"words\": [\"jamma\", \"lmm\"",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
}

#[test]
fn what_is_no_command_line_of_gemma_is_an_error() {
    for (words, said) in [
        (
            "plink2 --bfile d",
            "error: plink2: expected a command line of GEMMA",
        ),
        ("lmm", "error: lmm: expected a command line of GEMMA"),
        (
            "--json",
            "error: jamma explain: expected a command line of GEMMA",
        ),
    ] {
        let run = explain(words);
        assert_eq!(run.status, 2, "{words}");
        assert!(run.stderr.starts_with(said), "{words}: {}", run.stderr);
        assert!(run.stderr.contains("\n  hint: "), "{words}: {}", run.stderr);
    }
    for words in ["", "--help", "-h"] {
        assert!(
            explain(words).ok().stdout.contains("Usage: jamma explain"),
            "{words}"
        );
    }
}
