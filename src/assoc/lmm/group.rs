//! Tests of rotated SNPs for all traits of a group. Work that does not depend on the trait is done once.

use super::fit::{SnpScratch, TraitFit};
use super::snp::SnpStatistics;
use super::survey::{GridSums, GridTable};
use super::tests_of_association::Tests;
use crate::assoc::Undefined;
use crate::kernels::Precision;
use crate::kernels::combinations::{dots, subtract};
use crate::kernels::orthonormal::dot;
use crate::null::{FittedGroup, LambdaGrid, LambdaRange};

/// A SNP is a linear combination of the covariates if regressing them out leaves less than this fraction of xᵀx.
pub(crate) const COLLINEAR_BELOW: f64 = 1e-18;
/// The same threshold after a rotation in single precision; SNPs below it are tested again in double precision.
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
                self.remove_covariates(x, &mut scratch.coefficients);
                scratch.totals.push((total, dot(x, x)));
            }
            if let Some(grid) = &self.grid {
                grid.add_up(utx, &mut scratch.sums);
            }
            let of_snps = is_wanted.chunks(n_traits).zip(results.chunks_mut(n_traits));
            for (snp, (x, (is_wanted, results))) in utx.chunks_exact(rows).zip(of_snps).enumerate()
            {
                self.snp(snp, x, is_wanted, scratch, results);
            }
        }
    }

    /// Tests SNP number `snp` of those whose sums were computed together.
    fn snp(
        &self,
        snp: usize,
        x: &[f64],
        is_wanted: &[bool],
        scratch: &mut GroupScratch,
        results: &mut [SnpStatistics],
    ) {
        let (total, xx) = scratch.totals[snp];
        // The negation also catches NaN.
        let is_collinear = !(xx > scratch.collinear_below * total);
        for (t, result) in results.iter_mut().enumerate() {
            if !is_wanted[t] {
                continue;
            }
            if is_collinear {
                result.flags.undefined = Some(Undefined::Collinear);
                continue;
            }
            let sums = self
                .grid
                .as_ref()
                .map(|grid| (grid, scratch.sums.of(snp, t)));
            self.traits[t].test(x, xx, sums, &mut scratch.snp, result);
        }
    }

    /// Subtracts from `x` its projection on the covariates, twice: the first pass leaves a rounding error of the size of x.
    fn remove_covariates(&self, x: &mut [f64], coefficients: &mut Vec<f64>) {
        let q = &self.group.design.basis().q;
        coefficients.resize(q.len(), 0.0);
        for _ in 0..2 {
            dots(q, x, coefficients);
            subtract(q, coefficients, x);
        }
    }
}
