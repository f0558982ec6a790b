//! Resolves typed arguments to a validated [`Job`].

use super::args::Args;
use super::chromosomes::chromosomes;
use super::files::files;
use super::genotypes;
use super::selection;
use super::task::{Task, reject_options_of_computed_kinship, reject_useless, task};
use super::threads::threads;
use super::traits::{covariates, environment, given_twice, traits, weights};
use crate::assoc::genotypic::Genotypic;
use crate::assoc::gxe::Gxe;
use crate::assoc::lm::{GenotypicLm, Lm};
use crate::assoc::lmm::Lmm;
use crate::assoc::stepwise::{MAX_STEPS, StepwiseOptions};
use crate::cohort::EnvironmentValues;
use crate::eigen::GivenEigen;
use crate::error::{Error, Result};
use crate::genotype::{GeneticModel, SnpFilter};
use crate::io::frame::MissingCodes;
use crate::io::relationship::located;
use crate::io::sex::Sex;
use crate::io::table::CovariateTable;
use crate::kinship::KinshipLayout;
use crate::null::LambdaRange;
use crate::output::files::OutputFiles;
use crate::permutation::PermutationOptions;
use crate::pipeline::{
    Analysis, Association, ComputedKinship, EigenFiles, FilterOptions, GivenKinship, Input, Job,
    KinshipFile, KinshipInput, LOCO_MIN_SNPS, Loco, Machine, SnpListInput, Traits,
};
use crate::sources::GenotypeSource;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The seed of permutations unless `-seed` gives one.
const DEFAULT_SEED: u64 = 1;

/// Inputs in memory; each replaces the corresponding files.
#[derive(Debug, Default)]
pub struct Given {
    /// Individuals, SNPs and genotypes.
    pub source: Option<Arc<dyn GenotypeSource>>,
    /// Phenotypes of all individuals.
    pub traits: Option<Traits>,
    /// Covariates, one row per individual.
    pub covariates: Option<CovariateTable>,
    /// The environment of interactions.
    pub environment: Option<EnvironmentValues>,
    /// Weights of the individuals.
    pub weights: Option<EnvironmentValues>,
    /// The sex of every individual.
    pub sexes: Option<Vec<Sex>>,
    /// A kinship matrix.
    pub kinship: Option<GivenKinship>,
    /// A second kinship matrix.
    pub second_kinship: Option<GivenKinship>,
    /// The decomposition of a kinship.
    pub eigen: Option<GivenEigen>,
    /// Ids of the SNPs to test.
    pub snps: Option<HashSet<Box<str>>>,
    /// Ids of the SNPs of a computed kinship.
    pub kinship_snps: Option<HashSet<Box<str>>>,
}

/// The job that `args` describe.
///
/// * `command`: the command as the user typed it, for the log
///
/// Fails with an [`Error::InvalidOption`] that names the option and the value.
pub fn job(args: &Args, mut given: Given, command: String) -> Result<Job> {
    let task = task(args)?;
    reject_useless(args, task)?;
    let genotypes = genotypes::genotypes(args, given.source.take())?;
    let kinship = match task {
        Task::Regression(_) => None,
        _ => Some(kinship(args, &mut given, task)?),
    };
    let threads = threads(args.threads)?;
    let snps = either("-snps", args.snps.as_ref(), given.snps)?;
    let traits = traits(args, given.traits)?;
    let files = files(args)?;
    let environment = environment(args, task, given.environment.take())?;
    Ok(Job {
        analysis: analysis(args, task, kinship, environment.is_some(), &files)?,
        genotypes,
        individuals: selection::individuals(args),
        sexes: selection::sexes(args, given.sexes.take())?,
        chromosomes: chromosomes(args, task)?,
        effect_alleles: selection::effect_alleles(args)?,
        traits,
        covariates: covariates(args, given.covariates)?,
        environment,
        second_kinship: second_kinship(args, given.second_kinship.take())?,
        weights: weights(args, given.weights)?,
        replicates: args.replicates,
        missing_codes: MissingCodes::new(args.missing_codes.iter().map(String::as_str)),
        filter: FilterOptions {
            choice: selection::snps(args, task)?,
            ..filter(args, snps)
        },
        loco: loco(args),
        permutations: permutations(args)?,
        condition: selection::condition(args)?,
        stepwise: stepwise(args),
        odds: args.odds,
        effective_tests: args.effective_tests,
        eigen_cache: args.eigen_cache.clone(),
        files: Some(files),
        machine: Machine {
            threads: threads.count,
            block_snps: args.block_snps,
            memory: args.memory.map(|gigabytes| (gigabytes * 1e9) as u64),
        },
        command,
        notes: notes(args, task).into_iter().chain(threads.notes).collect(),
    })
}

/// The file or the input in memory; fails if both are given.
fn either<M>(
    option: &str,
    file: Option<&PathBuf>,
    memory: Option<M>,
) -> Result<Option<Input<PathBuf, M>>> {
    match (file, memory) {
        (Some(_), Some(_)) => Err(given_twice(option)),
        (file, None) => Ok(file.cloned().map(Input::File)),
        (None, memory) => Ok(memory.map(Input::Memory)),
    }
}

/// * `kinship`: `None` for the linear model
fn analysis(
    args: &Args,
    task: Task,
    kinship: Option<KinshipInput>,
    has_environment: bool,
    files: &OutputFiles,
) -> Result<Analysis> {
    let model = args.model.unwrap_or_default();
    let (log10p, coding) = (args.log10p, model.coding());
    let (effects, exchange) = (args.effects, files.needs_exchange());
    Ok(match (task, kinship) {
        (Task::Regression(tests), _) => Analysis::Association(Association {
            kinship: None,
            method: match model {
                GeneticModel::Genotypic => Arc::new(GenotypicLm { tests, log10p }),
                _ => Arc::new(Lm {
                    tests,
                    log10p,
                    effects,
                    exchange,
                }),
            },
            coding,
            all_snps: args.all_snps,
            with_info: args.with_info,
        }),
        (_, None) => panic!("every other task has a kinship"),
        (Task::Kinship, Some(KinshipInput::Computed { kinship, .. })) => Analysis::Kinship(kinship),
        (Task::Kinship, _) => panic!("-gk with a given kinship was rejected"),
        (Task::Eigen, Some(kinship)) => Analysis::Eigen(kinship),
        (Task::Residuals, Some(kinship)) => Analysis::Residuals {
            kinship,
            range: range(args)?,
        },
        (Task::Tests(tests), kinship) => Analysis::Association(Association {
            kinship,
            method: match model {
                _ if has_environment => Arc::new(Gxe {
                    tests,
                    range: range(args)?,
                    log10p,
                    effects: args.gxe_effects,
                    levels: Vec::new(),
                }),
                GeneticModel::Genotypic => Arc::new(Genotypic {
                    tests,
                    range: range(args)?,
                    log10p,
                }),
                _ => Arc::new(Lmm {
                    tests,
                    range: range(args)?,
                    rotation: args.rotation.unwrap_or_default(),
                    log10p,
                    effects,
                    exchange,
                }),
            },
            coding,
            all_snps: args.all_snps,
            with_info: args.with_info,
        }),
    })
}

fn kinship(args: &Args, given: &mut Given, task: Task) -> Result<KinshipInput> {
    let files = kinship_files(args, task)?;
    let read = match (given.kinship.take(), given.eigen.take(), files) {
        (None, None, files) => files,
        (Some(_), None, None) | (None, Some(_), None) if task == Task::Kinship => {
            return Err(Error::option(
                "-gk",
                "a kinship is given",
                "omit the kinship",
            ));
        }
        (Some(kinship), None, None) => Some(KinshipInput::Matrix(Input::Memory(kinship))),
        (None, Some(eigen), None) => Some(KinshipInput::Eigen(Input::Memory(eigen))),
        _ => return Err(given_twice("-k")),
    };
    if let Some(read) = read {
        reject_options_of_computed_kinship(args)?;
        return Ok(read);
    }
    Ok(KinshipInput::Computed {
        kinship: ComputedKinship {
            kind: args.kinship_kind.unwrap_or_default(),
            qc: args.kinship_qc.unwrap_or_default(),
            snps: either(
                "-ksnps",
                args.kinship_snps.as_ref(),
                given.kinship_snps.take(),
            )?,
        },
        save: args.save_kinship,
    })
}

/// `-k`, or `-d` and `-u`.
fn kinship_files(args: &Args, task: Task) -> Result<Option<KinshipInput>> {
    if let Some(path) = &args.kinship {
        if task == Task::Kinship {
            return Err(Error::option(
                "-k",
                "-gk computes a kinship and does not read one",
                "omit -k",
            ));
        }
        let file = kinship_file(path, args.kinship_layout);
        return Ok(Some(KinshipInput::Matrix(Input::File(file))));
    }
    let (given, missing) = match (&args.eigenvalues, &args.eigenvectors) {
        (Some(values), Some(vectors)) => {
            return Ok(Some(KinshipInput::Eigen(Input::File(EigenFiles {
                values: values.clone(),
                vectors: vectors.clone(),
            }))));
        }
        (None, None) => return Ok(None),
        (Some(_), None) => ("-d", "-u"),
        (None, Some(_)) => ("-u", "-d"),
    };
    Err(Error::option(
        given,
        format!("missing relatedness file: {given} requires {missing}"),
        "give eigenvalues with -d and eigenvectors with -u, or a kinship with -k",
    ))
}

fn kinship_file(path: &Path, layout: Option<KinshipLayout>) -> KinshipFile {
    let layout = layout.unwrap_or_default();
    let path = match layout {
        KinshipLayout::Square => located(path),
        KinshipLayout::Triplets => path.to_owned(),
    };
    KinshipFile { path, layout }
}

/// `-k2`, or a matrix in memory.
fn second_kinship(
    args: &Args,
    given: Option<GivenKinship>,
) -> Result<Option<Input<KinshipFile, GivenKinship>>> {
    match (&args.second_kinship, given) {
        (Some(_), Some(_)) => Err(given_twice("-k2")),
        (None, _) if args.second_layout.is_some() => Err(Error::option(
            "-km2",
            "there is no second kinship",
            "give it with -k2",
        )),
        (Some(path), None) => {
            let file = kinship_file(path, args.second_layout);
            Ok(Some(Input::File(file)))
        }
        (None, given) => Ok(given.map(Input::Memory)),
    }
}

fn loco(args: &Args) -> Option<Loco> {
    let least = args.loco_min_snps.unwrap_or(LOCO_MIN_SNPS);
    let every = Loco::Every { least };
    let name = args.loco.as_ref()?;
    Some(name.clone().map_or(every, Loco::One))
}

fn stepwise(args: &Args) -> Option<StepwiseOptions> {
    Some(StepwiseOptions {
        threshold: args.stepwise?,
        max_steps: args.stepwise_max.unwrap_or(MAX_STEPS),
    })
}

fn permutations(args: &Args) -> Result<Option<PermutationOptions>> {
    let Some(count) = args.permutations else {
        return Ok(None);
    };
    let seed = match &args.seed {
        None => DEFAULT_SEED,
        Some(text) => text.parse().map_err(|_| {
            Error::option(
                "-seed",
                format!("expected a whole number of at least 0, found {text}"),
                "the same seed gives the same permutations",
            )
        })?,
    };
    Ok(Some(PermutationOptions { count, seed }))
}

fn filter(args: &Args, snps: Option<SnpListInput>) -> FilterOptions {
    let default = SnpFilter::default();
    FilterOptions {
        max_missing: args.miss.unwrap_or(default.max_missing),
        min_maf: match (args.notsnp, args.maf) {
            (true, _) => None,
            (false, maf) => maf.or(default.min_maf),
        },
        min_hwe: args.hwe.unwrap_or(default.min_hwe),
        min_info: args.info,
        max_r2: args.r2.unwrap_or(default.max_r2),
        is_r2_centred: args.r2_centred,
        snps,
        ..FilterOptions::default()
    }
}

fn range(args: &Args) -> Result<LambdaRange> {
    let default = LambdaRange::default();
    let range = LambdaRange {
        min: args.lmin.unwrap_or(default.min),
        max: args.lmax.unwrap_or(default.max),
        intervals: args.region.unwrap_or(default.intervals),
    };
    if range.max < range.min {
        return Err(Error::option(
            "-lmax",
            format!(
                "the upper bound {} of lambda is below the lower bound {}",
                range.max, range.min
            ),
            "give -lmin below -lmax",
        ));
    }
    Ok(range)
}

/// Notes on options without effect, which GEMMA ignores silently, and on an unlikely `--memory`.
fn notes(args: &Args, task: Task) -> Vec<String> {
    let is_regression = matches!(task, Task::Regression(_));
    let has_kinship = args.kinship.is_some();
    let kinship = (has_kinship && is_regression)
        .then(|| "-k is ignored, as in GEMMA: the linear model does not use a kinship".to_owned());
    let unused = [
        ("-d", args.eigenvalues.is_some()),
        ("-u", args.eigenvectors.is_some()),
        ("--kinship-qc", args.kinship_qc.is_some()),
    ];
    let unused = unused
        .into_iter()
        .filter(|(_, is_given)| has_kinship && *is_given)
        .map(|(option, _)| format!("{option} is ignored because the kinship is given with -k"));
    let maf = (args.notsnp && args.maf.is_some())
        .then(|| "-maf has no effect with -notsnp, as in GEMMA".to_owned());
    let memory = args
        .memory
        .filter(|gigabytes| *gigabytes >= 1000.0)
        .map(|gb| format!("--memory {gb} means {gb} GB; the unit is GB, not MB as in PLINK"));
    unused.chain(kinship).chain(maf).chain(memory).collect()
}
