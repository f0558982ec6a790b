//! Progress of a run, and its stages: the same for progress bars, the memory plan, timings and the log.

use serde::{Deserialize, Serialize};

/// A stage of a run. A run consists of some of these, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// A kinship matrix is read from a file, or selected from one in memory.
    ReadKinship,
    /// Eigenvalues and eigenvectors are read.
    ReadEigen,
    /// The kinship is computed from the genotypes.
    Kinship,
    /// The kinship is written.
    WriteKinship,
    /// The variance components of two kinships are estimated, and the kinships are combined.
    VarianceComponents,
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
            Self::VarianceComponents => "variance components",
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
            Self::ReadKinship | Self::ReadEigen | Self::WriteKinship | Self::VarianceComponents => {
                None
            }
        }
    }
}

/// An event in a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress<'a> {
    /// A stage started.
    Began {
        /// The stage.
        stage: Stage,
        /// The number of SNPs, if the stage processes SNPs and the number is known.
        n_snps: Option<u64>,
    },
    /// A further number of SNPs of the current stage is done.
    Advanced(u64),
    /// The fraction done, from 0 to 1, of a stage that does not process SNPs.
    Fraction(f64),
    /// The current stage is done.
    Ended,
    /// A note for the user. It is also written to the log.
    Note(&'a str),
}

/// Receives the progress of a run, and can cancel it. The library itself prints nothing.
pub trait Observer: Sync {
    /// Called for every event, on the thread that runs the job.
    fn on(&self, progress: Progress<'_>);

    /// Whether the run is to stop. It is called often; once it returns true, the run fails with
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
