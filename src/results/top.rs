//! The SNPs with the smallest p-values of a table.

use crate::error::{Error, Result};
use crate::io::results::ResultTable;
use crate::stats::normal_quantile;

/// The usual threshold of genome-wide significance in humans.
const GENOME_WIDE: f64 = 5e-8;
/// The family-wise error rate of Bonferroni's threshold.
const ALPHA: f64 = 0.05;
/// The median of χ² with one degree of freedom.
const MEDIAN_CHI2: f64 = 0.454_936_423_119_572_8;

/// What is shown of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TopOptions {
    /// Most hits.
    pub n: usize,
    /// The distance within which only the hit with the smallest p-value is shown, in base pairs.
    pub clump: Option<i64>,
    /// The column of p-values; the first of the table if `None`.
    pub test: Option<String>,
}

impl Default for TopOptions {
    /// Twenty SNPs, without clumping.
    fn default() -> Self {
        Self {
            n: 20,
            clump: None,
            test: None,
        }
    }
}

/// The hits of one trait.
#[derive(Debug, Clone, PartialEq)]
pub struct Top {
    /// The trait; empty if the table is of one.
    pub name: String,
    /// The column of p-values.
    pub test: String,
    /// Its index among the tests of the table.
    pub test_index: usize,
    /// Number of SNPs with a p-value.
    pub n_tested: usize,
    /// Number of rows of the trait.
    pub n_rows: usize,
    /// Bonferroni's threshold of p, α = 0.05.
    pub bonferroni: f64,
    /// Numbers of SNPs with p up to Bonferroni's threshold, and up to 5e-8.
    pub n_significant: [usize; 2],
    /// The ratio of the median statistic to that without associations; NaN without tests.
    pub lambda_gc: f64,
    /// The hits, by ascending p; of equal ones, in the order of the table.
    pub hits: Vec<Hit>,
}

/// A hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Its row.
    pub row: usize,
    /// The number of significant SNPs within the distance of clumping, including the hit itself; of a hit that is not
    /// significant, 1.
    pub n_clumped: usize,
}

/// The hits of every trait of `table`.
///
/// Fails if it has no such test, or if distances are needed and there are no positions.
pub fn top(table: &ResultTable, options: &TopOptions) -> Result<Vec<Top>> {
    let test_index = match &options.test {
        None => 0,
        Some(name) => (table.tests.iter())
            .position(|test| test.name == *name)
            .ok_or_else(|| no_test(table, name))?,
    };
    if options.clump.is_some() && !table.has_positions() {
        return Err(Error::option(
            "--clump",
            format!("{}: the table has no positions", table.path.display()),
            "omit the option",
        ));
    }
    let names: Vec<&str> = match table.traits() {
        Some(traits) => traits.iter().map(AsRef::as_ref).collect(),
        None => vec![""],
    };
    let of_trait = names.into_iter().map(|name| {
        let rows = (0..table.len()).filter(|&row| table.trait_of(row) == name);
        of_trait(table, test_index, name, rows.collect(), options)
    });
    Ok(of_trait.collect())
}

fn no_test(table: &ResultTable, name: &str) -> Error {
    let names: Vec<&str> = table.tests.iter().map(|test| test.name.as_str()).collect();
    Error::option(
        "--test",
        format!("{} has no column {name}", table.path.display()),
        format!("its tests are {}", names.join(", ")),
    )
}

fn of_trait(
    table: &ResultTable,
    test_index: usize,
    name: &str,
    mut rows: Vec<usize>,
    options: &TopOptions,
) -> Top {
    let test = &table.tests[test_index];
    let log = |row: usize| test.neg_log10[row];
    let n_rows = rows.len();
    rows.retain(|&row| !log(row).is_nan());
    rows.sort_by(|&a, &b| log(b).total_cmp(&log(a)).then(a.cmp(&b)));
    let bonferroni = ALPHA / rows.len().max(1) as f64;
    let n_up_to = |p: f64| rows.partition_point(|&row| log(row) >= -p.log10());
    let n_significant = [n_up_to(bonferroni), n_up_to(GENOME_WIDE)];
    let significant = &rows[..n_significant[0]];
    let mut hits: Vec<Hit> = Vec::new();
    let is_near = |a: usize, b: usize| {
        let distance = options.clump.unwrap_or_default();
        let apart = table.ps(a).zip(table.ps(b)).map(|(a, b)| (a - b).abs());
        table.chr(a) == table.chr(b) && apart.is_some_and(|apart| apart <= distance)
    };
    for &row in &rows {
        if hits.len() == options.n {
            break;
        }
        if options.clump.is_some() && hits.iter().any(|hit| is_near(hit.row, row)) {
            continue;
        }
        let n_clumped = match options.clump {
            None => 1,
            Some(_) => significant
                .iter()
                .filter(|&&other| is_near(row, other))
                .count(),
        };
        hits.push(Hit {
            row,
            n_clumped: n_clumped.max(1),
        });
    }
    Top {
        name: name.to_owned(),
        test: test.name.clone(),
        test_index,
        n_tested: rows.len(),
        n_rows,
        bonferroni,
        n_significant,
        lambda_gc: lambda_gc(&rows.iter().map(|&row| log(row)).collect::<Vec<_>>()),
        hits,
    }
}

/// The median χ² of p-values, sorted by descending −log₁₀ p, divided by its expectation.
fn lambda_gc(sorted: &[f64]) -> f64 {
    let n = sorted.len();
    if n == 0 {
        return f64::NAN;
    }
    let chi2 = |neg_log10: f64| {
        let p = 10_f64.powf(-neg_log10);
        normal_quantile(p / 2.0).powi(2)
    };
    let middle = [sorted[(n - 1) / 2], sorted[n / 2]].map(chi2);
    f64::midpoint(middle[0], middle[1]) / MEDIAN_CHI2
}
