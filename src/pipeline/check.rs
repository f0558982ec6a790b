//! Parts of a job that exclude each other.

use super::job::{Analysis, Association, GenotypeInput, Job, KinshipInput};
use super::selection::{Loco, Replicates, ValueInput, WeightInput};
use crate::backend::Backend;
use crate::cohort::Scaling;
use crate::error::{Error, Result};
use crate::genotype::Coding;
use crate::output::column_set::ColumnSet;
use crate::output::table_format::TableFormat;
use crate::sources::GenotypeFiles;

impl Job {
    /// Fails if parts of the job exclude each other, or if `backend` cannot do what it asks for.
    pub(super) fn check(&self, backend: &dyn Backend) -> Result<()> {
        self.check_model()?;
        self.analysis.check(backend)?;
        let tests_snps = matches!(&self.analysis, Analysis::Association(_));
        self.check_environment_and_weights()?;
        if self.loco.is_some() && tests_snps && self.analysis.kinship().is_none() {
            return Err(Error::option(
                "-loco",
                "the method does not use a kinship",
                "omit the option; --chr CHR tests only the SNPs of a chromosome",
            ));
        }
        if let (Some(Loco::Every { .. }), kinship) = (&self.loco, self.analysis.kinship()) {
            let why = match kinship {
                Some(KinshipInput::Matrix(_)) => Some((
                    "-k",
                    "-loco leaves every chromosome out of the kinship, which needs its genotypes; a matrix cannot be divided",
                    "omit -k, or test one chromosome with -loco CHR and the kinship without it",
                )),
                Some(KinshipInput::Eigen(_)) => Some((
                    "-d",
                    "-loco needs a decomposition for every chromosome, not one",
                    "omit -d and -u; --eigen-cache keeps the decompositions of a run for the next",
                )),
                Some(KinshipInput::Computed { save: true, .. }) => Some((
                    "--save-kinship",
                    "-loco has a kinship for every chromosome",
                    "omit the option; `jamma gk -loco` writes the kinships",
                )),
                _ => None,
            };
            if let Some((option, what, hint)) = why {
                return Err(Error::option(option, what, hint));
            }
            if !tests_snps && !matches!(self.analysis, Analysis::Kinship(_)) {
                return Err(Error::option(
                    "-loco",
                    "without a chromosome, only a run that tests SNPs or computes kinships can leave out every chromosome",
                    "name the chromosome: -loco CHR",
                ));
            }
        }
        if let GenotypeInput::Files(GenotypeFiles::Bimbam {
            annotation: None, ..
        }) = &self.genotypes
            && self.loco.is_some()
        {
            return Err(Error::option(
                "-loco",
                "BIMBAM genotypes have no chromosomes without their annotation",
                "give the annotation: -a FILE",
            ));
        }
        if let GenotypeInput::Files(GenotypeFiles::Bimbam {
            annotation: None, ..
        }) = &self.genotypes
            && self.chromosomes.is_some()
        {
            return Err(Error::option(
                "--chr-set",
                "BIMBAM genotypes have no chromosomes without their annotation",
                "give the annotation: -a FILE",
            ));
        }
        let is_long = self.files.as_ref().is_some_and(|files| files.is_long);
        if !self.traits.may_be_several() {
            check_of_one(is_long, self.traits.fail_fast)?;
        }
        if self.traits.are_several
            && !matches!(
                self.analysis,
                Analysis::Association(_) | Analysis::Residuals { .. }
            )
        {
            return Err(Error::option(
                "--traits",
                "only tests of SNPs and residuals are computed for several traits",
                "choose the phenotype whose individuals are analysed with -n",
            ));
        }
        self.check_second_kinship()?;
        self.check_odds()?;
        if self.effective_tests && !tests_snps {
            return Err(Error::option(
                "--effective-tests",
                "this run does not test SNPs",
                "omit the option",
            ));
        }
        self.check_stepwise()?;
        self.check_permutations()?;
        match self.only_of_rust() {
            Some(what) if !backend.is_complete() => Err(Error::option(
                "--backend",
                format!("{} does not compute {what}", backend.name()),
                "omit the option, or choose the backend rust",
            )),
            _ => Ok(()),
        }
    }
}

impl Job {
    /// Fails if there is a second kinship, but no model of a trait with a first one that could be combined with it.
    fn check_second_kinship(&self) -> Result<()> {
        let wrong = |what: &str, hint: &str| Err(Error::option("-k2", what, hint));
        if self.second_kinship.is_none() {
            return Ok(());
        }
        match (&self.analysis, self.analysis.kinship()) {
            (Analysis::Kinship(_), _) => {
                return wrong(
                    "this run computes a kinship, and fits no model in which there could be two",
                    "omit the option",
                );
            }
            (Analysis::Eigen(_), _) => {
                return wrong(
                    "the ratio of the two kinships, and so the combined one that is decomposed, depends on the phenotype and its model",
                    "omit the option; --eigen-cache keeps the decomposition of a run of `jamma lmm` for the next",
                );
            }
            (_, None) => return wrong("the method does not use a kinship", "omit the option"),
            (_, Some(KinshipInput::Eigen(_))) => {
                return wrong(
                    "the decomposition of one kinship is given, but that of both combined is needed",
                    "omit -d and -u, and give the first kinship with -k or let the run compute it",
                );
            }
            _ => {}
        }
        let is_of_gemma = |weights: &WeightInput| weights.scaling == Scaling::Gemma;
        if self.weights.as_ref().is_some_and(is_of_gemma) {
            return wrong(
                "--gemma-widv scales a kinship in a way that belongs to no model, so that there are no variance components to estimate",
                "omit --gemma-widv: the residual variance of an individual is then divided by its weight",
            );
        }
        Ok(())
    }

    /// Fails if the formats or the columns of tables have no effect, or do not belong together.
    pub(super) fn check_tables(&self) -> Result<()> {
        let Some(files) = &self.files else {
            return Ok(());
        };
        let is_default = files.formats == [TableFormat::Gemma];
        if !matches!(self.analysis, Analysis::Association(_)) {
            if is_default && files.columns == ColumnSet::Gemma {
                return Ok(());
            }
            return Err(Error::option(
                "--output-format",
                "this run writes no table of associations",
                "omit --output-format and --columns",
            ));
        }
        if files.columns != ColumnSet::Gemma
            && !files
                .formats
                .iter()
                .any(|format| format.has_chosen_columns())
        {
            return Err(Error::option(
                "--columns",
                "GEMMA's table has GEMMA's columns, and GWAS-SSF its own",
                "add tsv.gz, bgz or parquet to --output-format",
            ));
        }
        if let Analysis::Association(association) = &self.analysis
            && association.coding != Coding::ADDITIVE
            && files.needs_exchange()
        {
            return Err(Error::option(
                "--model",
                "the columns of other programs and of GWAS-SSF are those of the additive model",
                "omit --columns and ssf, or omit --model",
            ));
        }
        let mut formats = files.formats.iter();
        if let (true, Some(format)) = (files.is_long, formats.find(|of| !of.can_be_long())) {
            return Err(Error::option(
                "--long",
                format!(
                    "one table cannot have the rows of several traits in the format {}",
                    format.name()
                ),
                "omit --long, which gives a table for each trait, or choose among the formats gemma and tsv.gz",
            ));
        }
        if files.needs_exchange() && self.environment.is_some() {
            return Err(Error::option(
                "--gxe",
                "the tests are of interactions, which the columns of other programs cannot describe",
                "choose --columns gemma, and omit ssf from --output-format",
            ));
        }
        Ok(())
    }

    /// Fails if the method and the environment do not belong together, or if weights have no effect or cannot be used.
    fn check_environment_and_weights(&self) -> Result<()> {
        let uses_environment = match &self.analysis {
            Analysis::Association(association) => association.method.uses_environment(),
            _ => false,
        };
        if uses_environment != self.environment.is_some() {
            return Err(Error::option(
                "--gxe",
                if uses_environment {
                    "the tests are of interactions, but there is no environment"
                } else {
                    "this run does not test interactions"
                },
                "give an environment and a method that tests interactions, or neither",
            ));
        }
        let option = match (&self.weights, self.replicates) {
            (Some(weights), _) => match weights.values {
                ValueInput::File(_) => "-widv",
                _ => "--weights",
            },
            (None, Some(Replicates::Weighted)) => "--replicates",
            _ => return Ok(()),
        };
        let why = match &self.analysis {
            Analysis::Kinship(_) | Analysis::Eigen(_) => Some((
                "weights belong to the model of a phenotype, not to the kinship",
                "omit the weights: -lmm scales the kinship by them",
            )),
            analysis => match analysis.kinship() {
                None => Some((
                    "the linear model has no weights",
                    "omit the weights, or use `jamma lmm`",
                )),
                Some(KinshipInput::Eigen(_)) => Some((
                    "with weights, the kinship is scaled before it is decomposed; GEMMA ignores the weights silently",
                    "omit -d and -u, and give the kinship with -k or let the run compute it",
                )),
                Some(_) => None,
            },
        };
        match why {
            None => Ok(()),
            Some((what, _)) if option == "--replicates" => Err(Error::option(
                option,
                format!("weighted makes weights of the numbers of values: {what}"),
                "choose --replicates mean",
            )),
            Some((what, hint)) => Err(Error::option(option, what, hint)),
        }
    }
}

/// Fails if a run of a single trait has options for several.
///
/// * `is_long`, `fail_fast`: whether the options `--long` and `--fail-fast` are given
pub(super) fn check_of_one(is_long: bool, fail_fast: bool) -> Result<()> {
    let why = match (is_long, fail_fast) {
        (true, _) => ("--long", "the run has a single trait"),
        (_, true) => (
            "--fail-fast",
            "the run has a single trait, and fails with it anyway",
        ),
        _ => return Ok(()),
    };
    Err(Error::option(
        why.0,
        why.1,
        "omit the option, or choose several traits with --traits or --pheno-name",
    ))
}

impl Analysis {
    /// Fails if `backend` cannot do what the analysis asks for, or if the method of an association needs a kinship and
    /// none is given, or the reverse.
    fn check(&self, backend: &dyn Backend) -> Result<()> {
        let Self::Association(Association {
            kinship, method, ..
        }) = self
        else {
            return Ok(());
        };
        method.check(backend)?;
        let (what, hint) = match (method.null_range(), kinship) {
            (Some(_), None) => ("needs a kinship", "give one, or let the run compute it"),
            (None, Some(_)) => ("does not use a kinship", "omit the kinship"),
            _ => return Ok(()),
        };
        Err(Error::inconsistent(
            format!("the association method {what}: {method:?}"),
            hint,
        ))
    }
}
