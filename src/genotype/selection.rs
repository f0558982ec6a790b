//! SNPs chosen by their records: by id, by chromosome and by position.

use crate::io::bim::Snp;
use crate::io::snp_ranges::SnpRange;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::RangeInclusive;

/// Ids of SNPs.
pub type SnpIds = HashSet<Box<str>>;

/// Which SNPs are chosen: those whose record meets every condition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SnpSelection {
    /// `-snps` or, for a kinship, `-ksnps`: the only SNPs.
    pub listed: Option<SnpIds>,
    /// `--extract`: the only SNPs.
    pub extracted: Option<SnpSet>,
    /// `--exclude`: none of these SNPs.
    pub excluded: Option<SnpSet>,
    /// `--chr`: only SNPs of these chromosomes.
    pub chromosomes: Option<ChromosomeList>,
    /// `--from-bp`, `--to-bp`: only SNPs at these positions.
    pub positions: Option<RangeInclusive<i64>>,
}

/// Why a SNP is not chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unselected {
    /// It is not in the list.
    NotListed,
    /// Another condition is not met.
    NotChosen,
}

/// Some SNPs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnpSet {
    /// Those with these ids.
    Ids(SnpIds),
    /// Those in these ranges.
    Ranges(SnpRanges),
}

/// Ranges of positions on chromosomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnpRanges {
    /// For each chromosome, by its [bare name](bare_name), the first and last position of each range; ascending and
    /// without overlaps.
    by_chromosome: HashMap<Box<str>, Vec<[i64; 2]>>,
}

/// Chromosomes by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChromosomeList {
    /// [Bare names](bare_name).
    pub names: HashSet<Box<str>>,
    /// Ranges of numbers.
    pub numbers: Vec<RangeInclusive<u64>>,
}

/// The name of a chromosome without `chr` before it and, if it is a number, without leading zeros: `chr1`, `01` and `1`
/// are one chromosome.
#[must_use]
pub fn bare_name(name: &str) -> &str {
    let bare = match name.get(..3) {
        Some(prefix) if prefix.eq_ignore_ascii_case("chr") && name.len() > 3 => &name[3..],
        _ => name,
    };
    if bare.bytes().all(|byte| byte.is_ascii_digit()) && bare.len() > 1 {
        let number = bare.trim_start_matches('0');
        return if number.is_empty() { "0" } else { number };
    }
    bare
}

impl SnpSelection {
    /// A list alone (`-snps`, `-ksnps`).
    #[must_use]
    pub fn of_list(listed: SnpIds) -> Self {
        Self {
            listed: Some(listed),
            ..Self::default()
        }
    }

    /// Whether there is a condition other than the list.
    #[must_use]
    pub fn has_choice(&self) -> bool {
        self.extracted.is_some()
            || self.excluded.is_some()
            || self.chromosomes.is_some()
            || self.positions.is_some()
    }

    /// Whether there is no condition.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.listed.is_none() && !self.has_choice()
    }

    /// Fails with the first reason why a SNP is not chosen.
    pub fn check(&self, snp: Snp<'_>) -> Result<(), Unselected> {
        if (self.listed.as_ref()).is_some_and(|listed| !listed.contains(snp.rs)) {
            return Err(Unselected::NotListed);
        }
        if self.chooses(snp) {
            Ok(())
        } else {
            Err(Unselected::NotChosen)
        }
    }

    /// Whether a SNP meets all conditions other than the list.
    #[must_use]
    pub fn chooses(&self, snp: Snp<'_>) -> bool {
        (self.chromosomes.as_ref()).is_none_or(|these| these.contains(snp.chr))
            && (self.positions.as_ref()).is_none_or(|these| these.contains(&snp.ps))
            && (self.extracted.as_ref()).is_none_or(|these| these.contains(snp))
            && (self.excluded.as_ref()).is_none_or(|these| !these.contains(snp))
    }
}

impl SnpSet {
    /// Whether a SNP is one of them.
    #[must_use]
    pub fn contains(&self, snp: Snp<'_>) -> bool {
        match self {
            Self::Ids(ids) => ids.contains(snp.rs),
            Self::Ranges(ranges) => ranges.contains(snp.chr, snp.ps),
        }
    }
}

impl SnpRanges {
    /// The union of ranges.
    #[must_use]
    pub fn of(ranges: &[SnpRange]) -> Self {
        let mut by_chromosome: HashMap<Box<str>, Vec<[i64; 2]>> = HashMap::new();
        for range in ranges.iter().filter(|range| range.first <= range.last) {
            let of_chromosome = by_chromosome.entry(bare_name(&range.chr).into());
            of_chromosome.or_default().push([range.first, range.last]);
        }
        for ranges in by_chromosome.values_mut() {
            ranges.sort_unstable();
            let mut merged: Vec<[i64; 2]> = Vec::with_capacity(ranges.len());
            for &[first, last] in ranges.iter() {
                match merged.last_mut() {
                    Some([_, end]) if first <= *end => *end = last.max(*end),
                    _ => merged.push([first, last]),
                }
            }
            *ranges = merged;
        }
        Self { by_chromosome }
    }

    /// Whether a position is in one of the ranges.
    #[must_use]
    pub fn contains(&self, chr: &str, ps: i64) -> bool {
        let Some(ranges) = self.by_chromosome.get(bare_name(chr)) else {
            return false;
        };
        let after = ranges.partition_point(|[first, _]| *first <= ps);
        after > 0 && ps <= ranges[after - 1][1]
    }
}

impl ChromosomeList {
    /// Whether the chromosome `name` is one of them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        let bare = bare_name(name);
        let number = || {
            let is_number = bare.bytes().all(|byte| byte.is_ascii_digit());
            bare.parse::<u64>().ok().filter(|_| is_number)
        };
        self.names.contains(bare)
            || !self.numbers.is_empty()
                && number().is_some_and(|n| self.numbers.iter().any(|these| these.contains(&n)))
    }
}

/// The list as `--chr` has it: ranges of numbers as they were given, then names in alphabetical order.
impl fmt::Display for ChromosomeList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.numbers.iter().map(|range| {
            if range.start() == range.end() {
                range.start().to_string()
            } else {
                format!("{}-{}", range.start(), range.end())
            }
        });
        let mut names: Vec<String> = self.names.iter().map(ToString::to_string).collect();
        names.sort_unstable();
        let all: Vec<String> = numbers.chain(names).collect();
        f.write_str(&all.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snp<'a>(chr: &'a str, rs: &'a str, ps: i64) -> Snp<'a> {
        Snp {
            chr,
            rs,
            ps,
            allele1: "A",
            allele0: "C",
        }
    }

    fn range(chr: &str, first: i64, last: i64) -> SnpRange {
        SnpRange {
            chr: chr.into(),
            first,
            last,
        }
    }

    #[test]
    fn the_prefix_and_leading_zeros_do_not_distinguish_chromosomes() {
        for (name, bare) in [
            ("chr1", "1"),
            ("CHR01", "1"),
            ("1", "1"),
            ("10", "10"),
            ("00", "0"),
            ("chrX", "X"),
            ("chr", "chr"),
            ("x", "x"),
            ("2L", "2L"),
            ("chrom1", "om1"),
            ("é1", "é1"),
        ] {
            assert_eq!(bare_name(name), bare, "{name}");
        }
        let list = ChromosomeList {
            names: HashSet::from(["X".into(), "HLA-A".into()]),
            numbers: vec![2..=4, 9..=9],
        };
        assert_eq!(list.to_string(), "2-4,9,HLA-A,X");
        for (name, is_in) in [
            ("2", true),
            ("chr04", true),
            ("5", false),
            ("9", true),
            ("X", true),
            ("chrX", true),
            ("x", false),
            ("HLA-A", true),
            ("2L", false),
            ("99999999999999999999999", false),
        ] {
            assert_eq!(list.contains(name), is_in, "{name}");
        }
    }

    #[test]
    fn ranges_are_united_and_inclusive() {
        let ranges = SnpRanges::of(&[
            range("chr1", 10, 20),
            range("1", 15, 18),
            range("1", 20, 25),
            range("1", 40, 40),
            range("2", 7, 6),
        ]);
        let found: Vec<i64> = (0..50).filter(|&ps| ranges.contains("1", ps)).collect();
        let expected: Vec<i64> = (10..=25).chain([40]).collect();
        assert_eq!(found, expected);
        assert!(!ranges.contains("2", 6) && !ranges.contains("2", 7) && !ranges.contains("3", 10));
    }

    #[test]
    fn every_condition_must_be_met() {
        let ids = |ids: &[&str]| ids.iter().map(|&id| id.into()).collect::<SnpIds>();
        let selection = SnpSelection {
            listed: Some(ids(&["a", "b", "c", "d"])),
            extracted: Some(SnpSet::Ids(ids(&["a", "b", "c", "e"]))),
            excluded: Some(SnpSet::Ranges(SnpRanges::of(&[range("1", 5, 5)]))),
            chromosomes: Some(ChromosomeList {
                numbers: vec![1..=1],
                ..ChromosomeList::default()
            }),
            positions: Some(0..=100),
        };
        let chosen = Ok(());
        let (unlisted, other) = (Err(Unselected::NotListed), Err(Unselected::NotChosen));
        for (snp, expected) in [
            (snp("1", "a", 1), chosen),
            (snp("1", "b", 5), other),
            (snp("1", "c", 101), other),
            (snp("2", "a", 1), other),
            (snp("1", "d", 1), other),
            (snp("1", "e", 1), unlisted),
            (snp("2", "x", 1), unlisted),
        ] {
            assert_eq!(selection.check(snp), expected, "{}", snp.rs);
        }
        assert!(SnpSelection::default().check(snp("1", "a", 1)).is_ok());
    }
}
