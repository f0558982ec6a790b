//! A selection of the individuals of a file, and the decoding of their genotypes.

use crate::kernels::{GenotypeCounts, PackedMask, count_genotypes};

/// The value that each two-bit code stands for, indexed by the code: `00`, `01` (missing), `10`, `11`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dosages(pub [f64; 4]);

impl Dosages {
    /// Copies of allele1, with `missing` in place of a missing call.
    #[must_use]
    pub fn with_missing(missing: f64) -> Self {
        Self([2.0, missing, 1.0, 0.0])
    }

    /// (dosage − `mean`) · `scale`, a missing call being at the mean.
    #[must_use]
    pub fn centred(mean: f64, scale: f64) -> Self {
        Self([
            (2.0 - mean) * scale,
            0.0,
            (1.0 - mean) * scale,
            -mean * scale,
        ])
    }
}

/// Some of the individuals of a `.fam`, by their position in it, in a fixed order.
#[derive(Debug, Clone)]
pub struct Individuals {
    n_total: usize,
    positions: Vec<usize>,
    mask: PackedMask,
    is_everybody: bool,
}

impl Individuals {
    /// The individuals at `positions` out of `n_total`.
    ///
    /// # Panics
    /// Where a position is not below `n_total`.
    #[must_use]
    pub fn new(n_total: usize, positions: Vec<usize>) -> Self {
        let mask = PackedMask::new(n_total, &positions);
        let is_everybody =
            positions.len() == n_total && positions.iter().enumerate().all(|(i, &p)| i == p);
        Self {
            n_total,
            positions,
            mask,
            is_everybody,
        }
    }

    /// Everybody in the file.
    #[must_use]
    pub fn everybody(n_total: usize) -> Self {
        Self::new(n_total, (0..n_total).collect())
    }

    /// How many are selected.
    #[must_use]
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    /// Whether nobody is selected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    /// How many are in the file.
    #[must_use]
    pub fn n_total(&self) -> usize {
        self.n_total
    }

    /// Positions in the file, in the order of the selection.
    #[must_use]
    pub fn positions(&self) -> &[usize] {
        &self.positions
    }

    /// Counts the genotypes of one packed SNP over the selected individuals.
    #[must_use]
    pub fn count(&self, packed: &[u8]) -> GenotypeCounts {
        count_genotypes(packed, &self.mask)
    }

    /// Decodes one packed SNP: one value for each selected individual, in order.
    ///
    /// # Panics
    /// Where `out` is shorter than the selection, or `packed` shorter than the file's individuals.
    pub fn decode(&self, packed: &[u8], values: Dosages, out: &mut [f64]) {
        let out = &mut out[..self.positions.len()];
        if self.is_everybody {
            for (four, byte) in out.chunks_mut(4).zip(packed) {
                for (k, x) in four.iter_mut().enumerate() {
                    *x = values.0[usize::from(byte >> (2 * k) & 3)];
                }
            }
            return;
        }
        for (x, &position) in out.iter_mut().zip(&self.positions) {
            *x = values.0[usize::from(packed[position / 4] >> (2 * (position % 4)) & 3)];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selected_individuals_decode_in_their_order() {
        let packed = [0b11_10_01_00, 0b00_00_00_10];
        let mut out = [0.0; 5];
        Individuals::everybody(5).decode(&packed, Dosages::with_missing(9.0), &mut out);
        assert_eq!(out, [2.0, 9.0, 1.0, 0.0, 1.0]);
        Individuals::new(5, vec![4, 1, 0]).decode(&packed, Dosages::with_missing(9.0), &mut out);
        assert_eq!(out[..3], [1.0, 9.0, 2.0]);
        let Dosages(centred) = Dosages::centred(0.5, 2.0);
        assert_eq!(centred, [3.0, 0.0, 1.0, -1.0]);
    }

    #[test]
    fn counts_cover_the_selection_only() {
        let packed = [0b11_10_01_00, 0b00_00_00_10];
        let counts = Individuals::new(5, vec![1, 2, 4]).count(&packed);
        assert_eq!(
            (counts.two, counts.one, counts.zero, counts.missing),
            (0, 2, 0, 1)
        );
        assert_eq!(counts.mean(), 1.0);
    }
}
