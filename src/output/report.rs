//! What a run did, as typed values. The log, the terminal's summary and Python's report are views of it.

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
    /// The command line as typed, with its arguments joined by spaces.
    pub command: String,
    /// Local date and time of the end of the run, as C's `asctime` writes it.
    pub date: String,
    /// The backend that was used.
    pub backend: String,
    /// Number of threads.
    pub threads: usize,
    /// Planned and allowed memory, as text.
    pub memory: String,
    /// Number of SNPs of the source.
    pub n_snps: usize,
    /// SNPs kept and excluded for a kinship that this run computed.
    pub kinship_filter: Option<FilterCounts>,
    /// Whether the SNPs of the kinship are chosen separately from those that are tested.
    pub has_own_kinship_list: bool,
    /// One report per trait; a run without a trait has one for its individuals.
    pub traits: Vec<TraitReport>,
    /// Notes for the user.
    pub notes: Vec<String>,
    /// Wall-clock time of the stages, in their order.
    pub times: Vec<(Stage, Duration)>,
    /// Wall-clock time of the run.
    pub total_time: Duration,
    /// Files written; the log is last.
    pub outputs: Vec<PathBuf>,
}

/// Results for one trait.
#[derive(Debug, Clone, Default)]
pub struct TraitReport {
    /// Name in the outputs.
    pub name: String,
    /// Numbers of analysed and excluded individuals.
    pub ledger: Ledger,
    /// Number of covariates, including the intercept.
    pub n_covariates: usize,
    /// SNPs kept and excluded over the analysed individuals.
    pub filter: FilterCounts,
    /// The null model, if one was fitted.
    pub null: Option<NullFit>,
    /// Numbers of SNPs by status.
    pub statuses: StatusCounts,
}

impl RunReport {
    /// The report of the first trait, which is the only one of most runs.
    ///
    /// # Panics
    /// If there is none yet.
    #[must_use]
    pub fn first(&self) -> &TraitReport {
        self.traits.first().expect("a run has individuals")
    }
}
