//! Tiles by the instructions of x86-64 for products of bytes.
#![allow(unsafe_code)]

use super::layout::{COLUMNS, LINE, Line, PANEL_LINES, Product, ROW_LINES, ROWS, Tile};
use crate::kernels::cpu::{V3, V4Vnni, with_instructions};
#[allow(clippy::wildcard_imports, reason = "every name is an instruction")]
use std::arch::x86_64::*;

/// Groups of four SNPs whose products can be added in 16 bits: those of two SNPs are at most 4·255.
const RUN: usize = 32;

pub(super) fn fill_vnni(cpu: V4Vnni, product: &Product, tile: &mut Tile) {
    with_instructions!(cpu: V4Vnni, vnni(product, tile));
}

pub(super) fn fill_avx2(cpu: V3, product: &Product, tile: &mut Tile) {
    with_instructions!(cpu: V3, avx2(product, tile));
}

/// Pointers to the first columns and rows of a product, and the number of groups of four SNPs.
fn start(product: &Product) -> (*const i32, *const Line, usize) {
    let Product {
        columns,
        first_column,
        rows,
        first_line,
    } = *product;
    assert!(columns.len() == rows.len() && rows.len().is_multiple_of(PANEL_LINES));
    assert!(first_column + COLUMNS <= PANEL_LINES * LINE);
    assert!(first_line + ROW_LINES <= PANEL_LINES);
    let columns = columns.as_ptr().cast::<i32>().wrapping_add(first_column);
    let quads = rows.len() / PANEL_LINES;
    (columns, rows.as_ptr().wrapping_add(first_line), quads)
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn vnni(product: &Product, tile: &mut Tile) {
    let (columns, rows, quads) = start(product);
    let mut sums = [[_mm512_setzero_si512(); ROW_LINES]; COLUMNS];
    for quad in 0..quads {
        // SAFETY: `start` checked that the panels hold these columns and rows for every group of four SNPs; a line is
        // aligned to 64 bytes.
        let (columns, rows) = unsafe {
            let rows = rows.add(quad * PANEL_LINES);
            let columns = columns.add(quad * PANEL_LINES * LINE);
            let rows = [0, 1].map(|l| _mm512_load_si512(rows.add(l).cast()));
            (columns, rows)
        };
        for (c, sums) in sums.iter_mut().enumerate() {
            // SAFETY: as above; the tile has `COLUMNS` columns.
            let column = _mm512_set1_epi32(unsafe { *columns.add(c) });
            for (sum, row) in sums.iter_mut().zip(rows) {
                *sum = _mm512_dpbusd_epi32(*sum, column, row);
            }
        }
    }
    for (tile, sums) in tile.iter_mut().zip(sums) {
        for (tile, sum) in tile.as_chunks_mut::<LINE>().0.iter_mut().zip(sums) {
            // SAFETY: sixteen 32-bit integers are 64 bytes.
            unsafe { _mm512_storeu_si512(tile.as_mut_ptr().cast(), sum) };
        }
    }
}

/// Columns of the tile that fit in the AVX2 registers at once.
const AVX2_COLUMNS: usize = 3;
/// AVX2 registers for the rows of a column.
const AVX2_ROWS: usize = ROWS / 8;

#[target_feature(enable = "avx2")]
fn avx2(product: &Product, tile: &mut Tile) {
    let (columns, rows, quads) = start(product);
    *tile = [[0; ROWS]; COLUMNS];
    for run in (0..quads).step_by(RUN) {
        for (group, tile) in (tile.as_chunks_mut::<AVX2_COLUMNS>().0.iter_mut()).enumerate() {
            let mut sums = [[_mm256_setzero_si256(); AVX2_ROWS]; AVX2_COLUMNS];
            for quad in run..quads.min(run + RUN) {
                // SAFETY: `start` checked that the panels hold these columns and rows for every group of four SNPs.
                let (columns, rows) = unsafe {
                    let rows = rows.add(quad * PANEL_LINES).cast::<__m256i>();
                    let columns = columns.add(quad * PANEL_LINES * LINE);
                    let at = |c| *columns.add(group * AVX2_COLUMNS + c);
                    let rows = [0, 1, 2, 3].map(|r| _mm256_load_si256(rows.add(r)));
                    ([at(0), at(1), at(2)], rows)
                };
                for (sums, column) in sums.iter_mut().zip(columns) {
                    let column = _mm256_set1_epi32(column);
                    for (sum, row) in sums.iter_mut().zip(rows) {
                        *sum = _mm256_add_epi16(*sum, _mm256_maddubs_epi16(column, row));
                    }
                }
            }
            for (tile, sums) in tile.iter_mut().zip(sums) {
                for (tile, sum) in tile.as_chunks_mut::<8>().0.iter_mut().zip(sums) {
                    let sum = _mm256_madd_epi16(sum, _mm256_set1_epi16(1));
                    let at = tile.as_mut_ptr().cast();
                    // SAFETY: eight 32-bit integers are 32 bytes.
                    unsafe {
                        let sum = _mm256_add_epi32(_mm256_loadu_si256(at), sum);
                        _mm256_storeu_si256(at, sum);
                    }
                }
            }
        }
    }
}
