//! The files of a run: complete or absent, matched by ids, and with a log whose numbers add up.

use super::common::{data, jamma, jamma_command, jamma_in, log_value, matrix};
use super::simulate::{Random, Study, lines_of, permuted, text_of};
use rustix::process::{Pid, Signal, kill_process};
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn study() -> Study {
    let mut study = Study::simulate(51, 66, 60);
    for i in [1, 20, 65] {
        study.phenotype[i] = "NA".into();
    }
    study
}

/// A directory with a study `s` and its kinship `output/k.cXX.txt` with its ids.
fn bench() -> TempDir {
    let bench = tempfile::tempdir().unwrap();
    study().write(bench.path(), "s");
    jamma_in(bench.path(), "gk -bfile s -o k").ok();
    bench
}

fn output(bench: &TempDir, name: &str) -> PathBuf {
    bench.path().join("output").join(name)
}

fn assoc(bench: &TempDir, options: &str) -> Vec<u8> {
    jamma_in(bench.path(), &format!("lmm -bfile s -lmm 4 -o m {options}")).ok();
    std::fs::read(output(bench, "m.assoc.txt")).unwrap()
}

fn rejected(bench: &TempDir, words: &str) -> String {
    let run = jamma_in(bench.path(), words);
    assert_eq!(run.status, 1, "{words}: {}", run.stderr);
    run.stderr
}

fn id_lines(study: &Study, order: &[usize]) -> String {
    lines_of(
        permuted(&study.individuals, order)
            .iter()
            .map(|(fid, iid)| format!("{fid}\t{iid}")),
    )
}

#[test]
fn a_binary_matrix_is_a_valid_npy_of_the_same_numbers() {
    let bench = bench();
    jamma_in(bench.path(), "gk -bfile s --format npy -o k").ok();
    let bytes = std::fs::read(output(&bench, "k.cXX.npy")).unwrap();
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let header_bytes = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let (header, body) = bytes[10..].split_at(header_bytes);
    assert_eq!((10 + header_bytes) % 64, 0);
    let header: String = String::from_utf8(header.to_vec()).unwrap();
    assert!(
        header.ends_with('\n') && header.starts_with('{'),
        "{header}"
    );
    assert!(
        header.contains("'descr': '<f8'") && header.contains("'shape': (66, 66"),
        "{header}"
    );
    assert!(header.contains("'fortran_order': "), "{header}");
    // The matrix is symmetric, so the order of rows and columns does not matter.
    let text = matrix(&output(&bench, "k.cXX.txt")).concat();
    let values: Vec<f64> = body
        .chunks_exact(8)
        .map(|b| f64::from_le_bytes(b.try_into().unwrap()))
        .collect();
    assert_eq!((values.len(), body.len() % 8), (text.len(), 0));
    values
        .iter()
        .zip(&text)
        .for_each(|(a, b)| assert!((a - b).abs() <= 5.1e-10 * a.abs(), "{a} {b}"));
}

#[test]
fn ids_are_next_to_a_matrix_and_in_its_order() {
    let bench = bench();
    jamma_in(bench.path(), "eigen -bfile s -o e").ok();
    let study = study();
    // Without the checksums.
    let read = |name: &str| {
        let text = std::fs::read_to_string(output(&bench, name)).unwrap();
        lines_of(text.lines().filter(|line| !line.starts_with("#jamma\t")))
    };
    assert_eq!(
        read("k.cXX.id"),
        id_lines(&study, &(0..66).collect::<Vec<_>>())
    );
    let analysed: Vec<usize> = (0..66).filter(|i| ![1, 20, 65].contains(i)).collect();
    assert_eq!(read("e.eigenU.id"), id_lines(&study, &analysed));
}

#[test]
fn a_kinship_in_another_order_is_matched_by_its_ids() {
    let bench = bench();
    let expected = assoc(&bench, "-k output/k.cXX.txt");
    let order = Random::new(2).permutation(66);
    let k = matrix(&output(&bench, "k.cXX.txt"));
    let rows: Vec<Vec<f64>> = permuted(&k, &order)
        .iter()
        .map(|row| permuted(row, &order))
        .collect();
    let path = |name: &str| bench.path().join(name);
    std::fs::write(path("p.txt"), text_of(&rows)).unwrap();
    std::fs::write(path("p.id"), id_lines(&study(), &order)).unwrap();
    assert!(assoc(&bench, "-k p.txt") == expected);
    let log = std::fs::read_to_string(output(&bench, "m.log.txt")).unwrap();
    assert!(
        log.contains("rows were reordered by their ids to match the .fam"),
        "{log}"
    );
    // Compressed, with the same ids.
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text_of(&rows).as_bytes()).unwrap();
    std::fs::remove_file(path("p.txt")).unwrap();
    std::fs::write(path("p.txt.gz"), gz.finish().unwrap()).unwrap();
    assert!(assoc(&bench, "-k p.txt.gz") == expected);
    // Without ids the rows are assumed to be those of the .fam, with a note.
    std::fs::remove_file(path("p.id")).unwrap();
    assert!(assoc(&bench, "-k p.txt.gz") != expected);
    let log = std::fs::read_to_string(output(&bench, "m.log.txt")).unwrap();
    assert!(log.contains("no ids next to it (p.id)"), "{log}");
}

#[test]
fn a_kinship_without_an_analysed_individual_is_rejected_by_name() {
    let bench = bench();
    let k = matrix(&output(&bench, "k.cXX.txt"));
    let write = |name: &str, without: usize| {
        let kept: Vec<usize> = (0..66).filter(|&i| i != without).collect();
        let rows: Vec<Vec<f64>> = permuted(&k, &kept)
            .iter()
            .map(|row| permuted(row, &kept))
            .collect();
        std::fs::write(bench.path().join(format!("{name}.txt")), text_of(&rows)).unwrap();
        std::fs::write(
            bench.path().join(format!("{name}.id")),
            id_lines(&study(), &kept),
        )
        .unwrap();
    };
    write("less", 7);
    let said = rejected(&bench, "lmm -bfile s -k less.txt -o m");
    assert!(
        said.contains("less.id lacks 1 of 63 analysed individuals, the first is")
            && said.contains("I7"),
        "{said}"
    );
    assert!(!output(&bench, "m.assoc.txt").exists());
    // An individual that is not analysed may be absent.
    write("enough", 20);
    assert!(assoc(&bench, "-k enough.txt") == assoc(&bench, "-k output/k.cXX.txt"));
}

#[test]
fn a_kinship_of_a_larger_study_can_be_used_for_a_part_of_it() {
    let bench = bench();
    let study = study();
    let some: Vec<usize> = (0..66).filter(|i| i % 3 != 1).rev().collect();
    study.permuted(&some).write(bench.path(), "part");
    jamma_in(
        bench.path(),
        "lmm -bfile part -lmm 4 -k output/k.cXX.txt -o ids",
    )
    .ok();
    let k = matrix(&output(&bench, "k.cXX.txt"));
    let rows: Vec<Vec<f64>> = permuted(&k, &some)
        .iter()
        .map(|row| permuted(row, &some))
        .collect();
    std::fs::write(bench.path().join("part.txt"), text_of(&rows)).unwrap();
    jamma_in(bench.path(), "lmm -bfile part -lmm 4 -k part.txt -o cut").ok();
    let [ids, cut] = ["ids", "cut"]
        .map(|name| std::fs::read(output(&bench, &format!("{name}.assoc.txt"))).unwrap());
    assert!(ids == cut);
    // Without ids, a row of 66 numbers does not match 44 individuals.
    std::fs::remove_file(output(&bench, "k.cXX.id")).unwrap();
    let said = rejected(&bench, "lmm -bfile part -k output/k.cXX.txt -o m");
    assert!(said.contains("66 columns, expected 44"), "{said}");
}

#[test]
fn eigenvectors_in_another_order_are_matched_by_their_ids() {
    let bench = bench();
    jamma_in(bench.path(), "eigen -bfile s -k output/k.cXX.txt -o e").ok();
    let files = "-d output/e.eigenD.txt -u output/e.eigenU.txt";
    let expected = assoc(&bench, files);
    let (rows, ids) = (
        matrix(&output(&bench, "e.eigenU.txt")),
        output(&bench, "e.eigenU.id"),
    );
    let lines: Vec<String> = std::fs::read_to_string(&ids)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    let order = Random::new(9).permutation(63);
    std::fs::write(
        output(&bench, "e.eigenU.txt"),
        text_of(&permuted(&rows, &order)),
    )
    .unwrap();
    std::fs::write(&ids, permuted(&lines, &order).join("\n")).unwrap();
    assert!(assoc(&bench, files) == expected);
    // The decomposition of another set of individuals cannot be used.
    let mut study = study();
    study.phenotype[0] = "NA".into();
    study.write(bench.path(), "s");
    let said = rejected(&bench, &format!("lmm -bfile s {files} -o n"));
    assert!(
        said.contains("the decomposition is of 63 individuals, but 62 are analysed"),
        "{said}"
    );
}

/// The labels of the lines of a log, in order.
fn labels(log: &str) -> Vec<String> {
    let lines = log
        .lines()
        .map(|line| line.strip_prefix("##").expect("every line starts with ##"));
    lines
        .filter_map(|line| line.split(" =").next())
        .map(|label| label.trim().to_owned())
        .collect()
}

#[test]
fn the_log_has_the_lines_of_gemma_in_their_order() {
    let gemma = data("../gemma/covariates");
    let bench = tempfile::tempdir().unwrap();
    let study = data("covariates");
    let (study, covariates) = (study.display(), data("covariates.txt"));
    let covariates = covariates.display();
    for (words, name) in [
        (format!("gk -bfile {study} -o m"), "gk1"),
        (
            format!("lmm -bfile {study} -c {covariates} -lmm 4 -o m"),
            "lmm4",
        ),
    ] {
        jamma_in(bench.path(), &words).ok();
        let ours = std::fs::read_to_string(bench.path().join("output/m.log.txt")).unwrap();
        let theirs = std::fs::read_to_string(gemma.join(format!("{name}.log.txt"))).unwrap();
        let ours = labels(&ours);
        // Lines about GEMMA's own build have no counterpart.
        let own = [
            "GEMMA Version",
            "Build profile",
            "GCC version",
            "GSL Version",
            "OpenBlas",
            "arch",
            "parallel type",
        ];
        let mut rest = ours.iter();
        for label in labels(&theirs).iter().filter(|label| !label.is_empty()) {
            if !own.iter().any(|own| label.starts_with(own)) {
                assert!(
                    rest.any(|ours| ours == label),
                    "no line `{label}`, or not in its place, in {ours:#?}"
                );
            }
        }
        assert!(ours[1].starts_with("jamma Version"), "{ours:?}");
        assert!(ours.iter().any(|label| label == "Backend"));
    }
}

/// The sum of the numbers in the lines `## <what> excluded, reason = number`.
fn n_excluded(log: &str, what: &str) -> usize {
    let prefix = format!("## {what} excluded, ");
    let lines = log.lines().filter(|line| line.starts_with(&prefix));
    lines
        .map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap())
        .sum()
}

#[test]
fn the_log_accounts_for_every_individual_and_snp() {
    let bench = tempfile::tempdir().unwrap();
    let out = bench.path().display();
    for options in [
        "-bfile missing -lmm 4",
        "-bfile missing -lmm 1 -n 2 -maf 0.1 -hwe 0.1 -miss 0.02 -c missing.covariates.txt",
        "-bfile missing -gk 1 -snps missing.snps.txt",
        "-bfile covariates -c covariates_na.txt -lmm 2 -r2 0.5",
        "-bfile odd -lmm 3 -maf 0",
        "-bfile odd -eigen -notsnp",
        "-bfile plain -lmm 5",
    ] {
        jamma(&format!("{options} -outdir {out} -o m")).ok();
        let log = std::fs::read_to_string(bench.path().join("m.log.txt")).unwrap();
        let number = |label: &str| log_value(&log, label).parse::<usize>().unwrap();
        let (total, analysed) = (
            number("number of total individuals"),
            number("number of analyzed individuals"),
        );
        assert_eq!(
            total - analysed,
            n_excluded(&log, "individuals"),
            "{options}\n{log}"
        );
        let (total, analysed) = (
            number("number of total SNPs/var"),
            number("number of analyzed SNPs/var"),
        );
        assert_eq!(
            total - analysed,
            n_excluded(&log, "SNPs"),
            "{options}\n{log}"
        );
        assert!(analysed > 0 && analysed <= total);
        if options.contains("-lmm") && !options.contains("-lmm 5") {
            let rows = std::fs::read_to_string(bench.path().join("m.assoc.txt"))
                .unwrap()
                .lines()
                .count()
                - 1;
            assert_eq!(rows, analysed, "{options}");
        }
    }
}

/// The names in `output`.
fn listing(bench: &TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(bench.path().join("output")).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn existing_outputs_are_replaced_completely_and_nothing_else_remains() {
    let bench = tempfile::tempdir().unwrap();
    study().write(bench.path(), "s");
    let fresh = assoc(&bench, "-maf 0.3");
    std::fs::write(output(&bench, "m.assoc.txt"), "old\n".repeat(100_000)).unwrap();
    assert!(assoc(&bench, "-maf 0.3") == fresh);
    assert!(assoc(&bench, "") != fresh);
    assert_eq!(
        listing(&bench).len(),
        3,
        "assoc, record and log, no temporary file"
    );
    // A failed run leaves the older files unchanged.
    let before = std::fs::read(output(&bench, "m.assoc.txt")).unwrap();
    rejected(&bench, "lmm -bfile s -n 2 -o m");
    std::fs::write(bench.path().join("list.txt"), "rs0").unwrap();
    let said = rejected(&bench, "lmm -bfile s -ksnps list.txt -hwe 1 -maf 0.5 -o m");
    assert!(said.contains("no SNP is left"), "{said}");
    assert!(std::fs::read(output(&bench, "m.assoc.txt")).unwrap() == before);
    assert_eq!(listing(&bench).len(), 3);
}

/// Starts a run that takes a second or more, and waits until it has opened its outputs.
fn long_run(directory: &Path) -> Child {
    let mut child = jamma_command(directory)
        .args("lmm -bfile big -lmm 4 --threads 1 --save-kinship".split(' '))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let is_open = || {
        std::fs::read_dir(directory.join("output")).is_ok_and(|mut entries| {
            entries
                .any(|e| e.is_ok_and(|e| e.file_name().to_string_lossy().contains(".assoc.txt.")))
        })
    };
    while !is_open() {
        assert!(
            child.try_wait().unwrap().is_none(),
            "the run ended before its outputs were seen"
        );
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "no output was opened"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

#[test]
fn an_interrupted_run_leaves_no_file_under_a_final_name() {
    let bench = tempfile::tempdir().unwrap();
    Study::simulate(61, 600, 3000).write(bench.path(), "big");
    for signal in [Signal::KILL, Signal::TERM, Signal::INT] {
        let mut child = long_run(bench.path());
        kill_process(Pid::from_child(&child), signal).unwrap();
        let status = child.wait().unwrap();
        if signal == Signal::KILL {
            assert_eq!(
                status.signal(),
                Some(signal.as_raw()),
                "the run had not ended: {status:?}"
            );
            assert!(
                listing(&bench).iter().all(|name| name.starts_with('.')),
                "{:?}",
                listing(&bench)
            );
        } else {
            // There was time to clean up.
            assert_eq!(
                status.code(),
                Some(128 + signal.as_raw()),
                "the run had not ended: {status:?}"
            );
            assert_eq!(listing(&bench), Vec::<String>::new(), "{signal:?}");
        }
        std::fs::remove_dir_all(bench.path().join("output")).unwrap();
    }
}
