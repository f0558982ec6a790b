//! The SNP filters of a job.

use super::input::Input;
use super::selection::SnpChoice;
use crate::genotype::SnpFilter;
use std::collections::HashSet;
use std::path::PathBuf;

/// A list of SNP ids: a file, or a set.
pub type SnpListInput = Input<PathBuf, HashSet<Box<str>>>;

/// Thresholds and lists of the SNP filters.
#[derive(Debug, Clone)]
pub struct FilterOptions {
    /// `-miss`.
    pub max_missing: f64,
    /// `-maf`; `None` with `-notsnp`.
    pub min_maf: Option<f64>,
    /// `-hwe`; 0 is off.
    pub min_hwe: f64,
    /// `--info`; `None` is off.
    pub min_info: Option<f64>,
    /// `-r2`.
    pub max_r2: f64,
    /// `--r2-centred`: R² about the mean of the SNP.
    pub is_r2_centred: bool,
    /// `-snps`: the SNPs to test; with [`Analysis::Kinship`](super::Analysis::Kinship), the SNPs of the kinship.
    pub snps: Option<SnpListInput>,
    /// `--extract`, `--exclude`, `--chr`, `--from-bp`, `--to-bp`: the SNPs to test.
    pub choice: SnpChoice,
}

impl Default for FilterOptions {
    /// GEMMA's thresholds, those of [`SnpFilter`].
    fn default() -> Self {
        let filter = SnpFilter::default();
        Self {
            max_missing: filter.max_missing,
            min_maf: filter.min_maf,
            min_hwe: filter.min_hwe,
            min_info: filter.min_info,
            max_r2: filter.max_r2,
            is_r2_centred: false,
            snps: None,
            choice: SnpChoice::default(),
        }
    }
}
