//! Gene-environment interaction in the univariate linear mixed model (`-gxe`, `--gxe`).

use super::{Method, MethodOptions, UnitModel};
use crate::assoc::gxe::Gxe;
use crate::assoc::several::SnpDesign;
use crate::assoc::{Column, Scan};
use crate::backend::Backend;
use crate::cohort::Cohort;
use crate::error::Result;
use crate::null::{Criterion, LambdaRange};
use std::sync::Arc;

impl Method for Gxe {
    fn options(&self) -> MethodOptions {
        MethodOptions {
            mode: Some(self.tests.code()),
            tests: self.tests.names().into(),
            log10p: self.log10p,
            gxe_effects: self.effects,
            ..MethodOptions::default()
        }
    }

    fn columns(&self) -> Vec<Column> {
        Gxe::columns(self)
    }

    fn null_range(&self) -> Option<LambdaRange> {
        Some(self.range)
    }

    fn uses_null_ml(&self) -> bool {
        self.tests.has_score() || self.tests.has_null_effect()
    }

    fn design(&self) -> SnpDesign {
        SnpDesign::Interaction
    }

    fn log_likelihood(&self) -> Option<Criterion> {
        self.tests.log_likelihood()
    }

    fn of_cohort(&self, cohort: &Cohort) -> Option<Arc<dyn Method>> {
        let environment = cohort.groups.first()?.environment.as_ref()?;
        Some(Arc::new(Self {
            levels: environment.levels.clone(),
            ..self.clone()
        }))
    }

    fn notes(&self) -> Vec<String> {
        vec!["the null model in this log does not contain the environment, as in GEMMA; the tests have it among the covariates".into()]
    }

    fn only_of_rust(&self) -> Option<&'static str> {
        Some("gene-environment interactions")
    }

    fn scan<'a>(
        &'a self,
        model: &'a UnitModel<'a>,
        _: &'a dyn Backend,
    ) -> Result<Box<dyn Scan + 'a>> {
        let fitted = model.fitted.as_ref();
        let fitted = fitted.expect("null models are fitted for a method with a range of lambda");
        let columns = model.columns.as_ref();
        let columns = columns.expect("a run of interactions has their models");
        Ok(Box::new(self.scan(fitted, columns)))
    }
}
