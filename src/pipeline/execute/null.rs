//! The null models of a unit's traits, and their residuals.

use super::super::inspection;
use super::super::relatedness::Relatedness;
use super::Execution;
use crate::cohort::WorkUnit;
use crate::error::Result;
use crate::null::{FittedGroup, FittedTrait, LambdaRange};
use crate::output::report::TraitReport;
use crate::output::sink::Residuals;
use crate::progress::Stage;
use crate::rotation::{RotatedDesign, Rotation};
use std::sync::Arc;

impl Execution<'_> {
    /// Decomposes the kinship of a unit, rotates covariates and traits, and fits the null models.
    ///
    /// * `uses_ml`: whether a result depends on the ML estimates
    pub(super) fn fitted(
        &mut self,
        unit: &WorkUnit,
        relatedness: Relatedness,
        range: LambdaRange,
        uses_ml: bool,
    ) -> Result<FittedGroup> {
        let eigen = self.eigen(unit, relatedness)?;
        let mean_eigenvalue = eigen.mean_value();
        let fitted = self.timed(Stage::NullModel, None, |run| {
            let group = &run.study.cohort.groups[unit.group];
            let rotation = Arc::new(Rotation::new(eigen, group.subset.clone()));
            let design = Arc::new(RotatedDesign::new(&rotation, group.design.w.as_ref())?);
            let traits = group.traits.iter();
            let traits = traits
                .map(|one| FittedTrait::fit(one.name.clone(), &one.y, &rotation, &design, range));
            Ok(FittedGroup::new(traits.collect::<Result<_>>()?))
        })?;
        let mut notes = Vec::new();
        for (number, FittedTrait { null, .. }) in fitted.traits.iter().enumerate() {
            notes.extend(inspection::of_null(null, range, mean_eigenvalue, uses_ml));
            // In the log, the intercept is that of the phenotype as given, before a constant was subtracted.
            let mut reported = null.clone();
            let group = &self.study.cohort.groups[unit.group];
            group.restore_intercept(&group.traits[number], &mut reported.beta);
            self.reports_of(unit)[number].null = Some(reported);
        }
        self.say(&notes);
        Ok(fitted)
    }

    /// `-lmm 5`: û = U [λd/(λd + 1) r] and ê = U [r/(λd + 1)] with r = Uᵀ(y − Wβ), at the REML λ.
    pub(super) fn residuals(&mut self, unit: &WorkUnit, fitted: &FittedGroup) -> Result<()> {
        for (number, FittedTrait { model, null, .. }) in fitted.traits.iter().enumerate() {
            let r = model.rotated_residual(&null.beta);
            let shrunk = |fraction: fn(f64) -> f64| {
                let values = &fitted.rotation.eigen().values;
                let scaled = r.iter().zip(values);
                let scaled = scaled.map(|(r, d)| fraction(null.reml.lambda * d) * r);
                fitted.rotation.rotate_back(&scaled.collect::<Vec<f64>>())
            };
            let (genetic, residual) = (shrunk(|x| x / (x + 1.0)), shrunk(|x| 1.0 / (x + 1.0)));
            let parts = Residuals {
                genetic: &genetic,
                residual: &residual,
            };
            self.each_sink(|sink| sink.residuals(unit, number, parts))?;
        }
        Ok(())
    }

    /// The reports of a unit's traits.
    pub(super) fn reports_of(&mut self, unit: &WorkUnit) -> &mut [TraitReport] {
        let n_reports = |group: &crate::cohort::TraitGroup| group.traits.len().max(1);
        let groups = &self.study.cohort.groups;
        let first: usize = groups[..unit.group].iter().map(n_reports).sum();
        &mut self.report.traits[first..][..n_reports(&groups[unit.group])]
    }
}
