//! Association methods: what is tested for every SNP, and the columns that come out.
//!
//! A method is one file with an implementor of [`Method`]. The pipeline filters SNPs, fits the null models if the method
//! asks for them, hands blocks to its [`Scan`], and passes the columns on to every [`Sink`](crate::output::sink::Sink).

mod lmm;

use crate::assoc::{Column, Scan};
use crate::backend::Backend;
use crate::cohort::TraitGroup;
use crate::error::Result;
use crate::null::{FittedGroup, LambdaRange};
use std::fmt::Debug;

/// A test of association.
pub trait Method: Debug + Send + Sync {
    /// The statistics that it gives for every SNP and trait, in the order of the columns.
    fn columns(&self) -> Vec<Column>;

    /// Where λ of the null model is searched; `None` for a method without a mixed model.
    fn null_range(&self) -> Option<LambdaRange>;

    /// Whether a result depends on the null model's ML estimate of λ, not only on the REML estimate.
    fn uses_null_ml(&self) -> bool {
        true
    }

    /// What the user should know of the options of the method.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Prepares the tests of the SNPs of one unit of work.
    ///
    /// Fails if the backend cannot do what the method asks for.
    fn scan<'a>(
        &'a self,
        model: &'a UnitModel<'a>,
        backend: &'a dyn Backend,
    ) -> Result<Box<dyn Scan + 'a>>;
}

/// What all SNPs of a unit of work are tested against.
#[derive(Debug)]
pub struct UnitModel<'a> {
    /// The traits as they are, with their covariates and individuals.
    pub group: &'a TraitGroup,
    /// The traits after rotation, with their null models; `Some` if the method has a [`Method::null_range`].
    pub fitted: Option<FittedGroup>,
}
