//! Destinations of results: files, Python, a report. All of them are sinks, and none is a special case.

use super::report::RunReport;
use crate::assoc::{AssocBlock, Column, SnpColumn};
use crate::cohort::WorkUnit;
use crate::eigen::Eigen;
use crate::error::Result;
use crate::io::bim::{Snp, SnpTable};
use crate::io::fam::Individual;
use crate::kinship::{Kinship, KinshipKind};
use crate::null::FittedTrait;
use crate::progress::Stage;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// What a run passes to its sinks.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a result that a run may have"
)]
pub struct Products {
    /// The kinship of all individuals.
    pub kinship: Option<KinshipKind>,
    /// The eigendecomposition.
    pub eigen: bool,
    /// The residuals of the null model.
    pub residuals: bool,
    /// The tests of all SNPs, with these statistics.
    pub columns: Option<Vec<Column>>,
    /// The columns before them, which describe the SNP.
    pub snp_columns: &'static [SnpColumn],
    /// Whether SNPs are passed with their imputation quality.
    pub info: bool,
    /// Whether excluded SNPs are passed too, with the reason as their status.
    pub all_snps: bool,
    /// Whether SNPs are added to the covariates (`--stepwise`): the tests then [begin again](Sink::restart) after each.
    pub stepwise: bool,
}

/// What is known about a run before the computation starts.
#[derive(Debug, Clone)]
pub struct RunHeader {
    /// What the run will pass.
    pub products: Products,
    /// All individuals of the source of the genotypes.
    pub everybody: Arc<[Individual]>,
    /// The groups of traits, in the order in which their results are passed.
    pub groups: Vec<GroupHeader>,
    /// Whether outputs have the names of their traits, of which there may be any number; otherwise there is at most one.
    pub are_several: bool,
    /// The chromosomes that are left out of the kinships.
    pub left_out: LeftOut,
    /// Number of SNPs of the source, if it is known in advance.
    pub n_snps: Option<usize>,
    /// The SNPs that are read for the tests, if they are known in advance.
    pub tested: Option<TestedSnps>,
}

/// SNPs of a source.
#[derive(Debug, Clone)]
pub struct TestedSnps {
    /// All SNPs of the source.
    pub records: Arc<SnpTable>,
    /// The indices of those that are read, in ascending order.
    pub ranges: Vec<Range<usize>>,
}

impl TestedSnps {
    /// The SNPs, in order.
    pub fn iter(&self) -> impl Iterator<Item = Snp<'_>> {
        let n = self.records.len();
        let indices = self
            .ranges
            .iter()
            .flat_map(move |range| range.start..range.end.min(n));
        indices.map(|index| self.records.get(index))
    }
}

/// Traits of the same individuals.
#[derive(Debug, Clone)]
pub struct GroupHeader {
    /// The traits; none for a kinship that needs no phenotype.
    pub traits: Vec<TraitHeader>,
    /// The individuals, in order.
    pub analysed: Arc<[Individual]>,
}

/// A trait of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraitHeader {
    /// Its number among the traits of the run, from 0.
    pub number: usize,
    /// Its name.
    pub name: String,
}

/// The chromosomes that are left out of the kinships of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LeftOut {
    /// None.
    #[default]
    None,
    /// The only kinship is without this one.
    One(String),
    /// There is a kinship without each of these.
    Every(Vec<String>),
}

/// The two parts of a phenotype under the null model, after the covariates.
#[derive(Debug, Clone, Copy)]
pub struct Residuals<'a> {
    /// û, n values.
    pub genetic: &'a [f64],
    /// ê, n values.
    pub residual: &'a [f64],
}

/// SNPs of which a sink needs r² with a SNP among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LdRequest {
    /// The index of the one SNP in the source.
    pub lead: usize,
    /// The indices of the SNPs.
    pub snps: Vec<usize>,
}

/// Receives what a run computes; a sink ignores what it does not need.
///
/// The order of calls: [`check`](Self::check) while the run is prepared, [`begin`](Self::begin), then results as they
/// become available (with [`restart`](Self::restart) before each repetition of the tests), [`publish`](Self::publish) when all results of a stage were passed, [`finish`](Self::finish). An error
/// ends the run.
pub trait Sink: Send {
    /// Bytes that the sink keeps in memory for each row of an association table with `n_columns` statistics.
    fn bytes_per_row(&self, n_columns: usize) -> u64 {
        let _ = n_columns;
        0
    }

    /// The files that the sink writes: none may be an input of the run, or a file of another sink.
    fn paths(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Fails if the results of `run` could not be received. Changes nothing.
    fn check(&self, run: &RunHeader) -> Result<()> {
        let _ = run;
        Ok(())
    }

    /// Prepares for the results of `run`: opens files, and fails if that is impossible.
    fn begin(&mut self, run: &RunHeader) -> Result<()> {
        let _ = run;
        Ok(())
    }

    /// Receives a kinship of all individuals; it is complete at once, and [`publish`](Self::publish) follows.
    ///
    /// * `left_out`: the name of the chromosome that is left out
    fn kinship(&mut self, left_out: Option<&str>, kinship: &Arc<Kinship>) -> Result<()> {
        let _ = (left_out, kinship);
        Ok(())
    }

    /// Receives the eigendecomposition of a unit's centred kinship.
    fn eigen(&mut self, unit: &WorkUnit, eigen: &Eigen) -> Result<()> {
        let _ = (unit, eigen);
        Ok(())
    }

    /// Receives the kinship of the individuals of a group, before it is centred.
    ///
    /// * `left_out`: the name of the chromosome that is left out
    fn analysed_kinship(
        &mut self,
        group: usize,
        left_out: Option<&str>,
        kinship: &Kinship,
    ) -> Result<()> {
        let _ = (group, left_out, kinship);
        Ok(())
    }

    /// Receives the eigendecomposition with which the SNPs of a unit are tested.
    fn decomposition(&mut self, unit: &WorkUnit, eigen: &Eigen) -> Result<()> {
        let _ = (unit, eigen);
        Ok(())
    }

    /// Receives the values of trait `of` of a group that are analysed, n values.
    fn phenotype(&mut self, group: usize, of: usize, values: &[f64]) -> Result<()> {
        let _ = (group, of, values);
        Ok(())
    }

    /// Receives the null model of trait `of` of a unit.
    fn null_model(&mut self, unit: &WorkUnit, of: usize, fitted: &FittedTrait) -> Result<()> {
        let _ = (unit, of, fitted);
        Ok(())
    }

    /// The SNPs of a group, whose tests were all passed, of which r² is needed.
    fn ld_requests(&mut self, group: usize) -> Vec<LdRequest> {
        let _ = group;
        Vec::new()
    }

    /// Receives r² over the individuals of a group for each of its [requests](Self::ld_requests), NaN if it is undefined.
    fn ld(&mut self, group: usize, r2: Vec<Vec<f32>>) -> Result<()> {
        let _ = (group, r2);
        Ok(())
    }

    /// Receives the residuals of trait `of` of a group.
    fn residuals(&mut self, group: usize, of: usize, residuals: Residuals<'_>) -> Result<()> {
        let _ = (group, of, residuals);
        Ok(())
    }

    /// Receives the tests of some SNPs for the traits of a group, in the order of the source.
    ///
    /// The columns of a trait that has [failed](Self::failed) are empty.
    fn block(&mut self, group: usize, block: &AssocBlock) -> Result<()> {
        let _ = (group, block);
        Ok(())
    }

    /// The tests of all SNPs begin again with other covariates: what was [received](Self::block) of them is invalid.
    ///
    /// Happens only if [`Products::stepwise`] is set. A sink that keeps rows must discard them.
    fn restart(&mut self) -> Result<()> {
        Ok(())
    }

    /// Trait `of` of a group cannot be analysed: what was received for it is invalid, and nothing more will follow.
    fn failed(&mut self, group: usize, of: usize) -> Result<()> {
        let _ = (group, of);
        Ok(())
    }

    /// Notes for the user, when the results are complete.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// The results of `stage` are complete: gives the files that hold them their final names, and returns their paths.
    ///
    /// The run has just checked that its inputs have not changed.
    fn publish(&mut self, stage: Stage) -> Result<Vec<PathBuf>> {
        let _ = stage;
        Ok(Vec::new())
    }

    /// The end of the run; returns the paths of the files written now.
    fn finish(&mut self, report: &RunReport) -> Result<Vec<PathBuf>> {
        let _ = report;
        Ok(Vec::new())
    }
}
