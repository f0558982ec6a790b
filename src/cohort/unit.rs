//! Units of work: what can be computed without the others.

/// One kinship for one group of traits. Units are independent of each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkUnit {
    /// The kinship.
    pub kinship: KinshipScope,
    /// The number of the group of traits in the [`Cohort`](super::Cohort).
    pub group: usize,
    /// The names of its traits.
    pub traits: Vec<String>,
}

/// The SNPs that a kinship is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum KinshipScope {
    /// None: the method corrects for no kinship.
    None,
    /// All that pass the filters.
    #[default]
    Genome,
}
