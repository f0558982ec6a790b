//! The null models of a group's traits, and their residuals.

use super::super::inspection;
use super::Execution;
use super::decomposition::UnitEigen;
use super::weighted::correct_null;
use crate::cohort::WorkUnit;
use crate::eigen::Eigen;
use crate::error::Result;
use crate::io::id_columns::named;
use crate::io::text::count;
use crate::null::{FittedGroup, FittedTrait, LambdaRange, Mixture};
use crate::output::sink::Residuals;
use crate::progress::Stage;
use crate::rotation::{RotatedDesign, Rotation};
use rayon::prelude::*;
use std::sync::Arc;

/// A note on variance components that are not those of the maximum.
const MIXTURE_AT_BOUND: &str = "with -k2, lambda of the combined kinship is at an end of its range: the variance components in this log are those at this lambda, and their standard errors those of the unrestricted estimates; widen -lmin and -lmax";

/// Notes on null models: each text once, with the models that it is about.
#[derive(Default)]
pub(super) struct NullNotes {
    /// Whether there are several traits, so that notes name theirs.
    are_several: bool,
    /// The number of SNPs that were added to the covariates.
    n_added: usize,
    texts: Vec<(String, Vec<String>)>,
}

impl NullNotes {
    pub(super) fn new(are_several: bool, n_added: usize) -> Self {
        Self {
            are_several,
            n_added,
            texts: Vec::new(),
        }
    }

    /// Adds notes on the null model of the trait `name` in a unit.
    fn add(&mut self, unit: &WorkUnit, name: &str, notes: Vec<String>) {
        let chromosome = unit.kinship.left_out();
        let model = match (self.are_several, chromosome) {
            (false, None) if self.n_added > 0 => {
                format!("after adding {}", count(self.n_added, "SNP"))
            }
            (false, None) => String::new(),
            (true, None) => format!("trait {name}"),
            (false, Some(one)) => format!("without chromosome {}", one.name),
            (true, Some(one)) => format!("trait {name} without chromosome {}", one.name),
        };
        for text in notes {
            self.push(text, vec![model.clone()]);
        }
    }

    fn push(&mut self, text: String, models: Vec<String>) {
        match self.texts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, known)) => known.extend(models),
            None => self.texts.push((text, models)),
        }
    }

    /// The notes with their models.
    pub(super) fn texts(&self) -> &[(String, Vec<String>)] {
        &self.texts
    }

    /// Adds notes that were made elsewhere.
    pub(super) fn extend(&mut self, texts: Vec<(String, Vec<String>)>) {
        for (text, models) in texts {
            self.push(text, models);
        }
    }

    /// Takes the notes, each with its models.
    pub(super) fn take_texts(&mut self) -> Vec<String> {
        let texts = std::mem::take(&mut self.texts).into_iter();
        texts
            .map(|(text, models)| {
                if models.iter().all(String::is_empty) {
                    text
                } else {
                    format!("{text} ({})", named(&models))
                }
            })
            .collect()
    }
}

impl Execution<'_> {
    /// The rotation of the individuals of a group by a decomposition of their kinship.
    pub(super) fn rotation(&self, group: usize, eigen: Eigen) -> Arc<Rotation> {
        let group = &self.study.cohort.groups[group];
        let subset = group.subset.clone();
        Arc::new(match &group.weights {
            None => Rotation::new(eigen, subset),
            Some(weights) => Rotation::of_scaled_rows(eigen, subset, weights.roots()),
        })
    }

    /// Rotates covariates and traits, and fits the null models of a unit; `None` if every trait has failed.
    ///
    /// * `uses_ml`: whether a result depends on the ML estimates
    pub(super) fn fitted(
        &mut self,
        unit: &WorkUnit,
        (rotation, mixture): (&Arc<Rotation>, Option<Mixture>),
        range: LambdaRange,
        uses_ml: bool,
        notes: &mut NullNotes,
    ) -> Result<Option<FittedGroup>> {
        let mean_eigenvalue = rotation.eigen().mean_value();
        let group = self.living(unit.group);
        let fits = self.timed(Stage::NullModel, None, |_| {
            let design = Arc::new(RotatedDesign::new(rotation, group.design.w.as_ref())?);
            let traits = group.traits.par_iter();
            let fits = traits
                .map(|one| FittedTrait::fit(one.name.clone(), &one.y, rotation, &design, range));
            Ok(fits.collect::<Vec<_>>())
        })?;
        let mut fitted = Vec::new();
        for (one, fit) in group.traits.iter().zip(fits) {
            let fit = match fit {
                Err(error) if self.is_of_traits(&error) => {
                    self.fail(unit.group, one.number, &error)?;
                    continue;
                }
                fit => fit?,
            };
            let null = &fit.null;
            let found = inspection::of_null(null, range, mean_eigenvalue, uses_ml);
            notes.add(unit, &one.name, found);
            notes.add(
                unit,
                &one.name,
                mixture.iter().flat_map(Mixture::notes).collect(),
            );
            if mixture.is_some() && null.bound.is_some() {
                notes.add(unit, &one.name, vec![MIXTURE_AT_BOUND.into()]);
            }
            // In the log, the intercept is that of the phenotype as given, before a constant was subtracted.
            let mut reported = null.clone();
            group.restore_intercept(one, &mut reported.beta);
            correct_null(&group, &mut reported);
            reported.components = mixture.map(|of| of.components(reported.vg, reported.ve));
            self.report_of(one.number).null = Some(reported);
            let numbers = self.study.cohort.groups[unit.group].numbers();
            if let Some(of) = numbers.iter().position(|number| *number == one.number) {
                self.each_sink(|sink| sink.null_model(unit, of, &fit))?;
            }
            fitted.push(fit);
        }
        Ok((!fitted.is_empty()).then(|| FittedGroup::new(fitted)))
    }

    /// `-lmm 5`: fits the null models of a unit, and passes their residuals to the sinks.
    pub(super) fn null_models(
        &mut self,
        unit: &WorkUnit,
        eigen: UnitEigen,
        range: LambdaRange,
    ) -> Result<()> {
        let mut notes = NullNotes::new(self.report.are_several, 0);
        let UnitEigen { eigen, mixture } = eigen;
        let rotation = self.rotation(unit.group, eigen);
        let fitted = self.fitted(unit, (&rotation, mixture), range, true, &mut notes)?;
        self.say(&notes.take_texts());
        fitted.map_or(Ok(()), |fitted| self.residuals(unit.group, &fitted))
    }

    /// û = U [λd/(λd + 1) r] and ê = U [r/(λd + 1)] with r = Uᵀ(y − Wβ), at the REML λ.
    fn residuals(&mut self, group: usize, fitted: &FittedGroup) -> Result<()> {
        let numbers = self.study.cohort.groups[group].numbers();
        let living = self.living(group).numbers();
        let places = living
            .iter()
            .filter_map(|one| numbers.iter().position(|other| other == one));
        for (of, FittedTrait { model, null, .. }) in places.zip(&fitted.traits) {
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
            self.each_sink(|sink| sink.residuals(group, of, parts))?;
        }
        Ok(())
    }
}
