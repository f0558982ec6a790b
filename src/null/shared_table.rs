//! The shared values between tabulated λ.
//!
//! Every shared value is an analytic function of λ except on the negative axis: all weights are functions of λd + 1, and
//! for any other complex λ the values 1/(λd + 1), d ≥ 0, lie in a half-plane that does not touch 0, so that |G| ≠ 0.
//! A panel spans a quarter of a decade, λ = m (1+s)/(1−s) with |s| ≤ σ = 0.143, which maps the negative axis to the real
//! s beyond ±1. The error of interpolation in [`NODES`] Chebyshev points then falls as ρ^−NODES with
//! ρ = 1/σ + √(1/σ² − 1) = 13.9, and is below 10⁻¹⁶.
//! Source: Trefethen 2013, Approximation Theory and Approximation Practice, chapters 5 and 8.

use super::model::TraitModel;
use super::shared::{SharedValues, columns_of};
use crate::kernels::interpolation::Points;
use crate::kernels::snp_sums::LARGEST_PRODUCT;
use std::f64::consts::PI;
use std::sync::OnceLock;

/// Chebyshev points of a panel.
const NODES: usize = 14;
/// Panels in a decade of λ.
const PANELS_PER_DECADE: f64 = 4.0;
/// λ above this, or below its inverse, is not tabulated.
const LARGEST_LAMBDA: f64 = 1e20;

/// The shared values at any λ, by interpolation.
pub(crate) struct SharedTable<'m> {
    model: &'m TraitModel,
    columns: Vec<&'m [f64]>,
    /// Largest λ that the kernels accept.
    largest: f64,
    /// Index of the first panel, which begins at 10^(`first`/4).
    first: f64,
    /// Computed on first use; the inner value is `None` if the covariates are singular.
    panels: Vec<OnceLock<Option<Panel>>>,
    /// The Chebyshev points in s.
    points: Points<NODES>,
}

/// The shared values at the nodes of one panel, node by node.
struct Panel {
    middle: f64,
    values: Vec<f64>,
}

impl<'m> SharedTable<'m> {
    /// The table of `model` for λ from `min` to `max`.
    pub(crate) fn new(model: &'m TraitModel, min: f64, max: f64) -> Self {
        let panel = |lambda: f64| {
            let lambda = lambda.clamp(LARGEST_LAMBDA.recip(), LARGEST_LAMBDA);
            (PANELS_PER_DECADE * lambda.log10()).floor()
        };
        let (first, last) = (panel(min), panel(max));
        let d_max = model.d().iter().copied().fold(1.0, f64::max);
        let half = 10_f64.powf(0.5 / PANELS_PER_DECADE);
        let sigma = (half - 1.0) / (half + 1.0);
        let angle = |k: usize| PI * (k as f64 + 0.5) / NODES as f64;
        let sign = |k: usize| if k.is_multiple_of(2) { 1.0 } else { -1.0 };
        Self {
            model,
            columns: columns_of(model),
            largest: LARGEST_PRODUCT / d_max,
            first,
            panels: (0..=(last - first) as usize)
                .map(|_| OnceLock::new())
                .collect(),
            points: Points {
                at: std::array::from_fn(|k| sigma * angle(k).cos()),
                weights: std::array::from_fn(|k| sign(k) * angle(k).sin()),
            },
        }
    }

    pub(crate) fn model(&self) -> &'m TraitModel {
        self.model
    }

    /// The columns shared by all SNPs: the covariates, then y.
    pub(crate) fn columns(&self) -> &[&'m [f64]] {
        &self.columns
    }

    /// Fills `out` with the values at `lambda`; `None` outside the table or if the covariates are singular.
    pub(crate) fn at(&self, lambda: f64, out: &mut SharedValues) -> Option<()> {
        // NaN and values outside the table have no panel.
        let index = (PANELS_PER_DECADE * lambda.log10()).floor() - self.first;
        if !(index >= 0.0 && lambda <= self.largest) {
            return None;
        }
        let panel = self
            .panels
            .get(index as usize)?
            .get_or_init(|| self.panel(self.first + index))
            .as_ref()?;
        let s = (lambda - panel.middle) / (lambda + panel.middle);
        out.c = self.model.c();
        out.values.resize(panel.values.len() / NODES, 0.0);
        self.points.interpolate(s, &panel.values, &mut out.values);
        Some(())
    }

    /// The panel from 10^(`index`/4) to 10^((`index`+1)/4).
    fn panel(&self, index: f64) -> Option<Panel> {
        let middle = 10_f64.powf((index + 0.5) / PANELS_PER_DECADE);
        let mut values = Vec::new();
        for s in self.points.at {
            let lambda = middle * (1.0 + s) / (1.0 - s);
            values.extend(SharedValues::new(self.model, lambda)?.values);
        }
        Some(Panel { middle, values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::weighted_sums::Weights;
    use crate::null::Moments;
    use crate::null::first_terms::{RR, SCALARS};
    use crate::null::likelihood::{Likelihood, Scratch};
    use crate::null::shared::{LOG_DET_G, LOG_DET_H, U_G_U};
    use crate::null::tests::Study;

    #[test]
    fn interpolated_values_equal_those_at_the_point() {
        for c in 1..=4 {
            let study = Study::simulate(50 + c as u64, 70, c, 0.4);
            let model = study.model();
            let table = SharedTable::new(&model, 1e-5, 1e5);
            let mut between = SharedValues::default();
            for step in 0..400 {
                let lambda = 1e-5 * 10_f64.powf(f64::from(step) * 0.0249);
                table.at(lambda, &mut between).expect("inside the table");
                let exact = SharedValues::new(&model, lambda).expect("regular");
                for (k, (a, b)) in between.values.iter().zip(&exact.values).enumerate() {
                    // Off-diagonal values are differences, so that the diagonal sets their scale. The logarithm of
                    // a product near 1 has the rounding error of 1, and uᵀG⁻¹u is a part of Σ w₃r².
                    let least = match k {
                        LOG_DET_H | LOG_DET_G => 1.0,
                        U_G_U => exact.values[RR[2]],
                        _ => 0.0,
                    };
                    let kind = if k < SCALARS {
                        k..k + 1
                    } else {
                        SCALARS..exact.values.len()
                    };
                    let size = exact.values[kind].iter().fold(least, |m, v| m.max(v.abs()));
                    assert!(
                        (a - b).abs() <= 1e-11 * size,
                        "{k} at {lambda}: {a} is not {b}"
                    );
                }
            }
            for outside in [0.0, 1e-6, 1e6, f64::INFINITY, f64::NAN, -1.0] {
                assert!(table.at(outside, &mut between).is_none(), "{outside}");
            }
        }
    }

    #[test]
    fn one_pass_gives_the_moments_of_the_residual_form() {
        for c in 1..=5 {
            let study = Study::simulate(70 + c as u64, 90, c, 0.5);
            let model = study.model();
            let x = study.rotated_snp(&model);
            let table = SharedTable::new(&model, 1e-5, 1e5);
            let xx = x.iter().map(|x| x * x).sum();
            let (mut one, mut two) = (Scratch::default(), Scratch::default());
            let mut fast = Likelihood::of_snp(&x, xx, &table, &mut one);
            let mut slow = Likelihood::new(&model, Some(&x), &mut two);
            for lambda in [1e-5, 3e-3, 0.2, 1.0, 7.0, 400.0, 9e4] {
                let a = fast.moments(lambda, Weights::Three).expect("moments");
                let b = slow.moments(lambda, Weights::Three).expect("moments");
                let log_det = |m: &Moments| m.log_det + m.log_det_factor.ln();
                for (name, a, b) in [
                    ("A", a.a, b.a),
                    ("P_xx", a.p_xx, b.p_xx),
                    ("ln|H|", a.log_det_h, b.log_det_h),
                    ("g", a.g, b.g),
                    ("gg", a.gg, b.gg),
                    ("tr S1", a.trace_s1, b.trace_s1),
                    ("tr S2", a.trace_s2, b.trace_s2),
                    ("tr S1 S1", a.trace_s1_squared, b.trace_s1_squared),
                    ("sum dw", a.sum_dw, b.sum_dw),
                    ("sum dw dw", a.sum_dw_squared, b.sum_dw_squared),
                ] {
                    assert!(
                        (a - b).abs() <= 1e-11 * b.abs(),
                        "{name} at {lambda}, c = {c}: {a} is not {b}"
                    );
                }
                assert!((log_det(&a) - log_det(&b)).abs() <= 1e-10);
                let scale = (b.a / b.p_xx).sqrt();
                assert!((a.beta - b.beta).abs() <= 1e-12 * scale);
            }
        }
    }
}
