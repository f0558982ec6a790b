//! The univariate linear mixed model (`-lmm`).

use super::{Method, UnitModel};
use crate::assoc::lmm::{Tests, columns};
use crate::assoc::{Column, Scan};
use crate::backend::Backend;
use crate::error::Result;
use crate::kernels::Precision;
use crate::null::LambdaRange;

/// Wald, likelihood ratio and score tests of each SNP in a linear mixed model.
///
/// Source: Zhou & Stephens 2012, Nat. Genet. 44:821.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Lmm {
    /// The tests (`-lmm 1`, `2`, `3`, `4` and `9`).
    pub tests: Tests,
    /// Where λ is searched, for the null model and for every SNP.
    pub range: LambdaRange,
    /// Precision of the genotype rotation.
    pub rotation: Precision,
    /// Add columns of exact −log₁₀ p.
    pub log10p: bool,
}

impl Method for Lmm {
    fn columns(&self) -> Vec<Column> {
        columns(self.tests, self.log10p)
    }

    fn null_range(&self) -> Option<LambdaRange> {
        Some(self.range)
    }

    fn uses_null_ml(&self) -> bool {
        self.tests != Tests::Wald
    }

    fn notes(&self) -> Vec<String> {
        match self.rotation {
            Precision::F64 => Vec::new(),
            Precision::F32 => vec!["SNPs are rotated in single precision (--rotation f32), with an error of up to about 5e-8 of the Euclidean norm of the genotype vector: statistics differ from those of f64 by about 3e-7 of their size, effects near zero by more".into()],
        }
    }

    fn scan<'a>(
        &'a self,
        model: &'a UnitModel<'a>,
        backend: &'a dyn Backend,
    ) -> Result<Box<dyn Scan + 'a>> {
        let fitted = model
            .fitted
            .as_ref()
            .expect("a method with a range of lambda gets fitted null models");
        backend.lmm_scan(fitted, self)
    }
}
