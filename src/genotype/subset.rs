//! A selection of the individuals of a file, and the decoding of their genotypes.

use crate::kernels::{GenotypeCounts, PackedMask, count_genotypes};

/// The value of each two-bit code, indexed by the code: `00`, `01` (missing), `10`, `11`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dosages(pub [f64; 4]);

impl Dosages {
    /// Copies of allele1, with `missing` for a missing call.
    #[must_use]
    pub fn with_missing(missing: f64) -> Self {
        Self([2.0, missing, 1.0, 0.0])
    }

    /// (dosage − `mean`) · `scale`; a missing call is at the mean.
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

/// A selection of the individuals of a `.fam`, by their row in it, in a fixed order.
#[derive(Debug, Clone)]
pub struct Subset {
    n_total: usize,
    rows: Vec<usize>,
    mask: PackedMask,
    is_everybody: bool,
    /// Which of the four individuals of each packed byte are selected, one bit each; empty unless rows ascend.
    of_bytes: Vec<u8>,
}

/// The codes of the selected individuals of a byte, moved together: indexed by the selection, then by the byte.
const MOVED_TOGETHER: [[u8; 256]; 16] = {
    let mut table = [[0; 256]; 16];
    let mut at = 0;
    while at < 16 * 256 {
        let (selection, byte) = (at / 256, at % 256);
        let (mut k, mut shift) = (0, 0);
        while k < 4 {
            if selection >> k & 1 == 1 {
                table[selection][byte] |= ((byte >> (2 * k) & 3) << shift) as u8;
                shift += 2;
            }
            k += 1;
        }
        at += 1;
    }
    table
};

impl Subset {
    /// The individuals at `rows` out of `n_total`.
    ///
    /// # Panics
    /// If a row is not below `n_total`.
    #[must_use]
    pub fn new(n_total: usize, rows: Vec<usize>) -> Self {
        let mask = PackedMask::new(n_total, &rows);
        let is_everybody = rows.len() == n_total && rows.iter().enumerate().all(|(i, &p)| i == p);
        let mut of_bytes = Vec::new();
        if rows.is_sorted_by(|a, b| a < b) {
            of_bytes.resize(n_total.div_ceil(4), 0);
            for row in &rows {
                of_bytes[row / 4] |= 1 << (row % 4);
            }
        }
        Self {
            n_total,
            rows,
            mask,
            is_everybody,
            of_bytes,
        }
    }

    /// All individuals in the file.
    #[must_use]
    pub fn everybody(n_total: usize) -> Self {
        Self::new(n_total, (0..n_total).collect())
    }

    /// Number of selected individuals.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no individual is selected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Number of individuals in the file.
    #[must_use]
    pub fn n_total(&self) -> usize {
        self.n_total
    }

    /// Rows in the file, in the order of the selection.
    #[must_use]
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Counts the genotypes of one packed SNP over the selected individuals.
    #[must_use]
    pub fn count(&self, packed: &[u8]) -> GenotypeCounts {
        count_genotypes(packed, &self.mask)
    }

    /// Decodes one packed SNP: one value for each selected individual, in order.
    ///
    /// # Panics
    /// If `out` is shorter than the selection, or `packed` is shorter than for all individuals of the file.
    pub fn decode(&self, packed: &[u8], values: Dosages, out: &mut [f64]) {
        let out = &mut out[..self.rows.len()];
        if self.is_everybody {
            for (four, byte) in out.chunks_mut(4).zip(packed) {
                for (k, x) in four.iter_mut().enumerate() {
                    *x = values.0[usize::from(byte >> (2 * k) & 3)];
                }
            }
            return;
        }
        for (x, &row) in out.iter_mut().zip(&self.rows) {
            *x = values.0[usize::from(packed[row / 4] >> (2 * (row % 4)) & 3)];
        }
    }
}

impl Subset {
    /// The packed genotypes of only the selected individuals, in order, as in a `.bed` file of these individuals.
    ///
    /// * `out`: two bits for each selected individual; the padding bits are set
    ///
    /// # Panics
    /// If `out` has another length, or `packed` is shorter than for all individuals of the file.
    pub fn compact(&self, packed: &[u8], out: &mut [u8]) {
        let n = self.rows.len();
        assert_eq!(out.len(), n.div_ceil(4), "four individuals per byte");
        if self.is_everybody {
            out.copy_from_slice(&packed[..out.len()]);
        } else if self.of_bytes.is_empty() {
            out.fill(0);
            for (i, &row) in self.rows.iter().enumerate() {
                let code = packed[row / 4] >> (2 * (row % 4)) & 3;
                out[i / 4] |= code << (2 * (i % 4));
            }
        } else {
            let (mut bits, mut n_bits, mut at) = (0_u32, 0, 0);
            for (&byte, &selection) in packed[..self.of_bytes.len()].iter().zip(&self.of_bytes) {
                let codes = MOVED_TOGETHER[usize::from(selection & 15)][usize::from(byte)];
                bits |= u32::from(codes) << n_bits;
                n_bits += 2 * selection.count_ones();
                // Written repeatedly until it is full, which avoids a branch that depends on the selection.
                if let Some(out) = out.get_mut(at) {
                    *out = bits as u8;
                }
                at += (n_bits / 8) as usize;
                bits >>= n_bits & 8;
                n_bits %= 8;
            }
            if let Some(out) = out.get_mut(at) {
                *out = bits as u8;
            }
        }
        if let (Some(last), 1..) = (out.last_mut(), n % 4) {
            *last |= 0xFF << (2 * (n % 4));
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
        Subset::everybody(5).decode(&packed, Dosages::with_missing(9.0), &mut out);
        assert_eq!(out, [2.0, 9.0, 1.0, 0.0, 1.0]);
        Subset::new(5, vec![4, 1, 0]).decode(&packed, Dosages::with_missing(9.0), &mut out);
        assert_eq!(out[..3], [1.0, 9.0, 2.0]);
        let Dosages(centred) = Dosages::centred(0.5, 2.0);
        assert_eq!(centred, [3.0, 0.0, 1.0, -1.0]);
    }

    #[test]
    fn compacted_individuals_decode_as_the_selection() {
        let packed: Vec<u8> = (0..40)
            .map(|i: usize| (i * i * 37 + 11 * i) as u8)
            .collect();
        let n_total = 158;
        for step in 1..9 {
            for first in [0, 1, 3, 100, 157] {
                let ascending: Vec<usize> = (first..n_total).step_by(step).collect();
                let mut most: Vec<usize> = (0..n_total).collect();
                most.remove(first);
                let descending = ascending.iter().rev().copied().collect();
                for rows in [ascending, most, descending] {
                    let selected = Subset::new(n_total, rows);
                    let n = selected.len();
                    let mut together = vec![0x5A; n.div_ceil(4)];
                    selected.compact(&packed, &mut together);
                    let values = Dosages::with_missing(9.0);
                    let (mut a, mut b) = (vec![0.0; n], vec![0.0; 4 * together.len()]);
                    selected.decode(&packed, values, &mut a);
                    Subset::everybody(b.len()).decode(&together, values, &mut b);
                    assert_eq!(a, b[..n]);
                    assert!(b[n..].iter().all(|&x| x == 0.0), "the rest is set");
                }
            }
        }
        Subset::new(9, Vec::new()).compact(&[0, 0, 0], &mut []);
    }

    #[test]
    fn counts_cover_the_selection_only() {
        let packed = [0b11_10_01_00, 0b00_00_00_10];
        let counts = Subset::new(5, vec![1, 2, 4]).count(&packed);
        assert_eq!(
            (counts.two, counts.one, counts.zero, counts.missing),
            (0, 2, 0, 1)
        );
        assert_eq!(counts.mean(), 1.0);
    }
}
