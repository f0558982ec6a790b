//! The kinship of a run, computed from the genotypes.

use super::super::parts::KinshipPart;
use super::super::relatedness::Relatedness;
use super::parted::outside;
use super::{Execution, without};
use crate::backend::{Backend, KinshipAccumulator};
use crate::cohort::KinshipScope;
use crate::error::{Error, Result};
use crate::genotype::{Encoding, FilterCounts, Subset};
use crate::kinship::{Kinship, KinshipKind, KinshipSum, inspect_kinship};
use crate::output::report::ChromosomeReport;
use crate::progress::{Progress, Stage};
use std::sync::Arc;

/// The sum of a kinship after the first pass.
struct Summed<'a> {
    sum: Box<dyn KinshipAccumulator + 'a>,
    /// Whether each SNP is in the sum.
    used: Vec<bool>,
    /// SNPs on the chromosome that is left out.
    n_left_out: usize,
    counts: FilterCounts,
}

impl Summed<'_> {
    /// The sum that all parts have given.
    fn of_part(part: KinshipPart, kind: KinshipKind, wanted: Subset, encoding: Encoding) -> Self {
        let used = part.all_used();
        let sum = part.sums.into_values().next();
        let sum = sum.map_or_else(|| KinshipSum::new(kind, wanted, encoding), KinshipSum::from);
        Self {
            sum: Box::new(sum),
            used,
            n_left_out: part.n_left_out,
            counts: part.counts,
        }
    }
}

impl<'a> Execution<'a> {
    /// `-gk`: the kinships of all individuals, which go to the sinks.
    pub(super) fn kinships(&mut self, group: usize, kind: KinshipKind) -> Result<()> {
        let everybody = Subset::everybody(self.study.cohort.everybody.len());
        if !self.leaves_out_every() {
            let scope = self.study.scopes[0].clone();
            let kinship = self.computed_kinship(group, &scope, kind, everybody)?;
            for report in self.reports_of(group) {
                report.filter = report.kinship_filter.unwrap_or_default();
            }
            return self.give_kinship(&scope, kinship).map(drop);
        }
        let mut parted = self.parted(group, kind, everybody)?;
        for part in 0..self.study.scopes.len() {
            let (kinship, n_kinship_snps) = self.without(&mut parted, part)?;
            let scope = self.study.scopes[part].clone();
            for report in self.reports_of(group) {
                let counts = report.kinship_filter.unwrap_or_default();
                report.filter = counts;
                report.chromosomes.push(ChromosomeReport {
                    name: scope
                        .left_out()
                        .map_or_else(String::new, |one| one.name.clone()),
                    n_kinship_snps,
                    n_tested: counts.kept - n_kinship_snps,
                    null: None,
                });
            }
            self.give_kinship(&scope, kinship)?;
        }
        Ok(())
    }

    /// The kinship of the `wanted` individuals, from the SNPs of `scope` that pass the kinship filter of a group.
    pub(super) fn computed_kinship(
        &mut self,
        group: usize,
        scope: &KinshipScope,
        kind: KinshipKind,
        wanted: Subset,
    ) -> Result<Kinship> {
        let n_snps = self.study.n_snps();
        self.timed(Stage::Kinship, n_snps, |run| {
            let encoding = run.study.source.encoding();
            let Summed {
                mut sum,
                used,
                n_left_out,
                mut counts,
            } = match run.summed(group)? {
                Some(part) => Summed::of_part(part, kind, wanted, encoding),
                None => run.sum(group, scope, kind, wanted, encoding)?,
            };
            run.record_kinship(group, counts)?;
            counts.kept -= n_left_out;
            if counts.kept == 0 {
                return Err(Error::degenerate(
                    format!("no SNP is left for the kinship{}", without(scope)),
                    "all SNPs that pass the filters are on that chromosome; relax the filters, or omit -loco",
                ));
            }
            for report in run.reports_of(group) {
                report.kinship_filter = Some(counts);
            }
            while sum.needs_another_pass()? {
                run.add_again(&used, &mut *sum)?;
            }
            sum.finish()
        })
    }

    /// Sums the kinship of the `wanted` individuals over all SNPs.
    fn sum(
        &self,
        group: usize,
        scope: &KinshipScope,
        kind: KinshipKind,
        wanted: Subset,
        encoding: Encoding,
    ) -> Result<Summed<'a>> {
        let backend: &'a dyn Backend = self.setting.backend;
        let mut sum = backend.kinship_sum(kind, wanted, encoding)?;
        let mut used = vec![false; self.study.n_snps().unwrap_or_default()];
        let mut n_left_out = 0;
        let counts = self.each_kinship_block(group, 0..usize::MAX, |block, kept| {
            let left_out = scope
                .left_out()
                .map_or(Vec::new(), |one| one.of(kept).concat());
            n_left_out += left_out.len();
            let kept = outside(kept, &left_out);
            used.resize(used.len().max(block.snp_indices().end), false);
            kept.iter().for_each(|&snp| used[snp] = true);
            sum.add(block, &kept)
        })?;
        Ok(Summed {
            sum,
            used,
            n_left_out,
            counts,
        })
    }

    /// Another pass over the SNPs `used` for a kinship.
    fn add_again(&self, used: &[bool], sum: &mut dyn KinshipAccumulator) -> Result<()> {
        let mut blocks = self.study.blocks()?;
        while let Some(block) = blocks.next_block() {
            self.go_on()?;
            let block = block?;
            let again: Vec<usize> = block.snp_indices().filter(|&snp| used[snp]).collect();
            sum.add_again(&block, &again)?;
            blocks.recycle(block);
        }
        Ok(())
    }

    /// The computed kinship of a group's individuals, checked; with `save`, the sinks receive the kinship of all
    /// individuals.
    pub(super) fn analysed_kinship(
        &mut self,
        group: usize,
        scope: &KinshipScope,
        kind: KinshipKind,
        save: bool,
    ) -> Result<Kinship> {
        let subset = self.study.cohort.groups[group].subset.clone();
        let kinship = if save {
            let everybody = Subset::everybody(subset.n_total());
            let whole = self.computed_kinship(group, scope, kind, everybody)?;
            self.give_kinship(scope, whole)?.subset(subset.rows())?
        } else {
            self.computed_kinship(group, scope, kind, subset)?
        };
        self.inspect(group, scope, &kinship)?;
        Ok(kinship)
    }

    /// Checks a kinship that was computed for the individuals of a group.
    pub(super) fn inspect(
        &mut self,
        group: usize,
        scope: &KinshipScope,
        kinship: &Kinship,
    ) -> Result<()> {
        let everybody = &self.study.cohort.everybody;
        let rows = self.study.cohort.groups[group].subset.rows().iter();
        let ids: Vec<_> = rows.map(|&row| &everybody[row]).collect();
        let found = inspect_kinship(kinship, &name_of(scope), &ids, false)?;
        self.say(&found.notes);
        self.record_copies(group, found.copies.as_ref());
        Ok(())
    }

    /// Passes a kinship of all individuals to the sinks.
    fn give_kinship(&mut self, scope: &KinshipScope, kinship: Kinship) -> Result<Arc<Kinship>> {
        self.go_on()?;
        let kinship = Arc::new(kinship);
        let stage = Stage::WriteKinship;
        let n_snps = None;
        self.setting.observer.on(Progress::Began { stage, n_snps });
        let left_out = scope.left_out().map(|one| one.name.as_str());
        self.each_sink(|sink| sink.kinship(left_out, &kinship))?;
        self.publish(Stage::Kinship)?;
        self.setting.observer.on(Progress::Ended);
        Ok(kinship)
    }

    /// Counts the SNPs that pass the filters, for a run that tests none.
    ///
    /// GEMMA's logs of `-eigen` and of a null model have this number (`number of analyzed SNPs/var`). It needs a pass over the
    /// genotypes, unless the kinship of the same run is computed from these SNPs.
    pub(super) fn count_snps_for_log(&mut self, group: usize, of: &Relatedness) -> Result<()> {
        let filters = &self.study.filters[group];
        let is_counted = (filters.kinship.as_ref()).is_some_and(|kinship| kinship.is_of_tested);
        let is_counted = is_counted && matches!(of, Relatedness::Computed { .. });
        let has_log = !self.files.is_empty();
        if is_counted || !has_log {
            return Ok(());
        }
        let subset = &self.study.cohort.groups[group].subset;
        let mut counts = FilterCounts::default();
        let mut blocks = self.study.blocks()?;
        while let Some(block) = blocks.next_block() {
            self.go_on()?;
            let block = block?;
            let judged = self.study.judge(&block, &filters.tested, subset);
            judged.count(&mut counts);
            blocks.recycle(block);
        }
        for report in self.reports_of(group) {
            report.filter = counts;
        }
        Ok(())
    }
}

/// The name of a computed kinship in messages.
pub(super) fn name_of(scope: &KinshipScope) -> String {
    format!("the computed kinship{}", without(scope))
}
