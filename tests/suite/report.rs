//! `--report` and `jamma report`: the numbers in the page are those of the table, and no text of a user can change the page.

mod sources;

use crate::common::{Table, data, jamma, jamma_in};
use crate::live::{gemma_in, has_gemma, output_folder, shared};
use crate::simulate::Study;
use flate2::read::GzDecoder;
use std::io::Read;
use std::path::Path;

/// A page, taken apart.
pub(crate) struct Page {
    pub(crate) html: String,
    pub(crate) head: String,
    bytes: Vec<u8>,
}

/// The text between `start` and the next `end`.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let at = text
        .find(start)
        .unwrap_or_else(|| panic!("{start} is in the page"))
        + start.len();
    &text[at..at + text[at..].find(end).expect("the end is in the page")]
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let text = text.trim().trim_end_matches('=').as_bytes();
    let mut bytes = Vec::new();
    for four in text.chunks(4) {
        let bits = four
            .iter()
            .fold(0_u32, |bits, c| bits << 6 | u32::from(digit(*c)));
        let bits = bits << (6 * (4 - four.len()));
        bytes.extend(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
}

impl Page {
    pub(crate) fn read(path: &Path) -> Self {
        let html =
            std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let head = between(&html, "id=\"report-head\">", "</script>").to_owned();
        let packed = base64(between(&html, "id=\"report-data\">", "</script>"));
        let mut bytes = Vec::new();
        GzDecoder::new(&packed[..])
            .read_to_end(&mut bytes)
            .expect("gzip");
        Self { html, head, bytes }
    }

    /// The bytes of an array with elements of `size` bytes.
    pub(crate) fn array(&self, name: &str, size: usize) -> &[u8] {
        let place = between(&self.head, &format!("\"{name}\":["), "]");
        let parts: Vec<&str> = place.split(',').collect();
        let [offset, length] = [1, 2].map(|k| parts[k].parse::<usize>().unwrap());
        assert_eq!(offset % 8, 0, "{name} is aligned");
        &self.bytes[offset..offset + length * size]
    }

    pub(crate) fn f64(&self, name: &str) -> Vec<f64> {
        let bytes = self.array(name, 8).chunks(8);
        bytes
            .map(|b| f64::from_le_bytes(b.try_into().unwrap()))
            .collect()
    }

    fn f32(&self, name: &str) -> Vec<f32> {
        let bytes = self.array(name, 4).chunks(4);
        bytes
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
            .collect()
    }

    fn u32(&self, name: &str) -> Vec<u32> {
        let bytes = self.array(name, 4).chunks(4);
        bytes
            .map(|b| u32::from_le_bytes(b.try_into().unwrap()))
            .collect()
    }

    fn text(&self, name: &str) -> Vec<String> {
        let text = String::from_utf8(self.array(name, 1).to_vec()).unwrap();
        text.split('\n').map(str::to_owned).collect()
    }

    fn has(&self, name: &str) -> bool {
        self.head.contains(&format!("\"{name}\":["))
    }

    /// How often the page has an element that begins so.
    fn count(&self, text: &str) -> usize {
        self.html.matches(text).count()
    }
}

/// Runs `jamma words` on a bundled study with a report, and reads it.
fn reported(out: &Path, words: &str) -> Page {
    let to = format!("-outdir {} -o run -silence", out.display());
    jamma(&format!("{words} --report {to}")).ok();
    Page::read(&out.join("run.report.html"))
}

#[test]
fn the_strongest_snps_are_those_of_the_table() {
    let out = output_folder("report_table");
    let page = reported(&out, "lmm -bfile missing -lmm 4 --log10p");
    let table = Table::read(&out.join("run.assoc.txt"));
    let mut rows: Vec<usize> = (0..table.rows.len()).collect();
    let y = table.numbers("neg_log10_p_wald");
    // Equal ones are in the order of the table.
    rows.sort_by(|&a, &b| y[b].total_cmp(&y[a]));
    let (shown, ids) = (page.f64("t0.top.y"), page.text("t0.top.id"));
    assert_eq!(
        shown.len(),
        table.rows.len(),
        "a small study is shown completely"
    );
    assert!(page.array("t0.thin.y", 1).is_empty() && page.array("t0.kept.y", 1).is_empty());
    let (beta, af, ps) = (
        page.f32("t0.top.beta"),
        page.f32("t0.top.af"),
        page.u32("t0.top.position"),
    );
    let mut n_same_id = 0;
    for (k, &row) in rows.iter().enumerate() {
        assert!((shown[k] - y[row]).abs() <= 1e-6 * y[row].max(1.0), "{k}");
        if ids[k] == table.texts("rs")[row] {
            n_same_id += 1;
            assert!(
                (f64::from(beta[k]) - table.numbers("beta")[row]).abs()
                    <= 1e-6 * table.numbers("beta")[row].abs()
            );
            assert!((f64::from(af[k]) - table.numbers("af")[row]).abs() <= 5.1e-4);
            assert_eq!(f64::from(ps[k]), table.numbers("ps")[row]);
        }
    }
    // Rows that the table prints equally may be in another order.
    assert!(n_same_id + 8 >= rows.len(), "{n_same_id} of {}", rows.len());
    let ranks = page.u32("t0.qq0.rank");
    assert_eq!(*ranks.last().unwrap() as usize, rows.len());
    let observed = page.f32("t0.qq0.y");
    assert!((f64::from(observed[0]) - y[rows[0]]).abs() < 1e-5);
}

#[test]
fn the_page_has_the_facts_of_the_log_and_all_charts() {
    let out = output_folder("report_facts");
    let page = reported(
        &out,
        "lmm -bfile plain -lmm 1 --effective-tests --permutations 20",
    );
    for chart in [
        "qq",
        "phenotype",
        "profile",
        "af",
        "missing",
        "kinship",
        "offdiagonal",
        "spectrum",
        "region",
    ] {
        assert!(
            page.count(&format!("data-chart=\"{chart}\"")) > 0,
            "{chart}"
        );
    }
    let log = std::fs::read_to_string(out.join("run.log.txt")).unwrap();
    for line in log.lines().filter(|line| line.contains(" = ")) {
        let value = line.split(" = ").last().unwrap().trim();
        assert!(page.html.contains(&value.replace('\'', "&#39;")), "{line}");
    }
    assert!(page.html.contains("5% by permutation"));
    assert!(page.head.contains("\"permutations\"") && page.head.contains("\"effective tests\""));
    let profile = page.f32("t0.profile.fall");
    let largest = profile.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    assert!(largest.abs() < 1e-3 && profile.iter().all(|fall| *fall < 1e-3));
    // r² of a lead SNP with itself is 1.
    let position = page.u32("r0.position");
    let lead = page.u32("t0.top.position")[0];
    let at = position
        .iter()
        .position(|one| *one == lead)
        .expect("the lead is in its region");
    assert_eq!(page.array("r0.r2", 1)[at], 250);
    assert!(page.html.len() < 1_500_000);
}

#[test]
fn threads_and_blocks_do_not_change_the_numbers() {
    let out = output_folder("report_threads");
    for study in [
        "lmm -bfile loco -loco -lmm 1",
        "lm -bfile missing --traits 1,2",
    ] {
        let first = reported(&out, study);
        for more in ["--threads 1", "--block-snps 7"] {
            let other = reported(&out, &format!("{study} {more}"));
            assert!(first.bytes == other.bytes, "{study} {more}");
            assert_eq!(first.head, other.head, "{study} {more}");
        }
    }
}

#[test]
fn several_traits_and_left_out_chromosomes_are_in_one_file() {
    let out = output_folder("report_traits");
    let page = reported(&out, "lmm -bfile missing --traits all");
    assert_eq!(page.count("data-trait=\""), 4);
    assert!(page.has("t3.top.y") && !page.has("t4.top.y"));
    let page = reported(&out, "lmm -bfile loco -loco");
    assert_eq!(page.count("data-trait=\""), 1);
    assert!(page.html.contains("Kinship without chromosome"));
    assert_eq!(page.count("data-chart=\"profile\""), 0);
    let page = reported(&out, "lm -bfile missing");
    assert!(
        page.html
            .contains("The linear model does not use a kinship.")
    );
}

#[test]
fn text_of_the_inputs_cannot_become_markup() {
    let bench = tempfile::tempdir().unwrap();
    Study::simulate(5, 60, 50).write(bench.path(), "s");
    let bim = bench.path().join("s.bim");
    let text = std::fs::read_to_string(&bim).unwrap();
    let bad = text.lines().enumerate().map(|(k, line)| {
        let mut cells: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        cells[1] = format!("</script><img/src=x{k}>\"'&");
        cells.join("\t") + "\n"
    });
    std::fs::write(&bim, bad.collect::<String>()).unwrap();
    jamma_in(
        bench.path(),
        "lmm -bfile s -maf 0 --report -o <b>x -silence",
    )
    .ok();
    let page = Page::read(&bench.path().join("output/<b>x.report.html"));
    assert_eq!(page.count("</script>"), 5, "the scripts of the page");
    assert_eq!(page.count("<img"), 0);
    assert!(!page.html.contains("<b>x"));
    assert!(page.text("t0.top.id")[0].starts_with("</script><img/src=x"));
    assert!(page.html.contains("&lt;/script&gt;&lt;img/src=x"));
}

#[test]
fn a_run_without_a_test_has_a_page() {
    let out = output_folder("report_none");
    let page = reported(&out, "lm -bfile plain -maf 0.499999");
    if !page.html.contains("No SNP has a p-value") {
        assert!(page.f64("t0.top.y").len() < 20);
    }
    let none = out.join("none");
    std::fs::write(&none, "no_such_snp\n").unwrap();
    let run = jamma(&format!(
        "lm -bfile plain -snps {} --report -outdir {} -o none -silence",
        none.display(),
        out.display()
    ));
    if run.status == 0 {
        assert!(
            Page::read(&out.join("none.report.html"))
                .html
                .contains("No SNP has a p-value")
        );
    }
}

#[test]
fn a_report_of_finished_files_has_the_same_snps() {
    let out = output_folder("report_files");
    let first = reported(&out, "lmm -bfile missing --traits 1,3 --gz");
    let run = jamma_in(&out, "report run -o again").ok();
    assert!(
        run.stdout.contains("wrote again.report.html"),
        "{}",
        run.stdout
    );
    let again = Page::read(&out.join("again.report.html"));
    for t in 0..2 {
        let (a, b) = (
            first.f64(&format!("t{t}.top.y")),
            again.f64(&format!("t{t}.top.y")),
        );
        assert_eq!(a.len(), b.len());
        for (a, b) in a.iter().zip(&b) {
            assert!((a - b).abs() < 1e-5 * a.max(1.0), "{a} {b}");
        }
    }
    for text in [
        "are only in the report that a run with --report writes",
        "Excluded individuals and SNPs",
        "colours of linkage disequilibrium",
    ] {
        assert!(again.html.contains(text), "{text}");
    }
    assert_eq!(again.count("data-chart=\"phenotype\""), 0);
    assert_eq!(again.count("data-chart=\"missing\""), 2);
    jamma(&format!(
        "lm -bfile missing -n 1 -outdir {} -o other -silence",
        out.display()
    ))
    .ok();
    jamma_in(&out, "report run.log.txt other").ok();
    let both = Page::read(&out.join("comparison.report.html"));
    assert_eq!(both.count("data-trait=\""), 3);
    let long = format!(
        "lm -bfile missing --traits 1,2 --long -outdir {} -o long -silence",
        out.display()
    );
    jamma(&long).ok();
    jamma_in(&out, "report long").ok();
    assert_eq!(
        Page::read(&out.join("long.report.html")).count("data-trait=\""),
        2
    );
    std::fs::remove_file(out.join("other.log.txt")).unwrap();
    jamma_in(&out, "report other").ok();
    let page = Page::read(&out.join("other.report.html"));
    assert!(page.html.contains("No log was found"));
}

#[test]
fn a_report_of_gemmas_files_is_made() {
    if !has_gemma() {
        return;
    }
    let out = output_folder("report_gemma");
    gemma_in(
        &data(""),
        &format!("-bfile plain -gk 1 -outdir {} -o k", out.display()),
    );
    gemma_in(
        &data(""),
        &format!(
            "-bfile plain -k {0}/k.cXX.txt -lmm 4 -outdir {0} -o gemma",
            out.display()
        ),
    );
    jamma_in(&out, "report gemma").ok();
    let page = Page::read(&out.join("gemma.report.html"));
    let table = Table::read(&out.join("gemma.assoc.txt"));
    assert_eq!(page.f64("t0.top.y").len(), table.rows.len());
    assert!(page.html.contains("GEMMA 0.98"));
}

#[test]
fn six_traits_of_mouse_hs1940_are_below_5_mb() {
    let Some(mouse) = shared("mouse") else {
        return;
    };
    let out = output_folder("report_mouse");
    let words = format!(
        "lm -bfile mouse_hs1940 --traits all --report -outdir {} -o mouse -silence",
        out.display()
    );
    jamma_in(&mouse, &words).ok();
    let page = Page::read(&out.join("mouse.report.html"));
    assert!(page.count("data-trait=\"") > 1);
    assert!(page.html.len() < 5_000_000, "{}", page.html.len());
    // The grid shows at most the SNPs that are not shown exactly.
    let n = page.f64("t0.top.y").len();
    assert!(n >= 5000 || page.count("data-trait=\"") > 6, "{n}");
}

#[test]
fn what_makes_no_sense_is_rejected() {
    let out = output_folder("report_rejected");
    for (words, text) in [
        (
            "lmm -bfile plain -lmm 5 --report",
            "this run does not test SNPs",
        ),
        ("report", "Usage: jamma report"),
        (
            "report nothing",
            "no table of associations begins with nothing",
        ),
        ("report a --maf 0.1", "does not have the option"),
        ("help report", "jamma report PREFIX"),
    ] {
        let run = jamma(words);
        let text_found = run.stderr.contains(text) || run.stdout.contains(text);
        assert!(text_found, "{words}: {} {}", run.stdout, run.stderr);
    }
    std::fs::write(
        out.join("bad.assoc.txt"),
        "chr\trs\tps\tp_wald\n1\ta\t5\t0.5\n1\tb\tx\t0.5\n",
    )
    .unwrap();
    let run = jamma_in(&out, "report bad");
    assert!(
        run.status == 1 && run.stderr.contains("bad.assoc.txt:3:"),
        "{}",
        run.stderr
    );
    assert!(!out.join("bad.report.html").exists());
}
