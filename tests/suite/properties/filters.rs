//! The SNP filters: GEMMA's order and bounds, with counts worked out by hand.

use super::Bench;
use crate::common::log_value;
use crate::simulate::{Study, lines_of, text_of};

/// A SNP of `n` individuals with these numbers of 2, 1 and 0 copies and missing calls; the classes are spread over the
/// order.
fn snp(n: usize, two: usize, one: usize, missing: usize) -> Vec<Option<u8>> {
    let call = |k: usize| match k {
        k if k < two => Some(2),
        k if k < two + one => Some(1),
        k if k < two + one + missing => None,
        _ => Some(0),
    };
    // 37 and n are coprime, so this visits each individual once.
    assert!(!n.is_multiple_of(37));
    (0..n).map(|i| call(i * 37 % n)).collect()
}

/// 200 individuals and a SNP for each bound; names are in the comments.
fn bounds() -> Bench {
    let n = 200;
    Bench::new(&Study::of_genotypes(vec![
        snp(n, 0, 4, 0),    // rs0: 4 of 400 alleles, at the bound of -maf 0.01
        snp(n, 0, 3, 0),    // rs1: below it
        snp(n, 196, 4, 0),  // rs2: 396 of 400, at the other bound
        snp(n, 197, 3, 0),  // rs3: beyond it
        snp(n, 50, 90, 10), // rs4: 10 of 200 missing, at the bound of -miss 0.05
        snp(n, 50, 90, 11), // rs5: beyond it
        snp(n, 0, 200, 0),  // rs6: all heterozygous
        snp(n, 200, 0, 0),  // rs7: monomorphic
        snp(n, 0, 0, 200),  // rs8: no call
        snp(n, 100, 0, 0),  // rs9: no heterozygote, HWE violated
        snp(n, 50, 100, 0), // rs10: in equilibrium
        snp(n, 0, 189, 11), // rs11: one class and 11 missing
    ]))
}

fn tested(bench: &Bench, options: &str) -> Vec<String> {
    bench.run(&format!("lmm -bfile s -k k.txt -lmm 3 -o f {options}"));
    let tested = bench.assoc("f").texts("rs");
    assert_eq!(
        log_value(&bench.log("f"), "number of analyzed SNPs/var"),
        tested.len().to_string()
    );
    tested
}

fn with_identity_kinship(bench: Bench, n: usize) -> Bench {
    let rows: Vec<Vec<u8>> = (0..n)
        .map(|i| (0..n).map(|j| u8::from(i == j)).collect())
        .collect();
    bench.write("k.txt", text_of(&rows));
    bench
}

#[test]
fn bounds_are_inclusive_and_snps_without_variation_are_excluded() {
    let bench = with_identity_kinship(bounds(), 200);
    assert_eq!(tested(&bench, ""), ["rs0", "rs2", "rs4", "rs9", "rs10"]);
    let log = bench.log("f");
    let excluded = |reason: &str| log_value(&log, &format!("SNPs excluded, {reason}"));
    assert_eq!(excluded("missingness above -miss"), "3"); // rs5, rs8, rs11
    assert_eq!(excluded("minor allele frequency below -maf"), "3"); // rs1, rs3, rs7
    assert_eq!(excluded("fewer than two genotype classes"), "1"); // rs6
    let table = bench.assoc("f");
    assert_eq!(table.texts("af")[..2], ["0.010", "0.990"]);
    assert_eq!(table.texts("n_miss"), ["0", "0", "10", "0", "0"]);
}

#[test]
fn miss_1_keeps_any_missingness_but_not_a_single_class() {
    let bench = with_identity_kinship(bounds(), 200);
    assert_eq!(
        tested(&bench, "-miss 1"),
        ["rs0", "rs2", "rs4", "rs5", "rs9", "rs10"]
    );
}

#[test]
fn notsnp_turns_off_maf_and_hwe_in_any_order() {
    let bench = with_identity_kinship(bounds(), 200);
    assert_eq!(tested(&bench, "-hwe 0.001"), ["rs0", "rs2", "rs4", "rs10"]);
    let everything = ["rs0", "rs1", "rs2", "rs3", "rs4", "rs9", "rs10"];
    assert_eq!(tested(&bench, "-notsnp -hwe 0.001"), everything);
    assert!(
        bench
            .log("f")
            .contains("note: -notsnp turns off the -hwe filter too")
    );
    assert_eq!(tested(&bench, "-maf 0.2 -notsnp"), everything);
    assert_eq!(tested(&bench, "-notsnp -maf 0.2"), everything);
    assert_eq!(tested(&bench, "-maf 0.2"), ["rs4", "rs9", "rs10"]);
}

#[test]
fn r2_depends_on_the_counted_allele_unless_centred() {
    let n = 302;
    // Two heterozygotes: af 0.003, and the same with alleles swapped.
    let study = Study::of_genotypes(vec![snp(n, 0, 2, 0), snp(n, 300, 2, 0), snp(n, 80, 140, 0)]);
    let bench = with_identity_kinship(Bench::new(&study), n);
    bench.write(
        "c.txt",
        lines_of((0..n).map(|i| format!("1 {}", i * i % 83))),
    );
    assert_eq!(tested(&bench, "-c c.txt -maf 0 -r2 0.998"), ["rs0", "rs2"]);
    assert_eq!(
        tested(&bench, "-c c.txt -maf 0 -r2 0.998 --r2-centred"),
        ["rs0", "rs1", "rs2"]
    );
    // An intercept alone excludes nothing.
    assert_eq!(tested(&bench, "-maf 0 -r2 0.998"), ["rs0", "rs1", "rs2"]);
}

#[test]
fn a_snp_that_is_a_covariate_is_excluded() {
    let study = Study::simulate(4, 60, 12);
    let bench = with_identity_kinship(Bench::new(&study), 60);
    assert!(tested(&bench, "").contains(&"rs5".to_owned()));
    let called: Vec<f64> = study.snps[5]
        .iter()
        .flatten()
        .map(|&x| f64::from(x))
        .collect();
    let mean = called.iter().sum::<f64>() / called.len() as f64;
    bench.write(
        "c.txt",
        lines_of(study.snps[5].iter().map(|x| x.map_or(mean, f64::from))),
    );
    let tested = tested(&bench, "-c c.txt");
    assert!(!tested.is_empty() && !tested.contains(&"rs5".to_owned()));
    assert_eq!(
        log_value(
            &bench.log("f"),
            "SNPs excluded, explained by covariates (-r2)"
        ),
        "1"
    );
}

#[test]
fn a_list_of_snps_may_repeat_ids_and_contain_unknown_ids() {
    let bench = with_identity_kinship(Bench::new(&Study::simulate(5, 60, 20)), 60);
    bench.write("list.txt", "rs7 second field\r\nrs3\r\nrs7\r\nnone\r\nrs19");
    assert_eq!(tested(&bench, "-snps list.txt"), ["rs3", "rs7", "rs19"]);
    let log = bench.log("f");
    assert_eq!(
        log_value(&log, "SNPs excluded, not in the -snps list"),
        "17"
    );
    assert!(
        log.contains("1 of 4 listed SNPs is not in the genotypes: none"),
        "{log}"
    );
}

#[test]
fn snps_with_the_same_id_are_all_reported() {
    let bench = with_identity_kinship(Bench::new(&Study::simulate(5, 60, 20)), 60);
    let bim = std::fs::read_to_string(bench.file("s.bim")).unwrap();
    bench.write("s.bim", bim.replace("\trs8\t", "\trs7\t"));
    let tested = tested(&bench, "");
    assert_eq!(tested.iter().filter(|rs| *rs == "rs7").count(), 2);
    assert_eq!(tested.len(), 20);
}

#[test]
fn the_filters_are_evaluated_over_the_analysed_individuals_only() {
    let mut study = Study::simulate(6, 80, 30);
    for i in 0..20 {
        study.phenotype[i] = "NA".into();
        study.snps[2][i] = None;
        study.snps[4][i] = Some(2);
    }
    // rs4 varies only among individuals without a phenotype.
    study.snps[4][20..].fill(Some(0));
    let bench = with_identity_kinship(Bench::new(&study), 80);
    let tested = tested(&bench, "");
    assert!(
        tested.contains(&"rs2".to_owned()) && !tested.contains(&"rs4".to_owned()),
        "{tested:?}"
    );
    let n_miss = study.snps[2][20..].iter().filter(|x| x.is_none()).count();
    let row = tested.iter().position(|rs| rs == "rs2").unwrap();
    assert_eq!(bench.assoc("f").texts("n_miss")[row], n_miss.to_string());
}

#[test]
fn with_all_snps_every_snp_has_one_row_and_the_tested_ones_keep_theirs() {
    let bench = with_identity_kinship(bounds(), 200);
    bench.write(
        "list.txt",
        lines_of((0..12).filter(|j| *j != 2).map(|j| format!("rs{j}"))),
    );
    let options = "-hwe 1e-10 -snps list.txt";
    let few = tested(&bench, options);
    let rows = |name: &str| {
        let text = String::from_utf8(bench.bytes(&format!("{name}.assoc.txt"))).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let without = rows("f");
    bench.run(&format!(
        "lmm -bfile s -k k.txt -lmm 3 -o a --all-snps {options}"
    ));
    let table = bench.assoc("a");
    let every: Vec<String> = (0..12).map(|j| format!("rs{j}")).collect();
    assert_eq!(table.texts("rs"), every);
    let expected = [
        "ok",
        "excluded_allele_frequency",
        "excluded_not_listed",
        "excluded_allele_frequency",
        "ok",
        "excluded_missingness",
        "excluded_monomorphic",
        "excluded_allele_frequency",
        "excluded_missingness",
        "excluded_hardy_weinberg",
        "ok",
        "excluded_missingness",
    ];
    assert_eq!(table.texts("status"), expected);
    // The rows of tested SNPs are those of the run without the option, with the status behind them.
    let all = rows("a");
    let kept: Vec<&str> = all
        .iter()
        .filter_map(|row| row.strip_suffix("\tok"))
        .collect();
    assert_eq!(kept, without[1..]);
    assert_eq!(kept.len(), few.len());
    assert_eq!(all[0], format!("{}\tstatus", without[0]));
    for (row, status) in all[1..].iter().zip(expected) {
        assert_eq!(status == "ok", !row.contains("\tnan\tnan\tnan\t"), "{row}");
    }
    // Counts are those of all SNPs; missing calls and frequencies of excluded SNPs are there too.
    assert_eq!(table.texts("n_miss")[8], "200");
    assert_eq!(table.texts("af")[7], "1.000");
    assert_eq!(
        log_value(&bench.log("a"), "number of analyzed SNPs/var"),
        "3"
    );
}
