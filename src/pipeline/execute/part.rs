//! A part of a run.

use super::super::parts::file::PartResults;
use super::super::parts::{Identity, PartNumber};
use super::super::prepare::{Prepared, Task, Testing};
use super::super::record::written;
use super::super::relatedness::Relatedness;
use super::Execution;
use super::association::Tests;
use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::output::report::RunReport;
use crate::progress::Stage;
use std::ops::Range;

/// A part that is computed.
pub struct ComputedPart {
    /// The run of which it is a part.
    pub identity: Identity,
    /// Whether it is of a kinship; otherwise of tests.
    pub is_kinship: bool,
    /// Its SNPs.
    pub snps: Range<usize>,
    /// Its results.
    pub results: PartResults,
    /// What was done.
    pub report: RunReport,
}

impl Prepared<'_> {
    /// Computes part `part` of the run. Passes nothing to the sinks.
    pub fn compute_part(self, part: PartNumber) -> Result<ComputedPart> {
        let (header, started) = (self.header.clone(), self.started);
        if self.setting.observer.is_cancelled() {
            return Err(Error::Interrupted);
        }
        let (mut run, task, relatedness, pool) = self.into_execution();
        pool.install(|| {
            let n_snps = run.outline(&task)?.n_snps;
            let snps = part.range(n_snps);
            run.name = format!("part {part}");
            run.study.only = Some(snps.clone());
            let mut results = PartResults::default();
            for (group, of) in relatedness.into_iter().enumerate() {
                match &task {
                    Task::Kinship(kind) => {
                        let everybody = Subset::everybody(run.study.cohort.everybody.len());
                        let range = snps.clone();
                        let found = run.timed(Stage::Kinship, Some(snps.len()), |run| {
                            run.kinship_part(group, *kind, &everybody, range)
                        });
                        results.kinships.push(found?);
                    }
                    Task::Association(testing) => {
                        run.tests_of_group((group, part), of, testing, &mut results)?;
                    }
                    Task::Eigen | Task::Residuals(_) => {
                        unreachable!("refused when the run is prepared")
                    }
                }
            }
            run.inputs.check(&*run.study.source)?;
            run.report.total_time = started.elapsed();
            run.report.finished = written(chrono::Local::now());
            Ok(ComputedPart {
                identity: run.identity(&header, n_snps),
                is_kinship: matches!(task, Task::Kinship(_)),
                snps,
                results,
                report: run.report,
            })
        })
    }
}

impl Execution<'_> {
    /// The tests of a part of the SNPs for a group.
    fn tests_of_group(
        &mut self,
        (group, part): (usize, PartNumber),
        of: Relatedness,
        testing: &Testing,
        results: &mut PartResults,
    ) -> Result<()> {
        let tests = Tests { group, testing };
        let snps = self.study.only.clone().unwrap_or(0..usize::MAX);
        let is_here = |range: &Range<usize>| range.start < snps.end && snps.start < range.end;
        let scopes = self.study.scopes.iter().enumerate();
        let numbers = scopes.filter(|(_, scope)| scope.tested().iter().any(is_here));
        let numbers: Vec<usize> = numbers.map(|(number, _)| number).collect();
        let Some(&first) = numbers.first() else {
            self.say(&[format!(
                "part {part} has no SNP: there are fewer SNPs than 1024 for each part"
            )]);
            return Ok(());
        };
        let tested = |run: &mut Self| -> Result<()> {
            let mut kinships = run.kinships_of(group, of)?;
            for wave in numbers.chunks(run.loco.side_by_side) {
                let decomposed = run.decompositions(group, wave, &mut kinships)?;
                for (&number, decomposed) in wave.iter().zip(decomposed) {
                    let n_snps = Some(snps.len());
                    let snps = snps.clone();
                    let (unit, found) = run.unit_part(
                        tests,
                        number,
                        |_| Ok(decomposed),
                        |run, tests| {
                            run.timed(Stage::Association, n_snps, |run| {
                                run.test_part(tests, number, snps)
                            })
                        },
                    )?;
                    results.units.push(unit);
                    results.tests.extend(found);
                }
            }
            Ok(())
        };
        match tested(self) {
            Err(error) if self.is_of_traits(&error) => {
                let (unit, _) = self.unit_part(tests, first, |_| Err(error), |_, _| Ok(()))?;
                results
                    .units
                    .retain(|known| (known.group, known.unit) != (group, first));
                results.units.push(unit);
                Ok(())
            }
            done => done,
        }
    }
}
