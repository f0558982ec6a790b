//! The weighted sums of one SNP at one λ: Σ w x a for each column a shared by all SNPs and for x itself.
//!
//! Weights as in [`super::weighted_sums`]: with h = λd + 1, w₁ = 1/h, w₂ = d/h² and w₃ = d²/h³. One pass over the
//! individuals gives all three. Two rows of lanes share one division, 1/h = h'·(1/(h h')), because division is the slowest
//! operation.
//!
//! Every sum has eight lanes, and a lane adds its individuals in order with fused multiply-adds. All vector
//! implementations use this order and give the same bits; a CPU without fused multiply-add rounds twice.

#[cfg(target_arch = "x86_64")]
use super::cpu::V4;
use super::{LANES, fold};
use pulp::{Arch, Simd, WithSimd};

type Lanes = [f64; LANES];

/// Rows of lanes whose weighted x is held at once: two pages in the first-level cache, and an even number, so that pairs
/// are not split.
const CHUNK_ROWS: usize = 16;

/// Largest λ·d for which two rows can share a division: h h' must not overflow.
pub const LARGEST_PRODUCT: f64 = 1e150;

/// Sums of one SNP x with each shared column, in order, and last with itself.
#[derive(Debug, Clone, Default)]
pub struct SnpSums {
    /// Σ w₁ x a, Σ w₂ x a and Σ w₃ x a.
    pub w: [Vec<f64>; 3],
    lanes: Vec<[Lanes; 3]>,
}

/// Fills `sums` for `x` and `columns`, each as long as `d`, at a `lambda` with λd ≤ [`LARGEST_PRODUCT`].
///
/// # Panics
/// If a column is not as long as `d`, or the length of `d` is not a multiple of [`LANES`].
pub fn snp_sums(lambda: f64, d: &[f64], x: &[f64], columns: &[&[f64]], sums: &mut SnpSums) {
    prepare(d, x, columns, sums);
    #[cfg(target_arch = "x86_64")]
    if let Some(cpu) = V4::try_new() {
        avx512::run(cpu, lambda, d, x, columns, &mut sums.lanes);
        return sums.fold();
    }
    portable(lambda, d, x, columns, sums);
}

fn prepare(d: &[f64], x: &[f64], columns: &[&[f64]], sums: &mut SnpSums) {
    assert!(d.len().is_multiple_of(LANES) && x.len() == d.len());
    assert!(columns.iter().all(|column| column.len() == d.len()));
    sums.lanes.clear();
    sums.lanes.resize(columns.len() + 1, [[0.0; LANES]; 3]);
}

fn portable(lambda: f64, d: &[f64], x: &[f64], columns: &[&[f64]], sums: &mut SnpSums) {
    let lanes = &mut sums.lanes;
    Arch::new().dispatch(Portable {
        lambda,
        d: d.as_chunks().0,
        x: x.as_chunks().0,
        columns,
        lanes,
    });
    sums.fold();
}

impl SnpSums {
    fn fold(&mut self) {
        for (k, out) in self.w.iter_mut().enumerate() {
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
                add::<FUSED>(a, &weighted, lanes);
            }
            add::<FUSED>(x, &weighted, own);
        }
    }
}

#[inline(always)]
#[allow(
    clippy::needless_range_loop,
    reason = "plain counted loops over lanes are what the compiler turns into vectors"
)]
fn add<const FUSED: bool>(
    a: &[Lanes],
    weighted: &[[Lanes; CHUNK_ROWS]; 3],
    lanes: &mut [Lanes; 3],
) {
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

/// The same with one register for eight lanes.
#[cfg(target_arch = "x86_64")]
mod avx512 {
    #![allow(unsafe_code, reason = "loads and stores of vectors")]

    use super::{CHUNK_ROWS, LANES, Lanes, V4};
    use crate::kernels::cpu::with_instructions;
    use std::arch::x86_64::{
        __m512d, _mm512_div_pd, _mm512_fmadd_pd, _mm512_loadu_pd, _mm512_mul_pd, _mm512_set1_pd,
        _mm512_setzero_pd, _mm512_storeu_pd,
    };

    /// Columns whose sums stay in registers together with those of x.
    const IN_REGISTERS: usize = 4;

    /// The caller has checked that every column is as long as `d`, and this length is a multiple of [`LANES`].
    pub(super) fn run(
        cpu: V4,
        lambda: f64,
        d: &[f64],
        x: &[f64],
        columns: &[&[f64]],
        lanes: &mut [[Lanes; 3]],
    ) {
        with_instructions!(cpu: V4, dispatch(lambda, d, x, columns, lanes));
    }

    #[target_feature(enable = "avx512f")]
    fn dispatch(lambda: f64, d: &[f64], x: &[f64], columns: &[&[f64]], lanes: &mut [[Lanes; 3]]) {
        match *columns {
            [] => whole::<0>(lambda, d, x, [], lanes),
            [a] => whole(lambda, d, x, [a], lanes),
            [a, b] => whole(lambda, d, x, [a, b], lanes),
            [a, b, c] => whole(lambda, d, x, [a, b, c], lanes),
            _ => in_chunks(lambda, d, x, columns, lanes),
        }
    }

    /// Few columns: one loop over all individuals.
    #[target_feature(enable = "avx512f")]
    fn whole<const K: usize>(
        lambda: f64,
        d: &[f64],
        x: &[f64],
        columns: [&[f64]; K],
        lanes: &mut [[Lanes; 3]],
    ) {
        weigh::<K, false>(lambda, d, x, columns, lanes, &mut []);
    }

    /// Many columns: the weighted x of a chunk stays in the cache for all of them.
    #[target_feature(enable = "avx512f")]
    fn in_chunks(lambda: f64, d: &[f64], x: &[f64], columns: &[&[f64]], lanes: &mut [[Lanes; 3]]) {
        let mut weighted = [[[0.0; LANES]; 3]; CHUNK_ROWS];
        let (with_columns, own) = lanes.split_at_mut(columns.len());
        for start in (0..d.len()).step_by(CHUNK_ROWS * LANES) {
            let part = start..d.len().min(start + CHUNK_ROWS * LANES);
            let (d, x) = (&d[part.clone()], &x[part.clone()]);
            weigh::<0, true>(lambda, d, x, [], own, &mut weighted);
            let weighted = &weighted[..d.len() / LANES];
            for (block, lanes) in columns
                .chunks(IN_REGISTERS)
                .zip(with_columns.chunks_mut(IN_REGISTERS))
            {
                match *block {
                    [a] => add(weighted, [&a[part.clone()]], lanes),
                    [a, b] => add(weighted, [a, b].map(|a| &a[part.clone()]), lanes),
                    [a, b, c] => add(weighted, [a, b, c].map(|a| &a[part.clone()]), lanes),
                    [a, b, c, e] => add(weighted, [a, b, c, e].map(|a| &a[part.clone()]), lanes),
                    _ => unreachable!("chunks of at most four"),
                }
            }
        }
    }

    /// Adds the sums of K columns and, last, of x itself; stores the weighted x if `KEEP`.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn weigh<const K: usize, const KEEP: bool>(
        lambda: f64,
        d: &[f64],
        x: &[f64],
        columns: [&[f64]; K],
        lanes: &mut [[Lanes; 3]],
        weighted: &mut [[Lanes; 3]],
    ) {
        let n = d.len();
        assert!(x.len() == n && columns.iter().all(|column| column.len() == n));
        assert!(lanes.len() == K + 1 && (!KEEP || weighted.len() * LANES >= n));
        let (lambda, one) = (_mm512_set1_pd(lambda), _mm512_set1_pd(1.0));
        let mut own = lanes[K].each_ref().map(|lanes| load(lanes));
        let mut sums = [[_mm512_setzero_pd(); 3]; K];
        for (sums, lanes) in sums.iter_mut().zip(&*lanes) {
            *sums = lanes.each_ref().map(|lanes| load(lanes));
        }
        let mut step = |i: usize, d: __m512d, w: __m512d| {
            // SAFETY: `i` + 8 does not exceed n, the length of x and of every column.
            let x = unsafe { _mm512_loadu_pd(x.as_ptr().add(i)) };
            let dw = _mm512_mul_pd(d, w);
            let w1 = _mm512_mul_pd(w, x);
            let w2 = _mm512_mul_pd(dw, w1);
            let wx = [w1, w2, _mm512_mul_pd(dw, w2)];
            for k in 0..K {
                // SAFETY: as above.
                let a = unsafe { _mm512_loadu_pd(columns[k].as_ptr().add(i)) };
                for which in 0..3 {
                    sums[k][which] = _mm512_fmadd_pd(a, wx[which], sums[k][which]);
                }
            }
            for which in 0..3 {
                own[which] = _mm512_fmadd_pd(x, wx[which], own[which]);
            }
            if KEEP {
                for (kept, wx) in weighted[i / LANES].iter_mut().zip(wx) {
                    store(kept, wx);
                }
            }
        };
        let mut i = 0;
        while i + 2 * LANES <= n {
            // SAFETY: d contains two vectors from `i` on.
            let (d0, d1) = unsafe {
                (
                    _mm512_loadu_pd(d.as_ptr().add(i)),
                    _mm512_loadu_pd(d.as_ptr().add(i + LANES)),
                )
            };
            let (h0, h1) = (
                _mm512_fmadd_pd(lambda, d0, one),
                _mm512_fmadd_pd(lambda, d1, one),
            );
            let inverse = _mm512_div_pd(one, _mm512_mul_pd(h0, h1));
            step(i, d0, _mm512_mul_pd(inverse, h1));
            step(i + LANES, d1, _mm512_mul_pd(inverse, h0));
            i += 2 * LANES;
        }
        if i < n {
            // SAFETY: n is a whole number of vectors, so one is left.
            let d0 = unsafe { _mm512_loadu_pd(d.as_ptr().add(i)) };
            let h0 = _mm512_fmadd_pd(lambda, d0, one);
            step(i, d0, _mm512_div_pd(one, h0));
        }
        for (lanes, sums) in lanes.iter_mut().zip(sums.iter().chain([&own])) {
            for (lanes, sum) in lanes.iter_mut().zip(sums) {
                store(lanes, *sum);
            }
        }
    }

    /// Adds K columns over a chunk of weighted x.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn add<const K: usize>(
        weighted: &[[Lanes; 3]],
        columns: [&[f64]; K],
        lanes: &mut [[Lanes; 3]],
    ) {
        assert!(
            columns
                .iter()
                .all(|column| column.len() == weighted.len() * LANES)
        );
        let mut sums = [[_mm512_setzero_pd(); 3]; K];
        for (sums, lanes) in sums.iter_mut().zip(&*lanes) {
            *sums = lanes.each_ref().map(|lanes| load(lanes));
        }
        for (row, weighted) in weighted.iter().enumerate() {
            let wx = weighted.each_ref().map(|lanes| load(lanes));
            for k in 0..K {
                // SAFETY: a column has eight values for each row of `weighted`.
                let a = unsafe { _mm512_loadu_pd(columns[k].as_ptr().add(row * LANES)) };
                for which in 0..3 {
                    sums[k][which] = _mm512_fmadd_pd(a, wx[which], sums[k][which]);
                }
            }
        }
        for (lanes, sums) in lanes.iter_mut().zip(&sums) {
            for (lanes, sum) in lanes.iter_mut().zip(sums) {
                store(lanes, *sum);
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn load(lanes: &Lanes) -> __m512d {
        // SAFETY: `lanes` holds eight doubles.
        unsafe { _mm512_loadu_pd(lanes.as_ptr()) }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn store(lanes: &mut Lanes, v: __m512d) {
        // SAFETY: `lanes` holds eight doubles.
        unsafe { _mm512_storeu_pd(lanes.as_mut_ptr(), v) }
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
                snp_sums(0.7, &d, &x, &refs, &mut sums);
                prepare(&d, &x, &refs, &mut plain);
                portable(0.7, &d, &x, &refs, &mut plain);
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
