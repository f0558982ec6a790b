//! `.log.txt`: GEMMA's lines, in its order and spelling, with ours among them.

use super::file::OutputFile;
use super::number::format_g;
use crate::assoc::{SnpFlags, TraitColumns, Undefined};
use crate::cohort::Ledger;
use crate::error::Result;
use crate::genotype::{Exclusion, FilterCounts};
use crate::null::NullFit;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

/// Significant digits of GEMMA's logs.
const DIGITS: usize = 6;

/// What a run did, in numbers.
#[derive(Debug, Clone, Default)]
pub struct LogReport {
    /// The command line as typed, words joined by blanks.
    pub command: String,
    /// Local date and time of the end of the run, as C's `asctime` has it.
    pub date: String,
    /// The backend that computed.
    pub backend: String,
    /// Threads used.
    pub threads: usize,
    /// Memory planned and allowed.
    pub memory: String,
    /// Who was analysed.
    pub ledger: Ledger,
    /// Covariates, the intercept included.
    pub n_covariates: usize,
    /// SNPs in the `.bim`; 0 where genotypes were not read.
    pub n_snps: usize,
    /// SNPs kept and left out.
    pub filter: FilterCounts,
    /// The same for the kinship, where this run computed one.
    pub kinship_filter: Option<FilterCounts>,
    /// The null model, after `-lmm`.
    pub null: Option<NullFit>,
    /// SNPs whose statistics are `nan`.
    pub n_undefined: usize,
    /// Those among them whose restricted likelihood does not depend on λ.
    pub n_flat: usize,
    /// SNPs whose λ was found where GEMMA's search ends in `nan`.
    pub n_fallback: usize,
    /// SNPs that explain the phenotype completely.
    pub n_perfect: usize,
    /// What the user should know.
    pub notes: Vec<String>,
    /// Wall-clock time of each stage, under GEMMA's names.
    pub times: Vec<(&'static str, Duration)>,
    /// Wall-clock time of the run.
    pub total_time: Duration,
}

impl LogReport {
    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut t = String::new();
        self.push(&mut t)
            .expect("writing to a string does not fail");
        t
    }

    /// Counts the SNPs of `results` whose statistics are special.
    pub fn count(&mut self, results: &TraitColumns) {
        let number = |is: fn(&SnpFlags) -> bool| results.flags.iter().filter(|snp| is(snp)).count();
        self.n_undefined += number(|snp| snp.undefined.is_some());
        self.n_flat += number(|snp| snp.undefined == Some(Undefined::FlatRestricted));
        self.n_fallback += number(|snp| snp.used_fallback);
        self.n_perfect += number(|snp| snp.is_perfect_fit);
    }

    /// Individuals and SNPs left out or without statistics, by reason.
    #[must_use]
    pub fn left_out(&self) -> Vec<(String, usize)> {
        let mut lines = vec![
            (
                "individuals left out, no phenotype".into(),
                self.ledger.no_phenotype,
            ),
            (
                "individuals left out, missing covariate".into(),
                self.ledger.no_covariate,
            ),
        ];
        lines.extend(Exclusion::ALL.map(|reason| {
            (
                format!("SNPs left out, {}", reason.label()),
                self.filter.excluded[reason as usize],
            )
        }));
        if self.null.is_some() {
            lines.push((
                "SNPs with undefined statistics (nan)".into(),
                self.n_undefined,
            ));
            lines.push((
                "SNPs whose restricted likelihood does not depend on lambda (Wald test nan)".into(),
                self.n_flat,
            ));
            lines.push((
                "SNPs with lambda found where GEMMA prints nan".into(),
                self.n_fallback,
            ));
            lines.push((
                "SNPs that explain the phenotype completely (p = 0)".into(),
                self.n_perfect,
            ));
        }
        lines
    }

    fn push(&self, t: &mut String) -> std::fmt::Result {
        writeln!(t, "##")?;
        writeln!(
            t,
            "## jamma Version    = {} (compatible with GEMMA 0.98.5)",
            env!("CARGO_PKG_VERSION")
        )?;
        writeln!(t, "## Backend          = {}", self.backend)?;
        writeln!(
            t,
            "##   kernels        = {}",
            crate::kernels::instruction_set()
        )?;
        writeln!(t, "##   threads        = {}", self.threads)?;
        writeln!(t, "##   memory         = {}", self.memory)?;
        writeln!(t, "##")?;
        writeln!(t, "## Command Line Input = {} ", self.command)?;
        writeln!(t, "##")?;
        writeln!(t, "## Date = {}", self.date)?;
        writeln!(t, "##")?;
        self.push_counts(t)?;
        if let Some(null) = &self.null {
            push_null(t, null)?;
        }
        self.push_kinship(t)?;
        for note in &self.notes {
            writeln!(t, "## note: {note}")?;
        }
        self.push_times(t)
    }

    fn push_counts(&self, t: &mut String) -> std::fmt::Result {
        writeln!(t, "## Summary Statistics:")?;
        writeln!(t, "## number of total individuals = {}", self.ledger.total)?;
        writeln!(
            t,
            "## number of analyzed individuals = {}",
            self.ledger.analysed
        )?;
        writeln!(t, "## number of covariates = {}", self.n_covariates)?;
        writeln!(t, "## number of phenotypes = 1")?;
        writeln!(t, "## number of total SNPs/var = {}", self.n_snps)?;
        writeln!(t, "## number of analyzed SNPs/var = {}", self.filter.kept)?;
        for (what, count) in self.left_out() {
            writeln!(t, "## {what} = {count}")?;
        }
        Ok(())
    }

    /// The SNPs of a kinship computed in this run.
    fn push_kinship(&self, t: &mut String) -> std::fmt::Result {
        let Some(filter) = &self.kinship_filter else {
            return Ok(());
        };
        writeln!(t, "## number of SNPs in the kinship = {}", filter.kept)?;
        for reason in Exclusion::ALL {
            let count = filter.excluded[reason as usize];
            if count > 0 {
                // A list of SNPs to test has no say in a kinship beside it.
                let list = if self.null.is_some() {
                    "-ksnps"
                } else {
                    "-snps or -ksnps"
                };
                let label = reason.label().replace("-snps", list);
                writeln!(t, "## SNPs left out of the kinship, {label} = {count}")?;
            }
        }
        Ok(())
    }

    fn push_times(&self, t: &mut String) -> std::fmt::Result {
        let minutes = |d: &Duration| format_g(d.as_secs_f64() / 60.0, DIGITS);
        writeln!(t, "##")?;
        writeln!(t, "## Computation Time:")?;
        writeln!(
            t,
            "## total computation time = {} min ",
            minutes(&self.total_time)
        )?;
        writeln!(t, "## computation time break down: ")?;
        for (stage, time) in &self.times {
            writeln!(t, "##      time on {stage} = {} min ", minutes(time))?;
        }
        writeln!(t, "##")
    }

    /// Writes the log to `file`.
    pub fn write(&self, mut file: OutputFile) -> Result<PathBuf> {
        file.write(self.text().as_bytes())?;
        file.finish()
    }
}

fn push_null(t: &mut String, null: &NullFit) -> std::fmt::Result {
    let g = |x: f64| format_g(x, DIGITS);
    writeln!(
        t,
        "## REMLE log-likelihood in the null model = {}",
        g(null.reml.value)
    )?;
    writeln!(
        t,
        "## MLE log-likelihood in the null model = {}",
        g(null.ml.value)
    )?;
    writeln!(t, "## pve estimate in the null model = {}", g(null.pve))?;
    writeln!(t, "## se(pve) in the null model = {}", g(null.pve_se))?;
    writeln!(t, "## vg estimate in the null model = {}", g(null.vg))?;
    writeln!(t, "## ve estimate in the null model = {}", g(null.ve))?;
    for (label, values) in [
        ("beta estimate in the null model", &null.beta),
        ("se(beta)", &null.beta_se),
    ] {
        write!(t, "## {label} = ")?;
        for value in values {
            write!(t, "  {}", g(*value))?;
        }
        writeln!(t)?;
    }
    Ok(())
}
