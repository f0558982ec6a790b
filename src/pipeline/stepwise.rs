//! Forward selection (`--stepwise`): the covariates to which SNPs are added.

use super::traits::GivenCovariates;
use crate::assoc::stepwise::{Found, StepwiseOptions};
use crate::cohort::{ConditionSnp, Design, TraitGroup};
use crate::error::{Error, Result};

/// The state of a forward selection.
#[derive(Debug)]
pub(super) struct Stepwise {
    pub(super) options: StepwiseOptions,
    /// Those of the run, then the SNPs that were added.
    covariates: GivenCovariates,
}

impl Stepwise {
    /// The selection for the traits of a run with these covariates.
    ///
    /// Fails if there are several traits.
    pub(super) fn new(
        options: StepwiseOptions,
        covariates: GivenCovariates,
        are_several: bool,
    ) -> Result<Self> {
        check_of_one_trait(are_several)?;
        Ok(Self {
            options,
            covariates,
        })
    }

    /// Adds the SNP `found` to the covariates; returns those of `group` with it.
    ///
    /// Fails with [`Error::Degenerate`] if the covariates are then dependent, or explain the trait completely, or are too
    /// many; the SNP is then not added.
    pub(super) fn add(&mut self, found: Found, group: &TraitGroup) -> Result<Design> {
        let snps = &mut self.covariates.snps;
        snps.push(ConditionSnp {
            option: "--stepwise",
            id: found.snp.rs,
            chr: found.snp.chr,
            ps: found.snp.ps,
            dosages: found.dosages,
        });
        let design = self.design(group);
        if design.is_err() {
            self.covariates.snps.pop();
        }
        design
    }

    fn design(&self, group: &TraitGroup) -> Result<Design> {
        let design = Design::new(self.covariates.as_ref(), group.subset.rows())?;
        let with = TraitGroup {
            design,
            ..group.clone()
        };
        for one in &with.traits {
            with.check_estimable(one)?;
        }
        Ok(with.design)
    }

    /// Undoes the last [`add`](Self::add).
    pub(super) fn remove_last(&mut self) {
        self.covariates.snps.pop();
    }
}

/// Fails if SNPs would be selected for several traits.
pub(super) fn check_of_one_trait(are_several: bool) -> Result<()> {
    if !are_several {
        return Ok(());
    }
    Err(Error::option(
        "--stepwise",
        "the run has several traits, and the SNPs that are added would be covariates of one trait only",
        "analyse one trait per run; --eigen-cache DIR keeps the decomposition for the next run",
    ))
}
