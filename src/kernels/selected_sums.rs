//! Sums over a few SNPs of each individual: Σ over the SNPs s selected for i of the value of everybody's code in s.
//!
//! The values are integers, so the sums are exact and their order is free.

use super::LANES;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Integers of [`LANES`] individuals.
pub type IntegerLanes = [i64; LANES];

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
    /// Where the SNPs of each individual begin in `snps`, and where the last ones end: n + 1 numbers for each segment.
    pub starts: &'a [Vec<usize>],
    /// The SNPs of a segment, counted from its first, selected for the first individual, for the second, and so on.
    pub snps: &'a [u16],
}

/// Adds to `sums[j / 8 · n + i][j mod 8]` the values of j's codes in the SNPs selected for i.
///
/// # Panics
/// Where the lengths do not fit each other.
pub fn add_selected(n: usize, snps: SelectedSnps<'_>, sums: &mut [IntegerLanes]) {
    assert!(snps.starts.iter().all(|starts| starts.len() == n + 1));
    assert!(snps.stride == n.div_ceil(LANES) * PACKED && sums.len() == n.div_ceil(LANES) * n);
    assert!(snps.packed.len() == snps.values.len() * snps.stride);
    sums.par_chunks_mut(n).enumerate().for_each_init(
        || Box::new([[0; LANES]; SEGMENT]),
        |values, (strip, sums)| {
            Arch::new().dispatch(Strip {
                snps,
                strip,
                values,
                sums,
            });
        },
    );
}

struct Strip<'a> {
    snps: SelectedSnps<'a>,
    strip: usize,
    /// The value of each of eight individuals in every SNP of a segment.
    values: &'a mut [IntegerLanes; SEGMENT],
    sums: &'a mut [IntegerLanes],
}

impl WithSimd for Strip<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let snps = self.snps;
        let segments = (snps.values.chunks(SEGMENT))
            .zip(snps.packed.chunks(SEGMENT * snps.stride))
            .zip(snps.starts);
        for ((tables, packed), starts) in segments {
            let codes = packed.chunks_exact(snps.stride);
            for ((values, table), packed) in self.values.iter_mut().zip(tables).zip(codes) {
                let at = self.strip * PACKED;
                *values = choose(table, u16::from_le_bytes([packed[at], packed[at + 1]]));
            }
            for (sum, ends) in self.sums.iter_mut().zip(starts.windows(2)) {
                let selected = &snps.snps[ends[0]..ends[1]];
                // Vectors by name: the compiler would keep eight scalars instead.
                for (k, sum) in S::as_mut_simd_i64s(sum).0.iter_mut().enumerate() {
                    let mut total = *sum;
                    for &s in selected {
                        let values = S::as_simd_i64s(&self.values[usize::from(s) % SEGMENT]).0;
                        total = simd.add_i64s(total, values[k]);
                    }
                    *sum = total;
                }
            }
        }
    }
}

/// The value of each of eight codes: choices by masks, which become vector instructions as a look-up would not.
#[inline(always)]
fn choose(table: &[i64; 4], codes: u16) -> IntegerLanes {
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
            let (mut starts, mut selected) = (Vec::new(), Vec::new());
            for length in [SEGMENT, 23] {
                let mut ends = vec![selected.len()];
                for _ in 0..n {
                    selected.extend((0..length as u16).filter(|_| next() % 3 == 0));
                    ends.push(selected.len());
                }
                starts.push(ends);
            }
            let mut sums = vec![[5; LANES]; n.div_ceil(LANES) * n];
            let snps = SelectedSnps {
                packed: &packed,
                stride,
                values: &values,
                starts: &starts,
                snps: &selected,
            };
            add_selected(n, snps, &mut sums);
            for i in 0..n {
                for j in 0..n {
                    let code = |s: usize| packed[s * stride + j / 4] >> (2 * (j % 4)) & 3;
                    let mut sum = 0;
                    for (segment, starts) in starts.iter().enumerate() {
                        for &s in &selected[starts[i]..starts[i + 1]] {
                            let s = segment * SEGMENT + usize::from(s);
                            sum += values[s][usize::from(code(s))];
                        }
                    }
                    assert_eq!(sums[j / LANES * n + i][j % LANES], 5 + sum, "{n} {i} {j}");
                }
            }
        }
    }
}
