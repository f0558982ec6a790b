//! Every mistake is one error that names the place and the cure.

use super::super::properties::Bench;
use super::super::simulate::Study;
use super::Fixture;
use jamma::assoc::lmm::Lmm;
use jamma::backend::CpuBackend;
use jamma::genotype::Encoding;
use jamma::io::bim::SnpTable;
use jamma::io::fam::Individual;
use jamma::pipeline::{
    Analysis, Columns, GenotypeInput, Input, Job, PhenotypeColumns, Setting, TraitFile, Traits, run,
};
use jamma::progress::Silent;
use jamma::sources::{BedSource, GenotypeBlocks, GenotypeSource};
use std::ops::Range;
use std::sync::Arc;

/// Asserts that `words` are rejected with a message that contains all of `expected`.
fn assert_rejected(bench: &Bench, words: &str, expected: &[&str]) {
    let error = bench.rejected(&format!("lmm -bfile s {words} -o never"));
    for text in expected {
        assert!(error.contains(text), "{words}: {text}: {error}");
    }
    assert!(!bench.output("never.assoc.txt").exists());
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table of cases")]
fn cells_and_rows_are_named() {
    let fixture = Fixture::new();
    let bench = &fixture.bench;
    let good = fixture.text(&["FID", "IID"], "\t");
    let third = good.lines().nth(2).unwrap().to_owned();
    let y = third.split('\t').nth(2).unwrap().to_owned();
    let replaced = |cell: &str| good.replacen(&format!("\t{y}\t"), &format!("\t{cell}\t"), 1);
    let iid = third.split('\t').nth(1).unwrap();
    for (text, words, expected) in [
        (
            replaced("12,5"),
            "--pheno t",
            &["t:3: y of F", iid, "is \"12,5\"", "decimal comma"][..],
        ),
        (
            replaced("?"),
            "--pheno t",
            &["t:3: y of", "\"?\", expected a number", "--missing-code"],
        ),
        (
            replaced("?"),
            "--covar t --covar-name y,PC1",
            &["t:3: y of", "\"?\"", "--cat-covar y"],
        ),
        (replaced("inf"), "--pheno t", &["t:3: y of", "\"inf\""]),
        (
            replaced("1\t2"),
            "--pheno t",
            &["t:3: the row has 9 columns, but the header has 8"],
        ),
        (
            format!("{good}{third}\n"),
            "--pheno t",
            &["t:62: duplicate individual F", "first on line 3"],
        ),
        (
            good.replacen("FID\tIID", "a\tb", 1),
            "--pheno t",
            &["t:1: the first line names no column of ids", "read with -p"],
        ),
        (
            good.replacen("FID\tIID", "a\tb", 1),
            "--covar t",
            &["read with -c"],
        ),
        (
            good.replacen("\tz\t", "\ty\t", 1),
            "--pheno t",
            &["t:1: columns 3 and 4 are both called \"y\""],
        ),
        (
            good.lines().next().unwrap().to_owned(),
            "--pheno t",
            &["has a header, but no rows"],
        ),
        (
            String::new(),
            "--pheno t",
            &["the file is empty", "omit --pheno"],
        ),
        (
            good.replace("\tI", "\tJ").replacen("\tJID", "\tIID", 1),
            "--pheno t",
            &["no row has the id of an individual of the genotypes"],
        ),
        (
            good.replace("\nF", "\nG"),
            "--pheno t",
            &["individual ids agree, but family ids differ"],
        ),
        (
            good.replacen("\tA\n", "\t\"A\n", 1),
            "--pheno t",
            &["a quotation mark is not closed"],
        ),
        (
            good.clone(),
            "--pheno t --pheno-name height",
            &["--pheno-name: t has no column \"height\" besides the ids; it has y, z, age"],
        ),
        (
            good.clone(),
            "--pheno t --pheno-name Y",
            &["the file has y"],
        ),
        (
            good.clone(),
            "--pheno t --pheno-name IID",
            &["no column \"IID\" besides the ids"],
        ),
        (
            good.clone(),
            "--pheno t -n 7",
            &["-n: column 7 does not exist: t has 6 columns besides the ids"],
        ),
        (
            good.clone(),
            "--pheno t --traits 1,9",
            &["--traits: column 9"],
        ),
        (
            good.clone(),
            "--pheno t --covar t",
            &[
                "--covar: y is a covariate and the name of a phenotype",
                "--covar-name",
            ],
        ),
        (
            good.clone(),
            "--covar t --covar-name PC1-PC5",
            &["range PC1-PC5: t has no column \"PC3\""],
        ),
        (
            good.clone(),
            "--covar t --covar-name PC1 --cat-covar site",
            &["--cat-covar: a categorical covariate is not among"],
        ),
        (
            good.clone(),
            "--pheno t --covar t --covar-name age --cat-covar age",
            &["t: categorical covariate age: each individual has a level of its own"],
        ),
    ] {
        bench.write("t", text);
        assert_rejected(bench, words, expected);
    }
}

#[test]
fn options_that_contradict_each_other_are_errors() {
    let fixture = Fixture::new();
    let bench = &fixture.bench;
    bench.write("t", fixture.text(&["IID"], ","));
    fixture.write_positional("p.txt", &["y"]);
    for (words, expected) in [
        ("--pheno t -p p.txt", "--pheno: -p is given too"),
        ("--covar t -c p.txt", "--covar: -c is given too"),
        ("--pheno-name y", "--pheno-name: there is no table"),
        ("-p p.txt --pheno-name y", "--pheno-name: there is no table"),
        ("--covar-name y", "--covar-name: there is no table"),
        ("-c p.txt --cat-covar y", "--cat-covar: there is no table"),
        (
            "-p p.txt --missing-code -9",
            "--missing-code: it is for tables",
        ),
        ("--pheno t --pheno-name y -n 1", "also chosen with -n"),
        (
            "--pheno t --pheno-name y --traits all",
            "also chosen with --traits",
        ),
        (
            "--pheno t --pheno-name y,,z",
            "expected words separated by commas",
        ),
        ("--pheno t --pheno-name y,y", "column y is listed twice"),
        ("--pheno none.txt", "none.txt: cannot open"),
    ] {
        assert_rejected(bench, words, &[expected]);
    }
    let error = bench.rejected("gk -bfile s --kinship-qc all --pheno t");
    assert!(error.contains("does not depend on phenotypes"), "{error}");
}

#[test]
fn files_without_a_header_lead_to_tables() {
    let fixture = Fixture::new();
    let bench = &fixture.bench;
    bench.write("t", fixture.text(&["FID", "IID"], " "));
    assert_rejected(
        bench,
        "-p t",
        &["looks like a header", "read with --pheno or --covar"],
    );
    assert_rejected(
        bench,
        "-c t",
        &["looks like a header", "read with --pheno or --covar"],
    );
    let rows = fixture.text(&["FID", "IID"], " ");
    bench.write("t", rows.split_once('\n').unwrap().1);
    assert_rejected(bench, "-p t", &["-n 3", "with --pheno"]);
}

#[test]
fn one_iid_in_two_families_needs_both_ids() {
    let mut study = Study::simulate(620, 12, 20);
    for (i, (fid, iid)) in study.individuals.iter_mut().enumerate() {
        (*fid, *iid) = (format!("F{}", i / 6), format!("I{}", i % 6));
    }
    let bench = Bench::new(&study);
    let rows = study.individuals.iter().zip(&study.phenotype).rev();
    let with_fid = rows
        .clone()
        .map(|((fid, iid), y)| format!("{fid} {iid} {y}\n"));
    bench.write("t", format!("FID IID y\n{}", with_fid.collect::<String>()));
    bench.run("lmm -bfile s --pheno t -o x");
    bench.run("lmm -bfile s -o y");
    assert!(bench.bytes("x.assoc.txt") == bench.bytes("y.assoc.txt"));
    let only_iid = rows.take(6).map(|((_, iid), y)| format!("{iid} {y}\n"));
    bench.write("t", format!("IID y\n{}", only_iid.collect::<String>()));
    assert_rejected(
        &bench,
        "--pheno t",
        &[
            "is that of two individuals of the genotypes, F0 I",
            "F1 I",
            "the table has no FID",
        ],
    );
}

/// The genotypes of PLINK files, as if they had no ids.
#[derive(Debug)]
struct WithoutIds(BedSource);

impl GenotypeSource for WithoutIds {
    fn individuals(&self) -> &[Individual] {
        self.0.individuals()
    }

    fn snps(&self) -> Option<&Arc<SnpTable>> {
        self.0.snps()
    }

    fn encoding(&self) -> Encoding {
        self.0.encoding()
    }

    fn blocks(
        &self,
        snps: Range<usize>,
        block_snps: usize,
    ) -> jamma::Result<Box<dyn GenotypeBlocks>> {
        self.0.blocks(snps, block_snps)
    }

    fn has_ids(&self) -> bool {
        false
    }
}

#[test]
fn genotypes_without_ids_have_no_tables_with_ids() {
    let fixture = Fixture::new();
    let path = fixture.bench.file("t");
    fixture.bench.write("t", fixture.text(&["IID"], ","));
    let source = BedSource::open(&fixture.bench.file("s")).unwrap();
    let mut job = Job::new("", Analysis::lmm(Lmm::default()));
    job.genotypes = GenotypeInput::Source(Arc::new(WithoutIds(source)));
    job.files = None;
    job.traits = Traits {
        phenotypes: Input::File(PhenotypeColumns {
            file: Some(TraitFile::WithIds(path)),
            columns: Columns::Listed(vec![1]),
        }),
        ..Traits::default()
    };
    let error = run(job, Setting::new(&CpuBackend, &Silent)).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("--pheno: the individuals of the genotypes have no ids"),
        "{error}"
    );
}
