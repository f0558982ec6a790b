//! The kinship matrix, and how genotypes are scaled for it.

use crate::error::Result;
use crate::kernels::memory::matrix_room;
use faer::Mat;
use serde::{Deserialize, Serialize};

/// How genotypes are scaled before their products are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// The matrix; rows and columns are the individuals in the order of the selection for which it was computed.
    pub matrix: Mat<f64>,
}

impl Kinship {
    /// The kinship of some of its individuals, by their rows. Fails if there is not enough memory.
    pub fn subset(&self, rows: &[usize]) -> Result<Self> {
        let n = rows.len();
        let mut matrix = matrix_room(n, n, "the kinship of the analysed individuals")?;
        matrix.resize_with(n, n, |i, j| self.matrix[(rows[i], rows[j])]);
        Ok(Self { matrix })
    }
}
