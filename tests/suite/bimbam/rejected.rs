//! Wrong BIMBAM files and options: one clear error each.

use super::{annotation, folder_of, genotypes, study, text, write};
use crate::common::{Run, jamma_in};
use std::path::Path;

/// Asserts that a run fails with all `parts` in its message, and writes no results.
#[track_caller]
fn assert_fails(folder: &Path, words: &str, status: i32, parts: &[&str]) {
    let Run {
        status: found,
        stderr,
        ..
    } = jamma_in(folder, &format!("{words} -outdir . -o x"));
    assert_eq!(found, status, "{words}: {stderr}");
    for part in parts {
        assert!(
            stderr.contains(part),
            "{words}: {part:?} is not in {stderr}"
        );
    }
    assert!(!folder.join("x.assoc.txt").exists(), "{words}");
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table of cases")]
fn wrong_files_and_options_are_errors_with_a_cure() {
    let study = study(21, 12, 40);
    let out = folder_of("rejected", &study);
    let good = genotypes(&study);
    let with = |name: &str, from: &str, to: &str| write(&out, name, good.replacen(from, to, 1));
    with("big.txt", "rs5, A, C, ", "rs5, A, C, 3");
    with("word.txt", "rs5, A, C, ", "rs5, A, C, x");
    with("wide.txt", "rs5, A, C, ", "rs5, A, C, 0, ");
    with("blank.txt", "rs5, ", "\nrs5, ");
    write(&out, "pairs.txt", "12\n40\nIND, rs0\n");
    write(
        &out,
        "header.txt",
        format!("id a b {}\n{good}", ["i"; 12].join(" ")),
    );
    write(&out, "empty.txt", "");
    write(&out, "short.p.txt", "1\n2\n");
    write(
        &out,
        "ids.txt",
        (0..12)
            .map(|i| format!("F{i} I{i} {i}\n"))
            .collect::<Vec<_>>()
            .concat(),
    );
    write(&out, "twice.txt", annotation(&study) + "rs4, 7, 2\n");
    write(&out, "triplets.txt", "1 1 1\n");
    for (words, status, parts) in [
        (
            "lmm -g big.txt -p p.txt",
            1,
            &[
                "big.txt:6: the genotype of individual 1 at SNP rs5",
                "0 to 2",
                "--numeric FILE --no-dosage-range",
            ][..],
        ),
        ("lmm -g word.txt -p p.txt", 1, &["word.txt:6", "write NA"]),
        (
            "lmm -g wide.txt -p p.txt",
            1,
            &["wide.txt:6: SNP rs5 has 13 genotypes", "12 individuals"],
        ),
        (
            "lmm -g blank.txt -p p.txt",
            1,
            &["blank.txt:6: the line is blank"],
        ),
        (
            "lmm -g pairs.txt -p p.txt",
            1,
            &[
                "pairs.txt:1: the line is a single number",
                "plink1.9 --recode bimbam",
                "-bfile",
            ],
        ),
        ("lmm -g header.txt -p p.txt", 1, &["looks like a header"]),
        (
            "lmm -g empty.txt -p p.txt",
            1,
            &["empty.txt: the file lists no SNPs"],
        ),
        ("lmm -g s.bed -p p.txt", 1, &["PLINK .bed"]),
        (
            "lmm -g nothing.txt -p p.txt",
            1,
            &["nothing.txt: cannot open"],
        ),
        ("lmm -g . -p p.txt", 1, &["a directory"]),
        ("lmm -g g.txt", 1, &["come without phenotypes", "-p FILE"]),
        (
            "lmm -g g.txt -p short.p.txt",
            1,
            &["short.p.txt has 2 rows, but the genotypes are of 12 individuals"],
        ),
        (
            "lmm -g g.txt -p ids.txt -n 3 -k nothing.txt",
            1,
            &["nothing.txt"],
        ),
        ("lmm -g g.txt -p ids.txt", 1, &["column 1 is \"F0\""]),
        (
            "lmm -g g.txt -p p.txt -a nothing.txt",
            1,
            &["nothing.txt: cannot open"],
        ),
        (
            "lmm -g g.txt -p p.txt -a twice.txt",
            1,
            &["twice.txt:41: SNP rs4 is at 2:7, but at 1:500"],
        ),
        ("lmm -g g.txt -p p.txt -a g.txt", 1, &["g.txt:1"]),
        (
            "lmm -g g.txt -p p.txt -k triplets.txt -km 2",
            2,
            &["-km", "no", "-km 1"],
        ),
        ("lmm -g g.txt -p p.txt -loco 1", 2, &["-loco", "-a FILE"]),
        (
            "lmm -g g.txt -p p.txt -a a.txt -loco 7",
            1,
            &["no SNP is on chromosome \"7\""],
        ),
        ("lmm -bfile s -a a.txt", 2, &["-a", "belongs to -g"]),
    ] {
        assert_fails(&out, words, status, parts);
    }
}

#[test]
fn truncated_files_are_errors_or_have_fewer_whole_snps() {
    let study = study(22, 5, 3);
    let out = folder_of("truncated", &study);
    let plain = genotypes(&study);
    // Names and dosages of one letter: a cut line is never another valid line.
    for end in 1..plain.len() {
        write(&out, "cut.txt", &plain[..end]);
        let run = jamma_in(
            &out,
            "gk -g cut.txt --kinship-qc all -notsnp -miss 1 -outdir . -silence -o cut",
        );
        let is_whole = |n: usize| {
            plain.lines().take(n).map(|l| l.len() + 1).sum::<usize>() == end + 1
                || plain.lines().take(n).map(|l| l.len() + 1).sum::<usize>() == end
        };
        let first = plain.find('\n').unwrap();
        // A cut first line lists fewer individuals; a cut NA is an error.
        if end > first && !(1..=3).any(is_whole) {
            assert_eq!(run.status, 1, "{end}: {}", run.stderr);
            assert!(run.stderr.contains("cut.txt:"), "{}", run.stderr);
        }
        assert!(run.status <= 1, "{}", run.stderr);
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, plain.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    for end in 2..gzip.len() {
        write(&out, "cut.gz", &gzip[..end]);
        let run = jamma_in(
            &out,
            "gk -g cut.gz --kinship-qc all -notsnp -miss 1 -outdir . -silence -o gz",
        );
        assert_eq!(run.status, 1, "{end}: {}", run.stderr);
        assert!(
            run.stderr.contains("cut.gz: the gzip data"),
            "{}",
            run.stderr
        );
    }
    assert!(!out.join("gz.cXX.txt").exists());
    drop(text(&out, "g.txt"));
}
