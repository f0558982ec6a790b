//! The traits, SNPs and chromosomes that a job analyses.

use super::input::Input;
use crate::cohort::{EnvironmentValues, Phenotype, Scaling, Transform};
use crate::genotype::ChromosomeList;
use std::path::PathBuf;

/// The traits of a run.
#[derive(Debug, Clone)]
pub struct Traits {
    /// Columns of a file, or phenotypes in memory.
    pub phenotypes: Input<PhenotypeColumns, Vec<Phenotype>>,
    /// Whether the run is one of several traits (`--traits`): outputs then have the names of their traits, and a trait that
    /// cannot be analysed does not end the run. Without it, there is one trait.
    pub are_several: bool,
    /// `--fail-fast`: end the run at the first trait that cannot be analysed.
    pub fail_fast: bool,
    /// `--rint` and `--standardize`.
    pub transform: Transform,
}

/// A file of phenotypes or covariates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraitFile {
    /// Without a header, as in GEMMA (`-p`, `-c`).
    Positional(PathBuf),
    /// With a header and ids (`--pheno`, `--covar`).
    WithIds(PathBuf),
}

impl TraitFile {
    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &PathBuf {
        match self {
            Self::Positional(path) | Self::WithIds(path) => path,
        }
    }
}

/// Columns of phenotypes in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhenotypeColumns {
    /// A table of phenotypes (`-p`, `--pheno`); `None` means the files of the genotypes (`.fam`, `.psam`).
    pub file: Option<TraitFile>,
    /// The columns.
    pub columns: Columns,
}

/// Columns of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    /// These, from 1, without repetition (`-n`, `--traits`).
    Listed(Vec<usize>),
    /// Columns with these names, or ranges of them (`--pheno-name`).
    Named(Vec<String>),
    /// The first column of phenotypes, without an option that chooses one.
    First,
    /// All columns of phenotypes.
    All,
}

/// Covariates in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CovariateColumns {
    /// `-c` or `--covar`.
    pub file: TraitFile,
    /// `--covar-name`: names of columns, or ranges of them; `None` means all columns.
    pub names: Option<Vec<String>>,
    /// `--cat-covar`: names of those that are categories, though their cells may be numbers.
    pub categories: Vec<String>,
}

/// A value for each individual, such as an environment or a weight.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueInput {
    /// The first column of a file without a header, as in GEMMA (`-gxe`, `-widv`).
    File(PathBuf),
    /// A column of the table of covariates or phenotypes (`--gxe`, `--weights`).
    Column(String),
    /// The id of a SNP, whose missing genotypes are imputed (`--interaction`); only an environment.
    Snp(Box<str>),
    /// In memory.
    Memory(EnvironmentValues),
}

impl ValueInput {
    /// The file of its own.
    #[must_use]
    pub fn path(&self) -> Option<&PathBuf> {
        match self {
            Self::File(path) => Some(path),
            Self::Column(_) | Self::Snp(_) | Self::Memory(_) => None,
        }
    }

    /// The name of the column of a table.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Column(name) => Some(name),
            Self::File(_) | Self::Snp(_) | Self::Memory(_) => None,
        }
    }
}

/// Weights of the individuals: `-widv`, `--weights`.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightInput {
    /// The weights, which are numbers.
    pub values: ValueInput,
    /// What they do to the kinship (`--gemma-widv`).
    pub scaling: Scaling,
}

/// What is done with several rows of an individual in a table of phenotypes (`--replicates`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replicates {
    /// `mean`: the mean of the values of each trait.
    Mean,
    /// `weighted`: the mean, with the number of values as the weight of the individual.
    Weighted,
}

impl CovariateColumns {
    /// All columns of a file without a header (`-c`).
    #[must_use]
    pub fn positional(path: PathBuf) -> Self {
        Self {
            file: TraitFile::Positional(path),
            names: None,
            categories: Vec::new(),
        }
    }
}

impl Traits {
    /// The only trait of a run, in memory: a value for each individual, `None` if it is missing.
    #[must_use]
    pub fn one(values: Vec<Option<f64>>) -> Self {
        let name = "phenotype".to_owned();
        Self {
            phenotypes: Input::Memory(vec![Phenotype { name, values }]),
            ..Self::default()
        }
    }

    /// Several traits in memory.
    #[must_use]
    pub fn several(phenotypes: Vec<Phenotype>) -> Self {
        Self {
            phenotypes: Input::Memory(phenotypes),
            are_several: true,
            ..Self::default()
        }
    }

    /// Whether there may be several traits: a name such as `T1-T9` is a range unless the file has a column of that name.
    #[must_use]
    pub fn may_be_several(&self) -> bool {
        let may_be_range = match &self.phenotypes {
            Input::File(PhenotypeColumns {
                columns: Columns::Named(names),
                ..
            }) => names.iter().any(|name| name.contains('-')),
            _ => false,
        };
        self.are_several || may_be_range
    }
}

impl Default for Traits {
    /// Column 6 of the `.fam`.
    fn default() -> Self {
        Self {
            phenotypes: Input::File(PhenotypeColumns {
                file: None,
                columns: Columns::First,
            }),
            are_several: false,
            fail_fast: false,
            transform: Transform::default(),
        }
    }
}

/// `-loco`: which chromosomes are left out of the kinship.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loco {
    /// One chromosome, whose SNPs are the only ones that are tested.
    One(String),
    /// Every chromosome, one after the other. Chromosome 0 and scaffolds with fewer SNPs than this form one group.
    Every {
        /// `--loco-min-snps`.
        least: usize,
    },
}

/// The number of SNPs below which a scaffold is not left out by itself.
pub const LOCO_MIN_SNPS: usize = 100;

/// Which SNPs are tested: those that every condition chooses. They do not restrict a computed kinship.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SnpChoice {
    /// `--extract`: only these, a file of ids or ranges.
    pub extract: Option<PathBuf>,
    /// `--exclude`: none of these.
    pub exclude: Option<PathBuf>,
    /// `--chr`: only those of these chromosomes.
    pub chromosomes: Option<ChromosomeList>,
    /// `--from-bp`: only those from this position on.
    pub from_bp: Option<i64>,
    /// `--to-bp`: only those up to this position.
    pub to_bp: Option<i64>,
}
