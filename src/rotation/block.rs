//! Many SNPs rotated at once, straight from their packed genotypes.

use crate::eigen::Eigen;
use crate::genotype::{GenotypeBlock, SnpSummary, Subset};
use crate::kernels::Precision;
use crate::kernels::table_product::{Line, Line8, PANEL, Patterns};
use rayon::prelude::*;

/// Memory for the rotated SNPs, in bytes: enough SNPs that making the tables costs little beside using them.
const MAX_BYTES: usize = 128 << 20;
/// SNPs rotated at once, as memory allows.
const SNPS: std::ops::RangeInclusive<usize> = 256..=4096;

/// Rotated SNPs and the memory in which they are made, reused from one lot to the next.
#[derive(Debug, Default)]
pub(crate) struct RotatedSnps {
    packed: Vec<u8>,
    means: Vec<f64>,
    patterns: Patterns,
    /// \[panel of eight eigenvectors\]\[SNP\].
    lines: Vec<Line8>,
}

impl RotatedSnps {
    /// How many SNPs of `n` individuals to rotate at once.
    pub(crate) fn width(n: usize) -> usize {
        (MAX_BYTES / size_of::<Line8>() / n.div_ceil(PANEL)).clamp(*SNPS.start(), *SNPS.end())
    }

    /// Rotates `snps` of `block`, on all threads; a missing call stands for the mean of its SNP.
    pub(crate) fn rotate(
        &mut self,
        eigen: &Eigen,
        individuals: &Subset,
        block: &GenotypeBlock,
        snps: &[SnpSummary],
        precision: Precision,
    ) {
        let n = individuals.len();
        let stride = n.div_ceil(4);
        self.packed.resize(snps.len() * stride, 0);
        self.packed
            .par_chunks_mut(stride)
            .zip(snps)
            .for_each(|(out, snp)| individuals.compact(block.packed(snp.snp_index), out));
        self.means.clear();
        self.means.extend(snps.iter().map(|snp| snp.counts.mean()));
        self.patterns.fill_columns(n, &self.packed, &self.means);
        self.lines
            .resize(n.div_ceil(PANEL) * snps.len(), Line::ZERO);
        eigen.rotate_patterns(&self.patterns, precision, &mut self.lines);
    }

    /// Copies SNPs from number `first` on: one column of `rows` numbers each, padding set to 0.
    ///
    /// * `out`: as many columns as are wanted and there
    pub(crate) fn columns(&self, first: usize, rows: usize, out: &mut [f64]) {
        let b = self.means.len();
        // A few columns at a time, so that reading and writing both run along memory.
        for (part, columns) in out.chunks_mut(PANEL * rows).enumerate() {
            let first = first + part * PANEL;
            for (panel, lines) in self.lines.chunks_exact(b).enumerate() {
                for (column, line) in columns.chunks_exact_mut(rows).zip(&lines[first..]) {
                    column[panel * PANEL..][..PANEL].copy_from_slice(&line.0);
                }
            }
        }
    }
}
