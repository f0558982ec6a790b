//! Operations per second of a machine.

/// Rates of one thread while all threads work, and the time of small steps.
///
/// MAC is one multiplication and one addition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Centred kinship of hard calls, MAC/s over one triangle.
    pub kinship: f64,
    /// Standardised kinship of hard calls, MAC/s over one triangle.
    pub standardised_kinship: f64,
    /// Kinship of dosages, MAC/s over one triangle.
    pub dosage_kinship: f64,
    /// Additions to the centred kinship for each missing call, per second.
    pub missing_calls: f64,
    /// Matrix products of the decomposition, floating-point operations per second.
    pub decomposition: f64,
    /// Bytes per second that one thread reads from memory.
    pub memory: f64,
    /// Rotation of hard calls, MAC/s.
    pub rotation: f64,
    /// Rotation of dosages, MAC/s.
    pub dosage_rotation: f64,
    /// Seconds of one search for λ, for each individual.
    pub search: f64,
    /// The same, in addition, for each covariate besides the intercept.
    pub covariate: f64,
    /// Seconds for each individual, SNP and scan besides rotation and searches: counting, filters, decoding.
    pub genotype: f64,
    /// Seconds for each SNP and scan: its record, filters.
    pub snp: f64,
    /// Seconds for each SNP and trait: p-values, and the row as text.
    pub row: f64,
}

impl Default for Rates {
    /// Those of 2 cores of an AMD EPYC 9004 with AVX-512, from the runs in docs/benchmarks.md; docs/cost.md says which.
    fn default() -> Self {
        Self {
            kinship: 3.5e11,
            standardised_kinship: 4e10,
            dosage_kinship: 6e9,
            missing_calls: 1.5e10,
            decomposition: 4.5e10,
            memory: 1.8e10,
            rotation: 6.5e10,
            dosage_rotation: 2.4e10,
            search: 6.5e-9,
            covariate: 5.5e-9,
            genotype: 3e-9,
            snp: 1.3e-6,
            row: 2e-6,
        }
    }
}

impl Rates {
    /// What the default rates are those of.
    pub const DEFAULT_MACHINE: &'static str = "AMD EPYC 9004, AVX-512";

    /// The rates with a name for each, its value and its unit.
    #[must_use]
    pub fn named(&self) -> [(&'static str, f64, &'static str); 13] {
        [
            ("kinship", self.kinship, "MAC/s"),
            ("standardised_kinship", self.standardised_kinship, "MAC/s"),
            ("dosage_kinship", self.dosage_kinship, "MAC/s"),
            ("missing_calls", self.missing_calls, "1/s"),
            ("decomposition", self.decomposition, "flop/s"),
            ("memory", self.memory, "B/s"),
            ("rotation", self.rotation, "MAC/s"),
            ("dosage_rotation", self.dosage_rotation, "MAC/s"),
            ("search", self.search, "s"),
            ("covariate", self.covariate, "s"),
            ("genotype", self.genotype, "s"),
            ("snp", self.snp, "s"),
            ("row", self.row, "s"),
        ]
    }
}
