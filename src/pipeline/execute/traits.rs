//! The traits of a group that are still analysed, and their reports.

use super::Execution;
use crate::cohort::TraitGroup;
use crate::error::{Error, Result};
use crate::output::report::TraitReport;

impl Execution<'_> {
    /// The group with the traits that have not failed.
    pub(super) fn living(&self, group: usize) -> TraitGroup {
        let reports = &self.report.traits;
        let is_alive = |number: usize| reports[number].failure.is_none();
        self.study.cohort.groups[group].with_traits(is_alive)
    }

    /// The reports of the traits of a group that have not failed; without traits, that of its individuals.
    pub(super) fn reports_of(&mut self, group: usize) -> impl Iterator<Item = &mut TraitReport> {
        let numbers = self.study.cohort.groups[group].numbers();
        let reports = self.report.traits.iter_mut().enumerate();
        reports
            .filter(move |(number, of)| numbers.contains(number) && of.failure.is_none())
            .map(|(_, of)| of)
    }

    /// The reports of all traits of a group.
    pub(super) fn reports_of_all(
        &mut self,
        group: usize,
    ) -> impl Iterator<Item = &mut TraitReport> {
        let numbers = self.study.cohort.groups[group].numbers();
        let reports = self.report.traits.iter_mut().enumerate();
        reports
            .filter(move |(number, _)| numbers.contains(number))
            .map(|(_, of)| of)
    }

    /// The report of the trait with this number.
    pub(super) fn report_of(&mut self, number: usize) -> &mut TraitReport {
        &mut self.report.traits[number]
    }

    /// Whether `error` is about traits, of which there are several, so that the others can go on.
    pub(super) fn is_of_traits(&self, error: &Error) -> bool {
        let is_about_data = matches!(
            error,
            Error::Degenerate { .. } | Error::NoConvergence { .. }
        );
        self.report.are_several && !self.fail_fast && is_about_data
    }

    /// Records that a trait failed, and tells the sinks.
    pub(super) fn fail(&mut self, group: usize, number: usize, error: &Error) -> Result<()> {
        self.fail_with(group, number, &error.to_string())
    }

    /// Records that a trait failed, with the reason `text`, and tells the sinks.
    pub(super) fn fail_with(&mut self, group: usize, number: usize, text: &str) -> Result<()> {
        let numbers = self.study.cohort.groups[group].numbers();
        let of = numbers.iter().position(|&one| one == number);
        let of = of.expect("a trait of this group");
        let report = self.report_of(number);
        let name = report.name.clone();
        report.failure = Some(text.to_owned());
        self.say(&[format!("trait {name} is not analysed: {text}")]);
        self.each_sink(|sink| sink.failed(group, of))
    }

    /// The result of a group's computation: an error of all its traits, in a run of several, is recorded and returned in
    /// `Ok`.
    pub(super) fn unless_of_traits(
        &mut self,
        group: usize,
        done: Result<()>,
    ) -> Result<Option<Error>> {
        match done {
            Ok(()) => Ok(None),
            Err(error) if self.is_of_traits(&error) => {
                for one in self.living(group).traits {
                    self.fail(group, one.number, &error)?;
                }
                Ok(Some(error))
            }
            Err(error) => Err(error),
        }
    }
}
