//! Finds the rows of two tables that are of the same SNP.

use crate::error::{Error, Result};
use crate::genotype::bare_name;
use crate::io::results::{Program, ResultTable};
use std::collections::HashMap;

/// By what the rows of two tables are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchedBy {
    /// The ids of the SNPs.
    Id,
    /// Chromosome, position and alleles.
    Position,
}

/// Rows of two tables of the same SNP and trait.
#[derive(Debug, Clone, PartialEq)]
pub struct Matching {
    /// By what they are matched.
    pub by: MatchedBy,
    /// The rows in both tables, in the order of the first, and whether the alleles are exchanged.
    pub pairs: Vec<(usize, usize, bool)>,
    /// Rows that are only in the first table, and only in the second.
    pub only: [Vec<usize>; 2],
    /// Pairs of rows with the same id or position, but with other alleles.
    pub other_alleles: Vec<(usize, usize)>,
}

/// A SNP of a trait.
type Key<'a> = (&'a str, String);

fn key(table: &ResultTable, row: usize, by: MatchedBy) -> Key<'_> {
    let of_snp = match by {
        MatchedBy::Id => table.id(row).to_owned(),
        MatchedBy::Position => {
            let place = table.ps(row).unwrap_or_default();
            let alleles = [table.effect_allele(row), table.other_allele(row)];
            let mut alleles = alleles.map(str::to_ascii_uppercase);
            alleles.sort();
            let chr = match (table.program, bare_name(table.chr(row))) {
                (Program::Ssf, "23") => "X",
                (Program::Ssf, "24") => "Y",
                (Program::Ssf, "25") => "MT",
                (_, chr) => chr,
            };
            format!("{chr} {place} {}", alleles.join(" "))
        }
    };
    (table.trait_of(row), of_snp)
}

/// The row of each SNP; `None` if two rows have the same key.
fn rows(table: &ResultTable, by: MatchedBy) -> Option<HashMap<Key<'_>, usize>> {
    let mut rows = HashMap::with_capacity(table.len());
    for row in 0..table.len() {
        if rows.insert(key(table, row, by), row).is_some() {
            return None;
        }
    }
    Some(rows)
}

impl Matching {
    /// Matches the rows of `a` and `b` by id if ids are unique and some are in both, else by position and alleles.
    ///
    /// * `wanted`: only in this way
    ///
    /// Fails if neither is possible.
    pub fn of(a: &ResultTable, b: &ResultTable, wanted: Option<MatchedBy>) -> Result<Self> {
        let ways = match wanted {
            Some(by) => vec![by],
            None => vec![MatchedBy::Id, MatchedBy::Position],
        };
        let mut best: Option<Self> = None;
        for by in ways {
            let has = |table: &ResultTable| match by {
                MatchedBy::Id => !table.is_empty() && !table.id(0).is_empty(),
                MatchedBy::Position => table.has_positions(),
            };
            let are_empty = a.is_empty() || b.is_empty();
            if !(are_empty || has(a) && has(b)) {
                continue;
            }
            let Some((of_a, of_b)) = rows(a, by).zip(rows(b, by)) else {
                continue;
            };
            let found = Self::by(a, b, by, &of_a, &of_b);
            if best.as_ref().is_none_or(|best| best.pairs.is_empty()) {
                best = Some(found);
            }
        }
        best.ok_or_else(|| {
            Error::inconsistent(
                format!(
                    "the SNPs of {} and {} cannot be matched: ids, or positions with alleles, must be in both tables and unique",
                    a.path.display(),
                    b.path.display()
                ),
                "choose how with --by id or --by position, or remove the duplicates",
            )
        })
    }

    fn by(
        a: &ResultTable,
        b: &ResultTable,
        by: MatchedBy,
        of_a: &HashMap<Key<'_>, usize>,
        of_b: &HashMap<Key<'_>, usize>,
    ) -> Self {
        let mut found = Self {
            by,
            pairs: Vec::new(),
            only: [Vec::new(), Vec::new()],
            other_alleles: Vec::new(),
        };
        for row in 0..a.len() {
            let Some(&other) = of_b.get(&key(a, row, by)) else {
                found.only[0].push(row);
                continue;
            };
            match exchanged(a, row, b, other) {
                Some(is_exchanged) => found.pairs.push((row, other, is_exchanged)),
                None => found.other_alleles.push((row, other)),
            }
        }
        found.only[1].extend((0..b.len()).filter(|&row| !of_a.contains_key(&key(b, row, by))));
        found
    }
}

/// Whether the effect alleles are exchanged; `None` if the alleles are others. Unknown alleles are taken to be the same.
fn exchanged(a: &ResultTable, row: usize, b: &ResultTable, other: usize) -> Option<bool> {
    let is = |x: &str, y: &str| x.eq_ignore_ascii_case(y) || x.is_empty() || y.is_empty();
    let [ea, oa] = [a.effect_allele(row), a.other_allele(row)];
    let [eb, ob] = [b.effect_allele(other), b.other_allele(other)];
    if is(ea, eb) && is(oa, ob) {
        Some(false)
    } else if is(ea, ob) && is(oa, eb) && !(ob.is_empty() && oa.is_empty()) {
        Some(true)
    } else {
        None
    }
}
