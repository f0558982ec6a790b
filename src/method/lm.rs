//! The linear model without a kinship (`-lm`).

use super::genotypic::NOTE;
use super::{Method, MethodOptions, UnitModel};
use crate::assoc::lm::{GenotypicLm, GenotypicLmScan, Lm, LmScan};
use crate::assoc::several::SnpDesign;
use crate::assoc::{Column, Scan, SnpColumn};
use crate::backend::Backend;
use crate::error::Result;
use crate::null::LambdaRange;

impl Method for Lm {
    fn options(&self) -> MethodOptions {
        MethodOptions {
            mode: Some(self.tests.code()),
            tests: self.tests.names().into(),
            log10p: self.log10p,
            effects: self.effects,
            ..MethodOptions::default()
        }
    }

    fn columns(&self) -> Vec<Column> {
        Lm::columns(self)
    }

    fn snp_columns(&self) -> &'static [SnpColumn] {
        SnpColumn::OF_LM
    }

    fn null_range(&self) -> Option<LambdaRange> {
        None
    }

    fn uses_null_ml(&self) -> bool {
        false
    }

    fn only_of_rust(&self) -> Option<&'static str> {
        Some("the linear model")
    }

    fn scan<'a>(
        &'a self,
        model: &'a UnitModel<'a>,
        _: &'a dyn Backend,
    ) -> Result<Box<dyn Scan + 'a>> {
        Ok(Box::new(LmScan::new(model.group, *self)))
    }
}

impl Method for GenotypicLm {
    fn options(&self) -> MethodOptions {
        MethodOptions {
            mode: Some(self.tests.code()),
            tests: self.tests.names().into(),
            log10p: self.log10p,
            ..MethodOptions::default()
        }
    }

    fn columns(&self) -> Vec<Column> {
        GenotypicLm::columns(self)
    }

    fn snp_columns(&self) -> &'static [SnpColumn] {
        SnpColumn::OF_LM
    }

    fn null_range(&self) -> Option<LambdaRange> {
        None
    }

    fn uses_null_ml(&self) -> bool {
        false
    }

    fn design(&self) -> SnpDesign {
        SnpDesign::Genotypic
    }

    fn only_of_rust(&self) -> Option<&'static str> {
        Some("the linear model")
    }

    fn notes(&self) -> Vec<String> {
        vec![NOTE.into()]
    }

    fn scan<'a>(
        &'a self,
        model: &'a UnitModel<'a>,
        _: &'a dyn Backend,
    ) -> Result<Box<dyn Scan + 'a>> {
        Ok(Box::new(GenotypicLmScan::new(model.group, *self)))
    }
}
