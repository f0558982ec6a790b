//! Parts of a job that exclude each other.

use super::input::Input;
use super::job::{Analysis, Association, GenotypeInput, Job, KinshipFile, KinshipInput};
use super::selection::Loco;
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::kinship::KinshipLayout;
use crate::sources::GenotypeFiles;

impl Job {
    /// Fails if parts of the job exclude each other, or if `backend` cannot do what it asks for.
    pub(super) fn check(&self, backend: &dyn Backend) -> Result<()> {
        self.analysis.check(backend)?;
        let tests_snps = matches!(&self.analysis, Analysis::Association(_));
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
        if self.permutations.is_some() {
            if !tests_snps {
                return Err(Error::option(
                    "--permutations",
                    "this run does not test SNPs",
                    "omit the option",
                ));
            }
            if self.analysis.kinship().is_none() {
                return Err(Error::option(
                    "--permutations",
                    "the method does not use a kinship, and permutations are those of the residuals of a mixed model",
                    "omit the option, or use `jamma lmm`",
                ));
            }
            if !backend.can_permute() {
                return Err(Error::option(
                    "--permutations",
                    format!("the backend {} does not permute", backend.name()),
                    "omit the option, or choose the backend rust",
                ));
            }
        }
        Ok(())
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
    /// Fails if a file names individuals by ids and the genotypes have none.
    pub(super) fn check_ids(&self, has_ids: bool) -> Result<()> {
        match self.kinship() {
            Some(KinshipInput::Matrix(Input::File(KinshipFile {
                layout: KinshipLayout::Triplets,
                ..
            }))) if !has_ids => Err(Error::option(
                "-km",
                "a list of pairs needs ids of individuals, and these genotypes have none",
                "give a square matrix with -km 1, in the order of the genotypes",
            )),
            _ => Ok(()),
        }
    }

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
