//! `jamma top`: prints the SNPs with the smallest p-values.

use super::aligned::{Cell, left_out, lines};
use crate::cli::foreign::Remedy;
use crate::cli::report::print;
use crate::cli::terminal::{self, Style, styled};
use crate::cli::tool::{Given, Tool, ToolOption, Value, Word};
use crate::error::{Error, Result};
use crate::io::results::{ResultTable, read_results};
use crate::output::json::Json;
use crate::output::number::format_g;
use crate::results::{Hit, Top, TopOptions, tables_of, top};
use std::path::Path;

pub(crate) const TOOL: Tool = Tool {
    name: "top",
    about: "Print the SNPs with the smallest p-values of a table of associations, and a summary",
    usage: &["jamma top PREFIX [OPTIONS]"],
    words: &[Word::one("PREFIX", Value::Path)],
    n_words: 1..=1,
    options: &[
        ToolOption::with("-n", "N", Value::Number, "Number of hits [default: 20]"),
        ToolOption::with(
            "--clump",
            "DISTANCE",
            Value::Text,
            "Show only the hit with the smallest p within this distance, such as 500kb, 1Mb or 20000 [without a value: 500kb]",
        )
        .optional(),
        ToolOption::with(
            "--test",
            "COLUMN",
            Value::Text,
            "The column of p-values, such as p_lrt [default: the first]",
        ),
        ToolOption::flag("--json", "Print JSON"),
    ],
    notes: &[
        "PREFIX is the prefix of a run (-outdir and -o), of which every trait is shown, or a table of jamma, GEMMA, REGENIE, PLINK, SAIGE, GCTA, BOLT-LMM, FaST-LMM, EMMAX (.ps) or METAL: text, plain or compressed, or Parquet.",
        "Exit status: 0, or 1 on an error.",
    ],
    examples: &[
        ("jamma top output/mouse", "the 20 smallest p-values, and a summary"),
        ("jamma top output/mouse -n 5 --clump 1Mb", "the best SNP of each locus"),
        ("jamma top gemma.assoc.txt --json", "for programs"),
    ],
    synonyms: &[
        (&["top", "number", "num", "hits", "head", "lines", "count", "limit"], Remedy::Ours("n")),
        (
            &["clump-kb", "window", "distance", "kb", "cojo-wind", "prune", "loci", "locus"],
            Remedy::Ours("clump"),
        ),
        (
            &["p", "pval", "p-value", "pvalue", "p-col", "pcol", "clump-field", "clump-p-field", "column", "col", "field"],
            Remedy::Ours("test"),
        ),
        (
            &["o", "out", "outdir", "output", "output-format"],
            Remedy::Instead("`jamma top` prints on standard output: jamma top PREFIX > FILE"),
        ),
        (
            &["clump-p1", "clump-p2", "clump-r2", "ld", "pfilter", "threshold", "alpha", "sig"],
            Remedy::Instead("hits are chosen by their number (-n) and distance (--clump); for other choices, read the table or the output of --json"),
        ),
    ],
    is_hidden: false,
};

/// The distance of `--clump` without a value.
const DISTANCE: i64 = 500_000;
/// Significant digits of printed numbers.
const DIGITS: usize = 4;

pub(super) fn run(given: &Given) -> Result<()> {
    let defaults = TopOptions::default();
    let options = TopOptions {
        n: given.number("n", "a number of hits")?.unwrap_or(defaults.n),
        clump: given.value("clump").map(distance).transpose()?,
        test: given.value("test").map(str::to_owned),
    };
    let paths = tables_of(&given.paths[0])?;
    let mut objects = Vec::new();
    for (k, path) in paths.iter().enumerate() {
        let table = read_results(path)?;
        for (j, of) in top(&table, &options)?.iter().enumerate() {
            if given.has("json") {
                objects.push(json(&table, of, &options));
                continue;
            }
            if k + j > 0 {
                print("");
            }
            show(&table, of, &options);
        }
    }
    if given.has("json") {
        print(Json::List(objects));
    }
    Ok(())
}

/// A distance such as `500kb`.
fn distance(text: &str) -> Result<i64> {
    if text.is_empty() {
        return Ok(DISTANCE);
    }
    let lower = text.to_ascii_lowercase();
    let units = [("kb", 1e3), ("mb", 1e6), ("bp", 1.0), ("", 1.0)].into_iter();
    let mut parsed = units.filter_map(|(unit, factor)| {
        let number: f64 = lower.strip_suffix(unit)?.trim().parse().ok()?;
        (0.0..=1e10).contains(&number).then_some(number * factor)
    });
    parsed.next().map(|bases| bases as i64).ok_or_else(|| {
        Error::option(
            "--clump",
            format!("expected a distance, found {text}"),
            "give a number of base pairs, such as 500kb, 1Mb or 20000",
        )
    })
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The summary of a trait and its hits.
fn show(table: &ResultTable, of: &Top, options: &TopOptions) {
    let colours = terminal::has_colours();
    let g = |x: f64| format_g(x, DIGITS);
    let name = match of.name.as_str() {
        "" => String::new(),
        name => format!(", trait {}", crate::error::escaped(name)),
    };
    let title = format!("{}{name}", file_name(&table.path));
    print(styled(&title, Style::Bold, colours));
    let undefined = match of.n_rows - of.n_tested {
        0 => String::new(),
        n => format!(", {n} without a p-value"),
    };
    print(format_args!(
        "{} SNPs tested ({}){undefined}{}; lambda_GC {}",
        of.n_tested,
        of.test,
        left_out(table),
        g(of.lambda_gc)
    ));
    print(format_args!(
        "Bonferroni threshold {}: {} SNPs; 5e-08: {} SNPs",
        g(of.bonferroni),
        of.n_significant[0],
        of.n_significant[1]
    ));
    if of.hits.is_empty() {
        return;
    }
    let columns = columns(table, of, options);
    let header = columns
        .iter()
        .map(|column| Cell(column.name.clone(), Style::Bold));
    let mut rows = vec![header.collect::<Vec<_>>()];
    for hit in &of.hits {
        let is_significant = of.test_p(table, *hit) <= of.bonferroni;
        let cells = columns.iter().map(|column| {
            let style = if column.is_p && is_significant {
                Style::Good
            } else {
                Style::Plain
            };
            Cell((column.cell)(*hit), style)
        });
        rows.push(cells.collect());
    }
    let is_text: Vec<bool> = columns.iter().map(|column| column.is_text).collect();
    print("");
    lines(&rows, &is_text, colours).iter().for_each(print);
}

impl Top {
    fn test_p(&self, table: &ResultTable, hit: Hit) -> f64 {
        table.tests[self.test_index].p(hit.row)
    }
}

/// A column of the printed table.
struct Shown<'a> {
    name: String,
    is_text: bool,
    is_p: bool,
    cell: Box<dyn Fn(Hit) -> String + 'a>,
}

fn columns<'a>(table: &'a ResultTable, of: &'a Top, options: &TopOptions) -> Vec<Shown<'a>> {
    let text = |name: &str, cell: Box<dyn Fn(Hit) -> String + 'a>| Shown {
        name: name.to_owned(),
        is_text: true,
        is_p: false,
        cell,
    };
    let number = |name: &str, cell: Box<dyn Fn(Hit) -> String + 'a>| Shown {
        is_text: false,
        ..text(name, cell)
    };
    let mut columns = Vec::new();
    if table.has_positions() {
        columns.push(text("chr", Box::new(|hit| table.chr(hit.row).to_owned())));
        let ps = |hit: Hit| table.ps(hit.row).unwrap_or_default().to_string();
        columns.push(number("ps", Box::new(ps)));
    }
    columns.push(text("rs", Box::new(|hit| table.id(hit.row).to_owned())));
    let alleles = |hit: Hit| {
        let alleles = [table.effect_allele(hit.row), table.other_allele(hit.row)];
        alleles.join("/")
    };
    columns.push(text("alleles", Box::new(alleles)));
    for name in ["af", "n", "beta", "se"] {
        if table.number_names().any(|known| known == name) {
            let cell = move |hit: Hit| {
                let found = table.number(name, hit.row);
                found.map_or_else(String::new, |x| format_g(x.value, DIGITS))
            };
            columns.push(number(name, Box::new(cell)));
        }
    }
    let log = |hit: Hit| table.tests[of.test_index].neg_log10[hit.row];
    let p = move |hit: Hit| shown_p(of.test_p(table, hit), log(hit));
    columns.push(Shown {
        is_p: true,
        ..number(&of.test, Box::new(p))
    });
    if options.clump.is_some() {
        let cell = |hit: Hit| hit.n_clumped.to_string();
        columns.push(number("n_clumped", Box::new(cell)));
    }
    columns
}

/// A p-value, by its logarithm if it is too small for a double.
fn shown_p(p: f64, neg_log10: f64) -> String {
    if p > 0.0 || !neg_log10.is_finite() {
        return format_g(p, DIGITS);
    }
    let exponent = neg_log10.ceil();
    let mantissa = format_g(10_f64.powf(exponent - neg_log10), DIGITS);
    match mantissa.as_str() {
        "10" => format!("1e-{}", exponent - 1.0),
        _ => format!("{mantissa}e-{exponent}"),
    }
}

fn json(table: &ResultTable, of: &Top, options: &TopOptions) -> Json {
    let hits = of.hits.iter().map(|hit| {
        let row = hit.row;
        let number = |name: &str| Json::from(table.number(name, row).map(|x| x.value));
        Json::object([
            ("chr", table.chr(row).into()),
            ("rs", table.id(row).into()),
            ("ps", table.ps(row).map_or(Json::Null, Json::Integer)),
            ("allele1", table.effect_allele(row).into()),
            ("allele0", table.other_allele(row).into()),
            ("af", number("af")),
            ("beta", number("beta")),
            ("se", number("se")),
            ("p", of.test_p(table, *hit).into()),
            (
                "neg_log10_p",
                table.tests[of.test_index].neg_log10[row].into(),
            ),
            ("n_clumped", hit.n_clumped.into()),
        ])
    });
    Json::object([
        ("file", table.path.display().to_string().into()),
        ("columns_of", table.program.name().into()),
        ("trait", (&of.name).into()),
        ("test", (&of.test).into()),
        ("n_tested", of.n_tested.into()),
        ("n_without_p", (of.n_rows - of.n_tested).into()),
        ("lambda_gc", of.lambda_gc.into()),
        ("bonferroni", of.bonferroni.into()),
        ("n_below_bonferroni", of.n_significant[0].into()),
        ("n_below_5e-8", of.n_significant[1].into()),
        ("clump", options.clump.map_or(Json::Null, Json::Integer)),
        ("hits", Json::list(hits)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_below_the_range_of_doubles_are_shown_by_their_logarithm() {
        assert_eq!(shown_p(0.25, 0.602), "0.25");
        assert_eq!(shown_p(0.0, 412.25), "5.623e-413");
        // The mantissa is rounded to 10, which belongs to the exponent.
        assert_eq!(shown_p(0.0, 400.000_000_1), "1e-400");
        assert_eq!(shown_p(0.0, 400.0), "1e-400");
    }

    #[test]
    fn distances_have_units() {
        for (text, expected) in [
            ("", 500_000),
            ("500kb", 500_000),
            ("1Mb", 1_000_000),
            ("0.5 mb", 500_000),
            ("20000", 20_000),
            ("7bp", 7),
        ] {
            assert_eq!(distance(text).unwrap(), expected, "{text}");
        }
        for text in ["kb", "-5", "5x", "nan"] {
            assert!(distance(text).is_err(), "{text}");
        }
    }
}
