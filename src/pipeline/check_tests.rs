//! Tests of SNPs that exclude each other, or other parts of a job.

use super::job::{Analysis, GenotypeInput, Job};
use super::stepwise::check_of_one_trait;
use crate::assoc::effect_columns;
use crate::assoc::several::SnpDesign;
use crate::assoc::stepwise::p_column;
use crate::cohort::Transform;
use crate::error::{Error, Result};
use crate::genotype::{Coding, XModel};

impl Job {
    /// Fails if permutations are asked for, but the tests cannot be repeated with permuted residuals.
    pub(super) fn check_permutations(&self) -> Result<()> {
        if self.permutations.is_some() {
            if !matches!(self.analysis, Analysis::Association(_)) {
                return Err(Error::option(
                    "--permutations",
                    "this run does not test SNPs",
                    "omit the option",
                ));
            }
            if let Analysis::Association(association) = &self.analysis
                && !association.method.can_be_permuted()
            {
                return Err(Error::option(
                    "--permutations",
                    match association.method.design() {
                        SnpDesign::Genotypic => {
                            "permutations are of tests of a single effect, and the genotypic model has two"
                        }
                        _ => {
                            "the tests of interactions cannot be permuted: a permutation of the residuals has no interaction and no main effect either"
                        }
                    },
                    "omit the option, or omit the environment or --model genotypic",
                ));
            }
            if self.analysis.kinship().is_none() {
                return Err(Error::option(
                    "--permutations",
                    "the method does not use a kinship, and permutations are those of the residuals of a mixed model",
                    "omit the option, or use `jamma lmm`",
                ));
            }
        }
        Ok(())
    }

    /// Fails if SNPs are to be selected, but there is no p-value to select them by, or another option belongs to one scan.
    pub(super) fn check_stepwise(&self) -> Result<()> {
        let wrong = |what: &str, hint: &str| Err(Error::option("--stepwise", what, hint));
        if self.stepwise.is_none() {
            return Ok(());
        }
        let Analysis::Association(association) = &self.analysis else {
            return wrong("this run does not test SNPs", "omit the option");
        };
        if association.method.uses_environment() {
            return wrong(
                "the tests are of interactions with an environment, and a SNP that is added to the covariates has no interaction",
                "omit the option, or omit the environment",
            );
        }
        if association.coding != Coding::ADDITIVE
            || association.method.design() == SnpDesign::Genotypic
        {
            return wrong(
                "a SNP that is added to the covariates is additive",
                "omit --model, or give the SNPs of the model to --condition one after the other",
            );
        }
        if self.second_kinship.is_some() {
            return wrong(
                "with -k2, every added SNP changes the ratio of the two kinships, and with it their decomposition",
                "omit one of the options",
            );
        }
        if p_column(&association.method.columns()).is_none() {
            return wrong("the method has no p-values", "choose another test");
        }
        if self.permutations.is_some() {
            return wrong(
                "permutations are those of one null model, which every added SNP changes",
                "compute the threshold in a run without --stepwise, and give it as P",
            );
        }
        check_of_one_trait(self.traits.are_several)
    }

    /// Fails if odds ratios are asked for, but there are no effects on the trait as it is.
    pub(super) fn check_odds(&self) -> Result<()> {
        let wrong = |what: &str, hint: &str| Err(Error::option("--odds", what, hint));
        if !self.odds {
            return Ok(());
        }
        let Analysis::Association(association) = &self.analysis else {
            return wrong("this run does not test SNPs", "omit the option");
        };
        if association.method.uses_environment() {
            return wrong(
                "the effects are those of interactions, which have no odds ratio of an allele",
                "omit the option, or omit the environment",
            );
        }
        if let GenotypeInput::Files(files) = &self.genotypes
            && !files.are_dosages()
        {
            return wrong(
                "with --no-dosage-range, values are not copies of an allele, whose odds ratio would be estimated",
                "omit one of the two options",
            );
        }
        if association.method.design() == SnpDesign::Genotypic {
            return wrong(
                "the genotypic model has two effects of a SNP, but an odds ratio compares two groups",
                "omit the option, or choose --model dominant, recessive or overdominant",
            );
        }
        if effect_columns(&association.method.columns()).is_none() {
            return wrong(
                "the chosen test does not estimate effects",
                "choose a test with effects, such as -lmm 1, 3, 4 or 9",
            );
        }
        if self.traits.transform != Transform::default() {
            return wrong(
                "the phenotype is transformed, and its values are no longer those of cases and controls",
                "omit --rint and --standardize",
            );
        }
        Ok(())
    }

    /// Fails if the genetic model and the rest of the job exclude each other.
    pub(super) fn check_model(&self) -> Result<()> {
        if let Analysis::Association(association) = &self.analysis
            && association.method.design() == SnpDesign::Genotypic
            && association.coding != Coding::ADDITIVE
        {
            return Err(Error::option(
                "--model",
                "the genotypic model has the additive coding and that of heterozygotes",
                "choose one model",
            ));
        }
        let x_model = self.chromosomes.as_ref().map(|of| of.x_model);
        if let (Some(XModel::One), Analysis::Association(association)) = (x_model, &self.analysis)
            && (association.coding != Coding::ADDITIVE
                || association.method.design() == SnpDesign::Genotypic)
        {
            return Err(Error::option(
                "--x-model",
                "with 1, a male has at most one copy, for which only the additive model says what it means",
                "choose --x-model 2 or none, or omit --model",
            ));
        }
        Ok(())
    }
}
