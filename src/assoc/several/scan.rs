//! Parallel tests of several columns of each SNP over blocks of SNPs.

use super::columns::ColumnStatistic;
use super::fit::{ColumnsStatistics, Snp, SnpScratch, TraitFit};
use super::frame::Frame;
use super::model::{ColumnsModel, FurtherColumn};
use super::options::ColumnTests;
use crate::assoc::lmm::survey::{GridSums, GridTable};
use crate::assoc::{Scan, TraitColumns, Undefined};
use crate::error::Result;
use crate::genotype::{Coding, GenotypeBlock, SnpSummary};
use crate::kernels::Precision;
use crate::kernels::orthonormal::dot;
use crate::null::{FittedGroup, LambdaGrid};
use crate::rotation::RotatedSnps;
use rayon::prelude::*;
use std::sync::Mutex;

/// SNPs tested by one task. SNPs are tested independently, so the results do not depend on blocks and threads.
const CHUNK_SNPS: usize = 128;
/// SNPs whose sums on the grid are computed together: few enough to remain in the cache for the search over λ.
const TOGETHER: usize = 32;

/// Tests several columns of each SNP for every trait of a group.
pub struct ColumnsScan<'g> {
    group: &'g FittedGroup,
    model: &'g ColumnsModel,
    options: ColumnTests,
    statistics: Vec<ColumnStatistic>,
    table: GridTable<'g>,
    traits: Vec<TraitFit<'g>>,
    /// The rotated columns of the SNPs; the memory is reused for every block.
    rotated: Mutex<Vec<RotatedSnps>>,
}

/// Scratch memory of one task.
#[derive(Default)]
struct TaskScratch {
    /// Each column of the SNPs of a chunk.
    columns: Vec<Vec<f64>>,
    coefficients: Vec<f64>,
    totals: Vec<f64>,
    frames: Vec<Option<Frame>>,
    sums: Vec<GridSums>,
    snp: SnpScratch,
}

impl<'g> ColumnsScan<'g> {
    /// Prepares the scan of SNPs for `group`, whose models with the columns of SNPs are `model`.
    ///
    /// * `statistics`: the columns of the results
    pub(crate) fn with(
        group: &'g FittedGroup,
        model: &'g ColumnsModel,
        options: ColumnTests,
        statistics: Vec<ColumnStatistic>,
    ) -> Self {
        assert_eq!(
            model.n_columns(),
            options.n_columns(),
            "the model has the columns to test"
        );
        let models: Vec<_> = model.traits.iter().collect();
        let table = GridTable::new(LambdaGrid::new(options.range), &models);
        let traits = model.traits.iter().zip(&group.traits);
        let traits = traits.map(|(model, fitted)| TraitFit::new(model, fitted, options, &table));
        Self {
            group,
            model,
            options,
            statistics,
            traits: traits.collect(),
            table,
            rotated: Mutex::default(),
        }
    }

    /// The statistics of `snps`: SNP by SNP, one entry for each trait.
    fn statistics(&self, block: &GenotypeBlock, snps: &[SnpSummary]) -> Vec<ColumnsStatistics> {
        let (rotation, n_traits) = (&*self.group.rotation, self.traits.len());
        let mut results = vec![ColumnsStatistics::NAN; snps.len() * n_traits];
        let mut rotated = self.rotated.lock().expect("no scan panicked");
        rotated.resize_with(self.model.n_columns(), RotatedSnps::default);
        let mut heterozygotes = None;
        let width = RotatedSnps::width(rotation, block);
        for (snps, results) in snps.chunks(width).zip(results.chunks_mut(width * n_traits)) {
            let (x, further) = rotated.split_first_mut().expect("x is a column");
            x.rotate(rotation, block, snps, Precision::F64);
            for (column, rotated) in self.model.further.iter().zip(further) {
                match column {
                    FurtherColumn::Product(product) => {
                        rotated.rotate(&product.rotation, block, snps, Precision::F64);
                    }
                    FurtherColumn::Heterozygotes => {
                        let coding = Coding::HETEROZYGOTES;
                        let snps: Vec<_> = snps.iter().map(|snp| coding.summary(snp)).collect();
                        let block = heterozygotes.get_or_insert_with(|| coding.block(block));
                        rotated.rotate(rotation, block, &snps, Precision::F64);
                    }
                }
            }
            let rotated = &*rotated;
            results
                .par_chunks_mut(CHUNK_SNPS * n_traits)
                .enumerate()
                .for_each_init(TaskScratch::default, |scratch, (chunk, results)| {
                    self.chunk(rotated, chunk * CHUNK_SNPS, scratch, results);
                });
        }
        results
    }

    /// Tests consecutive SNPs from number `first` on.
    fn chunk(
        &self,
        rotated: &[RotatedSnps],
        first: usize,
        scratch: &mut TaskScratch,
        results: &mut [ColumnsStatistics],
    ) {
        let (rows, n_traits) = (self.group.rotation.d().len(), self.traits.len());
        let n_snps = results.len() / n_traits;
        scratch.columns.resize_with(rotated.len(), Vec::new);
        scratch.sums.resize_with(rotated.len(), GridSums::default);
        for start in (0..n_snps).step_by(TOGETHER) {
            let together = (n_snps - start).min(TOGETHER);
            for (rotated, columns) in rotated.iter().zip(&mut scratch.columns) {
                columns.resize(together * rows, 0.0);
                rotated.columns(first + start, rows, columns);
            }
            self.reduce(rows, together, scratch);
            if self.options.has_own_lambda() {
                for j in 0..rotated.len() {
                    let (before, rest) = scratch.columns.split_at(j);
                    let before: Vec<&[f64]> = before.iter().map(Vec::as_slice).collect();
                    self.table
                        .add_up_with(&rest[0], &before, &mut scratch.sums[j]);
                }
            }
            let results = &mut results[start * n_traits..][..together * n_traits];
            self.test(rows, scratch, results);
        }
    }

    /// Regresses the covariates out of all columns, and makes those of each SNP orthonormal.
    fn reduce(&self, rows: usize, n_snps: usize, scratch: &mut TaskScratch) {
        let TaskScratch {
            columns,
            coefficients,
            totals,
            frames,
            ..
        } = scratch;
        frames.clear();
        let mut each: Vec<_> = (columns.iter_mut())
            .map(|column| column.chunks_exact_mut(rows))
            .collect();
        for _ in 0..n_snps {
            let mut of_snp: Vec<&mut [f64]> = (each.iter_mut())
                .map(|column| column.next().expect("a column of every SNP"))
                .collect();
            totals.clear();
            for x in &mut of_snp {
                totals.push(dot(x, x));
                self.model.design.regress_out(x, coefficients);
            }
            let mut frame = Frame::default();
            let is_regular = frame.orthonormalise(&mut of_snp, totals).is_some();
            if is_regular {
                frame.restore_scale(self.model);
            } else {
                // NaN or a tiny norm must not reach the sums of other SNPs; the SNP is not tested.
                of_snp.iter_mut().for_each(|x| x.fill(0.0));
            }
            frames.push(is_regular.then_some(frame));
        }
    }

    /// Tests the SNPs whose columns are in `scratch`, trait by trait, so that the tables of a trait remain in the cache.
    fn test(&self, rows: usize, scratch: &mut TaskScratch, results: &mut [ColumnsStatistics]) {
        let n_traits = self.traits.len();
        let TaskScratch {
            columns,
            frames,
            sums,
            snp: of_snp,
            ..
        } = scratch;
        for (t, fit) in self.traits.iter().enumerate() {
            for (k, frame) in frames.iter().enumerate() {
                let result = &mut results[k * n_traits + t];
                let Some(frame) = frame else {
                    result.of_test.flags.undefined = Some(Undefined::Collinear);
                    continue;
                };
                let columns: Vec<&[f64]> = (columns.iter())
                    .map(|column| &column[k * rows..][..rows])
                    .collect();
                let snp = Snp {
                    columns: &columns,
                    frame,
                    place: (k, t),
                };
                fit.test(&snp, (&self.table, sums), of_snp, result);
            }
        }
    }
}

impl Scan for ColumnsScan<'_> {
    fn scan(&self, block: &GenotypeBlock, snps: &[SnpSummary]) -> Result<Vec<TraitColumns>> {
        let statistics = self.statistics(block, snps);
        let n_traits = self.traits.len();
        let of_trait = |t: usize| statistics.iter().skip(t).step_by(n_traits);
        Ok((0..n_traits)
            .into_par_iter()
            .map(|t| self.options.trait_columns(&self.statistics, of_trait(t)))
            .collect())
    }
}
