//! The univariate linear mixed model (`-lmm`).

use super::{Method, MethodOptions, UnitModel};
use crate::assoc::lmm::{Lmm, Tests};
use crate::assoc::{Column, Scan};
use crate::backend::Backend;
use crate::error::Result;
use crate::kernels::Precision;
use crate::null::{Criterion, LambdaRange};

impl Method for Lmm {
    fn options(&self) -> MethodOptions {
        MethodOptions {
            mode: Some(self.tests.code()),
            tests: self.tests.names().into(),
            rotation: Some(self.rotation),
            log10p: self.log10p,
            effects: self.effects,
            gxe_effects: false,
        }
    }

    fn columns(&self) -> Vec<Column> {
        Lmm::columns(self)
    }

    fn null_range(&self) -> Option<LambdaRange> {
        Some(self.range)
    }

    fn uses_null_ml(&self) -> bool {
        self.tests != Tests::Wald
    }

    fn log_likelihood(&self) -> Option<Criterion> {
        self.tests.log_likelihood()
    }

    fn notes(&self) -> Vec<String> {
        match self.rotation {
            Precision::F64 => Vec::new(),
            Precision::F32 => vec!["genotypes are rotated in single precision (--rotation f32), with an error of up to about 5e-8 of the Euclidean norm of the genotype vector; the relative difference of statistics from those of f64 is about 3e-7, and larger for effects near zero".into()],
        }
    }

    fn check(&self, backend: &dyn Backend) -> Result<()> {
        backend.check_lmm(*self)
    }

    fn scan<'a>(
        &'a self,
        model: &'a UnitModel<'a>,
        backend: &'a dyn Backend,
    ) -> Result<Box<dyn Scan + 'a>> {
        let fitted = model
            .fitted
            .as_ref()
            .expect("null models are fitted for a method with a range of lambda");
        backend.lmm_scan(fitted, *self)
    }
}
