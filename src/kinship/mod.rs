//! The kinship (relatedness) matrix of a study.
//!
//! For every SNP that passes the filters, over **all** individuals of the file with m observed calls:
//! μ = Σg/m, missing calls ← μ, v = (Σ_obs g² + μ² n_miss)/n − μ², and
//!
//! * centred (`-gk 1`): z = g − μ
//! * standardised (`-gk 2`): z = (g − μ)/√v, left centred where v = 0
//!
//! K = (1/p) Σ z zᵀ over the p SNPs used. Source: Zhou & Stephens 2012, Nat. Genet. 44:821, Online Methods.

mod accumulate;
mod stored;

pub use accumulate::KinshipSum;
pub use stored::{KinshipLayout, check_readable, read_kinship};
pub(crate) use stored::{is_npy, matched_rows};

use faer::Mat;

/// How genotypes are scaled before their products are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KinshipKind {
    /// Centred genotypes (`-gk 1`).
    #[default]
    Centred,
    /// Centred and divided by their standard deviation (`-gk 2`).
    Standardised,
}

impl KinshipKind {
    /// The letters in the names of GEMMA's files: `cXX` and `sXX`.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Centred => "cXX",
            Self::Standardised => "sXX",
        }
    }
}

/// A symmetric n × n kinship matrix, both triangles filled.
#[derive(Debug, Clone)]
pub struct Kinship {
    /// The matrix; rows and columns are the individuals in the order of the selection it was made for.
    pub matrix: Mat<f64>,
}
