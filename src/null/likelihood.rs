//! The likelihoods of λ and their derivatives, in a form that remains accurate as λ → 0.
//!
//! With r = y − Xβ̂ the generalised least squares residual, G = XᵀH⁻¹X, S₁ = XᵀH⁻¹DH⁻¹X, S₂ = XᵀH⁻¹DH⁻¹DH⁻¹X and
//! u = XᵀH⁻¹DH⁻¹r:
//!
//! * g = yᵀPKPy = Σ d r²/h², gg = yᵀPKPKPy = Σ d² r²/h³ − uᵀG⁻¹u
//! * ML:   ℓ'   = −½ Σ d/h + ½ n g/A, ℓ'' = ½ Σ d²/h² − ½ n (2 gg A − g²)/A²
//! * REML: ℓ_R' = −½ (Σ d/h − tr G⁻¹S₁) + ½ ν g/A,
//!   ℓ_R'' = ½ (Σ d²/h² − 2 tr G⁻¹S₂ + tr (G⁻¹S₁)²) − ½ ν (2 gg A − g²)/A²
//!
//! These are equal to the derivatives in Zhou & Stephens 2012 (Supplementary Note 3.1.3), which subtract nearly equal
//! numbers and divide by λ².

use super::model::TraitModel;
use super::moments::{Moments, SlopeTerms};
use super::several::{ColumnScratch, Columns};
use super::shared::SharedValues;
use super::shared_table::SharedTable;
use super::weighted::{WeightedModel, WeightedSnp};
use crate::kernels::orthonormal::dot;
use crate::kernels::snp_sums::{SnpSums, snp_sums};
use crate::kernels::weighted_sums::Weights;
use std::f64::consts::PI;

/// Which likelihood is maximised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criterion {
    /// Maximum likelihood.
    Ml,
    /// Restricted maximum likelihood.
    Reml,
}

/// The likelihood of one model: the covariates, and for a SNP its column x.
pub struct Likelihood<'m> {
    model: &'m TraitModel,
    /// Rotated SNP after the covariates, padded; `None` under the null hypothesis.
    x: Option<&'m [f64]>,
    /// xᵀx, which equals |XᵀX| because the basis is orthonormal; 1 without a SNP.
    xx: f64,
    /// With several columns of a SNP, in place of `x`: the covariates, y and these columns. Otherwise empty.
    columns: Vec<&'m [f64]>,
    /// Values shared by all SNPs, if they are tabulated.
    shared: Option<&'m SharedTable<'m>>,
    scratch: &'m mut Scratch,
}

/// Memory reused from evaluation to evaluation.
#[derive(Debug, Default)]
pub struct Scratch {
    small: Vec<f64>,
    /// Sums of the SNP at the last λ.
    pub(crate) snp: SnpSums,
    /// Values shared by all SNPs at the last λ.
    shared: SharedValues,
    weighted: Option<WeightedModel>,
    pub(crate) weighted_snp: WeightedSnp,
    /// The sums and the terms of several columns at the last λ.
    sums: Vec<SnpSums>,
    pub(crate) columns: ColumnScratch,
}

impl<'m> Likelihood<'m> {
    /// The likelihood of `model` with the SNP `x` (rotated, padded, orthogonal to the covariates) or without one.
    pub fn new(model: &'m TraitModel, x: Option<&'m [f64]>, scratch: &'m mut Scratch) -> Self {
        Self {
            model,
            x,
            xx: x.map_or(1.0, |x| dot(x, x)),
            columns: Vec::new(),
            shared: None,
            scratch,
        }
    }

    /// The likelihood with the SNP `x`, with xᵀx = `xx`, evaluated with the values of `shared`.
    pub(crate) fn of_snp(
        x: &'m [f64],
        xx: f64,
        shared: &'m SharedTable<'m>,
        scratch: &'m mut Scratch,
    ) -> Self {
        Self {
            model: shared.model(),
            x: Some(x),
            xx,
            columns: Vec::new(),
            shared: Some(shared),
            scratch,
        }
    }

    /// The likelihood with several `columns` of a SNP (rotated, padded, orthonormal, orthogonal to the covariates), evaluated
    /// with the values of `shared`. The effect in [`Moments`] is that of the last.
    pub(crate) fn of_columns(
        columns: &[&'m [f64]],
        shared: &'m SharedTable<'m>,
        scratch: &'m mut Scratch,
    ) -> Self {
        Self {
            model: shared.model(),
            x: None,
            xx: 1.0,
            columns: [shared.columns(), columns].concat(),
            shared: Some(shared),
            scratch,
        }
    }

    /// Number of columns of the SNP, if there are several; otherwise 0.
    fn n_columns(&self) -> usize {
        self.columns.len().saturating_sub(self.model.c() + 1)
    }

    /// What is left of several columns of a SNP after the last evaluation of the moments.
    pub(crate) fn last_columns(&self) -> &Columns {
        &self.scratch.columns.columns
    }

    /// [`Likelihood::moments_by_table`] with several columns.
    fn columns_by_table(&mut self, lambda: f64, weights: Weights) -> Option<Moments> {
        let table = self.shared?;
        let (first, m) = (self.model.c() + 1, self.n_columns());
        let Scratch {
            sums,
            columns,
            shared,
            ..
        } = &mut *self.scratch;
        table.at(lambda, shared)?;
        sums.resize_with(m, SnpSums::default);
        for (i, sums) in sums.iter_mut().enumerate() {
            let (before, x) = (&self.columns[..first + i], self.columns[first + i]);
            snp_sums(lambda, self.model.d(), x, before, weights, sums);
        }
        shared.moments_of_columns(lambda, sums, weights, columns)
    }

    /// xᵀx of the SNP.
    pub(crate) fn xx(&self) -> f64 {
        self.xx
    }

    /// The moments in one pass over the individuals, with the values shared by all SNPs.
    fn moments_by_table(&mut self, lambda: f64, weights: Weights) -> Option<Moments> {
        if self.n_columns() > 0 {
            return self.columns_by_table(lambda, weights);
        }
        let (x, table) = self.x.zip(self.shared)?;
        let Scratch {
            snp, small, shared, ..
        } = &mut *self.scratch;
        table.at(lambda, shared)?;
        snp_sums(lambda, self.model.d(), x, table.columns(), weights, snp);
        shared.moments(lambda, snp, self.xx, weights, small)
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &'m TraitModel {
        self.model
    }

    /// Number of columns of X: c, or more with a SNP.
    #[must_use]
    pub fn k(&self) -> usize {
        self.model.c() + usize::from(self.x.is_some()) + self.n_columns()
    }

    /// The moments at `lambda`, with at least the derivatives that `weights` requests. `None` if XᵀH⁻¹X is not positive
    /// definite.
    pub fn moments(&mut self, lambda: f64, weights: Weights) -> Option<Moments> {
        self.moments_by_table(lambda, weights)
            .or_else(|| self.moments_by_weighting(lambda, weights))
    }

    /// The moments in a form that remains accurate for any weights, however much of y the columns explain.
    fn moments_by_weighting(&mut self, lambda: f64, weights: Weights) -> Option<Moments> {
        let weighted = WeightedModel::new(self.model, lambda)?;
        let moments = self.moments_of_weighted(&weighted, weights);
        self.scratch.weighted = Some(weighted);
        moments
    }

    /// The moments at the λ of `weighted`, which must be of the same model.
    pub(crate) fn moments_of_weighted(
        &mut self,
        weighted: &WeightedModel,
        weights: Weights,
    ) -> Option<Moments> {
        if self.n_columns() > 0 {
            let Scratch {
                weighted_snp,
                columns,
                ..
            } = &mut *self.scratch;
            let of_snp = &self.columns[self.model.c() + 1..];
            let left = &mut columns.columns;
            return weighted.moments_of_columns(of_snp, weights, weighted_snp, left);
        }
        match self.x {
            None => Some(weighted.null_moments()),
            Some(x) => weighted.moments(x, self.xx, weights, &mut self.scratch.weighted_snp),
        }
    }

    /// β̂ of the covariates and the lower Cholesky factor of QᵀH⁻¹Q, at the λ of the last evaluation without a SNP.
    #[must_use]
    pub(crate) fn last_solution(&self) -> (&[f64], Vec<f64>) {
        let weighted = self.scratch.weighted.as_ref();
        weighted.expect("the model was evaluated").solution()
    }

    /// The log-likelihood, given the moments; infinite if the fit is perfect.
    #[must_use]
    pub fn value(&self, criterion: Criterion, m: &Moments) -> f64 {
        let df = self.df(criterion);
        let log_det = if criterion == Criterion::Reml {
            m.log_det + m.log_det_factor.ln()
        } else {
            0.0
        };
        0.5 * df * (df.ln() - (2.0 * PI).ln() - 1.0)
            - 0.5 * m.log_det_h
            - 0.5 * log_det
            - 0.5 * df * m.a.ln()
    }

    /// The log-likelihood at `lambda`.
    pub fn value_at(&mut self, criterion: Criterion, lambda: f64) -> f64 {
        self.moments(lambda, Weights::One)
            .map_or(f64::NAN, |m| self.value(criterion, &m))
    }

    /// First derivative in λ.
    #[must_use]
    pub fn slope(&self, criterion: Criterion, m: &Moments) -> f64 {
        self.slope_of(criterion, &m.of_slopes())
    }

    /// First derivative in λ.
    pub(crate) fn slope_of(&self, criterion: Criterion, m: &SlopeTerms) -> f64 {
        let [sum, of_columns, g] = m.terms;
        let trace = match criterion {
            Criterion::Ml => sum,
            Criterion::Reml => sum - of_columns,
        };
        -0.5 * trace + 0.5 * self.df(criterion) * g / m.a
    }

    /// Second derivative in λ.
    #[must_use]
    pub fn curvature(&self, criterion: Criterion, m: &Moments) -> f64 {
        let trace = match criterion {
            Criterion::Ml => m.sum_dw_squared,
            Criterion::Reml => m.sum_dw_squared - 2.0 * m.trace_s2 + m.trace_s1_squared,
        };
        let square = m.a * m.a;
        let of_residual = if square.is_normal() {
            (2.0 * m.gg * m.a - m.g * m.g) / square
        } else {
            // For example, a phenotype in a unit of 1e±80.
            2.0 * (m.gg / m.a) - (m.g / m.a).powi(2)
        };
        0.5 * trace - 0.5 * self.df(criterion) * of_residual
    }

    /// n for ML, ν = n − k for REML.
    fn df(&self, criterion: Criterion) -> f64 {
        match criterion {
            Criterion::Ml => self.model.n() as f64,
            Criterion::Reml => (self.model.n() - self.k()) as f64,
        }
    }
}
