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

/// Packed SNPs and the SNPs among them that each individual selects.
#[derive(Debug, Clone, Copy)]
pub struct SelectedSnps<'a> {
    /// The genotypes, `stride` bytes a SNP.
    pub packed: &'a [u8],
    /// Bytes of a SNP: two for each eight individuals.
    pub stride: usize,
    /// The value of each two-bit code in each SNP.
    pub values: &'a [[i64; 4]],
    /// Where the SNPs of each individual begin in `snps`, and where the last ones end: n + 1 numbers.
    pub starts: &'a [usize],
    /// The SNPs selected for the first individual, for the second, and so on.
    pub snps: &'a [u32],
}

/// Adds to `sums[j / 8 · n + i][j mod 8]` the values of j's codes in the SNPs selected for i.
///
/// # Panics
/// Where the lengths do not fit each other.
pub fn add_selected(snps: SelectedSnps<'_>, sums: &mut [IntegerLanes]) {
    let n = snps.starts.len() - 1;
    assert!(snps.stride == n.div_ceil(LANES) * PACKED && sums.len() == n.div_ceil(LANES) * n);
    assert!(snps.packed.len() == snps.values.len() * snps.stride);
    sums.par_chunks_mut(n).enumerate().for_each_init(
        || vec![[0; LANES]; snps.values.len()],
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
    /// The value of each of eight individuals in every SNP.
    values: &'a mut [IntegerLanes],
    sums: &'a mut [IntegerLanes],
}

impl WithSimd for Strip<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let snps = self.snps;
        let codes = snps.packed.chunks_exact(snps.stride);
        for ((values, table), packed) in self.values.iter_mut().zip(snps.values).zip(codes) {
            let at = self.strip * PACKED;
            let codes = i64::from(u16::from_le_bytes([packed[at], packed[at + 1]]));
            let table = *table;
            for lane in 0..LANES {
                // Choices by masks, which become vector instructions; a look-up would not.
                let code = codes >> (2 * lane);
                let (low, high) = (-(code & 1), -(code >> 1 & 1));
                let choose = |zero: i64, one: i64| zero ^ ((zero ^ one) & low);
                let (clear, set) = (choose(table[0], table[1]), choose(table[2], table[3]));
                values[lane] = clear ^ ((clear ^ set) & high);
            }
        }
        for (sum, ends) in self.sums.iter_mut().zip(snps.starts.windows(2)) {
            let mut total = *sum;
            for &s in &snps.snps[ends[0]..ends[1]] {
                let values = &self.values[s as usize];
                for lane in 0..LANES {
                    total[lane] += values[lane];
                }
            }
            *sum = total;
        }
    }
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
            let (p, stride) = (23, n.div_ceil(LANES) * PACKED);
            let packed: Vec<u8> = (0..p * stride).map(|_| next() as u8).collect();
            let values: Vec<[i64; 4]> = (0..p)
                .map(|_| [0; 4].map(|_: i64| next() as i64 - (1 << 30)))
                .collect();
            let (mut starts, mut selected) = (vec![0], Vec::new());
            for _ in 0..n {
                selected.extend((0..p as u32).filter(|_| next() % 3 == 0));
                starts.push(selected.len());
            }
            let mut sums = vec![[5; LANES]; n.div_ceil(LANES) * n];
            let snps = SelectedSnps {
                packed: &packed,
                stride,
                values: &values,
                starts: &starts,
                snps: &selected,
            };
            add_selected(snps, &mut sums);
            for i in 0..n {
                for j in 0..n {
                    let code = |s: usize| packed[s * stride + j / 4] >> (2 * (j % 4)) & 3;
                    let sum: i64 = (selected[starts[i]..starts[i + 1]].iter())
                        .map(|&s| values[s as usize][usize::from(code(s as usize))])
                        .sum();
                    assert_eq!(sums[j / LANES * n + i][j % LANES], 5 + sum, "{n} {i} {j}");
                }
            }
        }
    }
}
