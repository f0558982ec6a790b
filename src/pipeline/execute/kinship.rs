//! The kinship of a run, computed from the genotypes.

use super::super::relatedness::Relatedness;
use super::{Execution, none_left};
use crate::backend::KinshipAccumulator;
use crate::cohort::WorkUnit;
use crate::error::{Error, Result};
use crate::genotype::{FilterCounts, Subset};
use crate::kinship::{Kinship, KinshipKind, inspect_kinship};
use crate::progress::{Progress, Stage};
use std::sync::Arc;

impl Execution<'_> {
    /// The kinship of the `wanted` individuals, from the SNPs that pass the kinship filter of a unit.
    pub(super) fn computed_kinship(
        &mut self,
        unit: &WorkUnit,
        kind: KinshipKind,
        wanted: Subset,
    ) -> Result<Kinship> {
        let n_snps = self.study.n_snps();
        self.timed(Stage::Kinship, n_snps, |run| {
            let filters = &run.study.filters[unit.group];
            let chosen = filters.kinship.as_ref();
            let chosen = chosen.expect("a kinship that is computed has a filter");
            let encoding = run.study.source.encoding();
            let mut sum = run.setting.backend.kinship_sum(kind, wanted, encoding)?;
            let mut counts = FilterCounts::default();
            let mut used = vec![false; n_snps.unwrap_or_default()];
            let mut blocks = run.study.blocks()?;
            while let Some(block) = blocks.next_block() {
                run.go_on()?;
                let block = block?;
                let judged = run.study.judge(&block, &chosen.filter, &chosen.qc);
                judged.count(&mut counts);
                let kept: Vec<usize> = judged.kept.iter().map(|snp| snp.snp_index).collect();
                used.resize(used.len().max(block.snp_indices().end), false);
                kept.iter().for_each(|&snp| used[snp] = true);
                sum.add(&block, &kept)?;
                let done = Progress::Advanced(block.len() as u64);
                run.setting.observer.on(done);
                blocks.recycle(block);
            }
            if counts.kept == 0 {
                return Err(Error::degenerate(
                    none_left(&counts, "for the kinship"),
                    "relax -maf, -miss, -hwe or -r2, or check the list of SNPs",
                ));
            }
            let is_of_tested = chosen.is_of_tested;
            run.report.kinship_filter = Some(counts);
            if is_of_tested {
                run.reports_of(unit)
                    .iter_mut()
                    .for_each(|of| of.filter = counts);
            }
            while sum.needs_another_pass()? {
                run.add_again(&used, &mut *sum)?;
            }
            sum.finish()
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

    /// The computed kinship of a unit's individuals, checked; with `save`, the sinks receive the kinship of all individuals.
    pub(super) fn analysed_kinship(
        &mut self,
        unit: &WorkUnit,
        kind: KinshipKind,
        save: bool,
    ) -> Result<Kinship> {
        let subset = self.study.cohort.groups[unit.group].subset.clone();
        let kinship = if save {
            let everybody = Subset::everybody(subset.n_total());
            let whole = self.computed_kinship(unit, kind, everybody)?;
            self.give_kinship(whole)?.subset(subset.rows())?
        } else {
            self.computed_kinship(unit, kind, subset.clone())?
        };
        let everybody = &self.study.cohort.everybody;
        let ids: Vec<_> = subset.rows().iter().map(|&row| &everybody[row]).collect();
        let notes = inspect_kinship(&kinship, "the computed kinship", &ids, false)?;
        self.say(&notes);
        Ok(kinship)
    }

    /// Passes the kinship of all individuals to the sinks.
    pub(super) fn give_kinship(&mut self, kinship: Kinship) -> Result<Arc<Kinship>> {
        self.go_on()?;
        let kinship = Arc::new(kinship);
        let stage = Stage::WriteKinship;
        let n_snps = None;
        self.setting.observer.on(Progress::Began { stage, n_snps });
        self.each_sink(|sink| sink.kinship(&kinship))?;
        self.publish(Stage::Kinship)?;
        self.setting.observer.on(Progress::Ended);
        Ok(kinship)
    }

    /// Counts the SNPs that pass the filters, for a run that tests none.
    ///
    /// GEMMA's logs of `-eigen` and of a null model have this number (`number of analyzed SNPs/var`). It needs a pass over the
    /// genotypes, unless the kinship of the same run is computed from these SNPs.
    pub(super) fn count_snps_for_log(&mut self, unit: &WorkUnit, of: &Relatedness) -> Result<()> {
        let filters = &self.study.filters[unit.group];
        let is_counted = (filters.kinship.as_ref()).is_some_and(|kinship| kinship.is_of_tested);
        let is_counted = is_counted && matches!(of, Relatedness::Computed { .. });
        let has_log = !self.files.is_empty();
        if is_counted || !has_log {
            return Ok(());
        }
        let subset = &self.study.cohort.groups[unit.group].subset;
        let mut counts = FilterCounts::default();
        let mut blocks = self.study.blocks()?;
        while let Some(block) = blocks.next_block() {
            self.go_on()?;
            let block = block?;
            let judged = self.study.judge(&block, &filters.tested, subset);
            judged.count(&mut counts);
            blocks.recycle(block);
        }
        for report in self.reports_of(unit) {
            report.filter = counts;
        }
        Ok(())
    }
}
