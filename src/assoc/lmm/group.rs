//! Tests of rotated SNPs for all traits of a group. Work that does not depend on the trait is done once.

use super::fit::{SnpScratch, TraitFit};
use super::snp::SnpStatistics;
use super::survey::{GridSums, GridTable};
use super::tests_of_association::Tests;
use crate::assoc::Undefined;
use crate::kernels::Precision;
use crate::kernels::orthonormal::dot;
use crate::null::{FittedGroup, LambdaGrid, LambdaRange};
use crate::rotation::COLLINEAR_BELOW;

/// [`COLLINEAR_BELOW`] after a rotation in single precision; SNPs below it are tested again in double precision.
const COLLINEAR_BELOW_SINGLE: f64 = 1e-9;
/// SNPs whose sums on the grid are computed together: few enough to remain in the cache for the search over λ.
const TOGETHER: usize = 32;

/// Data shared by the tests of all SNPs.
pub(super) struct GroupFit<'g> {
    group: &'g FittedGroup,
    /// `None` if λ is not estimated for each SNP.
    grid: Option<GridTable<'g>>,
    traits: Vec<TraitFit<'g>>,
}

/// Scratch memory of one task.
pub(super) struct GroupScratch {
    collinear_below: f64,
    /// xᵀx of each SNP, before and after the covariates are regressed out.
    totals: Vec<(f64, f64)>,
    coefficients: Vec<f64>,
    sums: GridSums,
    snp: SnpScratch,
}

impl GroupScratch {
    /// For SNPs rotated in `precision`.
    pub(super) fn new(precision: Precision) -> Self {
        Self {
            collinear_below: match precision {
                Precision::F64 => COLLINEAR_BELOW,
                Precision::F32 => COLLINEAR_BELOW_SINGLE,
            },
            totals: Vec::new(),
            coefficients: Vec::new(),
            sums: GridSums::default(),
            snp: SnpScratch::default(),
        }
    }
}

impl<'g> GroupFit<'g> {
    pub(super) fn new(group: &'g FittedGroup, range: LambdaRange, tests: Tests) -> Self {
        let has_own_lambda = tests.has_wald() || tests.has_lrt();
        let models: Vec<_> = group.traits.iter().map(|t| &t.model).collect();
        let grid = has_own_lambda.then(|| GridTable::new(LambdaGrid::new(range), &models));
        let traits = group.traits.iter();
        Self {
            group,
            traits: traits
                .map(|t| TraitFit::new(t, range, tests, grid.as_ref()))
                .collect(),
            grid,
        }
    }

    /// Tests rotated SNPs for the requested traits.
    ///
    /// * `utx`: one padded column for each SNP; the covariates are regressed out in place
    /// * `is_wanted`, `results`: SNP by SNP, one entry for each trait
    pub(super) fn snps(
        &self,
        utx: &mut [f64],
        is_wanted: &[bool],
        scratch: &mut GroupScratch,
        results: &mut [SnpStatistics],
    ) {
        let (rows, n_traits) = (self.group.rotation.d().len(), self.traits.len());
        assert!(utx.len() / rows * n_traits == results.len() && is_wanted.len() == results.len());
        let together = TOGETHER * n_traits;
        for ((utx, is_wanted), results) in utx
            .chunks_mut(rows * TOGETHER)
            .zip(is_wanted.chunks(together))
            .zip(results.chunks_mut(together))
        {
            scratch.totals.clear();
            for x in utx.chunks_exact_mut(rows) {
                let total = dot(x, x);
                self.group.design.regress_out(x, &mut scratch.coefficients);
                scratch.totals.push((total, dot(x, x)));
            }
            if let Some(grid) = &self.grid {
                grid.add_up(utx, &mut scratch.sums);
            }
            // Trait by trait, so that its tables remain in the cache for all of these SNPs.
            for t in 0..n_traits {
                for (snp, x) in utx.chunks_exact(rows).enumerate() {
                    let at = snp * n_traits + t;
                    if is_wanted[at] {
                        self.test(snp, t, x, scratch, &mut results[at]);
                    }
                }
            }
        }
    }

    /// Tests SNP number `snp` of those whose sums were computed together, for trait `t`.
    fn test(
        &self,
        snp: usize,
        t: usize,
        x: &[f64],
        scratch: &mut GroupScratch,
        result: &mut SnpStatistics,
    ) {
        let (total, xx) = scratch.totals[snp];
        // The negation also catches NaN.
        if !(xx > scratch.collinear_below * total) {
            result.flags.undefined = Some(Undefined::Collinear);
            return;
        }
        let sums = (self.grid.as_ref()).map(|grid| (grid, scratch.sums.of(snp, t)));
        self.traits[t].test(x, xx, sums, &mut scratch.snp, result);
    }
}
