//! Where partial results come from.

use super::identity::Identity;
use super::kinship::KinshipPart;
use super::tests_of_snps::TestPart;
use super::unit::UnitPart;
use crate::error::Result;
use crate::kinship::StoredSum;
use crate::progress::Observer;
use std::ops::Range;

/// Partial results that are computed elsewhere: in parts of the run, or by workers.
///
/// A run calls [`begin`](Self::begin) once, then for each group of traits either [`kinship`](Self::kinship), or for each
/// unit [`unit`](Self::unit) and [`tests`](Self::tests) until there are no more.
pub trait Elsewhere: Send {
    /// Receives what there is to compute, and the facts on which it depends. Fails if this run cannot use the partial results.
    fn begin(&mut self, run: &Outline, identity: &Identity) -> Result<()>;

    /// What all SNPs contribute to the kinships of a group; if every chromosome is left out in turn, with one sum
    /// ([`ALL_UNITS`](super::ALL_UNITS)), from which [`chromosome`](Self::chromosome) is subtracted.
    fn kinship(&mut self, group: usize) -> Result<KinshipPart>;

    /// The sum of the SNPs of a unit, if there are any, for a run of which every chromosome is left out in turn. There is one for
    /// each chromosome, so they are not in memory together.
    fn chromosome(&mut self, group: usize, unit: usize) -> Result<Option<StoredSum>> {
        let _ = (group, unit);
        Ok(None)
    }

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
    /// The number of units whose SNPs at `snps` are added at the same time, while these are read once. A chromosome is one from its
    /// first to its last SNP; scaffolds that are left out together may lie anywhere.
    pub(crate) fn units_at_once(&self, snps: &Range<usize>) -> usize {
        let span = |unit: &UnitOutline| {
            let start = unit.chromosome.first()?.start.max(snps.start);
            let end = unit.chromosome.last()?.end.min(snps.end);
            (start < end).then_some(start..end)
        };
        let spans: Vec<Range<usize>> = self.units.iter().filter_map(span).collect();
        let open_at = |snp: usize| spans.iter().filter(|span| span.contains(&snp)).count();
        let most = spans.iter().map(|span| open_at(span.start)).max();
        most.unwrap_or(0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chromosomes_are_added_one_after_the_other() {
        let unit = |ranges: &[[usize; 2]]| UnitOutline {
            left_out: None,
            chromosome: ranges.iter().map(|&[start, end]| start..end).collect(),
            tested: Vec::new(),
        };
        let outline = |units: Vec<UnitOutline>| Outline {
            is_kinship: true,
            backend: String::new(),
            n_snps: 100,
            n_individuals: 3,
            groups: Vec::new(),
            units,
            is_computed: true,
            is_decomposed: false,
            chunk: 10,
        };
        let in_order = outline(vec![
            unit(&[[0, 40]]),
            unit(&[[40, 80]]),
            unit(&[[80, 100]]),
        ]);
        for (snps, most) in [(0..100, 1), (50..60, 1), (39..41, 1), (60..60, 0)] {
            assert_eq!(in_order.units_at_once(&snps), most, "{snps:?}");
        }
        // Scaffolds between the chromosomes are left out together.
        let scattered = outline(vec![
            unit(&[[0, 30]]),
            unit(&[[30, 40], [70, 80], [95, 100]]),
            unit(&[[40, 70]]),
            unit(&[[80, 95]]),
        ]);
        for (snps, most) in [(0..100, 2), (0..40, 1), (45..60, 2), (95..100, 1)] {
            assert_eq!(scattered.units_at_once(&snps), most, "{snps:?}");
        }
    }
}
