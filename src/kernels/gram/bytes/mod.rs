//! Genotypes as bytes, with four SNPs of an individual next to each other.
//!
//! They are multiplied with instructions for products of bytes; one AVX-512 VNNI instruction computes 64 of them. A tile
//! of 12 × 32 sums stays in registers over all SNPs of a batch.

mod layout;
mod unpack;
mod x86;

use super::limits::WEIGHT_BITS;
use super::tasks::{Task, tasks};
use crate::kernels::cpu::{V3, V4Vnni};
use faer::MatMut;
use layout::{COLUMNS, LINE, Line, PANEL, PANEL_LINES, Product, ROW_LINES, ROWS, Tile};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Rows that one task updates in the columns of one panel.
const TASK_ROWS: usize = 4 * PANEL;
/// SNPs in a batch, for which a panel stays in the second-level cache.
pub(super) const BATCH: usize = 2048;
const WEIGHT_BYTES: usize = WEIGHT_BITS as usize / 8;

/// Implementations that fill a tile.
#[derive(Debug, Clone, Copy)]
pub(super) enum Instructions {
    Avx2(V3),
    Vnni(V4Vnni),
}

impl Instructions {
    fn fill(self, product: &Product, tile: &mut Tile) {
        match self {
            Self::Avx2(cpu) => x86::fill_avx2(cpu, product, tile),
            Self::Vnni(cpu) => x86::fill_vnni(cpu, product, tile),
        }
    }
}

/// A batch of SNPs as bytes; the memory is reused from batch to batch.
#[derive(Debug, Clone)]
pub(super) struct Bytes {
    instructions: Instructions,
    n: usize,
    n_snps: usize,
    /// Number of groups of four SNPs; the last one is padded with zeros.
    quads: usize,
    /// Panel by panel of individuals, and within a panel group by group of four SNPs.
    lines: Vec<Line>,
}

impl Bytes {
    pub(super) fn new(instructions: Instructions) -> Self {
        Self {
            instructions,
            n: 0,
            n_snps: 0,
            quads: 0,
            lines: Vec::new(),
        }
    }

    pub(super) fn fill(&mut self, n: usize, snps: &[&[u8]]) {
        (self.n, self.n_snps) = (n, snps.len());
        self.quads = snps.len().div_ceil(4);
        let panel_lines = self.quads * PANEL_LINES;
        self.lines
            .resize(n.div_ceil(PANEL) * panel_lines, Line::ZERO);
        self.lines
            .par_chunks_mut(panel_lines.max(1))
            .enumerate()
            .for_each(|(panel, lines)| {
                for (snps, lines) in snps.chunks(4).zip(lines.chunks_exact_mut(PANEL_LINES)) {
                    unpack::unpack(snps, panel * PANEL / 4, lines);
                }
            });
    }

    pub(super) fn add_gram(&self, sums: MatMut<'_, f64>) {
        assert!(sums.nrows() == self.n && sums.ncols() == self.n);
        if self.quads == 0 {
            return;
        }
        tasks(sums, PANEL, TASK_ROWS)
            .into_iter()
            .par_bridge()
            .for_each(|task| {
                Arch::new().dispatch(AddTask {
                    unpacked: self,
                    task,
                });
            });
    }

    /// The bytes of the weights are multiplied like the genotypes of seven additional individuals.
    pub(super) fn weighted_sums(&self, weights: &[u64]) -> Vec<u64> {
        assert!(weights.len() == self.n_snps, "a weight for every SNP");
        let mut sums = vec![0; self.n];
        if self.quads == 0 {
            return sums;
        }
        let mut bytes = vec![Line::ZERO; self.quads * PANEL_LINES];
        for (s, weight) in weights.iter().enumerate() {
            let Line(line) = &mut bytes[s / 4 * PANEL_LINES];
            for (byte, individual) in weight
                .to_le_bytes()
                .into_iter()
                .zip(line)
                .take(WEIGHT_BYTES)
            {
                individual[s % 4] = byte;
            }
        }
        sums.par_chunks_mut(PANEL)
            .zip(self.lines.par_chunks(self.quads * PANEL_LINES))
            .for_each(|(sums, rows)| {
                let mut tile = [[0; ROWS]; COLUMNS];
                for (part, sums) in sums.chunks_mut(ROWS).enumerate() {
                    let product = Product {
                        columns: &bytes,
                        first_column: 0,
                        rows,
                        first_line: part * ROW_LINES,
                    };
                    self.instructions.fill(&product, &mut tile);
                    for (byte, column) in tile.iter().take(WEIGHT_BYTES).enumerate() {
                        for (sum, &x) in sums.iter_mut().zip(column) {
                            *sum += (x as u64) << (8 * byte);
                        }
                    }
                }
            });
        sums
    }

    fn panel(&self, panel: usize) -> &[Line] {
        let lines = self.quads * PANEL_LINES;
        &self.lines[panel * lines..][..lines]
    }
}

struct AddTask<'a> {
    unpacked: &'a Bytes,
    task: Task<'a>,
}

impl WithSimd for AddTask<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Task {
            first_column: panel,
            first_row,
            mut sums,
        } = self.task;
        let columns = self.unpacked.panel(panel / PANEL);
        let mut tile = [[0; ROWS]; COLUMNS];
        for row in (0..sums.nrows()).step_by(ROWS) {
            let at = first_row + row;
            let rows = self.unpacked.panel(at / PANEL);
            for first_column in (0..sums.ncols()).step_by(COLUMNS) {
                // This tile and those after it are above the diagonal.
                if panel + first_column >= at + ROWS {
                    break;
                }
                let product = Product {
                    columns,
                    first_column,
                    rows,
                    first_line: at % PANEL / LINE,
                };
                self.unpacked.instructions.fill(&product, &mut tile);
                for (tile, j) in tile.iter().zip(first_column..sums.ncols()) {
                    let column = sums.as_mut().col_mut(j).try_as_col_major_mut();
                    let column = column.expect("columns are contiguous").as_slice_mut();
                    let column = &mut column[row..];
                    for (sum, &x) in column.iter_mut().zip(tile) {
                        *sum += f64::from(x);
                    }
                }
            }
        }
    }
}
