//! Which phenotypes and covariates a command line names.

use super::args::Args;
use super::task::Task;
use crate::cohort::{EnvironmentValues, Scaling, Transform};
use crate::error::{Error, Result};
use crate::genotype::GeneticModel;
use crate::io::table::CovariateTable;
use crate::kernels::Precision;
use crate::pipeline::{
    Columns, CovariateColumns, Input, PhenotypeColumns, Replicates, TraitFile, Traits, ValueInput,
    WeightInput,
};
use std::path::PathBuf;

/// The traits: columns of a file, or those in memory.
///
/// Fails if they are given twice, or if an option has no effect.
pub(super) fn traits(args: &Args, given: Option<Traits>) -> Result<Traits> {
    let is_named = !args.pheno_names.is_empty();
    let of_files = [
        ("-p", args.phenotypes.is_some()),
        ("--pheno", args.pheno.is_some()),
        (
            "-p",
            !args.phenotype_columns.is_empty() || args.traits.is_some(),
        ),
        ("--pheno-name", is_named),
    ];
    let of_files = of_files.into_iter().find(|(_, is_given)| *is_given);
    let traits = match (given, of_files) {
        (Some(_), Some((option, _))) => return Err(given_twice(option)),
        (Some(traits), None) => traits,
        (None, _) => {
            reject_lone_names(args)?;
            Traits {
                phenotypes: Input::File(PhenotypeColumns {
                    file: file(
                        "--pheno",
                        args.pheno.as_ref(),
                        "-p",
                        args.phenotypes.as_ref(),
                    )?,
                    columns: columns(args)?,
                }),
                are_several: args.traits.is_some() || args.pheno_names.len() > 1,
                ..Traits::default()
            }
        }
    };
    Ok(Traits {
        fail_fast: args.fail_fast,
        transform: Transform {
            ranks: args.rint,
            standardizes: args.standardize,
        },
        ..traits
    })
}

/// The covariates: columns of a file, or those in memory.
///
/// Fails if they are given twice, or if an option has no effect.
pub(super) fn covariates(
    args: &Args,
    given: Option<CovariateTable>,
) -> Result<Option<Input<CovariateColumns, CovariateTable>>> {
    let file = file(
        "--covar",
        args.covar.as_ref(),
        "-c",
        args.covariates.as_ref(),
    )?;
    for (option, names) in [
        ("--covar-name", &args.covar_names),
        ("--cat-covar", &args.cat_covars),
    ] {
        if !names.is_empty() && args.covar.is_none() {
            return Err(Error::option(
                option,
                "there is no table with a header to which the names belong",
                "give it with --covar",
            ));
        }
    }
    match (file, given) {
        (Some(file), Some(_)) => Err(given_twice(match file {
            TraitFile::Positional(_) => "-c",
            TraitFile::WithIds(_) => "--covar",
        })),
        (None, table) => Ok(table.map(Input::Memory)),
        (Some(file), None) => Ok(Some(Input::File(CovariateColumns {
            file,
            names: (!args.covar_names.is_empty()).then(|| args.covar_names.clone()),
            categories: args.cat_covars.clone(),
        }))),
    }
}

/// The environment of interactions.
///
/// Fails if it is given twice, or if an option has no effect or is not for interactions or the genotypic model.
pub(super) fn environment(
    args: &Args,
    task: Task,
    given: Option<EnvironmentValues>,
) -> Result<Option<ValueInput>> {
    let mut input = one_of(
        ("--gxe", args.gxe.as_ref()),
        ("-gxe", args.gxe_file.as_ref()),
        given,
    )?;
    let mut option = "--gxe";
    if let Some(snp) = &args.interaction {
        option = "--interaction";
        if input.is_some() {
            return Err(Error::option(
                option,
                "an environment is given too, with --gxe or -gxe",
                "give one of them: a run tests the interactions with one environment",
            ));
        }
        input = Some(ValueInput::Snp(snp.as_str().into()));
    }
    let Task::Tests(tests) = task else {
        let (why, hint) = match task {
            Task::Regression(_) => (
                "the linear model does not test interactions",
                "omit the option, or use the mixed model: jamma lmm",
            ),
            _ => ("this run does not test SNPs", "omit the option"),
        };
        return match input {
            Some(_) => Err(Error::option(option, why, hint)),
            None => Ok(None),
        };
    };
    let is_genotypic = args.model == Some(GeneticModel::Genotypic);
    if is_genotypic && input.is_some() {
        return Err(Error::option(
            "--model",
            format!(
                "genotypic has two effects of a SNP, and {option} tests the interaction of one"
            ),
            "choose --model dominant, recessive or overdominant, or omit one of the options",
        ));
    }
    if args.gxe_effects && input.is_none() {
        return Err(Error::option(
            "--gxe-effects",
            "there is no environment",
            "give it with --gxe NAME, -gxe FILE or --interaction SNP",
        ));
    }
    if args.gxe_effects && !tests.has_wald() {
        return Err(Error::option(
            "--gxe-effects",
            "the joint test is a Wald test, which this run does not make",
            "choose -lmm 1 or -lmm 4",
        ));
    }
    if (is_genotypic || input.is_some()) && args.rotation == Some(Precision::F32) {
        return Err(Error::option(
            "--rotation",
            if is_genotypic {
                "the genotypic model is rotated in f64 only"
            } else {
                "interactions are rotated in f64 only"
            },
            "omit the option",
        ));
    }
    Ok(input)
}

/// The weights of the individuals.
///
/// Fails if they are given twice, or if an option has no effect.
pub(super) fn weights(
    args: &Args,
    given: Option<EnvironmentValues>,
) -> Result<Option<WeightInput>> {
    let input = one_of(
        ("--weights", args.weights.as_ref()),
        ("-widv", args.widv.as_ref()),
        given,
    )?;
    if args.gemma_widv && input.is_none() {
        return Err(Error::option(
            "--gemma-widv",
            "there are no weights",
            "give them with -widv FILE or --weights NAME",
        ));
    }
    if args.replicates == Some(Replicates::Weighted) && input.is_some() {
        return Err(Error::option(
            "--replicates",
            "weighted makes weights of the numbers of values, but weights are given too",
            "choose --replicates mean, or omit the weights",
        ));
    }
    if args.replicates.is_some() && args.pheno.is_none() {
        return Err(Error::option(
            "--replicates",
            "only a table with ids has several rows of an individual",
            "give the phenotypes with --pheno FILE",
        ));
    }
    if let (Some(weights), Some(gxe)) = (&args.weights, &args.gxe)
        && weights == gxe
    {
        return Err(Error::option(
            "--weights",
            format!("{weights} is the environment too"),
            "name different columns",
        ));
    }
    let scaling = if args.gemma_widv {
        Scaling::Gemma
    } else {
        Scaling::ResidualVariance
    };
    Ok(input.map(|values| WeightInput { values, scaling }))
}

/// The name of a column, a file, or values in memory; fails if two are given.
fn one_of(
    (by_name, name): (&str, Option<&String>),
    (by_file, file): (&str, Option<&PathBuf>),
    given: Option<EnvironmentValues>,
) -> Result<Option<ValueInput>> {
    match (name, file, given) {
        (Some(_), Some(_), _) => Err(Error::option(
            by_name,
            format!("{by_file} is given too"),
            format!(
                "give one: a column of a table with {by_name}, a file without a header with {by_file}"
            ),
        )),
        (Some(_), None, Some(_)) => Err(given_twice(by_name)),
        (None, Some(_), Some(_)) => Err(given_twice(by_file)),
        (Some(name), None, None) => Ok(Some(ValueInput::Column(name.clone()))),
        (None, Some(path), None) => Ok(Some(ValueInput::File(path.clone()))),
        (None, None, values) => Ok(values.map(ValueInput::Memory)),
    }
}

/// The error for an input that is given in memory and with an option.
pub(super) fn given_twice(option: &str) -> Error {
    Error::option(
        option,
        "the input is given in memory too",
        "give one of them",
    )
}

/// The file with ids or the one without; fails if both are given.
fn file(
    option: &str,
    with_ids: Option<&PathBuf>,
    other: &str,
    positional: Option<&PathBuf>,
) -> Result<Option<TraitFile>> {
    match (with_ids, positional) {
        (Some(_), Some(_)) => Err(Error::option(
            option,
            format!("{other} is given too"),
            format!(
                "give one file: with a header and ids with {option}, without a header with {other}"
            ),
        )),
        (Some(path), None) => Ok(Some(TraitFile::WithIds(path.clone()))),
        (None, path) => Ok(path.cloned().map(TraitFile::Positional)),
    }
}

/// Fails if names or missing values are given, but no table to which they belong.
fn reject_lone_names(args: &Args) -> Result<()> {
    let has_psam = args.pfile.is_some() && args.phenotypes.is_none();
    let has_names = args.pheno.is_some() || has_psam;
    if !args.pheno_names.is_empty() && !has_names {
        return Err(Error::option(
            "--pheno-name",
            "there is no table with a header to which the names belong",
            "give it with --pheno",
        ));
    }
    if !args.missing_codes.is_empty() && !has_names && args.covar.is_none() {
        return Err(Error::option(
            "--missing-code",
            "it is for tables with a header and ids",
            "give them with --pheno and --covar; in -p and -c files, NA is missing, and in a .fam also -9",
        ));
    }
    Ok(())
}

/// The columns of phenotypes: `--pheno-name`, `--traits` or `-n`.
fn columns(args: &Args) -> Result<Columns> {
    if args.traits.is_some() && !args.phenotype_columns.is_empty() {
        return Err(Error::option(
            "--traits",
            "the phenotypes are also chosen with -n",
            "omit -n: --traits 1,3,5-9 lists the columns to analyse, each by itself",
        ));
    }
    if !args.pheno_names.is_empty() {
        let other = match (&args.traits, args.phenotype_columns.is_empty()) {
            (Some(_), _) => "--traits",
            (None, false) => "-n",
            (None, true) => return Ok(Columns::Named(args.pheno_names.clone())),
        };
        return Err(Error::option(
            "--pheno-name",
            format!("the phenotypes are also chosen with {other}"),
            format!("omit {other}: several names are analysed one by one"),
        ));
    }
    match &args.traits {
        Some(columns) => Ok(columns.clone()),
        None => phenotype(args),
    }
}

/// The only phenotype: that of `-n`, or the first.
fn phenotype(args: &Args) -> Result<Columns> {
    let many = match args.phenotype_columns.as_slice() {
        [] => return Ok(Columns::First),
        [one] => return Ok(Columns::Listed(vec![*one])),
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
                format!(
                    "to analyse each phenotype by itself, in one run: --traits {}",
                    many.iter()
                        .map(usize::to_string)
                        .collect::<Vec<_>>()
                        .join(",")
                ),
            ),
        },
    )
}
