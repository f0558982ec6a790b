//! The SNPs that the options of a job choose: lists, ranges and chromosomes, read and compared with those of the study.

use super::filter_options::SnpListInput;
use super::input::Input;
use super::selection::SnpChoice;
use crate::error::{Error, Result};
use crate::genotype::{
    ChromosomeList, SnpIds, SnpRanges, SnpSelection, SnpSet, UnseenSnps, bare_name,
};
use crate::io::bim::{Snp, SnpTable};
use crate::io::id_columns::named;
use crate::io::snp_list::read_snp_list;
use crate::io::snp_ranges::{ChosenSnps, RangeFormat, read_chosen_snps};
use crate::io::text::count;
use crate::sources::GenotypeSource;
use std::collections::HashSet;
use std::ops::{Range, RangeInclusive};
use std::path::Path;
use std::sync::Arc;

/// SNPs that are not chosen are read too if fewer of them are together: starting to read elsewhere takes longer.
const GAP: usize = 4096;
/// SNPs per block while only their records are read.
const RECORDS_AT_ONCE: usize = 256;
/// Most chromosomes that a message names.
const SHOWN: usize = 30;

/// The SNPs of a study, with which lists of SNPs are compared.
pub(super) struct KnownSnps<'a> {
    /// The SNPs, if they are known before the genotypes are read.
    pub(super) snps: Option<&'a SnpTable>,
    /// Receives notes for the user.
    pub(super) notes: &'a mut Vec<String>,
    /// If the SNPs are not known: the ids of each list, which must be compared with the SNPs as they are read.
    pub(super) unseen: Vec<UnseenSnps>,
}

impl SnpChoice {
    /// `--from-bp`, `--to-bp`.
    pub(super) fn positions(&self) -> Option<RangeInclusive<i64>> {
        match (self.from_bp, self.to_bp) {
            (None, None) => None,
            (from, to) => Some(from.unwrap_or(i64::MIN)..=to.unwrap_or(i64::MAX)),
        }
    }

    /// The selection of the SNPs to test, together with those `listed` by `-snps`; `None` if all are tested.
    ///
    /// Fails if a file cannot be read, and if an option alone chooses none of the SNPs of the study.
    pub(super) fn read(
        &self,
        listed: Option<SnpIds>,
        known: &mut KnownSnps<'_>,
    ) -> Result<Option<SnpSelection>> {
        if let (Some(chromosomes), Some(snps)) = (&self.chromosomes, known.snps) {
            check_chromosomes(chromosomes, snps, known.notes)?;
        }
        let selection = SnpSelection {
            listed,
            extracted: chosen_snps(self.extract.as_deref(), "--extract", known)?,
            excluded: chosen_snps(self.exclude.as_deref(), "--exclude", known)?,
            chromosomes: self.chromosomes.clone(),
            positions: self.positions(),
        };
        Ok((!selection.is_empty()).then_some(selection))
    }
}

/// Fails if no SNP is on a chromosome of the list; a note names those of its chromosomes that have none.
fn check_chromosomes(
    list: &ChromosomeList,
    snps: &SnpTable,
    notes: &mut Vec<String>,
) -> Result<()> {
    let names = snps.chromosomes();
    if names.iter().any(|name| list.contains(name)) {
        let known: HashSet<&str> = names.iter().map(|name| bare_name(name)).collect();
        let mut unknown: Vec<String> = (list.names.iter())
            .filter(|name| !known.contains(&***name))
            .map(ToString::to_string)
            .collect();
        unknown.sort_unstable();
        if !unknown.is_empty() {
            notes.push(format!("--chr: no SNP is on {}", named(&unknown)));
        }
        return Ok(());
    }
    let shown: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Err(Error::inconsistent(
        "--chr: no SNP is on these chromosomes",
        format!(
            "the chromosomes of these genotypes are {}{more}",
            shown.join(", ")
        ),
    ))
}

/// The SNPs that a file of ids or ranges chooses.
fn chosen_snps(
    path: Option<&Path>,
    option: &str,
    known: &mut KnownSnps<'_>,
) -> Result<Option<SnpSet>> {
    let Some(path) = path else {
        return Ok(None);
    };
    let shown = path.display();
    let (ranges, format) = match read_chosen_snps(path)? {
        ChosenSnps::Ids(ids) => {
            known.check_ids(path, &ids, option)?;
            return Ok(Some(SnpSet::Ids(ids)));
        }
        ChosenSnps::Ranges(ranges, format) => (ranges, format),
    };
    let n_ranges = count(ranges.len(), "range");
    let ranges = SnpRanges::of(&ranges);
    let positions = match format {
        RangeFormat::Bed => "of a BED file: positions count from 0, and the end is excluded",
        RangeFormat::Plink => "with positions from 1 and the end included, not those of a BED file",
    };
    let Some(snps) = known.snps else {
        let note = format!("{option} {shown}: {n_ranges} {positions}");
        known.notes.push(note);
        return Ok(Some(SnpSet::Ranges(ranges)));
    };
    let is_in = |snp: Snp<'_>| ranges.contains(snp.chr, snp.ps);
    let n_snps = snps.iter().filter(|&snp| is_in(snp)).count();
    if n_snps == 0 {
        return Err(Error::inconsistent(
            format!("{shown}: no SNP of the study is in the {n_ranges}"),
            format!(
                "{option} expects the chromosome, start and end of ranges, or SNP ids, one per line; the chromosomes must have the names of these genotypes, with or without chr"
            ),
        ));
    }
    known.notes.push(format!(
        "{option} {shown}: {n_ranges} {positions}; {} of the study in them",
        count(n_snps, "SNP")
    ));
    Ok(Some(SnpSet::Ranges(ranges)))
}

/// A list of SNPs, given by the caller or read from a file.
pub(super) fn listed_snps(
    input: Option<&SnpListInput>,
    option: &str,
    known: &mut KnownSnps<'_>,
) -> Result<Option<SnpIds>> {
    let (path, listed) = match input {
        None => return Ok(None),
        Some(Input::Memory(listed)) => (Path::new(option.trim_start_matches('-')), listed.clone()),
        Some(Input::File(path)) => (path.as_path(), read_snp_list(path)?),
    };
    known.check_ids(path, &listed, option)?;
    Ok(Some(listed))
}

impl KnownSnps<'_> {
    /// Fails if the SNPs are known and none of the `listed` ones is among them; a note counts and names the others.
    fn check_ids(&mut self, path: &Path, listed: &SnpIds, option: &str) -> Result<()> {
        let mut unseen = UnseenSnps::new(path, listed.clone());
        let Some(snps) = self.snps else {
            self.unseen.push(unseen);
            return Ok(());
        };
        snps.iter().for_each(|snp| unseen.see(snp.rs));
        if !unseen.are_all() {
            self.notes.extend(unseen.note());
            return Ok(());
        }
        let quoted = listed.iter().all(|id| id.starts_with('"'));
        Err(Error::inconsistent(
            format!(
                "{}: none of the {} listed SNPs is in the genotypes{}",
                path.display(),
                listed.len(),
                if quoted {
                    ": the ids are in quotes"
                } else {
                    ""
                }
            ),
            format!(
                "{option} expects SNP ids as in the genotype files (column 2 of a .bim), one per line"
            ),
        ))
    }
}

/// The records of all SNPs; the source is read once if only its blocks contain them.
pub(super) fn all_records(source: &dyn GenotypeSource) -> Result<Arc<SnpTable>> {
    if let Some(snps) = source.snps() {
        return Ok(Arc::clone(snps));
    }
    let mut blocks = source.blocks(0..usize::MAX, RECORDS_AT_ONCE)?;
    let mut tables = Vec::new();
    while let Some(block) = blocks.next_block() {
        let block = block?;
        let (records, first) = block.records();
        tables.push((Arc::clone(records), first..first + block.len()));
        blocks.recycle(block);
    }
    let snps = tables
        .iter()
        .flat_map(|(table, range)| range.clone().map(|i| table.get(i)));
    Ok(Arc::new(SnpTable::of(snps)))
}

/// The ranges of SNPs that contain all chosen ones and few others, ascending.
pub(super) fn chosen_ranges(selection: &SnpSelection, snps: &SnpTable) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (snp_index, snp) in snps.iter().enumerate() {
        if !selection.chooses(snp) {
            continue;
        }
        match ranges.last_mut() {
            Some(last) if snp_index - last.end < GAP => last.end = snp_index + 1,
            _ => ranges.push(snp_index..snp_index + 1),
        }
    }
    ranges
}

/// The SNPs that are in both of two ascending lists of ranges.
pub(super) fn common(one: &[Range<usize>], other: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut both = Vec::new();
    for a in one {
        let from = other.partition_point(|b| b.end <= a.start);
        let parts = other[from..].iter().take_while(|b| b.start < a.end);
        both.extend(parts.map(|b| a.start.max(b.start)..a.end.min(b.end)));
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::bim::Snp;

    #[test]
    fn ranges_intersect_in_order() {
        let all = |ranges: &[[usize; 2]]| -> Vec<Range<usize>> {
            ranges.iter().map(|&[start, end]| start..end).collect()
        };
        let both = |one: &[[usize; 2]], other: &[[usize; 2]]| common(&all(one), &all(other));
        assert_eq!(
            both(&[[0, 5], [8, 20]], &[[3, 9], [10, 11], [19, 30]]),
            all(&[[3, 5], [8, 9], [10, 11], [19, 20]])
        );
        let some = [[3, 9], [12, 13]];
        assert_eq!(both(&[[0, usize::MAX]], &some), all(&some));
        assert!(both(&[[0, 3]], &some).is_empty());
        assert!(both(&[[2, 3]], &[]).is_empty());
    }

    #[test]
    fn chosen_snps_that_are_far_apart_are_ranges_of_their_own() {
        let snps = SnpTable::of((0..20_000).map(|i| Snp {
            chr: "1",
            rs: "rs",
            ps: i,
            allele1: "A",
            allele0: "C",
        }));
        let at = |positions: &[i64]| {
            let ranges = positions.iter().map(|&ps| crate::io::snp_ranges::SnpRange {
                chr: "1".into(),
                first: ps,
                last: ps,
            });
            let ranges: Vec<_> = ranges.collect();
            let selection = SnpSelection {
                extracted: Some(SnpSet::Ranges(SnpRanges::of(&ranges))),
                ..SnpSelection::default()
            };
            chosen_ranges(&selection, &snps)
        };
        assert_eq!(
            at(&[3, 100, 4196, 9000, 19_999]),
            [3..4197, 9000..9001, 19_999..20_000]
        );
        assert!(at(&[50_000]).is_empty());
    }
}
