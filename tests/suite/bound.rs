//! Files that belong together: mixtures of two runs, or of two programs, are rejected with the name of the file.

use super::common::{Run, jamma_in, matrix};
use super::simulate::{Study, text_of};
use std::path::PathBuf;
use tempfile::TempDir;

/// Two kinships and two eigendecompositions of one study: `a` and `b`.
fn bench() -> TempDir {
    let bench = tempfile::tempdir().unwrap();
    Study::simulate(71, 40, 80).write(bench.path(), "s");
    for (name, options) in [("a", ""), ("b", "-maf 0.3")] {
        jamma_in(bench.path(), &format!("gk -bfile s -o {name} {options}")).ok();
        jamma_in(bench.path(), &format!("eigen -bfile s -o {name} {options}")).ok();
    }
    bench
}

fn output(bench: &TempDir, name: &str) -> PathBuf {
    bench.path().join("output").join(name)
}

fn read(bench: &TempDir, name: &str) -> Vec<u8> {
    std::fs::read(output(bench, name)).unwrap()
}

fn lmm(bench: &TempDir, options: &str) -> Run {
    jamma_in(bench.path(), &format!("lmm -bfile s -o m {options}"))
}

#[track_caller]
fn assert_rejected(run: &Run, parts: &[&str]) {
    assert_eq!(run.status, 1, "{}", run.stderr);
    for part in parts {
        assert!(
            run.stderr.contains(part),
            "{part:?} is not in {}",
            run.stderr
        );
    }
}

/// Copies `files` (without the prefix of their run) to `mix.*`, each from the run named by its letter in `runs`.
fn mix(bench: &TempDir, files: &[&str], runs: &str) {
    for (file, run) in files.iter().zip(runs.chars()) {
        std::fs::write(
            output(bench, &format!("mix.{file}")),
            read(bench, &format!("{run}.{file}")),
        )
        .unwrap();
    }
}

#[test]
fn every_mixture_of_two_kinships_is_rejected() {
    let bench = bench();
    assert_ne!(read(&bench, "a.cXX.txt"), read(&bench, "b.cXX.txt"));
    for runs in ["aa", "ab", "ba", "bb"] {
        mix(&bench, &["cXX.txt", "cXX.id"], runs);
        let run = lmm(&bench, "-k output/mix.cXX.txt");
        if runs == "aa" || runs == "bb" {
            run.ok();
        } else {
            let parts = [
                "error: output/mix.cXX.id does not belong to output/mix.cXX.txt",
                "hint: remove the .id",
            ];
            assert_rejected(&run, &parts);
        }
    }
}

#[test]
fn every_mixture_of_two_eigendecompositions_is_rejected() {
    let bench = bench();
    let files = ["eigenD.txt", "eigenU.txt", "eigenU.id"];
    for runs in ["aaa", "aab", "aba", "abb", "baa", "bab", "bba", "bbb"] {
        mix(&bench, &files, runs);
        let run = lmm(&bench, "-d output/mix.eigenD.txt -u output/mix.eigenU.txt");
        if runs == "aaa" || runs == "bbb" {
            run.ok();
        } else {
            assert_rejected(
                &run,
                &["error: output/mix.eigen", "mix.eigenU.txt", "hint: "],
            );
        }
    }
    // From two directories, and with ids next to the values only.
    let said = lmm(&bench, "-d output/b.eigenD.txt -u output/a.eigenU.txt");
    assert_rejected(
        &said,
        &["b.eigenD.txt and output/a.eigenU.txt were not written together"],
    );
    std::fs::copy(output(&bench, "a.eigenU.txt"), bench.path().join("u.txt")).unwrap();
    lmm(&bench, "-d output/a.eigenD.txt -u u.txt").ok();
    let said = lmm(&bench, "-d output/b.eigenD.txt -u u.txt");
    assert_rejected(
        &said,
        &[
            "b.eigenD.txt and u.txt were not written together",
            "b.eigenU.id",
        ],
    );
    // Copies without ids are read like GEMMA's.
    std::fs::copy(output(&bench, "a.eigenD.txt"), bench.path().join("d.txt")).unwrap();
    let run = lmm(&bench, "-d d.txt -u u.txt").ok();
    assert!(run.stderr.contains("no ids next to it"), "{}", run.stderr);
}

#[test]
fn the_same_matrix_in_another_form_keeps_its_ids() {
    let bench = bench();
    let expected = lmm(&bench, "-k output/a.cXX.txt").ok();
    assert!(!expected.stderr.contains("checksum"), "{}", expected.stderr);
    let table = read(&bench, "m.assoc.txt");
    let text = String::from_utf8(read(&bench, "a.cXX.txt")).unwrap();
    for other in [text.replace('\n', "\r\n"), format!("\u{feff}{text}\n\n")] {
        std::fs::write(output(&bench, "a.cXX.txt"), other).unwrap();
        lmm(&bench, "-k output/a.cXX.txt").ok();
        assert!(read(&bench, "m.assoc.txt") == table);
    }
    // Compressed by the user, and written in three formats with the same ids.
    std::fs::write(
        output(&bench, "a.cXX.txt.gz"),
        super::outputs::gzip(text.as_bytes()),
    )
    .unwrap();
    std::fs::remove_file(output(&bench, "a.cXX.txt")).unwrap();
    lmm(&bench, "-k output/a.cXX.txt.gz").ok();
    assert!(read(&bench, "m.assoc.txt") == table);
    for options in ["", "--format npy", "--gz"] {
        jamma_in(
            bench.path(),
            &format!("gk -bfile s -o c -maf 0.1 {options}"),
        )
        .ok();
        jamma_in(
            bench.path(),
            &format!("eigen -bfile s -o c -maf 0.1 {options}"),
        )
        .ok();
    }
    for format in ["txt", "npy", "txt.gz"] {
        lmm(&bench, &format!("-k output/c.cXX.{format}")).ok();
        lmm(
            &bench,
            &format!("-d output/c.eigenD.{format} -u output/c.eigenU.{format}"),
        )
        .ok();
    }
}

#[test]
fn a_matrix_of_another_program_is_rejected_and_the_error_names_the_ids() {
    let bench = bench();
    let k = matrix(&output(&bench, "a.cXX.txt"));
    let replace = |rows: &[Vec<f64>]| {
        std::fs::write(output(&bench, "a.cXX.txt"), text_of(rows)).unwrap();
        lmm(&bench, "-k output/a.cXX.txt")
    };
    let blamed = "error: output/a.cXX.id does not belong to output/a.cXX.txt";
    let mut other = k.clone();
    other[3][3] += 0.5;
    assert_rejected(&replace(&other), &[blamed, "changed or replaced"]);
    let smaller: Vec<Vec<f64>> = k[..39].iter().map(|row| row[..39].to_vec()).collect();
    assert_rejected(
        &replace(&smaller),
        &[blamed, "lists 40 individuals, but the matrix is 39 x 39"],
    );
    // Ids of another study with the same number of individuals: the error does not name the .fam.
    let mut study = Study::simulate(72, 40, 80);
    for (fid, iid) in &mut study.individuals {
        *fid = format!("{fid}x");
        *iid = format!("{iid}x");
    }
    study.write(bench.path(), "s");
    assert_rejected(&replace(&other), &[blamed]);
    // The remedy in the hint works.
    std::fs::remove_file(output(&bench, "a.cXX.id")).unwrap();
    let run = replace(&other).ok();
    assert!(run.stderr.contains("no ids next to it"), "{}", run.stderr);
}

#[test]
fn ids_that_cannot_be_read_are_an_error_and_do_not_count_as_absent() {
    let bench = bench();
    let ids = output(&bench, "a.cXX.id");
    let text = String::from_utf8(read(&bench, "a.cXX.id")).unwrap();
    let rejected =
        |part: &str| assert_rejected(&lmm(&bench, "-k output/a.cXX.txt"), &["a.cXX.id", part]);
    let lines: Vec<&str> = text.lines().collect();
    let reversed: Vec<&str> = lines[..40]
        .iter()
        .rev()
        .copied()
        .chain([lines[40]])
        .collect();
    for (content, part) in [
        (reversed.join("\n"), "the ids were changed"),
        (lines[1..].join("\n"), "the ids were changed"),
        (
            text[..text.len() - 9].to_owned(),
            ":41: the checksums on this line are damaged",
        ),
        (
            text.replace("xxh3", "sha9"),
            "damaged or were written by another version",
        ),
        (String::new(), "lists no individual"),
        ("\0".repeat(40), "NUL"),
    ] {
        std::fs::write(&ids, content).unwrap();
        rejected(part);
    }
    std::fs::remove_file(&ids).unwrap();
    std::os::unix::fs::symlink("nowhere", &ids).unwrap();
    rejected("cannot open: no such file");
    std::fs::remove_file(&ids).unwrap();
    std::fs::create_dir(&ids).unwrap();
    rejected("directory");
    std::fs::remove_dir(&ids).unwrap();
    // From an older jamma: read, with a note.
    std::fs::write(&ids, lines[..40].join("\n")).unwrap();
    let run = lmm(&bench, "-k output/a.cXX.txt").ok();
    assert!(
        run.stderr.contains("a.cXX.id: no checksum of its matrix"),
        "{}",
        run.stderr
    );
}

#[test]
fn ids_of_plink2_and_other_family_ids_are_matched() {
    let bench = bench();
    let expected = {
        lmm(&bench, "-k output/a.cXX.txt").ok();
        read(&bench, "m.assoc.txt")
    };
    let study = Study::simulate(71, 40, 80);
    std::fs::copy(output(&bench, "a.cXX.txt"), bench.path().join("s.rel")).unwrap();
    let id_path = bench.path().join("s.rel.id");
    let write = |header: &str, line: &dyn Fn(&(String, String)) -> String| {
        let lines: Vec<String> = study.individuals.iter().map(line).collect();
        std::fs::write(&id_path, format!("{header}{}\n", lines.join("\n"))).unwrap();
        lmm(&bench, "-k s.rel")
    };
    let ok = |run: Run, note: &str| {
        assert!(run.ok().stderr.contains(note));
        assert!(read(&bench, "m.assoc.txt") == expected);
    };
    ok(
        write("#FID\tIID\n", &|(fid, iid)| format!("{fid}\t{iid}")),
        "matched by FID and IID with s.rel.id",
    );
    ok(write("#IID\n", &|(_, iid)| iid.clone()), "no family ids");
    ok(
        write("#IID SID\n", &|(_, iid)| format!("{iid} x")),
        "no family ids",
    );
    ok(write("", &|(_, iid)| format!("0 {iid}")), "no family ids");
    ok(
        write("", &|(_, iid)| format!("{iid} {iid}")),
        "of 40 analysed individuals differ",
    );
    let said = write("", &|(fid, iid)| {
        format!("{} {}", &fid[1..], iid.replace("I12", "I9"))
    });
    assert_rejected(
        &said,
        &[
            "s.rel.id lacks 40 of 40",
            "the first is F3 I12",
            "IIDs of 39 of them agree",
            "occurs more than once",
        ],
    );
}
