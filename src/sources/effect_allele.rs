//! Another source in which a file chooses the counted allele of SNPs (`--effect-allele`).

use super::source::{GenotypeBlocks, GenotypeSource};
use crate::error::{Error, Result};
use crate::genotype::{Encoding, GenotypeBlock, Genotypes, ScaledDosages, UnseenSnps};
use crate::io::bed::packed_bytes;
use crate::io::bim::{Snp, SnpTable};
use crate::io::effect_alleles::EffectAlleles;
use crate::io::fam::Individual;
use crate::io::text::count;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A source in which allele1 of a listed SNP is the given allele: if that is allele0 of the other source, the alleles are
/// swapped, and a dosage x becomes 2 − x.
#[derive(Debug, Clone)]
pub struct EffectAlleleSource {
    source: Arc<dyn GenotypeSource>,
    alleles: Arc<EffectAlleles>,
    /// The file with the alleles, for messages.
    path: PathBuf,
    /// If the SNPs are known before reading: their records with the alleles swapped, and which ones are swapped.
    known: Option<(Arc<SnpTable>, Arc<[bool]>)>,
    /// If not: what was found in the SNPs read so far.
    found: Arc<Mutex<Found>>,
}

/// What was found in the SNPs read so far.
#[derive(Debug)]
struct Found {
    /// The SNPs of which neither allele is the given one, in words.
    unmatched: BTreeMap<usize, String>,
    /// The listed SNPs that were not read.
    unseen: UnseenSnps,
    /// Whether all SNPs were read.
    is_complete: bool,
}

/// What the given allele of a SNP is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    /// Nothing: the SNP is not listed.
    Unlisted,
    Allele1,
    Allele0,
    Neither,
}

fn given(alleles: &EffectAlleles, snp: Snp<'_>) -> Given {
    match alleles.get(snp.rs) {
        None => Given::Unlisted,
        Some(allele) if allele.eq_ignore_ascii_case(snp.allele1) => Given::Allele1,
        Some(allele) if allele.eq_ignore_ascii_case(snp.allele0) => Given::Allele0,
        Some(_) => Given::Neither,
    }
}

/// A SNP of which neither allele is the given one, for messages.
fn in_words(alleles: &EffectAlleles, snp: Snp<'_>) -> String {
    format!(
        "{} has {} and {}, not {}",
        snp.rs, snp.allele1, snp.allele0, alleles[snp.rs]
    )
}

fn swapped(snp: Snp<'_>, is_swapped: bool) -> Snp<'_> {
    if !is_swapped {
        return snp;
    }
    Snp {
        allele1: snp.allele0,
        allele0: snp.allele1,
        ..snp
    }
}

impl EffectAlleleSource {
    /// `source` with the counted `alleles` of the file at `path`; notes for the user are pushed to `notes`.
    ///
    /// Fails if the SNPs are known and none of the listed ones is among them.
    pub fn new(
        source: Arc<dyn GenotypeSource>,
        alleles: EffectAlleles,
        path: &Path,
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        let known = source.snps().cloned();
        let known = known.map(|snps| known_records(&snps, &alleles, path, notes));
        Ok(Self {
            source,
            known: known.transpose()?,
            found: Arc::new(Mutex::new(Found {
                unmatched: BTreeMap::new(),
                unseen: UnseenSnps::new(path, alleles.keys().cloned().collect()),
                is_complete: false,
            })),
            alleles: Arc::new(alleles),
            path: path.to_path_buf(),
        })
    }
}

/// The records with swapped alleles, and which ones are swapped.
fn known_records(
    snps: &Arc<SnpTable>,
    alleles: &EffectAlleles,
    path: &Path,
    notes: &mut Vec<String>,
) -> Result<(Arc<SnpTable>, Arc<[bool]>)> {
    let shown = path.display();
    let verdicts: Vec<Given> = snps.iter().map(|snp| given(alleles, snp)).collect();
    let n = |verdict| verdicts.iter().filter(|&&one| one == verdict).count();
    let mut unseen = UnseenSnps::new(path, alleles.keys().cloned().collect());
    snps.iter().for_each(|snp| unseen.see(snp.rs));
    if unseen.are_all() {
        return Err(Error::inconsistent(
            format!(
                "{shown}: none of the {} listed SNPs is in the genotypes",
                alleles.len()
            ),
            "--effect-allele expects the ids of SNPs as in the genotype files, each with an allele",
        ));
    }
    notes.push(format!(
        "--effect-allele {shown}: alleles swapped at {}; the given allele was already allele1 at {}",
        count(n(Given::Allele0), "SNP"),
        n(Given::Allele1)
    ));
    notes.extend(unseen.note());
    let neither = verdicts.iter().position(|&one| one == Given::Neither);
    let first = neither.map(|at| in_words(alleles, snps.get(at)));
    notes.extend(note_on_unmatched(path, n(Given::Neither), first.as_deref()));
    if n(Given::Allele0) == 0 {
        return Ok((Arc::clone(snps), vec![false; snps.len()].into()));
    }
    let is_swapped: Vec<bool> = verdicts.iter().map(|&one| one == Given::Allele0).collect();
    let records = snps.iter().zip(&is_swapped);
    let records = SnpTable::of(records.map(|(snp, &is_swapped)| swapped(snp, is_swapped)));
    Ok((Arc::new(records), is_swapped.into()))
}

fn note_on_unmatched(path: &Path, n: usize, first: Option<&str>) -> Option<String> {
    Some(format!(
        "{}: neither allele is the given one at {}, which keep their alleles; the first: {}",
        path.display(),
        count(n, "SNP"),
        first?
    ))
}

impl GenotypeSource for EffectAlleleSource {
    fn individuals(&self) -> &[Individual] {
        self.source.individuals()
    }

    fn snps(&self) -> Option<&Arc<SnpTable>> {
        self.known.as_ref().map(|(snps, _)| snps)
    }

    fn encoding(&self) -> Encoding {
        self.source.encoding()
    }

    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>> {
        Ok(Box::new(SwappedBlocks {
            are_all: snps == (0..usize::MAX),
            blocks: self.source.blocks(snps, block_snps)?,
            source: self.clone(),
        }))
    }

    fn has_ids(&self) -> bool {
        self.source.has_ids()
    }

    fn held_bytes(&self) -> u64 {
        self.source.held_bytes()
    }

    fn bytes_per_snp(&self) -> u64 {
        self.source.bytes_per_snp()
    }

    fn check_unchanged(&self) -> Result<()> {
        self.source.check_unchanged()
    }

    fn versions(&self) -> Vec<(PathBuf, Option<String>)> {
        self.source.versions()
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files = self.source.files();
        files.push(self.path.clone());
        files
    }

    fn notes_after_reading(&self) -> Vec<String> {
        let mut notes = self.source.notes_after_reading();
        if self.known.is_some() {
            return notes;
        }
        let found = self.found();
        notes.extend(found.unseen.note().filter(|_| found.is_complete));
        let first = found.unmatched.values().next().map(String::as_str);
        notes.extend(note_on_unmatched(&self.path, found.unmatched.len(), first));
        notes
    }
}

/// Blocks with swapped alleles.
struct SwappedBlocks {
    blocks: Box<dyn GenotypeBlocks>,
    source: EffectAlleleSource,
    /// Whether these are all SNPs of the source.
    are_all: bool,
}

impl GenotypeBlocks for SwappedBlocks {
    fn next_block(&mut self) -> Option<Result<GenotypeBlock>> {
        let Some(block) = self.blocks.next_block() else {
            self.source.found().is_complete |= self.are_all;
            return None;
        };
        self.are_all &= block.is_ok();
        Some(block.map(|block| self.source.swap(block)))
    }

    fn recycle(&mut self, block: GenotypeBlock) {
        self.blocks.recycle(block);
    }
}

impl EffectAlleleSource {
    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn swap(&self, block: GenotypeBlock) -> GenotypeBlock {
        let (first, n) = (block.snp_indices().start, block.n_individuals());
        if let Some((records, is_swapped)) = &self.known {
            let is_swapped = &is_swapped[block.snp_indices()];
            let genotypes = swap(block.into_genotypes(), n, is_swapped);
            return GenotypeBlock::new(first, n, genotypes)
                .with_records(Arc::clone(records), first);
        }
        let mut found = self.found();
        let verdicts = block.snp_indices().map(|snp_index| {
            let snp = block.record(snp_index);
            found.unseen.see(snp.rs);
            let verdict = given(&self.alleles, snp);
            if verdict == Given::Neither {
                let words = in_words(&self.alleles, snp);
                found.unmatched.insert(snp_index, words);
            }
            verdict == Given::Allele0
        });
        let is_swapped: Vec<bool> = verdicts.collect();
        drop(found);
        if !is_swapped.contains(&true) {
            return block;
        }
        let records = block.snp_indices().zip(&is_swapped);
        let records =
            SnpTable::of(records.map(|(snp, &is_swapped)| swapped(block.record(snp), is_swapped)));
        let genotypes = swap(block.into_genotypes(), n, &is_swapped);
        GenotypeBlock::new(first, n, genotypes).with_records(Arc::new(records), 0)
    }
}

/// Genotypes of `n` individuals with the other allele counted at the swapped SNPs.
fn swap(mut genotypes: Genotypes, n: usize, is_swapped: &[bool]) -> Genotypes {
    match &mut genotypes {
        Genotypes::Packed(bytes) => each(bytes, packed_bytes(n), is_swapped, |snp| {
            snp.iter_mut().for_each(|byte| *byte = swapped_codes(*byte));
            if let (Some(last), 1..) = (snp.last_mut(), n % 4) {
                // Zero after the last individual, as in a .bed.
                *last &= 0xFF >> (8 - 2 * (n % 4));
            }
        }),
        Genotypes::Dosages(values) => each(values, n, is_swapped, |snp| {
            snp.iter_mut().for_each(|x| *x = 2.0 - *x);
        }),
        Genotypes::Scaled(ScaledDosages { values, per_copy }) => {
            let two = 2 * u32::from(*per_copy);
            each(values, n, is_swapped, |snp| {
                let observed = snp.iter_mut().filter(|x| **x != ScaledDosages::MISSING);
                observed.for_each(|x| *x = two.saturating_sub(u32::from(*x)) as u16);
            });
        }
    }
    genotypes
}

/// Applies `change` to the swapped SNPs, on all threads.
fn each<T: Send>(
    values: &mut [T],
    stride: usize,
    is_swapped: &[bool],
    change: impl Fn(&mut [T]) + Send + Sync,
) {
    values
        .par_chunks_exact_mut(stride.max(1))
        .zip(is_swapped)
        .filter(|(_, is_swapped)| **is_swapped)
        .for_each(|(snp, _)| change(snp));
}

/// Four codes with 00 (two copies of allele1) and 11 (none) exchanged.
fn swapped_codes(byte: u8) -> u8 {
    // The low bit of each code whose two bits are equal.
    let are_equal = !(byte ^ byte >> 1) & 0b01_01_01_01;
    byte ^ (are_equal | are_equal << 1)
}

#[cfg(test)]
mod tests {
    use super::super::MemorySource;
    use super::*;

    fn alleles(given: &[(&str, &str)]) -> EffectAlleles {
        let given = given.iter();
        given
            .map(|&(id, allele)| (id.into(), allele.into()))
            .collect()
    }

    fn source(
        genotypes: Genotypes,
        given: &[(&str, &str)],
    ) -> (Result<EffectAlleleSource>, Vec<String>) {
        let individuals: Vec<Individual> = (0..5)
            .map(|i| Individual {
                fid: "f".into(),
                iid: format!("i{i}").into(),
            })
            .collect();
        let snps = SnpTable::of(["rs1", "rs2"].iter().map(|rs| Snp {
            chr: "1",
            rs,
            ps: 1,
            allele1: "A",
            allele0: "C",
        }));
        let source = MemorySource::new(individuals, snps, genotypes).unwrap();
        let mut notes = Vec::new();
        let path = Path::new("alleles");
        let source = EffectAlleleSource::new(Arc::new(source), alleles(given), path, &mut notes);
        (source, notes)
    }

    #[test]
    fn a_swapped_snp_has_the_other_dosages_and_alleles() {
        let nan = f64::NAN;
        for (genotypes, expected) in [
            (
                Genotypes::Packed(vec![0b11_10_01_00, 0b10, 0b00_00_01_11, 0b01]),
                Genotypes::Packed(vec![0b11_10_01_00, 0b10, 0b11_11_01_00, 0b01]),
            ),
            (
                Genotypes::Dosages(vec![2.0, 0.5, 1.0, 0.0, 0.25, 0.0, 1.0, 2.0, 1.5, 0.5]),
                Genotypes::Dosages(vec![2.0, 0.5, 1.0, 0.0, 0.25, 2.0, 1.0, 0.0, 0.5, 1.5]),
            ),
            (
                Genotypes::Scaled(ScaledDosages {
                    values: vec![510, 1, 2, 3, 4, 510, 0, 9, u16::MAX, 255],
                    per_copy: 255,
                }),
                Genotypes::Scaled(ScaledDosages {
                    values: vec![510, 1, 2, 3, 4, 0, 510, 501, u16::MAX, 255],
                    per_copy: 255,
                }),
            ),
        ] {
            let (source, notes) = source(genotypes, &[("rs1", "a"), ("rs2", "C"), ("rs3", "G")]);
            assert!(
                notes[0].contains("swapped at 1 SNP; the given allele was already allele1 at 1")
            );
            assert!(notes[1].contains("1 of 3 listed SNPs is not in the genotypes: rs3"));
            for block_snps in [1, 2] {
                let mut blocks = source.as_ref().unwrap().blocks(1..2, block_snps).unwrap();
                let block = blocks.next_block().unwrap().unwrap();
                let record = block.record(1);
                assert_eq!(
                    (record.rs, record.allele1, record.allele0),
                    ("rs2", "C", "A")
                );
            }
            let mut blocks = source.unwrap().blocks(0..2, 2).unwrap();
            let block = blocks.next_block().unwrap().unwrap();
            assert_eq!(block.record(0).allele1, "A");
            assert_eq!(block.genotypes(), &expected);
        }
        let swapped = swap(Genotypes::Dosages(vec![nan, 2.0]), 2, &[true]);
        assert!(matches!(&swapped, Genotypes::Dosages(x) if x[0].is_nan() && x[1] == 0.0));
        assert_eq!(swapped_codes(0b00_01_10_11), 0b11_01_10_00);
    }

    #[test]
    fn a_snp_without_the_given_allele_keeps_its_own_and_is_named() {
        let packed = || Genotypes::Packed(vec![0; 4]);
        let (source1, notes) = source(packed(), &[("rs2", "G")]);
        assert!(
            notes[1]
                .contains("at 1 SNP, which keep their alleles; the first: rs2 has A and C, not G")
        );
        let mut blocks = source1.unwrap().blocks(0..2, 2).unwrap();
        assert_eq!(blocks.next_block().unwrap().unwrap().record(1).allele1, "A");
        let error = source(packed(), &[("rs9", "G")]).0.unwrap_err().to_string();
        assert!(error.contains("none of the 1 listed SNPs"), "{error}");
    }
}
