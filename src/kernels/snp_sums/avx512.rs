//! The sums of one SNP with one register for eight lanes.

#![allow(unsafe_code, reason = "loads and stores of vectors")]

use super::lanes::{CHUNK_ROWS, Lanes};
use crate::kernels::LANES;
use crate::kernels::cpu::{V4, with_instructions};
use crate::kernels::weighted_sums::Weights;
use std::arch::x86_64::{
    __m512d, _mm512_div_pd, _mm512_fmadd_pd, _mm512_loadu_pd, _mm512_mul_pd, _mm512_set1_pd,
    _mm512_setzero_pd, _mm512_storeu_pd,
};

/// Columns whose sums stay in registers together with those of x.
const IN_REGISTERS: usize = 4;

/// The caller has checked that every column is as long as `d`, and this length is a multiple of [`LANES`].
pub(super) fn run(
    cpu: V4,
    lambda: f64,
    d: &[f64],
    x: &[f64],
    columns: &[&[f64]],
    weights: Weights,
    lanes: &mut [[Lanes; 3]],
) {
    if weights == Weights::Three {
        with_instructions!(cpu: V4, with_three_weights(lambda, d, x, columns, lanes));
    } else {
        with_instructions!(cpu: V4, with_two_weights(lambda, d, x, columns, lanes));
    }
}

#[target_feature(enable = "avx512f")]
fn with_two_weights(
    lambda: f64,
    d: &[f64],
    x: &[f64],
    columns: &[&[f64]],
    lanes: &mut [[Lanes; 3]],
) {
    dispatch::<2>(lambda, d, x, columns, lanes);
}

#[target_feature(enable = "avx512f")]
fn with_three_weights(
    lambda: f64,
    d: &[f64],
    x: &[f64],
    columns: &[&[f64]],
    lanes: &mut [[Lanes; 3]],
) {
    dispatch::<3>(lambda, d, x, columns, lanes);
}

/// Adds the sums with the first `N` weights.
#[inline]
#[target_feature(enable = "avx512f")]
fn dispatch<const N: usize>(
    lambda: f64,
    d: &[f64],
    x: &[f64],
    columns: &[&[f64]],
    lanes: &mut [[Lanes; 3]],
) {
    match *columns {
        [] => whole::<0, N>(lambda, d, x, [], lanes),
        [a] => whole::<1, N>(lambda, d, x, [a], lanes),
        [a, b] => whole::<2, N>(lambda, d, x, [a, b], lanes),
        [a, b, c] => whole::<3, N>(lambda, d, x, [a, b, c], lanes),
        _ => in_chunks::<N>(lambda, d, x, columns, lanes),
    }
}

/// Few columns: one loop over all individuals.
#[target_feature(enable = "avx512f")]
fn whole<const K: usize, const N: usize>(
    lambda: f64,
    d: &[f64],
    x: &[f64],
    columns: [&[f64]; K],
    lanes: &mut [[Lanes; 3]],
) {
    weigh::<K, N, false>(lambda, d, x, columns, lanes, &mut []);
}

/// Many columns: the weighted x of a chunk stays in the cache for all of them.
#[target_feature(enable = "avx512f")]
fn in_chunks<const N: usize>(
    lambda: f64,
    d: &[f64],
    x: &[f64],
    columns: &[&[f64]],
    lanes: &mut [[Lanes; 3]],
) {
    let mut weighted = [[[0.0; LANES]; 3]; CHUNK_ROWS];
    let (with_columns, own) = lanes.split_at_mut(columns.len());
    for start in (0..d.len()).step_by(CHUNK_ROWS * LANES) {
        let part = start..d.len().min(start + CHUNK_ROWS * LANES);
        let (d, x) = (&d[part.clone()], &x[part.clone()]);
        weigh::<0, N, true>(lambda, d, x, [], own, &mut weighted);
        let weighted = &weighted[..d.len() / LANES];
        for (block, lanes) in columns
            .chunks(IN_REGISTERS)
            .zip(with_columns.chunks_mut(IN_REGISTERS))
        {
            match *block {
                [a] => add::<1, N>(weighted, [&a[part.clone()]], lanes),
                [a, b] => add::<2, N>(weighted, [a, b].map(|a| &a[part.clone()]), lanes),
                [a, b, c] => add::<3, N>(weighted, [a, b, c].map(|a| &a[part.clone()]), lanes),
                [a, b, c, e] => {
                    add::<4, N>(weighted, [a, b, c, e].map(|a| &a[part.clone()]), lanes);
                }
                _ => unreachable!("chunks of at most four"),
            }
        }
    }
}

/// Adds the sums of K columns and, last, of x itself, with the first `N` weights; stores the weighted x if `KEEP`.
#[inline]
#[target_feature(enable = "avx512f")]
fn weigh<const K: usize, const N: usize, const KEEP: bool>(
    lambda: f64,
    d: &[f64],
    x: &[f64],
    columns: [&[f64]; K],
    lanes: &mut [[Lanes; 3]],
    weighted: &mut [[Lanes; 3]],
) {
    let n = d.len();
    assert!(x.len() == n && columns.iter().all(|column| column.len() == n));
    assert!(lanes.len() == K + 1 && (!KEEP || weighted.len() * LANES >= n));
    let (lambda, one) = (_mm512_set1_pd(lambda), _mm512_set1_pd(1.0));
    let mut own = lanes[K].each_ref().map(|lanes| load(lanes));
    let mut sums = [[_mm512_setzero_pd(); 3]; K];
    for (sums, lanes) in sums.iter_mut().zip(&*lanes) {
        *sums = lanes.each_ref().map(|lanes| load(lanes));
    }
    let mut step = |i: usize, d: __m512d, w: __m512d| {
        // SAFETY: `i` + 8 does not exceed n, the length of x and of every column.
        let x = unsafe { _mm512_loadu_pd(x.as_ptr().add(i)) };
        let dw = _mm512_mul_pd(d, w);
        let w1 = _mm512_mul_pd(w, x);
        let w2 = _mm512_mul_pd(dw, w1);
        let wx = [w1, w2, _mm512_mul_pd(dw, w2)];
        for k in 0..K {
            // SAFETY: as above.
            let a = unsafe { _mm512_loadu_pd(columns[k].as_ptr().add(i)) };
            for which in 0..N {
                sums[k][which] = _mm512_fmadd_pd(a, wx[which], sums[k][which]);
            }
        }
        for which in 0..N {
            own[which] = _mm512_fmadd_pd(x, wx[which], own[which]);
        }
        if KEEP {
            for (kept, wx) in weighted[i / LANES].iter_mut().zip(wx).take(N) {
                store(kept, wx);
            }
        }
    };
    let mut i = 0;
    while i + 2 * LANES <= n {
        // SAFETY: d contains two vectors from `i` on.
        let (d0, d1) = unsafe {
            (
                _mm512_loadu_pd(d.as_ptr().add(i)),
                _mm512_loadu_pd(d.as_ptr().add(i + LANES)),
            )
        };
        let (h0, h1) = (
            _mm512_fmadd_pd(lambda, d0, one),
            _mm512_fmadd_pd(lambda, d1, one),
        );
        let inverse = _mm512_div_pd(one, _mm512_mul_pd(h0, h1));
        step(i, d0, _mm512_mul_pd(inverse, h1));
        step(i + LANES, d1, _mm512_mul_pd(inverse, h0));
        i += 2 * LANES;
    }
    if i < n {
        // SAFETY: n is a whole number of vectors, so one is left.
        let d0 = unsafe { _mm512_loadu_pd(d.as_ptr().add(i)) };
        let h0 = _mm512_fmadd_pd(lambda, d0, one);
        step(i, d0, _mm512_div_pd(one, h0));
    }
    for (lanes, sums) in lanes.iter_mut().zip(sums.iter().chain([&own])) {
        for (lanes, sum) in lanes.iter_mut().zip(sums) {
            store(lanes, *sum);
        }
    }
}

/// Adds K columns over a chunk of weighted x.
#[inline]
#[target_feature(enable = "avx512f")]
fn add<const K: usize, const N: usize>(
    weighted: &[[Lanes; 3]],
    columns: [&[f64]; K],
    lanes: &mut [[Lanes; 3]],
) {
    assert!(
        columns
            .iter()
            .all(|column| column.len() == weighted.len() * LANES)
    );
    let mut sums = [[_mm512_setzero_pd(); 3]; K];
    for (sums, lanes) in sums.iter_mut().zip(&*lanes) {
        *sums = lanes.each_ref().map(|lanes| load(lanes));
    }
    for (row, weighted) in weighted.iter().enumerate() {
        let wx = weighted.each_ref().map(|lanes| load(lanes));
        for k in 0..K {
            // SAFETY: a column has eight values for each row of `weighted`.
            let a = unsafe { _mm512_loadu_pd(columns[k].as_ptr().add(row * LANES)) };
            for which in 0..N {
                sums[k][which] = _mm512_fmadd_pd(a, wx[which], sums[k][which]);
            }
        }
    }
    for (lanes, sums) in lanes.iter_mut().zip(&sums) {
        for (lanes, sum) in lanes.iter_mut().zip(sums) {
            store(lanes, *sum);
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(lanes: &Lanes) -> __m512d {
    // SAFETY: `lanes` holds eight doubles.
    unsafe { _mm512_loadu_pd(lanes.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(lanes: &mut Lanes, v: __m512d) {
    // SAFETY: `lanes` holds eight doubles.
    unsafe { _mm512_storeu_pd(lanes.as_mut_ptr(), v) }
}
