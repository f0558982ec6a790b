//! `.log.txt`: GEMMA's lines, in its order and spelling, and additional lines of jamma.

use super::diagnostics;
use super::number::format_g;
use super::report::{ChromosomeReport, RunReport, TraitReport};
use crate::assoc::stepwise::{BestSnp, StepwisePath};
use crate::error::{escaped, shown};
use crate::genotype::Exclusion;
use crate::null::NullFit;
use crate::permutation::PermutationResult;
use std::fmt::{Result, Write};
use std::time::Duration;

/// Number of significant digits in GEMMA's logs.
const DIGITS: usize = 6;

/// The text of the log.
#[must_use]
pub fn text(report: &RunReport) -> String {
    let mut t = String::new();
    push(&mut t, report).expect("writing to a string does not fail");
    t
}

/// Numbers of excluded individuals and SNPs by reason, and of SNPs with special results.
#[must_use]
pub fn exclusions(of: &TraitReport) -> Vec<(String, usize)> {
    let mut lines = vec![
        (
            "individuals excluded, no phenotype".into(),
            of.ledger.no_phenotype,
        ),
        (
            "individuals excluded, missing covariate".into(),
            of.ledger.no_covariate,
        ),
    ];
    for (why, n) in [
        ("missing environment", of.ledger.no_environment),
        ("missing weight", of.ledger.no_weight),
    ] {
        if n > 0 {
            lines.push((format!("individuals excluded, {why}"), n));
        }
    }
    for reason in Exclusion::ALL {
        let count = of.filter.excluded[reason as usize];
        if count > 0 || reason.is_always_counted() {
            lines.push((format!("SNPs excluded, {}", reason.label()), count));
        }
    }
    let counts = &of.statuses;
    if of.has_null() || of.is_tested {
        lines.push((
            "SNPs with undefined statistics (nan)".into(),
            counts.undefined,
        ));
    }
    if of.has_null() {
        lines.extend([
            (
                "SNPs whose restricted likelihood does not depend on lambda (Wald test nan)".into(),
                counts.flat,
            ),
            (
                "SNPs with an estimate of lambda for which GEMMA prints nan".into(),
                counts.fallback,
            ),
        ]);
    }
    if of.has_null() || of.is_tested {
        lines.push((
            "SNPs that explain the phenotype completely (p = 0)".into(),
            counts.perfect_fit,
        ));
    }
    lines
}

/// The thresholds of a trait by permutation, as `label = value`.
#[must_use]
pub fn thresholds(of: &PermutationResult) -> Vec<String> {
    let g = |x: f64| format_g(x, DIGITS);
    let mut lines = vec![format!("permutations = {} (seed {})", of.count, of.seed)];
    lines.extend(of.thresholds.iter().map(|one| {
        let percent = g(100.0 * one.alpha);
        format!("genome-wide threshold of p at {percent} % = {}", g(one.p))
    }));
    lines.extend([
        format!(
            "smallest p at the lambda of the null model = {}",
            g(of.observed_min_p)
        ),
        format!("genome-wide p of the smallest p = {}", g(of.genome_wide_p)),
    ]);
    lines
}

/// The SNPs that were added to the covariates, as `label = value`.
#[must_use]
pub fn stepwise(path: &StepwisePath) -> Vec<String> {
    let g = |x: f64| format_g(x, DIGITS);
    let column = &path.column;
    let place = |snp: &BestSnp| {
        format!(
            "{}, chromosome {}, position {}, alleles {}/{}, af {}",
            escaped(&snp.rs),
            escaped(&snp.chr),
            snp.ps,
            escaped(&snp.allele1),
            escaped(&snp.allele0),
            g(snp.af)
        )
    };
    let mut lines = vec![format!(
        "SNPs added by --stepwise ({column} below {}, at most {}) = {}",
        g(path.options.threshold),
        path.options.max_steps,
        path.steps.len()
    )];
    let steps = path.steps.iter().enumerate();
    lines.extend(steps.map(|(number, step)| {
        let snp = &step.snp;
        format!(
            "stepwise SNP {} = {}: beta {}, se {}, {column} {} when added; beta {}, se {}, p {} with all",
            number + 1,
            place(snp),
            g(snp.beta),
            g(snp.se),
            g(snp.p),
            g(step.joint_beta),
            g(step.joint_se),
            g(step.joint_p)
        )
    }));
    lines.extend(path.next.iter().map(|snp| {
        format!(
            "smallest {column} after the last = {} ({})",
            g(snp.p),
            place(snp)
        )
    }));
    lines
}

fn push(t: &mut String, report: &RunReport) -> Result {
    let version = env!("CARGO_PKG_VERSION");
    writeln!(t, "##")?;
    writeln!(
        t,
        "## jamma Version    = {version} (compatible with GEMMA 0.98.5)"
    )?;
    writeln!(t, "## Backend          = {}", report.backend)?;
    writeln!(
        t,
        "##   kernels        = {}",
        crate::kernels::instruction_set()
    )?;
    writeln!(t, "##   threads        = {}", report.threads)?;
    writeln!(t, "##   memory         = {}", report.memory)?;
    writeln!(t, "##")?;
    writeln!(t, "## Command Line Input = {} ", report.command)?;
    writeln!(t, "##")?;
    writeln!(t, "## Date = {}", report.date)?;
    writeln!(t, "##")?;
    if report.are_several {
        writeln!(t, "## Summary Statistics:")?;
        writeln!(t, "## number of traits = {}", report.traits.len())?;
        writeln!(
            t,
            "## number of traits analyzed = {}",
            report.traits.len() - report.failed().count()
        )?;
        for of in &report.traits {
            writeln!(t, "##")?;
            writeln!(t, "## trait = {}", escaped(&of.name))?;
            push_trait(t, report, of)?;
        }
        writeln!(t, "##")?;
    } else {
        writeln!(t, "## Summary Statistics:")?;
        push_trait(t, report, report.first())?;
    }
    if !report.counted_allele.is_empty() {
        writeln!(t, "## counted allele (allele1) = {}", report.counted_allele)?;
    }
    if let Some(chromosomes) = &report.chromosomes {
        writeln!(t, "## chromosomes (--chr-set) = {chromosomes}")?;
    }
    if let Some(ids) = diagnostics::conditions(&report.conditioned_on) {
        writeln!(t, "## SNPs that are covariates (--condition) = {ids}")?;
    }
    for note in &report.notes {
        writeln!(t, "## note: {note}")?;
    }
    push_times(t, report)
}

/// The counts and the null models of one trait.
fn push_trait(t: &mut String, report: &RunReport, of: &TraitReport) -> Result {
    if let Some(failure) = &of.failure {
        writeln!(t, "## number of total individuals = {}", of.ledger.total)?;
        writeln!(
            t,
            "## number of analyzed individuals = {}",
            of.ledger.analysed
        )?;
        return writeln!(t, "## not analyzed: {}", shown(failure));
    }
    push_counts(t, report, of)?;
    if let Some(null) = &of.null {
        push_null(t, null, "")?;
    }
    for chromosome in &of.chromosomes {
        push_chromosome(t, chromosome)?;
    }
    for text in of.permutations.iter().flat_map(thresholds) {
        writeln!(t, "## {text}")?;
    }
    for text in of.stepwise.iter().flat_map(stepwise) {
        writeln!(t, "## {text}")?;
    }
    push_kinship(t, report, of)?;
    for (label, value) in diagnostics::lines(of) {
        writeln!(t, "## {label} = {value}")?;
    }
    Ok(())
}

/// The kinship without a chromosome, and its null model.
fn push_chromosome(t: &mut String, of: &ChromosomeReport) -> Result {
    let name = escaped(&of.name);
    writeln!(
        t,
        "## without chromosome {name}: number of SNPs in the kinship = {}",
        of.n_kinship_snps
    )?;
    writeln!(
        t,
        "## without chromosome {name}: number of analyzed SNPs = {}",
        of.n_tested
    )?;
    let Some(null) = &of.null else {
        return Ok(());
    };
    let prefix = format!("without chromosome {name}: ");
    push_null(t, null, &prefix)?;
    for (label, value) in diagnostics::of_null(null) {
        writeln!(t, "## {prefix}{label} = {value}")?;
    }
    Ok(())
}

fn push_counts(t: &mut String, report: &RunReport, of: &TraitReport) -> Result {
    writeln!(t, "## number of total individuals = {}", of.ledger.total)?;
    writeln!(
        t,
        "## number of analyzed individuals = {}",
        of.ledger.analysed
    )?;
    writeln!(t, "## number of covariates = {}", of.n_covariates)?;
    writeln!(t, "## number of phenotypes = 1")?;
    writeln!(t, "## number of total SNPs/var = {}", report.n_snps)?;
    writeln!(t, "## number of analyzed SNPs/var = {}", of.filter.kept)?;
    if let Some(name) = &report.left_out {
        let elsewhere = report.n_snps.saturating_sub(of.filter.total());
        let name = escaped(name);
        writeln!(t, "## leave one chromosome out (LOCO) = {name}")?;
        writeln!(t, "## SNPs not tested, on other chromosomes = {elsewhere}")?;
    }
    for (what, count) in exclusions(of) {
        writeln!(t, "## {what} = {count}")?;
    }
    Ok(())
}

/// The SNPs of a kinship computed in this run.
fn push_kinship(t: &mut String, report: &RunReport, of: &TraitReport) -> Result {
    let Some(filter) = &of.kinship_filter else {
        return Ok(());
    };
    if of.chromosomes.is_empty() {
        writeln!(t, "## number of SNPs in the kinship = {}", filter.kept)?;
    }
    for reason in Exclusion::ALL {
        let count = filter.excluded[reason as usize];
        if count > 0 {
            let list = if report.has_own_kinship_list {
                "-ksnps"
            } else {
                "-snps or -ksnps"
            };
            let label = reason.label().replace("-snps", list);
            writeln!(t, "## SNPs excluded from the kinship, {label} = {count}")?;
        }
    }
    Ok(())
}

fn push_times(t: &mut String, report: &RunReport) -> Result {
    let minutes = |d: &Duration| format_g(d.as_secs_f64() / 60.0, DIGITS);
    writeln!(t, "##")?;
    writeln!(t, "## Computation Time:")?;
    writeln!(
        t,
        "## total computation time = {} min ",
        minutes(&report.total_time)
    )?;
    writeln!(t, "## computation time break down: ")?;
    for (stage, time) in &report.times {
        if let Some(name) = stage.gemma_name() {
            writeln!(t, "##      time on {name} = {} min ", minutes(time))?;
        }
    }
    writeln!(t, "##")
}

/// * `of`: what the lines begin with, if the run has several null models
fn push_null(t: &mut String, null: &NullFit, of: &str) -> Result {
    let g = |x: f64| format_g(x, DIGITS);
    writeln!(
        t,
        "## {of}REMLE log-likelihood in the null model = {}",
        g(null.reml.value)
    )?;
    writeln!(
        t,
        "## {of}MLE log-likelihood in the null model = {}",
        g(null.ml.value)
    )?;
    writeln!(t, "## {of}pve estimate in the null model = {}", g(null.pve))?;
    writeln!(t, "## {of}se(pve) in the null model = {}", g(null.pve_se))?;
    writeln!(t, "## {of}vg estimate in the null model = {}", g(null.vg))?;
    writeln!(t, "## {of}ve estimate in the null model = {}", g(null.ve))?;
    for (label, values) in [
        ("beta estimate in the null model", &null.beta),
        ("se(beta)", &null.beta_se),
    ] {
        write!(t, "## {of}{label} = ")?;
        for value in values {
            write!(t, "  {}", g(*value))?;
        }
        writeln!(t)?;
    }
    Ok(())
}
