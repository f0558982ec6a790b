//! The tests of a study with `--chr-set` are those of the recoded study without it.

use super::{N_PAR, PAR, Sexed, assert_same, rows_on, without};
use crate::common::log_value;
use crate::simulate::lines_of;

/// Filters that exclude no SNP for its frequency or its missing calls.
const ALL: &str = "-maf 0 -miss 1 --all-snps";

#[test]
fn results_are_those_of_the_recoded_study_to_the_byte() {
    let sexed = Sexed::simulate(31, 120, true, true);
    let bench = sexed.bench();
    bench.write(
        "env.txt",
        lines_of((0..120).map(|i| format!("{}", (i * i) % 17))),
    );
    bench.run("gk -bfile s --chr-set human -o k");
    let k = "-k output/k.cXX.txt";
    let on_x = sexed.on("23")[5];
    for (x_model, model) in [(2, ""), (2, "--x-model 2"), (1, "--x-model 1")] {
        for words in [
            format!("lmm {k} -lmm 4 -c sex.covar"),
            format!("lmm {k} -lmm 9 --rotation f32 -c sex.covar"),
            format!("lmm {k} -gxe env.txt"),
            format!("lmm {k} --condition rs{on_x},rs7"),
            "lm -lm 4".to_owned(),
        ] {
            bench.run(&format!("{words} {ALL} -bfile r{x_model} -o expected"));
            let expected = bench.assoc("expected");
            let mut bytes = Vec::new();
            for more in ["", "--threads 1", "--block-snps 7"] {
                bench.run(&format!(
                    "{words} {ALL} -bfile s --chr-set human {model} {more} -o found"
                ));
                bytes.push(bench.bytes("found.assoc.txt"));
            }
            assert!(bytes.iter().all(|one| *one == bytes[0]), "{words} {model}");
            let found = bench.assoc("found");
            let is_af = ["af"];
            assert_same(
                &words,
                &without(&found, &is_af),
                &without(&expected, &is_af),
            );
            let diploid = ["1", "2", "25", "0"];
            assert_same(
                &words,
                &rows_on(&found, &diploid),
                &rows_on(&expected, &diploid),
            );
            for (s, af) in found.texts("af").into_iter().enumerate() {
                assert_eq!(af, format!("{:.3}", sexed.af(s, None)), "{words} rs{s}");
            }
        }
    }
}

#[test]
fn x_can_be_skipped() {
    let sexed = Sexed::simulate(37, 90, true, true);
    let bench = sexed.bench();
    bench.run(&format!("lm -bfile s --chr-set human {ALL} -o all"));
    bench.run(&format!(
        "lm -bfile s --chr-set human --x-model none {ALL} -o none"
    ));
    let (all, none) = (bench.assoc("all"), bench.assoc("none"));
    let others = ["1", "24", "2", "25", "26", "0"];
    assert_same("none", &rows_on(&none, &others), &rows_on(&all, &others));
    let statuses = rows_on(&none, &["23"]).texts("status");
    assert_eq!(statuses, vec!["excluded_on_x"; 14]);
    let log = bench.log("none");
    let count = log_value(&log, "SNPs excluded, on X (--x-model none)");
    assert_eq!(count, "14");
    assert!(log_value(&log, "chromosomes (--chr-set)").ends_with("SNPs on X are not tested"));
    // SNPs in pseudo-autosomal regions are tested.
    bench.run(&format!(
        "lm -bfile s --chr-set human --x-model none --par {PAR} {ALL} -o par"
    ));
    let statuses = rows_on(&bench.assoc("par"), &["23"]).texts("status");
    let n_tested = statuses
        .iter()
        .filter(|one| *one != "excluded_on_x")
        .count();
    assert_eq!(n_tested, N_PAR);
}

#[test]
fn pseudo_autosomal_snps_are_diploid() {
    let sexed = Sexed::simulate(41, 90, true, true);
    let bench = sexed.bench();
    sexed.write(&bench, &sexed.recoded(1, Some(N_PAR)), "p");
    bench.run(&format!("lm -lm 4 -bfile p {ALL} -o expected"));
    bench.run(&format!(
        "lm -lm 4 -bfile s --chr-set human --x-model 1 --par {PAR} {ALL} -o found"
    ));
    let (found, expected) = (bench.assoc("found"), bench.assoc("expected"));
    assert_same(
        "par",
        &without(&found, &["af"]),
        &without(&expected, &["af"]),
    );
    for (s, af) in found.texts("af").into_iter().enumerate() {
        assert_eq!(af, format!("{:.3}", sexed.af(s, Some(N_PAR))), "rs{s}");
    }
    let log = bench.log("found");
    assert!(
        log.contains("--chr-set human: 80 SNPs on autosomes, 11 SNPs on X, 8 SNPs on Y, 6 SNPs on MT, 7 SNPs in pseudo-autosomal regions, 3 SNPs unplaced (chromosome 0 and"),
        "{log}"
    );
}

#[test]
fn calls_that_become_missing_are_counted_once_and_named() {
    let sexed = Sexed::simulate(43, 90, true, true);
    let bench = sexed.bench();
    let part = |chr: &str, words: &str, place: &str| {
        let (calls, snps) = sexed.heterozygous(chr);
        assert!(snps > 1);
        format!("{calls}{words} at {snps} SNPs {place} (rs")
    };
    let parts = [
        part("23", " of males", "on X"),
        part("24", " of males", "on Y"),
        part("26", "", "on MT"),
    ];
    let of_females: usize = (sexed.on("24").iter())
        .map(|&s| {
            let calls = sexed.study.snps[s].iter().zip(&sexed.is_male);
            calls
                .filter(|(call, male)| call.is_some() && !**male)
                .count()
        })
        .sum();
    // The standardised kinship reads all SNPs twice, and the tests read them again.
    for words in ["lm", "lmm -gk 2", "lmm -loco"] {
        bench.run(&format!("{words} -bfile s --chr-set human -o n"));
        let log = bench.log("n");
        let said = log
            .lines()
            .find(|line| line.contains("heterozygous calls of haploids are set to missing"));
        let said = said.unwrap_or_else(|| panic!("no note: {log}"));
        assert!(
            parts.iter().all(|part| said.contains(part)),
            "{said}: {parts:?}"
        );
        assert!(said.contains("among all 90 individuals"), "{said}");
        assert!(
            log.contains(&format!(
                "{of_females} genotypes of females on Y set to missing"
            )),
            "{log}"
        );
        assert!(
            log.contains("chromosomes (--chr-set) = human: 22 autosomes, X (23), Y (24), XY (25) and MT (26); X model 2: males have 0 or 2 copies"),
            "{log}"
        );
        assert!(
            log.contains("sex of the individuals, from s.fam: "),
            "{log}"
        );
        assert!(log.contains("sex is not among the covariates"), "{log}");
    }
    bench.run("lm -bfile s --chr-set human -c sex.covar -o n");
    assert!(!bench.log("n").contains("sex is not among the covariates"));
    bench.run("lm -bfile s --chr-set human --chr 1-22 -o n");
    assert!(!bench.log("n").contains("sex is not among the covariates"));
}

/// Of calls on Y, those of females are not missing but do not exist; on X, only females can be in equilibrium.
#[test]
fn filters_look_at_those_who_have_the_chromosome() {
    let sexed = Sexed::simulate(47, 150, false, true);
    let bench = sexed.bench();
    bench.run("lm -bfile s --chr-set human --all-snps -hwe 0.3 --with-info -o found");
    let found = bench.assoc("found");
    let females = lines_of(
        (sexed.study.individuals.iter().zip(&sexed.is_male))
            .filter(|(_, male)| !**male)
            .map(|((fid, iid), _)| format!("{fid} {iid}")),
    );
    bench.write("females", females);
    bench.run("lm -bfile s --keep females --all-snps -hwe 0.3 --with-info -o of_females");
    let of_females = bench.assoc("of_females");
    let (status, info) = (found.column("status"), found.column("info"));
    let excluded = "excluded_hardy_weinberg";
    let mut n_excluded = 0;
    for &s in &sexed.on("23") {
        let [all, females] = [&found, &of_females].map(|table| table.rows[s][status].as_str());
        n_excluded += usize::from(all == excluded);
        assert_eq!(all == excluded, females == excluded, "rs{s}");
        assert_eq!(found.rows[s][info], of_females.rows[s][info], "rs{s}");
    }
    assert!(n_excluded > 0);
    for s in [sexed.on("24"), sexed.on("26")].concat() {
        assert_eq!(found.rows[s][status], "ok", "rs{s}");
        // Haploid calls without uncertainty have the variance p(1 − p).
        assert_eq!(found.rows[s][info], "1.000", "rs{s}");
    }
    // A SNP on Y that many males miss.
    let mut sparse = Sexed::simulate(47, 150, false, true);
    let s = sparse.on("24")[2];
    for i in (0..150).filter(|&i| sexed.is_male[i]).take(8) {
        sparse.study.snps[s][i] = None;
    }
    sparse.write(&bench, &sparse.study, "sparse");
    bench.run("lm -bfile sparse --chr-set human --all-snps -o sparse");
    assert_eq!(
        bench.assoc("sparse").rows[s][status - 1],
        "excluded_missingness"
    );
}
