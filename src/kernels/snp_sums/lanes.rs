//! Sizes shared by the implementations.

use crate::kernels::LANES;

/// Eight partial sums.
pub(super) type Lanes = [f64; LANES];

/// Rows of lanes whose weighted x is held at once: two pages in the first-level cache, and an even number, so that pairs
/// are not split.
pub(super) const CHUNK_ROWS: usize = 16;
