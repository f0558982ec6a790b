//! Units of work: one kinship for one group of traits.

use super::chromosomes::Chromosome;
use std::ops::Range;
use std::sync::Arc;

/// All SNPs of a source, however many.
const ALL: Range<usize> = 0..usize::MAX;

/// One kinship for one group of traits, and the SNPs that are tested with it. Units are independent of each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkUnit {
    /// The kinship.
    pub kinship: KinshipScope,
    /// The index of the group of traits in the [`Cohort`](super::Cohort).
    pub group: usize,
}

/// The SNPs from which a kinship is computed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum KinshipScope {
    /// None: the method does not correct for kinship.
    None,
    /// All SNPs that pass the filters.
    #[default]
    Genome,
    /// All except those of one chromosome, which are tested.
    Without(Arc<Chromosome>),
}

impl KinshipScope {
    /// The chromosome that is left out.
    #[must_use]
    pub fn left_out(&self) -> Option<&Arc<Chromosome>> {
        match self {
            Self::Without(chromosome) => Some(chromosome),
            Self::None | Self::Genome => None,
        }
    }

    /// The ranges of SNPs that are tested, in the order of the source.
    #[must_use]
    pub fn tested(&self) -> Vec<Range<usize>> {
        match self {
            Self::Without(chromosome) => chromosome.snps.clone(),
            Self::None | Self::Genome => Vec::from([ALL]),
        }
    }
}
