//! The column sets of other programs, and effects in every mode.

use super::{bench, table};
use crate::common::{Table, relative_difference};

/// Half a unit of the last of seven printed digits, and rounding of the other table.
const PRINTED: f64 = 1e-6;

fn assert_close(words: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!(relative_difference(*a, *b) < PRINTED, "{words}: {a} {b}");
    }
}

/// The header of a set of columns, and its columns of id, effect allele, other allele, frequency, effect and p (or −log₁₀ p).
const SETS: [(&str, &str, [&str; 6]); 4] = [
    (
        "regenie",
        "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA",
        ["ID", "ALLELE1", "ALLELE0", "A1FREQ", "BETA", "LOG10P"],
    ),
    (
        "plink2",
        "#CHROM POS ID REF ALT A1 OMITTED A1_FREQ TEST OBS_CT BETA SE T_STAT P ERRCODE",
        ["ID", "A1", "OMITTED", "A1_FREQ", "BETA", "P"],
    ),
    (
        "metal",
        "MARKER CHR POS ALLELE1 ALLELE2 FREQ N EFFECT STDERR PVALUE LOG10P",
        ["MARKER", "ALLELE1", "ALLELE2", "FREQ", "EFFECT", "PVALUE"],
    ),
    (
        "htp",
        "Name Chr Pos Ref Alt Trait Cohort Model Effect LCI_Effect UCI_Effect Pval AAF Num_Cases Cases_Ref Cases_Het Cases_Alt Num_Controls Controls_Ref Controls_Het Controls_Alt Info",
        ["Name", "Alt", "Ref", "AAF", "Effect", "Pval"],
    ),
];

#[test]
fn other_programs_columns_have_their_names_and_the_numbers_of_gemmas() {
    let bench = bench();
    for (command, mode, p) in [
        ("lmm", "-lmm 1", "p_wald"),
        ("lmm", "-lmm 4", "p_wald"),
        ("lmm", "-lmm 3", "p_score"),
        ("lmm", "-lmm 2 --effects", "p_lrt"),
        ("lm", "-lm 1", "p_wald"),
        ("lm", "-lm 2 --effects", "p_lrt"),
    ] {
        for (set, header, names) in SETS {
            let words = format!("{command} -bfile s {mode} --columns {set}");
            bench.run(&format!("{words} --output-format gemma,tsv.gz -o r"));
            let (ours, theirs) = (bench.assoc("r"), table(&bench, "r.assoc.tsv.gz"));
            assert_eq!(theirs.header.join(" "), header);
            let [id, effect, other, af, beta, p_name] = names;
            assert_eq!(theirs.texts(id), ours.texts("rs"));
            assert_eq!(theirs.texts(effect), ours.texts("allele1"));
            assert_eq!(theirs.texts(other), ours.texts("allele0"));
            let three = |x: &f64| format!("{x:.3}");
            let rounded: Vec<String> = theirs.numbers(af).iter().map(three).collect();
            assert_eq!(rounded, ours.texts("af"));
            assert_close(&words, &theirs.numbers(beta), &ours.numbers("beta"));
            let mut found = theirs.numbers(p_name);
            if set == "regenie" {
                found.iter_mut().for_each(|log| *log = 10_f64.powf(-*log));
            }
            // Seven digits of the logarithm are fewer of p.
            for (a, b) in found.iter().zip(ours.numbers(p)) {
                assert!(relative_difference(*a, b) < 1e-5, "{words}: {a} {b}");
            }
        }
    }
}

#[test]
fn carriers_in_htp_are_all_individuals_with_a_call() {
    let bench = bench();
    bench.run("lmm -bfile s --output-format tsv.gz --columns htp -o r");
    let found = table(&bench, "r.assoc.tsv.gz");
    let [n, none, one, two, af] =
        ["Num_Cases", "Cases_Ref", "Cases_Het", "Cases_Alt", "AAF"].map(|name| found.numbers(name));
    for i in 0..n.len() {
        assert_eq!(none[i] + one[i] + two[i], n[i]);
        let expected = (one[i] + 2.0 * two[i]) / (2.0 * n[i]);
        assert!(relative_difference(af[i], expected) < PRINTED);
    }
}

#[test]
fn the_likelihood_ratio_test_has_the_effects_of_another_mode_on_request() {
    let bench = bench();
    for (command, mode, other) in [("lmm", "-lmm 2", "-lmm 9"), ("lm", "-lm 2", "-lm 1")] {
        bench.run(&format!("{command} -bfile s {mode} -o without"));
        bench.run(&format!("{command} -bfile s {mode} --effects -o with"));
        bench.run(&format!("{command} -bfile s {other} -o other"));
        let [without, with, other] = ["without", "with", "other"].map(|name| bench.assoc(name));
        let n = without.header.len();
        assert_eq!(with.header[..n], without.header);
        assert_eq!(with.header[n..], ["beta", "se"]);
        for (a, b) in with.rows.iter().zip(&without.rows) {
            assert_eq!(a[..n], b[..]);
        }
        for name in ["beta", "se"] {
            assert_eq!(with.texts(name), other.texts(name), "{mode}");
        }
    }
}

#[test]
fn gemmas_table_is_the_same_whatever_else_is_written() {
    let bench = bench();
    for mode in ["-lmm 2", "-lmm 4", "-lmm 1 --log10p"] {
        bench.run(&format!("lmm -bfile s {mode} -o alone"));
        bench.run(&format!(
            "lmm -bfile s {mode} --output-format gemma,tsv.gz,ssf --columns plink2 -o more"
        ));
        assert!(
            bench.bytes("alone.assoc.txt") == bench.bytes("more.assoc.txt"),
            "{mode}"
        );
    }
    let plink = table(&bench, "more.assoc.tsv.gz");
    assert!(
        plink.header.contains(&"LOG10_P".to_owned()),
        "{:?}",
        plink.header
    );
    assert!(!plink.header.contains(&"P".to_owned()));
}

#[test]
fn excluded_snps_are_na_with_their_reason() {
    let bench = bench();
    bench.run("lmm -bfile s -maf 0.3 --all-snps --output-format tsv.gz --columns regenie -o r");
    let found: Table = table(&bench, "r.assoc.tsv.gz");
    let (beta, extra) = (found.texts("BETA"), found.texts("EXTRA"));
    let n_excluded = beta.iter().filter(|cell| *cell == "NA").count();
    assert!(n_excluded > 10);
    for (beta, extra) in beta.iter().zip(&extra) {
        assert_eq!(
            beta == "NA",
            extra.starts_with("excluded_"),
            "{beta} {extra}"
        );
    }
}
