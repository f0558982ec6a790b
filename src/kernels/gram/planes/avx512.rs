//! Population counts of vectors by AVX-512 VPOPCNTDQ: 512 products in six instructions.
#![allow(unsafe_code, reason = "loads and stores of vectors")]

use super::word::{ROWS, Word};
use crate::kernels::cpu::{V4Popcnt, with_instructions};
use std::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_load_si512, _mm512_permutex2var_epi64,
    _mm512_popcnt_epi64, _mm512_setr_epi64, _mm512_setzero_si512, _mm512_storeu_si512,
    _mm512_sub_epi64, _mm512_ternarylogic_epi64, _mm512_unpackhi_epi64, _mm512_unpacklo_epi64,
};

/// a & (b ^ c).
const AND_XOR: i32 = 0x60;

/// Σ x x' of each of eight rows with `column`.
///
/// # Panics
/// If `rows` is not eight times as long as `column`.
pub(super) fn products(cpu: V4Popcnt, rows: &[Word], column: &[Word]) -> [i64; ROWS] {
    with_instructions!(cpu: V4Popcnt, sums(rows, column))
}

#[target_feature(enable = "avx512f,avx512vpopcntdq")]
fn sums(rows: &[Word], column: &[Word]) -> [i64; ROWS] {
    let words = column.len();
    assert!(rows.len() == ROWS * words);
    let mut both = [_mm512_setzero_si512(); ROWS];
    let mut unlike = [_mm512_setzero_si512(); ROWS];
    for (w, word) in column.iter().enumerate() {
        let [homozygous, negative] = load(word);
        for r in 0..ROWS {
            // SAFETY: r < ROWS and w < `words`, and the length of `rows` was checked above.
            let row = load(unsafe { rows.get_unchecked(r * words + w) });
            let homozygous = _mm512_and_si512(homozygous, row[0]);
            let opposite = _mm512_ternarylogic_epi64::<AND_XOR>(homozygous, negative, row[1]);
            both[r] = _mm512_add_epi64(both[r], _mm512_popcnt_epi64(homozygous));
            unlike[r] = _mm512_add_epi64(unlike[r], _mm512_popcnt_epi64(opposite));
        }
    }
    let mut products = both;
    for (product, unlike) in products.iter_mut().zip(unlike) {
        *product = _mm512_sub_epi64(*product, _mm512_add_epi64(unlike, unlike));
    }
    let mut sums = [0; ROWS];
    // SAFETY: eight 64-bit integers are 64 bytes.
    unsafe { _mm512_storeu_si512(sums.as_mut_ptr().cast(), sums_of(products)) };
    sums
}

/// The two planes of a word.
#[inline]
#[target_feature(enable = "avx512f")]
fn load(word: &Word) -> [__m512i; 2] {
    // SAFETY: a plane is 64 bytes, and aligned to 64 bytes.
    unsafe {
        [
            _mm512_load_si512(word.homozygous.as_ptr().cast()),
            _mm512_load_si512(word.negative.as_ptr().cast()),
        ]
    }
}

/// The sum of each of eight vectors: halves of two vectors are added repeatedly until one vector holds all sums.
#[inline]
#[target_feature(enable = "avx512f")]
fn sums_of([a, b, c, d, e, f, g, h]: [__m512i; ROWS]) -> __m512i {
    let pairs = |x, y| _mm512_add_epi64(_mm512_unpacklo_epi64(x, y), _mm512_unpackhi_epi64(x, y));
    let add = |even, odd, x, y| {
        _mm512_add_epi64(
            _mm512_permutex2var_epi64(x, even, y),
            _mm512_permutex2var_epi64(x, odd, y),
        )
    };
    let (even, odd) = (
        _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13),
        _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15),
    );
    let quarters = |x, y| add(even, odd, x, y);
    let (even, odd) = (
        _mm512_setr_epi64(0, 1, 2, 3, 8, 9, 10, 11),
        _mm512_setr_epi64(4, 5, 6, 7, 12, 13, 14, 15),
    );
    let halves = |x, y| add(even, odd, x, y);
    halves(
        quarters(pairs(a, b), pairs(c, d)),
        quarters(pairs(e, f), pairs(g, h)),
    )
}
