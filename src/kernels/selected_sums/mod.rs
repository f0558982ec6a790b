//! Sums over a few SNPs selected for each individual: for individuals i and j, Σ over the SNPs s selected for i of the
//! value of j's code in s.
//!
//! The values are integers, so the sums are exact, and the same in any order and on every processor.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod snps;

pub use snps::{IntegerLanes, SelectedSnps};

use super::LANES;
#[cfg(target_arch = "x86_64")]
use super::cpu::V4;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use snps::PACKED;

/// Adds to `sums[j / 8 · n + i][j mod 8]` the values of j's codes in the SNPs selected for i.
///
/// # Panics
/// If the lengths are inconsistent, or a selected SNP does not exist.
pub fn add_selected(n: usize, snps: SelectedSnps<'_>, sums: &mut [IntegerLanes]) {
    assert!(snps.stride == n.div_ceil(LANES) * PACKED && sums.len() == n.div_ceil(LANES) * n);
    assert!(snps.packed.len() == snps.values.len() * snps.stride && snps.starts.len() == n + 1);
    let (last, count) = (snps.selected.iter().max(), snps.values.len());
    assert!(last.is_none_or(|&s| (s as usize) < count));
    #[cfg(target_arch = "x86_64")]
    if let Some(cpu) = V4::try_new() {
        return avx512::add(cpu, n, snps, sums);
    }
    add_portable(n, snps, sums);
}

/// The reference implementation: eight individuals at a time; first their values in all SNPs, then the sums.
fn add_portable(n: usize, snps: SelectedSnps<'_>, sums: &mut [IntegerLanes]) {
    let used = snps.used();
    sums.chunks_mut(n).enumerate().par_bridge().for_each_init(
        || vec![IntegerLanes::default(); snps.values.len()],
        |values, (eighth, sums)| {
            Arch::new().dispatch(Strip {
                snps,
                used: &used,
                eighth,
                values,
                sums,
            });
        },
    );
}

struct Strip<'a> {
    snps: SelectedSnps<'a>,
    /// The SNPs selected for at least one individual.
    used: &'a [u32],
    /// Index of the group of eight individuals.
    eighth: usize,
    /// The value of each of eight individuals in every SNP used.
    values: &'a mut [IntegerLanes],
    sums: &'a mut [IntegerLanes],
}

impl WithSimd for Strip<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (snps, at) = (self.snps, self.eighth * PACKED);
        for &s in self.used {
            let s = s as usize;
            let packed = &snps.packed[s * snps.stride + at..][..PACKED];
            let codes = u16::from_le_bytes([packed[0], packed[1]]);
            self.values[s].0 = choose(&snps.values[s], codes);
        }
        for (i, sums) in self.sums.iter_mut().enumerate() {
            let mut total = sums.0;
            for &s in snps.of(i) {
                for (total, value) in total.iter_mut().zip(&self.values[s as usize].0) {
                    *total += value;
                }
            }
            sums.0 = total;
        }
    }
}

/// The value of each of eight codes, selected by masks: unlike a look-up, this is vectorised.
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
    fn selected_values_add_up_in_every_way_for_every_number_of_individuals() {
        let mut state = 1_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695);
            state >> 33
        };
        for n in (1..40_usize).chain([63, 64, 65, 97, 130, 200]) {
            let (p, stride) = (61, n.div_ceil(LANES) * PACKED);
            let packed: Vec<u8> = (0..p * stride).map(|_| next() as u8).collect();
            let values: Vec<[i64; 4]> = (0..p)
                .map(|_| [0; 4].map(|_: i64| next() as i64 - (1 << 30)))
                .collect();
            let (mut starts, mut selected) = (vec![0], Vec::new());
            for i in 0..n {
                // No SNPs, all SNPs, and a random third.
                selected
                    .extend((0..p as u32).filter(|_| i % 5 == 1 || i % 5 != 2 && next() % 3 == 0));
                starts.push(selected.len());
            }
            let snps = SelectedSnps {
                packed: &packed,
                stride,
                values: &values,
                starts: &starts,
                selected: &selected,
            };
            let fresh = vec![IntegerLanes([5; LANES]); n.div_ceil(LANES) * n];
            let (mut sums, mut portable) = (fresh.clone(), fresh);
            add_selected(n, snps, &mut sums);
            add_portable(n, snps, &mut portable);
            for i in 0..n {
                for j in 0..n {
                    let code = |s: usize| packed[s * stride + j / 4] >> (2 * (j % 4)) & 3;
                    let values = snps.of(i).iter().map(|&s| s as usize);
                    let sum: i64 = values
                        .map(|s| values_of(&snps, s)[usize::from(code(s))])
                        .sum();
                    for sums in [&sums, &portable] {
                        assert_eq!(sums[j / LANES * n + i].0[j % LANES], 5 + sum, "{n} {i} {j}");
                    }
                }
            }
        }
    }

    fn values_of(snps: &SelectedSnps<'_>, s: usize) -> [i64; 4] {
        snps.values[s]
    }
}
