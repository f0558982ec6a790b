//! Sums over a few SNPs of each individual: Σ over the SNPs s selected for i of the value of everybody's code in s.
//!
//! The values are integers, so the sums are exact and their order is free.

use super::LANES;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Integers of eight individuals: one cache line, which no access may straddle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(align(64))]
pub struct IntegerLanes(pub [i64; LANES]);

/// Bytes of eight packed genotypes.
const PACKED: usize = LANES / 4;

/// SNPs whose values for eight individuals, 32 KB, stay in the first-level cache.
pub const SEGMENT: usize = 512;

/// Packed SNPs and the SNPs among them that each individual selects, in segments of [`SEGMENT`] SNPs.
#[derive(Debug, Clone, Copy)]
pub struct SelectedSnps<'a> {
    /// The genotypes, `stride` bytes a SNP.
    pub packed: &'a [u8],
    /// Bytes of a SNP: two for each eight individuals.
    pub stride: usize,
    /// The value of each two-bit code in each SNP.
    pub values: &'a [[i64; 4]],
    /// For each segment the selected pairs of an individual and a SNP, counted from the first of the segment; quickest
    /// in the order of the individuals.
    pub selected: &'a [Vec<[u32; 2]>],
}

/// Adds to `sums[j / 8 · n + i][j mod 8]` the values of j's codes in the SNPs selected for i.
///
/// # Panics
/// Where the lengths do not fit each other.
pub fn add_selected(n: usize, snps: SelectedSnps<'_>, sums: &mut [IntegerLanes]) {
    assert!(snps.stride == n.div_ceil(LANES) * PACKED && sums.len() == n.div_ceil(LANES) * n);
    assert!(snps.packed.len() == snps.values.len() * snps.stride);
    sums.par_chunks_mut(n).enumerate().for_each_init(
        || vec![IntegerLanes::default(); SEGMENT],
        |values, (eighth, sums)| {
            Arch::new().dispatch(Strip {
                snps,
                eighth,
                values,
                sums,
            });
        },
    );
}

struct Strip<'a> {
    snps: SelectedSnps<'a>,
    /// Which eight individuals.
    eighth: usize,
    /// The value of each of eight individuals in every SNP of a segment.
    values: &'a mut [IntegerLanes],
    sums: &'a mut [IntegerLanes],
}

impl WithSimd for Strip<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let snps = self.snps;
        let segments = (snps.values.chunks(SEGMENT))
            .zip(snps.packed.chunks(SEGMENT * snps.stride))
            .zip(snps.selected);
        for ((tables, packed), selected) in segments {
            let codes = packed.chunks_exact(snps.stride);
            for ((values, table), packed) in self.values.iter_mut().zip(tables).zip(codes) {
                let at = self.eighth * PACKED;
                values.0 = choose(table, u16::from_le_bytes([packed[at], packed[at + 1]]));
            }
            // One loop over all pairs: a short loop for each individual would end in a branch that nobody can foresee.
            let values = (self.values.first_chunk::<SEGMENT>()).expect("values of one segment");
            for &[i, s] in selected {
                let values = S::as_simd_i64s(&values[s as usize % SEGMENT].0).0;
                let sums = S::as_mut_simd_i64s(&mut self.sums[i as usize].0).0;
                for (sum, &value) in sums.iter_mut().zip(values) {
                    *sum = simd.add_i64s(*sum, value);
                }
            }
        }
    }
}

/// The value of each of eight codes: choices by masks, which become vector instructions as a look-up would not.
#[inline(always)]
fn choose(table: &[i64; 4], codes: u16) -> [i64; LANES] {
    let (codes, mut values) = (i64::from(codes), [0; LANES]);
    for (lane, value) in values.iter_mut().enumerate() {
        let code = codes >> (2 * lane);
        let (low, high) = (-(code & 1), -(code >> 1 & 1));
        let clear = table[0] ^ ((table[0] ^ table[1]) & low);
        let set = table[2] ^ ((table[2] ^ table[3]) & low);
        *value = clear ^ ((clear ^ set) & high);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selected_values_add_up_for_every_number_of_individuals() {
        let mut state = 1_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695);
            state >> 33
        };
        for n in 1..40_usize {
            let (p, stride) = (SEGMENT + 23, n.div_ceil(LANES) * PACKED);
            let packed: Vec<u8> = (0..p * stride).map(|_| next() as u8).collect();
            let values: Vec<[i64; 4]> = (0..p)
                .map(|_| [0; 4].map(|_: i64| next() as i64 - (1 << 30)))
                .collect();
            let mut selected = Vec::new();
            for length in [SEGMENT as u32, 23] {
                let pairs = (0..n as u32).flat_map(|i| (0..length).map(move |s| [i, s]));
                selected.push(pairs.filter(|_| next() % 3 == 0).collect::<Vec<_>>());
            }
            let mut sums = vec![IntegerLanes([5; LANES]); n.div_ceil(LANES) * n];
            let snps = SelectedSnps {
                packed: &packed,
                stride,
                values: &values,
                selected: &selected,
            };
            add_selected(n, snps, &mut sums);
            for i in 0..n {
                for j in 0..n {
                    let code = |s: usize| packed[s * stride + j / 4] >> (2 * (j % 4)) & 3;
                    let mut sum = 0;
                    for (segment, selected) in selected.iter().enumerate() {
                        for [_, s] in selected.iter().filter(|pair| pair[0] as usize == i) {
                            let s = segment * SEGMENT + *s as usize;
                            sum += values[s][usize::from(code(s))];
                        }
                    }
                    assert_eq!(sums[j / LANES * n + i].0[j % LANES], 5 + sum, "{n} {i} {j}");
                }
            }
        }
    }
}
