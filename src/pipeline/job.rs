//! The specification of a run, resolved and typed. Later stages parse no options.

use super::filter_options::{FilterOptions, SnpListInput};
use super::individuals::{IndividualLists, SexInput};
use super::input::Input;
use super::selection::{CovariateColumns, Loco, Replicates, Traits, ValueInput, WeightInput};
use crate::assoc::ODDS_COLUMNS;
use crate::assoc::lm::Lm;
use crate::assoc::lmm::Lmm;
use crate::assoc::stepwise::StepwiseOptions;
use crate::eigen::GivenEigen;
use crate::genotype::{ChromosomeModel, Coding};
use crate::io::frame::MissingCodes;
use crate::io::square::SquareMatrix;
use crate::io::table::CovariateTable;
use crate::kinship::{KinshipKind, KinshipLayout};
use crate::method::Method;
use crate::null::LambdaRange;
use crate::output::files::OutputFiles;
use crate::output::sink::Products;
use crate::permutation::PermutationOptions;
use crate::sources::{GenotypeFiles, GenotypeSource};
use std::path::PathBuf;
use std::sync::Arc;

/// Genotypes.
#[derive(Debug, Clone)]
pub enum GenotypeInput {
    /// Files.
    Files(GenotypeFiles),
    /// An open source.
    Source(Arc<dyn GenotypeSource>),
}

/// A run.
#[derive(Debug, Clone)]
pub struct Job {
    /// The analysis, with its own options.
    pub analysis: Analysis,
    /// Files, or any source of genotypes.
    pub genotypes: GenotypeInput,
    /// `--keep`, `--remove`: the individuals of the study.
    pub individuals: IndividualLists,
    /// `--sex-from`: the sex of the individuals.
    pub sexes: Option<SexInput>,
    /// `--chr-set`, `--x-model`, `--par`: the chromosomes of the species; `None` treats every chromosome alike.
    pub chromosomes: Option<ChromosomeModel>,
    /// `--effect-allele`: a file with the allele to count for each SNP.
    pub effect_alleles: Option<PathBuf>,
    /// The traits to analyse.
    pub traits: Traits,
    /// Covariates: columns of a table (`-c`, `--covar`), or a row of covariates for each individual.
    pub covariates: Option<Input<CovariateColumns, CovariateTable>>,
    /// `-gxe`, `--gxe`, `--interaction`: the environment of interactions.
    pub environment: Option<ValueInput>,
    /// `-k2`: a second kinship, with a variance component of its own.
    pub second_kinship: Option<Input<KinshipFile, GivenKinship>>,
    /// `-widv`, `--weights`: weights of the individuals.
    pub weights: Option<WeightInput>,
    /// `--replicates`: what is done with several rows of an individual in a table of phenotypes; otherwise an error.
    pub replicates: Option<Replicates>,
    /// `--missing-code`: missing values of tables with ids, besides an empty cell, NA, nan and `.`.
    pub missing_codes: MissingCodes,
    /// SNP filters.
    pub filter: FilterOptions,
    /// Leave chromosomes out of the kinship.
    pub loco: Option<Loco>,
    /// `--eigen-cache`: a directory that keeps decompositions.
    pub eigen_cache: Option<PathBuf>,
    /// `--permutations`: genome-wide thresholds.
    pub permutations: Option<PermutationOptions>,
    /// `--condition`: SNPs that are covariates.
    pub condition: Option<ConditionInput>,
    /// `--stepwise`: add the SNP with the smallest p-value to the covariates, and test again, until none is below a threshold.
    pub stepwise: Option<StepwiseOptions>,
    /// `--odds`: effects on a binary trait also as log odds.
    pub odds: bool,
    /// `--effective-tests`: the effective number of tests.
    pub effective_tests: bool,
    /// The files to write; `None` if only the caller's sinks take the results.
    pub files: Option<OutputFiles>,
    /// The resources that the run may use.
    pub machine: Machine,
    /// The command line, for the log.
    pub command: String,
    /// Notes for the user on the command line.
    pub notes: Vec<String>,
}

/// An analysis.
#[derive(Debug, Clone)]
pub enum Analysis {
    /// `-gk`: the kinship of all individuals.
    Kinship(ComputedKinship),
    /// `-eigen`: eigenvalues and eigenvectors of the kinship of the analysed individuals.
    Eigen(KinshipInput),
    /// `-lmm 5`: the null model and its residuals.
    Residuals {
        /// The kinship.
        kinship: KinshipInput,
        /// The search range of λ.
        range: LambdaRange,
    },
    /// `-lmm`, `-lm`: a test of every SNP.
    Association(Association),
}

/// The tests of all SNPs.
#[derive(Debug, Clone)]
pub struct Association {
    /// The kinship; `None` for a method that uses none.
    pub kinship: Option<KinshipInput>,
    /// The tests.
    pub method: Arc<dyn Method>,
    /// `--model`: the coding of the genotypes in the model; the filters and the kinship do not have it.
    pub coding: Coding,
    /// `--all-snps`: also output the SNPs that the filters exclude, as rows of NaN with the reason.
    pub all_snps: bool,
    /// `--with-info`: also output the imputation quality of every SNP.
    pub with_info: bool,
}

/// Where the kinship comes from.
#[derive(Debug, Clone)]
pub enum KinshipInput {
    /// Computed from the genotypes in this run.
    Computed {
        /// Its kind and SNPs.
        kinship: ComputedKinship,
        /// `--save-kinship`: also pass the kinship of all individuals to the sinks.
        save: bool,
    },
    /// A matrix (`-k`).
    Matrix(Input<KinshipFile, GivenKinship>),
    /// Eigenvalues and eigenvectors (`-d`, `-u`).
    Eigen(Input<EigenFiles, GivenEigen>),
}

/// A kinship that is computed from the genotypes.
#[derive(Debug, Clone, Default)]
pub struct ComputedKinship {
    /// Centred or standardised (`-gk`).
    pub kind: KinshipKind,
    /// The individuals over which the SNP filters are evaluated.
    pub qc: QcOn,
    /// `-ksnps`: the SNPs to use. Without it, all SNPs that pass the filters; for `-gk`, those of `-snps`.
    pub snps: Option<SnpListInput>,
}

/// The individuals over which the SNP filters of a kinship are evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QcOn {
    /// The analysed individuals, as in GEMMA; the kinship then depends on who has a phenotype.
    #[default]
    Analysed,
    /// All individuals; a kinship then needs no phenotype.
    All,
}

/// SNPs that are covariates: a file, or their ids.
pub type ConditionInput = Input<PathBuf, Vec<Box<str>>>;

/// A file with a kinship matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KinshipFile {
    /// `-k`, `-k2`.
    pub path: PathBuf,
    /// `-km`, `-km2`.
    pub layout: KinshipLayout,
}

/// A kinship matrix in memory.
#[derive(Debug, Clone)]
pub struct GivenKinship {
    /// The matrix.
    pub matrix: SquareMatrix,
    /// The row of each individual of the study, `None` for one without a row. If absent, all individuals in their order.
    pub rows: Option<Vec<Option<usize>>>,
}

/// Files of an eigendecomposition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EigenFiles {
    /// `-d`.
    pub values: PathBuf,
    /// `-u`.
    pub vectors: PathBuf,
}

/// The resources that a run may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// Threads.
    pub threads: usize,
    /// SNPs per block; `None` chooses. Results do not depend on it.
    pub block_snps: Option<usize>,
    /// Memory limit in bytes; `None` means the free memory.
    pub memory: Option<u64>,
}

impl Default for Machine {
    /// All cores and the free memory.
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            block_snps: None,
            memory: None,
        }
    }
}

impl Job {
    /// The results that the run passes to its sinks.
    #[must_use]
    pub fn products(&self) -> Products {
        (self.analysis).products_with(self.odds, self.stepwise.is_some())
    }

    /// `analysis` of the PLINK files `bfile` with GEMMA's defaults: phenotype 1, no covariates, `output/result.*`.
    #[must_use]
    pub fn new(bfile: impl Into<PathBuf>, analysis: Analysis) -> Self {
        Self {
            analysis,
            genotypes: GenotypeInput::Files(GenotypeFiles::Plink(bfile.into())),
            individuals: IndividualLists::default(),
            sexes: None,
            chromosomes: None,
            effect_alleles: None,
            traits: Traits::default(),
            loco: None,
            permutations: None,
            eigen_cache: None,
            condition: None,
            stepwise: None,
            odds: false,
            effective_tests: false,
            covariates: None,
            environment: None,
            second_kinship: None,
            weights: None,
            replicates: None,
            missing_codes: MissingCodes::default(),
            filter: FilterOptions::default(),
            files: Some(OutputFiles::default()),
            machine: Machine::default(),
            command: String::new(),
            notes: Vec::new(),
        }
    }
}

impl Analysis {
    /// The linear mixed model with a centred kinship that the same run computes.
    #[must_use]
    pub fn lmm(lmm: Lmm) -> Self {
        Self::Association(Association {
            kinship: Some(KinshipInput::default()),
            method: Arc::new(lmm),
            coding: Coding::default(),
            all_snps: false,
            with_info: false,
        })
    }

    /// The linear model, which has no kinship.
    #[must_use]
    pub fn lm(lm: Lm) -> Self {
        Self::Association(Association {
            kinship: None,
            method: Arc::new(lm),
            coding: Coding::default(),
            all_snps: false,
            with_info: false,
        })
    }

    /// Where the kinship comes from; `None` if this is its computation, or needs none.
    #[must_use]
    pub fn kinship(&self) -> Option<&KinshipInput> {
        match self {
            Self::Kinship(_) => None,
            Self::Eigen(kinship) | Self::Residuals { kinship, .. } => Some(kinship),
            Self::Association(association) => association.kinship.as_ref(),
        }
    }

    /// The kinship that the run computes.
    #[must_use]
    pub fn computed_kinship(&self) -> Option<&ComputedKinship> {
        match (self, self.kinship()) {
            (Self::Kinship(kinship), _) | (_, Some(KinshipInput::Computed { kinship, .. })) => {
                Some(kinship)
            }
            _ => None,
        }
    }

    /// The results that the run passes to its sinks, also those of `--odds` and `--stepwise` if they are wanted.
    pub(super) fn products_with(&self, odds: bool, stepwise: bool) -> Products {
        let mut products = self.products();
        products.stepwise = stepwise;
        if let (true, Some(columns)) = (odds, &mut products.columns) {
            columns.extend(ODDS_COLUMNS);
        }
        products
    }

    /// The results that the run passes to its sinks.
    #[must_use]
    pub fn products(&self) -> Products {
        let saved = match (self, self.kinship()) {
            (Self::Kinship(kinship), _)
            | (
                _,
                Some(KinshipInput::Computed {
                    kinship,
                    save: true,
                }),
            ) => Some(kinship.kind),
            _ => None,
        };
        let association = match self {
            Self::Association(association) => Some(association),
            _ => None,
        };
        Products {
            kinship: saved,
            eigen: matches!(self, Self::Eigen(_)),
            residuals: matches!(self, Self::Residuals { .. }),
            columns: association.map(|association| association.method.columns()),
            snp_columns: association.map_or(&[], |association| association.method.snp_columns()),
            info: association.is_some_and(|association| association.with_info),
            all_snps: association.is_some_and(|association| association.all_snps),
            stepwise: false,
        }
    }

    /// Whether traits are fitted, so that each must have variance.
    #[must_use]
    pub fn fits_traits(&self) -> bool {
        matches!(self, Self::Residuals { .. } | Self::Association(_))
    }

    /// Whether the run needs no phenotype.
    #[must_use]
    pub fn needs_no_trait(&self) -> bool {
        matches!(self, Self::Kinship(kinship) if kinship.qc == QcOn::All)
    }
}

impl Default for KinshipInput {
    /// The centred kinship, computed and not saved.
    fn default() -> Self {
        Self::Computed {
            kinship: ComputedKinship::default(),
            save: false,
        }
    }
}
