//! GWAS-SSF: our check of the rules of the columns; the official validator checks a table in tests/test_formats.py.

use super::{bench, bim, table};
use crate::common::Table;
use crate::properties::Bench;

/// Asserts the rules of the mandatory columns, and that rs, n and info have their form.
fn assert_valid(table: &Table) {
    let mandatory = [
        "chromosome",
        "base_pair_location",
        "effect_allele",
        "other_allele",
        "beta",
        "standard_error",
        "effect_allele_frequency",
    ];
    assert_eq!(table.header[..7], mandatory);
    let p = table.header[7].as_str();
    assert!(["p_value", "neg_log_10_p_value"].contains(&p), "{p}");
    for chr in table.numbers("chromosome") {
        assert!((1.0..=25.0).contains(&chr) && chr.fract() == 0.0);
    }
    assert!(
        table
            .numbers("base_pair_location")
            .iter()
            .all(|ps| *ps >= 1.0)
    );
    for name in ["effect_allele", "other_allele"] {
        for allele in table.texts(name) {
            assert!(!allele.is_empty() && allele.bytes().all(|b| b"ACGT".contains(&b)));
        }
    }
    assert!(table.numbers("beta").iter().all(|x| x.is_finite()));
    assert!(table.numbers("standard_error").iter().all(|x| *x >= 0.0));
    let is_fraction = |x: &f64| (0.0..=1.0).contains(x);
    assert!(
        table
            .numbers("effect_allele_frequency")
            .iter()
            .all(is_fraction)
    );
    let is_p = |x: &f64| {
        if p == "p_value" {
            *x > 0.0 && *x <= 1.0
        } else {
            *x >= 0.0
        }
    };
    assert!(table.numbers(p).iter().all(is_p));
    for rsid in table.texts("rsid") {
        let digits = rsid.strip_prefix("rs").unwrap_or("x");
        assert!(
            rsid == "#NA" || digits.bytes().all(|b| b.is_ascii_digit()),
            "{rsid}"
        );
    }
}

#[test]
fn the_table_follows_the_rules_and_has_the_wald_p_in_mode_4() {
    let bench = bench();
    for (mode, p) in [
        ("-lmm 4", "p_wald"),
        ("-lmm 2", "p_lrt"),
        ("-lmm 3", "p_score"),
    ] {
        bench.run(&format!(
            "lmm -bfile s {mode} --output-format gemma,ssf -o r"
        ));
        let (ours, ssf) = (bench.assoc("r"), table(&bench, "r.ssf.tsv.gz"));
        assert_valid(&ssf);
        assert_eq!(ssf.texts("p_value"), ours.texts(p), "{mode}");
        assert_eq!(ssf.texts("rsid"), ours.texts("rs"));
        let named = |chr: String| if chr == "X" { "23".to_owned() } else { chr };
        let chromosomes: Vec<String> = ours.texts("chr").into_iter().map(named).collect();
        assert_eq!(ssf.texts("chromosome"), chromosomes);
    }
    bench.run("lmm -bfile s --log10p --output-format ssf -o r");
    let ssf = table(&bench, "r.ssf.tsv.gz");
    assert_eq!(ssf.header[7], "neg_log_10_p_value");
    assert_valid(&ssf);
}

#[test]
fn the_metadata_has_the_checksum_and_the_numbers_of_the_run() {
    let bench = bench();
    bench.run("lmm -bfile s --output-format ssf -o r");
    let metadata = std::fs::read_to_string(bench.output("r.ssf.tsv.gz-meta.yaml")).unwrap();
    for line in [
        "data_file_name: \"r.ssf.tsv.gz\"",
        "file_type: GWAS-SSF v1.0",
        "  - sample_size: 80",
        "is_sorted: true",
        "coordinate_system: 1-based",
    ] {
        assert!(
            metadata.lines().any(|found| found == line),
            "{line}\n{metadata}"
        );
    }
    let md5 = std::process::Command::new("md5sum")
        .arg(bench.output("r.ssf.tsv.gz"))
        .output();
    if let Ok(md5) = md5 {
        let digits = String::from_utf8(md5.stdout).unwrap()[..32].to_owned();
        assert!(
            metadata.contains(&format!("data_file_md5sum: {digits}\n")),
            "{metadata}"
        );
    }
}

/// The notes of a run on SNPs that are left out.
fn note(bench: &Bench) -> String {
    let log = bench.log("r");
    let mut notes = log
        .lines()
        .filter(|line| line.contains("GWAS-SSF cannot hold"));
    let note = notes.next().unwrap_or_default().to_owned();
    assert!(notes.next().is_none());
    note
}

#[test]
fn snps_that_the_format_cannot_hold_are_left_out_and_counted() {
    let bench = bench();
    bench.run("lmm -bfile s --output-format ssf -o r");
    assert_eq!(note(&bench), "");
    bench.write(
        "s.bim",
        bim(&["1", "25", "LG3"], |j| j as u64).replace("AT\t", "<DEL>\t"),
    );
    bench.run("lmm -bfile s -notsnp -miss 1 --all-snps --output-format gemma,ssf -o r");
    let ssf = table(&bench, "r.ssf.tsv.gz");
    assert_valid(&ssf);
    // Of the 100 SNPs of chromosome 1, the first has no position and ten are deletions.
    assert_eq!(ssf.rows.len(), 89);
    let note = note(&bench);
    for part in [
        "200 on another chromosome than 1 to 22, X, Y and MT",
        "1 without a position",
        "10 with other letters than ACGT in an allele",
    ] {
        assert!(note.contains(part), "{note}");
    }
    bench.write("s.bim", bim(&["0", "25", "LG3"], |j| j as u64 + 1));
    let said = bench.rejected("lmm -bfile s --output-format ssf -o none");
    assert!(
        said.contains("GWAS-SSF can hold none of these SNPs"),
        "{said}"
    );
}
