//! The sums with values selected in registers.
//!
//! The four values of a SNP are in one register, which is indexed by the codes. Only the packed codes and the four values
//! of a SNP are stored, and the sums of one individual with 64 others stay in registers over all its SNPs.
#![allow(unsafe_code, reason = "loads and stores of vectors")]

use super::snps::{IntegerLanes, PACKED, SelectedSnps};
use crate::kernels::LANES;
use crate::kernels::cpu::{V4, with_instructions};
use rayon::prelude::*;
use std::arch::x86_64::{
    _mm256_loadu_si256, _mm512_add_epi64, _mm512_broadcast_i64x4, _mm512_load_si512,
    _mm512_loadu_si512, _mm512_permutexvar_epi64, _mm512_set1_epi64, _mm512_srlv_epi64,
    _mm512_store_si512,
};

/// Strips of eight individuals whose sums are in registers together.
const STRIPS: usize = 8;
/// Strips whose codes fit in one word.
const STRIPS_OF_WORD: usize = 4;
const WORDS: usize = STRIPS / STRIPS_OF_WORD;

/// The caller has checked the lengths and the SNPs.
pub(super) fn add(cpu: V4, n: usize, snps: SelectedSnps<'_>, sums: &mut [IntegerLanes]) {
    let used = snps.used();
    sums.chunks_mut(STRIPS * n)
        .enumerate()
        .par_bridge()
        .for_each_init(
            || vec![[0; WORDS]; snps.values.len()],
            |codes, (tile, sums)| {
                let mut first = tile * STRIPS;
                let mut rest = sums;
                while !rest.is_empty() {
                    // The largest power of two that does not exceed the number of strips left.
                    let count = 1 << (rest.len() / n).ilog2();
                    let (now, later) = rest.split_at_mut(count * n);
                    gather(&snps, &used, first, count, codes);
                    with_instructions!(cpu: V4, add_some(count, n, snps, codes, now));
                    (first, rest) = (first + count, later);
                }
            },
        );
}

/// Copies the codes of `count` strips, from `first` on, of the SNPs used.
fn gather(
    snps: &SelectedSnps<'_>,
    used: &[u32],
    first: usize,
    count: usize,
    codes: &mut [[u64; WORDS]],
) {
    for s in used.iter().map(|&s| s as usize) {
        let packed = &snps.packed[s * snps.stride + first * PACKED..][..count * PACKED];
        for (word, bytes) in codes[s].iter_mut().zip(packed.chunks(size_of::<u64>())) {
            let mut eight = [0; size_of::<u64>()];
            eight[..bytes.len()].copy_from_slice(bytes);
            *word = u64::from_le_bytes(eight);
        }
    }
}

/// The sums of `count` strips, a power of two.
#[target_feature(enable = "avx512f")]
fn add_some(
    count: usize,
    n: usize,
    snps: SelectedSnps<'_>,
    codes: &[[u64; WORDS]],
    sums: &mut [IntegerLanes],
) {
    match count {
        8 => add_strips::<8>(n, snps, codes, sums),
        4 => add_strips::<4>(n, snps, codes, sums),
        2 => add_strips::<2>(n, snps, codes, sums),
        _ => add_strips::<1>(n, snps, codes, sums),
    }
}

/// The sums of K strips, n lines each.
#[target_feature(enable = "avx512f")]
fn add_strips<const K: usize>(
    n: usize,
    snps: SelectedSnps<'_>,
    codes: &[[u64; WORDS]],
    sums: &mut [IntegerLanes],
) {
    assert!(K <= STRIPS && sums.len() == K * n && codes.len() == snps.values.len());
    // Position of the code of each lane in the word of its strip.
    let shifts: [_; STRIPS_OF_WORD] = std::array::from_fn(|strip| {
        let lanes: [u64; LANES] = std::array::from_fn(|lane| 2 * (strip * LANES + lane) as u64);
        // SAFETY: `lanes` holds eight 64-bit integers.
        unsafe { _mm512_loadu_si512(lanes.as_ptr().cast()) }
    });
    for i in (0..n).filter(|&i| !snps.of(i).is_empty()) {
        let line = |strip: usize| &raw const sums[strip * n + i];
        // SAFETY: a line is 64 bytes, and aligned to 64 bytes.
        let mut total: [_; K] =
            std::array::from_fn(|strip| unsafe { _mm512_load_si512(line(strip).cast()) });
        for &s in snps.of(i) {
            let (values, words) = (&snps.values[s as usize], &codes[s as usize]);
            // The four values twice, so that the bit above a code has no effect.
            // SAFETY: `values` holds four 64-bit integers.
            let values =
                _mm512_broadcast_i64x4(unsafe { _mm256_loadu_si256(values.as_ptr().cast()) });
            let words = words.map(|word| _mm512_set1_epi64(word as i64));
            for (strip, total) in total.iter_mut().enumerate() {
                let codes = _mm512_srlv_epi64(
                    words[strip / STRIPS_OF_WORD],
                    shifts[strip % STRIPS_OF_WORD],
                );
                *total = _mm512_add_epi64(*total, _mm512_permutexvar_epi64(codes, values));
            }
        }
        for (strip, total) in total.into_iter().enumerate() {
            let line = &raw mut sums[strip * n + i];
            // SAFETY: as above.
            unsafe { _mm512_store_si512(line.cast(), total) };
        }
    }
}
