//! The tests of all SNPs.

use super::super::relatedness::Relatedness;
use super::{Execution, none_left};
use crate::assoc::AssocBlock;
use crate::cohort::WorkUnit;
use crate::error::Result;
use crate::genotype::FilterCounts;
use crate::method::{Method, UnitModel};
use crate::progress::{Progress, Stage};

impl Execution<'_> {
    /// Tests the SNPs of a unit against its traits, block by block.
    pub(super) fn association(
        &mut self,
        unit: &WorkUnit,
        relatedness: Relatedness,
        method: &dyn Method,
        all_snps: bool,
    ) -> Result<()> {
        let fitted = method
            .null_range()
            .map(|range| self.fitted(unit, relatedness, range, method.uses_null_ml()))
            .transpose()?;
        self.say(&method.notes());
        let group = self.study.cohort.groups[unit.group].clone();
        let model = UnitModel {
            group: &group,
            fitted,
        };
        let scan = method.scan(&model, self.setting.backend)?;
        let (n_snps, n_columns) = (self.study.n_snps(), method.columns().len());
        let counts = self.timed(Stage::Association, n_snps, |run| {
            let mut counts = FilterCounts::default();
            let mut blocks = run.study.blocks()?;
            while let Some(block) = blocks.next_block() {
                run.go_on()?;
                let block = block?;
                let filter = &run.study.filters[unit.group].tested;
                let judged = run.study.judge(&block, filter, &group.subset);
                judged.count(&mut counts);
                let traits = scan.scan(&block, &judged.kept)?;
                assert!(
                    traits.len() == group.traits.len()
                        && traits.iter().all(|of| of.values.len() == n_columns),
                    "a method gives all of its columns for every trait"
                );
                for (report, columns) in run.reports_of(unit).iter_mut().zip(&traits) {
                    report.statuses.add(&columns.flags);
                }
                let excluded = if all_snps { &judged.excluded[..] } else { &[] };
                let results = AssocBlock::of(&block, &judged.kept, traits, excluded);
                run.each_sink(|sink| sink.block(unit, &results))?;
                let done = Progress::Advanced(block.len() as u64);
                run.setting.observer.on(done);
                blocks.recycle(block);
            }
            Ok(counts)
        })?;
        for report in self.reports_of(unit) {
            report.filter = counts;
        }
        if counts.kept == 0 {
            let rows = if all_snps {
                "every row of the association table is one of an excluded SNP"
            } else {
                "the association table has only its header line"
            };
            // As in GEMMA: pipelines with one run per chromosome rely on it.
            self.say(&[format!("{}; {rows}", none_left(&counts, "to test"))]);
        }
        Ok(())
    }
}
