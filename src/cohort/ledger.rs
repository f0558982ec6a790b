//! Who is analysed and who is not, in numbers.

/// How many individuals are excluded, each counted once under the first reason that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Individuals in the source of the genotypes.
    pub total: usize,
    /// Individuals analysed.
    pub analysed: usize,
    /// Excluded: no phenotype.
    pub no_phenotype: usize,
    /// Excluded: a phenotype, but a covariate is missing.
    pub no_covariate: usize,
}
