//! `prepare`: everything before the computation, including all checks of inputs and outputs.

use super::inputs::InputFiles;
use super::job::{Analysis, Association, GenotypeInput, Job, KinshipInput, Machine};
use super::plan::{MemoryPlan, Size};
use super::relatedness::{Relatedness, check_files};
use super::study::Study;
use super::traits::TraitInputs;
use crate::backend::Backend;
use crate::cohort::{KinshipScope, Ledger, WorkUnit};
use crate::error::{Error, Result, escaped, shown};
use crate::kinship::KinshipKind;
use crate::method::Method;
use crate::null::LambdaRange;
use crate::output::files::OutputFiles;
use crate::output::report::{RunReport, TraitReport};
use crate::output::sink::{Products, RunHeader, Sink, UnitHeader};
use crate::progress::{Observer, Progress, Stage};
use crate::sources::{BedSource, GenotypeSource, plink_files};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// A run that is ready to be computed. Nothing has been written yet, not even a directory.
pub struct Prepared<'a> {
    pub(super) setting: Setting<'a>,
    pub(super) task: Task,
    pub(super) study: Study,
    pub(super) units: Vec<Unit>,
    pub(super) header: RunHeader,
    pub(super) files: Option<OutputFiles>,
    /// The sinks that write them.
    pub(super) sinks: Vec<Box<dyn Sink>>,
    pub(super) inputs: InputFiles,
    pub(super) report: RunReport,
    pub(super) started: Instant,
    pub(super) pool: ThreadPool,
    plan: MemoryPlan,
}

/// The backend, the observer, and the caller's sinks of a run.
pub struct Setting<'a> {
    /// Does the dense arithmetic.
    pub backend: &'a dyn Backend,
    /// Receives the progress of the run.
    pub observer: &'a dyn Observer,
    /// Sinks that receive the results in addition to the files of the job.
    pub sinks: Vec<&'a mut dyn Sink>,
}

impl<'a> Setting<'a> {
    /// A setting in which the results go only to the files of the job.
    #[must_use]
    pub fn new(backend: &'a dyn Backend, observer: &'a dyn Observer) -> Self {
        Self {
            backend,
            observer,
            sinks: Vec::new(),
        }
    }
}

/// The computation that remains once the inputs are read.
pub(super) enum Task {
    Kinship(KinshipKind),
    Eigen,
    Residuals(LambdaRange),
    Association {
        method: Arc<dyn Method>,
        all_snps: bool,
    },
}

impl Task {
    /// The stage that gives the results which are complete after the last unit; a kinship is published at once.
    pub(super) fn last_stage(&self) -> Option<Stage> {
        match self {
            Self::Kinship(_) => None,
            Self::Eigen => Some(Stage::Eigendecomposition),
            Self::Residuals(_) => Some(Stage::NullModel),
            Self::Association { .. } => Some(Stage::Association),
        }
    }
}

/// A unit of work with its kinship, as far as it is known.
pub(super) struct Unit {
    pub(super) unit: WorkUnit,
    pub(super) relatedness: Relatedness,
}

/// Reads and checks the inputs of `job`, determines the individuals and SNP filters, plans the memory and checks the outputs.
///
/// Fails if an input is missing, malformed or inconsistent, if nothing is left to analyse, if the memory does not suffice, or if
/// an output cannot be written.
pub fn prepare(job: Job, setting: Setting<'_>) -> Result<Prepared<'_>> {
    let started = Instant::now();
    let pool = pool(job.machine)?;
    let inputs = InputFiles::of(&job);
    let products = job.analysis.products();
    let sinks = job.files.as_ref().map(|files| files.sinks(&products));
    let sinks = sinks.unwrap_or_default();
    let written = sinks.iter().flat_map(|sink| sink.paths());
    let by_caller = setting.sinks.iter().flat_map(|sink| sink.paths());
    inputs.check_outputs(written.chain(by_caller).collect())?;
    if let Some(files) = &job.files {
        files.check_directory()?;
    }
    job.analysis.check(setting.backend)?;
    if let Some(kinship) = job.analysis.kinship() {
        check_files(kinship)?;
    }
    let (machine, files) = (job.machine, job.files.clone());
    let mut report = RunReport {
        command: escaped(&job.command),
        backend: setting.backend.name().to_owned(),
        threads: machine.threads,
        ..RunReport::default()
    };
    let (analysis, mut study, notes) = pool.install(|| read_study(job))?;
    let size = size(&study, &products, &setting);
    let plan = MemoryPlan::new(&analysis, machine, setting.backend, size)?;
    plan.check(machine, size)?;
    study.block_snps = plan.block_snps as usize;
    begin_report(&mut report, &analysis, &study, &plan);
    say(&notes, setting.observer, &mut report);
    let header = header(products, &study, &analysis);
    check_sinks(&sinks, &setting, &header)?;
    let (task, kinship) = split(analysis);
    let mut notes = Vec::new();
    let units = pool.install(|| units(kinship, &study, &header, setting.observer, &mut notes))?;
    say(&notes, setting.observer, &mut report);
    inputs.check()?;
    Ok(Prepared {
        setting,
        task,
        study,
        units,
        header,
        files,
        sinks,
        inputs,
        report,
        started,
        pool,
        plan,
    })
}

impl Prepared<'_> {
    /// The memory that each stage will need.
    #[must_use]
    pub fn plan(&self) -> &MemoryPlan {
        &self.plan
    }

    /// The description of the results, known before they are computed.
    #[must_use]
    pub fn header(&self) -> &RunHeader {
        &self.header
    }
}

fn begin_report(report: &mut RunReport, analysis: &Analysis, study: &Study, plan: &MemoryPlan) {
    report.memory = plan.summary();
    report.n_snps = study.n_snps().unwrap_or_default();
    report.has_own_kinship_list = !matches!(analysis, Analysis::Kinship(_));
    report.traits = traits(study);
}

/// The results to come: one unit of work for each group of traits.
fn header(products: Products, study: &Study, analysis: &Analysis) -> RunHeader {
    let cohort = &study.cohort;
    let scope = match analysis {
        Analysis::Association(association) if association.kinship.is_none() => KinshipScope::None,
        _ => KinshipScope::Genome,
    };
    let units = cohort.groups.iter().enumerate();
    let units = units.map(|(number, group)| UnitHeader {
        unit: WorkUnit {
            kinship: scope.clone(),
            group: number,
            traits: group.traits.iter().map(|one| one.name.clone()).collect(),
        },
        analysed: cohort.analysed(group).into(),
    });
    RunHeader {
        products,
        everybody: cohort.everybody.as_slice().into(),
        units: units.collect(),
        n_snps: study.n_snps(),
    }
}

/// Fails if a sink could not take the results.
fn check_sinks(files: &[Box<dyn Sink>], setting: &Setting<'_>, run: &RunHeader) -> Result<()> {
    files.iter().try_for_each(|sink| sink.check(run))?;
    setting.sinks.iter().try_for_each(|sink| sink.check(run))
}

fn pool(machine: Machine) -> Result<ThreadPool> {
    ThreadPoolBuilder::new()
        .num_threads(machine.threads)
        .thread_name(|i| format!("jamma-{i}"))
        .build()
        .map_err(|reason| Error::threads(machine.threads, &reason))
}

/// Opens the genotypes and joins the traits with their individuals; also returns notes for the user.
fn read_study(job: Job) -> Result<(Analysis, Study, Vec<String>)> {
    let mut notes = job.notes;
    let traits = |fam| TraitInputs {
        phenotype: job.phenotype,
        covariates: job.covariates,
        fam,
    };
    let (source, cohort): (Arc<dyn GenotypeSource>, _) = match job.genotypes {
        GenotypeInput::Source(source) => {
            let everybody = source.individuals();
            let cohort = traits(None).read(&job.analysis, everybody, &mut notes)?;
            (source, cohort)
        }
        GenotypeInput::Plink(prefix) => {
            let source = BedSource::open(&prefix)?;
            let [.., fam] = plink_files(&prefix);
            let of_fam: (&Path, _) = (&fam, source.fam());
            let everybody = source.individuals();
            let cohort = traits(Some(of_fam)).read(&job.analysis, everybody, &mut notes)?;
            (Arc::new(source), cohort)
        }
    };
    let study = Study::new(source, cohort, &job.filter, &job.analysis, &mut notes)?;
    Ok((job.analysis, study, notes))
}

fn size(study: &Study, products: &Products, setting: &Setting<'_>) -> Size {
    let groups = || study.cohort.groups.iter();
    let n_columns = products.columns.as_ref().map_or(0, Vec::len);
    let sinks = setting.sinks.iter();
    let row_bytes: u64 = sinks.map(|sink| sink.bytes_per_row(n_columns)).sum();
    let n_traits: usize = groups().map(|group| group.traits.len()).sum();
    Size {
        everybody: study.cohort.everybody.len() as u64,
        analysed: groups().map(|group| group.subset.len()).max().unwrap_or(0) as u64,
        snps: study.n_snps().map(|n| n as u64),
        encoding: study.source.encoding(),
        row_bytes: row_bytes * n_traits as u64,
        traits: n_traits as u64,
    }
}

/// The initial reports of the traits; for a run without a trait, one report on its individuals.
fn traits(study: &Study) -> Vec<TraitReport> {
    let mut reports = Vec::new();
    for group in &study.cohort.groups {
        let report = |name: &str, ledger| TraitReport {
            name: name.to_owned(),
            ledger,
            n_covariates: group.design.c(),
            ..TraitReport::default()
        };
        let of_traits = group.traits.iter();
        reports.extend(of_traits.map(|one| report(&one.name, one.ledger)));
        if group.traits.is_empty() {
            let everybody = Ledger {
                total: group.subset.n_total(),
                analysed: group.subset.len(),
                ..Ledger::default()
            };
            reports.push(report("", everybody));
        }
    }
    reports
}

/// Passes notes to the observer and adds them to the report.
pub(super) fn say(notes: &[String], observer: &dyn Observer, report: &mut RunReport) {
    for note in notes {
        let text = shown(note);
        observer.on(Progress::Note(&text));
        report.notes.push(text);
    }
}

/// Splits an analysis into the computation and its kinship input.
fn split(analysis: Analysis) -> (Task, Option<KinshipInput>) {
    match analysis {
        Analysis::Kinship(kinship) => (Task::Kinship(kinship.kind), None),
        Analysis::Eigen(kinship) => (Task::Eigen, Some(kinship)),
        Analysis::Residuals { kinship, range } => (Task::Residuals(range), Some(kinship)),
        Analysis::Association(Association {
            kinship,
            method,
            all_snps,
        }) => (Task::Association { method, all_snps }, kinship),
    }
}

/// The units of work with their kinships, which are read.
fn units(
    kinship: Option<KinshipInput>,
    study: &Study,
    header: &RunHeader,
    observer: &dyn Observer,
    notes: &mut Vec<String>,
) -> Result<Vec<Unit>> {
    let cohort = &study.cohort;
    let inputs = std::iter::repeat_n(kinship, header.units.len());
    let units = header.units.iter().zip(inputs).map(|(of, input)| {
        let group = &cohort.groups[of.unit.group];
        let read = |input| Relatedness::read(input, cohort, group, observer, notes);
        Ok(Unit {
            relatedness: input.map_or(Ok(Relatedness::Unused), read)?,
            unit: of.unit.clone(),
        })
    });
    units.collect()
}
