//! PLINK 2 binary files: `PREFIX.pgen`, `PREFIX.pvar` (or `.pvar.zst`, `.pvar.gz`) and `PREFIX.psam`.

mod blocks;
mod content;
mod prefix;

use super::plink_path;
use super::ranges::RangeBlocks;
use super::settings::HardCalls;
use super::source::{GenotypeBlocks, GenotypeSource};
use crate::error::{Error, Result};
use crate::genotype::Encoding;
use crate::io::bim::SnpTable;
use crate::io::fam::Individual;
use crate::io::pgen::{Calls, Counts, PgenFile, read_counts};
use crate::io::psam::{Psam, read_psam};
use crate::io::pvar::read_pvar;
use crate::io::text::count;
use blocks::PgenDecoder;
use content::Content;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const ONE_RUN: &str = "the .pgen, .pvar and .psam must come from one run of plink2; check that none was truncated, edited or mixed up";

/// A study in PLINK 2 files.
///
/// allele1 is ALT and allele0 is REF. The blocks have hard calls if no SNP has dosages, or if they are re-called with a
/// threshold; otherwise dosages of ALT in steps of 1/16384. If a SNP has several ALT alleles (allele1 is then `C,G`),
/// its dosage is the number of copies that are not REF.
#[derive(Debug)]
pub struct PgenSource {
    pvar: PathBuf,
    psam: PathBuf,
    individuals: Psam,
    content: Arc<Content>,
    notes: Vec<String>,
}

impl PgenSource {
    /// Reads `PREFIX.psam` and `PREFIX.pvar`, and the header of `PREFIX.pgen` with the positions of all records.
    ///
    /// * `hard_calls`: calls individuals with a dosage by their dosage; the hard calls of the file are used only for
    ///   individuals without one
    ///
    /// Fails if a file cannot be opened, is malformed, or does not have the numbers of SNPs and individuals in the
    /// header. If `prefix` is not the prefix of PLINK 2 files, the error states what it is.
    pub fn open(prefix: &Path, hard_calls: Option<HardCalls>) -> Result<Self> {
        let [pgen, psam] = ["pgen", "psam"].map(|extension| plink_path(prefix, extension));
        let (pvar, others) = prefix::find(prefix, &pgen, &psam)?;
        let stated = read_counts(&pgen)?;
        let individuals = read_psam(&psam)?;
        let n_individuals = individuals.individuals().len();
        check_count(
            &psam,
            n_individuals,
            "individual",
            &pgen,
            stated.map(|c| c.n_individuals),
        )?;
        let snps = read_pvar(&pvar, stated.map(|counts| counts.n_snps))?;
        check_count(&pvar, snps.len(), "SNP", &pgen, stated.map(|c| c.n_snps))?;
        let counts = Counts {
            n_snps: snps.len(),
            n_individuals,
        };
        let file = PgenFile::open(&pgen, counts)?;
        let has_dosages = file.index().has_dosages();
        let encoding = if has_dosages && hard_calls.is_none() {
            Encoding::Dosage
        } else {
            Encoding::Packed
        };
        let calls = hard_calls.filter(|_| has_dosages);
        let mut notes = others;
        notes.extend(negative_positions(&pvar, &snps));
        let content = Content {
            file,
            snps: Arc::new(snps),
            encoding,
            calls: calls.map(|threshold| Calls::of(|dosage| threshold.call(dosage))),
        };
        Ok(Self {
            pvar,
            psam,
            individuals,
            content: Arc::new(content),
            notes,
        })
    }

    /// The file of individuals, which may contain phenotypes.
    #[must_use]
    pub fn psam_path(&self) -> &Path {
        &self.psam
    }

    /// The individuals with their sexes.
    #[must_use]
    pub fn psam(&self) -> &Psam {
        &self.individuals
    }

    /// Notes for the user on the files.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl GenotypeSource for PgenSource {
    fn individuals(&self) -> &[Individual] {
        self.individuals.individuals()
    }

    fn snps(&self) -> Option<&Arc<SnpTable>> {
        Some(&self.content.snps)
    }

    fn encoding(&self) -> Encoding {
        self.content.encoding
    }

    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>> {
        let snps = snps.start..snps.end.min(self.content.snps.len());
        let decoder = PgenDecoder::start(&self.content, snps.clone(), block_snps)?;
        Ok(Box::new(RangeBlocks::new(decoder, snps, block_snps)))
    }

    /// The bytes of a decoded SNP, or of the longest record if it is longer, because records are read ahead.
    fn bytes_per_snp(&self) -> u64 {
        let decoded = self.content.bytes_per_snp() as u64;
        decoded.max(self.content.file.index().longest())
    }

    fn files(&self) -> Vec<PathBuf> {
        let pgen = self.content.file.path().to_path_buf();
        vec![pgen, self.pvar.clone(), self.psam.clone()]
    }
}

/// Fails if a text file lists another number than the header of the `.pgen` states.
fn check_count(
    path: &Path,
    found: usize,
    noun: &str,
    pgen: &Path,
    stated: Option<usize>,
) -> Result<()> {
    match stated {
        Some(stated) if stated != found => Err(Error::inconsistent(
            format!(
                "{} lists {}, but {} has {}",
                path.display(),
                count(found, noun),
                pgen.display(),
                count(stated, noun)
            ),
            ONE_RUN,
        )),
        _ => Ok(()),
    }
}

/// A note on SNPs that PLINK 2 excludes because of their positions.
fn negative_positions(pvar: &Path, snps: &SnpTable) -> Option<String> {
    let n = snps.iter().filter(|snp| snp.ps < 0).count();
    (n > 0).then(|| {
        format!(
            "{}: {} with a negative position, which PLINK excludes, {} analysed",
            pvar.display(),
            count(n, "SNP"),
            if n == 1 { "is" } else { "are" }
        )
    })
}
