//! Rotation of many SNPs at once: packed genotypes by table look-up, dosages by a matrix product.

use super::Rotation;
use crate::genotype::{Encoding, GenotypeBlock, SnpSummary};
use crate::kernels::Precision;
use crate::kernels::table_product::{Line, Line8, PANEL, Patterns};
use faer::{MatMut, MatRef, Par};
use rayon::prelude::*;

/// Memory for the rotated SNPs, in bytes: enough SNPs that building the tables costs little compared with using them.
const MAX_BYTES: usize = 128 << 20;
/// SNPs rotated at once, depending on memory.
const SNPS: std::ops::RangeInclusive<usize> = 256..=4096;
/// SNPs of dosages that are rotated at once.
const DOSAGES_AT_ONCE: usize = 1024;
/// Parts into which faer splits a product: fixed, so that the result has the same bits for any number of threads.
const PARTS: usize = 16;

/// Rotated SNPs and the memory to compute them, reused from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct RotatedSnps {
    form: Form,
    n_snps: usize,
    packed: Vec<u8>,
    means: Vec<f64>,
    patterns: Patterns,
    /// \[panel of eight eigenvectors\]\[SNP\].
    lines: Vec<Line8>,
    /// Dosages before the rotation.
    x: Vec<f64>,
    /// Rotated dosages, one padded column for each SNP.
    utx: Vec<f64>,
}

/// The field that holds the rotated SNPs.
#[derive(Debug, Default)]
enum Form {
    #[default]
    Lines,
    Columns,
}

/// How many SNPs of `n` individuals to rotate at once.
fn width(n: usize, encoding: Encoding) -> usize {
    match encoding {
        Encoding::Packed => {
            let panels = n.div_ceil(PANEL).max(1);
            (MAX_BYTES / size_of::<Line8>() / panels).clamp(*SNPS.start(), *SNPS.end())
        }
        Encoding::Dosage => DOSAGES_AT_ONCE,
    }
}

/// Memory of rotated SNPs of `n` individuals, including the data from which they are computed, in bytes.
#[must_use]
pub fn bytes(n: u64, block_snps: u64, encoding: Encoding) -> u64 {
    let at_once = block_snps.min(width(n as usize, encoding) as u64);
    let columns = at_once * n * size_of::<f64>() as u64;
    match encoding {
        // Packed genotypes, and their patterns of four individuals each.
        Encoding::Packed => columns + at_once * n,
        // Dosages before the rotation, and after it.
        Encoding::Dosage => 2 * columns,
    }
}

impl RotatedSnps {
    /// How many SNPs of `block` to rotate at once.
    pub(crate) fn width(rotation: &Rotation, block: &GenotypeBlock) -> usize {
        width(rotation.n(), block.encoding())
    }

    /// The precision in which SNPs of `block` are rotated if `wanted` is requested; dosages always use double precision.
    pub(crate) fn precision(block: &GenotypeBlock, wanted: Precision) -> Precision {
        match block.encoding() {
            Encoding::Packed => wanted,
            Encoding::Dosage => Precision::F64,
        }
    }

    /// Rotates `snps` of `block`, on all threads; a missing genotype is imputed with the mean of its SNP.
    pub(crate) fn rotate(
        &mut self,
        rotation: &Rotation,
        block: &GenotypeBlock,
        snps: &[SnpSummary],
        precision: Precision,
    ) {
        self.n_snps = snps.len();
        match block.encoding() {
            Encoding::Packed => self.rotate_packed(rotation, block, snps, precision),
            Encoding::Dosage => self.rotate_dosages(rotation, block, snps),
        }
    }

    fn rotate_packed(
        &mut self,
        rotation: &Rotation,
        block: &GenotypeBlock,
        snps: &[SnpSummary],
        precision: Precision,
    ) {
        self.form = Form::Lines;
        let (n, subset) = (rotation.n(), rotation.subset());
        let stride = n.div_ceil(4);
        self.packed.resize(snps.len() * stride, 0);
        self.packed
            .par_chunks_mut(stride)
            .zip(snps)
            .for_each(|(out, snp)| subset.compact(block.packed(snp.snp_index), out));
        self.means.clear();
        self.means.extend(snps.iter().map(SnpSummary::mean));
        self.patterns.fill_columns(n, &self.packed, &self.means);
        self.lines
            .resize(n.div_ceil(PANEL) * snps.len(), Line::ZERO);
        let eigen = rotation.eigen();
        eigen.rotate_patterns(&self.patterns, precision, &mut self.lines);
    }

    fn rotate_dosages(&mut self, rotation: &Rotation, block: &GenotypeBlock, snps: &[SnpSummary]) {
        self.form = Form::Columns;
        let (n, rows) = (rotation.n(), rotation.d().len());
        self.x.resize(n * snps.len(), 0.0);
        self.x.par_chunks_mut(n).zip(snps).for_each(|(x, snp)| {
            block.fill_column(snp.snp_index, rotation.subset(), snp.mean(), x);
        });
        self.utx.resize(rows * snps.len(), 0.0);
        rotation.eigen().rotate(
            MatRef::from_column_major_slice(&self.x, n, snps.len()),
            MatMut::from_column_major_slice_mut(&mut self.utx, rows, snps.len()),
            Par::rayon(PARTS),
        );
    }

    /// Copies SNPs from number `first` on, each as a column of `rows` numbers with the padding set to 0.
    ///
    /// * `out`: as many columns as SNPs are to be copied
    pub(crate) fn columns(&self, first: usize, rows: usize, out: &mut [f64]) {
        if let Form::Columns = self.form {
            out.copy_from_slice(&self.utx[first * rows..][..out.len()]);
            return;
        }
        // A few columns at a time, so that both reads and writes are sequential.
        for (part, columns) in out.chunks_mut(PANEL * rows).enumerate() {
            let first = first + part * PANEL;
            for (panel, lines) in self.lines.chunks_exact(self.n_snps).enumerate() {
                for (column, line) in columns.chunks_exact_mut(rows).zip(&lines[first..]) {
                    column[panel * PANEL..][..PANEL].copy_from_slice(&line.0);
                }
            }
        }
    }
}
