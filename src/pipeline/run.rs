//! The stages of a run, in order.

mod association;
mod in_memory;
mod residuals;

use super::Observer;
use super::data::{FilesOnly, InMemory, Sink};
use super::job::{Analysis, Job, KinshipSource};
use super::plan::{MemoryPlan, Size, free_memory};
use super::study::Study;
use crate::backend::Backend;
use crate::eigen::{Eigen, SelectedEigen, read_eigen};
use crate::error::{Error, Result};
use crate::genotype::{Exclusion, FilterCounts, Individuals};
use crate::kinship::{Kinship, KinshipKind, KinshipLayout, check_readable, read_kinship};
use crate::lmm::{RotatedModel, fit_null};
use crate::output::file::OutputPlace;
use crate::output::log::LogReport;
use crate::output::matrix::{check_ids_are_free, write_ids, write_matrix, write_vector};
use std::path::PathBuf;
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
        .map_err(|e| Error::option("--threads", e.to_string(), "ask for fewer threads"))?;
    pool.install(|| {
        let started = Instant::now();
        let places = job.places.as_ref();
        let place = places
            .map(|places| OutputPlace::new(&places.directory, &places.prefix))
            .transpose()?;
        // Before the work: a run whose log cannot be written must not leave other files.
        let log_file = place.as_ref().map(|p| p.create("log.txt")).transpose()?;
        let log = LogReport {
            command: job.command.clone(),
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
            log,
            outputs: Vec::new(),
        };
        run.go()?;
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
        }
    }

    /// SNPs of a block; fails where the run cannot fit.
    fn plan_memory(&mut self, study: &Study) -> Result<usize> {
        let size = Size {
            everybody: study.cohort.everybody.len() as u64,
            analysed: study.cohort.analysed.len() as u64,
            snps: study.snps.len() as u64,
        };
        let plan = MemoryPlan::new(self.job, size, self.job.memory.or_else(free_memory));
        plan.check(self.job, size)?;
        self.log.memory = plan.summary();
        Ok(plan.block_snps as usize)
    }

    fn note(&mut self, text: &str) {
        self.observer.note(text);
        self.log.notes.push(text.to_owned());
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
        self.log.times.push((stage, started.elapsed()));
        Ok(result)
    }

    /// The kinship of the `wanted` individuals, from the genotypes.
    fn kinship(
        &mut self,
        study: &Study,
        kind: KinshipKind,
        wanted: Individuals,
    ) -> Result<Kinship> {
        self.timed("calculating relatedness matrix", |run| {
            run.observer.stage("kinship", Some(study.snps.len() as u64));
            let mut sum = run.backend.kinship_sum(kind, wanted)?;
            let mut counts = FilterCounts::default();
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
                let positions: Vec<usize> = kept.iter().map(|snp| snp.position).collect();
                sum.add(&block, &positions)?;
                run.observer.advance(block.len() as u64);
                blocks.recycle(block);
            }
            run.observer.done();
            check_some_snps_left(&counts, "for the kinship")?;
            run.log.kinship_filter = Some(counts);
            if matches!(run.job.analysis, Analysis::Kinship(_)) {
                run.log.filter = counts;
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
        let everybody = Individuals::everybody(study.cohort.everybody.len());
        self.reserve_kinship(study, kind)?;
        let kinship = self.kinship(study, kind, everybody)?;
        self.write_kinship(study, kind, &kinship)?;
        self.sink.kinship(kinship)
    }

    /// Fails now where the kinship of everybody cannot be written later.
    fn reserve_kinship(&self, study: &Study, kind: KinshipKind) -> Result<()> {
        let Some(place) = &self.place else {
            return Ok(());
        };
        let n = study.cohort.everybody.len() as u64;
        check_ids_are_free(
            place,
            kind.suffix(),
            self.job.format,
            &study.cohort.everybody,
        )?;
        place.check_room(self.job.format.bytes(n * n))?;
        place.create(&self.kinship_suffix(kind)).map(drop)
    }

    fn kinship_suffix(&self, kind: KinshipKind) -> String {
        format!("{}.{}", kind.suffix(), self.job.format.extension())
    }

    fn write_kinship(&mut self, study: &Study, kind: KinshipKind, kinship: &Kinship) -> Result<()> {
        let Some(place) = &self.place else {
            return Ok(());
        };
        self.go_on()?;
        let file = place.create(&self.kinship_suffix(kind))?;
        self.observer.stage("writing the kinship", None);
        let matrix = write_matrix(file, &kinship.matrix, self.job.format)?;
        let ids = write_ids(place, kind.suffix(), &study.cohort.everybody)?;
        self.outputs.extend([matrix, ids]);
        self.observer.done();
        Ok(())
    }

    /// The eigendecomposition that the job asks for.
    fn eigen(&mut self, study: &Study) -> Result<Eigen> {
        let analysed = &study.cohort.analysed;
        let kinship = match &self.job.kinship {
            KinshipSource::Eigen { values, vectors } => {
                let (eigen, notes) = read_eigen(values, vectors, &study.cohort.analysed_ids())?;
                notes.iter().for_each(|note| self.note(note));
                return Ok(eigen);
            }
            KinshipSource::File(path, layout) => self.read_kinship(study, path, *layout)?,
            KinshipSource::InMemory => self.given_kinship(study)?,
            KinshipSource::EigenInMemory => match self.given_eigen(study)? {
                SelectedEigen::Same(eigen) => return Ok(eigen),
                SelectedEigen::Kinship(kinship) => kinship,
            },
            KinshipSource::Genotypes(kind) if self.job.save_kinship => {
                self.reserve_kinship(study, *kind)?;
                let whole = self.kinship(
                    study,
                    *kind,
                    Individuals::everybody(study.cohort.everybody.len()),
                )?;
                self.write_kinship(study, *kind, &whole)?;
                whole.subset(analysed.positions())
            }
            KinshipSource::Genotypes(kind) => self.kinship(study, *kind, analysed.clone())?,
        };
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
        if eigen.n_zero > 1 {
            self.note(&format!(
                "Matrix G has {} eigenvalues close to zero",
                eigen.n_zero
            ));
        }
        if eigen.most_negative < -1e-8 {
            self.note(&format!(
                "the kinship has negative eigenvalues, down to {:.6}: they count as 0, as in GEMMA; check that the file is a kinship",
                eigen.most_negative
            ));
        }
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

    fn write_eigen(&mut self, study: &Study) -> Result<()> {
        let (format, n) = (self.job.format, study.cohort.y.len() as u64);
        let analysed = study.cohort.analysed_ids();
        let Some(place) = self.place.clone() else {
            return self.eigen(study).map(drop);
        };
        check_ids_are_free(&place, "eigenU", format, &analysed)?;
        place.check_room(format.bytes(n * n))?;
        let suffix = |stem: &str| format!("{stem}.{}", format.extension());
        let values = place.create(&suffix("eigenD"))?;
        let vectors = place.create(&suffix("eigenU"))?;
        self.count_snps(study)?;
        let eigen = self.eigen(study)?;
        self.go_on()?;
        let values = write_vector(values, &eigen.values, format)?;
        let vectors = write_matrix(vectors, &eigen.vectors, format)?;
        let ids = write_ids(&place, "eigenU", &analysed)?;
        self.outputs.extend([values, vectors, ids]);
        Ok(())
    }

    /// Rotates phenotype and covariates and fits the null model.
    fn model(&mut self, study: &Study) -> Result<RotatedModel> {
        let eigen = self.eigen(study)?;
        let cohort = &study.cohort;
        let model = self.timed("calculating UtX", |_| {
            RotatedModel::new(eigen, &cohort.y, cohort.design.w.as_ref())
        })?;
        self.log.null = Some(fit_null(&model, self.job.range)?);
        Ok(model)
    }
}

fn check_some_snps_left(counts: &FilterCounts, purpose: &str) -> Result<()> {
    if counts.kept > 0 {
        return Ok(());
    }
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
    Err(Error::degenerate(
        format!(
            "no SNP is left {purpose}: of {total} in the .bim, {}",
            reasons.join(", ")
        ),
        "loosen -maf, -miss, -hwe or -r2, or check the -snps list",
    ))
}
