//! The tests of all SNPs.

use super::super::prepare::Testing;
use super::super::relatedness::Relatedness;
use super::decomposed::{Decomposed, Kinships};
use super::diagnostics::Diagnosing;
use super::null::NullNotes;
use super::order::InOrder;
use super::testing::UnitTests;
use super::weighted::WeightedLikelihood;
use super::{Execution, none_left};
use crate::assoc::several::ColumnsModel;
use crate::assoc::stepwise::Search;
use crate::assoc::{AssocBlock, TraitColumns};
use crate::cohort::{Trait, WorkUnit};
use crate::error::{Error, Result};
use crate::genotype::FilterCounts;
use crate::method::{Method, UnitModel};
use crate::output::report::ChromosomeReport;
use crate::permutation::{PermutationScan, TraitMaxima};
use crate::progress::Stage;
use std::ops::Range;

/// What accumulates while the SNPs of a group are tested.
pub(super) struct Progressing {
    pub(super) order: InOrder,
    pub(super) notes: NullNotes,
    /// The largest statistics of each trait of the group, in its order; empty without permutations.
    pub(super) maxima: Vec<TraitMaxima>,
    pub(super) counts: FilterCounts,
    pub(super) diagnosing: Diagnosing,
    /// The SNP with the smallest p-value, if SNPs are selected.
    pub(super) search: Option<Search>,
}

/// The tests of a group.
#[derive(Clone, Copy)]
pub(super) struct Tests<'m> {
    pub(super) group: usize,
    pub(super) testing: &'m Testing,
}

impl Tests<'_> {
    pub(super) fn method(&self) -> &dyn Method {
        &*self.testing.method
    }
}

impl<'a> Execution<'a> {
    /// Tests the SNPs of a group against its traits, unit by unit.
    pub(super) fn association(
        &mut self,
        group: usize,
        of: Relatedness,
        testing: &Testing,
    ) -> Result<()> {
        let tests = Tests { group, testing };
        if self.setting.elsewhere.is_some() {
            return self.replayed(tests);
        }
        let mut kinships = self.kinships_of(group, of)?;
        let mut so_far = self.progressing(tests, &[]);
        self.give_phenotypes(group)?;
        // The decompositions of all units, for further scans.
        let mut kept = Vec::new();
        let numbers: Vec<usize> = (0..self.study.scopes.len()).collect();
        for wave in numbers.chunks(self.loco.side_by_side) {
            let decomposed = self.decompositions(group, wave, &mut kinships)?;
            for (&number, decomposed) in wave.iter().zip(decomposed) {
                if self.stepwise.is_some() {
                    kept.push(decomposed.clone());
                }
                self.unit(number, decomposed, tests, &mut so_far)?;
            }
        }
        drop(kinships);
        if let Some(stepwise) = self.stepwise.take() {
            so_far = self.select(stepwise, &kept, tests, so_far)?;
        }
        self.finish_group(so_far, tests)
    }

    /// The kinships of a group, before they are decomposed.
    pub(super) fn kinships_of(&mut self, group: usize, of: Relatedness) -> Result<Kinships<'a>> {
        Ok(match of {
            Relatedness::Computed { kind, .. } if self.leaves_out_every() => {
                let subset = self.study.cohort.groups[group].subset.clone();
                Kinships::Parted(self.parted(group, kind, subset)?)
            }
            of => Kinships::One(Some(of)),
        })
    }

    /// Passes the values of the traits of a group to the sinks.
    pub(super) fn give_phenotypes(&mut self, group: usize) -> Result<()> {
        let traits = self.study.cohort.groups[group].traits.iter();
        let values: Vec<Vec<f64>> = traits.map(Trait::given_values).collect();
        for (of, values) in values.iter().enumerate() {
            self.each_sink(|sink| sink.phenotype(group, of, values))?;
        }
        Ok(())
    }

    /// Nothing is tested yet.
    ///
    /// * `added`: the indices of SNPs that were selected before
    pub(super) fn progressing(&self, tests: Tests<'_>, added: &[usize]) -> Progressing {
        let group = &self.study.cohort.groups[tests.group];
        let (columns, n_traits) = (tests.method().columns(), group.traits.len());
        let ranges = (self.study.scopes.iter()).flat_map(|scope| self.study.ranges_of(scope));
        let is_searched = self.stepwise.is_some() || !added.is_empty();
        Progressing {
            order: InOrder::new(ranges.collect()),
            notes: NullNotes::new(self.report.are_several, added.len()),
            maxima: (self.permutations.iter())
                .flat_map(|&options| vec![TraitMaxima::new(options); n_traits])
                .collect(),
            counts: FilterCounts::default(),
            diagnosing: Diagnosing::new(&columns, n_traits, &group.subset, self.effective_tests),
            search: is_searched.then(|| Search::new(&columns, added.to_vec())),
        }
    }

    /// Fits the null models of unit number `number` of a group and tests its SNPs, block by block.
    pub(super) fn unit(
        &mut self,
        number: usize,
        decomposed: Decomposed,
        tests: Tests<'_>,
        so_far: &mut Progressing,
    ) -> Result<()> {
        let unit = &self.numbered_unit(tests.group, number);
        let n_kinship_snps = decomposed.n_snps;
        let mut notes = std::mem::take(&mut so_far.notes);
        let done = self.with_unit_tests(
            unit,
            decomposed,
            tests,
            &mut notes,
            |run, unit_tests, notes| {
                if !run.leaves_out_every() {
                    run.say(&notes.take_texts());
                    run.say_of_method(unit.group, tests.method());
                }
                let n_snps = run.study.n_read_for(&unit.kinship);
                let mut maxima = run.maxima_of(unit.group, &so_far.maxima);
                let counts = run.timed(Stage::Association, n_snps, |run| {
                    let mut search = so_far.search.take();
                    let mut diagnosing = std::mem::take(&mut so_far.diagnosing);
                    let counts = run.test_ranges(
                        unit,
                        unit_tests,
                        (&mut maxima, &mut diagnosing, search.as_mut()),
                        |run, block, results, diagnosing| {
                            run.give(
                                unit.group,
                                block.snp_indices(),
                                results,
                                &mut so_far.order,
                                diagnosing,
                            )
                        },
                    );
                    (so_far.search, so_far.diagnosing) = (search, diagnosing);
                    counts
                })?;
                run.merge_maxima(unit.group, maxima, &mut so_far.maxima);
                Ok(counts)
            },
        );
        so_far.notes = notes;
        let Some(counts) = done? else {
            return Ok(());
        };
        so_far.counts.merge(&counts);
        self.report_chromosome(unit, n_kinship_snps, &counts);
        Ok(())
    }

    /// Unit number `number` of a group.
    pub(super) fn numbered_unit(&self, group: usize, number: usize) -> WorkUnit {
        WorkUnit {
            kinship: self.study.scopes[number].clone(),
            group,
        }
    }

    /// Fits the null models of a unit and passes its tests to `work`; `None` if every trait has failed.
    pub(super) fn with_unit_tests<T>(
        &mut self,
        unit: &WorkUnit,
        decomposed: Decomposed,
        tests: Tests<'_>,
        notes: &mut NullNotes,
        work: impl FnOnce(&mut Self, &UnitTests<'_>, &mut NullNotes) -> Result<T>,
    ) -> Result<Option<T>> {
        let (group, method) = (tests.group, &*tests.testing.method);
        let Decomposed {
            rotation, mixture, ..
        } = decomposed;
        let is_tested = rotation.is_some() || method.null_range().is_none();
        let mut fitted = None;
        if let (Some(range), Some(rotation)) = (method.null_range(), rotation) {
            self.each_sink(|sink| sink.decomposition(unit, rotation.eigen()))?;
            let uses_ml = method.uses_null_ml();
            fitted = self.fitted(unit, (&rotation, mixture), range, uses_ml, notes)?;
            if fitted.is_none() {
                return Ok(None);
            }
        }
        let living = self.living(unit.group);
        let columns = (fitted.as_ref())
            .map(|fitted| ColumnsModel::new(method.design(), &living, fitted))
            .transpose()?;
        let model = UnitModel {
            group: &living,
            columns: columns.flatten(),
            fitted,
        };
        let backend = self.setting.backend;
        let scan = is_tested
            .then(|| method.scan(&model, backend))
            .transpose()?;
        let permuted = match (self.permutations, &model.fitted) {
            (Some(options), Some(fitted)) => {
                let observer = self.setting.observer;
                let is_cancelled = || observer.is_cancelled();
                Some(PermutationScan::new(fitted, options, &is_cancelled)?)
            }
            _ => None,
        };
        let unit_tests = UnitTests {
            group,
            likelihood: WeightedLikelihood::new(&living, method),
            living: &living,
            testing: tests.testing,
            columns: method.columns(),
            scan,
            permuted,
        };
        work(self, &unit_tests, notes).map(Some)
    }

    /// Reports the kinship without a chromosome and its null models, if every chromosome is left out in turn.
    pub(super) fn report_chromosome(
        &mut self,
        unit: &WorkUnit,
        n_kinship_snps: usize,
        counts: &FilterCounts,
    ) {
        let Some(chromosome) = unit.kinship.left_out().filter(|_| self.leaves_out_every()) else {
            return;
        };
        for report in self.reports_of(unit.group) {
            let null = report.null.take();
            report.chromosomes.push(ChromosomeReport {
                name: chromosome.name.clone(),
                n_kinship_snps,
                n_tested: counts.kept,
                null,
            });
        }
        if counts.kept == 0 && !self.study.ranges_of(&unit.kinship).is_empty() {
            let purpose = format!("to test on chromosome {}", chromosome.name);
            self.say(&[none_left(counts, &purpose)]);
        }
    }

    /// Passes the results of the SNPs at `snp_indices` to the sinks, once those of all earlier SNPs were passed.
    pub(super) fn give(
        &mut self,
        group: usize,
        snp_indices: Range<usize>,
        mut results: AssocBlock,
        order: &mut InOrder,
        diagnosing: &mut Diagnosing,
    ) -> Result<()> {
        let reports = &mut self.report.traits;
        let mut columns = std::mem::take(&mut results.traits).into_iter();
        let numbers = self.study.cohort.groups[group].numbers();
        for (place, number) in numbers.into_iter().enumerate() {
            let report = &mut reports[number];
            let of = match report.failure {
                Some(_) => TraitColumns::default(),
                None => columns.next().expect("columns of every living trait"),
            };
            report.statuses.add(&of.flags, &results.exclusion);
            diagnosing.add_statistics(place, &of);
            results.traits.push(of);
        }
        for ready in order.add(snp_indices, results) {
            self.each_sink(|sink| sink.block(group, &ready))?;
        }
        Ok(())
    }

    /// The maxima of the living traits of a group.
    pub(super) fn maxima_of(&self, group: usize, all: &[TraitMaxima]) -> Vec<TraitMaxima> {
        let numbers = self.study.cohort.groups[group].numbers();
        let is_alive = |number: &usize| self.report.traits[*number].failure.is_none();
        let traits = numbers.iter().zip(all);
        let living = traits.filter(|(number, _)| is_alive(number));
        living.map(|(_, maxima)| maxima.clone()).collect()
    }

    /// Puts the `maxima` of the living traits back.
    pub(super) fn merge_maxima(
        &self,
        group: usize,
        maxima: Vec<TraitMaxima>,
        all: &mut [TraitMaxima],
    ) {
        let numbers = self.study.cohort.groups[group].numbers();
        let mut maxima = maxima.into_iter();
        for (number, of) in numbers.iter().zip(all) {
            if self.report.traits[*number].failure.is_none() {
                *of = maxima.next().expect("maxima of every living trait");
            }
        }
    }

    /// The notes of the method, once in a run.
    pub(super) fn say_of_method(&mut self, group: usize, method: &dyn Method) {
        if group == 0 {
            self.say(&method.notes());
        }
    }

    /// Fails if the results of a SNP are missing, of which the outputs would say nothing.
    fn check_complete(&self, group: usize, order: &InOrder) -> Result<()> {
        // A group whose traits have all failed has no tests.
        let is_tested = !self.living(group).traits.is_empty();
        let n_snps = self.study.n_snps().or(self.n_snps_elsewhere);
        match order.missing(n_snps).filter(|_| is_tested) {
            None => Ok(()),
            Some(snp) => Err(Error::inconsistent(
                format!(
                    "the tests of SNP {} of the genotype file, or of SNPs after it, are missing",
                    snp + 1
                ),
                "compute the parts again with this version of jamma, and please report this",
            )),
        }
    }

    /// Completes the reports of a group.
    pub(super) fn finish_group(&mut self, mut so_far: Progressing, tests: Tests<'_>) -> Result<()> {
        let group = tests.group;
        self.check_complete(group, &so_far.order)?;
        if self.leaves_out_every() {
            self.say(&so_far.notes.take_texts());
            self.say_of_method(group, tests.method());
        }
        let counts = so_far.counts;
        let (n, c) = {
            let group = &self.study.cohort.groups[group];
            (group.subset.len(), group.design.c())
        };
        for report in self.reports_of(group) {
            report.filter = counts;
            report.is_tested = true;
        }
        let numbers = self.study.cohort.groups[group].numbers();
        for (number, maxima) in numbers.into_iter().zip(&so_far.maxima) {
            let report = self.report_of(number);
            if report.failure.is_none() {
                report.permutations = Some(maxima.result(n, c));
            }
        }
        if counts.kept == 0 {
            let rows = if tests.testing.all_snps {
                "every row of the association table is one of an excluded SNP"
            } else {
                "the association table has only its header line"
            };
            // As in GEMMA: pipelines with one run per chromosome rely on it.
            self.say(&[format!("{}; {rows}", none_left(&counts, "to test"))]);
        }
        self.finish_diagnostics(group, so_far.diagnosing)?;
        self.linkage(group)
    }
}
