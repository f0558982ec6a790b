//! `jamma top`.

use super::{bench, tried};
use crate::common::{data, root};
use crate::properties::Bench;

/// The ids of the printed hits, and the summary.
fn hits(bench: &Bench, words: &str) -> (Vec<String>, String) {
    let run = tried(bench, words).ok();
    let (summary, table) = run.stdout.split_once("\n\n").unwrap();
    let mut rows = table.lines().map(|line| {
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    let header = rows.next().unwrap();
    let rs = header.iter().position(|name| name == "rs").unwrap();
    (
        rows.map(|row| row[rs].clone()).collect(),
        summary.to_owned(),
    )
}

/// The ids of all SNPs by ascending p.
fn sorted(bench: &Bench, p: &str) -> Vec<String> {
    let table = bench.assoc("r");
    let mut rows: Vec<(f64, String)> = table
        .numbers(p)
        .into_iter()
        .zip(table.texts("rs"))
        .collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|(_, rs)| rs).collect()
}

#[test]
fn the_smallest_p_values_are_printed_from_every_format() {
    let bench = bench();
    let formats = if cfg!(feature = "tables") {
        super::ALL
    } else {
        "gemma,tsv.gz,bgz,ssf"
    };
    bench.run(&format!(
        "lmm -bfile s -lmm 4 --output-format {formats} -o r"
    ));
    let expected = sorted(&bench, "p_wald");
    let mut names = vec![
        "r",
        "r.assoc.txt",
        "r.assoc.tsv.gz",
        "r.assoc.tsv.bgz",
        "r.ssf.tsv.gz",
    ];
    if cfg!(feature = "tables") {
        names.push("r.assoc.parquet");
    }
    for name in names {
        let (found, summary) = hits(&bench, &format!("top output/{name} -n 7"));
        assert_eq!(found, expected[..7], "{name}");
        let n = format!("{} SNPs tested", expected.len());
        assert!(
            summary.contains(&n) && summary.contains("lambda_GC"),
            "{summary}"
        );
        assert!(!summary.contains('\u{1b}'), "no colours without a terminal");
    }
    let (found, summary) = hits(&bench, "top output/r --test p_lrt");
    assert_eq!(found, sorted(&bench, "p_lrt")[..20]);
    assert!(summary.contains("p_lrt"), "{summary}");
    let wrong = tried(&bench, "top output/r --test p_x");
    assert!(
        wrong.status == 2 && wrong.stderr.contains("p_wald, p_lrt, p_score"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn clumps_have_one_hit_within_the_distance() {
    let bench = bench();
    bench.run("lmm -bfile s -notsnp -o r");
    let table = bench.assoc("r");
    let (chr, ps, rs) = (table.texts("chr"), table.numbers("ps"), table.texts("rs"));
    let at = |id: &String| rs.iter().position(|known| known == id).unwrap();
    // An independent greedy choice.
    let mut expected: Vec<String> = Vec::new();
    for id in sorted(&bench, "p_wald") {
        let is_near = |other: &String| {
            let (i, j) = (at(&id), at(other));
            chr[i] == chr[j] && (ps[i] - ps[j]).abs() <= 500_000.0
        };
        if !expected.iter().any(is_near) && expected.len() < 9 {
            expected.push(id);
        }
    }
    for words in [
        "--clump",
        "--clump 500kb",
        "--clump=0.5Mb",
        "--clump 500000",
    ] {
        let (found, _) = hits(&bench, &format!("top output/r -n 9 {words}"));
        assert_eq!(found, expected, "{words}");
    }
}

#[test]
fn every_trait_of_a_run_or_of_a_long_table_is_shown() {
    let bench = bench();
    let fam = std::fs::read_to_string(bench.file("s.fam")).unwrap();
    let more = fam.lines().enumerate();
    let more = more.map(|(i, line)| format!("{line} {}\n", (i * i) % 17));
    bench.write("s.fam", more.collect::<String>());
    bench.run("lmm -bfile s --traits 1,2 -o each");
    bench.run("lmm -bfile s --traits 1,2 --long -o long");
    let rows = |prefix: &str| -> Vec<String> {
        let run = tried(&bench, &format!("top output/{prefix} -n 3")).ok();
        let lines = run.stdout.lines().filter(|line| line.contains(" rs"));
        lines.map(str::to_owned).collect()
    };
    let (each, long) = (rows("each"), rows("long"));
    assert_eq!(
        each.iter().filter(|line| !line.starts_with("chr")).count(),
        6
    );
    assert_eq!(each, long);
    let run = tried(&bench, "top output/long -n 1 --json").ok();
    for part in ["\"trait\": \"1\"", "\"trait\": \"2\"", "\"neg_log10_p\": "] {
        assert!(run.stdout.contains(part), "{}", run.stdout);
    }
}

#[test]
fn gemmas_own_tables_are_read() {
    let bench = Bench::empty();
    let path = root().join("reference/gemma/demo/lmm4.assoc.txt");
    let run = tried(&bench, &format!("top {} -n 3", path.display())).ok();
    for id in ["rs10226", "rs10523", "rs10827"] {
        assert!(run.stdout.contains(id), "{}", run.stdout);
    }
    let missing = tried(&bench, "top nothing");
    assert!(
        missing.status == 1 && missing.stderr.contains("nothing: cannot find a table"),
        "{}",
        missing.stderr
    );
    let wrong = tried(&bench, &format!("top {}", data("demo.fam").display()));
    assert!(
        wrong
            .stderr
            .contains("not those of a table of associations"),
        "{}",
        wrong.stderr
    );
}
