//! Typed arguments to a validated [`Job`].

use super::args::{Args, Command, LmmMode};
use super::threads::threads;
use crate::error::{Error, Result};
use crate::genotype::SnpFilter;
use crate::kinship::KinshipKind;
use crate::lmm::{LambdaRange, Tests};
use crate::output::matrix::MatrixFormat;
use crate::output::text::Packing;
use crate::pipeline::{
    Analysis, FilterOptions, InMemory, Job, KinshipSource, Places, QcOn, StudyFiles,
};
use std::path::PathBuf;

/// The job that `args` describe.
///
/// * `given`: inputs in memory; each takes the place of its files
/// * `command`: the command as the user typed it, for the log
///
/// Fails with [`Error::InvalidOption`] that names the option and the value.
pub fn job(args: &Args, given: &InMemory, command: String) -> Result<Job> {
    let analysis = analysis(args)?;
    let bfile = bfile(args, given)?;
    let kinship = kinship_source(args, given, analysis)?;
    refuse_options_of_computed_kinship(args, &kinship)?;
    refuse_useless(args, analysis)?;
    let threads = threads(args.threads)?;
    let _ = args.all_snps; // wired by the pipeline
    Ok(Job {
        analysis,
        study: StudyFiles {
            bfile,
            phenotypes: args.phenotypes.clone(),
            phenotype: phenotype(args)?,
            covariates: args.covariates.clone(),
        },
        filter: filter(args),
        kinship_qc: args.kinship_qc.unwrap_or_default(),
        kinship,
        save_kinship: args.save_kinship,
        range: range(args)?,
        rotation: args.rotation.unwrap_or_default(),
        log10p: args.log10p,
        format: format(args),
        packing: packing(args),
        places: Some(places(args)?),
        threads: threads.count,
        block_snps: args.block_snps,
        memory: args.memory.map(|gigabytes| (gigabytes * 1e9) as u64),
        command,
        notes: notes(args).into_iter().chain(threads.notes).collect(),
    })
}

fn analysis(args: &Args) -> Result<Analysis> {
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
                "no analysis is asked for",
                "write a command (jamma lmm -bfile ...) or one of -gk, -eigen, -lmm",
            ));
        }
        (None, [_, (_, second), ..]) => {
            return Err(Error::option(
                *second,
                "only one of -gk -eigen -lmm options is allowed",
                "run them one after the other, or let `jamma lmm` compute the kinship itself",
            ));
        }
    };
    Ok(match command {
        Command::Gk => Analysis::Kinship(args.kinship_kind.unwrap_or_default()),
        Command::Eigen => Analysis::Eigen,
        Command::Lmm | Command::Demo => match args.lmm {
            Some(LmmMode::Residuals) => Analysis::Residuals,
            Some(LmmMode::Tests(tests)) => Analysis::Association(tests),
            None => Analysis::Association(Tests::default()),
        },
    })
}

/// The prefix of the PLINK files; empty if the genotypes are in memory.
fn bfile(args: &Args, given: &InMemory) -> Result<PathBuf> {
    match (&args.bfile, &given.study) {
        (Some(bfile), None) => Ok(bfile.clone()),
        (None, Some(_)) => Ok(PathBuf::new()),
        (None, None) => Err(Error::option(
            "-bfile",
            "no genotypes are given",
            "give the prefix of PLINK files: -bfile PREFIX",
        )),
        (Some(_), Some(_)) => Err(Error::option(
            "-bfile",
            "genotypes are given in memory too",
            "give one of them",
        )),
    }
}

fn kinship_source(args: &Args, given: &InMemory, analysis: Analysis) -> Result<KinshipSource> {
    if given.kinship.is_some() {
        return Ok(KinshipSource::InMemory);
    }
    if given.eigen.is_some() {
        return Ok(KinshipSource::EigenInMemory);
    }
    if let Some(path) = &args.kinship {
        return if matches!(analysis, Analysis::Kinship(_)) {
            Err(Error::option(
                "-k",
                "-gk computes a kinship and reads none",
                "leave out -k",
            ))
        } else {
            let layout = args.kinship_layout.unwrap_or_default();
            Ok(KinshipSource::File(path.clone(), layout))
        };
    }
    let (given, missing) = match (&args.eigenvalues, &args.eigenvectors) {
        (Some(values), Some(vectors)) => {
            return Ok(KinshipSource::Eigen {
                values: values.clone(),
                vectors: vectors.clone(),
            });
        }
        (None, None) => {
            let kind: KinshipKind = args.kinship_kind.unwrap_or_default();
            return Ok(KinshipSource::Genotypes(kind));
        }
        (Some(_), None) => ("-d", "-u"),
        (None, Some(_)) => ("-u", "-d"),
    };
    Err(Error::option(
        given,
        format!("missing relatedness file: {given} needs {missing} too"),
        "give eigenvalues with -d and eigenvectors with -u, or a kinship with -k",
    ))
}

fn refuse_options_of_computed_kinship(args: &Args, kinship: &KinshipSource) -> Result<()> {
    let is_computed = matches!(kinship, KinshipSource::Genotypes(_));
    for (option, is_given) in [
        ("--save-kinship", args.save_kinship),
        ("-ksnps", args.kinship_snps.is_some()),
    ] {
        if is_given && !is_computed {
            return Err(Error::option(
                option,
                "this run reads its kinship and computes none",
                format!("leave out {option}, or leave out -k, -d and -u"),
            ));
        }
    }
    Ok(())
}

/// Options of ours that would have no effect are errors.
fn refuse_useless(args: &Args, analysis: Analysis) -> Result<()> {
    let is_kinship = matches!(analysis, Analysis::Kinship(_));
    let needs_no_phenotype = is_kinship && args.kinship_qc == Some(QcOn::All);
    let tests_none = !matches!(analysis, Analysis::Association(_));
    let has_table = !tests_none || analysis == Analysis::Residuals;
    let writes_no_text = !has_table && args.format == Some(MatrixFormat::Npy);
    let no_text = "with --format npy this run writes no text to compress";
    let no_test = "this run tests no SNP";
    let no_phenotype = "with --kinship-qc all a kinship needs no phenotype";
    let no_covariates = "with --kinship-qc all a kinship needs no covariates";
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
            "-gk computes a kinship and reads no eigenvalues",
        ),
        (
            "-u",
            args.eigenvectors.is_some() && is_kinship,
            "-gk computes a kinship and reads no eigenvectors",
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
        Some((option, _, why)) => Err(Error::option(option, why, "leave the option out")),
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
                    "{} phenotype columns ask for the multivariate model, which is not supported yet",
                    many.len()
                ),
                "run once for each column",
            ),
        },
    )
}

fn filter(args: &Args) -> FilterOptions {
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
        snps: args.snps.clone(),
        kinship_snps: args.kinship_snps.clone(),
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
                "the largest lambda {} is below the smallest {}",
                range.max, range.min
            ),
            "give -lmin below -lmax",
        ));
    }
    Ok(range)
}

fn packing(args: &Args) -> Packing {
    if args.gz {
        Packing::Gzip
    } else {
        Packing::Plain
    }
}

fn format(args: &Args) -> MatrixFormat {
    match args.format.unwrap_or_default() {
        MatrixFormat::Text if args.gz => MatrixFormat::Gzip,
        format => format,
    }
}

/// Where files go.
fn places(args: &Args) -> Result<Places> {
    let prefix = args.prefix.as_deref().unwrap_or("result");
    if prefix.is_empty() || prefix.ends_with('/') {
        return Err(Error::option(
            "-o",
            "the prefix of the output files is empty",
            "give a name: -o NAME",
        ));
    }
    Ok(Places {
        directory: args.outdir.clone().unwrap_or_else(|| "output".into()),
        prefix: prefix.to_owned(),
    })
}

/// What GEMMA ignores without a word.
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
        .map(|(option, _)| format!("{option} is not used: -k gives the kinship"));
    let maf = (args.notsnp && args.maf.is_some())
        .then(|| "-maf has no effect with -notsnp, as in GEMMA".to_owned());
    let memory = args
        .memory
        .filter(|gigabytes| *gigabytes >= 1000.0)
        .map(|gb| format!("--memory {gb} is {gb} GB: the unit is GB here, MB in PLINK"));
    unused.chain(maf).chain(memory).collect()
}
