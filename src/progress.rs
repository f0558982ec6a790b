//! What a run says while it goes on: the one vocabulary of stages for progress bars, the memory plan, timings and the log.

/// A stage of a run. A run has some of these, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// A kinship matrix is read from a file, or selected from one in memory.
    ReadKinship,
    /// Eigenvalues and eigenvectors are read.
    ReadEigen,
    /// The kinship is computed from the genotypes.
    Kinship,
    /// The kinship is written.
    WriteKinship,
    /// The kinship is centred and decomposed.
    Eigendecomposition,
    /// Phenotypes and covariates are rotated, and the null models are fitted.
    NullModel,
    /// SNPs are rotated and tested.
    Association,
}

impl Stage {
    /// The name in progress bars and in the memory plan.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadKinship => "reading the kinship",
            Self::ReadEigen => "reading the eigenvectors",
            Self::Kinship => "kinship",
            Self::WriteKinship => "writing the kinship",
            Self::Eigendecomposition => "eigendecomposition",
            Self::NullModel => "null model",
            Self::Association => "association",
        }
    }

    /// The name in GEMMA's log (`time on ...`); `None` for a stage whose time GEMMA does not report.
    #[must_use]
    pub const fn gemma_name(self) -> Option<&'static str> {
        match self {
            Self::Kinship => Some("calculating relatedness matrix"),
            Self::Eigendecomposition => Some("eigen-decomposition"),
            Self::NullModel => Some("calculating UtX"),
            Self::Association => Some("optimization"),
            Self::ReadKinship | Self::ReadEigen | Self::WriteKinship => None,
        }
    }
}

/// Something that happened in a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress<'a> {
    /// A stage began.
    Began {
        /// The stage.
        stage: Stage,
        /// Its SNPs, if it goes through SNPs and their number is known.
        n_snps: Option<u64>,
    },
    /// So many more SNPs of the current stage are done.
    Advanced(u64),
    /// This fraction, from 0 to 1, of a stage that does not go through SNPs is done.
    Fraction(f64),
    /// The current stage is done.
    Ended,
    /// Something the user should know. It is also written to the log.
    Note(&'a str),
}

/// Follows a run, and may stop it. The library prints nothing by itself.
pub trait Observer: Sync {
    /// Called for everything that happens, by the thread that runs the job.
    fn on(&self, progress: Progress<'_>);

    /// Whether the run is to stop. It is asked often; the run then fails with
    /// [`Error::Interrupted`](crate::Error::Interrupted) and leaves no partial output.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// An observer that ignores everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn on(&self, _: Progress<'_>) {}
}
