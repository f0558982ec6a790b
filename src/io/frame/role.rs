//! What a table is read for.

/// What a table is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableRole {
    /// `--pheno`.
    Phenotypes,
    /// `--covar`.
    Covariates,
    /// The individuals of PLINK 2 files (`.psam`), whose other columns are phenotypes.
    Psam,
}

impl TableRole {
    /// The option that names the file.
    #[must_use]
    pub fn option(self) -> &'static str {
        match self {
            Self::Phenotypes => "--pheno",
            Self::Covariates => "--covar",
            Self::Psam => "--pfile",
        }
    }

    /// The option for such a file without a header.
    #[must_use]
    pub fn positional(self) -> &'static str {
        match self {
            Self::Phenotypes | Self::Psam => "-p",
            Self::Covariates => "-c",
        }
    }
}
