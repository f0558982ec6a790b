//! Another source whose chromosomes are those of a species (`--chr-set`), with the calls of haploids recoded.

mod found;
mod recodings;

pub use found::{NeedsSex, class_note};

use super::source::{GenotypeBlocks, GenotypeSource};
use crate::error::{Error, Result};
use crate::genotype::{
    ChromosomeClass, ChromosomeModel, ChromosomeSet, Encoding, Erased, GenotypeBlock,
    HaploidRecoding, XModel,
};
use crate::io::bim::{Snp, SnpTable};
use crate::io::fam::Individual;
use crate::io::sex::Sex;
use found::Found;
use recodings::{Recodings, recoded};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A source in which every SNP is on a chromosome of a species.
///
/// Calls on X, Y and mitochondrial DNA are recoded by the ploidy of the individuals (see [`HaploidRecoding`]): a male on X
/// has 2 copies or none, or 1 with [`XModel::One`]; on Y and mitochondrial DNA, haploids have 1 copy or none, and females
/// have no genotype on Y. The classes of the SNPs and the calls that became missing are counted.
#[derive(Debug, Clone)]
pub struct PloidySource {
    source: Arc<dyn GenotypeSource>,
    model: Arc<ChromosomeModel>,
    recodings: Option<Arc<Recodings>>,
    found: Arc<Mutex<Found>>,
}

/// The error of a chromosome number that the species does not have.
fn beyond(model: &ChromosomeModel, chr: &str) -> Error {
    Error::inconsistent(
        format!(
            "--chr-set {}: the genotypes have SNPs on chromosome {chr}, which it does not have ({})",
            model.set.name(),
            model.set
        ),
        format!(
            "give the species of the genotypes, or the number of its autosomes: --chr-set N (species with a name: {})",
            ChromosomeSet::species()
        ),
    )
}

/// The error that the sex of somebody is not known.
///
/// * `what`: the SNPs that need it
/// * `who`: the individuals
#[must_use]
pub fn unknown_sexes(what: &str, who: &str) -> Error {
    Error::inconsistent(
        format!("--chr-set: {what}, but {who}"),
        "state the sex (1 or M, 2 or F) in column 5 of the .fam or in a table: --sex-from FILE; or exclude these individuals (--remove FILE), or choose other SNPs, such as those on autosomes with --chr",
    )
}

impl PloidySource {
    /// `source` with the chromosomes of `model`.
    ///
    /// * `sexes`: the sex of every individual of `source`; `None` if genotypes are not recoded, since no result depends on
    ///   those that are not on autosomes
    ///
    /// Fails if the SNPs are known, and one is on a chromosome with a number above those of the species. If they are not
    /// known, reading fails at this SNP.
    pub fn new(
        source: Arc<dyn GenotypeSource>,
        model: Arc<ChromosomeModel>,
        sexes: Option<&[Sex]>,
    ) -> Result<Self> {
        if let Some(snps) = source.snps() {
            let mut names = snps.chromosomes().iter();
            if let Some(name) = names.find(|name| model.set.class_of_name(name).is_none()) {
                return Err(beyond(&model, name));
            }
        }
        let recodings = sexes.map(|sexes| Arc::new(Recodings::new(model.x_model, sexes)));
        Ok(Self {
            source,
            model,
            recodings,
            found: Arc::default(),
        })
    }

    /// The chromosomes.
    #[must_use]
    pub fn model(&self) -> &Arc<ChromosomeModel> {
        &self.model
    }

    /// If the SNPs are not known before reading: makes reading fail at the first SNP to test for which the sex of somebody
    /// must be known.
    pub fn require_sexes(&self, needs: NeedsSex) {
        self.found().needs_sex = Some(needs);
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails if the sex of somebody must be known for a SNP, and is not.
    fn check_sexes(&self, snp: Snp<'_>, class: ChromosomeClass) -> Result<()> {
        let is_needed = class.depends_on_sex()
            && (class != ChromosomeClass::X || self.model.x_model != XModel::Skip);
        if !is_needed {
            return Ok(());
        }
        let found = self.found();
        let Some(needs) = &found.needs_sex else {
            return Ok(());
        };
        let selection = needs.selection.as_ref();
        if selection.is_some_and(|selection| selection.check(snp).is_err()) {
            return Ok(());
        }
        Err(unknown_sexes(
            &format!("SNP {} is {}", snp.rs, class.place()),
            &needs.who,
        ))
    }

    /// The class of each SNP of a block.
    fn classes(&self, block: &GenotypeBlock) -> Result<Vec<ChromosomeClass>> {
        let (records, first) = block.records();
        let mut last = None;
        let mut classes = Vec::with_capacity(block.len());
        for (k, snp_index) in block.snp_indices().enumerate() {
            let snp = block.record(snp_index);
            let chr = records.chr_indices()[first + k];
            let class = match last {
                Some((known, class)) if known == chr => class,
                _ => {
                    let class = self.model.set.class_of_name(snp.chr);
                    class.ok_or_else(|| beyond(&self.model, snp.chr))?
                }
            };
            last = Some((chr, class));
            let class = self.model.set.at(class, snp.ps);
            if self.source.snps().is_none() {
                self.check_sexes(snp, class)?;
            }
            classes.push(class);
        }
        Ok(classes)
    }

    /// The same SNPs, recoded and counted.
    fn recode(&self, block: GenotypeBlock) -> Result<GenotypeBlock> {
        let classes = self.classes(&block)?;
        let recodings: Vec<Option<&HaploidRecoding>> = match &self.recodings {
            None => vec![None; classes.len()],
            Some(recodings) => classes.iter().map(|&class| recodings.of(class)).collect(),
        };
        let (first, n) = (block.snp_indices().start, block.n_individuals());
        let (records, first_record) = block.records();
        let records = Arc::clone(records);
        let (genotypes, erased) = if recodings.iter().any(Option::is_some) {
            recoded(block.into_genotypes(), n, &recodings)
        } else {
            (
                block.into_genotypes(),
                vec![Erased::default(); classes.len()],
            )
        };
        let block = GenotypeBlock::new(first, n, genotypes).with_records(records, first_record);
        let mut found = self.found();
        for (snp_index, (class, erased)) in block.snp_indices().zip(classes.iter().zip(erased)) {
            found.add(snp_index, block.record(snp_index).rs, *class, erased);
        }
        drop(found);
        Ok(block)
    }
}

impl GenotypeSource for PloidySource {
    fn individuals(&self) -> &[Individual] {
        self.source.individuals()
    }

    fn snps(&self) -> Option<&Arc<SnpTable>> {
        self.source.snps()
    }

    fn encoding(&self) -> Encoding {
        self.source.encoding()
    }

    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>> {
        Ok(Box::new(RecodedBlocks {
            blocks: Some(self.source.blocks(snps, block_snps)?),
            source: self.clone(),
        }))
    }

    fn has_ids(&self) -> bool {
        self.source.has_ids()
    }

    fn held_bytes(&self) -> u64 {
        self.source.held_bytes()
    }

    /// Bytes of one SNP, whose dosages are in double precision if they are recoded.
    fn bytes_per_snp(&self) -> u64 {
        let own = self.source.bytes_per_snp();
        match &self.recodings {
            None => own,
            Some(_) => own.max(self.encoding().bytes_per_snp(self.individuals().len())),
        }
    }

    fn notes_after_reading(&self) -> Vec<String> {
        let mut notes = self.source.notes_after_reading();
        let found = self.found();
        if self.source.snps().is_none() {
            notes.extend(class_note(&self.model, &found.classes));
        }
        notes.extend(found.notes(self.individuals().len()));
        notes
    }

    fn check_unchanged(&self) -> Result<()> {
        self.source.check_unchanged()
    }

    fn versions(&self) -> Vec<(PathBuf, Option<String>)> {
        self.source.versions()
    }

    fn files(&self) -> Vec<PathBuf> {
        self.source.files()
    }
}

/// Blocks with recoded genotypes.
struct RecodedBlocks {
    /// `None` after an error.
    blocks: Option<Box<dyn GenotypeBlocks>>,
    source: PloidySource,
}

impl GenotypeBlocks for RecodedBlocks {
    fn next_block(&mut self) -> Option<Result<GenotypeBlock>> {
        let block = self.blocks.as_mut()?.next_block()?;
        let block = block.and_then(|block| self.source.recode(block));
        if block.is_err() {
            self.blocks = None;
        }
        Some(block)
    }

    fn recycle(&mut self, block: GenotypeBlock) {
        if let Some(blocks) = &mut self.blocks {
            blocks.recycle(block);
        }
    }
}
