//! Diagnostics that accumulate while the SNPs of a group are tested.

use super::Execution;
use crate::assoc::{Column, EffectiveTestsSum, InflationSum, TraitColumns, append_odds};
use crate::cohort::TraitGroup;
use crate::error::Result;
use crate::genotype::{Coding, GenotypeBlock, SnpSummary, Subset};
use crate::kinship::{Copies, Kinship};

/// The diagnostics of a group so far.
#[derive(Default)]
pub(super) struct Diagnosing {
    /// λ_GC of each trait of the group, in its order.
    inflation: Vec<InflationSum>,
    effective_tests: Option<EffectiveTestsSum>,
    /// For each trait, SNPs whose effect has no odds ratio.
    n_without_odds: Vec<usize>,
}

impl Diagnosing {
    /// * `counts_tests`: whether the effective number of tests is computed
    pub(super) fn new(
        columns: &[Column],
        n_traits: usize,
        individuals: &Subset,
        counts_tests: bool,
    ) -> Self {
        Self {
            inflation: vec![InflationSum::new(columns); n_traits],
            effective_tests: counts_tests.then(|| EffectiveTestsSum::new(individuals.clone())),
            n_without_odds: vec![0; n_traits],
        }
    }

    /// Adds the genotypes of tested SNPs.
    pub(super) fn add_genotypes(
        &mut self,
        block: &GenotypeBlock,
        tested: &[SnpSummary],
    ) -> Result<()> {
        let sum = self.effective_tests.as_mut();
        sum.map_or(Ok(()), |sum| sum.add(block, tested))
    }

    /// For each trait of the group, SNPs whose effect has no odds ratio.
    pub(super) fn n_without_odds(&mut self) -> &mut [usize] {
        &mut self.n_without_odds
    }

    /// Adds the statistics of tested SNPs for trait `of` of the group.
    pub(super) fn add_statistics(&mut self, of: usize, statistics: &TraitColumns) {
        self.inflation[of].add(&statistics.values);
    }
}

impl Execution<'_> {
    /// Appends odds ratios to the statistics of the traits of a group, `living`, if they were asked for.
    pub(super) fn add_odds(
        &self,
        group: usize,
        living: &TraitGroup,
        (columns, coding): (&[Column], Coding),
        tested: &[SnpSummary],
        traits: &mut [TraitColumns],
        so_far: &mut Diagnosing,
    ) {
        if !self.odds {
            return;
        }
        let numbers = self.study.cohort.groups[group].numbers();
        for (one, statistics) in living.traits.iter().zip(traits) {
            let binary = one
                .binary
                .expect("odds ratios of a binary trait, checked in prepare");
            let n = append_odds(statistics, columns, tested, coding, binary.case_fraction());
            let of = numbers.iter().position(|number| *number == one.number);
            so_far.n_without_odds[of.expect("a trait of this group")] += n;
        }
    }

    /// Records the individuals that are the same according to the first kinship of a group.
    pub(super) fn record_copies(&mut self, group: usize, copies: Option<&Copies>) {
        for report in self.reports_of(group) {
            let known = &mut report.diagnostics.copies;
            *known = known.take().or_else(|| copies.cloned());
        }
    }

    /// Counts the individuals of a group that are the same according to their part of a given kinship.
    pub(super) fn count_copies(&mut self, group: usize, kinship: &Kinship) {
        let cohort = &self.study.cohort;
        let rows = cohort.groups[group].subset.rows().iter();
        let ids: Vec<_> = rows.map(|&row| &cohort.everybody[row]).collect();
        let copies = Copies::of(kinship, &ids);
        self.record_copies(group, Some(&copies));
    }

    /// Puts the diagnostics of a group into its reports.
    pub(super) fn finish_diagnostics(&mut self, group: usize, found: Diagnosing) -> Result<()> {
        let effective_tests = found.effective_tests.map(EffectiveTestsSum::finish);
        let effective_tests = effective_tests.transpose()?;
        let numbers = self.study.cohort.groups[group].numbers();
        let has_odds = self.odds;
        for (of, number) in numbers.into_iter().enumerate().take(found.inflation.len()) {
            let diagnostics = &mut self.report_of(number).diagnostics;
            diagnostics.inflation = found.inflation[of].results();
            diagnostics.effective_tests = effective_tests;
            diagnostics.n_without_odds = has_odds.then_some(found.n_without_odds[of]);
        }
        Ok(())
    }
}
