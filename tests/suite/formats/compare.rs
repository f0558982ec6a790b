//! `jamma compare`.

use super::{bench, table, tried};
use crate::common::{Run, data, root};
use crate::properties::Bench;
use crate::simulate::{Study, lines_of};

fn compared(bench: &Bench, words: &str) -> Run {
    tried(bench, &format!("compare {words}"))
}

#[test]
fn every_format_of_a_run_is_equal_to_every_other() {
    let bench = bench();
    let formats = if cfg!(feature = "tables") {
        super::ALL
    } else {
        "gemma,tsv.gz,bgz,ssf"
    };
    bench.run(&format!("lmm -bfile s --output-format {formats} -o r"));
    let mut names = vec!["r.assoc.tsv.gz", "r.assoc.tsv.bgz", "r.ssf.tsv.gz"];
    if cfg!(feature = "tables") {
        names.push("r.assoc.parquet");
    }
    for name in names {
        for words in [
            format!("output/r output/{name}"),
            format!("output/{name} output/r.assoc.txt"),
        ] {
            let run = compared(&bench, &words);
            assert_eq!(run.status, 0, "{words}: {}{}", run.stdout, run.stderr);
            assert!(run.stdout.ends_with("equal\n"), "{}", run.stdout);
        }
    }
    for set in ["regenie", "plink2", "metal"] {
        bench.run(&format!(
            "lmm -bfile s --output-format tsv.gz --columns {set} -o {set}"
        ));
        let run = compared(
            &bench,
            &format!("output/r.assoc.txt output/{set} --tolerance 2e-5"),
        );
        assert_eq!(run.status, 0, "{set}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn exchanged_alleles_turn_effects_and_frequencies() {
    let study = Study::simulate(502, 60, 120);
    let bench = Bench::new(&study);
    study.with_swapped_alleles().write(bench.path(), "t");
    bench.run("lmm -bfile s -lmm 1 -r2 1 -o a");
    bench.run("lmm -bfile t -lmm 1 -r2 1 -o b");
    let n = bench.assoc("a").rows.len();
    for by in ["id", "position"] {
        let run = compared(
            &bench,
            &format!("output/a output/b --by {by} --tolerance 1e-5"),
        );
        let said = format!("{n} of them with exchanged alleles");
        assert!(run.stdout.contains(&said), "{}{}", run.stdout, run.stderr);
        for name in ["af", "beta", "se", "p_wald"] {
            let line = run
                .stdout
                .lines()
                .find(|line| line.starts_with(&format!("{name} ")));
            assert!(line.unwrap().ends_with("equal"), "{}", run.stdout);
        }
    }
}

#[test]
fn a_single_digit_a_missing_snp_and_another_allele_are_found() {
    let bench = bench();
    bench.run("lmm -bfile s -o r");
    let text = std::fs::read_to_string(bench.output("r.assoc.txt")).unwrap();
    let table = bench.assoc("r");
    let (row, beta) = (&table.rows[5], table.column("beta"));
    let (old, rs) = (&row[beta], &row[1]);
    // One more unit in the last place.
    let mantissa: f64 = old.split('e').next().unwrap().parse().unwrap();
    let new = format!("{:.6}e{}", mantissa + 1e-6, old.split('e').nth(1).unwrap());
    bench.write("x.assoc.txt", text.replacen(old.as_str(), &new, 1));
    let run = compared(&bench, "output/r x.assoc.txt");
    assert_eq!(run.status, 1, "{}", run.stderr);
    let line = run
        .stdout
        .lines()
        .find(|line| line.starts_with("beta "))
        .unwrap();
    let cells: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(
        (cells[2], cells[3], cells[5]),
        ("1", "1", rs.as_str()),
        "{line}"
    );
    assert!(run.stdout.ends_with("different\n"));
    let run = compared(&bench, "output/r x.assoc.txt --tolerance 1e-4");
    assert_eq!(run.status, 0, "{}", run.stdout);
    // A SNP less.
    let without = (text.lines()).filter(|line| !line.contains(&format!("\t{rs}\t")));
    let without = lines_of(without);
    bench.write("y.assoc.txt", without);
    let run = compared(&bench, "output/r y.assoc.txt");
    assert!(
        run.status == 1 && run.stdout.contains(&format!("1 only in A: {rs}")),
        "{}",
        run.stdout
    );
    // Other alleles.
    bench.write("z.assoc.txt", text.replacen("\tA\tC\t", "\tG\tC\t", 1));
    let run = compared(&bench, "output/r z.assoc.txt");
    assert!(
        run.status == 1 && run.stdout.contains("1 with other alleles"),
        "{}",
        run.stdout
    );
    let run = compared(&bench, "output/r z.assoc.txt --json");
    for part in [
        "\"is_equal\": false",
        "\"n_other_alleles\": 1",
        "\"n_common\": ",
    ] {
        assert!(run.stdout.contains(part), "{}", run.stdout);
    }
}

#[test]
fn gemmas_tables_are_equal_to_ours_and_errors_have_their_own_status() {
    let bench = Bench::empty();
    let demo = data("demo");
    bench.run(&format!("lmm -bfile {} -lmm 4 -o d", demo.display()));
    let gemma = root().join("reference/gemma/demo/lmm4.assoc.txt");
    let run = compared(
        &bench,
        &format!("output/d {} --tolerance 2e-5", gemma.display()),
    );
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    assert!(
        run.stdout
            .contains("top 20: 20 in both, 20 at the same rank"),
        "{}",
        run.stdout
    );
    for words in [
        "output/d nothing",
        "output/d",
        "output/d x --by name",
        "output/d x --tolerance 5",
    ] {
        let run = compared(&bench, words);
        assert_eq!(run.status, 2, "{words}: {}", run.stderr);
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    }
}

#[test]
fn tables_of_other_programs_are_matched_by_position() {
    let bench = bench();
    bench.run("lmm -bfile s --output-format gemma,tsv.gz --columns regenie -o r");
    let regenie = table(&bench, "r.assoc.tsv.gz");
    // SAIGE's Allele2 is the effect allele, and its ids are others.
    let saige = regenie.rows.iter().map(|row| {
        let [chr, ps, other, effect, af, beta, se, log] =
            [0, 1, 3, 4, 5, 8, 9, 11].map(|j| row[j].as_str());
        let p = 10_f64.powf(-log.parse::<f64>().unwrap());
        format!("{chr}\t{ps}\t{chr}:{ps}\t{other}\t{effect}\t{af}\t{beta}\t{se}\t{p:.6e}")
    });
    let saige = lines_of(saige);
    let header = "CHR\tPOS\tMarkerID\tAllele1\tAllele2\tAF_Allele2\tBETA\tSE\tp.value\n";
    bench.write("saige.txt", format!("{header}{saige}"));
    let run = compared(&bench, "output/r.assoc.txt saige.txt --tolerance 2e-5");
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("matched by position"), "{}", run.stdout);
    assert!(run.stdout.contains("columns of SAIGE"), "{}", run.stdout);
}
