//! Units of work, which can be computed independently.

/// One kinship for one group of traits. Units are independent of each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkUnit {
    /// The kinship.
    pub kinship: KinshipScope,
    /// The index of the group of traits in the [`Cohort`](super::Cohort).
    pub group: usize,
    /// The names of its traits.
    pub traits: Vec<String>,
}

/// The SNPs from which a kinship is computed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum KinshipScope {
    /// None: the method does not correct for kinship.
    None,
    /// All SNPs that pass the filters.
    #[default]
    Genome,
}
