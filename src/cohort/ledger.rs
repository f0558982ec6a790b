//! Numbers of analysed and excluded individuals.

/// Numbers of excluded individuals, each counted once under the first reason that applies.
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
    /// Excluded: otherwise complete, but the environment of interactions is missing.
    pub no_environment: usize,
    /// Excluded: otherwise complete, but the weight is missing.
    pub no_weight: usize,
}
