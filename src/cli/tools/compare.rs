//! `jamma compare`: compares two tables of associations.

use super::aligned::{Cell, left_out, lines};
use super::matched::{NAMED, by, named, show_matching};
use crate::cli::chromosomes::chromosome_set;
use crate::cli::foreign::Remedy;
use crate::cli::report::{self, print};
use crate::cli::terminal::{self, Style, styled};
use crate::cli::tool::{Given, Tool, ToolOption, Value, Word};
use crate::error::{Error, Result};
use crate::io::results::{ResultTable, read_results};
use crate::output::file::OutputFile;
use crate::output::json::Json;
use crate::output::number::format_g;
use crate::results::{
    Agreement, Comparison, ComparisonOptions, MatchedBy, compare, scatter, tables_of,
};
use std::path::Path;

pub(crate) const TOOL: Tool = Tool {
    name: "compare",
    about: "Compare two tables of associations column by column, by SNP and alleles",
    usage: &["jamma compare A B [OPTIONS]"],
    words: &[Word::one("A", Value::Path), Word::one("B", Value::Path)],
    n_words: 2..=2,
    options: &[
        ToolOption::with(
            "--by",
            "id|position",
            Value::Choice(&["id", "position"]),
            "Match SNPs by their ids, or by chromosome, position and alleles [default: whichever matches more SNPs]",
        ),
        ToolOption::with(
            "--tolerance",
            "FRACTION",
            Value::Number,
            "Largest relative difference of equal numbers [default: 0: equal as far as they are printed]",
        ),
        ToolOption::with(
            "-n",
            "N",
            Value::Number,
            "Number of top hits whose order is compared [default: 20]",
        ),
        ToolOption::with(
            "--chr-set",
            "SPECIES|N",
            Value::Text,
            "Chromosomes of the species, as for `jamma lmm`: with human, 23 and X are the same",
        ),
        ToolOption::with(
            "--plot",
            "FILE.svg",
            Value::Path,
            "Also draw -log10 p and effects of B against those of A",
        ),
        ToolOption::flag("--json", "Print JSON"),
    ],
    notes: &[
        "A and B are tables of jamma, GEMMA, REGENIE, PLINK, SAIGE, GCTA, BOLT-LMM, FaST-LMM, EMMAX (.ps) or METAL (text, plain or compressed, or Parquet), or prefixes of runs of one trait. If the effect alleles of a SNP are exchanged, the numbers of B are turned: signs of effects, frequencies, odds ratios, limits of intervals, counts of genotypes. Alleles of the other strand (A/G and T/C) are recognised; the strand of A/T and C/G cannot be known, and they are compared as written.",
        "Exit status: 0 the tables are equal, 1 they are different, 2 an error.",
        "`jamma plot effect-compare` of the Python package draws the effects of two tables against each other.",
    ],
    examples: &[
        (
            "jamma compare output/mouse gemma/mouse.assoc.txt",
            "a run with a table of GEMMA",
        ),
        (
            "jamma compare a.assoc.txt b.assoc.txt --tolerance 1e-5",
            "with a tolerance",
        ),
    ],
    synonyms: &[
        (
            &["tol", "eps", "epsilon", "rtol", "relative", "precision"],
            Remedy::Ours("tolerance"),
        ),
        (&["top", "number", "num", "hits"], Remedy::Ours("n")),
        (
            &[
                "match", "match-by", "merge-by", "key", "on", "position", "id",
            ],
            Remedy::Ours("by"),
        ),
        (&["species", "chromosomes"], Remedy::Ours("chr-set")),
        (&["figure", "svg", "scatter", "draw"], Remedy::Ours("plot")),
        (
            &["o", "out", "outdir", "output"],
            Remedy::Instead("`jamma compare` prints on standard output: jamma compare A B > FILE"),
        ),
    ],
    is_hidden: false,
};

/// The exit status of tables that are different, and of errors, as those of `cmp` and `diff`.
const DIFFERENT: u8 = 1;
const FAILED: u8 = 2;
const DIGITS: usize = 4;

/// Compares the tables, and returns the exit status.
pub(super) fn run(given: &Given) -> u8 {
    match compared(given) {
        Ok(true) => 0,
        Ok(false) => DIFFERENT,
        Err(error) => {
            report::error(&error);
            FAILED
        }
    }
}

fn compared(given: &Given) -> Result<bool> {
    let defaults = ComparisonOptions::default();
    let options = ComparisonOptions {
        by: match given.value("by") {
            None => None,
            Some("id") => Some(MatchedBy::Id),
            Some("position") => Some(MatchedBy::Position),
            Some(other) => {
                let what = format!("expected id or position, found {other}");
                return Err(Error::option("--by", what, "see `jamma help compare`"));
            }
        },
        tolerance: given
            .number("tolerance", "a number from 0 to 1")?
            .unwrap_or(defaults.tolerance),
        n_top: given
            .number("n", "a number of hits")?
            .unwrap_or(defaults.n_top),
        chromosomes: given.value("chr-set").map(chromosome_set).transpose()?,
    };
    if !(0.0..=1.0).contains(&options.tolerance) {
        let what = format!("expected a number from 0 to 1, found {}", options.tolerance);
        return Err(Error::option(
            "--tolerance",
            what,
            "see `jamma help compare`",
        ));
    }
    let [a, b] = [0, 1].map(|k| read_results(&only_table(&given.paths[k])?));
    let (a, b) = (a?, b?);
    let found = compare(&a, &b, &options)?;
    if let Some(path) = given.value("plot") {
        plot(Path::new(path), &a, &b, &found)?;
    }
    if given.has("json") {
        print(json(&a, &b, &found));
    } else {
        show(&a, &b, &found);
    }
    Ok(found.is_equal())
}

/// Writes the figure of the comparison.
fn plot(path: &Path, a: &ResultTable, b: &ResultTable, found: &Comparison) -> Result<()> {
    if path
        .extension()
        .is_none_or(|end| !end.eq_ignore_ascii_case("svg"))
    {
        return Err(Error::option(
            "--plot",
            format!("{}: the figure is written as SVG", path.display()),
            "give a name that ends with .svg; `jamma plot effect-compare` of the Python package writes PNG and PDF",
        ));
    }
    if [a, b].iter().any(|table| table.path == path) {
        return Err(Error::option(
            "--plot",
            "the file is a table",
            "give another name",
        ));
    }
    OutputFile::check(path)?;
    let names = [a, b].map(|table| table.path.display().to_string());
    let mut file = OutputFile::create_alone(path)?;
    file.write(scatter(a, b, found, [&names[0], &names[1]]).as_bytes())?;
    file.finish().map(drop)
}

/// The table at `path`, or the only one with this prefix.
fn only_table(path: &Path) -> Result<std::path::PathBuf> {
    let mut tables = tables_of(path)?;
    if tables.len() > 1 {
        return Err(Error::inconsistent(
            format!(
                "{}: there are {} tables with this prefix",
                path.display(),
                tables.len()
            ),
            format!("give one of them, such as {}", tables[0].display()),
        ));
    }
    Ok(tables.remove(0))
}

fn show(a: &ResultTable, b: &ResultTable, found: &Comparison) {
    let colours = terminal::has_colours();
    for (letter, table) in [("A", a), ("B", b)] {
        print(format_args!(
            "{letter}  {}: {} rows, columns of {}{}",
            table.path.display(),
            table.len(),
            table.program.name(),
            left_out(table)
        ));
    }
    show_matching(a, b, found);
    print("");
    let names = [
        "column",
        "n",
        "different",
        "last place",
        "relative",
        "at",
        "correlation",
        "verdict",
    ];
    let header = names.map(|name| Cell(name.to_owned(), Style::Bold));
    let mut rows = vec![Vec::from(header)];
    rows.extend(found.columns.iter().map(|column| row(a, column)));
    let is_text = [true, false, false, false, false, true, false, true];
    lines(&rows, &is_text, colours).iter().for_each(print);
    print("");
    for (letter, names) in [("A", &found.only[0]), ("B", &found.only[1])] {
        if !names.is_empty() {
            print(format_args!(
                "columns only in {letter}: {}",
                names.join(", ")
            ));
        }
    }
    for (letter, table) in [("A", a), ("B", b)] {
        if !table.of_words.is_empty() {
            print(format_args!(
                "columns of {letter} that contain words, not compared: {}",
                table.of_words.join(", ")
            ));
        }
    }
    if let Some(top) = &found.top {
        print(format_args!(
            "top {}: {} in both, {} at the same rank",
            top.n, top.n_common, top.n_same_rank
        ));
    }
    let (verdict, style) = if found.is_equal() {
        ("equal", Style::Good)
    } else {
        ("different", Style::Bad)
    };
    print(styled(verdict, style, colours));
}

fn row(a: &ResultTable, of: &Agreement) -> Vec<Cell> {
    let g = |x: f64| format_g(x, DIGITS);
    let verdict = if of.is_equal() {
        Cell("equal".into(), Style::Good)
    } else {
        let missing = match of.n_missing {
            0 => String::new(),
            n => format!(", {n} undefined in one table"),
        };
        Cell(format!("different{missing}"), Style::Bad)
    };
    vec![
        of.name.as_str().into(),
        of.n.to_string().into(),
        of.n_different.to_string().into(),
        g(of.max_units).into(),
        g(of.max_relative).into(),
        of.worst
            .map_or(String::new(), |row| named(a, &[row]))
            .into(),
        format_g(of.correlation, 8).into(),
        verdict,
    ]
}

fn json(a: &ResultTable, b: &ResultTable, found: &Comparison) -> Json {
    let alleles = &found.alleles;
    let matching = &found.matching;
    let table = |k: usize, table: &ResultTable| {
        let (rows, names) = (&matching.only[k], &found.only[k]);
        Json::object([
            ("file", table.path.display().to_string().into()),
            ("columns_of", table.program.name().into()),
            ("n_rows", table.len().into()),
            ("n_rows_of_other_tests", table.n_of_other_tests.into()),
            ("n_only_here", rows.len().into()),
            ("n_repeated", matching.repeated[k].len().into()),
            ("n_without_key", matching.without_key[k].len().into()),
            (
                "only_here",
                Json::list(rows.iter().take(NAMED).map(|&row| named(table, &[row]))),
            ),
            ("columns_only_here", Json::list(names)),
            ("columns_of_words", Json::list(&table.of_words)),
        ])
    };
    let columns = found.columns.iter().map(|of| {
        Json::object([
            ("name", (&of.name).into()),
            ("is_equal", of.is_equal().into()),
            ("n", of.n.into()),
            ("n_undefined_in_one", of.n_missing.into()),
            ("n_different", of.n_different.into()),
            ("largest_difference_in_last_place", of.max_units.into()),
            ("largest_relative_difference", of.max_relative.into()),
            ("at", of.worst.map(|row| named(a, &[row])).into()),
            ("correlation", of.correlation.into()),
        ])
    });
    let top = found.top.as_ref().map(|top| {
        Json::object([
            ("n", top.n.into()),
            ("n_common", top.n_common.into()),
            ("n_same_rank", top.n_same_rank.into()),
        ])
    });
    Json::object([
        ("is_equal", found.is_equal().into()),
        ("matched_by", by(found).into()),
        ("n_common", matching.pairs.len().into()),
        ("n_exchanged_alleles", alleles.n_exchanged.into()),
        ("n_other_strand", alleles.n_flipped.into()),
        ("n_palindromic", alleles.n_palindromic.into()),
        (
            "n_palindromic_with_other_frequencies",
            alleles.frequencies_disagree.len().into(),
        ),
        ("n_assumed_alleles", alleles.n_assumed.into()),
        ("n_other_positions", matching.other_positions.len().into()),
        ("n_other_alleles", matching.other_alleles.len().into()),
        ("n_other_model", found.other_model.len().into()),
        ("a", table(0, a)),
        ("b", table(1, b)),
        ("columns", Json::list(columns)),
        ("top", top.into()),
    ])
}
