//! What a run did, typed. The log, the terminal's summary and Python's report are views of it.

use crate::assoc::StatusCounts;
use crate::cohort::Ledger;
use crate::genotype::FilterCounts;
use crate::null::NullFit;
use crate::progress::Stage;
use std::path::PathBuf;
use std::time::Duration;

/// The facts of a run.
#[derive(Debug, Clone, Default)]
pub struct RunReport {
    /// The command line as typed, its words joined by blanks.
    pub command: String,
    /// Local date and time of the end of the run, as C's `asctime` writes it.
    pub date: String,
    /// The backend that computed.
    pub backend: String,
    /// Threads used.
    pub threads: usize,
    /// Memory planned and allowed, in words.
    pub memory: String,
    /// SNPs of the source.
    pub n_snps: usize,
    /// SNPs kept and excluded for a kinship that this run computed.
    pub kinship_filter: Option<FilterCounts>,
    /// Whether the SNPs of the kinship are chosen apart from those that are tested.
    pub has_own_kinship_list: bool,
    /// One for each trait; for a run without a trait one, of its individuals.
    pub traits: Vec<TraitReport>,
    /// What the user should know.
    pub notes: Vec<String>,
    /// Wall-clock time of the stages, in their order.
    pub times: Vec<(Stage, Duration)>,
    /// Wall-clock time of the run.
    pub total_time: Duration,
    /// Files written, the log last.
    pub outputs: Vec<PathBuf>,
}

/// What was found for one trait.
#[derive(Debug, Clone, Default)]
pub struct TraitReport {
    /// What outputs call it.
    pub name: String,
    /// Who was analysed.
    pub ledger: Ledger,
    /// Covariates, the intercept included.
    pub n_covariates: usize,
    /// SNPs kept and excluded over the analysed individuals.
    pub filter: FilterCounts,
    /// The null model, if one was fitted.
    pub null: Option<NullFit>,
    /// How many SNPs have which status.
    pub statuses: StatusCounts,
}

impl RunReport {
    /// The report of the first trait, which is the only one of most runs.
    ///
    /// # Panics
    /// If the run has none yet.
    #[must_use]
    pub fn first(&self) -> &TraitReport {
        self.traits.first().expect("a run has individuals")
    }
}
