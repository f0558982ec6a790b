//! The shared values of one trait at all λ of a grid, to evaluate a SNP at all of them at once.

use super::first_terms::{DIGITS_LOST, First, Shared};
use super::model::TraitModel;
use super::moments::{Moments, SlopeTerms};
use super::number::Eight;
use super::several::{ColumnScratch, Columns, FirstOfColumns, moments_of};
use super::shared::{LOG_DET_G, LOG_DET_H, SUM_DW, SUM_DW_SQUARED, SharedValues, TRACE_S1};
use crate::kernels::LANES;
use pulp::{Arch, Simd, WithSimd};

/// The shared values at the points of a grid.
pub(crate) struct SharedGrid {
    c: usize,
    lambdas: Vec<f64>,
    groups: Vec<Group>,
}

/// Eight neighbouring points. The last eight overlap those before them, so that no memory is read beyond a grid of at least
/// eight points; in a smaller grid, those that do not exist are undefined.
struct Group {
    /// Index of the first.
    first: usize,
    /// Value by value, as in [`SharedValues`]; NaN at a point where the difference forms lose digits for every SNP.
    values: Vec<Eight>,
}

/// The terms of several columns of one SNP at the points of a grid.
#[derive(Default)]
pub(crate) struct ColumnGridTerms {
    groups: Vec<OfColumns>,
    scratch: ColumnScratch<Eight>,
    /// Sums with w₁ and w₂ of each column.
    v: [Vec<Vec<Eight>>; 2],
}

/// The terms at the points of a group, what is left of the last column, and whether they are accurate.
struct OfColumns {
    first: FirstOfColumns<Eight>,
    beta: Eight,
    p: Eight,
    are_accurate: [bool; LANES],
}

/// The terms of one SNP at the points of a grid.
#[derive(Default)]
pub(crate) struct GridTerms {
    groups: Vec<(First<Eight>, [bool; LANES])>,
    small: Vec<Eight>,
}

impl SharedGrid {
    /// The values of `model` at `lambdas`.
    pub(crate) fn new(model: &TraitModel, lambdas: &[f64]) -> Self {
        let points: Vec<_> = (lambdas.iter())
            .map(|&lambda| SharedValues::new(model, lambda))
            .collect();
        let width = points.iter().flatten().map(|p| p.values.len()).max();
        let group = |start: usize| {
            let first = start.min(lambdas.len().saturating_sub(LANES));
            let at = |k: usize, lane: usize| {
                let point = points.get(first + lane).and_then(Option::as_ref);
                point.map_or(f64::NAN, |point| point.values[k])
            };
            Group {
                first,
                values: (0..width.unwrap_or(0))
                    .map(|k| Eight(std::array::from_fn(|lane| at(k, lane))))
                    .collect(),
            }
        };
        Self {
            c: model.c(),
            lambdas: lambdas.to_vec(),
            groups: if width.is_some() {
                (0..lambdas.len()).step_by(LANES).map(group).collect()
            } else {
                Vec::new()
            },
        }
    }

    /// Fills `terms` for a SNP.
    ///
    /// * `sums`: for each covariate, y and x, its sums with w₁ at all points, then its sums with w₂ at all points, then
    ///   zeros up to at least 15 numbers
    pub(crate) fn fill<'s>(&self, sums: impl Fn(usize) -> &'s [f64], terms: &mut GridTerms) {
        let GridTerms { groups, small } = terms;
        groups.clear();
        small.resize(4 * self.c + 4, Eight::default());
        Arch::new().dispatch(Fill {
            grid: self,
            sums,
            groups,
            small,
        });
    }

    /// The terms of the slopes at point number `point`; `None` if the difference forms lose digits there.
    pub(crate) fn slope_terms(&self, point: usize, terms: &GridTerms) -> Option<SlopeTerms> {
        let (group, lane, first) = self.at(point, terms)?;
        let value = |k: usize| group.values[k].0[lane];
        Some(SlopeTerms {
            lambda: self.lambdas[point],
            a: first.a.0[lane],
            terms: [
                value(SUM_DW),
                value(TRACE_S1) + first.trace_x.0[lane],
                first.g.0[lane],
            ],
        })
    }

    /// The moments, without second derivatives, at point number `point` for a SNP with xᵀx = `xx`; `None` if the difference
    /// forms lose digits there.
    pub(crate) fn moments(&self, point: usize, terms: &GridTerms, xx: f64) -> Option<Moments> {
        let (group, lane, first) = self.at(point, terms)?;
        let value = |k: usize| group.values[k].0[lane];
        let slopes = self.slope_terms(point, terms)?;
        Some(Moments {
            lambda: slopes.lambda,
            a: slopes.a,
            beta: first.beta.0[lane],
            p_xx: first.p_xx.0[lane],
            log_det_h: value(LOG_DET_H),
            log_det: value(LOG_DET_G),
            log_det_factor: first.p_xx.0[lane] / xx,
            g: first.g.0[lane],
            trace_s1: value(TRACE_S1) + first.trace_x.0[lane],
            sum_dw: value(SUM_DW),
            sum_dw_squared: value(SUM_DW_SQUARED),
            slope_terms: slopes.terms,
            ..Moments::NAN
        })
    }

    /// As [`SharedGrid::fill`] for `m` columns of a SNP.
    ///
    /// * `sums`: those of a column (the first number) with each covariate, y, the columns before it, and itself
    pub(crate) fn fill_columns<'s>(
        &self,
        m: usize,
        sums: impl Fn(usize, usize) -> &'s [f64],
        terms: &mut ColumnGridTerms,
    ) {
        terms.groups.clear();
        Arch::new().dispatch(FillColumns {
            grid: self,
            m,
            sums,
            terms,
        });
    }

    /// As [`SharedGrid::slope_terms`] for several columns.
    pub(crate) fn slope_terms_of_columns(
        &self,
        point: usize,
        terms: &ColumnGridTerms,
    ) -> Option<SlopeTerms> {
        let (group, lane, of) = self.at_columns(point, terms)?;
        let value = |k: usize| group.values[k].0[lane];
        Some(SlopeTerms {
            lambda: self.lambdas[point],
            a: of.first.a.0[lane],
            terms: [
                value(SUM_DW),
                value(TRACE_S1) + of.first.trace.0[lane],
                of.first.g.0[lane],
            ],
        })
    }

    /// As [`SharedGrid::moments`] for several columns.
    pub(crate) fn moments_of_columns(
        &self,
        point: usize,
        terms: &ColumnGridTerms,
    ) -> Option<Moments> {
        let (group, lane, of) = self.at_columns(point, terms)?;
        let first = FirstOfColumns {
            a: of.first.a.0[lane],
            g: of.first.g.0[lane],
            trace: of.first.trace.0[lane],
            det: of.first.det.0[lane],
        };
        let last = Columns {
            m: 1,
            p: vec![of.p.0[lane]],
            b: vec![of.beta.0[lane]],
            l: Vec::new(),
        };
        let lambda = self.lambdas[point];
        Some(moments_of(lambda, &first, &last, |k| {
            group.values[k].0[lane]
        }))
    }

    fn at_columns<'a>(
        &'a self,
        point: usize,
        terms: &'a ColumnGridTerms,
    ) -> Option<(&'a Group, usize, &'a OfColumns)> {
        let group = self.groups.get(point / LANES)?;
        let of = &terms.groups[point / LANES];
        let lane = point - group.first;
        of.are_accurate[lane].then_some((group, lane, of))
    }

    /// The group and lane of a point, with its terms if they are accurate.
    fn at<'a>(
        &'a self,
        point: usize,
        terms: &'a GridTerms,
    ) -> Option<(&'a Group, usize, &'a First<Eight>)> {
        let group = self.groups.get(point / LANES)?;
        let (first, are_accurate) = &terms.groups[point / LANES];
        let lane = point - group.first;
        are_accurate[lane].then_some((group, lane, first))
    }
}

struct Fill<'a, F> {
    grid: &'a SharedGrid,
    sums: F,
    groups: &'a mut Vec<(First<Eight>, [bool; LANES])>,
    small: &'a mut [Eight],
}

impl<'s, F: Fn(usize) -> &'s [f64]> WithSimd for Fill<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        // With one covariate, the intercept, all loops over covariates vanish.
        match self.grid.c {
            1 => self.run(1),
            c => self.run(c),
        }
    }
}

impl<'s, F: Fn(usize) -> &'s [f64]> Fill<'_, F> {
    #[inline(always)]
    fn run(self, c: usize) {
        let n_points = self.grid.lambdas.len();
        let (v, rest) = self.small.split_at_mut(c + 2);
        let (v2, rest) = rest.split_at_mut(c + 2);
        let (z, s_z) = rest.split_at_mut(c);
        for group in &self.grid.groups {
            for k in 0..c + 2 {
                let sums = (self.sums)(k);
                let eight = |start: usize| {
                    let lanes = sums[start..].first_chunk();
                    Eight(*lanes.expect("the sums are padded"))
                };
                v[k] = eight(group.first);
                v2[k] = eight(n_points + group.first);
            }
            let shared = Shared {
                c,
                values: &group.values,
            };
            let terms = shared.first_terms(v, v2, z, s_z);
            self.groups.push((terms, terms.are_accurate()));
        }
    }
}

struct FillColumns<'a, F> {
    grid: &'a SharedGrid,
    m: usize,
    sums: F,
    terms: &'a mut ColumnGridTerms,
}

impl<'s, F: Fn(usize, usize) -> &'s [f64]> WithSimd for FillColumns<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (c, n_points) = (self.grid.c, self.grid.lambdas.len());
        let ColumnGridTerms { groups, scratch, v } = self.terms;
        for v in &mut *v {
            v.resize_with(self.m, Vec::new);
        }
        for group in &self.grid.groups {
            for (power, v) in v.iter_mut().enumerate() {
                for (i, v) in v.iter_mut().enumerate() {
                    v.clear();
                    v.extend((0..c + 2 + i).map(|k| {
                        let sums = &(self.sums)(i, k)[power * n_points + group.first..];
                        Eight(*sums.first_chunk().expect("the sums are padded"))
                    }));
                }
            }
            let shared = Shared {
                c,
                values: &group.values,
            };
            let [v, v2] = &*v;
            let first = scratch.first_terms(shared, self.m, |i| &v[i], |i| &v2[i]);
            let mut are_accurate = [true; LANES];
            for (left, before) in scratch.differences() {
                for (lane, is) in are_accurate.iter_mut().enumerate() {
                    // False for NaN.
                    *is &= left.0[lane] > DIGITS_LOST * before.0[lane];
                }
            }
            groups.push(OfColumns {
                first,
                beta: scratch.columns.b[self.m - 1],
                p: scratch.columns.p[self.m - 1],
                are_accurate,
            });
        }
    }
}
