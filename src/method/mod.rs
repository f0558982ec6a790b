//! Association methods: what is tested for every SNP, and the columns of the results.
//!
//! Each method is one file with an implementation of [`Method`]. The pipeline filters SNPs, fits null models if the method
//! needs them, passes blocks to its [`Scan`], and passes the columns to every [`Sink`](crate::output::sink::Sink).

mod genotypic;
mod gxe;
mod lm;
mod lmm;

use crate::assoc::several::{ColumnsModel, SnpDesign};
use crate::assoc::{Column, Scan, SnpColumn};
use crate::backend::Backend;
use crate::cohort::{Cohort, TraitGroup};
use crate::error::Result;
use crate::kernels::Precision;
use crate::null::{Criterion, FittedGroup, LambdaRange};
use std::fmt::Debug;
use std::sync::Arc;

/// The options of a method as the command line has them, for the record of the run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MethodOptions {
    /// The value of `-lmm` or `-lm`, GEMMA's number of the tests.
    pub mode: Option<usize>,
    /// The names of the tests.
    pub tests: Vec<&'static str>,
    /// `--rotation`; `None` for a method without this choice.
    pub rotation: Option<Precision>,
    /// `--log10p`.
    pub log10p: bool,
    /// `--effects`.
    pub effects: bool,
    /// `--gxe-effects`.
    pub gxe_effects: bool,
}

/// A test of association.
pub trait Method: Debug + Send + Sync {
    /// The statistics computed for each SNP and trait, in the order of the columns.
    fn columns(&self) -> Vec<Column>;

    /// The options of the method, for the record of the run.
    fn options(&self) -> MethodOptions {
        MethodOptions::default()
    }

    /// The columns before them, which describe the SNP.
    fn snp_columns(&self) -> &'static [SnpColumn] {
        SnpColumn::OF_LMM
    }

    /// The search range of λ of the null model; `None` for a method without a mixed model.
    fn null_range(&self) -> Option<LambdaRange>;

    /// Whether a result depends on the null model's ML estimate of λ, not only on the REML estimate.
    fn uses_null_ml(&self) -> bool {
        true
    }

    /// The columns by which a SNP enters the model.
    fn design(&self) -> SnpDesign {
        SnpDesign::Single
    }

    /// Whether the tests are of interactions with an environment, which the run must have.
    fn uses_environment(&self) -> bool {
        self.design() == SnpDesign::Interaction
    }

    /// Whether the tests can be repeated with permuted residuals ([`crate::permutation`]), which is done for a single column.
    fn can_be_permuted(&self) -> bool {
        self.design() == SnpDesign::Single
    }

    /// The likelihood whose maximum is the column `logl_H1`, if there is one.
    fn log_likelihood(&self) -> Option<Criterion> {
        None
    }

    /// The method for the groups of `cohort`, if it depends on them, such as on the levels of an environment.
    fn of_cohort(&self, cohort: &Cohort) -> Option<Arc<dyn Method>> {
        let _ = cohort;
        None
    }

    /// What the method computes, if only the backend rust has it.
    fn only_of_rust(&self) -> Option<&'static str> {
        None
    }

    /// Notes for the user on the options of the method.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Fails if `backend` does not support the options of the method.
    fn check(&self, backend: &dyn Backend) -> Result<()> {
        let _ = backend;
        Ok(())
    }

    /// Prepares the tests of the SNPs of one unit of work.
    fn scan<'a>(
        &'a self,
        model: &'a UnitModel<'a>,
        backend: &'a dyn Backend,
    ) -> Result<Box<dyn Scan + 'a>>;
}

/// The traits and null models against which the SNPs of a unit of work are tested.
#[derive(Debug)]
pub struct UnitModel<'a> {
    /// The traits before rotation, with their covariates and individuals.
    pub group: &'a TraitGroup,
    /// The traits after rotation, with their null models; `Some` if the method has a [`Method::null_range`].
    pub fitted: Option<FittedGroup>,
    /// The models for the [`Method::design`] of a mixed model with several columns of a SNP.
    pub columns: Option<ColumnsModel>,
}
