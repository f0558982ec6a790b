//! What a command computes, and the options that have no effect on it.

use super::args::{Args, Command, LmmMode};
use crate::assoc::lm;
use crate::assoc::lmm::Tests;
use crate::error::{Error, Result};
use crate::genotype::GeneticModel;
use crate::output::matrix::MatrixFormat;
use crate::output::table_format::TableFormat;
use crate::pipeline::QcOn;

/// The kind of analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    Kinship,
    Eigen,
    Residuals,
    Tests(Tests),
    /// The linear model.
    Regression(lm::Tests),
}

impl Task {
    /// Whether SNPs are tested.
    pub(super) fn tests_snps(self) -> bool {
        matches!(self, Self::Tests(_) | Self::Regression(_))
    }
}

pub(super) fn task(args: &Args) -> Result<Task> {
    let modes: Vec<(Command, &str)> = [
        (Command::Gk, "-gk", args.kinship_kind.is_some()),
        (Command::Eigen, "-eigen", args.eigen),
        (Command::Lmm, "-lmm", args.lmm.is_some()),
        (Command::Lm, "-lm", args.lm.is_some()),
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
                "give a command (jamma lmm -bfile ...) or one of -gk, -eigen, -lmm, -lm",
            ));
        }
        (None, [_, (_, second), ..]) => {
            return Err(Error::option(
                *second,
                "only one of -gk -eigen -lmm -lm options is allowed",
                "run them one after the other; `jamma lmm` also computes the kinship itself",
            ));
        }
    };
    Ok(match command {
        Command::Gk => Task::Kinship,
        Command::Eigen => Task::Eigen,
        Command::Lm => Task::Regression(args.lm.unwrap_or_default()),
        Command::Lmm | Command::Demo => match args.lmm {
            Some(LmmMode::Residuals) => Task::Residuals,
            Some(LmmMode::Tests(tests)) => Task::Tests(tests),
            None => Task::Tests(Tests::default()),
        },
    })
}

/// Why options of tests have no effect.
const NO_TEST: &str = "this run does not test SNPs";

/// Fails if an option would have no effect.
pub(super) fn reject_useless(args: &Args, task: Task) -> Result<()> {
    let is_kinship = task == Task::Kinship;
    let needs_no_phenotype = is_kinship && args.kinship_qc == Some(QcOn::All);
    if let Task::Regression(_) = task {
        reject_options_of_kinship(args)?;
    }
    let tests_none = !task.tests_snps();
    let writes_no_text =
        tests_none && task != Task::Residuals && args.format == Some(MatrixFormat::Npy);
    let no_text = "with --format npy, this run writes no text to compress";
    let no_phenotype = "with --kinship-qc all, the kinship does not depend on phenotypes";
    let no_covariates = "with --kinship-qc all, the kinship does not depend on covariates";
    let useless = [
        ("--gz", args.gz && writes_no_text, no_text),
        (
            "--save-kinship",
            args.save_kinship && is_kinship,
            "-gk always writes its kinship",
        ),
        ("--log10p", args.log10p && tests_none, NO_TEST),
        ("--model", args.model.is_some() && tests_none, NO_TEST),
        ("--all-snps", args.all_snps && tests_none, NO_TEST),
        ("--with-info", args.with_info && tests_none, NO_TEST),
        ("--odds", args.odds && tests_none, NO_TEST),
        ("--stepwise", args.stepwise.is_some() && tests_none, NO_TEST),
        (
            "--stepwise-max",
            args.stepwise_max.is_some() && args.stepwise.is_none(),
            "it is for --stepwise, which is not given",
        ),
        (
            "--effective-tests",
            args.effective_tests && tests_none,
            NO_TEST,
        ),
        ("--rotation", args.rotation.is_some() && tests_none, NO_TEST),
        ("--long", args.long && tests_none, NO_TEST),
        ("--report", args.report && tests_none, NO_TEST),
        (
            "--permutations",
            args.permutations.is_some() && tests_none,
            NO_TEST,
        ),
        (
            "--loco-min-snps",
            args.loco_min_snps.is_some() && args.loco != Some(None),
            "it is for -loco without the name of a chromosome",
        ),
        (
            "--eigen-cache",
            args.eigen_cache.is_some() && args.eigenvalues.is_some(),
            "with -d and -u, this run decomposes nothing",
        ),
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
        (
            "--condition",
            args.condition.is_some() && needs_no_phenotype,
            no_covariates,
        ),
        (
            "--pheno",
            args.pheno.is_some() && needs_no_phenotype,
            no_phenotype,
        ),
        (
            "--covar",
            args.covar.is_some() && needs_no_phenotype,
            no_covariates,
        ),
    ];
    let mut all = useless
        .into_iter()
        .chain(useless_of_tables(args, tests_none));
    match all.find(|(_, is_useless, _)| *is_useless) {
        None => Ok(()),
        Some((option, _, why)) => Err(Error::option(option, why, "omit the option")),
    }
}

/// The options of tables, with whether they have no effect and why.
fn useless_of_tables(args: &Args, tests_none: bool) -> [(&'static str, bool, &'static str); 6] {
    let no_test = NO_TEST;
    [
        (
            "--gz",
            args.gz && !args.save_kinship && has_no_plain_table(args),
            "the formats of this run are compressed anyway",
        ),
        ("--effects", args.effects && tests_none, no_test),
        (
            "--effects",
            args.effects
                && (args.gxe.is_some() || args.gxe_file.is_some() || args.interaction.is_some()),
            "with an environment, --gxe-effects adds the effects",
        ),
        (
            "--effects",
            args.effects && args.model == Some(GeneticModel::Genotypic),
            "the likelihood ratio test of --model genotypic has two effects; -lmm 1, 4 and 9 estimate them",
        ),
        (
            "--output-format",
            !args.output_formats.is_empty() && tests_none,
            no_test,
        ),
        ("--columns", args.columns.is_some() && tests_none, no_test),
    ]
}

/// Whether formats of tables are chosen without GEMMA's text.
fn has_no_plain_table(args: &Args) -> bool {
    let chosen = &args.output_formats;
    !chosen.is_empty() && !chosen.iter().any(|name| name == TableFormat::Gemma.name())
}

/// Fails if an option of the linear model is one of the mixed model.
///
/// GEMMA ignores `-k`, and so does its spelling here, with a note; `jamma lm` does not have the option.
fn reject_options_of_kinship(args: &Args) -> Result<()> {
    let is_missing_kinship = args.kinship.is_none();
    let no_kinship = "the linear model does not use a kinship";
    let no_lambda = "the linear model has no lambda";
    let no_rotation = "the linear model does not rotate genotypes";
    let useless = [
        (
            "-km",
            args.kinship_layout.is_some() && is_missing_kinship,
            no_kinship,
        ),
        ("-k2", args.second_kinship.is_some(), no_kinship),
        ("-km2", args.second_layout.is_some(), no_kinship),
        ("-d", args.eigenvalues.is_some(), no_kinship),
        ("-u", args.eigenvectors.is_some(), no_kinship),
        ("-lmin", args.lmin.is_some(), no_lambda),
        ("-lmax", args.lmax.is_some(), no_lambda),
        ("-region", args.region.is_some(), no_lambda),
        ("--rotation", args.rotation.is_some(), no_rotation),
        ("--kinship-qc", args.kinship_qc.is_some(), no_kinship),
        ("-ksnps", args.kinship_snps.is_some(), no_kinship),
        ("-loco", args.loco.is_some(), no_kinship),
        ("--loco-min-snps", args.loco_min_snps.is_some(), no_kinship),
        ("--save-kinship", args.save_kinship, no_kinship),
        ("--eigen-cache", args.eigen_cache.is_some(), no_kinship),
        (
            "--format",
            args.format == Some(MatrixFormat::Npy),
            "this run writes no matrix",
        ),
        (
            "--gxe-effects",
            args.gxe_effects,
            "the linear model does not test interactions",
        ),
        (
            "--permutations",
            args.permutations.is_some(),
            "they are permutations of the residuals of the mixed model",
        ),
    ];
    match useless.into_iter().find(|(_, is_useless, _)| *is_useless) {
        None => Ok(()),
        Some((option, _, why)) => Err(Error::option(
            option,
            why,
            "omit the option, or use the mixed model: jamma lmm",
        )),
    }
}

pub(super) fn reject_options_of_computed_kinship(args: &Args) -> Result<()> {
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
