//! `--condition`: SNPs as covariates, compared with runs that have their genotypes as columns of the covariate file.

use super::common::log_value;
use super::properties::Bench;
use super::simulate::Study;
use std::fmt::Write as _;

/// The genotypes of SNPs of `study` as columns of text with all digits; missing ones are the mean of those at `rows`.
fn columns(study: &Study, snps: &[usize], rows: &[usize]) -> Vec<Vec<String>> {
    let column = |&s: &usize| {
        let observed: Vec<f64> = rows
            .iter()
            .filter_map(|&i| study.snps[s][i])
            .map(f64::from)
            .collect();
        let mean = observed.iter().sum::<f64>() / observed.len() as f64;
        let of = study.snps[s].iter();
        of.map(|x| format!("{}", x.map_or(mean, f64::from)))
            .collect()
    };
    snps.iter().map(column).collect()
}

/// The lines of a covariate file with these columns.
fn lines(columns: &[Vec<String>]) -> String {
    let mut text = String::new();
    for i in 0..columns[0].len() {
        let row: Vec<&str> = columns.iter().map(|column| column[i].as_str()).collect();
        writeln!(text, "{}", row.join(" ")).unwrap();
    }
    text
}

/// A study whose phenotype some individuals lack; their genotypes do not count for the means. Three chromosomes.
fn study() -> (Study, Vec<usize>) {
    let mut study = Study::simulate(821, 90, 120);
    let without: Vec<usize> = (0..90).step_by(11).collect();
    for &i in &without {
        study.phenotype[i] = "NA".into();
    }
    // Missing genotypes of analysed individuals and of others.
    for i in [0, 5, 11, 40, 41] {
        study.snps[17][i] = None;
    }
    let rows = (0..90).filter(|i| !without.contains(i)).collect();
    (study, rows)
}

fn bench(study: &Study) -> Bench {
    let bench = Bench::new(study);
    let chromosome = |j: usize| ["1", "2", "X"][j / 40];
    let bim = (0..120).map(|j| format!("{}\trs{j}\t0\t{}\tA\tC\n", chromosome(j), 100 * (j + 1)));
    bench.write("s.bim", bim.collect::<String>());
    bench
}

#[test]
fn conditional_tests_are_those_with_the_imputed_snp_as_a_covariate_to_the_byte() {
    let (study, rows) = study();
    let bench = bench(&study);
    let snps = columns(&study, &[17, 63], &rows);
    bench.write("snps.txt", lines(&snps));
    let own: Vec<Vec<String>> = vec![
        (0..90).map(|i| format!("{}", 20 + (i * i) % 37)).collect(),
        (0..90)
            .map(|i| {
                if i % 31 == 4 {
                    "NA".into()
                } else {
                    (i % 2).to_string()
                }
            })
            .collect(),
    ];
    bench.write("own.txt", lines(&own));
    let analysed: Vec<usize> = rows.iter().copied().filter(|i| i % 31 != 4).collect();
    let of_both = [own.clone(), columns(&study, &[17, 63], &analysed)].concat();
    bench.write("both.txt", lines(&of_both));
    bench.write("list.txt", "rs17\nrs63\n");
    for words in [
        "-lmm 4 --all-snps",
        "-loco -lmm 4",
        "-gk 2 -lmm 9 -r2 1 --all-snps",
    ] {
        let run = |more: &str, name: &str| {
            bench.run(&format!("lmm -bfile s {words} {more} -o {name}"));
            bench.bytes(&format!("{name}.assoc.txt"))
        };
        let expected = run("-c snps.txt", "snps");
        assert!(expected == run("--condition rs17,rs63", "a"), "{words}");
        assert!(expected == run("--condition list.txt", "b"), "{words}");
        assert!(expected != run("", "none"), "{words}");
        let expected = run("-c both.txt", "both");
        assert!(
            expected == run("-c own.txt --condition rs17,rs63", "c"),
            "{words}"
        );
        let count = |name: &str| log_value(&bench.log(name), "number of covariates");
        assert_eq!((count("a"), count("c")), ("3".into(), "5".into()));
    }
    let log = bench.log("a");
    assert_eq!(
        log_value(&log, "SNPs that are covariates (--condition)"),
        "rs17, rs63"
    );
    // Individuals 0 and 11 have no phenotype.
    assert!(
        log.contains("SNP rs17 has 3 missing genotypes among"),
        "{log}"
    );
}

#[test]
fn the_linear_model_has_conditions_odds_and_effective_tests() {
    let (study, rows) = study();
    let bench = bench(&study);
    let text = lines(&columns(&study, &[17, 63], &rows));
    bench.write(
        "c.txt",
        text.lines()
            .fold(String::new(), |all, line| all + "1 " + line + "\n"),
    );
    bench.run("lm -bfile s -lm 4 --condition rs17,rs63 --effective-tests -o on");
    bench.run("lm -bfile s -lm 4 -c c.txt -o c");
    let table = |name: &str| {
        std::fs::read_to_string(bench.file(&format!("output/{name}.assoc.txt"))).unwrap()
    };
    assert!(table("on").lines().count() > 50);
    assert_eq!(table("on"), table("c"));
    assert!(bench.log("on").contains("effective number of tests"));
    let refused = bench.rejected("lm -bfile s --odds");
    assert!(refused.contains("phenotype 1 is not binary"), "{refused}");
}

#[test]
fn the_conditioning_snp_is_not_tested_against_itself() {
    let (study, _) = study();
    let bench = bench(&study);
    for (words, status) in [("", "excluded_covariates"), ("-r2 1", "collinear")] {
        bench.run(&format!(
            "lmm -bfile s --all-snps --condition rs63 {words} -o c"
        ));
        let table = bench.assoc("c");
        assert_eq!(table.rows[63][table.column("status")], status);
        assert_eq!(table.rows[63][table.column("p_wald")], "nan");
    }
}

#[test]
fn traits_of_different_individuals_have_means_of_their_own() {
    let (study, _) = study();
    let bench = bench(&study);
    let fam = study.individuals.iter().enumerate().map(|(i, (fid, iid))| {
        let y = (i * i % 101) as f64 / 50.0;
        let [a, b] = [11, 4].map(|step| {
            if i % step == 0 {
                "NA".into()
            } else {
                y.to_string()
            }
        });
        format!("{fid} {iid} 0 0 1 {a} {b}\n")
    });
    bench.write("s.fam", fam.collect::<String>());
    bench.run("lmm -bfile s --traits all --condition rs17 -o all");
    for (number, step) in [(1, 11), (2, 4)] {
        let rows: Vec<usize> = (0..90).filter(|i| i % step != 0).collect();
        bench.write("c.txt", lines(&columns(&study, &[17], &rows)));
        bench.run(&format!("lmm -bfile s -n {number} -c c.txt -o one"));
        let found = bench.bytes(&format!("all.{number}.assoc.txt"));
        assert!(found == bench.bytes("one.assoc.txt"), "{number}");
    }
}

#[test]
fn sources_without_records_are_searched_too() {
    let (study, _) = study();
    let bench = bench(&study);
    let mut bimbam = String::new();
    for (s, snp) in study.snps.iter().enumerate() {
        write!(bimbam, "rs{s}, A, C").unwrap();
        for x in snp {
            write!(bimbam, ", {}", x.map_or("NA".into(), |x| x.to_string())).unwrap();
        }
        bimbam.push('\n');
    }
    bench.write("g.txt", bimbam);
    bench.write("y.txt", study.phenotype.join("\n") + "\n");
    bench.run("lmm -g g.txt -p y.txt --condition rs17,rs63 -o g");
    bench.run("lmm -bfile s --condition rs17,rs63 -o s");
    for column in ["beta", "p_wald"] {
        let [a, b] = ["g", "s"].map(|name| bench.assoc(name).numbers(column));
        assert_eq!(a.len(), b.len());
        for (a, b) in a.iter().zip(b) {
            assert!((a - b).abs() <= 2e-5 * b.abs().max(1e-6), "{a} {b}");
        }
    }
}

#[test]
fn ids_that_are_unknown_ambiguous_or_without_information_are_named() {
    let (mut study, _) = study();
    for x in &mut study.snps[3] {
        *x = Some(1);
    }
    for x in &mut study.snps[4] {
        *x = None;
    }
    study.snps[6] = study.snps[5].clone();
    let bench = bench(&study);
    for (words, text) in [
        ("rs17,rs500", "no SNP of the genotypes has this id: rs500"),
        ("lost.txt", "no SNP of the genotypes has this id: lost.txt"),
        ("rs17,,rs63", "expected ids of SNPs separated by commas"),
        ("rs4", "has a genotype of SNP rs4"),
        ("rs5,rs6", "SNP rs6 is a linear combination of SNP rs5"),
    ] {
        let found = bench.rejected(&format!("lmm -bfile s --condition {words}"));
        assert!(
            found.contains("--condition") && found.contains(text),
            "{words}: {found}"
        );
    }
    let run = bench.run("lmm -bfile s --condition rs3,rs17,rs17 -o c");
    assert!(
        run.stderr.contains("SNP rs3 does not vary"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("listed more than once: rs17"),
        "{}",
        run.stderr
    );
    let bim = std::fs::read_to_string(bench.file("s.bim")).unwrap();
    bench.write("s.bim", bim.replace("rs63\t", "rs17\t"));
    let found = bench.rejected("lmm -bfile s --condition rs17");
    assert!(
        found.contains("several SNPs of the genotypes have this id: rs17"),
        "{found}"
    );
    // A comma at the end says that a single word is an id, even if there is a file of this name.
    bench.write("rs64", "rs5\n");
    bench.run("lmm -bfile s --condition rs64, -o id");
    let log = bench.log("id");
    assert!(!log.contains("rs5"), "{log}");
    let found = bench.rejected("-gk 1 -bfile s --kinship-qc all --condition rs5");
    assert!(found.contains("does not depend on covariates"), "{found}");
    let found = bench.rejected("gk -bfile s --condition rs17");
    assert!(found.contains("condition"), "{found}");
}
