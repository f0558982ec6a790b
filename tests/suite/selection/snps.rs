//! `--extract`, `--exclude`, `--chr`, `--from-bp` and `--to-bp`.

use super::{Study, fails, output};
use crate::common::{Table, jamma_in, log_value};
use crate::simulate::lines_of;
use crate::toys::text_source::TextSource;
use jamma::assoc::lmm::Lmm;
use jamma::backend::CpuBackend;
use jamma::genotype::ChromosomeList;
use jamma::io::fam::Individual;
use jamma::output::files::OutputFiles;
use jamma::pipeline::{
    Analysis, FilterOptions, GenotypeInput, Job, Setting, SnpChoice, Traits, run,
};
use jamma::progress::Silent;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const P: usize = 120;

/// Chromosome and position of a SNP: 50 on 1, 30 on chr2, 40 on X.
fn place(j: usize) -> (&'static str, usize) {
    match j {
        0..50 => ("1", 100 * (j + 1)),
        50..80 => ("chr2", 100 * (j - 49)),
        _ => ("X", 100 * (j - 79)),
    }
}

fn study() -> Study {
    Study::simulate(23, 60, P)
}

fn bench() -> TempDir {
    let bench = tempfile::tempdir().unwrap();
    let here = bench.path();
    study().write(here, "s");
    let bim = (0..P).map(|j| {
        let (chr, ps) = place(j);
        format!("{chr}\trs{j}\t0\t{ps}\tA\tC\n")
    });
    for (name, text) in [
        ("s.bim", bim.collect::<String>()),
        ("ids", "rs3\nrs60\nrs61\nrs119\nrs4\nunknown\n".to_owned()),
        (
            "plink.range",
            "1 300 500 gene\nchr2 100 100 x\nX 4000 9999 y\n".to_owned(),
        ),
        (
            "ucsc.bed",
            "chr1\t299\t500\n2\t99\t100\nchrX\t3999\t9999\n".to_owned(),
        ),
        (
            "track.txt",
            "track name=genes\n1 299 500\n2 99 100\nX 3999 9999\n".to_owned(),
        ),
        (
            "shifted.txt",
            "1 299 500\n2 99 100\nX 3999 9999\n".to_owned(),
        ),
    ] {
        std::fs::write(here.join(name), text).unwrap();
    }
    bench
}

/// The rows of the full table whose SNPs satisfy `is_chosen`, of its index, chromosome and position.
fn rows(all: &Table, is_chosen: &dyn Fn(usize, &str, usize) -> bool) -> Vec<Vec<String>> {
    let rs = all.column("rs");
    let rows = all.rows.iter().filter(|row| {
        let j: usize = row[rs][2..].parse().unwrap();
        let (chr, ps) = place(j);
        is_chosen(j, chr, ps)
    });
    rows.cloned().collect()
}

fn table(here: &Path, name: &str) -> Table {
    Table::read(&here.join(format!("output/{name}.assoc.txt")))
}

/// Choices as options and as conditions.
type Choice = (&'static str, &'static dyn Fn(usize, &str, usize) -> bool);

const IN_RANGES: &dyn Fn(usize, &str, usize) -> bool = &|_, chr, ps| match chr {
    "1" => (300..=500).contains(&ps),
    "chr2" => ps == 100,
    _ => ps >= 4000,
};

const CHOICES: &[Choice] = &[
    ("--chr 1", &|_, chr, _| chr == "1"),
    ("--chr chr2,chrX", &|_, chr, _| chr != "1"),
    ("--chr 2-22", &|_, chr, _| chr == "chr2"),
    ("--chr 1 --from-bp 300 --to-bp 900", &|_, chr, ps| {
        chr == "1" && (300..=900).contains(&ps)
    }),
    ("--chr X --from-bp 3000", &|_, chr, ps| {
        chr == "X" && ps >= 3000
    }),
    ("--extract ids", &|j, _, _| [3, 4, 60, 61, 119].contains(&j)),
    ("--exclude ids", &|j, _, _| {
        ![3, 4, 60, 61, 119].contains(&j)
    }),
    ("--extract plink.range", IN_RANGES),
    ("--extract ucsc.bed", IN_RANGES),
    ("--extract track.txt", IN_RANGES),
    ("--exclude plink.range", &|j, chr, ps| {
        !IN_RANGES(j, chr, ps)
    }),
    ("--extract ids --exclude ucsc.bed --chr 1,2", &|j, _, _| {
        [60, 61].contains(&j)
    }),
    ("-snps ids --chr 2", &|j, _, _| [60, 61].contains(&j)),
];

#[test]
fn chosen_snps_have_the_rows_of_the_run_of_all_and_the_kinship_is_the_same() {
    let bench = bench();
    let here = bench.path();
    for options in [
        "-lmm 4",
        "-lmm 1 -maf 0.3 -gk 2",
        "-lmm 4 -loco",
        "-lmm 2 -loco chr2",
    ] {
        let save = if options.contains("-loco") {
            ""
        } else {
            "--save-kinship"
        };
        jamma_in(here, &format!("lmm -bfile s {options} {save} -o all")).ok();
        let all = table(here, "all");
        for (choice, is_chosen) in CHOICES {
            for block in ["", "--block-snps 7"] {
                let words = format!("lmm -bfile s {options} {save} {choice} {block} -o some");
                jamma_in(here, &words).ok();
                let some = table(here, "some");
                assert_eq!(some.header, all.header);
                assert_eq!(some.rows, rows(&all, *is_chosen), "{words}");
                if !save.is_empty() {
                    let kind = if options.contains("-gk 2") {
                        "sXX"
                    } else {
                        "cXX"
                    };
                    let kinship = |name: &str| output(here, &format!("{name}.{kind}.txt"));
                    assert!(kinship("some") == kinship("all"), "{words}");
                }
            }
        }
    }
}

#[test]
fn snps_that_are_not_chosen_are_counted_once() {
    let bench = bench();
    let here = bench.path();
    jamma_in(here, "gk -bfile s -o k").ok();
    let label = "SNPs excluded, not chosen by --chr, --from-bp, --to-bp, --extract or --exclude";
    for (choice, is_chosen) in CHOICES {
        for options in ["-k output/k.cXX.txt", "", "-k output/k.cXX.txt --all-snps"] {
            jamma_in(here, &format!("lmm -bfile s {options} {choice} -o x")).ok();
            let log = output(here, "x.log.txt");
            let count = |label: &str| log_value(&log, label).parse::<usize>().unwrap();
            let n_chosen = (0..P)
                .filter(|&j| is_chosen(j, place(j).0, place(j).1))
                .count();
            let unlisted = count("SNPs excluded, not in the -snps list");
            assert_eq!(unlisted, if choice.contains("-snps") { P - 5 } else { 0 });
            assert_eq!(count(label) + unlisted, P - n_chosen, "{choice} {options}");
            assert_eq!(count("number of total SNPs/var"), P);
        }
        // The last run has a row for every SNP.
        let all = table(here, "x");
        assert_eq!(all.rows.len(), P);
        for (j, status) in all.texts("status").iter().enumerate() {
            let is_chosen = is_chosen(j, place(j).0, place(j).1);
            let is_unchosen = status.starts_with("excluded_not_");
            assert_eq!(is_unchosen, !is_chosen, "rs{j}: {status}");
        }
    }
    jamma_in(here, "lmm -bfile s -o x").ok();
    assert!(!output(here, "x.log.txt").contains("not chosen"));
}

#[test]
fn several_traits_and_a_choice_without_snps_to_test_work() {
    let bench = bench();
    let here = bench.path();
    let second = |i: usize| match i {
        3 => "NA".to_owned(),
        i => ((i * i) % 17).to_string(),
    };
    let y = lines_of((0..60).map(|i| format!("{} {}", (i * 7) % 13, second(i))));
    std::fs::write(here.join("y"), y).unwrap();
    jamma_in(here, "lmm -bfile s -p y --traits all -o all").ok();
    jamma_in(here, "lmm -bfile s -p y --traits all --chr X -o some").ok();
    for number in ["1", "2"] {
        let of = |name: &str| table(here, &format!("{name}.{number}"));
        assert_eq!(of("some").rows, rows(&of("all"), &|_, chr, _| chr == "X"));
    }
    let run = jamma_in(here, "lmm -bfile s --chr 1 --from-bp 99999 -o none").ok();
    assert!(
        run.stderr.contains("no SNP is left to test"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("120: not chosen by"), "{}", run.stderr);
    assert!(table(here, "none").rows.is_empty());
}

#[test]
fn snps_are_chosen_from_a_source_that_knows_them_only_as_they_are_read() {
    let bench = bench();
    let here = bench.path();
    let study = study();
    let mut text = String::new();
    for (j, calls) in study.snps.iter().enumerate() {
        let (chr, ps) = place(j);
        write!(text, "{chr} rs{j} {ps} A C").unwrap();
        for call in calls {
            text.push_str(&call.map_or(" NA".into(), |call| format!(" {call}")));
        }
        text.push('\n');
    }
    std::fs::write(here.join("text"), text).unwrap();
    let individuals = study.individuals.iter().map(|(fid, iid)| Individual {
        fid: fid.as_str().into(),
        iid: iid.as_str().into(),
    });
    let source = TextSource::open(&here.join("text"), individuals.collect()).unwrap();
    let source = Arc::new(source);
    let table_of = |choice: SnpChoice, name: &str| {
        let job = Job {
            genotypes: GenotypeInput::Source(source.clone()),
            traits: Traits::one(study.y().into_iter().map(Some).collect()),
            filter: FilterOptions {
                choice,
                ..FilterOptions::default()
            },
            files: Some(OutputFiles {
                directory: here.join("output"),
                prefix: name.into(),
                ..OutputFiles::default()
            }),
            ..Job::new("unused", Analysis::lmm(Lmm::default()))
        };
        run(job, Setting::new(&CpuBackend, &Silent)).unwrap();
        table(here, name)
    };
    let all = table_of(SnpChoice::default(), "all");
    let chr2 = ChromosomeList {
        names: [Box::from("2")].into(),
        numbers: Vec::new(),
    };
    let some = table_of(
        SnpChoice {
            chromosomes: Some(chr2),
            exclude: Some(here.join("ids")),
            ..SnpChoice::default()
        },
        "some",
    );
    assert_eq!(
        some.rows,
        rows(&all, &|j, chr, _| chr == "chr2" && j != 60 && j != 61)
    );
    assert!(!some.rows.is_empty());
}

#[test]
fn notes_say_how_ranges_are_read_and_what_is_unknown() {
    let bench = bench();
    let here = bench.path();
    for (words, said) in [
        (
            "--extract plink.range",
            "3 ranges with positions from 1 and the end included, not those of a BED file; 5 SNPs",
        ),
        (
            "--extract ucsc.bed",
            "3 ranges of a BED file: positions count from 0, and the end is excluded; 5 SNPs",
        ),
        ("--extract shifted.txt", "not those of a BED file; 5 SNPs"),
        (
            "--exclude ids",
            "ids: 1 of 6 listed SNPs is not in the genotypes: ",
        ),
        ("--chr 1-3,Y,MT", "--chr: no SNP is on MT, Y"),
    ] {
        let run = jamma_in(here, &format!("lmm -bfile s {words}")).ok();
        assert!(run.stderr.contains(said), "{words}: {}", run.stderr);
    }
}

#[test]
fn choices_that_cannot_be_met_are_errors() {
    let bench = bench();
    let here = bench.path();
    for (name, text) in [
        ("other.bed", "7\t1\t2\n"),
        ("reversed", "1 500 300 x\n"),
        ("mixed", "1 300 500 x\nrs5\n"),
        ("none", "nobody\n"),
        ("empty", ""),
    ] {
        std::fs::write(here.join(name), text).unwrap();
    }
    for (words, parts) in [
        (
            "lmm --extract other.bed",
            &[
                "other.bed: no SNP of the study is in the 1 range",
                "with or without chr",
            ][..],
        ),
        (
            "lmm --exclude reversed",
            &["reversed:1: the range ends at 300"],
        ),
        ("lmm --extract mixed", &["mixed:2: the line is not a range"]),
        (
            "lmm --extract none",
            &["none of the 1 listed SNPs", "--extract expects"],
        ),
        ("lmm --extract empty", &["the file lists no SNPs"]),
        ("lmm --extract absent", &["absent: cannot open"]),
        (
            "lmm --chr 7",
            &["no SNP is on these chromosomes", "are 1, chr2, X"],
        ),
        (
            "lmm --chr 5-1",
            &["--chr: \"5-1\" is not an ascending range"],
        ),
        ("lmm --chr 1,", &["--chr: expected names of chromosomes"]),
        (
            "lmm --from-bp 5",
            &["--from-bp: positions are those of one chromosome", "--chr"],
        ),
        (
            "lmm --chr 1-2 --to-bp 5",
            &["--to-bp: positions are those of one chromosome"],
        ),
        (
            "lmm --chr 1 --from-bp 9 --to-bp 8",
            &["the last position, 8, is before"],
        ),
        (
            "lmm --chr 1 --from-bp -3",
            &["--from-bp: expected a whole number"],
        ),
        (
            "gk --chr 1",
            &["--chr: the option chooses SNPs to test", "-ksnps"],
        ),
        (
            "eigen --extract ids",
            &["--extract: the option chooses SNPs to test"],
        ),
        (
            "lmm -lmm 5 --exclude ids",
            &["--exclude: the option chooses"],
        ),
        ("-gk --exclude ids", &["--exclude: the option chooses"]),
    ] {
        fails(here, &format!("{words} -bfile s"), parts);
    }
}

/// The SNPs of PLINK files are known before the run, those of BIMBAM files only after it.
#[test]
fn unknown_ids_are_counted_and_named_for_every_source_alike() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let study = Study::simulate(5, 40, 30);
    study.write(here, "s");
    for (name, text) in [
        ("g.txt", crate::bimbam::genotypes(&study)),
        ("a.txt", crate::bimbam::annotation(&study)),
        ("p.txt", lines_of(&study.phenotype)),
        ("ids", "rs3\nzz\nrs5\nrs99\nyy\nrs7\nrs11\n".into()),
        ("alleles", "rs3 A\nqq C\n".into()),
    ] {
        std::fs::write(here.join(name), text).unwrap();
    }
    let of_ids = "ids: 3 of 7 listed SNPs are not in the genotypes: rs99, yy, zz";
    let of_alleles = "alleles: 1 of 2 listed SNPs is not in the genotypes: qq";
    for genotypes in ["-bfile s", "-g g.txt -a a.txt -p p.txt"] {
        for (words, said) in [
            ("gk -ksnps ids", of_ids),
            ("lmm -snps ids", of_ids),
            ("lmm --extract ids", of_ids),
            ("lmm --exclude ids", of_ids),
            ("eigen -ksnps ids", of_ids),
            ("lmm --effect-allele alleles", of_alleles),
        ] {
            let run = jamma_in(here, &format!("{words} {genotypes} -o x")).ok();
            assert!(run.stderr.contains(said), "{words}: {}", run.stderr);
            let log = output(here, "x.log.txt");
            assert_eq!(log.matches(said).count(), 1, "{words} {genotypes}: {log}");
        }
    }
}
