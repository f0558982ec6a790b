//! BGEN files: `FILE.bgen`, with the individuals in it or in a `.sample` file, and with or without `FILE.bgen.bgi`.

mod blocks;
mod columns;
mod file;
mod individuals;

use super::ranges::RangeBlocks;
use super::settings::BgenReference;
use super::settings::HardCalls;
use super::source::{GenotypeBlocks, GenotypeSource};
use crate::error::{Error, Result};
use crate::genotype::Encoding;
use crate::io::bgen::{Allele, Header, Index, bgi_path, index_of};
use crate::io::bim::SnpTable;
use crate::io::fam::Individual;
use crate::io::sex::Sex;
use crate::io::text::count;
use blocks::BgenReader;
use file::BgenFile;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How the genotypes of a BGEN file are read.
#[derive(Debug, Clone, Copy, Default)]
pub struct BgenOptions {
    /// Which allele is REF; the other one is counted.
    pub reference: BgenReference,
    /// Makes hard calls of the dosages.
    pub hard_calls: Option<HardCalls>,
}

/// A study in a BGEN file.
///
/// SNPs without exactly two alleles are skipped. A SNP at which an individual has a ploidy of 0 or more than 2 has no
/// dosages: all its genotypes are missing, and [`notes`](GenotypeSource::notes) count such SNPs.
#[derive(Debug)]
pub struct BgenSource {
    sample: Option<PathBuf>,
    individuals: Vec<Individual>,
    sexes: Option<Vec<Sex>>,
    snps: Arc<SnpTable>,
    notes: Vec<String>,
    file: Arc<BgenFile>,
}

impl BgenSource {
    /// Reads the header, the individuals and the records of the SNPs.
    ///
    /// * `sample`: the `.sample` file; the ids in the BGEN file are used without it
    ///
    /// Fails if a file cannot be opened or is damaged, if the individuals have no ids, or if the ids of the two files
    /// disagree.
    pub fn open(bgen: &Path, sample: Option<&Path>, options: BgenOptions) -> Result<Self> {
        let mut header = Header::read(bgen)?;
        let ids = header.ids.take();
        let (individuals, sexes) = individuals::individuals(&header, ids, sample)?;
        let counted = match options.reference {
            BgenReference::First => Allele::Second,
            BgenReference::Last => Allele::First,
        };
        let (index, mut notes) = index_of(&header, counted)?;
        let Index {
            snps,
            places,
            skipped,
        } = index;
        notes.extend(skipped);
        Ok(Self {
            sample: sample.map(Path::to_path_buf),
            individuals,
            sexes,
            snps: Arc::new(snps),
            notes,
            file: Arc::new(BgenFile {
                header,
                counted,
                hard_calls: options.hard_calls,
                places,
                unusual: Mutex::default(),
            }),
        })
    }

    /// The `.sample` file and the sexes of the individuals in it, if it states them.
    #[must_use]
    pub fn sexes(&self) -> Option<(&Path, &[Sex])> {
        Some((self.sample.as_deref()?, self.sexes.as_deref()?))
    }

    /// Notes on the SNPs that are skipped, and on an index that is not used.
    #[must_use]
    pub fn opening_notes(&self) -> &[String] {
        &self.notes
    }
}

impl GenotypeSource for BgenSource {
    fn individuals(&self) -> &[Individual] {
        &self.individuals
    }

    fn snps(&self) -> Option<&Arc<SnpTable>> {
        Some(&self.snps)
    }

    fn encoding(&self) -> Encoding {
        match self.file.hard_calls {
            Some(_) => Encoding::Packed,
            None => Encoding::Dosage,
        }
    }

    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>> {
        let path = &self.file.header.path;
        let file = File::open(path).map_err(Error::io("open", path))?;
        let snps = snps.start..snps.end.min(self.snps.len());
        let reader = BgenReader::start(file, &self.file, &self.snps, snps.clone(), block_snps)?;
        Ok(Box::new(RangeBlocks::new(reader, snps, block_snps)))
    }

    fn files(&self) -> Vec<PathBuf> {
        let bgen = &self.file.header.path;
        let index = Some(bgi_path(bgen)).filter(|index| index.is_file());
        let files = [Some(bgen.clone()), self.sample.clone(), index];
        files.into_iter().flatten().collect()
    }

    fn notes_after_reading(&self) -> Vec<String> {
        let unusual = self.file.unusual.lock();
        let unusual = unusual.unwrap_or_else(PoisonError::into_inner);
        let Some((&first, ploidy)) = unusual.first_key_value() else {
            return Vec::new();
        };
        vec![format!(
            "{}: {} with individuals of ploidy 0 or more than 2, the first of them {} with ploidy {ploidy}; all genotypes of such a SNP are missing",
            self.file.header.path.display(),
            count(unusual.len(), "SNP"),
            self.snps.get(first).rs,
        )]
    }
}
