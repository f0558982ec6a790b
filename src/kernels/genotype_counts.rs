//! Genotype counts of a packed SNP, by bit planes and population counts.

use pulp::{Arch, WithSimd};

/// Number of individuals with two, one and no copies of allele1, and number of missing calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GenotypeCounts {
    /// Two copies of allele1.
    pub two: usize,
    /// One copy.
    pub one: usize,
    /// No copy.
    pub zero: usize,
    /// No call.
    pub missing: usize,
}

impl GenotypeCounts {
    /// Individuals with a call.
    #[must_use]
    pub fn observed(&self) -> usize {
        self.two + self.one + self.zero
    }

    /// Individuals with or without a call.
    #[must_use]
    pub fn total(&self) -> usize {
        self.observed() + self.missing
    }

    /// Total number of copies of allele1.
    #[must_use]
    pub fn allele1(&self) -> usize {
        2 * self.two + self.one
    }

    /// Mean dosage of allele1 over the observed calls; NaN if there are none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.allele1() as f64 / self.observed() as f64
    }
}

/// A set of individuals: one bit for each, at the position of the low bit of its two-bit code.
#[derive(Debug, Clone)]
pub struct PackedMask {
    words: Vec<u64>,
}

/// Individuals in one 64-bit word.
const PER_WORD: usize = 32;
/// The low bit of every two-bit code.
const LOW: u64 = 0x5555_5555_5555_5555;

impl PackedMask {
    /// The mask of the individuals `kept` out of `n_total`.
    ///
    /// # Panics
    /// If an element of `kept` is not below `n_total`.
    #[must_use]
    pub fn new(n_total: usize, kept: &[usize]) -> Self {
        let mut words = vec![0; n_total.div_ceil(PER_WORD)];
        for &i in kept {
            assert!(i < n_total, "kept individuals exist");
            words[i / PER_WORD] |= 1 << (2 * (i % PER_WORD));
        }
        Self { words }
    }
}

/// Counts the genotypes of the individuals in `mask`.
///
/// * `packed`: one SNP of a `.bed` file; its padding bits are ignored
#[must_use]
pub fn count_genotypes(packed: &[u8], mask: &PackedMask) -> GenotypeCounts {
    Arch::new().dispatch(CountGenotypes { packed, mask })
}

struct CountGenotypes<'a> {
    packed: &'a [u8],
    mask: &'a PackedMask,
}

impl WithSimd for CountGenotypes<'_> {
    type Output = GenotypeCounts;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> GenotypeCounts {
        let (words, tail) = self.packed.as_chunks::<8>();
        let mut last = [0_u8; 8];
        last[..tail.len()].copy_from_slice(tail);
        let mut sums = [0_u64; 4];
        let (full, rest) = self
            .mask
            .words
            .split_at(words.len().min(self.mask.words.len()));
        for (word, &mask) in words.iter().zip(full) {
            add(&mut sums, u64::from_le_bytes(*word), mask);
        }
        if let [mask, ..] = rest {
            add(&mut sums, u64::from_le_bytes(last), *mask);
        }
        let [included, low, high, both] = sums.map(|s| s as usize);
        // 11 is no copy, 10 one copy, 01 missing, 00 two copies.
        GenotypeCounts {
            two: included + both - low - high,
            one: high - both,
            zero: both,
            missing: low - both,
        }
    }
}

/// Adds the counts of one word: individuals included, and those with the low bit, the high bit and both bits set.
#[inline(always)]
fn add(sums: &mut [u64; 4], word: u64, mask: u64) {
    let (low, high) = (word & LOW & mask, (word >> 1) & LOW & mask);
    sums[0] += u64::from(mask.count_ones());
    sums[1] += u64::from(low.count_ones());
    sums[2] += u64::from(high.count_ones());
    sums[3] += u64::from((low & high).count_ones());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A straightforward implementation.
    fn naive(packed: &[u8], kept: &[usize]) -> GenotypeCounts {
        let mut c = GenotypeCounts::default();
        for &i in kept {
            match packed[i / 4] >> (2 * (i % 4)) & 3 {
                0 => c.two += 1,
                1 => c.missing += 1,
                2 => c.one += 1,
                _ => c.zero += 1,
            }
        }
        c
    }

    #[test]
    fn counts_equal_the_naive_loop_for_every_length_and_mask() {
        let mut state = 1_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state >> 33
        };
        for n in 0..200_usize {
            let packed: Vec<u8> = (0..n.div_ceil(4)).map(|_| next() as u8).collect();
            let all: Vec<usize> = (0..n).collect();
            let some: Vec<usize> = (0..n).filter(|_| next() % 3 > 0).collect();
            for kept in [all, some, Vec::new()] {
                let mask = PackedMask::new(n, &kept);
                assert_eq!(
                    count_genotypes(&packed, &mask),
                    naive(&packed, &kept),
                    "n = {n}"
                );
            }
        }
    }
}
