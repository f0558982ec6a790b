//! The size of a study, as far as its cost depends on it.

use crate::assoc::lmm::Tests;
use crate::genotype::Encoding;
use crate::kinship::KinshipKind;

/// The size of a study and the analysis that is planned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StudySize {
    /// Individuals, n. All of them are analysed.
    pub individuals: u64,
    /// SNPs, p. All of them pass the filters.
    pub snps: u64,
    /// Traits.
    pub traits: u64,
    /// Sets of individuals with the same missing phenotypes; each has a kinship and a decomposition of its own.
    pub trait_groups: u64,
    /// Covariates, including the intercept, c.
    pub covariates: u64,
    /// Tests.
    pub tests: Tests,
    /// The kinship.
    pub kinship: KinshipKind,
    /// Chromosomes that are left out in turn (`--loco`); 0 if there is one kinship of all SNPs.
    pub chromosomes: u64,
    /// Hard calls or dosages.
    pub encoding: Encoding,
    /// Fraction of missing calls.
    pub missing: f64,
    /// Bytes of one SNP in memory; `None` for those of its encoding.
    pub snp_bytes: Option<u64>,
    /// Bytes of the genotype files; `None` for those of a `.bed`, or of BGEN with 8 bits for dosages.
    pub file_bytes: Option<u64>,
}

impl Default for StudySize {
    /// 1,000 individuals and 100,000 SNPs, one trait, the Wald test, hard calls of which 1 % are missing.
    fn default() -> Self {
        Self {
            individuals: 1000,
            snps: 100_000,
            traits: 1,
            trait_groups: 1,
            covariates: 1,
            tests: Tests::default(),
            kinship: KinshipKind::Centred,
            chromosomes: 0,
            encoding: Encoding::Packed,
            missing: 0.01,
            snp_bytes: None,
            file_bytes: None,
        }
    }
}

impl StudySize {
    /// n.
    pub(super) fn n(&self) -> f64 {
        self.individuals as f64
    }

    /// p.
    pub(super) fn p(&self) -> f64 {
        self.snps as f64
    }

    /// Bytes of one SNP in memory.
    pub(super) fn bytes_of_snp(&self) -> u64 {
        let n = self.individuals as usize;
        self.snp_bytes
            .unwrap_or_else(|| self.encoding.bytes_per_snp(n))
    }

    /// Bytes of the genotypes on disk.
    ///
    /// Dosages without files are counted as BGEN with 8 bits: two probabilities of one byte, of which half remains after
    /// compression.
    pub(super) fn bytes_on_disk(&self) -> u64 {
        let of_snp = match self.encoding {
            Encoding::Packed => self.individuals.div_ceil(4),
            Encoding::Dosage => self.individuals,
        };
        self.file_bytes.unwrap_or(self.snps * of_snp)
    }

    /// Kinships that are decomposed.
    pub(super) fn decompositions(&self) -> u64 {
        self.trait_groups * self.chromosomes.max(1)
    }

    /// Traits that are analysed at once.
    pub(super) fn traits_at_once(&self) -> u64 {
        self.traits.div_ceil(self.trait_groups)
    }
}
