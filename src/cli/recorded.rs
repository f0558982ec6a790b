//! Tests that the record of a run (`PREFIX.run.json`) has every option of the command line.

use super::options::{Entry, TABLE};
use super::resolve::{Given, job};
use super::{parser, spelling};
use crate::output::json::Json;
use std::ffi::OsString;

/// Members of `options` in the record that are no options.
const NO_OPTIONS: [&str; 1] = ["analysis"];

/// Options that the record has elsewhere or not at all, and why.
const EXCEPTIONS: [(&str, &str); 13] = [
    ("backend", "machine.backend names the backend that was used"),
    ("part", "the record is that of the run, not of its parts"),
    ("merge", "its files are parts of the run"),
    ("dask", "it changes only where the run computes"),
    ("silence", "it changes only what the terminal shows"),
    ("check", "ignored, accepted for GEMMA's sake"),
    ("no-check", "ignored"),
    ("no-fpe-check", "ignored"),
    ("strict", "ignored"),
    ("legacy", "ignored"),
    ("debug", "ignored"),
    ("pace", "ignored"),
    ("issue", "ignored"),
];

/// For each option a command line that uses it, and its value in the record.
const USES: &[(&str, &str, &str)] = &[
    ("bfile", "lmm -bfile d", "\"d\""),
    ("g", "lmm -g d.txt -p y", "\"d.txt\""),
    ("a", "lmm -g d.txt -a a.txt -p y", "\"a.txt\""),
    ("bgen", "lmm --bgen d.bgen -p y", "\"d.bgen\""),
    (
        "sample",
        "lmm --bgen d.bgen --sample d.sample -p y",
        "\"d.sample\"",
    ),
    (
        "bgen-ref",
        "lmm --bgen d.bgen --bgen-ref last -p y",
        "\"last\"",
    ),
    ("pfile", "lmm --pfile d", "\"d\""),
    ("vcf", "lmm --vcf d.vcf -p y", "\"d.vcf\""),
    ("dosage", "lmm --vcf d.vcf --dosage GP -p y", "\"GP\""),
    ("numeric", "lmm --numeric d.tsv -p y", "\"d.tsv\""),
    ("snp-map", "lmm --numeric d.tsv --snp-map m -p y", "\"m\""),
    ("ploidy", "lmm --numeric d.tsv --ploidy 4 -p y", "4"),
    (
        "no-dosage-range",
        "lmm --numeric d.tsv --no-dosage-range -p y",
        "true",
    ),
    ("zarr", "lmm --zarr d.zarr -p y", "\"d.zarr\""),
    (
        "hard-call-threshold",
        "lmm --pfile d --hard-call-threshold 0.2",
        "0.2",
    ),
    ("p", "lmm -bfile d -p y.txt", "\"y.txt\""),
    ("n", "lmm -bfile d -n 3", "[3]"),
    ("traits", "lmm -bfile d --traits 2,4", "[2, 4]"),
    ("c", "lmm -bfile d -c c.txt", "\"c.txt\""),
    ("pheno", "lmm -bfile d --pheno y.tsv", "\"y.tsv\""),
    (
        "pheno-name",
        "lmm -bfile d --pheno y.tsv --pheno-name a,b",
        "[\"a\", \"b\"]",
    ),
    ("covar", "lmm -bfile d --covar c.tsv", "\"c.tsv\""),
    (
        "covar-name",
        "lmm -bfile d --covar c.tsv --covar-name age",
        "[\"age\"]",
    ),
    (
        "cat-covar",
        "lmm -bfile d --covar c.tsv --cat-covar site",
        "[\"site\"]",
    ),
    ("gxe", "lmm -bfile d --covar c.tsv --gxe sun", "\"sun\""),
    ("gxe-file", "lmm -bfile d --gxe-file e.txt", "\"e.txt\""),
    ("interaction", "lmm -bfile d --interaction rs1", "\"rs1\""),
    (
        "gxe-effects",
        "lmm -bfile d --gxe-file e.txt --gxe-effects",
        "true",
    ),
    ("widv", "lmm -bfile d -widv w.txt", "\"w.txt\""),
    ("weights", "lmm -bfile d --covar c.tsv --weights w", "\"w\""),
    (
        "gemma-widv",
        "lmm -bfile d -widv w.txt --gemma-widv",
        "true",
    ),
    (
        "replicates",
        "lmm -bfile d --pheno y.tsv --replicates weighted",
        "\"weighted\"",
    ),
    (
        "missing-code",
        "lmm -bfile d --pheno y.tsv --missing-code -9,-99",
        "[\"-9\", \"-99\"]",
    ),
    ("rint", "lmm -bfile d --rint", "true"),
    ("standardize", "lmm -bfile d --standardize", "true"),
    ("k", "lmm -bfile d -k k.txt", "\"k.txt\""),
    ("km", "lmm -bfile d -k k.txt -km 2", "2"),
    ("k2", "lmm -bfile d -k2 k2.txt", "\"k2.txt\""),
    ("km2", "lmm -bfile d -k2 k2.txt -km2 2", "2"),
    ("keep", "lmm -bfile d --keep ids", "\"ids\""),
    ("remove", "lmm -bfile d --remove ids", "\"ids\""),
    ("sex-from", "lmm -bfile d --sex-from sex.tsv", "\"sex.tsv\""),
    ("chr-set", "lmm -bfile d --chr-set mouse", "\"mouse\""),
    (
        "x-model",
        "lmm -bfile d --chr-set mouse --x-model 1",
        "\"1\"",
    ),
    ("par", "lmm -bfile d --chr-set mouse --par 5-9", "\"5-9\""),
    ("d", "lmm -bfile d -d values -u vectors", "\"values\""),
    ("u", "lmm -bfile d -d values -u vectors", "\"vectors\""),
    ("gk", "gk -bfile d -gk 2", "2"),
    ("eigen", "eigen -bfile d", "true"),
    ("lmm", "lmm -bfile d -lmm 9", "9"),
    ("lm", "lm -bfile d -lm 4", "4"),
    ("model", "lm -bfile d --model recessive", "\"recessive\""),
    ("lmin", "lmm -bfile d -lmin 0.5", "0.5"),
    ("lmax", "lmm -bfile d -lmax 50", "50.0"),
    ("region", "lmm -bfile d -region 20", "20"),
    ("rotation", "lmm -bfile d --rotation f32", "\"f32\""),
    ("kinship-qc", "gk -bfile d --kinship-qc all", "\"all\""),
    ("loco", "lmm -bfile d -loco 3", "\"3\""),
    ("loco-min-snps", "lmm -bfile d -loco --loco-min-snps 7", "7"),
    ("permutations", "lmm -bfile d --permutations 50", "50"),
    (
        "condition",
        "lmm -bfile d --condition rs1,rs2",
        "[\"rs1\", \"rs2\"]",
    ),
    ("stepwise", "lmm -bfile d --stepwise 0.001", "0.001"),
    (
        "stepwise-max",
        "lmm -bfile d --stepwise 0.001 --stepwise-max 3",
        "3",
    ),
    ("effective-tests", "lmm -bfile d --effective-tests", "true"),
    ("miss", "lmm -bfile d -miss 0.25", "0.25"),
    ("maf", "lmm -bfile d -maf 0.125", "0.125"),
    ("hwe", "lmm -bfile d -hwe 0.001", "0.001"),
    ("r2", "lmm -bfile d -r2 0.5", "0.5"),
    ("r2-centred", "lmm -bfile d --r2-centred", "true"),
    ("notsnp", "lmm -bfile d -notsnp", "true"),
    ("snps", "lmm -bfile d -snps s.txt", "\"s.txt\""),
    ("ksnps", "lmm -bfile d -ksnps k.txt", "\"k.txt\""),
    (
        "effect-allele",
        "lmm -bfile d --effect-allele a.txt",
        "\"a.txt\"",
    ),
    ("info", "lmm -bfile d --info 0.3", "0.3"),
    ("extract", "lmm -bfile d --extract e.txt", "\"e.txt\""),
    ("exclude", "lmm -bfile d --exclude e.txt", "\"e.txt\""),
    ("chr", "lmm -bfile d --chr chr1-4,X", "\"1-4,X\""),
    ("from-bp", "lmm -bfile d --chr 2 --from-bp 10", "10"),
    ("to-bp", "lmm -bfile d --chr 2 --to-bp 99", "99"),
    ("o", "lmm -bfile d -o name", "\"name\""),
    ("outdir", "lmm -bfile d -outdir there", "\"there\""),
    ("format", "gk -bfile d --format npy", "\"npy\""),
    ("gz", "lmm -bfile d --gz", "true"),
    (
        "output-format",
        "lmm -bfile d --output-format bgz,gemma",
        "[\"gemma\", \"bgz\"]",
    ),
    (
        "columns",
        "lmm -bfile d --output-format tsv.gz --columns htp",
        "\"htp\"",
    ),
    ("effects", "lmm -bfile d -lmm 2 --effects", "true"),
    ("save-kinship", "lmm -bfile d --save-kinship", "true"),
    ("log10p", "lmm -bfile d --log10p", "true"),
    ("odds", "lmm -bfile d --odds", "true"),
    ("with-info", "lmm -bfile d --with-info", "true"),
    ("all-snps", "lmm -bfile d --all-snps", "true"),
    ("long", "lmm -bfile d --traits all --long", "true"),
    ("report", "lmm -bfile d --report", "true"),
    ("threads", "lmm -bfile d --threads 1", "1"),
    ("block-snps", "lmm -bfile d --block-snps 64", "64"),
    ("memory", "lmm -bfile d --memory 1.5", "1.5"),
    ("eigen-cache", "lmm -bfile d --eigen-cache kept", "\"kept\""),
    ("fail-fast", "lmm -bfile d --traits all --fail-fast", "true"),
    ("seed", "lmm -bfile d --permutations 5 -seed 11", "11"),
];

/// The options of the job that a command line describes.
fn options(line: &str) -> Vec<(&'static str, Json)> {
    let typed = std::iter::once("jamma").chain(line.split_whitespace());
    let typed: Vec<OsString> = typed.map(OsString::from).collect();
    let words = spelling::words(&typed).unwrap_or_else(|error| panic!("{line}: {error}"));
    let args = parser::parse(&words, &typed, || Ok("rust".into()));
    let args = args.unwrap_or_else(|error| panic!("{line}: {error}"));
    let args = args.expect("no help is asked for");
    let job = job(&args, Given::default(), line.into());
    job.unwrap_or_else(|error| panic!("{line}: {error}"))
        .options()
}

fn is_exception(name: &str) -> bool {
    EXCEPTIONS.iter().any(|(known, _)| *known == name)
}

#[test]
fn every_option_is_in_the_record_or_an_exception_with_a_reason() {
    for line in [
        "lmm -bfile d",
        "lm -bfile d",
        "gk -bfile d",
        "eigen -bfile d",
        "lmm -bfile d -lmm 5",
    ] {
        let recorded = options(line);
        let mut names: Vec<&str> = recorded.iter().map(|(name, _)| *name).collect();
        names.retain(|name| !NO_OPTIONS.contains(name));
        names.sort_unstable();
        let mut expected: Vec<&str> = TABLE.iter().map(Entry::name).collect();
        expected.retain(|name| !is_exception(name));
        expected.sort_unstable();
        assert_eq!(names, expected, "{line}");
    }
    for (name, reason) in EXCEPTIONS {
        assert!(TABLE.iter().any(|entry| entry.name() == name), "{name}");
        assert!(!reason.is_empty());
    }
}

#[test]
fn the_record_has_the_value_of_every_option() {
    for entry in TABLE {
        let name = entry.name();
        let used = USES.iter().find(|(known, ..)| *known == name);
        let Some((_, line, expected)) = used else {
            assert!(is_exception(name), "{name}: no command line uses it");
            continue;
        };
        let recorded = options(line);
        let (_, found) = recorded.iter().find(|(known, _)| *known == name).unwrap();
        assert_eq!(found.to_string(), *expected, "{line}");
        // The value must come from the option.
        let command = line.split(' ').next().unwrap();
        let of_default = options(&format!("{command} -bfile other"));
        let (_, default) = of_default.iter().find(|(known, _)| *known == name).unwrap();
        let has_no_other = ["lmm", "eigen"].contains(&name) && *expected == "true";
        assert!(found != default || has_no_other, "{name}: {default}");
    }
}

#[test]
fn the_schema_has_every_member_of_the_options() {
    let schema = include_str!("../../docs/run.schema.json");
    let (_, of_options) = schema.split_once("\"options\": {").unwrap();
    for (name, _) in options("lmm -bfile d") {
        assert!(of_options.contains(&format!("\"{name}\": ")), "{name}");
    }
}
