//! `execute`: the computation of a prepared run, unit by unit.

mod association;
mod kinship;
mod null;

use super::inputs::InputFiles;
use super::inspection;
use super::prepare::{Prepared, Setting, Task, Unit, say};
use super::relatedness::Relatedness;
use super::study::Study;
use crate::eigen::Eigen;
use crate::error::{Error, Result};
use crate::genotype::{Exclusion, FilterCounts, Subset};
use crate::output::report::RunReport;
use crate::output::sink::Sink;
use crate::progress::{Progress, Stage};
use std::time::Instant;

/// A run in progress.
struct Execution<'a> {
    setting: Setting<'a>,
    study: Study,
    inputs: InputFiles,
    /// The sinks that write files.
    files: Vec<Box<dyn Sink>>,
    report: RunReport,
}

impl Prepared<'_> {
    /// Computes the results and passes them to the sinks; returns the report.
    ///
    /// A run that fails leaves no partial output under a final name.
    pub fn execute(self) -> Result<RunReport> {
        let header = self.header;
        if self.setting.observer.is_cancelled() {
            return Err(Error::Interrupted);
        }
        if let Some(files) = &self.files {
            files.create_directory()?;
        }
        let mut run = Execution {
            setting: self.setting,
            study: self.study,
            inputs: self.inputs,
            files: self.sinks,
            report: self.report,
        };
        let (task, units, started) = (self.task, self.units, self.started);
        self.pool.install(|| {
            run.each_sink(|sink| sink.begin(&header))?;
            for unit in units {
                run.unit(&task, unit)?;
            }
            if let Some(stage) = task.last_stage() {
                run.publish(stage)?;
            }
            run.close(&task, started)
        })
    }
}

impl Execution<'_> {
    fn unit(&mut self, task: &Task, unit: Unit) -> Result<()> {
        let Unit { unit, relatedness } = unit;
        match task {
            Task::Kinship(kind) => {
                let everybody = Subset::everybody(self.study.cohort.everybody.len());
                let kinship = self.computed_kinship(&unit, *kind, everybody)?;
                self.report.traits[0].filter = self.report.kinship_filter.unwrap_or_default();
                self.give_kinship(kinship).map(drop)
            }
            Task::Eigen => {
                self.count_snps_for_log(&unit, &relatedness)?;
                let eigen = self.eigen(&unit, relatedness)?;
                self.go_on()?;
                self.each_sink(|sink| sink.eigen(&unit, &eigen))
            }
            Task::Residuals(range) => {
                self.count_snps_for_log(&unit, &relatedness)?;
                let fitted = self.fitted(&unit, relatedness, *range, true)?;
                self.residuals(&unit, &fitted)
            }
            Task::Association { method, all_snps } => {
                self.association(&unit, relatedness, &**method, *all_snps)
            }
        }
    }

    /// The decomposition of the kinship of a unit's individuals.
    fn eigen(&mut self, unit: &crate::cohort::WorkUnit, of: Relatedness) -> Result<Eigen> {
        let (kinship, name) = match of {
            Relatedness::Unused => panic!("a unit whose kinship is decomposed has a kinship"),
            Relatedness::Eigen(eigen) => return Ok(eigen),
            Relatedness::Kinship { kinship, name } => (kinship, name),
            Relatedness::Computed { kind, save } => {
                let kinship = self.analysed_kinship(unit, kind, save)?;
                (kinship, "the computed kinship".to_owned())
            }
        };
        let eigen = self.timed(Stage::Eigendecomposition, None, |run| {
            let observer = run.setting.observer;
            let advance = |done| observer.on(Progress::Fraction(done));
            let is_cancelled = || observer.is_cancelled();
            let backend = run.setting.backend;
            backend.eigendecompose(kinship, &is_cancelled, &advance)
        })?;
        let mut notes = self.setting.backend.notes();
        let found = inspection::of_decomposition(&eigen, &name);
        notes.extend(found.iter().flatten().cloned());
        self.say(&notes);
        found.map(|_| eigen)
    }

    /// Finishes the run: the last notes, and the log.
    fn close(mut self, task: &Task, started: Instant) -> Result<RunReport> {
        let everybody;
        let whose = if let Task::Kinship(_) = task {
            everybody = Subset::everybody(self.study.cohort.everybody.len());
            &everybody
        } else {
            &self.study.cohort.groups[0].subset
        };
        if self.study.n_snps().is_none() {
            let counts = self.report.traits.iter().map(|of| of.filter.total());
            self.report.n_snps = counts.max().unwrap_or_default();
        }
        let note = self.study.uncalled_note(whose);
        self.say(note.as_slice());
        self.inputs.check()?;
        self.report.total_time = started.elapsed();
        let now = chrono::Local::now();
        self.report.date = now.format("%a %b %e %H:%M:%S %Y").to_string();
        // The log is the first of the files and the last to get its name: then the run has succeeded.
        let callers = self.setting.sinks.iter_mut().map(|sink| &mut **sink);
        let files = self.files.iter_mut().rev();
        let files = files.map(|sink| &mut **sink as &mut dyn Sink);
        let mut paths = Vec::new();
        for sink in callers.chain(files) {
            paths.extend(sink.finish(&self.report)?);
        }
        self.report.outputs.extend(paths);
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
        self.inputs.check()?;
        let mut paths = Vec::new();
        self.each_sink(|sink| {
            paths.extend(sink.publish(stage)?);
            Ok(())
        })?;
        self.report.outputs.extend(paths);
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
        self.inputs.check()?;
        self.report.times.push((stage, started.elapsed()));
        Ok(result)
    }
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
