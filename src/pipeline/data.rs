//! What a caller has in memory: inputs in place of files, and a place for results.

use crate::error::{Error, Result};
use crate::genotype::{Genotypes, SnpSummary};
use crate::io::bim::SnpTable;
use crate::io::fam::Individual;
use crate::io::square::SquareMatrix;
use crate::io::table::CovariateTable;
use crate::io::text::count;
use crate::kinship::Kinship;
use crate::lmm::SnpAssoc;
use std::collections::HashSet;
use std::sync::Arc;

/// Inputs in place of files; what is `None` is read where the [`Job`](super::Job) says.
#[derive(Debug, Default)]
pub struct InMemory {
    /// In place of the `.bed`, `.bim` and `.fam`.
    pub study: Option<StudyInMemory>,
    /// A phenotype for each individual, `None` where it is missing.
    pub phenotype: Option<Vec<Option<f64>>>,
    /// A row of covariates for each individual.
    pub covariates: Option<CovariateTable>,
    /// The kinship of everybody, with [`KinshipSource::InMemory`](super::KinshipSource).
    pub kinship: Option<SquareMatrix>,
    /// The only SNPs to use.
    pub snps: Option<HashSet<Box<str>>>,
    /// The only SNPs to use for the kinship, in place of `snps`.
    pub kinship_snps: Option<HashSet<Box<str>>>,
}

/// Individuals, SNPs and genotypes in memory.
#[derive(Debug)]
pub struct StudyInMemory {
    /// Everybody.
    pub individuals: Vec<Individual>,
    /// Every SNP.
    pub snps: SnpTable,
    /// As many SNPs of as many individuals.
    pub genotypes: Arc<Genotypes>,
}

impl InMemory {
    /// Fails with [`Error::Inconsistent`] where something is not given for each of `n` individuals.
    pub(super) fn check_length(&self, n: usize) -> Result<()> {
        let given = [
            ("phenotype", self.phenotype.as_ref().map(Vec::len)),
            (
                "covariates",
                self.covariates.as_ref().map(CovariateTable::n_individuals),
            ),
        ];
        match given
            .into_iter()
            .find(|(_, length)| length.is_some_and(|length| length != n))
        {
            None => Ok(()),
            Some((what, length)) => Err(Error::inconsistent(
                format!(
                    "{what}: {} given, but there are {}",
                    count(length.unwrap_or_default(), "row"),
                    count(n, "individual")
                ),
                "give one row per individual, in their order, NaN where a value is missing",
            )),
        }
    }
}

/// Takes results as they come, beside files or in place of them.
pub trait Sink: Send {
    /// The tests of the SNPs `tested` of the study's `snps`; blocks come in order.
    ///
    /// An error ends the run.
    fn association(
        &mut self,
        snps: &SnpTable,
        tested: &[SnpSummary],
        results: &[SnpAssoc],
    ) -> Result<()> {
        let _ = (snps, tested, results);
        Ok(())
    }

    /// The kinship of everybody.
    fn kinship(&mut self, kinship: Kinship) -> Result<()> {
        let _ = kinship;
        Ok(())
    }
}

/// Files are enough.
#[derive(Debug, Clone, Copy, Default)]
pub struct FilesOnly;

impl Sink for FilesOnly {}
