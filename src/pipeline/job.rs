//! What a run is asked to do, resolved and typed.

use crate::assoc::lmm::Tests;
use crate::genotype::SnpFilter;
use crate::kernels::Precision;
use crate::kinship::{KinshipKind, KinshipLayout};
use crate::null::LambdaRange;
use crate::output::matrix::MatrixFormat;
use crate::output::text::Packing;
use std::path::PathBuf;

/// The files that make a study.
#[derive(Debug, Clone, Default)]
pub struct StudyFiles {
    /// Prefix of `.bed`, `.bim` and `.fam` (`-bfile`).
    pub bfile: PathBuf,
    /// Phenotype table in place of the `.fam`'s phenotypes (`-p`).
    pub phenotypes: Option<PathBuf>,
    /// Phenotype column, from 1 (`-n`).
    pub phenotype: usize,
    /// Covariate table (`-c`).
    pub covariates: Option<PathBuf>,
}

impl StudyFiles {
    /// `PREFIX.extension`; the prefix may contain dots.
    #[must_use]
    pub fn plink(&self, extension: &str) -> PathBuf {
        let mut path = self.bfile.clone().into_os_string();
        path.push(".");
        path.push(extension);
        path.into()
    }
}

/// Thresholds and lists of the SNP filters.
#[derive(Debug, Clone)]
pub struct FilterOptions {
    /// `-miss`.
    pub max_missing: f64,
    /// `-maf`; `None` after `-notsnp`.
    pub min_maf: Option<f64>,
    /// `-hwe`; 0 is off.
    pub min_hwe: f64,
    /// `-r2`.
    pub max_r2: f64,
    /// `--r2-centred`: R² about the mean of the SNP.
    pub is_r2_centred: bool,
    /// `-snps`: the only SNPs to test; with [`Analysis::Kinship`] the only SNPs of the kinship.
    pub snps: Option<PathBuf>,
    /// `-ksnps`: the only SNPs of a computed kinship; without it all that pass the filters, or `snps` as said there.
    pub kinship_snps: Option<PathBuf>,
}

impl Default for FilterOptions {
    /// GEMMA's thresholds, those of [`SnpFilter`].
    fn default() -> Self {
        let filter = SnpFilter::default();
        Self {
            max_missing: filter.max_missing,
            min_maf: filter.min_maf,
            min_hwe: filter.min_hwe,
            max_r2: filter.max_r2,
            is_r2_centred: false,
            snps: None,
            kinship_snps: None,
        }
    }
}

/// Over whom the SNP filters of a kinship are evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QcOn {
    /// The analysed individuals: GEMMA's rule, by which the kinship depends on who has a phenotype.
    #[default]
    Analysed,
    /// Everybody in the `.fam`; no phenotype is needed for a kinship.
    All,
}

/// Where the eigendecomposition comes from.
#[derive(Debug, Clone)]
pub enum KinshipSource {
    /// Computed from the genotypes in this run.
    Genotypes(KinshipKind),
    /// Read (`-k`).
    File(PathBuf, KinshipLayout),
    /// Decomposed already (`-d`, `-u`).
    Eigen {
        /// `-d`
        values: PathBuf,
        /// `-u`
        vectors: PathBuf,
    },
    /// A matrix that the caller has: [`InMemory::kinship`](super::InMemory).
    InMemory,
    /// A decomposition that the caller has: [`InMemory::eigen`](super::InMemory).
    EigenInMemory,
}

/// What is computed and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Analysis {
    /// `-gk`: the kinship.
    Kinship(KinshipKind),
    /// `-eigen`: eigenvalues and eigenvectors.
    Eigen,
    /// `-lmm 5`: the null model and its residuals.
    Residuals,
    /// `-lmm`: the tests.
    Association(Tests),
}

/// Where files go.
#[derive(Debug, Clone)]
pub struct Places {
    /// `-outdir`.
    pub directory: PathBuf,
    /// `-o`.
    pub prefix: String,
}

/// A run.
#[derive(Debug, Clone)]
pub struct Job {
    /// What is computed.
    pub analysis: Analysis,
    /// The input.
    pub study: StudyFiles,
    /// SNP filters.
    pub filter: FilterOptions,
    /// Over whom the filters of a kinship run.
    pub kinship_qc: QcOn,
    /// Where the eigendecomposition comes from; not used by `-gk`.
    pub kinship: KinshipSource,
    /// Write the kinship that this run computes.
    pub save_kinship: bool,
    /// Where λ is searched.
    pub range: LambdaRange,
    /// In what numbers SNPs are rotated.
    pub rotation: Precision,
    /// Add exact −log₁₀ p columns.
    pub log10p: bool,
    /// How matrices are written.
    pub format: MatrixFormat,
    /// How tables are written.
    pub packing: Packing,
    /// Where files go; `None` where only a [`Sink`](super::Sink) wants the results.
    pub places: Option<Places>,
    /// Threads.
    pub threads: usize,
    /// SNPs in a block; `None` chooses. Results never depend on it.
    pub block_snps: Option<usize>,
    /// Bytes that the run may use; `None` is what is free.
    pub memory: Option<u64>,
    /// The command line, for the log.
    pub command: String,
    /// What the user should know about the command line itself.
    pub notes: Vec<String>,
}

impl Job {
    /// `analysis` of the PLINK files `bfile` with GEMMA's defaults: phenotype 1, no covariates, the centred kinship
    /// computed in the same run, `output/result.*` on all cores.
    #[must_use]
    pub fn new(bfile: impl Into<PathBuf>, analysis: Analysis) -> Self {
        Self {
            analysis,
            study: StudyFiles {
                bfile: bfile.into(),
                phenotype: 1,
                ..StudyFiles::default()
            },
            filter: FilterOptions::default(),
            kinship_qc: QcOn::default(),
            kinship: KinshipSource::Genotypes(KinshipKind::default()),
            save_kinship: false,
            range: LambdaRange::default(),
            rotation: Precision::default(),
            log10p: false,
            format: MatrixFormat::default(),
            packing: Packing::default(),
            places: Some(Places {
                directory: "output".into(),
                prefix: "result".into(),
            }),
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            block_snps: None,
            memory: None,
            command: String::new(),
            notes: Vec::new(),
        }
    }
}
