//! The weighted sums of one SNP at one λ: Σ w x a for each column a shared by all SNPs and for x itself.
//!
//! Weights as in [`super::weighted_sums`]: with h = λd + 1, w₁ = 1/h, w₂ = d/h² and w₃ = d²/h³. One pass over the
//! individuals gives all three. Two rows of lanes share one division, 1/h = h'·(1/(h h')), because division is the slowest
//! operation. The sums with w₃, which only second derivatives need, are left out unless requested; the others are then the
//! same to the bit.
//!
//! Every sum has eight lanes, and a lane adds its individuals in order with fused multiply-adds. All vector
//! implementations use this order and give the same bits; a CPU without fused multiply-add rounds twice.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod lanes;

#[cfg(target_arch = "x86_64")]
use super::cpu::V4;
use super::weighted_sums::Weights;
use super::{LANES, fold};
use lanes::{CHUNK_ROWS, Lanes};
use pulp::{Arch, Simd, WithSimd};

/// Largest λ·d for which two rows can share a division: h h' must not overflow.
pub const LARGEST_PRODUCT: f64 = 1e150;

/// Sums of one SNP x with each shared column, in order, and last with itself.
#[derive(Debug, Clone, Default)]
pub struct SnpSums {
    /// Σ w₁ x a, Σ w₂ x a and Σ w₃ x a; the last is empty unless requested.
    pub w: [Vec<f64>; 3],
    lanes: Vec<[Lanes; 3]>,
}

/// Fills `sums` for `x` and `columns`, each as long as `d`, at a `lambda` with λd ≤ [`LARGEST_PRODUCT`].
///
/// The sums with w₁ and w₂ are always computed.
///
/// # Panics
/// If a column is not as long as `d`, or the length of `d` is not a multiple of [`LANES`].
pub fn snp_sums(
    lambda: f64,
    d: &[f64],
    x: &[f64],
    columns: &[&[f64]],
    weights: Weights,
    sums: &mut SnpSums,
) {
    prepare(d, x, columns, sums);
    #[cfg(target_arch = "x86_64")]
    if let Some(cpu) = V4::try_new() {
        avx512::run(cpu, lambda, d, x, columns, weights, &mut sums.lanes);
        return sums.fold(weights);
    }
    portable(lambda, d, x, columns, weights, sums);
}

/// The number of weights for which sums are computed.
fn count(weights: Weights) -> usize {
    if weights == Weights::Three { 3 } else { 2 }
}

fn prepare(d: &[f64], x: &[f64], columns: &[&[f64]], sums: &mut SnpSums) {
    assert!(d.len().is_multiple_of(LANES) && x.len() == d.len());
    assert!(columns.iter().all(|column| column.len() == d.len()));
    sums.lanes.clear();
    sums.lanes.resize(columns.len() + 1, [[0.0; LANES]; 3]);
}

fn portable(
    lambda: f64,
    d: &[f64],
    x: &[f64],
    columns: &[&[f64]],
    weights: Weights,
    sums: &mut SnpSums,
) {
    let lanes = &mut sums.lanes;
    Arch::new().dispatch(Portable {
        lambda,
        d: d.as_chunks().0,
        x: x.as_chunks().0,
        columns,
        count: count(weights),
        lanes,
    });
    sums.fold(weights);
}

impl SnpSums {
    fn fold(&mut self, weights: Weights) {
        self.w[2].clear();
        for (k, out) in self.w[..count(weights)].iter_mut().enumerate() {
            out.clear();
            out.extend(self.lanes.iter().map(|lanes| fold(lanes[k])));
        }
    }
}

/// The reference implementation: plain loops over lanes.
struct Portable<'a> {
    lambda: f64,
    d: &'a [Lanes],
    x: &'a [Lanes],
    columns: &'a [&'a [f64]],
    count: usize,
    lanes: &'a mut [[Lanes; 3]],
}

impl WithSimd for Portable<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        if S::IS_SCALAR {
            self.run::<false>();
        } else {
            self.run::<true>();
        }
    }
}

/// a·b + c, with a single rounding if `FUSED`.
#[inline(always)]
pub(super) fn multiply_add<const FUSED: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

#[allow(
    clippy::needless_range_loop,
    reason = "plain counted loops over lanes are what the compiler turns into vectors"
)]
impl Portable<'_> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let (own, with_columns) = self.lanes.split_last_mut().expect("x has its own sums");
        let mut weighted = [[[0.0; LANES]; CHUNK_ROWS]; 3];
        for start in (0..self.d.len()).step_by(CHUNK_ROWS) {
            let rows = start..self.d.len().min(start + CHUNK_ROWS);
            let (d, x) = (&self.d[rows.clone()], &self.x[rows.clone()]);
            for pair in (0..d.len()).step_by(2) {
                let has_second = pair + 1 < d.len();
                for lane in 0..LANES {
                    let h = |row: usize| multiply_add::<FUSED>(self.lambda, d[row][lane], 1.0);
                    let h0 = h(pair);
                    let h1 = if has_second { h(pair + 1) } else { 1.0 };
                    let inverse = 1.0 / (h0 * h1);
                    let mut put = |row: usize, w: f64| {
                        let dw = d[row][lane] * w;
                        let wx = w * x[row][lane];
                        weighted[0][row][lane] = wx;
                        weighted[1][row][lane] = dw * wx;
                        weighted[2][row][lane] = dw * (dw * wx);
                    };
                    put(pair, inverse * h1);
                    if has_second {
                        put(pair + 1, inverse * h0);
                    }
                }
            }
            let columns = self
                .columns
                .iter()
                .map(|column| &column.as_chunks().0[rows.clone()]);
            for (a, lanes) in columns.zip(&mut *with_columns) {
                add::<FUSED>(a, &weighted[..self.count], lanes);
            }
            add::<FUSED>(x, &weighted[..self.count], own);
        }
    }
}

#[inline(always)]
#[allow(
    clippy::needless_range_loop,
    reason = "plain counted loops over lanes are what the compiler turns into vectors"
)]
fn add<const FUSED: bool>(a: &[Lanes], weighted: &[[Lanes; CHUNK_ROWS]], lanes: &mut [Lanes; 3]) {
    for (sums, weighted) in lanes.iter_mut().zip(weighted) {
        let mut total = *sums;
        for (a, wx) in a.iter().zip(weighted) {
            for lane in 0..LANES {
                total[lane] = multiply_add::<FUSED>(a[lane], wx[lane], total[lane]);
            }
        }
        *sums = total;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::padded;

    fn column(seed: usize, n: usize) -> Vec<f64> {
        let mut v: Vec<f64> = (0..n)
            .map(|i| ((i * 37 + seed * 101) as f64 * 0.61).sin())
            .collect();
        v.resize(padded(n), 0.0);
        v
    }

    #[test]
    fn sums_equal_the_plain_formula_and_all_bodies_agree_to_the_bit() {
        for n in (1..40).chain([127, 128, 129, 136, 137, 255, 260, 500]) {
            let d: Vec<f64> = column(1, n).iter().map(|x| 9.0 * x.abs()).collect();
            let x = column(2, n);
            for k in 0..11 {
                let columns: Vec<_> = (0..k).map(|s| column(3 + s, n)).collect();
                let refs: Vec<_> = columns.iter().map(Vec::as_slice).collect();
                let (mut sums, mut plain) = (SnpSums::default(), SnpSums::default());
                let three = Weights::Three;
                snp_sums(0.7, &d, &x, &refs, three, &mut sums);
                prepare(&d, &x, &refs, &mut plain);
                portable(0.7, &d, &x, &refs, three, &mut plain);
                let [mut two, mut plain_two] = [SnpSums::default(), SnpSums::default()];
                snp_sums(0.7, &d, &x, &refs, Weights::Two, &mut two);
                prepare(&d, &x, &refs, &mut plain_two);
                portable(0.7, &d, &x, &refs, Weights::Two, &mut plain_two);
                for two in [two, plain_two] {
                    assert_eq!(two.w[..2], sums.w[..2], "n = {n}, k = {k}");
                    assert!(two.w[2].is_empty());
                }
                for power in 0..3 {
                    assert_eq!(sums.w[power], plain.w[power], "n = {n}, k = {k}");
                    for (a, sum) in refs.iter().copied().chain([&x[..]]).zip(&sums.w[power]) {
                        let term = |i: usize| {
                            let h = 0.7 * d[i] + 1.0;
                            x[i] * a[i] * d[i].powi(power as i32) / h.powi(power as i32 + 1)
                        };
                        let (exact, size): (f64, f64) = (0..n)
                            .map(term)
                            .fold((0.0, 1e-300), |(s, a), t| (s + t, a + t.abs()));
                        assert!((sum - exact).abs() <= 1e-14 * size, "{sum} != {exact}");
                    }
                }
            }
        }
    }
}
