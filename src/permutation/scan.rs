//! The correlations of blocks of SNPs with the residuals, and their maxima.

use super::maxima::TraitMaxima;
use super::residuals::{PANEL, UnitResiduals, n_columns};
use super::shuffle::{Generator, PermutationOptions};
use crate::error::Result;
use crate::genotype::{Encoding, GenotypeBlock, SnpSummary};
use crate::kernels::orthonormal::dot;
use crate::kernels::{Precision, padded};
use crate::null::{FittedGroup, WeightedSnp};
use crate::rotation::{COLLINEAR_BELOW, RotatedSnps};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};
use rayon::prelude::*;
use std::sync::Mutex;

/// SNPs in one matrix product. Its shape is fixed, so that the result of a SNP does not depend on the SNPs beside it.
const TILE: usize = 128;
/// SNPs of dosages rotated at once, always as many, for the same reason.
const DOSAGES_AT_ONCE: usize = 2 * TILE;

/// Finds the largest statistic of SNPs for every trait of a group, observed and permuted; see [`crate::permutation`].
pub struct PermutationScan<'g> {
    group: &'g FittedGroup,
    options: PermutationOptions,
    /// Of each trait, in the order of the group.
    residuals: Vec<UnitResiduals>,
    /// Rotated SNPs; the memory is reused for every block.
    rotated: Mutex<RotatedSnps>,
}

/// Scratch memory of one task.
struct Scratch {
    /// Rotated SNPs without the covariates, padded columns.
    x: Vec<f64>,
    /// x̃/|x̃| of the SNPs, padded columns.
    unit: Vec<f64>,
    /// Correlations, [`PANEL`] × [`TILE`].
    r: Mat<f64>,
    snp: WeightedSnp,
    coefficients: Vec<f64>,
}

/// Memory of a scan of `traits` traits of `n` individuals with `count` permutations on `threads` threads, in bytes, without the
/// rotated SNPs ([`crate::rotation::bytes`]).
///
/// The residuals of all traits and permutations are kept: padded n × (N + 1) numbers for each trait.
#[must_use]
pub fn bytes(n: u64, count: u64, traits: u64, threads: u64) -> u64 {
    let rows = padded(n as usize) as u64;
    let columns = n_columns(count as usize) as u64;
    let of_thread = 2 * rows * TILE as u64 + (PANEL * TILE) as u64 + 2 * traits * columns;
    (rows * columns * traits + threads * of_thread) * size_of::<f64>() as u64
}

impl<'g> PermutationScan<'g> {
    /// Permutes the residuals of the traits of `group`; takes n²N multiplications and additions for each trait.
    ///
    /// Fails with [`Error::Degenerate`](crate::Error::Degenerate) if the decorrelated covariates are linearly dependent, with
    /// [`Error::Memory`](crate::Error::Memory) if the memory ([`bytes`]) cannot be allocated, and with
    /// [`Error::Interrupted`](crate::Error::Interrupted) soon after `is_cancelled` returns true.
    pub fn new(
        group: &'g FittedGroup,
        options: PermutationOptions,
        is_cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self> {
        let generators = Generator::sequence(options);
        let residuals = (group.traits.iter())
            .map(|fitted| UnitResiduals::new(fitted, &generators, is_cancelled));
        Ok(Self {
            group,
            options,
            residuals: residuals.collect::<Result<_>>()?,
            rotated: Mutex::default(),
        })
    }

    /// The maxima of each trait before the first SNP.
    #[must_use]
    pub fn maxima(&self) -> Vec<TraitMaxima> {
        let none = TraitMaxima::new(self.options);
        vec![none; self.residuals.len()]
    }

    /// Raises `maxima` to the statistics of the SNPs of `block` listed in `snps`, on all threads. A missing genotype is
    /// imputed with the mean of its SNP; SNPs without variance after the covariates are skipped.
    ///
    /// The maxima are the same, to the bit, for any number of threads, any division of the SNPs into blocks, and any other
    /// traits in the group.
    ///
    /// * `maxima`: one for each trait, in the order of the group
    ///
    /// # Panics
    /// If there are not as many maxima as traits, or they have other permutations.
    pub fn add(&self, block: &GenotypeBlock, snps: &[SnpSummary], maxima: &mut [TraitMaxima]) {
        let PermutationOptions { count, seed } = self.options;
        assert!(
            maxima.len() == self.residuals.len()
                && (maxima.iter()).all(|m| m.seed == seed && m.permuted.len() == count),
            "maxima of the same traits and permutations"
        );
        let mut rotated = self.rotated.lock().expect("no scan panicked");
        for lot in snps.chunks(self.width(block)) {
            self.rotate(&mut rotated, block, lot);
            let rotated = &*rotated;
            let correlations = (0..lot.len().div_ceil(TILE))
                .par_bridge()
                .map_init(
                    || self.scratch(),
                    |scratch, tile| {
                        let first = tile * TILE;
                        let n_snps = TILE.min(lot.len() - first);
                        self.tile(rotated, first..first + n_snps, scratch)
                    },
                )
                .reduce_with(larger)
                .unwrap_or_default();
            let of_traits = correlations.chunks(n_columns(count));
            for (maxima, correlations) in maxima.iter_mut().zip(of_traits) {
                maxima.raise(correlations);
            }
        }
    }

    /// How many SNPs of `block` to rotate at once.
    fn width(&self, block: &GenotypeBlock) -> usize {
        match block.encoding() {
            Encoding::Packed => RotatedSnps::width(&self.group.rotation, block),
            Encoding::Dosage => DOSAGES_AT_ONCE,
        }
    }

    fn rotate(&self, rotated: &mut RotatedSnps, block: &GenotypeBlock, snps: &[SnpSummary]) {
        let rotation = &*self.group.rotation;
        match (block.encoding(), snps.last()) {
            (Encoding::Dosage, Some(last)) => {
                let mut filled = snps.to_vec();
                filled.resize(DOSAGES_AT_ONCE, *last);
                rotated.rotate(rotation, block, &filled, Precision::F64);
            }
            _ => rotated.rotate(rotation, block, snps, Precision::F64),
        }
    }

    /// The largest absolute correlation of the SNPs `range` of `rotated`, at most [`TILE`]: trait by trait, with each column of
    /// the residuals.
    fn tile(
        &self,
        rotated: &RotatedSnps,
        range: std::ops::Range<usize>,
        scratch: &mut Scratch,
    ) -> Vec<f64> {
        let rows = self.group.rotation.d().len();
        let Scratch {
            x,
            unit,
            r,
            snp,
            coefficients,
        } = scratch;
        let x = &mut x[..range.len() * rows];
        rotated.columns(range.start, rows, x);
        for x in x.chunks_exact_mut(rows) {
            let total = dot(x, x);
            self.group.design.regress_out(x, coefficients);
            // The negation also catches NaN.
            if !(dot(x, x) > COLLINEAR_BELOW * total) {
                x.fill(0.0);
            }
        }
        let columns = n_columns(self.options.count);
        let mut largest: Vec<f64> = vec![0.0; self.residuals.len() * columns];
        for (residuals, largest) in self.residuals.iter().zip(largest.chunks_exact_mut(columns)) {
            // Columns beyond the SNPs, and those of SNPs without statistic, are zeros, and so are their correlations.
            unit.fill(0.0);
            for (x, unit) in x.chunks_exact(rows).zip(unit.chunks_exact_mut(rows)) {
                if let Some(q) = residuals.unit_snp(x, snp) {
                    unit.copy_from_slice(q);
                }
            }
            let unit = MatRef::from_column_major_slice(unit, rows, TILE);
            for (z, largest) in residuals.panels().zip(largest.chunks_exact_mut(PANEL)) {
                matmul(
                    r.as_mut(),
                    Accum::Replace,
                    z.transpose(),
                    unit,
                    1.0,
                    Par::Seq,
                );
                for of_snp in r.col_iter() {
                    for (largest, r) in largest.iter_mut().zip(of_snp.iter()) {
                        *largest = largest.max(r.abs());
                    }
                }
            }
        }
        largest
    }

    fn scratch(&self) -> Scratch {
        let rows = self.group.rotation.d().len();
        Scratch {
            x: vec![0.0; rows * TILE],
            unit: vec![0.0; rows * TILE],
            r: Mat::zeros(PANEL, TILE),
            snp: WeightedSnp::default(),
            coefficients: Vec::new(),
        }
    }
}

/// The larger of each pair: the same for any order of the tiles.
fn larger(mut a: Vec<f64>, b: Vec<f64>) -> Vec<f64> {
    for (a, b) in a.iter_mut().zip(b) {
        *a = a.max(b);
    }
    a
}
