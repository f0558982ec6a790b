//! Evaluation of many SNPs on the λ grid at once, with their weighted sums as matrix products.
//!
//! The grid is the same for all SNPs and traits. Σ w₁ x², Σ w₁ x a and the same sums with w₂, for a among the covariates
//! and the traits, are therefore products of a block of SNPs with one table of weights; terms without x are computed in
//! advance. If the difference forms of [`SharedGrid`] lose digits, the point is evaluated with [`WeightedModel`].

use crate::kernels::grid_products::{GridProducts, WeightTable};
use crate::kernels::weighted_sums::Weights;
use crate::null::{
    ColumnGridTerms, GridTerms, LambdaGrid, Likelihood, Moments, SharedGrid, SlopeTerms, Survey,
    TraitModel, WeightedModel,
};
use std::sync::OnceLock;

/// The λ grid and its weights, shared by all blocks of SNPs.
pub(crate) struct GridTable<'g> {
    grid: LambdaGrid,
    /// Index in `lambdas` of every λ of the grid, then of both ends of the range; `None` if λ is not finite.
    point_of: Vec<Option<usize>>,
    /// Distinct finite values of λ.
    lambdas: Vec<f64>,
    /// w₁ at each point, then w₂ at each point: rows × 2·points.
    weights: WeightTable,
    /// The covariates, then every trait.
    columns: Vec<&'g [f64]>,
    /// Number of covariates.
    c: usize,
}

/// Sums of a block of SNPs on the grid.
#[derive(Default)]
pub(crate) struct GridSums {
    products: GridProducts,
}

/// The sums of one SNP with the covariates, one trait and itself.
#[derive(Clone, Copy)]
pub(crate) struct SnpGridSums<'a> {
    products: &'a GridProducts,
    snp: usize,
    of_trait: usize,
}

impl GridSums {
    /// The sums of SNP `snp` of the last block with a column of `table`'s models: a covariate, trait number `of_trait`, the
    /// further columns of the SNP, and last itself.
    ///
    /// * `k`: the covariates from 0 on, then the trait, then the columns of the SNP
    fn of_column(&self, table: &GridTable<'_>, snp: usize, of_trait: usize, k: usize) -> &[f64] {
        let column = match k {
            k if k < table.c => k,
            k if k == table.c => k + of_trait,
            k => table.columns.len() + k - table.c - 1,
        };
        self.products.of(snp, column)
    }

    /// The sums of SNP `snp` of the last block.
    pub(crate) fn of(&self, snp: usize, of_trait: usize) -> SnpGridSums<'_> {
        SnpGridSums {
            products: &self.products,
            snp,
            of_trait,
        }
    }
}

impl<'g> GridTable<'g> {
    /// The table of `grid` for the traits `models`, which share rotation and covariates.
    pub(crate) fn new(grid: LambdaGrid, models: &[&'g TraitModel]) -> Self {
        let mut lambdas: Vec<f64> = Vec::new();
        let point_of = grid
            .lambdas()
            .map(|lambda| {
                let known = lambdas.iter().position(|known| *known == lambda);
                known.or_else(|| {
                    lambda.is_finite().then(|| {
                        lambdas.push(lambda);
                        lambdas.len() - 1
                    })
                })
            })
            .collect();
        let (d, q) = (models[0].d(), &models[0].basis().q);
        let covariates = q.iter().map(Vec::as_slice);
        Self {
            point_of,
            weights: WeightTable::new(d.len(), 2 * lambdas.len(), |i, k| {
                let w = 1.0 / (lambdas[k % lambdas.len()] * d[i] + 1.0);
                if k < lambdas.len() { w } else { d[i] * w * w }
            }),
            lambdas,
            columns: covariates.chain(models.iter().map(|m| m.y())).collect(),
            c: q.len(),
            grid,
        }
    }

    /// The grid.
    pub(crate) fn grid(&self) -> &LambdaGrid {
        &self.grid
    }

    /// Computes the sums of the rotated SNPs `x` (rows × any number, orthogonal to the covariates) on the whole grid.
    pub(crate) fn add_up(&self, x: &[f64], sums: &mut GridSums) {
        sums.products.fill(&self.weights, x, &self.columns);
    }

    /// As [`GridTable::add_up`], also with further columns of the SNPs, each rows × any number.
    pub(crate) fn add_up_with(&self, x: &[f64], others: &[&[f64]], sums: &mut GridSums) {
        sums.products
            .fill_with(&self.weights, x, &self.columns, others);
    }
}

/// The data of one trait on the grid, shared by all SNPs.
pub(crate) struct TraitGrid {
    shared: SharedGrid,
    points: Vec<Point>,
}

/// The model at one λ.
struct Point {
    lambda: f64,
    /// Computed for the first SNP that needs it; the inner value is `None` if the covariates are singular.
    weighted: OnceLock<Option<WeightedModel>>,
}

/// Scratch memory for the survey of one SNP.
#[derive(Default)]
pub(crate) struct SurveyScratch {
    terms: GridTerms,
    of_columns: ColumnGridTerms,
    at: PointScratch,
    pub(crate) survey: Survey,
}

/// Scratch memory for the terms at the points.
#[derive(Default)]
struct PointScratch {
    slopes: Vec<SlopeTerms>,
    /// Points that are evaluated with [`WeightedModel`], and the moments there.
    weighted: Vec<(usize, Moments)>,
}

impl TraitGrid {
    /// The data of the trait `model` on `table`.
    pub(crate) fn new(table: &GridTable<'_>, model: &TraitModel) -> Self {
        let point = |&lambda: &f64| Point {
            lambda,
            weighted: OnceLock::new(),
        };
        Self {
            shared: SharedGrid::new(model, &table.lambdas),
            points: table.lambdas.iter().map(point).collect(),
        }
    }

    /// Fills the survey of the SNP with the sums `sums` and the likelihood `likelihood`.
    ///
    /// `None` if XᵀH⁻¹X is not positive definite.
    pub(crate) fn survey(
        &self,
        table: &GridTable<'_>,
        sums: SnpGridSums<'_>,
        likelihood: &mut Likelihood<'_>,
        scratch: &mut SurveyScratch,
    ) -> Option<()> {
        let SurveyScratch {
            terms, at, survey, ..
        } = scratch;
        // The covariates, the trait and, after all traits, the SNP itself.
        let (c, own) = (table.c, table.columns.len());
        let column_of = |k: usize| match k {
            k if k < c => k,
            k if k == c => c + sums.of_trait,
            _ => own,
        };
        let sums_of = |k: usize| sums.products.of(sums.snp, column_of(k));
        self.shared.fill(sums_of, terms);
        let xx = likelihood.xx();
        let by_sums = BySums {
            slopes: |index| self.shared.slope_terms(index, terms),
            moments: |index| self.shared.moments(index, terms, xx),
        };
        self.complete(table, &by_sums, likelihood, at, survey)
    }

    /// As [`TraitGrid::survey`] for several columns of SNP `snp`.
    ///
    /// * `sums`: those of each column, with the columns before it as further columns
    pub(crate) fn survey_columns(
        &self,
        table: &GridTable<'_>,
        sums: &[GridSums],
        (snp, of_trait): (usize, usize),
        likelihood: &mut Likelihood<'_>,
        scratch: &mut SurveyScratch,
    ) -> Option<()> {
        let SurveyScratch {
            of_columns: terms,
            at,
            survey,
            ..
        } = scratch;
        let sums_of = |column: usize, k: usize| sums[column].of_column(table, snp, of_trait, k);
        self.shared.fill_columns(sums.len(), sums_of, terms);
        let by_sums = BySums {
            slopes: |index| self.shared.slope_terms_of_columns(index, terms),
            moments: |index| self.shared.moments_of_columns(index, terms),
        };
        self.complete(table, &by_sums, likelihood, at, survey)
    }

    /// Fills the survey from the terms at the points, or with [`WeightedModel`] if they lose digits.
    fn complete<S, M>(
        &self,
        table: &GridTable<'_>,
        by_sums: &BySums<S, M>,
        likelihood: &mut Likelihood<'_>,
        at: &mut PointScratch,
        survey: &mut Survey,
    ) -> Option<()>
    where
        S: Fn(usize) -> Option<SlopeTerms>,
        M: Fn(usize) -> Option<Moments>,
    {
        let PointScratch { slopes, weighted } = at;
        slopes.clear();
        weighted.clear();
        for (index, point) in self.points.iter().enumerate() {
            let here = if let Some(here) = (by_sums.slopes)(index) {
                here
            } else {
                let make = || WeightedModel::new(likelihood.model(), point.lambda);
                let model = point.weighted.get_or_init(make).as_ref()?;
                let moments = likelihood.moments_of_weighted(model, Weights::Two)?;
                weighted.push((index, moments));
                moments.of_slopes()
            };
            slopes.push(here);
        }
        let moments_at = |index: usize| {
            let known = weighted.iter().find(|(point, _)| *point == index);
            known
                .map(|(_, moments)| *moments)
                .or_else(|| (by_sums.moments)(index))
        };
        let (inside, ends) = table.point_of.split_last_chunk::<2>()?;
        let ends = [moments_at(ends[0]?)?, moments_at(ends[1]?)?];
        let inside = inside.iter().map(|point| Some(slopes[(*point)?]));
        table.grid.fill(survey, inside, &ends);
        Some(())
    }
}

/// The terms at the points from sums, `None` where they lose digits.
struct BySums<S, M> {
    slopes: S,
    moments: M,
}
