//! The inner loop of the likelihoods: weighted sums of products of rotated columns, at one value of λ.
//!
//! With h = λd + 1 the weights are w₁ = 1/h, w₂ = d/h² and w₃ = d²/h³. All columns are padded with zeros to a multiple of
//! [`LANES`] ([`super::padded`]). The padding has d = 0 and thus w₁ = 1; it adds nothing because the columns are 0 there.

use super::{LANES, fold};
use pulp::{Arch, Simd, WithSimd};

type Lanes = [f64; LANES];

/// Rows of lanes whose weights are held at once: 64 individuals, which stay in the first-level cache.
const CHUNK_ROWS: usize = 8;

/// Number of pairs (a, b) with b ≤ a among `k` columns.
#[must_use]
pub const fn n_pairs(k: usize) -> usize {
    k * (k + 1) / 2
}

/// The weighted sums to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// w₁ only: values of the likelihood.
    One,
    /// w₁ and w₂: first derivatives too.
    Two,
    /// w₁ to w₃: second derivatives too.
    Three,
}

/// Sums over individuals of the products of all pairs of columns, row by row of the lower triangle.
#[derive(Debug, Clone, Default)]
pub struct PairSums {
    /// Σ w₁ aᵢ bᵢ for the pairs (a, b ≤ a).
    pub w1: Vec<f64>,
    /// Σ w₂ aᵢ bᵢ; zero unless requested.
    pub w2: Vec<f64>,
    /// Σ w₃ aᵢ bᵢ; zero unless requested.
    pub w3: Vec<f64>,
    /// Σ d w₁ and Σ (d w₁)², the terms of the derivatives of ½ Σ ln h.
    pub traces: (f64, f64),
    /// w₁ of each individual, for [`residual_sums`] at the same λ.
    weights: Vec<Lanes>,
    lanes: Vec<[Lanes; 3]>,
}

/// Sums of the residual r = y − Σ βⱼ aⱼ with itself and with the columns aⱼ.
#[derive(Debug, Clone, Default)]
pub struct ResidualSums {
    /// Σ w₁ r².
    pub w1_rr: f64,
    /// Σ w₂ r².
    pub w2_rr: f64,
    /// Σ w₃ r².
    pub w3_rr: f64,
    /// Σ w₂ aᵢ rᵢ for every column a.
    pub w2_ar: Vec<f64>,
    lanes: Vec<Lanes>,
}

/// Fills `sums` for all pairs of `columns`, each as long as `d`.
///
/// # Panics
/// If a column is not as long as `d`, or the length of `d` is not a multiple of [`LANES`].
pub fn pair_sums(
    lambda: f64,
    d: &[f64],
    columns: &[&[f64]],
    weights: Weights,
    sums: &mut PairSums,
) {
    let d = whole_lanes(d, columns);
    sums.lanes.clear();
    sums.lanes.resize(n_pairs(columns.len()), [[0.0; LANES]; 3]);
    sums.weights.resize(d.len(), [0.0; LANES]);
    let (lanes, w1) = (&mut sums.lanes, &mut sums.weights);
    sums.traces = Arch::new().dispatch(Pairs {
        lambda,
        d,
        columns,
        weights,
        w1,
        lanes,
    });
    for (k, out) in [&mut sums.w1, &mut sums.w2, &mut sums.w3]
        .into_iter()
        .enumerate()
    {
        out.clear();
        out.extend(sums.lanes.iter().map(|lanes| fold(lanes[k])));
    }
}

/// Fills `sums` for the residual of `y` after the multiples `beta` of `columns`, in one pass.
///
/// * `at`: pair sums of the same `d` and columns, which determine λ
///
/// # Panics
/// If a column is not as long as `d`, the length of `d` is not a multiple of [`LANES`], or `beta` and `columns` differ in
/// length.
pub fn residual_sums(
    at: &PairSums,
    d: &[f64],
    y: &[f64],
    columns: &[&[f64]],
    beta: &[f64],
    sums: &mut ResidualSums,
) {
    let d = whole_lanes(d, columns);
    assert_eq!(beta.len(), columns.len());
    let y = whole_lanes(y, &[]);
    assert!(y.len() == d.len() && at.weights.len() == d.len());
    sums.lanes.clear();
    sums.lanes.resize(columns.len() + 3, [0.0; LANES]);
    let lanes = &mut sums.lanes;
    Arch::new().dispatch(Residual {
        w1: &at.weights,
        d,
        y,
        columns,
        beta,
        lanes,
    });
    sums.w2_ar.clear();
    sums.w2_ar
        .extend(sums.lanes[3..].iter().map(|&lanes| fold(lanes)));
    (sums.w1_rr, sums.w2_rr, sums.w3_rr) = (
        fold(sums.lanes[0]),
        fold(sums.lanes[1]),
        fold(sums.lanes[2]),
    );
}

fn whole_lanes<'a>(d: &'a [f64], columns: &[&[f64]]) -> &'a [Lanes] {
    assert!(
        columns.iter().all(|c| c.len() == d.len()),
        "columns are as long as d"
    );
    let (rows, rest) = d.as_chunks();
    assert!(rest.is_empty(), "columns are padded to whole lanes");
    rows
}

/// The weights of one chunk of individuals.
struct WeightChunk([[Lanes; CHUNK_ROWS]; 3]);

impl WeightChunk {
    const ZERO: Self = Self([[[0.0; LANES]; CHUNK_ROWS]; 3]);

    /// Copies w₁, and computes w₂ and w₃.
    #[inline(always)]
    fn fill(&mut self, w1: &[Lanes], d: &[Lanes]) {
        let [out1, out2, out3] = &mut self.0;
        for (row, (w, d)) in w1.iter().zip(d).enumerate() {
            for lane in 0..LANES {
                let dw = d[lane] * w[lane];
                out1[row][lane] = w[lane];
                out2[row][lane] = dw * w[lane];
                out3[row][lane] = dw * dw * w[lane];
            }
        }
    }
}

struct Pairs<'a> {
    lambda: f64,
    d: &'a [Lanes],
    columns: &'a [&'a [f64]],
    weights: Weights,
    w1: &'a mut [Lanes],
    lanes: &'a mut [[Lanes; 3]],
}

impl WithSimd for Pairs<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (f64, f64) {
        let mut weights = WeightChunk::ZERO;
        let (mut first, mut second) = ([0.0; LANES], [0.0; LANES]);
        let chunks = self
            .d
            .chunks(CHUNK_ROWS)
            .zip(self.w1.chunks_mut(CHUNK_ROWS));
        for (chunk, (d, w1)) in chunks.enumerate() {
            for (w, d) in w1.iter_mut().zip(d) {
                for lane in 0..LANES {
                    w[lane] = 1.0 / (self.lambda * d[lane] + 1.0);
                    let dw = d[lane] * w[lane];
                    first[lane] += dw;
                    second[lane] += dw * dw;
                }
            }
            weights.fill(w1, d);
            let rows = chunk * CHUNK_ROWS..chunk * CHUNK_ROWS + d.len();
            let mut pair = 0;
            for (j, a) in self.columns.iter().enumerate() {
                let a = &a.as_chunks::<LANES>().0[rows.clone()];
                for b in &self.columns[..=j] {
                    let b = &b.as_chunks::<LANES>().0[rows.clone()];
                    let lanes = &mut self.lanes[pair];
                    match self.weights {
                        Weights::One => add_pair::<1>(a, b, &weights, lanes),
                        Weights::Two => add_pair::<2>(a, b, &weights, lanes),
                        Weights::Three => add_pair::<3>(a, b, &weights, lanes),
                    }
                    pair += 1;
                }
            }
        }
        (fold(first), fold(second))
    }
}

/// Adds the products of one pair of columns over a chunk, with the first `N` weights.
#[inline(always)]
#[allow(
    clippy::needless_range_loop,
    reason = "plain counted loops over lanes are what the compiler turns into vectors"
)]
fn add_pair<const N: usize>(
    a: &[Lanes],
    b: &[Lanes],
    weights: &WeightChunk,
    lanes: &mut [Lanes; 3],
) {
    let mut sums = [[0.0; LANES]; N];
    for (row, (a, b)) in a.iter().zip(b).take(CHUNK_ROWS).enumerate() {
        let mut product = [0.0; LANES];
        for lane in 0..LANES {
            product[lane] = a[lane] * b[lane];
        }
        for k in 0..N {
            for lane in 0..LANES {
                sums[k][lane] += product[lane] * weights.0[k][row][lane];
            }
        }
    }
    for k in 0..N {
        for lane in 0..LANES {
            lanes[k][lane] += sums[k][lane];
        }
    }
}

struct Residual<'a> {
    w1: &'a [Lanes],
    d: &'a [Lanes],
    y: &'a [Lanes],
    columns: &'a [&'a [f64]],
    beta: &'a [f64],
    lanes: &'a mut [Lanes],
}

impl WithSimd for Residual<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let mut weights = WeightChunk::ZERO;
        let mut r = [[0.0; LANES]; CHUNK_ROWS];
        for (chunk, d) in self.d.chunks(CHUNK_ROWS).enumerate() {
            let rows = chunk * CHUNK_ROWS..chunk * CHUNK_ROWS + d.len();
            weights.fill(&self.w1[rows.clone()], d);
            let r = &mut r[..d.len()];
            r.copy_from_slice(&self.y[rows.clone()]);
            for (a, &beta) in self.columns.iter().zip(self.beta) {
                for (r, a) in r.iter_mut().zip(&a.as_chunks::<LANES>().0[rows.clone()]) {
                    for lane in 0..LANES {
                        r[lane] -= beta * a[lane];
                    }
                }
            }
            let (own, with_columns) = self.lanes.split_at_mut(3);
            add_squares(r, &weights, own);
            for (a, lanes) in self.columns.iter().zip(with_columns) {
                let a = &a.as_chunks::<LANES>().0[rows.clone()];
                let mut sums = *lanes;
                for (row, (a, r)) in a.iter().zip(r.iter()).enumerate() {
                    for lane in 0..LANES {
                        sums[lane] += a[lane] * r[lane] * weights.0[1][row][lane];
                    }
                }
                *lanes = sums;
            }
        }
    }
}

/// Adds r² over a chunk with each of the three weights.
#[inline(always)]
fn add_squares(r: &[Lanes], weights: &WeightChunk, lanes: &mut [Lanes]) {
    for (sums, weights) in lanes.iter_mut().zip(&weights.0) {
        let mut total = *sums;
        for (r, w) in r.iter().zip(weights) {
            for lane in 0..LANES {
                total[lane] += r[lane] * r[lane] * w[lane];
            }
        }
        *sums = total;
    }
}

/// Σ ln(λdᵢ + 1), with one logarithm for as many factors as fit in the range of a double.
///
/// The rounding error of a product of m factors is below m·2⁻⁵³, as is that of m additions of logarithms near one.
#[must_use]
pub fn log_determinant(lambda: f64, d: &[f64]) -> f64 {
    let largest = lambda * d.iter().copied().fold(0.0, f64::max) + 1.0;
    // The product of `run` factors stays below 1e300.
    let run = (300.0 / largest.log10().max(1e-2)).clamp(1.0, 4096.0) as usize;
    d.chunks(run)
        .map(|d| d.iter().map(|d| lambda * d + 1.0).product::<f64>().ln())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::padded;

    fn column(seed: u64, n: usize) -> Vec<f64> {
        let mut state = seed;
        let mut v: Vec<f64> = (0..n)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695);
                (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.3
            })
            .collect();
        v.resize(padded(n), 0.0);
        v
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{a} != {b}");
    }

    #[test]
    fn pair_sums_equal_the_plain_formula_for_every_length() {
        for n in (1..150).step_by(7) {
            let d: Vec<f64> = column(1, n).iter().map(|x| x.abs()).collect();
            let columns: Vec<_> = (2..6).map(|s| column(s, n)).collect();
            let refs: Vec<_> = columns.iter().map(Vec::as_slice).collect();
            let mut sums = PairSums::default();
            pair_sums(0.7, &d, &refs, Weights::Three, &mut sums);
            let mut pair = 0;
            for j in 0..refs.len() {
                for k in 0..=j {
                    let sum = |power: i32| -> f64 {
                        (0..n)
                            .map(|i| {
                                let h = 0.7 * d[i] + 1.0;
                                refs[j][i] * refs[k][i] * d[i].powi(power - 1) / h.powi(power)
                            })
                            .sum()
                    };
                    close(sums.w1[pair], sum(1));
                    close(sums.w2[pair], sum(2));
                    close(sums.w3[pair], sum(3));
                    pair += 1;
                }
            }
        }
    }

    #[test]
    fn residual_sums_equal_the_plain_formula() {
        let n = 77;
        let d: Vec<f64> = column(1, n).iter().map(|x| x.abs()).collect();
        let (y, a, b) = (column(2, n), column(3, n), column(4, n));
        let mut sums = ResidualSums::default();
        let mut at = PairSums::default();
        pair_sums(2.5, &d, &[&a, &b], Weights::Three, &mut at);
        residual_sums(&at, &d, &y, &[&a, &b], &[0.3, -1.2], &mut sums);
        let r: Vec<f64> = (0..n).map(|i| y[i] - 0.3 * a[i] + 1.2 * b[i]).collect();
        let h = |i: usize| 2.5 * d[i] + 1.0;
        close(sums.w1_rr, (0..n).map(|i| r[i] * r[i] / h(i)).sum());
        close(
            sums.w2_rr,
            (0..n).map(|i| d[i] * r[i] * r[i] / h(i).powi(2)).sum(),
        );
        close(
            sums.w3_rr,
            (0..n)
                .map(|i| d[i].powi(2) * r[i] * r[i] / h(i).powi(3))
                .sum(),
        );
        close(
            sums.w2_ar[0],
            (0..n).map(|i| a[i] * d[i] * r[i] / h(i).powi(2)).sum(),
        );
        close(
            sums.w2_ar[1],
            (0..n).map(|i| b[i] * d[i] * r[i] / h(i).powi(2)).sum(),
        );
    }

    #[test]
    fn log_determinant_survives_huge_and_tiny_factors() {
        for lambda in [0.0, 1e-5, 1.0, 1e5, 1e200] {
            let d: Vec<f64> = (0..1000).map(|i| f64::from(i) * 3.0).collect();
            let plain: f64 = d.iter().map(|d| (lambda * d + 1.0).ln()).sum();
            close(log_determinant(lambda, &d), plain);
        }
        let mut at = PairSums::default();
        pair_sums(
            0.5,
            &[1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            &[],
            Weights::Two,
            &mut at,
        );
        let (first, second) = at.traces;
        close(first, 1.0 / 1.5 + 2.0 / 2.0 + 3.0 / 2.5);
        close(second, (1.0_f64 / 1.5).powi(2) + 1.0 + 1.2_f64.powi(2));
    }
}
