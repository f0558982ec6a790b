//! `execute`: the computation of a prepared run, group of traits by group of traits.

mod association;
mod decomposed;
mod decomposition;
mod diagnostics;
mod kinship;
mod ld;
mod null;
mod order;
mod part;
mod parted;
mod ranges;
mod replay;
mod serve;
mod stepwise;
mod testing;
mod traits;
mod weighted;

pub use part::ComputedPart;
pub(super) use serve::serve;

use super::individuals::FileIndividuals;
use super::inputs::InputFiles;
use super::job::KinshipInput;
use super::memory_check::MemoryCheck;
use super::parts::{KinshipPart, ProcessNotes};
use super::plan::LocoPlan;
use super::prepare::{Prepared, Setting, Task, say};
use super::record::{output, written};
use super::relatedness::Relatedness;
use super::second_kinship::SecondKinship;
use super::stepwise::Stepwise;
use super::study::Study;
use crate::cohort::{KinshipScope, WorkUnit};
use crate::eigen::cache::EigenCache;
use crate::error::{Error, Result};
use crate::genotype::{Exclusion, FilterCounts, Subset};
use crate::output::report::RunReport;
use crate::output::sink::Sink;
use crate::permutation::PermutationOptions;
use crate::progress::{Progress, Stage};
use rayon::ThreadPool;
use std::path::PathBuf;
use std::time::Instant;

/// A run in progress.
struct Execution<'a> {
    setting: Setting<'a>,
    study: Study,
    /// The second kinship, until its last use.
    second_kinship: Option<SecondKinship>,
    loco: LocoPlan,
    permutations: Option<PermutationOptions>,
    fail_fast: bool,
    /// The forward selection of SNPs, if there is one.
    stepwise: Option<Stepwise>,
    /// Whether odds ratios are added to the effects.
    odds: bool,
    /// Whether the effective number of tests is computed.
    effective_tests: bool,
    cache: Option<EigenCache>,
    inputs: InputFiles,
    /// The sinks that write files.
    files: Vec<Box<dyn Sink>>,
    report: RunReport,
    /// The name of this process or part of a run.
    name: String,
    /// The number of notes before the kinship was read.
    n_notes_before: usize,
    /// Number of SNPs of the source, if results are computed elsewhere.
    n_snps_elsewhere: Option<usize>,
    /// A kinship sum that was computed elsewhere.
    given_sum: Option<KinshipPart>,
    /// Notes of other processes.
    source_notes: ProcessNotes,
    /// The kinship of a worker, and the individuals of the genotype files.
    unread: Option<(KinshipInput, FileIndividuals)>,
    /// The memory that the stages need.
    memory: MemoryCheck,
}

impl<'a> Prepared<'a> {
    /// The run in progress, what it computes, the kinships of its groups, and the threads that it uses.
    fn into_execution(self) -> (Execution<'a>, Task, Vec<Relatedness>, ThreadPool) {
        let run = Execution {
            setting: self.setting,
            study: self.study,
            second_kinship: self.second_kinship,
            loco: self.loco,
            permutations: self.permutations,
            fail_fast: self.fail_fast,
            stepwise: self.stepwise,
            odds: self.odds,
            effective_tests: self.effective_tests,
            cache: self.cache,
            inputs: self.inputs,
            files: self.sinks,
            report: self.report,
            name: String::new(),
            n_notes_before: self.n_notes_before,
            n_snps_elsewhere: None,
            given_sum: None,
            source_notes: ProcessNotes::default(),
            unread: self.unread,
            memory: self.memory,
        };
        (run, self.task, self.relatedness, self.pool)
    }
}

impl Prepared<'_> {
    /// Computes the results and passes them to the sinks; returns the report.
    ///
    /// A run that fails leaves no partial output under a final name. In a run of several traits, one that cannot be analysed is
    /// in the report; the run fails only if none can be analysed.
    pub fn execute(self) -> Result<RunReport> {
        let (header, started) = (self.header.clone(), self.started);
        if self.setting.observer.is_cancelled() {
            return Err(Error::Interrupted);
        }
        if let Some(files) = &self.files {
            files.create_directory()?;
        }
        let (mut run, task, relatedness, pool) = self.into_execution();
        pool.install(|| {
            run.each_sink(|sink| sink.begin(&header))?;
            run.begin_elsewhere(&task, &header)?;
            let mut failure = None;
            for (group, relatedness) in relatedness.into_iter().enumerate() {
                let done = run.group(&task, group, relatedness);
                failure = run.unless_of_traits(group, done)?.or(failure);
            }
            let is_any_left = run.report.failed().count() < run.report.traits.len();
            if let (Some(failure), false) = (failure, is_any_left) {
                return Err(failure);
            }
            if let Some(stage) = task.last_stage() {
                run.publish(stage)?;
            }
            run.close(&task, started)
        })
    }
}

impl Execution<'_> {
    fn group(&mut self, task: &Task, group: usize, of: Relatedness) -> Result<()> {
        match task {
            Task::Kinship(kind) => self.kinships(group, *kind),
            Task::Eigen => {
                self.count_snps_for_log(group, &of)?;
                let unit = self.only_unit(group);
                let eigen = self.eigen(&unit, of)?;
                self.go_on()?;
                self.each_sink(|sink| sink.eigen(&unit, &eigen.eigen))
            }
            Task::Residuals(range) => {
                self.count_snps_for_log(group, &of)?;
                let unit = self.only_unit(group);
                let eigen = self.eigen(&unit, of)?;
                self.null_models(&unit, eigen, *range)
            }
            Task::Association(testing) => self.association(group, of, testing),
        }
    }

    /// Finishes the run: the last notes, and the log.
    fn close(mut self, task: &Task, started: Instant) -> Result<RunReport> {
        let whose = if let Task::Kinship(_) = task {
            Subset::everybody(self.study.cohort.everybody.len())
        } else {
            self.study.cohort.analysed_for_any()
        };
        if self.study.n_snps().is_none() {
            let counts = self.report.traits.iter().map(|of| of.filter.total());
            self.report.n_snps = counts.max().unwrap_or_default();
        }
        let note = self.study.uncalled_note(&whose);
        self.say(note.as_slice());
        self.say(&self.study.unseen_notes());
        if self.setting.elsewhere.is_none() {
            self.say(&self.study.source.notes_after_reading());
        }
        self.say(&self.source_notes.all());
        self.say(self.source_notes.of_instructions().as_slice());
        let notes = |sinks: &[Box<dyn Sink>]| -> Vec<String> {
            sinks.iter().flat_map(|sink| sink.notes()).collect()
        };
        self.say(&notes(&self.files));
        self.inputs.check(&*self.study.source)?;
        self.report.total_time = started.elapsed();
        let now = chrono::Local::now();
        self.report.finished = written(now);
        self.report.inputs = self.inputs.reports();
        self.report.date = now.format("%a %b %e %H:%M:%S %Y").to_string();
        // The log is the first of the files and the last to get its name: then the run has succeeded. The record before it
        // has the names of the other files.
        let callers = self.setting.sinks.iter_mut().map(|sink| &mut **sink);
        let files = self.files.iter_mut().rev();
        let files = files.map(|sink| &mut **sink as &mut dyn Sink);
        for sink in callers.chain(files) {
            let paths = sink.finish(&self.report)?;
            add_outputs(&mut self.report, paths);
        }
        Ok(self.report)
    }

    fn each_sink(&mut self, mut work: impl FnMut(&mut dyn Sink) -> Result<()>) -> Result<()> {
        for sink in &mut self.files {
            work(&mut **sink)?;
        }
        self.setting
            .sinks
            .iter_mut()
            .try_for_each(|sink| work(&mut **sink))
    }

    /// Publishes the results of `stage` through the sinks, if the inputs have not changed.
    fn publish(&mut self, stage: Stage) -> Result<()> {
        self.go_on()?;
        self.inputs.check(&*self.study.source)?;
        let mut paths = Vec::new();
        self.each_sink(|sink| {
            paths.extend(sink.publish(stage)?);
            Ok(())
        })?;
        add_outputs(&mut self.report, paths);
        Ok(())
    }

    fn say(&mut self, notes: &[String]) {
        say(notes, self.setting.observer, &mut self.report);
    }

    /// Fails if the run is to stop.
    fn go_on(&self) -> Result<()> {
        if self.setting.observer.is_cancelled() {
            return Err(Error::Interrupted);
        }
        Ok(())
    }

    /// Does the work of a stage, with progress and time.
    fn timed<T>(
        &mut self,
        stage: Stage,
        n_snps: Option<usize>,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let started = Instant::now();
        let n_snps = n_snps.map(|n| n as u64);
        self.setting.observer.on(Progress::Began { stage, n_snps });
        let result = work(self)?;
        self.setting.observer.on(Progress::Ended);
        // Checked here, not only at the end, because the next stage may take hours.
        self.inputs.check(&*self.study.source)?;
        self.report.add_time(stage, started.elapsed());
        Ok(result)
    }

    /// The only unit of a group.
    fn only_unit(&self, group: usize) -> WorkUnit {
        WorkUnit {
            kinship: self.study.scopes[0].clone(),
            group,
        }
    }

    /// Whether every chromosome is left out of the kinship in turn.
    fn leaves_out_every(&self) -> bool {
        let mut scopes = self.study.scopes.iter();
        self.study.scopes.len() > 1 && scopes.all(|scope| scope.left_out().is_some())
    }
}

/// Adds files that were written and have their final names.
fn add_outputs(report: &mut RunReport, paths: Vec<PathBuf>) {
    report
        .output_files
        .extend(paths.iter().map(|path| output(path)));
    report.outputs.extend(paths);
}

/// The message that no SNP passes the filters, with the reasons.
fn none_left(counts: &FilterCounts, purpose: &str) -> String {
    let excluded = |reason: &Exclusion| counts.excluded[*reason as usize];
    let reasons: Vec<String> = (Exclusion::ALL.iter())
        .filter(|reason| excluded(reason) > 0)
        .map(|reason| format!("{}: {}", excluded(reason), reason.label()))
        .collect();
    let total: usize = counts.excluded.iter().sum();
    format!(
        "no SNP is left {purpose}: the filters exclude all {total} ({})",
        reasons.join("; ")
    )
}

/// ` without chromosome CHR`, or nothing.
fn without(scope: &KinshipScope) -> String {
    scope.left_out().map_or_else(String::new, |one| {
        format!(" without chromosome {}", one.name)
    })
}
