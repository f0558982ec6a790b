//! The stages of a run, in order.

mod association;
mod closing;
mod in_memory;
mod inspection;
mod matrices;
mod residuals;

use super::Observer;
use super::data::{FilesOnly, InMemory, Sink};
use super::inputs::Inputs;
use super::job::{Analysis, Job, KinshipSource};
use super::memory::budget;
use super::plan::{MemoryPlan, Size};
use super::study::Study;
use crate::backend::Backend;
use crate::eigen::{Eigen, SelectedEigen, read_eigen};
use crate::error::{Error, Result, escaped, shown};
use crate::genotype::{Exclusion, FilterCounts, Subset};
use crate::kinship::{Kinship, KinshipKind, KinshipLayout, check_readable, read_kinship};
use crate::null::{FittedGroup, FittedTrait, TraitModel, fit_null};
use crate::output::file::OutputPlace;
use crate::output::log::LogReport;
use crate::rotation::{RotatedDesign, Rotation};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// What a run did and wrote.
#[derive(Debug, Clone)]
pub struct Report {
    /// The numbers of the log.
    pub log: LogReport,
    /// Files written, the log last.
    pub outputs: Vec<PathBuf>,
}

/// A run under way.
struct Run<'a> {
    job: &'a Job,
    data: InMemory,
    backend: &'a dyn Backend,
    observer: &'a dyn Observer,
    sink: &'a mut dyn Sink,
    /// `None` where nothing is written.
    place: Option<OutputPlace>,
    inputs: Inputs,
    log: LogReport,
    outputs: Vec<PathBuf>,
}

/// Runs `job` on `backend` in a thread pool of its own.
///
/// Fails before the work where that can be known; a failed run leaves no half file under a final name.
pub fn run(job: &Job, backend: &dyn Backend, observer: &dyn Observer) -> Result<Report> {
    run_with(job, InMemory::default(), backend, observer, &mut FilesOnly)
}

/// As [`run`], with inputs that are in memory, and results that go to `sink` too.
pub fn run_with(
    job: &Job,
    data: InMemory,
    backend: &dyn Backend,
    observer: &dyn Observer,
    sink: &mut dyn Sink,
) -> Result<Report> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(job.threads)
        .thread_name(|i| format!("jamma-{i}"))
        .build()
        .map_err(|reason| Error::threads(job.threads, &reason))?;
    pool.install(|| {
        let started = Instant::now();
        let inputs = Inputs::of(job, &data);
        inputs.check_outputs(job)?;
        let places = job.places.as_ref();
        let place = places
            .map(|places| OutputPlace::new(&places.directory, &places.prefix))
            .transpose()?;
        // Before the work: a run whose log cannot be written must not leave other files.
        let log_file = place.as_ref().map(|p| p.create("log.txt")).transpose()?;
        let log = LogReport {
            command: escaped(&job.command),
            backend: backend.name().to_owned(),
            threads: job.threads,
            ..LogReport::default()
        };
        let mut run = Run {
            job,
            data,
            backend,
            observer,
            sink,
            place,
            inputs,
            log,
            outputs: Vec::new(),
        };
        run.go()?;
        run.inputs.check()?;
        run.log.total_time = started.elapsed();
        run.log.date = chrono::Local::now()
            .format("%a %b %e %H:%M:%S %Y")
            .to_string();
        if let Some(log_file) = log_file {
            run.outputs.push(run.log.write(log_file)?);
        }
        Ok(Report {
            log: run.log,
            outputs: run.outputs,
        })
    })
}

impl Run<'_> {
    fn go(&mut self) -> Result<()> {
        match &self.job.kinship {
            KinshipSource::File(path, _) => check_readable(path)?,
            KinshipSource::Eigen { values, vectors } => {
                check_readable(values)?;
                check_readable(vectors)?;
            }
            KinshipSource::Genotypes(_)
            | KinshipSource::InMemory
            | KinshipSource::EigenInMemory => {}
        }
        let mut notes = self.job.notes.clone();
        let mut study = Study::read(self.job, &mut self.data, &mut notes)?;
        study.block_snps = self.plan_memory(&study)?;
        notes.iter().for_each(|note| self.note(note));
        self.log.ledger = study.cohort.ledger;
        self.log.n_covariates = study.cohort.design.c();
        self.log.n_snps = study.snps.len();
        match self.job.analysis {
            Analysis::Kinship(kind) => self.write_kinship_of_everybody(&study, kind),
            Analysis::Eigen => self.write_eigen(&study),
            Analysis::Residuals => self.write_residuals(&study),
            Analysis::Association(tests) => self.write_association(&study, tests),
        }?;
        self.close(&study);
        Ok(())
    }

    /// SNPs of a block; fails where the run cannot fit.
    fn plan_memory(&mut self, study: &Study) -> Result<usize> {
        let size = Size {
            everybody: study.cohort.everybody.len() as u64,
            analysed: study.cohort.analysed.len() as u64,
            snps: study.snps.len() as u64,
        };
        let plan = MemoryPlan::new(self.job, size, budget(self.job));
        plan.check(self.job, size)?;
        self.log.memory = plan.summary();
        Ok(plan.block_snps as usize)
    }

    fn note(&mut self, text: &str) {
        let text = shown(text);
        self.observer.note(&text);
        self.log.notes.push(text);
    }

    /// Fails where the run is to stop.
    fn go_on(&self) -> Result<()> {
        if self.observer.is_cancelled() {
            return Err(Error::Interrupted);
        }
        Ok(())
    }

    /// Times a stage under GEMMA's name for it.
    fn timed<T>(
        &mut self,
        stage: &'static str,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let started = Instant::now();
        let result = work(self)?;
        // Soon, not after the hours that may follow.
        self.inputs.check()?;
        self.log.times.push((stage, started.elapsed()));
        Ok(result)
    }

    /// The kinship of the `wanted` individuals, from the genotypes.
    fn kinship(&mut self, study: &Study, kind: KinshipKind, wanted: Subset) -> Result<Kinship> {
        self.timed("calculating relatedness matrix", |run| {
            run.observer.stage("kinship", Some(study.snps.len() as u64));
            let mut sum = run.backend.kinship_sum(kind, wanted)?;
            let mut counts = FilterCounts::default();
            let mut used = vec![false; study.snps.len()];
            let mut blocks = study.blocks()?;
            while let Some(block) = blocks.next_block() {
                run.go_on()?;
                let block = block?;
                let kept = study.passing(
                    &block,
                    &study.kinship_filter,
                    &study.kinship_qc,
                    &mut counts,
                );
                let snp_indices: Vec<usize> = kept.iter().map(|snp| snp.snp_index).collect();
                snp_indices
                    .iter()
                    .for_each(|&snp_index| used[snp_index] = true);
                sum.add(&block, &snp_indices)?;
                run.observer.advance(block.len() as u64);
                blocks.recycle(block);
            }
            run.observer.done();
            check_some_snps_left(&counts, "for the kinship")?;
            run.log.kinship_filter = Some(counts);
            if matches!(run.job.analysis, Analysis::Kinship(_)) {
                run.log.filter = counts;
            }
            while sum.needs_another_pass()? {
                run.add_again(study, &used, &mut *sum)?;
            }
            sum.finish()
        })
    }

    /// Counts the SNPs that pass, for runs that test none.
    fn count_snps(&mut self, study: &Study) -> Result<()> {
        let mut counts = FilterCounts::default();
        let mut blocks = study.blocks()?;
        while let Some(block) = blocks.next_block() {
            self.go_on()?;
            let block = block?;
            study.passing(&block, &study.filter, &study.cohort.analysed, &mut counts);
            blocks.recycle(block);
        }
        self.log.filter = counts;
        Ok(())
    }

    fn write_kinship_of_everybody(&mut self, study: &Study, kind: KinshipKind) -> Result<()> {
        let everybody = Subset::everybody(study.cohort.everybody.len());
        self.reserve_kinship(study, kind)?;
        let kinship = self.kinship(study, kind, everybody)?;
        self.write_kinship(study, kind, &kinship)?;
        self.sink.kinship(kinship)
    }

    /// The eigendecomposition that the job asks for.
    fn eigen(&mut self, study: &Study) -> Result<Eigen> {
        let analysed = &study.cohort.analysed;
        let kinship = match &self.job.kinship {
            KinshipSource::Eigen { values, vectors } => {
                let (eigen, notes) = read_eigen(values, vectors, &study.cohort.analysed_ids())?;
                notes.iter().for_each(|note| self.note(note));
                self.inspect_eigenvalues(&eigen, values)?;
                return Ok(eigen);
            }
            KinshipSource::File(path, layout) => self.read_kinship(study, path, *layout)?,
            KinshipSource::InMemory => self.given_kinship(study)?,
            KinshipSource::EigenInMemory => match self.given_eigen(study)? {
                SelectedEigen::Same(eigen) => {
                    self.inspect_eigenvalues(&eigen, std::path::Path::new("eigen"))?;
                    return Ok(eigen);
                }
                SelectedEigen::Kinship(kinship) => kinship,
            },
            KinshipSource::Genotypes(kind) if self.job.save_kinship => {
                self.reserve_kinship(study, *kind)?;
                let whole = self.kinship(
                    study,
                    *kind,
                    Subset::everybody(study.cohort.everybody.len()),
                )?;
                self.write_kinship(study, *kind, &whole)?;
                whole.subset(analysed.rows())?
            }
            KinshipSource::Genotypes(kind) => self.kinship(study, *kind, analysed.clone())?,
        };
        self.inspect(&kinship, analysed, study)?;
        let eigen = self.timed("eigen-decomposition", |run| {
            run.observer.stage("eigendecomposition", None);
            let observer = run.observer;
            let is_cancelled = || observer.is_cancelled();
            let advance = |share| observer.share(share);
            let eigen = run
                .backend
                .eigendecompose(kinship, &is_cancelled, &advance)?;
            run.observer.done();
            Ok(eigen)
        })?;
        for note in self.backend.notes() {
            self.note(&note);
        }
        self.inspect_decomposition(&eigen)?;
        Ok(eigen)
    }

    fn read_kinship(
        &mut self,
        study: &Study,
        path: &std::path::Path,
        layout: KinshipLayout,
    ) -> Result<Kinship> {
        self.observer.stage("reading the kinship", None);
        let (kinship, notes) = read_kinship(
            path,
            layout,
            &study.cohort.everybody,
            &study.cohort.analysed,
        )?;
        self.observer.done();
        notes.iter().for_each(|note| self.note(note));
        Ok(kinship)
    }

    /// Rotates phenotype and covariates and fits the null model.
    fn fitted(&mut self, study: &Study) -> Result<FittedGroup> {
        let eigen = self.eigen(study)?;
        let cohort = &study.cohort;
        let model = self.timed("calculating UtX", |_| {
            let rotation = Arc::new(Rotation::new(eigen, cohort.analysed.clone()));
            let design = Arc::new(RotatedDesign::new(&rotation, cohort.design.w.as_ref())?);
            TraitModel::new(&rotation, &design, &cohort.y)
        })?;
        let null = fit_null(&model, self.job.range)?;
        self.note_ends(&null, &model);
        self.log.null = Some(null.clone());
        let name = self.job.study.phenotype.to_string();
        Ok(FittedGroup::new(vec![FittedTrait { name, model, null }]))
    }
}

fn check_some_snps_left(counts: &FilterCounts, purpose: &str) -> Result<()> {
    if counts.kept > 0 {
        return Ok(());
    }
    Err(Error::degenerate(
        none_left(counts, purpose),
        "loosen -maf, -miss, -hwe or -r2, or check the list of SNPs",
    ))
}

/// That no SNP passes the filters, and why.
fn none_left(counts: &FilterCounts, purpose: &str) -> String {
    let reasons: Vec<String> = Exclusion::ALL
        .iter()
        .filter(|&&reason| counts.excluded[reason as usize] > 0)
        .map(|&reason| {
            format!(
                "{} left out for {}",
                counts.excluded[reason as usize],
                reason.label()
            )
        })
        .collect();
    let total: usize = counts.excluded.iter().sum();
    format!(
        "no SNP is left {purpose}: of {total} in the .bim, {}",
        reasons.join(", ")
    )
}
