//! The arguments of a run: every option as a typed field.
//!
//! The command line and the Python package both fill [`Args`] through the table of options. Later stages only read its fields.

use crate::assoc::lm;
use crate::assoc::lmm::Tests;
use crate::genotype::{GeneticModel, XModel};
use crate::kernels::Precision;
use crate::kinship::{KinshipKind, KinshipLayout};
use crate::output::column_set::ColumnSet;
use crate::output::matrix::MatrixFormat;
use crate::pipeline::{Columns, QcOn, Replicates};
use crate::sources::{BgenReference, VcfField};
use std::path::PathBuf;

/// A command of `jamma`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// `jamma gk`
    Gk,
    /// `jamma eigen`
    Eigen,
    /// `jamma lmm`
    Lmm,
    /// `jamma lm`
    Lm,
    /// `jamma demo`
    Demo,
}

impl Command {
    /// All commands, in the order of the help.
    pub const ALL: [Self; 5] = [Self::Gk, Self::Eigen, Self::Lmm, Self::Lm, Self::Demo];

    /// The name of the command.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gk => "gk",
            Self::Eigen => "eigen",
            Self::Lmm => "lmm",
            Self::Lm => "lm",
            Self::Demo => "demo",
        }
    }

    /// The command of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.name() == name)
    }
}

/// The value of `-lmm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LmmMode {
    /// 1 to 4 and 9: test every SNP.
    Tests(Tests),
    /// 5: the null model and its residuals.
    Residuals,
}

/// The value of `--backend`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackendName {
    /// `rust`
    Rust,
    /// `jax`
    Jax,
}

impl BackendName {
    /// The name of the backend.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Jax => "jax",
        }
    }
}

/// The command and the options given. An option that was not given is `None`, `false` or empty.
#[derive(Debug, Clone, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a command-line flag")]
pub struct Args {
    /// The command; `None` in GEMMA's spelling, in which `-gk`, `-eigen`, `-lmm` or `-lm` chooses the analysis.
    pub command: Option<Command>,

    /// `-bfile`
    pub bfile: Option<PathBuf>,
    /// `-g`
    pub bimbam: Option<PathBuf>,
    /// `-a`
    pub annotation: Option<PathBuf>,
    /// `--bgen`
    pub bgen: Option<PathBuf>,
    /// `--sample`
    pub sample: Option<PathBuf>,
    /// `--bgen-ref`
    pub bgen_ref: Option<BgenReference>,
    /// `--pfile`
    pub pfile: Option<PathBuf>,
    /// `--vcf`
    pub vcf: Option<PathBuf>,
    /// `--dosage`
    pub dosage: Option<VcfField>,
    /// `--numeric`
    pub numeric: Option<PathBuf>,
    /// `--snp-map`
    pub snp_map: Option<PathBuf>,
    /// `--ploidy`
    pub ploidy: Option<usize>,
    /// `--no-dosage-range`
    pub no_dosage_range: bool,
    /// `--zarr`
    pub zarr: Option<PathBuf>,
    /// `--hard-call-threshold`
    pub hard_call_threshold: Option<f64>,
    /// `-p`
    pub phenotypes: Option<PathBuf>,
    /// `-n`: columns from 1; empty if not given.
    pub phenotype_columns: Vec<usize>,
    /// `--traits`
    pub traits: Option<Columns>,
    /// `-c`
    pub covariates: Option<PathBuf>,
    /// `--pheno`
    pub pheno: Option<PathBuf>,
    /// `--pheno-name`: names or ranges of columns; empty if not given.
    pub pheno_names: Vec<String>,
    /// `--covar`
    pub covar: Option<PathBuf>,
    /// `--covar-name`: names or ranges of columns; empty if not given.
    pub covar_names: Vec<String>,
    /// `--cat-covar`: names of columns; empty if not given.
    pub cat_covars: Vec<String>,
    /// `--gxe`: the name of a column.
    pub gxe: Option<String>,
    /// `--gxe-file`, in GEMMA's spelling `-gxe`
    pub gxe_file: Option<PathBuf>,
    /// `--interaction`: the id of a SNP.
    pub interaction: Option<String>,
    /// `--gxe-effects`
    pub gxe_effects: bool,
    /// `--model`
    pub model: Option<GeneticModel>,
    /// `-widv`
    pub widv: Option<PathBuf>,
    /// `--weights`: the name of a column.
    pub weights: Option<String>,
    /// `--gemma-widv`
    pub gemma_widv: bool,
    /// `--replicates`
    pub replicates: Option<Replicates>,
    /// `--missing-code`
    pub missing_codes: Vec<String>,
    /// `--rint`
    pub rint: bool,
    /// `--standardize`
    pub standardize: bool,
    /// `-k`
    pub kinship: Option<PathBuf>,
    /// `-km`
    pub kinship_layout: Option<KinshipLayout>,
    /// `-k2`
    pub second_kinship: Option<PathBuf>,
    /// `-km2`
    pub second_layout: Option<KinshipLayout>,
    /// `--keep`
    pub keep: Option<PathBuf>,
    /// `--remove`
    pub remove: Option<PathBuf>,
    /// `--sex-from`: `fam`, or a file.
    pub sex_from: Option<PathBuf>,
    /// `--chr-set`; parsed by `chromosomes.rs`.
    pub chr_set: Option<String>,
    /// `--x-model`
    pub x_model: Option<XModel>,
    /// `--par`; parsed by `chromosomes.rs`.
    pub par: Option<String>,
    /// `-d`
    pub eigenvalues: Option<PathBuf>,
    /// `-u`
    pub eigenvectors: Option<PathBuf>,

    /// `-gk`
    pub kinship_kind: Option<KinshipKind>,
    /// `-eigen`
    pub eigen: bool,
    /// `-lmm`
    pub lmm: Option<LmmMode>,
    /// `-lm`
    pub lm: Option<lm::Tests>,
    /// `-lmin`
    pub lmin: Option<f64>,
    /// `-lmax`
    pub lmax: Option<f64>,
    /// `-region`
    pub region: Option<usize>,
    /// `--rotation`
    pub rotation: Option<Precision>,
    /// `--kinship-qc`
    pub kinship_qc: Option<QcOn>,
    /// `-loco`: the chromosome, or all if it is not named.
    pub loco: Option<Option<String>>,
    /// `--loco-min-snps`
    pub loco_min_snps: Option<usize>,
    /// `--condition`: a file, or ids separated by commas.
    pub condition: Option<String>,
    /// `--stepwise`
    pub stepwise: Option<f64>,
    /// `--stepwise-max`
    pub stepwise_max: Option<usize>,
    /// `--odds`
    pub odds: bool,
    /// `--effective-tests`
    pub effective_tests: bool,
    /// `--permutations`
    pub permutations: Option<usize>,
    /// `-seed`, which GEMMA accepts everywhere; parsed if it is used.
    pub seed: Option<String>,

    /// `-miss`
    pub miss: Option<f64>,
    /// `-maf`
    pub maf: Option<f64>,
    /// `-hwe`
    pub hwe: Option<f64>,
    /// `--info`
    pub info: Option<f64>,
    /// `-r2`
    pub r2: Option<f64>,
    /// `--r2-centred`
    pub r2_centred: bool,
    /// `-notsnp`
    pub notsnp: bool,
    /// `-snps`
    pub snps: Option<PathBuf>,
    /// `-ksnps`
    pub kinship_snps: Option<PathBuf>,
    /// `--effect-allele`
    pub effect_allele: Option<PathBuf>,
    /// `--extract`
    pub extract: Option<PathBuf>,
    /// `--exclude`
    pub exclude: Option<PathBuf>,
    /// `--chr`; parsed by `selection.rs`.
    pub chr: Option<String>,
    /// `--from-bp`
    pub from_bp: Option<usize>,
    /// `--to-bp`
    pub to_bp: Option<usize>,

    /// `-o`
    pub prefix: Option<String>,
    /// `-outdir`
    pub outdir: Option<PathBuf>,
    /// `--format`: text or npy.
    pub format: Option<MatrixFormat>,
    /// `--gz`
    pub gz: bool,
    /// `--save-kinship`
    pub save_kinship: bool,
    /// `--log10p`
    pub log10p: bool,
    /// `--with-info`
    pub with_info: bool,
    /// `--all-snps`
    pub all_snps: bool,
    /// `--long`
    pub long: bool,
    /// `--output-format`: names of formats; empty if not given.
    pub output_formats: Vec<String>,
    /// `--columns`
    pub columns: Option<ColumnSet>,
    /// `--effects`
    pub effects: bool,
    /// `--report`
    pub report: bool,
    /// `--fail-fast`
    pub fail_fast: bool,

    /// `--backend`
    pub backend: Option<BackendName>,
    /// `--threads`
    pub threads: Option<usize>,
    /// `--block-snps`
    pub block_snps: Option<usize>,
    /// `--memory`, in 1e9 bytes.
    pub memory: Option<f64>,
    /// `--eigen-cache`
    pub eigen_cache: Option<PathBuf>,
    /// `--part`
    pub part: Option<String>,
    /// `--dask`: the address of a scheduler.
    pub dask: Option<String>,
    /// `--merge`, which `jamma gk --merge` handles before options are parsed.
    pub merge: Vec<String>,
    /// `-silence`
    pub silence: bool,
}
