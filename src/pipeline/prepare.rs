//! `prepare`: everything before the computation, including all checks of inputs and outputs.

use super::check::check_of_one;
use super::first_report::{begin_report, new_report, report_copies, report_failed};
use super::header::{header, unknown_study};
use super::individuals::FileIndividuals;
use super::inputs::InputFiles;
use super::job::{Analysis, Association, Job, KinshipInput, Machine};
use super::memory_check::MemoryCheck;
use super::parts::Elsewhere;
use super::plan::{LocoPlan, MemoryPlan};
use super::read::{ReadStudy, read_study};
use super::relatedness::{Relatedness, check_files};
use super::role::{Role, check_divisible};
use super::second_kinship::{SecondKinship, second_size};
use super::selection::Loco;
use super::size::Size;
use super::stepwise::Stepwise;
use super::study::Study;
use crate::backend::Backend;
use crate::eigen::cache::EigenCache;
use crate::error::{Error, Result, escaped, shown};
use crate::genotype::Coding;
use crate::kinship::{Inspection, KinshipKind};
use crate::method::Method;
use crate::null::LambdaRange;
use crate::output::files::OutputFiles;
use crate::output::report::RunReport;
use crate::output::sink::{Products, RunHeader, Sink};
use crate::permutation::PermutationOptions;
use crate::progress::{Observer, Progress, Stage};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::Arc;
use std::time::Instant;

/// A run that is ready to be computed. Nothing has been written yet, not even a directory.
pub struct Prepared<'a> {
    pub(super) setting: Setting<'a>,
    pub(super) task: Task,
    pub(super) study: Study,
    /// The kinship of each group of traits, as far as it is known.
    pub(super) relatedness: Vec<Relatedness>,
    /// The second kinship.
    pub(super) second_kinship: Option<SecondKinship>,
    pub(super) loco: LocoPlan,
    pub(super) permutations: Option<PermutationOptions>,
    pub(super) fail_fast: bool,
    /// The forward selection of SNPs, if there is one.
    pub(super) stepwise: Option<Stepwise>,
    /// Whether odds ratios are added to the effects.
    pub(super) odds: bool,
    /// Whether the effective number of tests is computed.
    pub(super) effective_tests: bool,
    pub(super) cache: Option<EigenCache>,
    pub(super) header: RunHeader,
    pub(super) files: Option<OutputFiles>,
    /// The sinks that write them.
    pub(super) sinks: Vec<Box<dyn Sink>>,
    pub(super) inputs: InputFiles,
    pub(super) report: RunReport,
    pub(super) started: Instant,
    pub(super) pool: ThreadPool,
    /// The number of notes before the kinship was read.
    pub(super) n_notes_before: usize,
    /// The kinship of a worker, which reads it when it needs it, and the individuals of the genotype files.
    pub(super) unread: Option<(KinshipInput, FileIndividuals)>,
    /// The memory that each stage will need.
    pub(super) memory: MemoryCheck,
}

/// The backend, the observer, and the caller's sinks of a run.
pub struct Setting<'a> {
    /// Does the dense arithmetic.
    pub backend: &'a dyn Backend,
    /// Receives the progress of the run.
    pub observer: &'a dyn Observer,
    /// Sinks that receive the results in addition to the files of the job.
    pub sinks: Vec<&'a mut dyn Sink>,
    /// Where the results come from, if they are computed elsewhere.
    pub elsewhere: Option<&'a mut dyn Elsewhere>,
    /// What this process does of the run.
    pub role: Role,
}

impl<'a> Setting<'a> {
    /// A setting in which the results go only to the files of the job.
    #[must_use]
    pub fn new(backend: &'a dyn Backend, observer: &'a dyn Observer) -> Self {
        Self {
            backend,
            observer,
            sinks: Vec::new(),
            elsewhere: None,
            role: Role::Whole,
        }
    }
}

/// The computation that remains once the inputs are read.
pub(super) enum Task {
    Kinship(KinshipKind),
    Eigen,
    Residuals(LambdaRange),
    Association(Testing),
}

/// The tests of SNPs that remain once the inputs are read.
pub(super) struct Testing {
    pub(super) method: Arc<dyn Method>,
    /// The coding of the genotypes in the model.
    pub(super) coding: Coding,
    pub(super) all_snps: bool,
}

impl Task {
    /// The stage that gives the results which are complete after the last unit; a kinship is published at once.
    pub(super) fn last_stage(&self) -> Option<Stage> {
        match self {
            Self::Kinship(_) => None,
            Self::Eigen => Some(Stage::Eigendecomposition),
            Self::Residuals(_) => Some(Stage::NullModel),
            Self::Association(_) => Some(Stage::Association),
        }
    }
}

/// Reads and checks the inputs of `job`, determines the individuals and SNP filters, plans the memory and checks the outputs.
///
/// Fails if an input is missing, malformed or inconsistent, if nothing is left to analyse, if the memory does not suffice, or if
/// an output cannot be written.
#[allow(
    clippy::too_many_lines,
    reason = "the steps of the preparation, in their order"
)]
pub fn prepare(job: Job, setting: Setting<'_>) -> Result<Prepared<'_>> {
    let started = Instant::now();
    let pool = pool(job.machine)?;
    let inputs = InputFiles::of(&job);
    job.check_tables()?;
    check_files_to_write(&job, &inputs, &setting)?;
    job.check(setting.backend)?;
    if setting.role != Role::Whole || setting.elsewhere.is_some() {
        check_divisible(&job, setting.backend.name() == "rust")?;
    }
    check_files(&job)?;
    let (machine, files) = (job.machine, job.files.clone());
    let fail_fast = job.traits.fail_fast;
    let (permutations, odds) = (job.permutations, job.odds);
    let effective_tests = job.effective_tests;
    let cache = job.eigen_cache.clone().map(EigenCache::new);
    let mut report = new_report(&job, setting.backend.name());
    let ReadStudy {
        analysis,
        second_kinship,
        mut study,
        individuals,
        counted_allele,
        failed,
        are_several,
        conditioned_on,
        stepwise,
        mut notes,
    } = pool.install(|| read_study(job))?;
    if !are_several {
        check_of_one(files.as_ref().is_some_and(|of| of.is_long), fail_fast)?;
    }
    // The columns of a method may depend on the study.
    let products = analysis.products_with(odds, stepwise.is_some());
    let header = header(products, &study, are_several);
    let sinks = files.as_ref().map(|files| files.sinks(&header));
    let sinks = sinks.transpose()?.unwrap_or_default();
    check_outputs(&inputs, &sinks, &setting)?;
    let row_bytes = row_bytes(&header.products, &setting, &sinks);
    let mut size = Size::of(&study, &header.products, row_bytes);
    size.second_kinship = second_size(second_kinship.is_some(), &study);
    size.permutations = permutations.map_or(0, |options| options.count as u64);
    let threads = effective_tests.then_some(machine.threads as u64);
    size.diagnostics = size.diagnostics_bytes(&header.products, threads);
    if adds_elsewhere(&analysis, setting.role) {
        size.chromosomes = 0;
    }
    let plan = MemoryPlan::new(&analysis, machine, setting.backend, size)?;
    if setting.elsewhere.is_some() && files.as_ref().is_some_and(|of| of.has_report) {
        notes.push(NO_KINSHIP_IN_REPORT.into());
    }
    if checks_memory(&analysis, &setting) {
        plan.check(machine, size)?;
    }
    study.block_snps = plan.block_snps as usize;
    report.are_several = are_several;
    report.conditioned_on = conditioned_on;
    report.counted_allele = escaped(&counted_allele);
    begin_report(&mut report, &analysis, &study, &plan);
    report_failed(failed, &mut report, &mut notes);
    say(&notes, setting.observer, &mut report);
    check_sinks(&sinks, &setting, &header)?;
    let (task, kinship) = split(analysis);
    let mut found = Inspection::default();
    let observer = setting.observer;
    let left_out = report.left_out.as_deref();
    let cohort = &study.cohort;
    let n_notes_before = report.notes.len();
    let (kinship, unread) = read_now(kinship, &setting);
    let read = || {
        Relatedness::read_all(
            kinship,
            cohort,
            &individuals,
            left_out,
            observer,
            &mut found,
        )
    };
    let relatedness = pool.install(read)?;
    let read = |input| SecondKinship::read(input, &study, &individuals, observer, &mut found);
    let second_kinship = pool.install(|| second_kinship.map(read).transpose())?;
    say(&found.notes, setting.observer, &mut report);
    report_copies(&found, &study, &mut report);
    inputs.check(&*study.source)?;
    Ok(Prepared {
        setting,
        task,
        study,
        relatedness,
        second_kinship,
        loco: plan.loco,
        permutations,
        fail_fast,
        stepwise,
        odds,
        effective_tests,
        cache,
        header,
        files,
        sinks,
        inputs,
        report,
        started,
        pool,
        n_notes_before,
        unread: unread.map(|kinship| (kinship, individuals)),
        memory: MemoryCheck {
            plan,
            machine,
            size,
        },
    })
}

/// A note on a report of results that were computed elsewhere.
const NO_KINSHIP_IN_REPORT: &str = "the report has no kinship, eigenvalues and likelihood profile, which were computed elsewhere and not sent here; a run in one piece has them";

/// Whether all stages must fit in memory: the null models and tests of a run that merges results are elsewhere, and a worker
/// does what fits.
fn checks_memory(analysis: &Analysis, setting: &Setting<'_>) -> bool {
    let is_here = setting.elsewhere.is_none() || matches!(analysis, Analysis::Kinship(_));
    setting.role != Role::Worker && is_here
}

/// Whether the process only sums SNPs, or subtracts a chromosome once, so that no sums of chromosomes remain in memory.
fn adds_elsewhere(analysis: &Analysis, role: Role) -> bool {
    match role {
        Role::Whole => false,
        Role::Part => matches!(analysis, Analysis::Kinship(_)),
        Role::Worker => true,
    }
}

/// The kinship that is read now, and the one that a worker reads when it needs it.
fn read_now(
    kinship: Option<KinshipInput>,
    setting: &Setting<'_>,
) -> (Option<KinshipInput>, Option<KinshipInput>) {
    match (setting.role, &setting.elsewhere) {
        (Role::Worker, _) => (None, kinship),
        (_, Some(_)) => (None, None),
        (_, None) => (kinship, None),
    }
}

/// Fails if the outputs cannot be written, as far as that is known before the inputs are read.
fn check_files_to_write(job: &Job, inputs: &InputFiles, setting: &Setting<'_>) -> Result<()> {
    let Some(files) = &job.files else {
        return Ok(());
    };
    let are_named_later =
        job.traits.may_be_several() || matches!(job.loco, Some(Loco::Every { .. }));
    if !are_named_later {
        check_outputs(
            inputs,
            &files.sinks(&unknown_study(&job.products()))?,
            setting,
        )?;
    }
    files.check_directory()
}

impl Prepared<'_> {
    /// The memory that each stage will need.
    #[must_use]
    pub fn plan(&self) -> &MemoryPlan {
        &self.memory.plan
    }

    /// The description of the results, known before they are computed.
    #[must_use]
    pub fn header(&self) -> &RunHeader {
        &self.header
    }
}

/// Fails if an output of `sinks`, or of the caller's, could not be written or is an input.
fn check_outputs(
    inputs: &InputFiles,
    sinks: &[Box<dyn Sink>],
    setting: &Setting<'_>,
) -> Result<()> {
    let written = sinks.iter().flat_map(|sink| sink.paths());
    let by_caller = setting.sinks.iter().flat_map(|sink| sink.paths());
    inputs.check_outputs(written.chain(by_caller).collect())
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

/// Bytes that the sinks keep for each row of a table with the columns of `products`.
///
/// * `files`: the sinks that write files
fn row_bytes(products: &Products, setting: &Setting<'_>, files: &[Box<dyn Sink>]) -> u64 {
    let n_columns = products.columns.as_ref().map_or(0, Vec::len);
    let callers = setting.sinks.iter().map(|sink| &**sink as &dyn Sink);
    let sinks = callers.chain(files.iter().map(|sink| &**sink));
    sinks.map(|sink| sink.bytes_per_row(n_columns)).sum()
}

/// Passes notes to the observer and adds them to the report. A note that the report already has is not repeated: several
/// kinships of the same individuals may have the same peculiarity.
pub(super) fn say(notes: &[String], observer: &dyn Observer, report: &mut RunReport) {
    for note in notes {
        let text = shown(note);
        if report.notes.contains(&text) {
            continue;
        }
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
            coding,
            all_snps,
            ..
        }) => {
            let testing = Testing {
                method,
                coding,
                all_snps,
            };
            (Task::Association(testing), kinship)
        }
    }
}
