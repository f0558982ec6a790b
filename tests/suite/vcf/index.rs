//! VCF and BCF files with an index, of which only a part is read.

use super::super::common::jamma_in;
use super::super::simulate::{Study, lines_of};
use super::{bgzf, run, vcf_of};
use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::time::SystemTime;
use tempfile::TempDir;

/// The files `s.vcf`, and `s.vcf.gz` and `s.bcf` with indices, of a study on several chromosomes; their text. `None` without
/// bcftools.
fn indexed() -> Option<(TempDir, String)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let study = Study::simulate(5, 60, 300);
    study.write(path, "s");
    // Chromosomes of 150, 100 and 50 SNPs, and one of the header without any.
    let mut text = String::new();
    for (line, number) in vcf_of(&study).lines().zip(0_usize..) {
        if line.starts_with('#') {
            if line.starts_with("#CHROM") {
                let contigs =
                    ["chr1", "chr2", "chr3", "chrX"].map(|id| format!("##contig=<ID={id}>\n"));
                text += &contigs.concat();
            }
            if !line.starts_with("##contig") {
                writeln!(text, "{line}").unwrap();
            }
            continue;
        }
        let mut fields: Vec<&str> = line.split('\t').collect();
        let index: usize = fields[2].trim_start_matches("rs").parse().unwrap_or(number);
        let (name, first) = [("chr1", 0), ("chr2", 150), ("chrX", 250)]
            [usize::from(index >= 150) + usize::from(index >= 250)];
        let ps = (1000 * (index - first + 1)).to_string();
        (fields[0], fields[1]) = (name, &ps);
        writeln!(text, "{}", fields.join("\t")).unwrap();
    }
    std::fs::write(path.join("s.vcf"), &text).unwrap();
    std::fs::write(path.join("s.vcf.gz"), bgzf(text.as_bytes(), 700)).unwrap();
    std::fs::write(path.join("y.txt"), lines_of(&study.phenotype)).unwrap();
    let made = run(path, "bcftools", "view --no-version -Ob -o s.bcf s.vcf")
        && run(path, "bcftools", "index -c s.bcf")
        && run(path, "bcftools", "index -t s.vcf.gz");
    made.then_some((folder, text))
}

fn table(path: &Path, name: &str) -> String {
    std::fs::read_to_string(path.join("output").join(name)).unwrap()
}

#[test]
fn an_index_leads_to_the_chosen_chromosomes_which_alone_are_read() {
    let Some((folder, _)) = indexed() else { return };
    let path = folder.path();
    jamma_in(path, "lmm --vcf s.vcf -p y.txt --save-kinship -o k").ok();
    for words in [
        "--chr 1",
        "--chr 2",
        "--chr X",
        "--chr 1,X",
        "--chr 2 --from-bp 20500",
        "--chr 2 --from-bp 3000 --to-bp 9000",
        "--chr X --to-bp 10",
    ] {
        for test in ["lmm -k output/k.cXX.txt", "lm"] {
            let whole = jamma_in(
                path,
                &format!("{test} --vcf s.vcf -p y.txt {words} -o whole"),
            )
            .ok();
            assert!(!whole.stderr.contains("by the index"), "{}", whole.stderr);
            for file in ["s.vcf.gz", "s.bcf"] {
                let part = jamma_in(
                    path,
                    &format!("{test} --vcf {file} -p y.txt {words} --block-snps 30 -o part"),
                )
                .ok();
                assert!(part.stderr.contains("by the index"), "{}", part.stderr);
                assert_eq!(
                    table(path, "part.assoc.txt"),
                    table(path, "whole.assoc.txt"),
                    "{file} {words}"
                );
            }
        }
    }
    // The whole file is needed for a kinship, and to look for ids.
    for words in ["lmm --chr 2", "lm --chr 2 --condition rs7"] {
        let run = jamma_in(path, &format!("{words} --vcf s.vcf.gz -p y.txt")).ok();
        assert!(!run.stderr.contains("by the index"), "{}", run.stderr);
    }
    let absent = jamma_in(path, "lm --vcf s.vcf.gz -p y.txt --chr 7");
    assert_eq!(absent.status, 1);
    assert!(
        absent
            .stderr
            .contains("the chromosomes of these genotypes are chr1, chr2, chrX"),
        "{}",
        absent.stderr
    );
}

#[test]
fn an_index_that_does_not_fit_is_an_error_or_not_used() {
    let Some((folder, text)) = indexed() else {
        return;
    };
    let path = folder.path();
    let index = std::fs::read(path.join("s.vcf.gz.tbi")).unwrap();
    let fewer: String = text
        .lines()
        .filter(|line| !line.contains("\trs160\t"))
        .fold(String::new(), |all, line| all + line + "\n");
    std::fs::write(path.join("t.vcf.gz"), bgzf(fewer.as_bytes(), 700)).unwrap();
    std::fs::write(path.join("t.vcf.gz.tbi"), &index).unwrap();
    let other = jamma_in(path, "lm --vcf t.vcf.gz -p y.txt --chr 2 -o other").ok();
    let said = "this index does not end where the genotypes end, so it is not used";
    assert!(other.stderr.contains(said), "{}", other.stderr);
    std::fs::remove_file(path.join("t.vcf.gz.tbi")).unwrap();
    jamma_in(path, "lm --vcf t.vcf.gz -p y.txt --chr 2 -o none").ok();
    assert_eq!(
        table(path, "other.assoc.txt"),
        table(path, "none.assoc.txt")
    );
    // Positions that a .tbi cannot hold are the end of the chromosome.
    jamma_in(
        path,
        "lm --vcf s.vcf.gz -p y.txt --chr 2 --to-bp 999999999 -o far",
    )
    .ok();
    jamma_in(path, "lm --vcf s.vcf -p y.txt --chr 2 -o all").ok();
    assert_eq!(table(path, "far.assoc.txt"), table(path, "all.assoc.txt"));
    std::fs::write(path.join("s.vcf.gz.tbi"), &index[..index.len() / 2]).unwrap();
    let damaged = jamma_in(path, "lm --vcf s.vcf.gz -p y.txt --chr 2");
    assert_eq!(damaged.status, 1);
    assert!(
        damaged
            .stderr
            .contains("s.vcf.gz.tbi: the index is damaged"),
        "{}",
        damaged.stderr
    );
    let old = File::options()
        .write(true)
        .open(path.join("s.vcf.gz.tbi"))
        .unwrap();
    old.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let run = jamma_in(path, "lm --vcf s.vcf.gz -p y.txt --chr 2").ok();
    assert!(
        run.stderr.contains("older than the genotypes"),
        "{}",
        run.stderr
    );
}
