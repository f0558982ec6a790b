//! What was found on the chromosomes of a species: SNPs of each class, and calls that became missing.

use crate::genotype::{ChromosomeClass, ChromosomeModel, Erased, SnpSelection};
use crate::io::text::count;
use std::collections::BTreeMap;
use std::sync::Arc;

/// SNPs that a message names.
const NAMED: usize = 5;

/// What was found in the SNPs read so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// One bit for each SNP that was counted: SNPs may be read several times.
    counted: Vec<u64>,
    /// Number of SNPs of each class.
    pub(super) classes: BTreeMap<ChromosomeClass, usize>,
    /// What became missing on each chromosome.
    erased: BTreeMap<ChromosomeClass, ErasedCalls>,
    /// Who must have a sex, and at which SNPs; only if the SNPs are not known before reading.
    pub(super) needs_sex: Option<NeedsSex>,
}

/// Calls of a chromosome that became missing.
#[derive(Debug, Default)]
struct ErasedCalls {
    calls: Erased,
    /// SNPs with heterozygous calls of haploids.
    n_snps: usize,
    /// The first of them, by their index.
    first: BTreeMap<usize, String>,
}

/// Individuals without a sex, which the SNPs to test need.
#[derive(Debug, Clone)]
pub struct NeedsSex {
    /// The SNPs to test; `None` means all.
    pub selection: Option<Arc<SnpSelection>>,
    /// The individuals, in words.
    pub who: String,
}

impl Found {
    /// Whether a SNP is counted for the first time.
    fn is_new(&mut self, snp_index: usize) -> bool {
        let (word, bit) = (snp_index / 64, 1 << (snp_index % 64));
        if self.counted.len() <= word {
            self.counted.resize(word + 1, 0);
        }
        let is_new = self.counted[word] & bit == 0;
        self.counted[word] |= bit;
        is_new
    }

    /// Counts a SNP, unless it was counted before.
    pub(super) fn add(
        &mut self,
        snp_index: usize,
        rs: &str,
        class: ChromosomeClass,
        erased: Erased,
    ) {
        if !self.is_new(snp_index) {
            return;
        }
        *self.classes.entry(class).or_default() += 1;
        if erased.is_nothing() {
            return;
        }
        let of_class = self.erased.entry(class).or_default();
        of_class.calls.absent += erased.absent;
        if erased.heterozygous > 0 {
            of_class.calls.heterozygous += erased.heterozygous;
            of_class.n_snps += 1;
            of_class.first.insert(snp_index, rs.to_owned());
            if of_class.first.len() > NAMED {
                of_class.first.pop_last();
            }
        }
    }
}

/// A note on the classes of SNPs; `None` if all are on autosomes.
///
/// * `classes`: the number of SNPs of each
#[must_use]
pub fn class_note(
    model: &ChromosomeModel,
    classes: &BTreeMap<ChromosomeClass, usize>,
) -> Option<String> {
    let n = |class| classes.get(&class).copied().unwrap_or_default();
    let words: Vec<String> = (ChromosomeClass::ALL.iter())
        .filter(|&&class| n(class) > 0)
        .map(|&class| format!("{} {}", count(n(class), "SNP"), class.place()))
        .collect();
    if classes
        .keys()
        .all(|class| *class == ChromosomeClass::Autosome)
    {
        return None;
    }
    let unplaced = match n(ChromosomeClass::Unplaced) {
        0 => "",
        _ => " (chromosome 0 and names that the species does not have; tested as diploid)",
    };
    Some(format!(
        "--chr-set {}: {}{unplaced}",
        model.set.name(),
        words.join(", ")
    ))
}

impl Found {
    /// Notes on the calls that became missing.
    pub(super) fn notes(&self, n_individuals: usize) -> Vec<String> {
        let mut notes = Vec::new();
        let heterozygous: Vec<String> = (self.erased.iter())
            .filter(|(_, of)| of.n_snps > 0)
            .map(|(class, of)| {
                let ids: Vec<String> = of.first.values().cloned().collect();
                let ids = match of.n_snps - ids.len() {
                    0 => ids.join(", "),
                    more => format!("{} and {more} more", ids.join(", ")),
                };
                let males = match class {
                    ChromosomeClass::Mitochondrial => "",
                    _ => " of males",
                };
                format!(
                    "{}{males} at {} {} ({ids})",
                    of.calls.heterozygous,
                    count(of.n_snps, "SNP"),
                    class.place()
                )
            })
            .collect();
        let among = format!("among all {}", count(n_individuals, "individual"));
        if !heterozygous.is_empty() {
            notes.push(format!(
                "heterozygous calls of haploids are set to missing: {}, {among}; if such SNPs are pseudo-autosomal, declare the ranges with --par",
                heterozygous.join("; ")
            ));
        }
        let of_y = self.erased.get(&ChromosomeClass::Y);
        if let Some(n) = of_y.map(|of| of.calls.absent).filter(|&n| n > 0) {
            notes.push(format!(
                "{} of females on Y set to missing, {among}",
                count(n, "genotype")
            ));
        }
        notes
    }
}
