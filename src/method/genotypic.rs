//! The genotypic model in the univariate linear mixed model (`--model genotypic`).

use super::{Method, MethodOptions, UnitModel};
use crate::assoc::genotypic::Genotypic;
use crate::assoc::several::SnpDesign;
use crate::assoc::{Column, Scan};
use crate::backend::Backend;
use crate::error::Result;
use crate::null::{Criterion, LambdaRange};

impl Method for Genotypic {
    fn options(&self) -> MethodOptions {
        MethodOptions {
            mode: Some(self.tests.code()),
            tests: self.tests.names().into(),
            log10p: self.log10p,
            ..MethodOptions::default()
        }
    }

    fn columns(&self) -> Vec<Column> {
        Genotypic::columns(self)
    }

    fn null_range(&self) -> Option<LambdaRange> {
        Some(self.range)
    }

    fn design(&self) -> SnpDesign {
        SnpDesign::Genotypic
    }

    fn log_likelihood(&self) -> Option<Criterion> {
        self.tests.log_likelihood()
    }

    fn only_of_rust(&self) -> Option<&'static str> {
        Some("the genotypic model")
    }

    fn notes(&self) -> Vec<String> {
        vec![NOTE.into()]
    }

    fn scan<'a>(
        &'a self,
        model: &'a UnitModel<'a>,
        _: &'a dyn Backend,
    ) -> Result<Box<dyn Scan + 'a>> {
        let fitted = model.fitted.as_ref();
        let fitted = fitted.expect("null models are fitted for a method with a range of lambda");
        let columns = model.columns.as_ref();
        let columns = columns.expect("a run of the genotypic model has models of both columns");
        Ok(Box::new(self.scan(fitted, columns)))
    }
}

/// What the columns of the genotypic model mean.
pub(super) const NOTE: &str = "--model genotypic: beta_add is half the difference between individuals with two copies of allele1 and with none, beta_dom the difference of heterozygotes from the mean of both; the p-values are those of both effects, on 2 degrees of freedom";
