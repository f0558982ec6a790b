//! Common mistakes in command lines: pasted from documents, written for other programs, misspelt.

use super::bench;
use crate::common::{Run, finished, jamma_command, jamma_in};
use std::ffi::OsStr;
use std::path::Path;

/// Runs `jamma` with these arguments, which may hold blanks, in `directory`.
fn jamma_with(directory: &Path, words: &[impl AsRef<OsStr>]) -> Run {
    finished(jamma_command(directory).args(words))
}

/// Error and hint of a command line that must be rejected.
fn rejected(directory: &Path, words: &[&str]) -> (String, String) {
    let run = jamma_with(directory, words);
    assert_eq!(run.status, 2, "{words:?}: {}", run.stderr);
    let lines: Vec<&str> = run.stderr.lines().collect();
    let [error, hint] = lines.as_slice() else {
        panic!(
            "{words:?}: an error and a hint are expected:\n{}",
            run.stderr
        )
    };
    assert!(
        error.starts_with("error: ") && hint.starts_with("  hint: "),
        "{}",
        run.stderr
    );
    let is_plain = |line: &&str| !line.chars().any(char::is_control);
    assert!(lines.iter().all(is_plain), "{:?}", run.stderr);
    ((*error).to_owned(), (*hint).to_owned())
}

#[test]
fn characters_of_documents_are_named_with_their_place() {
    let bench = bench();
    for (words, said, expected_hint) in [
        (
            ["lmm", "–bfile", "s", "-o", "x"],
            "argument 2 contains an en dash (U+2013), character 1",
            "-bfile",
        ),
        (
            ["lmm", "—bfile", "s", "-o", "x"],
            "argument 2 contains an em dash (U+2014), character 1",
            "--bfile",
        ),
        (
            ["lmm", "-bfile", "s", "−maf", "0.1"],
            "argument 4 contains a minus sign (U+2212), character 1",
            "-maf",
        ),
        (
            ["lmm", "-bfile", "s", "-maf\u{a0}0.1", "-gz"],
            "a non-breaking space (U+00A0), character 5",
            "-maf 0.1",
        ),
        (
            ["lmm", "-bfile", "“s”", "-o", "x"],
            "argument 3 contains a curly quote (U+201C), character 1",
            "straight quotes",
        ),
        (
            ["lmm", "-bfile", "s\r", "-o", "x"],
            "s\\r: argument 3 ends with a carriage return (U+000D), character 2",
            "Windows line endings",
        ),
        (
            ["lmm\r", "-bfile", "s", "-o", "x"],
            "lmm\\r: argument 1 ends with a carriage return",
            "Windows line endings",
        ),
        (
            ["lmm", "-bfile", "s", "-lmin", "1e–5"],
            "argument 5 contains an en dash (U+2013), character 3",
            "1e-5",
        ),
        (
            ["lmm", "-bfile", "s", "-snps", "\u{200b}l"],
            "argument 5 contains a zero-width space (U+200B), character 1",
            "delete it",
        ),
        (
            ["\u{feff}lmm", "-bfile", "s", "-o", "x"],
            "argument 1 contains a byte order mark (U+FEFF), character 1",
            "lmm",
        ),
        (
            ["lmm", "-bfile", "s", "-o", "a\nb"],
            "a\\nb: argument 5 contains a line feed (U+000A), character 2",
            "a b",
        ),
    ] {
        let (error, hint) = rejected(bench.path(), &words);
        assert!(error.contains(said), "{words:?}: {error}");
        assert!(hint.contains(expected_hint), "{words:?}: {hint}");
    }
    assert!(!bench.path().join("output").exists());
    // The name of an existing file is accepted, in any argument.
    for extension in ["bed", "bim", "fam"] {
        let copy = bench.path().join(format!("my – study.{extension}"));
        std::fs::copy(bench.path().join(format!("s.{extension}")), copy).unwrap();
    }
    std::fs::write(bench.path().join("l\u{a0}1\r"), "rs3\n").unwrap();
    let words = [
        "lmm",
        "-bfile",
        "my – study",
        "-snps",
        "l\u{a0}1\r",
        "-o",
        "x",
    ];
    assert_eq!(jamma_with(bench.path(), &words).ok().status, 0);
    let log = std::fs::read_to_string(bench.path().join("output/x.log.txt")).unwrap();
    assert!(
        log.contains("my – study -snps l\\u{a0}1\\r -o x \n"),
        "{log}"
    );
}

#[test]
fn control_characters_are_escaped_and_long_ids_shortened_in_messages_and_logs() {
    let bench = bench();
    let fam = std::fs::read_to_string(bench.path().join("s.fam")).unwrap();
    let mut lines: Vec<String> = fam.lines().map(str::to_owned).collect();
    let id = format!("\u{1b}[31mred\u{7}{}", "x".repeat(3000));
    lines[3..5].fill(format!("{id} {id} 0 0 1 0.5"));
    let double = lines.join("\n") + "\n";
    for extension in ["bed", "bim"] {
        let copy = bench.path().join(format!("t\n\u{1b}[2J.{extension}"));
        std::fs::copy(bench.path().join(format!("s.{extension}")), copy).unwrap();
    }
    std::fs::write(bench.path().join("t\n\u{1b}[2J.fam"), double).unwrap();
    let run = jamma_with(bench.path(), &["lmm", "-bfile", "t\n\u{1b}[2J"]);
    assert_eq!(run.status, 1);
    assert!(
        run.stderr.starts_with("error: t\\n\\u{1b}[2J.fam:5: "),
        "{:?}",
        run.stderr
    );
    assert_eq!(run.stderr.lines().count(), 2, "{:?}", run.stderr);
    assert!(
        run.stderr.contains("\\u{1b}[31mred\\u{7}xx"),
        "{:?}",
        run.stderr
    );
    assert!(run.stderr.len() < 600, "{:?}", run.stderr);
    assert!(
        !run.stderr
            .trim_end()
            .contains(|c: char| c.is_control() && c != '\n')
    );
    // A command-line argument, and a note.
    let (error, _) = rejected(bench.path(), &["lmm", "-bfile", "s", &"y".repeat(2000)]);
    assert!(error.len() < 200, "{error}");
    std::fs::write(bench.path().join("l\u{1b}.txt"), "rs3\nnobody\n").unwrap();
    let run = jamma_with(
        bench.path(),
        &["lmm", "-bfile", "s", "-snps", "l\u{1b}.txt"],
    )
    .ok();
    assert!(
        run.stderr
            .contains("note: l\\u{1b}.txt: 1 of 2 listed SNPs"),
        "{:?}",
        run.stderr
    );
    let log = std::fs::read_to_string(bench.path().join("output/result.log.txt")).unwrap();
    assert!(
        log.contains("-snps l\\u{1b}.txt \n") && !log.contains('\u{1b}'),
        "{log:?}"
    );
}

#[test]
fn options_of_other_programs_lead_to_ours_or_to_another_way() {
    let bench = bench();
    for (option, said, expected_hint) in [
        (
            "--covarFile",
            "not an option of jamma; use --covar",
            "--covar FILE",
        ),
        ("--phenoFile", "jamma; use --pheno", "--pheno FILE"),
        ("--mpheno", "jamma; use -n", "-n COLUMN"),
        (
            "--phenoColList",
            "jamma; use --pheno-name",
            "--pheno-name LIST",
        ),
        ("--snp-list", "jamma; use -snps", "-snps FILE"),
        ("--out", "jamma; use -o", "-outdir DIR"),
        ("--kinship", "jamma; use -k", "-k FILE"),
        ("--geno", "jamma; use -miss", "-miss FRACTION"),
        ("--num_threads", "jamma; use --threads", "--threads N"),
        ("--bed", "jamma; use -bfile", "-bfile PREFIX"),
        ("--exclude-snps", "jamma; use --exclude", "--exclude FILE"),
        ("--keep-fam", "is not supported", "--keep"),
        ("--minMAC", "is not supported", "PLINK 2"),
        ("--bgenMinMAF", "jamma; use -maf", "-maf FREQUENCY"),
        ("--vcfField", "jamma; use --dosage", "--dosage DS|GP"),
        ("--fastGWA-mlm", "is not supported", "jamma lmm"),
        ("--LDscoresFile", "is not supported", "exact mixed model"),
        ("--anno-file", "is not supported", "one by one"),
        ("--nauto", "jamma; use --chr-set", "--chr-set SPECIES|N"),
        ("--nThreads", "jamma; use --threads", "--threads N"),
        (
            "--sampleIDColinphenoFile",
            "is not supported",
            "found by its name",
        ),
        ("-t", "jamma; use --threads", "EMMAX's -t PREFIX is -bfile"),
        ("--remove-fam", "is not supported", "--remove"),
        ("--chrom", "jamma; use --chr", "--chr LIST"),
        ("--not-chr", "is not supported", "--chr 1-22"),
        ("--mind", "is not supported", "plink2 --bfile PREFIX --mind"),
        ("--mac", "is not supported", "PLINK 2"),
        ("--step", "is not supported", "jamma lmm"),
        ("--grm", "is not supported", "-k PREFIX.grm.bin"),
        ("--grm-gz", "is not supported", "-k PREFIX.grm.gz"),
        ("--make-grm", "is not supported", "jamma gk"),
        ("--mlma", "is not supported", "jamma lmm"),
        ("--mlma-loco", "not an option of jamma", "-loco"),
        ("--reml", "is not supported", "-lmm 5"),
        ("--covar-number", "is not supported", "--covar-name"),
        ("--logistic", "is not supported", "0 and 1"),
    ] {
        let one_dash = if option.starts_with("--") {
            &option[1..]
        } else {
            option
        };
        for words in [
            vec!["lmm", "-bfile", "s", option, "x"],
            vec![one_dash, "x", "-bfile", "s", "-lmm", "1"],
        ] {
            let (error, hint) = rejected(bench.path(), &words);
            assert!(
                error.contains(option.trim_start_matches('-')),
                "{words:?}: {error}"
            );
            assert!(error.contains(said), "{words:?}: {error}");
            assert!(hint.contains(expected_hint), "{words:?}: {hint}");
        }
    }
    // Options of PLINK that jamma has too.
    let words = "lmm --bfile s --maf 0.1 --hwe 1e-6 --threads 1 --snps l.txt";
    std::fs::write(bench.path().join("l.txt"), "rs3\n").unwrap();
    jamma_in(bench.path(), words).ok();
}

#[test]
fn stray_words_and_slips_come_with_what_was_meant() {
    let bench = bench();
    for (words, said, expected_hint) in [
        ("lmm s", "s: unexpected argument", "jamma lmm -bfile s"),
        ("gk s.bed", "s.bed: unexpected argument", "-bfile s"),
        (
            "lmm x.vcf.gz -maf 0.1",
            "x.vcf.gz: unexpected argument",
            "--vcf x.vcf.gz",
        ),
        ("s", "s: unexpected argument", "jamma lmm -bfile s"),
        (
            "gwas -bfile s",
            "gwas: unexpected argument",
            "did you mean `jamma lmm`?",
        ),
        (
            "lnm -bfile s",
            "lnm: unexpected argument",
            "did you mean `jamma lmm`?",
        ),
        (
            "nothing",
            "nothing: unexpected argument",
            "gk, eigen, lmm, lm, demo, merge, top,",
        ),
        ("lmm bfile s", "bfile: unexpected argument", "-bfile"),
        (
            "lmm -bfile s -hwe 1e-6 midp",
            "midp: unexpected argument",
            "PLINK",
        ),
        (
            "lmm -bfile s -c my file.txt",
            "file.txt: unexpected argument",
            "quotes",
        ),
        (
            "demo s",
            "s: unexpected argument",
            "jamma lmm -bfile PREFIX",
        ),
        (
            "lmm -bfile s -mfa 0.1",
            "-mfa: unrecognized option",
            "did you mean -maf?",
        ),
        (
            "lmm -BFILE s",
            "-BFILE: unrecognized option",
            "did you mean -bfile?",
        ),
        (
            "lmm -bfile s --save_kinship",
            "--save_kinship: unrecognized option",
            "did you mean --save-kinship?",
        ),
        (
            "lmm -bfile s --covra x",
            "--covra: unrecognized option",
            "did you mean --covar?",
        ),
        (
            "gk -bfile s --log10p",
            "--log10p: this command does not have the option",
            "`jamma lmm`",
        ),
        ("lmm -bfile s -x 3", "-x: unrecognized option", "--help"),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        let (error, hint) = rejected(bench.path(), &words);
        assert!(error.contains(said), "{words:?}: {error}");
        assert!(hint.contains(expected_hint), "{words:?}: {hint}");
    }
}

#[test]
fn other_files_than_plink_prefixes_come_with_their_conversion() {
    let bench = bench();
    let here = bench.path();
    for name in ["g.vcf.gz", "g.bgen", "h.pgen", "g.bcf", "g.vcf", "s.bed"] {
        let path = here.join(name);
        if !path.exists() {
            std::fs::write(path, "x").unwrap();
        }
    }
    std::fs::create_dir(here.join("folder")).unwrap();
    std::fs::copy(here.join("s.bed"), here.join("folder/t.bed")).unwrap();
    for (given, said, expected_hint) in [
        ("g.vcf.gz", "g.vcf.gz is a VCF file", "give --vcf g.vcf.gz"),
        ("g.vcf", "g.vcf is a VCF file", "give --vcf g.vcf "),
        ("g.bcf", "g.bcf is a BCF file", "give --vcf g.bcf "),
        (
            "g.bgen",
            "g.bgen is a BGEN file",
            "--bgen g.bgen --sample g.sample instead of -bfile",
        ),
        (
            "h.pgen",
            "h.pgen is a PLINK 2 file",
            "give --pfile h instead of -bfile",
        ),
        (
            "missing.bgen",
            "missing.bgen is a BGEN file",
            "--bgen missing.bgen",
        ),
        (
            "h",
            "there is no h.bed; h.pgen is a PLINK 2 file",
            "give --pfile h instead of -bfile",
        ),
        ("s.bed", "s.bed is a file", "-bfile s"),
        ("s.fam", "s.fam is a file", "-bfile s"),
        ("s.", "s. is a prefix that ends with a dot", "-bfile s"),
        ("folder", "folder is a directory", "-bfile folder/t"),
    ] {
        for command in ["lmm", "gk", "eigen"] {
            let (error, hint) = rejected(here, &[command, "-bfile", given]);
            assert!(
                error.contains(&format!("-bfile: {said}")),
                "{given}: {error}"
            );
            assert!(hint.contains(expected_hint), "{given}: {hint}");
        }
    }
    let run = jamma_in(here, "lmm -bfile nowhere");
    assert_eq!(run.status, 1);
    assert!(
        run.stderr.contains("nowhere.bed: cannot open"),
        "{}",
        run.stderr
    );
    assert!(
        !here.join("output").exists()
            || std::fs::read_dir(here.join("output")).unwrap().count() == 0
    );
}

#[test]
fn help_and_version_are_found_under_the_names_that_people_try() {
    let nowhere = tempfile::tempdir().unwrap();
    let said = |words: &str| jamma_in(nowhere.path(), words).ok().stdout;
    for words in ["help", "-?", "help help"] {
        assert_eq!(said(words), said("--help"), "{words}");
    }
    for command in ["gk", "eigen", "lmm", "demo"] {
        for words in [
            format!("help {command}"),
            format!("{command} help"),
            format!("--help {command}"),
        ] {
            assert_eq!(said(&words), said(&format!("{command} --help")), "{words}");
        }
        let words = format!("-h {command}");
        assert_eq!(said(&words), said(&format!("{command} -h")), "{words}");
    }
    for words in ["version", "help version", "lmm --version", "lmm version"] {
        assert_eq!(said(words), said("--version"), "{words}");
    }
    assert!(said("help -maf").starts_with("-maf FREQUENCY: "));
    let (error, hint) = rejected(nowhere.path(), &["help", "lnm"]);
    assert!(error.contains("lnm: no such command or option"), "{error}");
    assert!(hint.contains("jamma help lmm"), "{hint}");
    let help = said("lmm --help");
    for letter in ["p", "n", "c", "k", "d", "u", "o"] {
        assert!(!help.contains(&format!("--{letter} ")), "{letter}: {help}");
        assert!(
            help.contains(&format!("\n  -{letter} ")),
            "{letter}: {help}"
        );
    }
}

#[test]
fn a_repeated_option_is_noted_and_the_last_one_counts() {
    let bench = bench();
    for (words, note) in [
        (
            "-maf 0.5 -maf 0.2",
            "note: -maf is given twice; the last one counts, as in GEMMA: -maf 0.2",
        ),
        (
            "--maf=0.5 -maf 0.3 -maf=0.2",
            "note: -maf is given 3 times; the last one counts, as in GEMMA: -maf 0.2",
        ),
        (
            "-maf 0.2 -b x -bfile s",
            "note: -bfile is given 3 times; the last one counts, as in GEMMA: -bfile s",
        ),
        (
            "-maf 0.2 -n 7 -n 1",
            "note: -n is given twice; the last one counts, as in GEMMA: -n 1",
        ),
        (
            "-maf 0.2 -lmm 3 -fa 1",
            "note: -lmm is given twice; the last one counts, as in GEMMA: -lmm 1",
        ),
    ] {
        let run = jamma_in(bench.path(), &format!("lmm -bfile s {words}")).ok();
        assert!(
            run.stderr.lines().any(|line| line == note),
            "{words}: {}",
            run.stderr
        );
        let log = std::fs::read_to_string(bench.path().join("output/result.log.txt")).unwrap();
        assert!(log.contains(&format!("## {note}\n")), "{words}: {log}");
        let assoc = std::fs::read(bench.path().join("output/result.assoc.txt")).unwrap();
        jamma_in(bench.path(), "lmm -bfile s -maf 0.2 -o once").ok();
        let once = std::fs::read(bench.path().join("output/once.assoc.txt")).unwrap();
        assert!(assoc == once, "{words}");
    }
    let run = jamma_in(bench.path(), "lmm -bfile s -lmm 1 -o x").ok();
    assert!(!run.stderr.contains("given"), "{}", run.stderr);
    let run = jamma_in(bench.path(), "lmm -bfile s -n 1 2");
    assert_eq!(run.status, 2);
    assert!(
        run.stderr
            .contains("-n: 2 phenotype columns need the multivariate model"),
        "{}",
        run.stderr
    );
    let run = jamma_in(bench.path(), "demo -o a -o b").ok();
    assert!(
        run.stderr.contains("note: -o is given twice"),
        "{}",
        run.stderr
    );
}
