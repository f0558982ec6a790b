//! Forward selection of SNPs (`--stepwise`): all SNPs are tested again with the best one among the covariates.

use super::super::stepwise::Stepwise;
use super::Execution;
use super::association::{Progressing, Tests};
use super::decomposed::Decomposed;
use crate::assoc::StatusCounts;
use crate::assoc::stepwise::{BestSnp, Found, Search, Step, StepwisePath, p_column};
use crate::cohort::Design;
use crate::error::{Error, Result};
use crate::io::text::count;
use crate::null::TraitModel;
use crate::output::number::format_g;
use crate::rotation::RotatedDesign;
use crate::stats::f_upper_tail;
use std::sync::Arc;

impl Execution<'_> {
    /// Adds the best SNP to the covariates and tests all SNPs again, until no p-value is below the threshold. The sinks
    /// receive the results of the last scan.
    ///
    /// The kinship and its decompositions stay those of the first scan.
    ///
    /// * `decomposed`: the kinships of all units
    /// * `so_far`: the results of the first scan
    pub(super) fn select(
        &mut self,
        mut stepwise: Stepwise,
        decomposed: &[Decomposed],
        tests: Tests<'_>,
        mut so_far: Progressing,
    ) -> Result<Progressing> {
        let options = stepwise.options;
        let mut added: Vec<BestSnp> = Vec::new();
        let next = loop {
            let best = so_far.search.take().and_then(Search::into_best);
            let Some(found) = best else {
                break None;
            };
            let snp = found.snp.clone();
            if snp.p >= options.threshold {
                break Some(snp);
            }
            if added.len() == options.max_steps {
                self.say(&[format!(
                    "--stepwise: the limit of {} (--stepwise-max) is reached; SNP {} with p = {} was not added",
                    count(added.len(), "SNP"),
                    snp.rs,
                    format_g(snp.p, 6)
                )]);
                break Some(snp);
            }
            let Some(design) = self.with_snp(&mut stepwise, found, decomposed, tests)? else {
                break Some(snp);
            };
            added.push(snp);
            self.begin_again(tests, design)?;
            let indices: Vec<usize> = added.iter().map(|snp| snp.snp_index).collect();
            so_far = self.progressing(tests, &indices);
            for (number, decomposed) in decomposed.iter().enumerate() {
                self.unit(number, decomposed.clone(), tests, &mut so_far)?;
            }
        };
        self.record_path(added, next, &stepwise, tests);
        Ok(so_far)
    }

    /// The covariates with the SNP `found`; `None`, with a note, if the model would then be degenerate.
    fn with_snp(
        &mut self,
        stepwise: &mut Stepwise,
        found: Found,
        decomposed: &[Decomposed],
        tests: Tests<'_>,
    ) -> Result<Option<Design>> {
        let rs = found.snp.rs.clone();
        let group = self.living(tests.group);
        let design = stepwise.add(found, &group).and_then(|design| {
            // The covariates may become dependent by the rotation, too.
            for rotation in decomposed.iter().filter_map(|of| of.rotation.as_ref()) {
                let rotated = RotatedDesign::new(rotation, design.w.as_ref());
                let rotated = rotated
                    .map(Arc::new)
                    .inspect_err(|_| stepwise.remove_last())?;
                for one in &group.traits {
                    TraitModel::new(rotation, &rotated, &one.y)
                        .inspect_err(|_| stepwise.remove_last())?;
                }
            }
            Ok(design)
        });
        match design {
            Ok(design) => Ok(Some(design)),
            Err(error @ Error::Degenerate { .. }) => {
                self.say(&[format!(
                    "--stepwise: SNP {rs} was not added, and the selection ends: {error}"
                )]);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Discards the results of a group's scan; the next one has the covariates `design`.
    fn begin_again(&mut self, tests: Tests<'_>, design: Design) -> Result<()> {
        self.say(&design.notes);
        for report in self.reports_of(tests.group) {
            report.n_covariates = design.c();
            report.statuses = StatusCounts::default();
            report.chromosomes.clear();
        }
        self.study.set_design(tests.group, design);
        self.each_sink(|sink| sink.restart())
    }

    /// Reports the path, with the effects in the last model.
    fn record_path(
        &mut self,
        added: Vec<BestSnp>,
        next: Option<BestSnp>,
        stepwise: &Stepwise,
        tests: Tests<'_>,
    ) {
        let columns = tests.method().columns();
        let column = p_column(&columns).expect("a method with p-values, checked in prepare");
        let places = {
            let design = &self.study.cohort.groups[tests.group].design;
            design.last_snps(added.len())
        };
        let steps = added.into_iter().zip(places);
        let steps = steps.map(|(snp, place)| self.step(snp, place, tests.group));
        let path = StepwisePath {
            options: stepwise.options,
            column: columns[column].name.clone(),
            steps: steps.collect(),
            next,
        };
        for report in self.reports_of(tests.group) {
            report.stepwise = Some(path.clone());
        }
    }

    /// A SNP that was added, with its Wald test in the last model.
    ///
    /// The restricted likelihood depends only on the space of all covariates, so that the λ of the null model with this SNP
    /// is the λ at which the SNP would be tested with the others as covariates.
    ///
    /// * `place`: its index among the covariates
    fn step(&self, snp: BestSnp, place: usize, group: usize) -> Step {
        let of = &self.study.cohort.groups[group];
        let one = of.traits.first().expect("a selection is for one trait");
        let report = &self.report.traits[one.number];
        // With LOCO, the model is that of the kinship without the chromosome of the SNP.
        let mut scopes = self.study.scopes.iter();
        let unit = scopes.position(|scope| {
            let mut ranges = scope.tested().into_iter();
            ranges.any(|range| range.contains(&snp.snp_index))
        });
        let of_unit = unit.and_then(|unit| report.chromosomes.get(unit)?.null.as_ref());
        let (beta, se) = report.null.as_ref().or(of_unit).map_or_else(
            || of.design.least_squares(&one.y),
            |null| (null.beta.clone(), null.beta_se.clone()),
        );
        let (beta, se) = (beta[place], se[place]);
        let df = (of.subset.len() - of.design.c()) as f64;
        Step {
            snp,
            joint_beta: beta,
            joint_se: se,
            joint_p: f_upper_tail((beta / se).powi(2), df),
        }
    }
}
