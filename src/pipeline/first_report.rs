//! The report of a run before it is executed.

use super::job::{Analysis, Job};
use super::plan::MemoryPlan;
use super::record;
use super::study::Study;
use crate::cohort::{FailedTrait, Ledger};
use crate::error::escaped;
use crate::kinship::Inspection;
use crate::output::report::{RunReport, TraitReport};
use crate::output::sink::LeftOut;
/// Reports the individuals that are the same according to a given kinship. Groups with a part of it count their pairs when the
/// part is taken.
pub(super) fn report_copies(found: &Inspection, study: &Study, report: &mut RunReport) {
    if let [_] = study.cohort.groups.as_slice() {
        for one in report.traits.iter_mut().filter(|one| one.failure.is_none()) {
            one.diagnostics.copies.clone_from(&found.copies);
        }
    }
}

/// Reports the traits that cannot be analysed, at their places among the others.
pub(super) fn report_failed(
    failed: Vec<FailedTrait>,
    report: &mut RunReport,
    notes: &mut Vec<String>,
) {
    for one in failed {
        let failure = one.error.to_string();
        notes.push(format!("trait {} is not analysed: {failure}", one.name));
        report.traits.insert(
            one.number,
            TraitReport {
                name: one.name,
                ledger: one.ledger,
                failure: Some(failure),
                ..TraitReport::default()
            },
        );
    }
}

/// A report with what is known before anything is read.
pub(super) fn new_report(job: &Job, backend: &str) -> RunReport {
    RunReport {
        command: escaped(&job.command),
        backend: backend.to_owned(),
        threads: job.machine.threads,
        chromosomes: job.chromosomes.as_ref().map(ToString::to_string),
        options: job.options(),
        in_memory: record::in_memory(job),
        ..RunReport::default()
    }
}

/// Adds what is known once the study is read.
pub(super) fn begin_report(
    report: &mut RunReport,
    analysis: &Analysis,
    study: &Study,
    plan: &MemoryPlan,
) {
    report.memory = plan.summary();
    // The columns of a method may depend on the study.
    report.method = record::method(analysis);
    report.n_snps = study.n_snps().unwrap_or_default();
    report.has_own_kinship_list = !matches!(analysis, Analysis::Kinship(_));
    report.traits = traits(study, analysis.fits_traits());
    report.left_out = match study.left_out() {
        LeftOut::One(name) => Some(name),
        LeftOut::None | LeftOut::Every(_) => None,
    };
}

/// The initial reports of the traits; for a run without a trait, one report on its individuals.
fn traits(study: &Study, are_fitted: bool) -> Vec<TraitReport> {
    let mut reports: Vec<(usize, TraitReport)> = Vec::new();
    for group in &study.cohort.groups {
        let report = |number: usize, name: &str, ledger| {
            let report = TraitReport {
                name: name.to_owned(),
                ledger,
                n_covariates: group.design.c(),
                ..TraitReport::default()
            };
            (number, report)
        };
        for one in &group.traits {
            let (number, mut report) = report(one.number, &one.name, one.ledger);
            report.diagnostics.binary = one.binary.filter(|_| are_fitted);
            reports.push((number, report));
        }
        if group.traits.is_empty() {
            let everybody = Ledger {
                total: group.subset.n_total(),
                analysed: group.subset.len(),
                ..Ledger::default()
            };
            reports.push(report(0, "", everybody));
        }
    }
    reports.sort_by_key(|(number, _)| *number);
    reports.into_iter().map(|(_, report)| report).collect()
}
