//! The columns of a table that describe the SNP of a row.

/// A column with a property of the SNP, before the statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnpColumn {
    /// Chromosome.
    Chr,
    /// Id.
    Rs,
    /// Position.
    Ps,
    /// Missing genotypes among the analysed individuals, as GEMMA's `-lmm` calls them.
    NMiss,
    /// The same, as GEMMA's `-lm` calls them.
    NMis,
    /// Analysed individuals with a genotype.
    NObs,
    /// The counted allele.
    Allele1,
    /// The other allele.
    Allele0,
    /// Frequency of allele1.
    Af,
}

impl SnpColumn {
    /// The columns of GEMMA's `-lmm`.
    pub const OF_LMM: &'static [Self] = &[
        Self::Chr,
        Self::Rs,
        Self::Ps,
        Self::NMiss,
        Self::Allele1,
        Self::Allele0,
        Self::Af,
    ];

    /// The columns of GEMMA's `-lm`.
    pub const OF_LM: &'static [Self] = &[
        Self::Chr,
        Self::Rs,
        Self::Ps,
        Self::NMis,
        Self::NObs,
        Self::Allele1,
        Self::Allele0,
        Self::Af,
    ];

    /// What it is, for the reference of columns.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Chr => "chromosome, as the genotypes name it; -9 if it is not known",
            Self::Rs => "id of the SNP",
            Self::Ps => "position on the chromosome, in base pairs; -9 if it is not known",
            Self::NMiss | Self::NMis => "analysed individuals without a genotype",
            Self::NObs => "analysed individuals with a genotype",
            Self::Allele1 => "counted allele, whose effect is estimated",
            Self::Allele0 => "other allele",
            Self::Af => {
                "frequency of allele1 among the analysed individuals with a genotype; can exceed 0.5"
            }
        }
    }

    /// The name in the header of a table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chr => "chr",
            Self::Rs => "rs",
            Self::Ps => "ps",
            Self::NMiss => "n_miss",
            Self::NMis => "n_mis",
            Self::NObs => "n_obs",
            Self::Allele1 => "allele1",
            Self::Allele0 => "allele0",
            Self::Af => "af",
        }
    }
}
