//! Reads the traits of a finished table.

use super::collect::{Collector, SnpRow};
use super::facts::{Facts, label};
use super::loci::windows;
use super::study::{Region, TraitView};
use super::thin::Limits;
use crate::error::Result;
use crate::io::results::{Recognised, ResultRow, TakeRows, read_rows};
use std::path::Path;

/// Regional plots of all traits together, about, and of one trait at most.
const REGIONS: usize = 48;
const MOST_REGIONS: usize = 8;

/// A trait of a table whose rows are being read.
struct Reading {
    name: String,
    collector: Collector,
    n_rows: u32,
}

/// The traits of a table, in the order of their first rows.
struct Traits<'f> {
    facts: Option<&'f Facts>,
    n_tables: usize,
    n_shown: usize,
    limits: Limits,
    all: Vec<Reading>,
    /// The name of the first test.
    test: String,
    /// The places of the numbers that are shown: frequency, effect, standard error, missing genotypes.
    places: [Option<usize>; 4],
}

impl TakeRows for Traits<'_> {
    fn begin(&mut self, of: &Recognised) -> Result<()> {
        let n_known = match (of.has_traits(), self.facts) {
            (true, Some(facts)) => facts.traits.len(),
            _ => 0,
        };
        self.n_shown = self.n_tables.max(n_known);
        self.limits = Limits::for_traits(self.n_shown);
        of.first_test().clone_into(&mut self.test);
        self.places = ["af", "beta", "se", "n_miss"].map(|name| of.number(name));
        Ok(())
    }

    fn row(&mut self, row: &ResultRow<'_>) {
        let known = self.all.iter().rposition(|one| one.name == row.of_trait);
        let at = known.unwrap_or_else(|| {
            self.all.push(Reading {
                name: row.of_trait.to_owned(),
                collector: Collector::new(self.limits),
                n_rows: 0,
            });
            self.all.len() - 1
        });
        let one = &mut self.all[at];
        let snp = one.n_rows;
        one.n_rows += 1;
        if row.status.starts_with("excluded") {
            return;
        }
        let value = |place: Option<usize>| {
            let printed = place.and_then(|place| row.numbers[place]);
            printed.map_or(f64::NAN, |printed| printed.value)
        };
        let [af, beta, se, n_miss] = self.places.map(value);
        one.collector.add(&SnpRow {
            snp,
            chr: row.chr,
            position: row.ps,
            id: row.id,
            allele1: row.effect,
            allele0: row.other,
            af,
            n_miss: (n_miss >= 0.0).then_some(n_miss as u32),
            beta,
            se,
            y: row.tests[0].1,
        });
    }
}

/// The traits of the table at `path`: one, or those in its column `trait`.
///
/// * `name`: the trait of a table of one
/// * `facts`: what the log of the run says
/// * `n_tables`: the tables of the report, which is coarser if it has many
///
/// Fails if the file cannot be read or is not a table of associations.
pub(super) fn read_table(
    path: &Path,
    name: &str,
    facts: Option<&Facts>,
    n_tables: usize,
) -> Result<Vec<TraitView>> {
    let mut traits = Traits {
        facts,
        n_tables,
        n_shown: n_tables,
        limits: Limits::for_traits(n_tables),
        all: Vec::new(),
        test: String::new(),
        places: [None; 4],
    };
    read_rows(path, &mut traits)?;
    if traits.all.is_empty() {
        traits.all.push(Reading {
            name: String::new(),
            collector: Collector::new(traits.limits),
            n_rows: 0,
        });
    }
    let most = (REGIONS / traits.n_shown.max(1)).clamp(1, MOST_REGIONS);
    let view = |one: Reading| {
        let name = if one.name.is_empty() {
            name.to_owned()
        } else {
            one.name
        };
        let collected = one.collector.finish();
        let regions = windows(&collected, most).into_iter().map(|window| Region {
            window,
            r2: Vec::new(),
        });
        TraitView {
            n_individuals: facts
                .and_then(|facts| facts.number(&name, label::ANALYSED))
                .map(|n| n as usize),
            column: traits.test.clone(),
            regions: regions.collect(),
            phenotype: None,
            profile: None,
            collected,
            name,
        }
    };
    Ok(traits.all.into_iter().map(view).collect())
}
