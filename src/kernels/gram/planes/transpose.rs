//! Transposition of genotypes, from SNP by SNP to individual by individual.

use super::word::{LANES, WORD};

/// Individuals in one 64-bit word of a SNP.
pub(super) const GROUP: usize = 32;
const GROUP_BYTES: usize = GROUP / 4;
/// Bits in a word, and rows and columns of a square.
const SIDE: usize = 64;
/// All individuals of a word heterozygous, x = 0.
const HETEROZYGOUS: u64 = 0xaaaa_aaaa_aaaa_aaaa;

/// Row 2k is the low and row 2k + 1 the high bit of the codes of individual k of a `group`; bit b of lane l is SNP 64 l + b.
///
/// In the padding, SNPs and individuals are heterozygous.
#[inline(always)]
pub(super) fn transposed(snps: &[&[u8]], group: usize) -> [[u64; LANES]; SIDE] {
    assert!(snps.len() <= WORD);
    let mut rows = [[HETEROZYGOUS; LANES]; SIDE];
    let first = group * GROUP_BYTES;
    for (s, snp) in snps.iter().enumerate() {
        let there = &snp[first..snp.len().min(first + GROUP_BYTES)];
        let codes = if let Some(codes) = there.first_chunk::<GROUP_BYTES>() {
            *codes
        } else {
            let mut codes = HETEROZYGOUS.to_le_bytes();
            codes[..there.len()].copy_from_slice(there);
            codes
        };
        rows[s % SIDE][s / SIDE] = u64::from_le_bytes(codes);
    }
    transpose(&mut rows);
    rows
}

/// Row b holds bit b of up to 512 numbers, padded with 0.
pub(super) fn transposed_numbers(numbers: impl Iterator<Item = u64>) -> [[u64; LANES]; SIDE] {
    let mut rows = [[0; LANES]; SIDE];
    for (s, number) in numbers.enumerate() {
        rows[s % SIDE][s / SIDE] = number;
    }
    transpose(&mut rows);
    rows
}

/// Transposes eight squares of 64 × 64 bits, one per lane: swaps bit c of row r with bit r of row c.
///
/// The two off-diagonal squares of half the size are swapped, then those of a quarter of the size within each square, and
/// so on (Warren, Hacker's Delight, section 7-3).
#[inline(always)]
fn transpose(rows: &mut [[u64; LANES]; SIDE]) {
    let (mut half, mut mask) = (SIDE / 2, u64::MAX >> (SIDE / 2));
    while half > 0 {
        let mut r = 0;
        while r < SIDE {
            let (above, below) = rows.split_at_mut(r + half);
            for (upper, lower) in above[r].iter_mut().zip(&mut below[0]) {
                let change = (*upper >> half ^ *lower) & mask;
                *upper ^= change << half;
                *lower ^= change;
            }
            // The next row in whose number this bit is not set.
            r = (r + half + 1) & !half;
        }
        half /= 2;
        mask ^= mask << half;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_every_square_goes_to_its_place() {
        let mut state = 3_u64;
        let rows: [[u64; LANES]; SIDE] = [[0; LANES]; SIDE].map(|row| {
            row.map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                state ^ state >> 29
            })
        });
        let mut found = rows;
        transpose(&mut found);
        for (r, found) in found.iter().enumerate() {
            for (c, row) in rows.iter().enumerate() {
                for (found, row) in found.iter().zip(row) {
                    assert_eq!(found >> c & 1, row >> r & 1, "{r}, {c}");
                }
            }
        }
    }
}
