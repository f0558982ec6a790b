//! The residuals of one trait, observed and permuted, as unit vectors in the coordinates of the eigenvectors.

use super::shuffle::Generator;
use crate::error::{Error, Result};
use crate::kernels::memory::zeroed;
use crate::null::{FittedTrait, WeightedModel, WeightedSnp};
use crate::rotation::Rotation;
use faer::{MatMut, MatRef, Par};
use rayon::prelude::*;

/// Permutations in one matrix product. Its shape is fixed, so that the result of a permutation does not depend on how many
/// there are.
pub(super) const PANEL: usize = 144;

/// Columns for the observed trait and `count` permutations, in whole panels.
pub(super) fn n_columns(count: usize) -> usize {
    (count + 1).next_multiple_of(PANEL)
}

/// The decorrelated model of one trait and its residuals.
pub(super) struct UnitResiduals {
    model: WeightedModel,
    /// Padded number of individuals.
    rows: usize,
    /// Uᵀz/|z|, padded columns: z₀ = r of the observed trait, zₖ of each permutation, and zeros to whole panels.
    columns: Vec<f64>,
}

impl UnitResiduals {
    /// Decorrelates the trait at the REML estimate of λ and permutes its residuals, on all threads.
    ///
    /// * `generators`: one for each permutation
    ///
    /// Fails with [`Error::Degenerate`] if the decorrelated covariates are linearly dependent, with [`Error::Memory`] if the
    /// memory cannot be allocated, and with [`Error::Interrupted`] soon after `is_cancelled` returns true.
    pub(super) fn new(
        fitted: &FittedTrait,
        generators: &[Generator],
        is_cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self> {
        let rotation = &**fitted.model.rotation();
        let Some(model) = WeightedModel::new(&fitted.model, fitted.null.reml.lambda) else {
            return Err(Error::degenerate(
                "the covariates are linearly dependent after weighting by the kinship",
                "remove covariates that repeat others",
            ));
        };
        let rows = rotation.d().len();
        let what = "the permuted residuals";
        let mut columns = zeroed(rows * n_columns(generators.len()), what)?;
        let residuals = rotation.rotate_back(&model.residual()[..rotation.n()]);
        let observed_and_permuted: Vec<Option<&Generator>> = std::iter::once(None)
            .chain(generators.iter().map(Some))
            .collect();
        columns
            .par_chunks_mut(rows * PANEL)
            .zip(observed_and_permuted.par_chunks(PANEL))
            .try_for_each(|(panel, generators)| {
                if is_cancelled() {
                    return Err(Error::Interrupted);
                }
                fill(rotation, &model, &residuals, generators, panel);
                Ok(())
            })?;
        Ok(Self {
            model,
            rows,
            columns,
        })
    }

    /// The residuals, each panel rows × [`PANEL`].
    pub(super) fn panels(&self) -> impl Iterator<Item = MatRef<'_, f64>> {
        let panels = self.columns.chunks_exact(self.rows * PANEL);
        panels.map(|panel| MatRef::from_column_major_slice(panel, self.rows, PANEL))
    }

    /// x̃/|x̃| for the rotated SNP `x`, padded; `None` if the decorrelated SNP is a combination of the covariates.
    pub(super) fn unit_snp<'s>(&self, x: &[f64], snp: &'s mut WeightedSnp) -> Option<&'s [f64]> {
        self.model.unit_snp(x, snp)
    }
}

/// Fills a panel.
///
/// * `residuals`: r, n values in the order of the individuals
/// * `generators`: `None` for the observed trait, and the generator of each permutation, at most [`PANEL`]
/// * `panel`: padded columns, zeros
fn fill(
    rotation: &Rotation,
    model: &WeightedModel,
    residuals: &[f64],
    generators: &[Option<&Generator>],
    panel: &mut [f64],
) {
    let (n, rows) = (rotation.n(), rotation.d().len());
    let mut permuted = vec![0.0; n * PANEL]; // Pₖ r
    for (column, generator) in permuted.chunks_exact_mut(n).zip(generators) {
        if let Some(generator) = *generator {
            column.copy_from_slice(residuals);
            generator.clone().shuffle(column);
        }
    }
    rotation.eigen().rotate(
        MatRef::from_column_major_slice(&permuted, n, PANEL),
        MatMut::from_column_major_slice_mut(panel, rows, PANEL),
        Par::Seq,
    );
    let mut coefficients = Vec::new();
    for (column, generator) in panel.chunks_exact_mut(rows).zip(generators) {
        if generator.is_none() {
            column.copy_from_slice(model.residual());
        }
        // A permuted trait that is a combination of the covariates has no statistic. It has probability 0 unless there are
        // hardly more individuals than covariates.
        if model.reduce_weighted(column, &mut coefficients).is_none() {
            column.fill(0.0);
        }
    }
}
