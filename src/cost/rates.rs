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
    /// Those measured on 2 cores of an AMD EPYC 7003 (Zen 3, 2.45 GHz, AVX2, 32 MB of L3 cache); docs/cost.md has the runs.
    fn default() -> Self {
        Self {
            kinship: 60e9,
            standardised_kinship: 30e9,
            dosage_kinship: 12e9,
            missing_calls: 1e9,
            decomposition: 25e9,
            memory: 12e9,
            rotation: 35e9,
            dosage_rotation: 20e9,
            search: 8e-9,
            covariate: 5e-9,
            genotype: 1e-9,
            snp: 1e-6,
            row: 2e-6,
        }
    }
}

impl Rates {
    /// What the default rates are those of.
    pub const DEFAULT_MACHINE: &'static str = "AMD EPYC 7003, AVX2";

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
