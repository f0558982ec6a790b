//! Finds the rows of two tables that are of the same SNP.

use super::alleles::{AlleleRelation, relation};
use crate::error::{Error, Result};
use crate::genotype::{ChromosomeSet, common_name};
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

/// Rows of two tables of the same SNP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The row in the first table.
    pub a: usize,
    /// The row in the second table.
    pub b: usize,
    /// How the alleles of the second row are related to those of the first.
    pub alleles: AlleleRelation,
}

/// Rows of two tables of the same SNP and trait.
#[derive(Debug, Clone, PartialEq)]
pub struct Matching {
    /// By what they are matched.
    pub by: MatchedBy,
    /// The rows in both tables, in the order of the first.
    pub pairs: Vec<Pair>,
    /// Rows that are only in the first table, and only in the second.
    pub only: [Vec<usize>; 2],
    /// Pairs of rows with the same id whose chromosomes or positions differ, where both are known. They are compared.
    pub other_positions: Vec<(usize, usize)>,
    /// Pairs of rows with the same id or position, but with other alleles.
    pub other_alleles: Vec<(usize, usize)>,
    /// Rows that are not matched because several rows of a table have the same id or position and the same alleles.
    pub repeated: [Vec<usize>; 2],
    /// Rows that are not matched because they have no id, or no position.
    pub without_key: [Vec<usize>; 2],
}

/// A SNP of a trait, except for its alleles.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'a> {
    Id(&'a str, &'a str),
    Position(&'a str, &'a str, i64),
}

/// The rows of a table by their keys.
struct Rows<'a> {
    table: &'a ResultTable,
    by: MatchedBy,
    /// The common name of each chromosome.
    chromosomes: HashMap<&'a str, String>,
}

impl<'a> Rows<'a> {
    fn new(table: &'a ResultTable, by: MatchedBy, set: Option<&ChromosomeSet>) -> Self {
        // The numbers of GWAS-SSF are those of humans.
        let human = ChromosomeSet::of("human");
        let set = match table.program {
            Program::Ssf => human.as_ref(),
            _ => set,
        };
        let mut chromosomes = HashMap::new();
        if table.has_positions() {
            for row in 0..table.len() {
                let chr = table.chr(row);
                chromosomes
                    .entry(chr)
                    .or_insert_with(|| ssf_name(table.program, chr, set));
            }
        }
        Self {
            table,
            by,
            chromosomes,
        }
    }

    /// The key of a row; `None` if it has none.
    fn key(&self, row: usize) -> Option<Key<'_>> {
        let of_trait = self.table.trait_of(row);
        match self.by {
            MatchedBy::Id => {
                let id = self.table.id(row);
                (!id.is_empty()).then_some(Key::Id(of_trait, id))
            }
            MatchedBy::Position => {
                let (chr, ps) = self.position(row)?;
                Some(Key::Position(of_trait, chr, ps))
            }
        }
    }

    /// The chromosome and the position of a row, if they are known.
    fn position(&self, row: usize) -> Option<(&str, i64)> {
        let chr = self.chromosomes.get(self.table.chr(row))?.as_str();
        let ps = self.table.ps(row)?;
        (ps >= 0 && !chr.is_empty()).then_some((chr, ps))
    }

    /// The rows of each key, in order.
    fn by_key(&self) -> HashMap<Key<'_>, Vec<u32>> {
        let mut rows: HashMap<Key<'_>, Vec<u32>> = HashMap::with_capacity(self.table.len());
        for row in 0..self.table.len() {
            if let Some(key) = self.key(row) {
                rows.entry(key).or_default().push(row as u32);
            }
        }
        rows
    }

    fn alleles(&self, row: usize) -> [&str; 2] {
        [self.table.effect_allele(row), self.table.other_allele(row)]
    }
}

/// The common name of a chromosome; GWAS-SSF has the mitochondrion as 25, which is the pseudo-autosomal region elsewhere.
fn ssf_name(program: Program, chr: &str, set: Option<&ChromosomeSet>) -> String {
    match (program, chr) {
        (Program::Ssf, "25") => "MT".into(),
        _ => common_name(chr, set),
    }
}

impl Matching {
    /// Matches the rows of `a` and `b` by id or by position, whichever matches more SNPs.
    ///
    /// * `wanted`: only in this way
    /// * `set`: the chromosomes of the species, by which 23 may be X
    ///
    /// Fails if neither is possible.
    pub fn of(
        a: &ResultTable,
        b: &ResultTable,
        wanted: Option<MatchedBy>,
        set: Option<&ChromosomeSet>,
    ) -> Result<Self> {
        let ways = match wanted {
            Some(by) => vec![by],
            None => vec![MatchedBy::Id, MatchedBy::Position],
        };
        let mut best: Option<Self> = None;
        for by in ways {
            let has = |table: &ResultTable| match by {
                MatchedBy::Id => table.is_empty() || table.has_ids(),
                MatchedBy::Position => table.is_empty() || table.has_positions(),
            };
            if !(has(a) && has(b)) {
                continue;
            }
            let found = Self::by(&Rows::new(a, by, set), &Rows::new(b, by, set));
            let is_complete = found.pairs.len() == a.len().min(b.len());
            if best
                .as_ref()
                .is_none_or(|best| found.pairs.len() > best.pairs.len())
            {
                best = Some(found);
            }
            if is_complete {
                break;
            }
        }
        best.ok_or_else(|| {
            Error::inconsistent(
                format!(
                    "the SNPs of {} and {} cannot be matched: both tables must have ids, or both chromosomes and positions",
                    a.path.display(),
                    b.path.display()
                ),
                "choose how with --by id or --by position, or add the ids or positions that are missing",
            )
        })
    }

    fn by(a: &Rows<'_>, b: &Rows<'_>) -> Self {
        let mut found = Self {
            by: a.by,
            pairs: Vec::new(),
            only: [Vec::new(), Vec::new()],
            other_positions: Vec::new(),
            other_alleles: Vec::new(),
            repeated: [Vec::new(), Vec::new()],
            without_key: [Vec::new(), Vec::new()],
        };
        let (of_a, of_b) = (a.by_key(), b.by_key());
        for row in 0..a.table.len() {
            let Some(key) = a.key(row) else {
                found.without_key[0].push(row);
                continue;
            };
            let rows = &of_a[&key];
            match of_b.get(&key) {
                None => found.only[0].push(row),
                // The first row of a key stands for all of them.
                Some(others) if rows[0] as usize == row => found.add(a, rows, b, others),
                Some(_) => {}
            }
        }
        for row in 0..b.table.len() {
            match b.key(row) {
                None => found.without_key[1].push(row),
                Some(key) if !of_a.contains_key(&key) => found.only[1].push(row),
                Some(_) => {}
            }
        }
        found.pairs.sort_unstable_by_key(|pair| pair.a);
        let differ = |pair: &&Pair| {
            let both = a.position(pair.a).zip(b.position(pair.b));
            both.is_some_and(|(one, other)| one != other)
        };
        let others = found.pairs.iter().filter(differ);
        found.other_positions = others.map(|pair| (pair.a, pair.b)).collect();
        for rows in found.only.iter_mut().chain(&mut found.repeated) {
            rows.sort_unstable();
        }
        found
    }

    /// Adds the rows of one key, which differ in their alleles.
    fn add(&mut self, a: &Rows<'_>, of_a: &[u32], b: &Rows<'_>, of_b: &[u32]) {
        // For each row of `a` the related rows of `b`, those on the same strand if there are any.
        let related = |row: u32| {
            let with = |&other: &u32| {
                let alleles = relation(a.alleles(row as usize), b.alleles(other as usize))?;
                Some((other, alleles))
            };
            let all: Vec<(u32, AlleleRelation)> = of_b.iter().filter_map(with).collect();
            let is_any_plain = all.iter().any(|(_, of)| !of.is_flipped);
            let kept = all
                .into_iter()
                .filter(|(_, of)| !(is_any_plain && of.is_flipped));
            (row, kept.collect::<Vec<_>>())
        };
        let related: Vec<(u32, Vec<_>)> = of_a.iter().map(|&row| related(row)).collect();
        let n_claims = |other: u32| {
            let claims = related.iter().flat_map(|(_, all)| all);
            claims.filter(|(one, _)| *one == other).count()
        };
        let mut left = [Vec::new(), Vec::new()];
        for (row, all) in &related {
            let row = *row as usize;
            match all.as_slice() {
                [] => left[0].push(row),
                [(other, alleles)] if n_claims(*other) == 1 => self.pairs.push(Pair {
                    a: row,
                    b: *other as usize,
                    alleles: *alleles,
                }),
                _ => self.repeated[0].push(row),
            }
        }
        for &other in of_b {
            let is_paired = related
                .iter()
                .any(|(_, all)| all.len() == 1 && all[0].0 == other && n_claims(other) == 1);
            match n_claims(other) {
                0 => left[1].push(other as usize),
                _ if is_paired => {}
                _ => self.repeated[1].push(other as usize),
            }
        }
        match left {
            [rows, others] if rows.len() == 1 && others.len() == 1 => {
                self.other_alleles.push((rows[0], others[0]));
            }
            [rows, others] => {
                self.only[0].extend(rows);
                self.only[1].extend(others);
            }
        }
    }
}
