//! Where partial results come from.

use super::identity::Identity;
use super::kinship::KinshipPart;
use super::tests_of_snps::TestPart;
use super::unit::UnitPart;
use crate::error::Result;
use crate::progress::Observer;
use std::ops::Range;

/// Partial results that are computed elsewhere: in parts of the run, or by workers.
///
/// A run calls [`begin`](Self::begin) once, then for each group of traits either [`kinship`](Self::kinship), or for each
/// unit [`unit`](Self::unit) and [`tests`](Self::tests) until there are no more.
pub trait Elsewhere: Send {
    /// Receives what there is to compute, and the facts on which it depends. Fails if this run cannot use the partial results.
    fn begin(&mut self, run: &Outline, identity: &Identity) -> Result<()>;

    /// What all SNPs contribute to the kinships of a group.
    fn kinship(&mut self, group: usize) -> Result<KinshipPart>;

    /// What was found for a unit of a group before its SNPs are tested.
    ///
    /// * `observer`: receives the progress of stages before the tests
    fn unit(&mut self, group: usize, unit: usize, observer: &dyn Observer) -> Result<UnitPart>;

    /// The tests of the next SNPs of a unit, in the order of the source; `None` after the last.
    fn tests(&mut self, group: usize, unit: usize) -> Result<Option<TestPart>>;
}

/// The work of a run.
#[derive(Debug, Clone)]
pub struct Outline {
    /// The result of a run of this kind: the kinship, or the tests.
    pub is_kinship: bool,
    /// The backend of the run, which workers use too.
    pub backend: String,
    /// Number of SNPs of the source.
    pub n_snps: usize,
    /// Number of individuals of the source.
    pub n_individuals: usize,
    /// For each group of traits, the number of its individuals, and that of its traits.
    pub groups: Vec<(usize, usize)>,
    /// The kinships of each group.
    pub units: Vec<UnitOutline>,
    /// Whether the kinship is computed from the genotypes.
    pub is_computed: bool,
    /// Whether a kinship is decomposed.
    pub is_decomposed: bool,
    /// Ranges of dosages must begin at multiples of this.
    pub chunk: usize,
}

impl Outline {
    /// The number of units with SNPs at `snps`.
    pub(crate) fn units_in(&self, snps: &Range<usize>) -> usize {
        let is_in = |range: &Range<usize>| range.start.max(snps.start) < range.end.min(snps.end);
        let units = self.units.iter();
        units
            .filter(|unit| unit.chromosome.iter().any(is_in))
            .count()
    }
}

/// A kinship and the SNPs that are tested with it.
#[derive(Debug, Clone)]
pub struct UnitOutline {
    /// The chromosome that is left out.
    pub left_out: Option<String>,
    /// The SNPs of the chromosome, or all.
    pub chromosome: Vec<Range<usize>>,
    /// The SNPs that are read for the tests.
    pub tested: Vec<Range<usize>>,
}
