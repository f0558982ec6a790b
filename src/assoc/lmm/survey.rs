//! The start of the search for many SNPs at once: their sums on the λ grid as matrix products.
//!
//! The grid is the same for all SNPs, so that Σ w₁ x², Σ w₁ x a and the same with w₂, for a among the covariates and y,
//! are products of a block of SNPs with one table of weights; what does not contain x is known beforehand.
//! Where the difference forms of `null/shared.rs` lose digits, the point is evaluated in the form of `null/weighted.rs`.

use crate::kernels::grid_products::{GridProducts, WeightTable};
use crate::kernels::weighted_sums::Weights;
use crate::null::{
    LambdaGrid, Likelihood, Moments, RotatedModel, SharedValues, Survey, WeightedModel,
};
use std::sync::OnceLock;

/// Tables for the surveys of blocks of SNPs.
pub(super) struct SurveyTables {
    grid: LambdaGrid,
    /// Of every λ of the grid, then of both ends: its point; `None` where λ is not finite.
    point_of: Vec<Option<usize>>,
    points: Vec<Point>,
    /// Covariates.
    c: usize,
    /// w₁ and w₂ at each point: rows × 2·points.
    weights: WeightTable,
}

/// What is shared at one λ.
struct Point {
    lambda: f64,
    /// `None` where its sums lose digits for every SNP.
    shared: Option<SharedValues>,
    /// Made for the first SNP that needs it; `None` inside where the covariates are singular.
    weighted: OnceLock<Option<WeightedModel>>,
}

/// Memory for one block of SNPs.
#[derive(Default)]
pub(super) struct SurveyScratch {
    products: GridProducts,
    moments: Vec<Option<Moments>>,
    pub(super) survey: Survey,
}

impl SurveyTables {
    /// Tables of `grid` for `model`.
    pub(super) fn new(grid: LambdaGrid, model: &RotatedModel) -> Self {
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
        let d = model.d();
        Self {
            point_of,
            points: lambdas
                .iter()
                .map(|&lambda| Point {
                    lambda,
                    shared: SharedValues::new(model, lambda),
                    weighted: OnceLock::new(),
                })
                .collect(),
            weights: WeightTable::new(d.len(), 2 * lambdas.len(), |i, k| {
                let w = 1.0 / (lambdas[k / 2] * d[i] + 1.0);
                if k.is_multiple_of(2) { w } else { d[i] * w * w }
            }),
            c: model.c(),
            grid,
        }
    }

    /// The grid.
    pub(super) fn grid(&self) -> &LambdaGrid {
        &self.grid
    }

    /// Sums of the rotated SNPs `x` (rows × any number, orthogonal to the covariates) on the whole grid, with `columns`,
    /// the covariates and y.
    pub(super) fn add_up(&self, x: &[f64], columns: &[&[f64]], scratch: &mut SurveyScratch) {
        scratch.products.fill(&self.weights, x, columns);
    }

    /// Makes the survey of SNP `snp` of the block added up last, whose likelihood is `likelihood`.
    ///
    /// `None` where XᵀH⁻¹X is not positive definite.
    pub(super) fn survey(
        &self,
        snp: usize,
        likelihood: &mut Likelihood<'_>,
        scratch: &mut SurveyScratch,
    ) -> Option<()> {
        let SurveyScratch {
            products,
            moments,
            survey,
        } = scratch;
        moments.clear();
        for point in &self.points {
            let by_sums = point.shared.as_ref().and_then(|shared| {
                let sums = likelihood.snp_sums();
                for which in 0..2 {
                    let column = 2 * moments.len() + which;
                    sums.w[which].clear();
                    sums.w[which].extend((0..self.c + 2).map(|a| products.of(snp, a)[column]));
                }
                likelihood.moments_of_sums(point.lambda, shared, Weights::Two)
            });
            let here = by_sums.or_else(|| {
                let make = || WeightedModel::new(likelihood.model(), point.lambda);
                let weighted = point.weighted.get_or_init(make).as_ref()?;
                likelihood.moments_of_weighted(weighted, Weights::Two)
            })?;
            moments.push(Some(here));
        }
        let moments = self.point_of.iter().map(|point| moments[(*point)?]);
        self.grid.fill(survey, moments)
    }
}
