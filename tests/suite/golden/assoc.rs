//! Cell-by-cell comparison of an association table of jamma with that of GEMMA.

use super::tolerances::{Tolerances, is_borderline_stop};
use crate::common::{Table, relative_difference};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Number of leading columns that describe the SNP; the statistics begin after the allele frequency.
pub fn snp_columns(header: &[String]) -> usize {
    1 + header
        .iter()
        .position(|name| name == "af")
        .expect("an allele frequency")
}

/// The range of λ of a run.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    pub min: f64,
    pub max: f64,
}

/// Result of the comparison for one column of statistics.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub cells: usize,
    pub equal: usize,
    /// Cells of rows in which every λ is at least 0.05 and below the end of the range.
    pub plain_cells: usize,
    pub plain_equal: usize,
    /// Largest difference, relative (beta: to the larger of |beta| and se).
    pub worst: f64,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.cells += other.cells;
        self.equal += other.equal;
        self.plain_cells += other.plain_cells;
        self.plain_equal += other.plain_equal;
        self.worst = self.worst.max(other.worst);
    }
}

/// Result of the comparison of one or more tables.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    pub columns: BTreeMap<String, Tally>,
    /// Descriptions of the cells beyond their tolerance.
    pub beyond: Vec<String>,
    /// Rows that were not compared because GEMMA prints `nan` there.
    pub rows_with_nan: usize,
}

impl Comparison {
    pub fn add(&mut self, other: &Self) {
        for (column, tally) in &other.columns {
            self.columns.entry(column.clone()).or_default().add(tally);
        }
        self.beyond.extend(other.beyond.iter().cloned());
        self.rows_with_nan += other.rows_with_nan;
    }

    /// All columns together.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.columns.values().for_each(|tally| total.add(tally));
        total
    }

    /// One line per column.
    pub fn lines(&self, name: &str) -> String {
        let mut text = String::new();
        for (column, t) in &self.columns {
            let percent = |equal: usize, cells: usize| 100.0 * equal as f64 / (cells.max(1)) as f64;
            writeln!(
                text,
                "{name:<11} {column:<8} {:>7} {:>8.3} % {:>7} {:>8.3} % {:>9.1e}",
                t.cells,
                percent(t.equal, t.cells),
                t.plain_cells,
                percent(t.plain_equal, t.plain_cells),
                t.worst
            )
            .expect("writing to a string");
        }
        text
    }

    /// Asserts that no cell is beyond its tolerance.
    pub fn assert_within(&self) {
        let n = self.beyond.len();
        assert!(
            n == 0,
            "{n} cells beyond tolerance:\n{}",
            self.beyond[..n.min(20)].join("\n")
        );
    }
}

/// Asserts that the header and the SNP columns have the same text in every row.
pub fn assert_same_snps(name: &str, ours: &Table, theirs: &Table) {
    assert_eq!(ours.header, theirs.header, "{name}");
    assert_eq!(ours.rows.len(), theirs.rows.len(), "{name}: number of rows");
    let n_columns = snp_columns(&theirs.header);
    for (ours, theirs) in ours.rows.iter().zip(&theirs.rows) {
        assert_eq!(ours[..n_columns], theirs[..n_columns], "{name}");
    }
}

/// Compares the statistics of two tables of the same SNPs; rows in which GEMMA prints `nan` are only counted.
pub fn compare(
    name: &str,
    ours: &Table,
    theirs: &Table,
    range: Range,
    t: &Tolerances,
) -> Comparison {
    assert_same_snps(name, ours, theirs);
    let mut result = Comparison::default();
    for (our_cells, cells) in ours.rows.iter().zip(&theirs.rows) {
        if cells.iter().any(|cell| cell.ends_with("nan")) {
            result.rows_with_nan += 1;
            continue;
        }
        let row = GemmaRow {
            title: name,
            header: &theirs.header,
            cells,
            range,
        };
        let is_plain = row.is_plain(t);
        for (j, column) in theirs
            .header
            .iter()
            .enumerate()
            .skip(snp_columns(&theirs.header))
        {
            let (a, b) = (our_cells[j].as_str(), cells[j].as_str());
            let difference = row.difference(column, number(a), number(b));
            let tally = result.columns.entry(column.clone()).or_default();
            tally.cells += 1;
            tally.equal += usize::from(a == b);
            tally.plain_cells += usize::from(is_plain);
            tally.plain_equal += usize::from(is_plain && a == b);
            tally.worst = tally.worst.max(difference);
            let is_within = row
                .tolerance(column, t)
                .map_or(a == b, |tolerance| difference <= tolerance);
            if !is_within {
                result.beyond.push(format!(
                    "{name}: {} {column}: {a}, GEMMA {b}: {difference:.1e}",
                    cells[1]
                ));
            }
        }
    }
    result
}

/// A row that GEMMA printed.
struct GemmaRow<'a> {
    title: &'a str,
    header: &'a [String],
    cells: &'a [String],
    range: Range,
}

impl GemmaRow<'_> {
    fn get(&self, column: &str) -> Option<f64> {
        self.header
            .iter()
            .position(|h| h == column)
            .map(|j| number(&self.cells[j]))
    }

    /// Every printed λ is at least 0.05 and below the end of the range.
    fn is_plain(&self, t: &Tolerances) -> bool {
        let lambdas = [self.get("l_remle"), self.get("l_mle")];
        lambdas
            .iter()
            .flatten()
            .all(|&l| l >= t.smallest_plain_lambda && l < self.range.max)
    }

    /// Relative difference; of beta relative to the larger of |beta| and se. NaN differs from everything.
    fn difference(&self, column: &str, a: f64, b: f64) -> f64 {
        let d = match (column, self.get("se")) {
            ("beta", Some(se)) => (a - b).abs() / b.abs().max(se),
            _ => relative_difference(a, b),
        };
        if a.is_nan() { f64::INFINITY } else { d }
    }

    /// The tolerance of a column in this row; `None` if the text must be equal.
    fn tolerance(&self, column: &str, t: &Tolerances) -> Option<f64> {
        let Range { min, max } = self.range;
        Some(match column {
            "l_remle" if is_borderline_stop(self.title, &self.cells[1]) => t.borderline_stop,
            "l_remle" | "l_mle" => match self.get(column).expect("the column exists") {
                lambda if lambda == min || lambda == max => return None,
                lambda if lambda < t.smallest_plain_lambda => t.small_lambda,
                lambda if lambda <= t.largest_plain_lambda => t.plain_lambda,
                _ => t.large_lambda,
            },
            // Modes 3 and 9 do not print the null λ; in all their cases it is inside the range.
            "beta" if self.get("l_remle") == Some(max) => t.beta_at_lambda_max,
            "beta" => t.beta,
            "se" => t.se,
            "logl_H1" => t.logl,
            "p_wald" => t.p_wald,
            "p_lrt" => t.p_lrt,
            "p_score" => t.p_score,
            _ => panic!("no tolerance for column {column}"),
        })
    }
}

fn number(text: &str) -> f64 {
    text.parse()
        .unwrap_or_else(|_| panic!("not a number: {text}"))
}
