//! A part of a run.

use super::super::parts::file::{PartWriter, Section};
use super::super::parts::{Identity, PartNumber, UnitPart};
use super::super::prepare::{Prepared, Task, Testing};
use super::super::record::written;
use super::super::relatedness::Relatedness;
use super::Execution;
use super::association::Tests;
use super::decomposed::{Decomposed, Kinships};
use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::kernels::memory::give_back;
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
    /// What was done.
    pub report: RunReport,
}

impl Prepared<'_> {
    /// Computes part `part` of the run, and writes its results to `file` as soon as they are there. Passes nothing to the sinks.
    pub fn compute_part(self, part: PartNumber, file: &mut PartWriter) -> Result<ComputedPart> {
        let (header, started) = (self.header.clone(), self.started);
        if self.setting.observer.is_cancelled() {
            return Err(Error::Interrupted);
        }
        let (mut run, task, relatedness, pool) = self.into_execution();
        pool.install(|| {
            let outline = run.outline(&task)?;
            let n_snps = outline.n_snps;
            let snps = part.range(n_snps);
            if let Task::Kinship(_) = task {
                let n_sums = outline.units_at_once(&snps).max(1);
                run.memory.check_sums(n_sums - 1)?;
            }
            run.name = format!("part {part}");
            run.study.only = Some(snps.clone());
            for (group, of) in relatedness.into_iter().enumerate() {
                match &task {
                    Task::Kinship(kind) => {
                        let everybody = Subset::everybody(run.study.cohort.everybody.len());
                        let range = snps.clone();
                        let found = run.timed(Stage::Kinship, Some(snps.len()), |run| {
                            run.kinship_part(group, (*kind, &everybody), range, |unit, sum| {
                                let unit = unit as usize;
                                file.add(Section::Sum { group, unit }, &sum)?;
                                drop(sum);
                                // Before that of the next chromosome begins.
                                give_back();
                                Ok(())
                            })
                        });
                        file.add(Section::Kinship { group }, &found?)?;
                    }
                    Task::Association(testing) => {
                        run.tests_of_group((group, part), of, testing, file)?;
                    }
                    Task::Eigen | Task::Residuals(_) => {
                        unreachable!("refused when the run is prepared")
                    }
                }
            }
            let identity = run.identity(&header, n_snps);
            // After the checksums of the inputs, which are then those of what was read.
            run.inputs.check(&*run.study.source)?;
            run.report.total_time = started.elapsed();
            run.report.finished = written(chrono::Local::now());
            Ok(ComputedPart {
                identity,
                is_kinship: matches!(task, Task::Kinship(_)),
                snps,
                report: run.report,
            })
        })
    }
}

impl<'a> Execution<'a> {
    /// The tests of a part of the SNPs for a group.
    fn tests_of_group(
        &mut self,
        (group, part): (usize, PartNumber),
        of: Relatedness,
        testing: &Testing,
        file: &mut PartWriter,
    ) -> Result<()> {
        let tests = Tests { group, testing };
        let snps = self.study.only.clone().unwrap_or(0..usize::MAX);
        let is_here = |range: &Range<usize>| range.start < snps.end && snps.start < range.end;
        let scopes = self.study.scopes.iter().enumerate();
        let numbers = scopes.filter(|(_, scope)| scope.tested().iter().any(is_here));
        let numbers: Vec<usize> = numbers.map(|(number, _)| number).collect();
        if numbers.is_empty() {
            self.say(&[format!(
                "part {part} has no SNP: there are fewer SNPs than 1024 for each part"
            )]);
            return Ok(());
        }
        let mut kinships = match self.kinships_of(group, of) {
            // Every unit fails, in every part.
            Err(error) if self.is_of_traits(&error) => {
                let (failed, _) =
                    self.unit_part(tests, numbers[0], |_| Err(error), |_, _| Ok(()))?;
                return numbers.into_iter().try_for_each(|unit| {
                    let failed = failed.clone();
                    file.add(Section::Unit { group, unit }, &UnitPart { unit, ..failed })
                });
            }
            found => found?,
        };
        for wave in numbers.chunks(self.loco.side_by_side) {
            match self.decompositions(group, wave, &mut kinships) {
                Ok(decomposed) => {
                    for (&number, decomposed) in wave.iter().zip(decomposed) {
                        self.tests_of_unit(tests, number, Ok(decomposed), file)?;
                    }
                }
                Err(error) if self.is_of_traits(&error) => {
                    return self.up_to_failure(tests, (wave, error), &mut kinships, file);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The tests of units one after the other, up to the first whose kinship cannot be decomposed, for which this is recorded:
    /// which one it is must not depend on the division into parts. The run that merges them ends the group there, so the units
    /// after it do not matter.
    ///
    /// * `error`: that of all `numbers` together
    fn up_to_failure(
        &mut self,
        tests: Tests<'_>,
        (numbers, error): (&[usize], Error),
        kinships: &mut Kinships<'a>,
        file: &mut PartWriter,
    ) -> Result<()> {
        if let &[number] = numbers {
            return self.tests_of_unit(tests, number, Err(error), file);
        }
        for &number in numbers {
            let alone = self.decompositions(tests.group, &[number], kinships);
            let decomposed = alone.map(|mut all| all.remove(0));
            let has_failed = decomposed.is_err();
            self.tests_of_unit(tests, number, decomposed, file)?;
            if has_failed {
                break;
            }
        }
        Ok(())
    }

    /// The tests of this part of the SNPs of a unit, or its failure if that is one of traits.
    fn tests_of_unit(
        &mut self,
        tests: Tests<'_>,
        number: usize,
        decomposed: Result<Decomposed>,
        file: &mut PartWriter,
    ) -> Result<()> {
        let snps = self.study.only.clone().unwrap_or(0..usize::MAX);
        let n_snps = Some(snps.len());
        let (unit, found) = self.unit_part(
            tests,
            number,
            |_| decomposed,
            |run, tests| {
                run.timed(Stage::Association, n_snps, |run| {
                    run.test_part(tests, number, snps)
                })
            },
        )?;
        let (group, number) = (unit.group, unit.unit);
        file.add(
            Section::Unit {
                group,
                unit: number,
            },
            &unit,
        )?;
        found.map_or(Ok(()), |tests| {
            file.add(
                Section::Tests {
                    group,
                    unit: number,
                },
                &tests,
            )
        })
    }
}
