//! Resolves typed arguments to a validated [`Job`].

use super::args::{Args, Command, LmmMode};
use super::threads::threads;
use crate::assoc::lmm::{Lmm, Tests};
use crate::eigen::GivenEigen;
use crate::error::{Error, Result};
use crate::genotype::SnpFilter;
use crate::io::table::CovariateTable;
use crate::null::LambdaRange;
use crate::output::files::OutputFiles;
use crate::output::matrix::MatrixFormat;
use crate::output::text::Packing;
use crate::pipeline::{
    Analysis, Association, ComputedKinship, EigenFiles, FilterOptions, GivenKinship, Input, Job,
    KinshipFile, KinshipInput, Machine, PhenotypeColumn, QcOn, SnpListInput,
};
use crate::sources::GenotypeSource;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Inputs in memory; each replaces the corresponding files.
#[derive(Debug, Default)]
pub struct Given {
    /// Individuals, SNPs and genotypes.
    pub source: Option<Arc<dyn GenotypeSource>>,
    /// A phenotype for each individual, `None` if it is missing.
    pub phenotype: Option<Vec<Option<f64>>>,
    /// Covariates, one row per individual.
    pub covariates: Option<CovariateTable>,
    /// A kinship matrix.
    pub kinship: Option<GivenKinship>,
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
    let genotypes = genotypes(args, given.source.take())?;
    let kinship = kinship(args, &mut given, task)?;
    let threads = threads(args.threads)?;
    let column = PhenotypeColumn {
        file: args.phenotypes.clone(),
        column: phenotype(args)?,
    };
    let snps = either(args.snps.as_ref(), given.snps);
    Ok(Job {
        analysis: analysis(args, task, kinship)?,
        genotypes,
        phenotype: given.phenotype.map_or(Input::File(column), Input::Memory),
        covariates: either(args.covariates.as_ref(), given.covariates),
        filter: filter(args, snps),
        files: Some(files(args)?),
        machine: Machine {
            threads: threads.count,
            block_snps: args.block_snps,
            memory: args.memory.map(|gigabytes| (gigabytes * 1e9) as u64),
        },
        command,
        notes: notes(args).into_iter().chain(threads.notes).collect(),
    })
}

/// The input in memory, else the file.
fn either<M>(file: Option<&PathBuf>, memory: Option<M>) -> Option<Input<PathBuf, M>> {
    let file = file.cloned().map(Input::File);
    memory.map(Input::Memory).or(file)
}

/// The kind of analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    Kinship,
    Eigen,
    Residuals,
    Tests(Tests),
}

fn task(args: &Args) -> Result<Task> {
    let modes: Vec<(Command, &str)> = [
        (Command::Gk, "-gk", args.kinship_kind.is_some()),
        (Command::Eigen, "-eigen", args.eigen),
        (Command::Lmm, "-lmm", args.lmm.is_some()),
    ]
    .into_iter()
    .filter_map(|(command, option, is_given)| is_given.then_some((command, option)))
    .collect();
    let command = match (args.command, modes.as_slice()) {
        (Some(command), _) | (None, &[(command, _)]) => command,
        (None, []) => {
            return Err(Error::option(
                "command line",
                "no analysis is selected",
                "give a command (jamma lmm -bfile ...) or one of -gk, -eigen, -lmm",
            ));
        }
        (None, [_, (_, second), ..]) => {
            return Err(Error::option(
                *second,
                "only one of -gk -eigen -lmm options is allowed",
                "run them one after the other; `jamma lmm` also computes the kinship itself",
            ));
        }
    };
    Ok(match command {
        Command::Gk => Task::Kinship,
        Command::Eigen => Task::Eigen,
        Command::Lmm | Command::Demo => match args.lmm {
            Some(LmmMode::Residuals) => Task::Residuals,
            Some(LmmMode::Tests(tests)) => Task::Tests(tests),
            None => Task::Tests(Tests::default()),
        },
    })
}

fn analysis(args: &Args, task: Task, kinship: KinshipInput) -> Result<Analysis> {
    Ok(match (task, kinship) {
        (Task::Kinship, KinshipInput::Computed { kinship, .. }) => Analysis::Kinship(kinship),
        (Task::Kinship, _) => panic!("-gk with a given kinship was rejected"),
        (Task::Eigen, kinship) => Analysis::Eigen(kinship),
        (Task::Residuals, kinship) => Analysis::Residuals {
            kinship,
            range: range(args)?,
        },
        (Task::Tests(tests), kinship) => Analysis::Association(Association {
            kinship: Some(kinship),
            method: Arc::new(Lmm {
                tests,
                range: range(args)?,
                rotation: args.rotation.unwrap_or_default(),
                log10p: args.log10p,
            }),
            all_snps: args.all_snps,
        }),
    })
}

/// The prefix of PLINK files, or the source in memory.
fn genotypes(
    args: &Args,
    source: Option<Arc<dyn GenotypeSource>>,
) -> Result<Input<PathBuf, Arc<dyn GenotypeSource>>> {
    match (&args.bfile, source) {
        (Some(bfile), None) => Ok(Input::File(bfile.clone())),
        (None, Some(source)) => Ok(Input::Memory(source)),
        (None, None) => Err(Error::option(
            "-bfile",
            "no genotypes are given",
            "give the prefix of PLINK files: -bfile PREFIX",
        )),
        (Some(_), Some(_)) => Err(Error::option(
            "-bfile",
            "genotypes are also given in memory",
            "give only one of them",
        )),
    }
}

fn kinship(args: &Args, given: &mut Given, task: Task) -> Result<KinshipInput> {
    let read = match (given.kinship.take(), given.eigen.take()) {
        (Some(kinship), _) => Some(KinshipInput::Matrix(Input::Memory(kinship))),
        (None, Some(eigen)) => Some(KinshipInput::Eigen(Input::Memory(eigen))),
        (None, None) => kinship_files(args, task)?,
    };
    if let Some(read) = read {
        reject_options_of_computed_kinship(args)?;
        return Ok(read);
    }
    Ok(KinshipInput::Computed {
        kinship: ComputedKinship {
            kind: args.kinship_kind.unwrap_or_default(),
            qc: args.kinship_qc.unwrap_or_default(),
            snps: either(args.kinship_snps.as_ref(), given.kinship_snps.take()),
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
        return Ok(Some(KinshipInput::Matrix(Input::File(KinshipFile {
            path: path.clone(),
            layout: args.kinship_layout.unwrap_or_default(),
        }))));
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

fn reject_options_of_computed_kinship(args: &Args) -> Result<()> {
    for (option, is_given) in [
        ("--save-kinship", args.save_kinship),
        ("-ksnps", args.kinship_snps.is_some()),
    ] {
        if is_given {
            return Err(Error::option(
                option,
                "the kinship is given, not computed in this run",
                format!("omit {option}, or omit -k, -d and -u"),
            ));
        }
    }
    Ok(())
}

/// Fails if an option would have no effect.
fn reject_useless(args: &Args, task: Task) -> Result<()> {
    let is_kinship = task == Task::Kinship;
    let needs_no_phenotype = is_kinship && args.kinship_qc == Some(QcOn::All);
    let tests_none = !matches!(task, Task::Tests(_));
    let has_table = !tests_none || task == Task::Residuals;
    let writes_no_text = !has_table && args.format == Some(MatrixFormat::Npy);
    let no_text = "with --format npy, this run writes no text to compress";
    let no_test = "this run does not test SNPs";
    let no_phenotype = "with --kinship-qc all, the kinship does not depend on phenotypes";
    let no_covariates = "with --kinship-qc all, the kinship does not depend on covariates";
    let useless = [
        ("--gz", args.gz && writes_no_text, no_text),
        (
            "--save-kinship",
            args.save_kinship && is_kinship,
            "-gk always writes its kinship",
        ),
        ("--log10p", args.log10p && tests_none, no_test),
        ("--all-snps", args.all_snps && tests_none, no_test),
        ("--rotation", args.rotation.is_some() && tests_none, no_test),
        (
            "-d",
            args.eigenvalues.is_some() && is_kinship,
            "-gk computes a kinship and does not read eigenvalues",
        ),
        (
            "-u",
            args.eigenvectors.is_some() && is_kinship,
            "-gk computes a kinship and does not read eigenvectors",
        ),
        (
            "-p",
            args.phenotypes.is_some() && needs_no_phenotype,
            no_phenotype,
        ),
        (
            "-n",
            !args.phenotype_columns.is_empty() && needs_no_phenotype,
            no_phenotype,
        ),
        (
            "-c",
            args.covariates.is_some() && needs_no_phenotype,
            no_covariates,
        ),
    ];
    match useless.into_iter().find(|(_, is_useless, _)| *is_useless) {
        None => Ok(()),
        Some((option, _, why)) => Err(Error::option(option, why, "omit the option")),
    }
}

fn phenotype(args: &Args) -> Result<usize> {
    let many = match args.phenotype_columns.as_slice() {
        [] => return Ok(1),
        [one] => return Ok(*one),
        many => many,
    };
    let mut columns = many.iter().enumerate();
    Err(
        match columns.find(|(i, column)| many[..*i].contains(column)) {
            Some((_, column)) => Error::option(
                "-n",
                format!("identical phenotype columns: {column}"),
                "give one phenotype column",
            ),
            None => Error::option(
                "-n",
                format!(
                    "{} phenotype columns need the multivariate model, which is not supported yet",
                    many.len()
                ),
                "run once for each column",
            ),
        },
    )
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
        max_r2: args.r2.unwrap_or(default.max_r2),
        is_r2_centred: args.r2_centred,
        snps,
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

/// The paths and formats of the output files.
fn files(args: &Args) -> Result<OutputFiles> {
    let prefix = args.prefix.as_deref().unwrap_or("result");
    if prefix.is_empty() || prefix.ends_with('/') {
        return Err(Error::option(
            "-o",
            "the prefix of the output files is empty",
            "give a name: -o NAME",
        ));
    }
    Ok(OutputFiles {
        directory: args.outdir.clone().unwrap_or_else(|| "output".into()),
        prefix: prefix.to_owned(),
        matrices: match args.format.unwrap_or_default() {
            MatrixFormat::Text if args.gz => MatrixFormat::Gzip,
            format => format,
        },
        tables: if args.gz {
            Packing::Gzip
        } else {
            Packing::Plain
        },
    })
}

/// Notes on options without effect, which GEMMA ignores silently, and on an unlikely `--memory`.
fn notes(args: &Args) -> Vec<String> {
    let has_kinship = args.kinship.is_some();
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
    unused.chain(maf).chain(memory).collect()
}
