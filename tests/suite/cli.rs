//! The command line: spellings, defaults, help, and what is rejected.

mod cache;
mod documents;
mod environment;
mod explain;
mod help;
mod lists;
mod mistakes;

use super::common::{jamma, jamma_in};
use super::simulate::Study;
use std::collections::BTreeSet;
use std::path::Path;
use tempfile::TempDir;

const COMMANDS: [&str; 6] = ["", "gk", "eigen", "lmm", "lm", "demo"];

/// Every option that is accepted: its name and a value, empty for a flag.
#[rustfmt::skip]
const ACCEPTED: &[(&str, &str)] = &[
    ("backend", "rust"),
    ("bfile", "s"), ("p", "y"), ("n", "1"), ("c", "c"), ("k", "k"), ("km", "1"), ("k2", "k"), ("km2", "1"), ("d", "d"), ("u", "u"),
    ("gk", "1"), ("eigen", "1"), ("lmm", "1"), ("lm", "1"), ("lmin", "1"), ("lmax", "1"), ("region", "1"),
    ("rotation", "f32"),
    ("kinship-qc", "all"), ("miss", "1"), ("maf", "0"), ("hwe", "0"), ("r2", "1"), ("r2-centred", ""),
    ("notsnp", ""), ("snps", "l"), ("ksnps", "l"), ("o", "x"), ("outdir", "x"), ("format", "npy"), ("gz", ""),
    ("save-kinship", ""), ("log10p", ""), ("all-snps", ""), ("threads", "1"), ("block-snps", "1"), ("memory", "1"),
    ("silence", ""), ("loco", "1"), ("loco-min-snps", "1"), ("traits", "all"), ("pheno", "x"), ("pheno-name", "x"), ("covar", "x"),
    ("covar-name", "x"), ("cat-covar", "x"), ("missing-code", "x"), ("rint", ""), ("standardize", ""), ("long", ""), ("report", ""), ("fail-fast", ""),
    ("condition", "rs1"), ("stepwise", "0.1"), ("stepwise-max", "3"), ("odds", ""), ("effective-tests", ""), ("gxe", "x"), ("gxe-file", "x"), ("gxe-effects", ""), ("interaction", "x"), ("k2", "x"), ("km2", "1"), ("model", "additive"), ("weights", "x"),
    ("widv", "x"), ("gemma-widv", ""), ("replicates", "mean"),
    ("permutations", "1"), ("part", "1/2"), ("merge", "x"), ("dask", "tcp://x:1"), ("eigen-cache", "x"), ("keep", "l"), ("remove", "l"),
    ("chr-set", "human"), ("x-model", "1"), ("par", "hg19"),
    ("sex-from", "fam"), ("effect-allele", "l"), ("info", "0.3"), ("with-info", ""),
    ("output-format", "bgz"), ("columns", "metal"), ("effects", ""),
    ("extract", "l"), ("exclude", "l"), ("chr", "1"), ("from-bp", "1"), ("to-bp", "1"),
    ("g", "x"), ("a", "x"), ("bgen", "x"), ("sample", "x"), ("bgen-ref", "last"), ("pfile", "x"), ("vcf", "x"), ("dosage", "DS"),
    ("numeric", "x"), ("snp-map", "x"), ("ploidy", "4"), ("no-dosage-range", ""), ("zarr", "x"), ("hard-call-threshold", "0.1"),
    ("check", ""), ("no-check", ""), ("no-fpe-check", ""), ("strict", ""), ("legacy", ""), ("debug", ""),
    ("pace", "1"), ("seed", "1"), ("issue", "1"),
];

/// Options of GEMMA 0.98.5 that are not supported: those of its parser, of its help text and of its next version.
const UNSUPPORTED: &str = "mbfile mb mg mk weight gene r gwasnps pnr emi nri emp nrp crt vc noconstrain ci \
                       pve beta cat mcat wcat wsnp blocks gs gq gw study ref mstudy mref cor catc mcatc bslmm w s \
                       rpace wpace smin smax hmin hmax rmin rmax pmin pmax gmean hscale rscale pscale mh bf hyp ldr \
                       predict epm emu mu ebv en calccor windowbp windowcm windowns debug-data debug-dump nind license";

fn bench() -> TempDir {
    let bench = tempfile::tempdir().unwrap();
    Study::simulate(41, 60, 40).write(bench.path(), "s");
    bench
}

#[test]
fn every_spelling_gives_the_same_bytes() {
    let bench = bench();
    let bytes = |words: &str, file: &str| {
        jamma_in(bench.path(), words).ok();
        let path = bench.path().join("output").join(file);
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("`{words}` {file}: {e}"));
        std::fs::remove_file(path).unwrap();
        bytes
    };
    let kinship = bytes("gk --bfile s", "result.cXX.txt");
    for words in [
        "gk -bfile s",
        "gk -b s -gk 1",
        "-bfile s -gk 1",
        "-bfile s -gk",
        "-gk -bfile s",
        "--bfile s --gk",
        "--bfile=s --gk=1",
        "-bfile=s -gk=1 -no-check -debug -pace 7",
    ] {
        assert!(bytes(words, "result.cXX.txt") == kinship, "{words}");
    }
    jamma_in(bench.path(), "gk -bfile s -o k").ok();
    let assoc = bytes(
        "lmm --bfile s --lmm 4 --k output/k.cXX.txt --maf 0.2",
        "result.assoc.txt",
    );
    for words in [
        "lmm -bfile s -lmm 4 -k output/k.cXX.txt -maf 0.2",
        "-bfile s -k output/k.cXX.txt -lmm 4 -maf 0.2",
        "-maf 0.2 -lmm 4 -k output/k.cXX.txt -bfile s",
        "-b s -k output/k.cXX.txt -fa 4 -maf 0.2 -o result -outdir ./output/",
        "-bfile s -n 1 -k output/k.cXX.txt -km 1 -lmm 4 -maf 0.2 -miss 0.05 -quiet",
    ] {
        assert!(bytes(words, "result.assoc.txt") == assoc, "{words}");
    }
    let values = bytes("eigen --bfile s --k output/k.cXX.txt", "result.eigenD.txt");
    for words in [
        "-bfile s -k output/k.cXX.txt -eigen",
        "-eigen 1 -k output/k.cXX.txt -bfile s",
    ] {
        assert!(bytes(words, "result.eigenD.txt") == values, "{words}");
    }
    let wald = bytes("lmm -bfile s", "result.assoc.txt");
    assert!(
        bytes("-bfile s -lmm", "result.assoc.txt") == wald,
        "-lmm is -lmm 1"
    );
}

/// The names of the files in `directory`.
fn listing(directory: &Path) -> BTreeSet<String> {
    let names = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).collect()
}

#[test]
fn outputs_have_the_paths_of_gemma() {
    for (words, files) in [
        ("gk -bfile s", "result.cXX.id result.cXX.txt result.log.txt"),
        (
            "gk -bfile s -gk 2 --format npy",
            "result.log.txt result.sXX.id result.sXX.npy",
        ),
        (
            "eigen -bfile s",
            "result.eigenD.txt result.eigenU.id result.eigenU.txt result.log.txt",
        ),
        ("lmm -bfile s", "result.assoc.txt result.log.txt"),
        (
            "lmm -bfile s --save-kinship",
            "result.assoc.txt result.cXX.id result.cXX.txt result.log.txt",
        ),
        (
            "gk -bfile s --gz",
            "result.cXX.id result.cXX.txt.gz result.log.txt",
        ),
        (
            "eigen -bfile s --gz",
            "result.eigenD.txt.gz result.eigenU.id result.eigenU.txt.gz result.log.txt",
        ),
        (
            "lmm -bfile s --gz --save-kinship --format npy",
            "result.assoc.txt.gz result.cXX.id result.cXX.npy result.log.txt",
        ),
        (
            "-bfile s -lmm 5",
            "result.log.txt result.residE.txt result.residU.txt",
        ),
    ] {
        let bench = bench();
        jamma_in(bench.path(), words).ok();
        let expected: BTreeSet<String> = files
            .split(' ')
            .chain(["result.run.json"])
            .map(str::to_owned)
            .collect();
        assert_eq!(listing(&bench.path().join("output")), expected, "{words}");
    }
    let bench = bench();
    jamma_in(bench.path(), "lmm -bfile s -o pheno.1 -outdir a/b/c").ok();
    assert!(bench.path().join("a/b/c/pheno.1.assoc.txt").exists());
    assert!(!bench.path().join("output").exists());
}

/// The options that a help text lists.
fn listed(help: &str) -> BTreeSet<String> {
    // Explanations are indented further, and may begin with the name of an option.
    let lines = help.lines().filter(|line| line.starts_with("  -"));
    let options = lines.map(str::trim_start);
    options
        .map(|line| {
            // `-h, --help`: the long name.
            let first = line.split([' ', ',']).next().unwrap();
            let long = line.split("--").nth(1).unwrap_or(first);
            let is_name = |c: char| c.is_alphanumeric() || c == '-';
            let name =
                if first.starts_with("--") || line.starts_with("-h") || line.starts_with("-v, ") {
                    long
                } else {
                    first
                };
            let name = name.trim_start_matches('-');
            name.split(|c| !is_name(c)).next().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn help_lists_exactly_the_options_that_a_command_accepts() {
    let nowhere = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        let help = jamma_in(nowhere.path(), &format!("{command} --help"))
            .ok()
            .stdout;
        let listed = listed(&help);
        for (name, value) in ACCEPTED {
            let run = jamma_in(nowhere.path(), &format!("{command} --{name} {value}"));
            let rejections = [
                "unrecognized option",
                "this command does not have the option",
            ];
            let is_accepted = !rejections.iter().any(|text| run.stderr.contains(text));
            assert_eq!(
                listed.contains(*name),
                is_accepted,
                "{command} --{name}: {}",
                run.stderr
            );
        }
        let ours = |name: &String| {
            ACCEPTED.iter().any(|(accepted, _)| accepted == name)
                || name == "help"
                || name == "version"
        };
        assert!(
            listed.iter().all(ours),
            "an option of {command} is not in this test's table: {listed:?}"
        );
        if command.is_empty() {
            let all: BTreeSet<_> = ACCEPTED
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .collect();
            assert!(listed.is_superset(&all), "{:?}", all.difference(&listed));
            assert!(
                COMMANDS[1..]
                    .iter()
                    .all(|command| help.contains(&format!("\n  {command} "))),
                "{help}"
            );
        }
    }
}

#[test]
fn help_and_version_are_printed_and_succeed() {
    let [complete, short] = ["--help", "-h"].map(|words| jamma(words).ok().stdout);
    for (words, expected) in [("-help", &complete), ("-h 3", &complete), ("", &short)] {
        let run = jamma(words).ok();
        assert_eq!(
            (&run.stdout, run.stderr.as_str()),
            (expected, ""),
            "`{words}`"
        );
    }
    assert!(jamma("lmm -h").ok().stdout.contains("--log10p"));
    for words in ["--version", "-version", "-v", "-V"] {
        let text = jamma(words).ok().stdout;
        assert!(
            text.starts_with(&format!("jamma {}\n", env!("CARGO_PKG_VERSION"))),
            "{text}"
        );
        assert!(
            text.lines()
                .any(|line| line == "Backend: rust, Rust available: True"),
            "{text}"
        );
    }
}

#[test]
fn every_option_of_gemma_is_accepted_or_rejected_by_name_with_a_hint() {
    let bench = bench();
    for name in UNSUPPORTED.split_whitespace() {
        for words in [
            format!("-bfile s -{name} 1 -lmm 1"),
            format!("lmm -bfile s --{name}=1"),
        ] {
            let run = jamma_in(bench.path(), &words);
            assert_eq!(run.status, 2, "`{words}`: {}", run.stderr);
            let mut lines = run.stderr.lines();
            assert_eq!(
                lines.next(),
                Some(&*format!(
                    "error: -{name}: this option of GEMMA is not supported"
                ))
            );
            let hint = lines.next().unwrap_or_default();
            assert!(
                hint.starts_with("  hint: ") && hint.len() > 20,
                "-{name}: {hint}"
            );
        }
    }
    // Accepted and ignored: the same bytes with and without.
    let assoc = |options: &str| {
        jamma_in(bench.path(), &format!("-bfile s -lmm 3 {options}")).ok();
        std::fs::read(bench.path().join("output/result.assoc.txt")).unwrap()
    };
    let all = "-check -no-check -no-fpe-check -strict -legacy -debug -pace 0 -seed 5 -issue 188";
    assert!(assoc(all) == assoc(""));
    assert!(!bench.path().join("output/result.cXX.txt").exists());
}

#[test]
fn unknown_arguments_are_rejected_with_a_suggestion() {
    for (words, said) in [
        (
            "lmm -bfil s",
            "error: -bfil: unrecognized option\n  hint: did you mean -bfile?",
        ),
        (
            "-bfile s -lmm 1 -calccov 1",
            "error: -calccov: unrecognized option",
        ),
        ("lnm -bfile s", "error: lnm: unexpected argument"),
        ("lmm -bfile s stray", "error: stray: unexpected argument"),
        ("-bfile s lmm", "error: "),
        ("-bfile s", "no analysis is selected"),
        (
            "-bfile s -gk 1 -lmm 1",
            "only one of -gk -eigen -lmm -lm options is allowed",
        ),
        (
            "-bfile s -gk 1 -eigen",
            "only one of -gk -eigen -lmm -lm options is allowed",
        ),
        ("lmm -bfile", "error: -bfile: the option needs a value"),
        (
            "lmm -bfile s -o -maf 0.1",
            "error: -o: the option needs a value",
        ),
        ("lmm", "error: -bfile: no genotypes are given"),
        (
            "gk -bfile s -lmm 1",
            "error: -lmm: this command does not have the option",
        ),
    ] {
        let run = jamma(words);
        assert_eq!(run.status, 2, "{words}");
        assert!(run.stderr.contains(said), "`{words}`: {}", run.stderr);
        assert_eq!(run.stdout, "", "{words}");
    }
}

#[test]
fn a_run_that_does_not_fit_is_rejected_before_it_starts() {
    let bench = bench();
    for words in ["lmm -bfile s", "gk -bfile s", "eigen -bfile s"] {
        let run = jamma_in(bench.path(), &format!("{words} --memory 0.01"));
        assert_eq!(run.status, 1, "{}", run.stderr);
        for part in [
            "this run may use 0.01 GB",
            "GB for the kinship",
            "give a larger --memory",
        ] {
            assert!(run.stderr.contains(part), "{}", run.stderr);
        }
        let output = bench.path().join("output");
        let n_left = std::fs::read_dir(output).map_or(0, Iterator::count);
        assert_eq!(n_left, 0, "nothing is written");
    }
    jamma_in(bench.path(), "lmm -bfile s --memory 2 -o fits").ok();
    let log = std::fs::read_to_string(bench.path().join("output/fits.log.txt")).unwrap();
    assert!(log.contains("2.00 GB allowed"), "{log}");
}

#[test]
fn a_bad_value_is_an_error_about_the_value() {
    let bench = bench();
    for (option, values) in [
        ("-maf", "-0.1 0.6 abc nan"),
        ("-miss", "-0.5 1.5 inf"),
        ("-hwe", "-1 2"),
        ("-r2", "-1e-3 1.1"),
        ("-lmin", "-1 -1e-5 -inf x"),
        ("-lmax", "-5"),
        ("-region", "-2 1.5"),
        ("-n", "-1 0 x 1.5"),
        ("-km", "-1 3"),
        ("-lmm", "-4 0 6 10 21"),
        ("--threads", "-1 0 two"),
        ("--block-snps", "-3 0"),
        ("--memory", "-1 0 4GB nan"),
        ("--format", "csv"),
        ("--rotation", "f16 F32 32"),
        ("--kinship-qc", "some"),
    ] {
        for value in values.split(' ') {
            let run = jamma_in(bench.path(), &format!("lmm -bfile s {option} {value}"));
            assert_eq!(run.status, 2, "{option} {value}: {}", run.stderr);
            let first = run.stderr.lines().next().unwrap_or_default();
            assert!(
                first.starts_with(&format!("error: {option}: ")),
                "{option} {value}: {first}"
            );
            assert!(first.contains(value), "{option} {value}: {first}");
        }
    }
    for (words, said) in [
        (
            "lmm -bfile s -lmin 2 -lmax 1",
            "-lmax: the upper bound 1 of lambda is below the lower bound 2",
        ),
        ("lmm -bfile s -n 1 1", "-n: identical phenotype columns: 1"),
        (
            "lmm -bfile s -n 1 2",
            "-n: 2 phenotype columns need the multivariate model",
        ),
        (
            "lmm -bfile s -d x",
            "-d: missing relatedness file: -d requires -u",
        ),
        ("gk -bfile s -gk 3", "-gk: expected 1 or 2, found 3"),
        ("-bfile s -gk -1", "-gk: expected 1 or 2, found -1"),
        ("-bfile s -eigen 2", "-eigen: expected 1 or no value"),
        (
            "lmm -bfile s -k k --save-kinship",
            "--save-kinship: the kinship is given",
        ),
        (
            "gk -bfile s --gz --format npy",
            "--gz: with --format npy, this run writes no text",
        ),
    ] {
        let run = jamma_in(bench.path(), words);
        assert_eq!(run.status, 2, "{words}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{words}: {}", run.stderr);
    }
    // A wrong command line leaves nothing behind.
    assert!(!bench.path().join("output").exists());
}

#[test]
fn the_log_has_the_command_line_as_typed() {
    let bench = bench();
    jamma_in(bench.path(), "-b s -fa 3 --maf=0.2 -o m").ok();
    let log = std::fs::read_to_string(bench.path().join("output/m.log.txt")).unwrap();
    assert!(
        log.contains("## Command Line Input = jamma -b s -fa 3 --maf=0.2 -o m \n"),
        "{log}"
    );
}

#[test]
fn the_last_of_repeated_options_wins() {
    let bench = bench();
    jamma_in(
        bench.path(),
        "lmm -bfile nobody -bfile s -n 7 9 -n 1 -maf 0.5 -maf 0.2 -lmm 1 -lmm 3 -o a -o b",
    )
    .ok();
    jamma_in(
        bench.path(),
        "lmm -bfile s -n 1 -maf 0.2 -lmm 3 -notsnp -notsnp -o c",
    )
    .ok();
    let output = bench.path().join("output");
    assert_eq!(
        listing(&output),
        [
            "b.assoc.txt",
            "b.log.txt",
            "b.run.json",
            "c.assoc.txt",
            "c.log.txt",
            "c.run.json"
        ]
        .map(str::to_owned)
        .into()
    );
    let text = std::fs::read_to_string(output.join("b.assoc.txt")).unwrap();
    assert!(
        text.lines()
            .next()
            .unwrap()
            .ends_with("af\tbeta\tse\tp_score"),
        "-lmm 3 came last"
    );
}
