//! Results that were computed elsewhere take their way to the sinks.

use super::super::parts::{Identity, KinshipPart, Outline, Seen, UnitOutline, UnitPart};
use super::super::prepare::Task;
use super::super::snps::all_records;
use super::Execution;
use super::association::{Progressing, Tests};
use crate::cohort::KinshipScope;
use crate::error::{Error, Result};
use crate::genotype::FilterCounts;
use crate::kinship::CHUNK_SNPS;
use crate::output::sink::RunHeader;
use crate::progress::{Progress, Stage};
use std::ops::Range;
use std::time::Instant;

impl Execution<'_> {
    /// Tells whoever computes partial results what there is to compute.
    pub(super) fn begin_elsewhere(&mut self, task: &Task, header: &RunHeader) -> Result<()> {
        if self.setting.elsewhere.is_none() {
            return Ok(());
        }
        let outline = self.outline(task)?;
        self.n_snps_elsewhere = Some(outline.n_snps);
        if let Task::Kinship(_) = task {
            // The part that is being added to the sum. The plan of a run of which every chromosome is left out has three sums,
            // which are here the whole, that of the chromosome, and either the difference or the part.
            let n_more = usize::from(!self.leaves_out_every());
            self.memory.check_sums(n_more)?;
        }
        let identity = self.identity(header, outline.n_snps);
        let elsewhere = self.setting.elsewhere.as_deref_mut();
        elsewhere.map_or(Ok(()), |elsewhere| elsewhere.begin(&outline, &identity))
    }

    /// What determines the results of the run, as its inputs are now.
    pub(super) fn identity(&self, header: &RunHeader, n_snps: usize) -> Identity {
        let inputs = self.inputs.facts(&*self.study.source);
        Identity::of(header, &self.report, inputs, n_snps)
    }

    /// The work of the run.
    pub(super) fn outline(&self, task: &Task) -> Result<Outline> {
        let n_snps = match self.study.n_snps() {
            Some(n_snps) => n_snps,
            None => all_records(&*self.study.source)?.len(),
        };
        let within = |ranges: Vec<Range<usize>>| -> Vec<Range<usize>> {
            let ranges = ranges.into_iter();
            ranges
                .map(|range| range.start..range.end.min(n_snps))
                .collect()
        };
        let outline = |scope: &KinshipScope| UnitOutline {
            left_out: scope.left_out().map(|one| one.name.clone()),
            chromosome: within(scope.tested()),
            tested: within(self.study.ranges_of(scope)),
        };
        let groups = self.study.cohort.groups.iter();
        let is_kinship = matches!(task, Task::Kinship(_));
        let is_decomposed = match task {
            Task::Kinship(_) => false,
            Task::Association(testing) => testing.method.null_range().is_some(),
            Task::Eigen | Task::Residuals(_) => true,
        };
        Ok(Outline {
            is_kinship,
            backend: self.setting.backend.name().to_owned(),
            n_snps,
            n_individuals: self.study.cohort.everybody.len(),
            groups: groups
                .map(|group| (group.subset.len(), group.traits.len()))
                .collect(),
            units: self.study.scopes.iter().map(outline).collect(),
            is_computed: self.study.filters.iter().any(|of| of.kinship.is_some()),
            is_decomposed,
            chunk: CHUNK_SNPS,
        })
    }

    /// The kinship sum of a group that was computed elsewhere, if it was.
    pub(super) fn summed(&mut self, group: usize) -> Result<Option<KinshipPart>> {
        let part = match (self.given_sum.take(), &mut self.setting.elsewhere) {
            (Some(part), _) => part,
            (None, Some(elsewhere)) => elsewhere.kinship(group)?,
            (None, None) => return Ok(None),
        };
        for seen in &part.seen {
            self.add_seen(seen.clone().of_sums());
        }
        Ok(Some(part))
    }

    fn add_seen(&mut self, seen: Seen) {
        self.study.add_seen(&seen);
        self.source_notes.add(seen);
    }

    /// Passes the tests of a group, which were computed elsewhere, to the sinks.
    pub(super) fn replayed(&mut self, tests: Tests<'_>) -> Result<()> {
        let group = tests.group;
        let mut so_far = self.progressing(tests, &[]);
        self.give_phenotypes(group)?;
        for number in 0..self.study.scopes.len() {
            let unit = self.numbered_unit(group, number);
            let part = self.unit_elsewhere(group, number)?;
            let (n_kinship_snps, is_tested) = (part.n_kinship_snps, part.is_tested);
            self.take_unit(group, part, &mut so_far)?;
            if !is_tested {
                continue;
            }
            if !self.leaves_out_every() {
                self.say(&so_far.notes.take_texts());
                self.say_of_method(group, tests.method());
            }
            let n_snps = self.study.n_read_for(&unit.kinship);
            let counts = self.timed(Stage::Association, n_snps, |run| {
                run.take_tests(group, number, &mut so_far)
            })?;
            so_far.counts.merge(&counts);
            self.report_chromosome(&unit, n_kinship_snps, &counts);
        }
        self.finish_group(so_far, tests)
    }

    /// Waits for what was found for a unit; time that its stages do not account for is that of the kinship.
    fn unit_elsewhere(&mut self, group: usize, number: usize) -> Result<UnitPart> {
        let began = Instant::now();
        let observer = self.setting.observer;
        let elsewhere = self.setting.elsewhere.as_deref_mut();
        let elsewhere = elsewhere.expect("results that are replayed come from elsewhere");
        let part = elsewhere.unit(group, number, observer)?;
        observer.on(Progress::Ended);
        self.inputs.check(&*self.study.source)?;
        if self.study.filters[group].kinship.is_some() {
            let known = part.times.iter().map(|(_, time)| *time).sum();
            let rest = began.elapsed().saturating_sub(known);
            self.report.add_time(Stage::Kinship, rest);
        }
        Ok(part)
    }

    /// Reports what was found for a unit before its SNPs were tested.
    fn take_unit(&mut self, group: usize, part: UnitPart, so_far: &mut Progressing) -> Result<()> {
        for (stage, time) in part.times {
            self.report.add_time(stage, time);
        }
        for seen in part.seen {
            self.add_seen(seen);
        }
        self.say(&part.notes);
        so_far.notes.extend(part.null_notes);
        for one in part.traits {
            if let Some(text) = one.failure
                && self.report_of(one.number).failure.is_none()
            {
                self.fail_with(group, one.number, &text)?;
            }
            let report = self.report_of(one.number);
            report.null = one.null;
            report.kinship_filter = one.kinship_filter;
            let copies = &mut report.diagnostics.copies;
            *copies = copies.take().or(one.copies);
        }
        match part.failure {
            Some([what, hint]) => Err(Error::degenerate(what, hint)),
            None => Ok(()),
        }
    }

    /// Passes the tests of a unit to the sinks; returns the counts.
    fn take_tests(
        &mut self,
        group: usize,
        number: usize,
        so_far: &mut Progressing,
    ) -> Result<FilterCounts> {
        let known = self.study.source.snps().cloned();
        let numbers = self.study.cohort.groups[group].numbers();
        let mut counts = FilterCounts::default();
        loop {
            self.go_on()?;
            let elsewhere = self.setting.elsewhere.as_deref_mut();
            let part = elsewhere.map_or(Ok(None), |elsewhere| elsewhere.tests(group, number))?;
            let Some(part) = part else {
                return Ok(counts);
            };
            counts.merge(&part.counts);
            for (number, maxima) in part.maxima {
                let place = numbers.iter().position(|&one| one == number);
                if let Some(all) = place.and_then(|place| so_far.maxima.get_mut(place)) {
                    all.merge(&maxima);
                }
            }
            let n_without_odds = so_far.diagnosing.n_without_odds().iter_mut();
            for (count, more) in n_without_odds.zip(part.n_without_odds) {
                *count += more;
            }
            let by = part.seen.by.clone();
            self.add_seen(part.seen);
            for block in part.blocks {
                let snps = block.snps.clone();
                let living = &self.report.traits;
                let is_living = |number: usize| living[number].failure.is_none();
                let block = block.into_block(known.as_ref(), is_living);
                let block = block.expect("a source without records has them in its blocks");
                let n_living = numbers.iter().filter(|&&number| is_living(number)).count();
                if block.traits.len() != n_living {
                    return Err(other_traits(&by));
                }
                let (order, diagnosing) = (&mut so_far.order, &mut so_far.diagnosing);
                let n_read = snps.len() as u64;
                self.give(group, snps, block, order, diagnosing)?;
                self.setting.observer.on(Progress::Advanced(n_read));
            }
        }
    }
}

/// The error of tests of other traits than those whose null models were fitted.
fn other_traits(by: &str) -> Error {
    Error::inconsistent(
        format!(
            "{by}: a trait could be analysed there, but not where its null model was fitted, or the other way round"
        ),
        "compute all parts, or run all workers, on processors of one kind",
    )
}
