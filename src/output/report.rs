//! What a run did, as typed values. The log, the terminal's summary and Python's report are views of it.

use super::json::Json;
use crate::assoc::stepwise::StepwisePath;
use crate::assoc::{EffectiveTests, Inflation, SnpStatus, StatusCounts};
use crate::cohort::{BinaryTrait, Ledger};
use crate::genotype::{Exclusion, FilterCounts};
use crate::io::content::Digest;
use crate::io::id_columns::named;
use crate::io::text::count;
use crate::kinship::Copies;
use crate::null::NullFit;
use crate::permutation::PermutationResult;
use crate::progress::Stage;
use std::path::PathBuf;
use std::time::Duration;

/// The family-wise error rate of thresholds.
pub const ALPHA: f64 = 0.05;

/// The facts of a run.
#[derive(Debug, Clone, Default)]
pub struct RunReport {
    /// The command line as typed, with its arguments joined by spaces.
    pub command: String,
    /// Local date and time of the end of the run, as C's `asctime` writes it.
    pub date: String,
    /// Local date and time of the end of the run, as RFC 3339 writes it.
    pub finished: String,
    /// The options of the run as they were resolved, by their names on the command line.
    pub options: Vec<(&'static str, Json)>,
    /// The inputs that were in memory, not in files.
    pub in_memory: Vec<&'static str>,
    /// What was fitted and tested, with its settings; null if nothing was.
    pub method: Json,
    /// The files that the run read.
    pub inputs: Vec<FileReport>,
    /// The backend that was used.
    pub backend: String,
    /// Number of threads.
    pub threads: usize,
    /// Planned and allowed memory, as text.
    pub memory: String,
    /// Number of SNPs of the source.
    pub n_snps: usize,
    /// Which allele of a SNP is counted, and where the inputs name it.
    pub counted_allele: String,
    /// The chromosomes of the species and the model of X, in words, if they are given (`--chr-set`).
    pub chromosomes: Option<String>,
    /// Whether the SNPs of the kinship are chosen separately from those that are tested.
    pub has_own_kinship_list: bool,
    /// One report per trait, in the order of the request; a run without a trait has one for its individuals.
    pub traits: Vec<TraitReport>,
    /// Whether the run is one of several traits, whose outputs have their names.
    pub are_several: bool,
    /// Ids of the SNPs that are covariates (`--condition`).
    pub conditioned_on: Vec<String>,
    /// The chromosome that is left out of the kinship, and whose SNPs alone are tested.
    pub left_out: Option<String>,
    /// Notes for the user.
    pub notes: Vec<String>,
    /// Wall-clock time of the stages, in their order.
    pub times: Vec<(Stage, Duration)>,
    /// Wall-clock time of the run.
    pub total_time: Duration,
    /// Files written; the log is last.
    pub outputs: Vec<PathBuf>,
    /// The same files with their sizes and checksums.
    pub output_files: Vec<FileReport>,
}

/// A file that a run read or wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileReport {
    /// Its path, or its address.
    pub path: String,
    /// Its size in bytes; `None` if it is not a regular file.
    pub bytes: Option<u64>,
    /// When it was last modified, as RFC 3339 writes it.
    pub modified: Option<String>,
    /// The checksum of its bytes; of a large file, that of its first and last bytes.
    pub checksum: Option<Digest>,
    /// Whether the checksum is that of all bytes.
    pub is_whole: bool,
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
    /// SNPs kept and excluded for a kinship that this run computed; without a chromosome that is left out.
    pub kinship_filter: Option<FilterCounts>,
    /// The null model of the only kinship, if one was fitted.
    pub null: Option<NullFit>,
    /// The null models of the kinships without each chromosome.
    pub chromosomes: Vec<ChromosomeReport>,
    /// Whether SNPs were tested.
    pub is_tested: bool,
    /// Numbers of SNPs by status.
    pub statuses: StatusCounts,
    /// Whether the tests can be trusted, and thresholds of p.
    pub diagnostics: Diagnostics,
    /// Genome-wide thresholds by permutation.
    pub permutations: Option<PermutationResult>,
    /// SNPs that were added to the covariates (`--stepwise`); the other results are those with all of them.
    pub stepwise: Option<StepwisePath>,
    /// Why the trait could not be analysed.
    pub failure: Option<String>,
}

/// What was found for one trait, besides its null model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diagnostics {
    /// λ_GC of each test.
    pub inflation: Vec<Inflation>,
    /// The effective number of tests, if it was asked for.
    pub effective_tests: Option<EffectiveTests>,
    /// Individuals that are the same according to the kinship; `None` if there is no matrix (`-d`, `-u`). With several
    /// kinships, those of the first.
    pub copies: Option<Copies>,
    /// Cases and controls of a binary trait.
    pub binary: Option<BinaryTrait>,
    /// SNPs whose effect has no odds ratio, if odds ratios were asked for.
    pub n_without_odds: Option<usize>,
}

impl Diagnostics {
    /// The number of tests: SNPs with a p-value.
    #[must_use]
    pub fn n_tests(&self) -> usize {
        self.inflation.iter().map(|of| of.n_snps).max().unwrap_or(0)
    }

    /// Bonferroni's threshold: α divided by the number of tests.
    #[must_use]
    pub fn bonferroni(&self) -> Option<f64> {
        let n = self.n_tests();
        (n > 0).then(|| ALPHA / n as f64)
    }
}

impl TraitReport {
    /// The number of SNPs of each status that occurs: of tested ones, then of excluded ones.
    #[must_use]
    pub fn by_status(&self) -> Vec<(SnpStatus, usize)> {
        let excluded = Exclusion::ALL.into_iter().map(|reason| {
            (
                SnpStatus::Excluded(reason),
                self.filter.excluded[reason as usize],
            )
        });
        let all = self.statuses.by_status().chain(excluded);
        all.filter(|(_, count)| *count > 0).collect()
    }
}

/// The kinship without one chromosome, and what was tested with it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChromosomeReport {
    /// The name of the chromosome.
    pub name: String,
    /// SNPs of the kinship.
    pub n_kinship_snps: usize,
    /// SNPs tested, all of them on this chromosome.
    pub n_tested: usize,
    /// The null model.
    pub null: Option<NullFit>,
}

impl TraitReport {
    /// Whether a null model was fitted.
    #[must_use]
    pub fn has_null(&self) -> bool {
        self.null.is_some() || self.chromosomes.iter().any(|of| of.null.is_some())
    }
}

impl RunReport {
    /// Adds to the time of a stage.
    pub fn add_time(&mut self, stage: Stage, time: Duration) {
        match self.times.iter_mut().find(|(known, _)| *known == stage) {
            Some((_, total)) => *total += time,
            None => self.times.push((stage, time)),
        }
    }

    /// The traits that could not be analysed.
    pub fn failed(&self) -> impl Iterator<Item = &TraitReport> {
        self.traits.iter().filter(|of| of.failure.is_some())
    }

    /// The number of traits that could not be analysed and why, as one line; `None` if there are none.
    #[must_use]
    pub fn failures(&self) -> Option<String> {
        let failed: Vec<String> = self.failed().map(|of| of.name.clone()).collect();
        (!failed.is_empty()).then(|| {
            format!(
                "{} of {} could not be analysed: {}",
                failed.len(),
                count(self.traits.len(), "trait"),
                named(&failed)
            )
        })
    }

    /// The report of the first trait, which is the only one of most runs.
    ///
    /// # Panics
    /// If there is none yet.
    #[must_use]
    pub fn first(&self) -> &TraitReport {
        self.traits.first().expect("a run has individuals")
    }
}
