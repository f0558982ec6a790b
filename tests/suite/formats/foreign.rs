//! Tables of other programs in `jamma compare`, `jamma top` and `jamma report`.
#![allow(clippy::print_stdout, reason = "what is skipped is said")]

mod plink;
mod programs;

use super::{bench, table, tried};
use crate::common::{Run, Table, data};
use crate::properties::Bench;
use crate::report::Page;
use crate::simulate::lines_of;
use programs::{PROGRAMS, Row};

/// The alleles of the other strand, of SNPs.
fn turned(allele: &str) -> String {
    match allele {
        "A" => "T".into(),
        "C" => "G".into(),
        other => other.into(),
    }
}

/// The rows of the run `r` in all digits. With `is_changed`, every third SNP has exchanged alleles, and the one after it those of
/// the other strand.
fn rows(bench: &Bench, is_changed: bool) -> Vec<Row> {
    let gemma = bench.assoc("r");
    // Other columns have the frequency in seven digits, and the number of individuals.
    let regenie = table(bench, "r.assoc.tsv.gz");
    let texts = |of: &Table, name: &str| of.texts(name);
    let (af, n) = (regenie.numbers("A1FREQ"), texts(&regenie, "N"));
    let row = |k: usize| {
        let cell = |name: &str| gemma.rows[k][gemma.column(name)].clone();
        let beta: f64 = cell("beta").parse().unwrap();
        let (a, b) = (cell("allele1"), cell("allele0"));
        let [effect, other, af, beta] = match k % 3 {
            0 if is_changed => [b, a, (1.0 - af[k]).to_string(), (-beta).to_string()],
            1 if is_changed && a.len() == 1 => {
                [turned(&a), turned(&b), af[k].to_string(), beta.to_string()]
            }
            _ => [a, b, af[k].to_string(), beta.to_string()],
        };
        Row {
            chr: cell("chr"),
            ps: cell("ps"),
            rs: cell("rs"),
            effect,
            other,
            af: af.parse().unwrap(),
            n: n[k].clone(),
            beta: beta.parse().unwrap(),
            se: cell("se"),
            p: cell("p_wald"),
        }
    };
    (0..gemma.rows.len()).map(row).collect()
}

/// A bench with the run `r`.
fn with_run() -> Bench {
    let bench = bench();
    bench.run("lmm -bfile s --output-format gemma,tsv.gz --columns regenie -o r");
    bench
}

fn verdict(run: &Run, column: &str) -> String {
    let start = format!("{column} ");
    let line = run.stdout.lines().find(|line| line.starts_with(&start));
    line.unwrap_or_default().to_owned()
}

#[test]
fn every_program_is_compared_in_terms_of_our_effect_allele() {
    let bench = with_run();
    for (program, file, header, row, [has_alleles, has_positions]) in PROGRAMS {
        let rows = rows(&bench, has_alleles);
        bench.write(file, format!("{header}{}", lines_of(rows.iter().map(row))));
        let n = rows.len();
        let ways: &[&str] = if has_positions {
            &["id", "position"]
        } else {
            &["id"]
        };
        for by in ways {
            for words in [
                format!("output/r.assoc.txt {file}"),
                format!("{file} output/r.assoc.tsv.gz"),
            ] {
                let line = format!("compare {words} --tolerance 2e-5 --by {by}");
                let run = tried(&bench, &line);
                let said = format!("{}{}", run.stdout, run.stderr);
                assert_eq!(run.status, 0, "{line}: {said}");
                assert!(said.contains(&format!("columns of {program}")), "{said}");
                assert!(said.contains(&format!("{n} SNPs in both")), "{said}");
                if has_alleles {
                    let n_exchanged = n.div_ceil(3);
                    let exchanged = format!("{n_exchanged} of them with exchanged alleles");
                    assert!(said.contains(&exchanged), "{line}: {said}");
                    assert!(said.contains("with alleles of the other strand"), "{said}");
                } else {
                    let assumed = format!("{n} of them without alleles in one table");
                    assert!(said.contains(&assumed), "{said}");
                }
                for column in ["beta", "se"] {
                    assert!(verdict(&run, column).ends_with("equal"), "{said}");
                }
            }
        }
    }
}

#[test]
fn top_and_report_read_every_program() {
    let bench = with_run();
    let expected = tried(&bench, "top output/r.assoc.txt -n 4 --json")
        .ok()
        .stdout;
    let field = |text: &str, name: &str| -> Vec<String> {
        let lines = text
            .lines()
            .filter(|line| line.contains(&format!("\"{name}\": ")));
        lines
            .map(|line| line.trim().trim_end_matches(',').to_owned())
            .collect()
    };
    for (program, file, header, row, _) in PROGRAMS {
        let rows = rows(&bench, false);
        bench.write(file, format!("{header}{}", lines_of(rows.iter().map(row))));
        let run = tried(&bench, &format!("top {file} -n 4 --json")).ok();
        assert!(
            run.stdout.contains(&format!("\"{program}\"")),
            "{}",
            run.stdout
        );
        for name in ["rs", "n_tested", "lambda_gc"] {
            assert_eq!(
                field(&run.stdout, name),
                field(&expected, name),
                "{file} {name}"
            );
        }
        let run = tried(&bench, &format!("report {file} -o page")).ok();
        assert!(run.stdout.contains("wrote page.report.html"));
        let page = Page::read(&bench.file("page.report.html"));
        let y = page.f64("t0.top.y");
        assert_eq!(y.len(), rows.len(), "{file}");
        let best = rows
            .iter()
            .map(|row| -row.p.parse::<f64>().unwrap().log10());
        let best = best.fold(0.0, f64::max);
        assert!((y[0] - best).abs() < 1e-5, "{file}: {} {best}", y[0]);
    }
}

#[test]
fn limits_and_counts_of_the_columns_htp_are_exchanged() {
    let bench = bench();
    bench.run("lmm -bfile s --output-format tsv.gz --columns htp -o r");
    let ours = table(&bench, "r.assoc.tsv.gz");
    let exchanged = ours.rows.iter().map(|row| {
        let mut row = row.clone();
        for (one, two) in [
            ("Ref", "Alt"),
            ("LCI_Effect", "UCI_Effect"),
            ("Cases_Ref", "Cases_Alt"),
        ] {
            row.swap(ours.column(one), ours.column(two));
        }
        for name in ["Effect", "LCI_Effect", "UCI_Effect"] {
            let cell = &mut row[ours.column(name)];
            *cell = match cell.strip_prefix('-') {
                Some(positive) => positive.to_owned(),
                None => format!("-{cell}"),
            };
        }
        let af = &mut row[ours.column("AAF")];
        *af = (1.0 - af.parse::<f64>().unwrap()).to_string();
        row.join("\t")
    });
    let text = format!("{}\n{}", ours.header.join("\t"), lines_of(exchanged));
    bench.write("other.tsv", text);
    let run = tried(
        &bench,
        "compare output/r.assoc.tsv.gz other.tsv --tolerance 1e-6",
    );
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    for column in [
        "beta",
        "lci_effect",
        "uci_effect",
        "cases_ref",
        "cases_het",
        "cases_alt",
        "af",
    ] {
        assert!(
            verdict(&run, column).ends_with("equal"),
            "{column}: {}",
            run.stdout
        );
    }
}

#[test]
fn palindromic_snps_are_compared_as_written_and_reported() {
    let bench = Bench::empty();
    let header = "chr\trs\tps\tn_miss\tallele1\tallele0\taf\tbeta\tse\tp_wald\n";
    let rows = |alleles: [&str; 2], rs: &str, af: f64, beta: f64| {
        let [one, two] = alleles;
        format!(
            "1\t{rs}\t{}\t0\t{one}\t{two}\t{af}\t{beta}\t0.1\t0.01\n",
            rs.len() * 100
        )
    };
    let a = [
        rows(["A", "T"], "r1", 0.2, 0.5),
        rows(["C", "G"], "r22", 0.2, 0.5),
        rows(["A", "T"], "r333", 0.2, 0.5),
        rows(["A", "G"], "r4444", 0.2, 0.5),
        rows(["A", "G"], "r55555", 0.2, 0.5),
    ];
    let b = [
        rows(["A", "T"], "r1", 0.2, 0.5),
        // Exchanged, or of the other strand: the letters decide, and the frequency agrees.
        rows(["G", "C"], "r22", 0.8, -0.5),
        // The frequency says that the strand is another one.
        rows(["A", "T"], "r333", 0.8, -0.5),
        rows(["T", "C"], "r4444", 0.2, 0.5),
        rows(["C", "T"], "r55555", 0.8, -0.5),
    ];
    bench.write("a.assoc.txt", format!("{header}{}", a.concat()));
    bench.write("b.assoc.txt", format!("{header}{}", b.concat()));
    for by in ["id", "position"] {
        let run = tried(&bench, &format!("compare a b --by {by}"));
        assert_eq!(run.status, 1, "{}", run.stderr);
        for part in [
            "5 SNPs in both",
            "2 of them with exchanged alleles",
            "2 of them with alleles of the other strand",
            "3 of them with alleles A/T or C/G",
            "1 of those with A/T or C/G have frequencies that suggest the other strand: r333",
        ] {
            assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
        }
        // Only the effect and the frequency of r333 are different.
        let cells: Vec<String> = verdict(&run, "beta")
            .split_whitespace()
            .map(Into::into)
            .collect();
        assert_eq!((cells[2].as_str(), cells[5].as_str()), ("1", "r333"));
    }
    let json = tried(&bench, "compare a b --json").stdout;
    for part in [
        "\"n_other_strand\": 2",
        "\"n_palindromic\": 3",
        "\"n_palindromic_with_other_frequencies\": 1",
    ] {
        assert!(json.contains(part), "{json}");
    }
}

#[test]
fn repeated_snps_and_those_without_a_key_are_counted_and_not_compared() {
    let bench = Bench::empty();
    let header = "chr\trs\tps\tallele1\tallele0\tbeta\tse\tp_wald\n";
    let a = "1\tm\t5\tA\tG\t0.5\t0.1\t0.01\n1\tm\t5\tC\tG\t0.25\t0.1\t0.02\n\
             1\tx\t7\tA\tG\t0.5\t0.1\t0.03\n1\tx\t7\tA\tG\t0.5\t0.1\t0.03\n\
             1\t.\t9\tA\tG\t0.5\t0.1\t0.04\n";
    // The second SNP with the id m comes first.
    let b = "1\tm\t5\tC\tG\t0.25\t0.1\t0.02\n1\tm\t5\tA\tG\t0.5\t0.1\t0.01\n\
             1\tx\t7\tA\tG\t0.5\t0.1\t0.03\n1\t.\t9\tA\tG\t0.5\t0.1\t0.04\n";
    bench.write("a.assoc.txt", format!("{header}{a}"));
    bench.write("b.assoc.txt", format!("{header}{b}"));
    let run = tried(&bench, "compare a b --by id");
    assert_eq!(run.status, 1, "{}", run.stderr);
    for part in [
        "2 SNPs in both",
        "2 of A not compared, because several rows have the same id and alleles: x, x",
        "1 of B not compared, because several rows have the same id and alleles: x",
        "1 of A not compared, without id: 1:9",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    assert!(verdict(&run, "beta").ends_with("equal"), "{}", run.stdout);
    // By position, the SNP without an id is matched.
    let run = tried(&bench, "compare a b");
    assert!(
        run.stdout.contains("3 SNPs in both, matched by position"),
        "{}",
        run.stdout
    );
}

#[test]
fn chromosomes_have_one_name_and_x_has_its_number_in_the_species() {
    let bench = with_run();
    let text = std::fs::read_to_string(bench.output("r.assoc.txt")).unwrap();
    let renamed: String = (text.lines())
        .map(|line| match line.split_once('\t') {
            Some(("1", rest)) => format!("chr01\t{rest}\n"),
            Some(("X", rest)) => format!("23\t{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    bench.write("x.assoc.txt", renamed);
    let run = tried(&bench, "compare output/r.assoc.txt x --by position");
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(
        run.stdout
            .contains("note: chromosome X is in one table and 23 in the other"),
        "{}",
        run.stdout
    );
    let run = tried(
        &bench,
        "compare output/r.assoc.txt x --by position --chr-set human",
    );
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    let wrong = tried(&bench, "compare output/r.assoc.txt x --chr-set cat");
    assert!(
        wrong.status == 2 && wrong.stderr.contains("human, mouse"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn tests_of_another_model_are_not_compared_with_exchanged_alleles() {
    let bench = Bench::empty();
    let header = "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA\n";
    bench.write(
        "a.regenie",
        format!(
            "{header}1 5 a A G 0.2 9 DOM 0.5 0.1 25 6 NA\n1 6 b A G 0.2 9 DOM 0.5 0.1 25 6 NA\n"
        ),
    );
    bench.write(
        "b.regenie",
        format!(
            "{header}1 5 a G A 0.8 9 DOM -0.3 0.1 9 3 NA\n1 6 b A G 0.2 9 DOM 0.5 0.1 25 6 NA\n"
        ),
    );
    let run = tried(&bench, "compare a.regenie b.regenie");
    assert_eq!(run.status, 1);
    assert!(
        run.stdout.contains("1 with exchanged alleles, not compared: the tests are of a dominant or recessive model: a"),
        "{}",
        run.stdout
    );
    assert!(verdict(&run, "beta").ends_with("equal"), "{}", run.stdout);
}

#[test]
fn a_comparison_is_drawn() {
    let bench = with_run();
    let rows = rows(&bench, true);
    let (_, file, header, row, _) = PROGRAMS[3];
    bench.write(file, format!("{header}{}", lines_of(rows.iter().map(row))));
    let line = format!("compare output/r.assoc.txt {file} --tolerance 2e-5 --plot figure.svg");
    assert_eq!(tried(&bench, &line).status, 0);
    let figure = std::fs::read_to_string(bench.file("figure.svg")).unwrap();
    assert!(figure.starts_with("<svg ") && figure.ends_with("</svg>\n"));
    for part in [
        format!("{} SNPs; correlation 1<", rows.len()),
        "−log₁₀ p".into(),
        "Effect".into(),
        file.into(),
    ] {
        assert!(figure.contains(&part), "{part}");
    }
    let wrong = tried(
        &bench,
        &format!("compare output/r.assoc.txt {file} --plot figure.png"),
    );
    assert!(
        wrong.status == 2 && wrong.stderr.contains("written as SVG"),
        "{}",
        wrong.stderr
    );
}
