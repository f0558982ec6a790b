//! Dot products and linear combinations of a few long columns.

use super::snp_sums::multiply_add;
use super::{LANES, fold};
use pulp::{Arch, Simd, WithSimd};

/// Columns processed in one pass over x.
const TOGETHER: usize = 4;

/// `out[k]` = Σᵢ `columns[k][i] * x[i]`, in eight lanes folded in a fixed order.
///
/// # Panics
/// If a column is not as long as `x`, the length of `x` is not a multiple of [`LANES`], or `out` is not as long as
/// `columns`.
pub fn dots(columns: &[Vec<f64>], x: &[f64], out: &mut [f64]) {
    check(columns, x, out);
    Arch::new().dispatch(Dots { columns, x, out });
}

/// x ← x − Σₖ `multiples[k]` `columns[k]`.
///
/// # Panics
/// As for [`dots`].
pub fn subtract(columns: &[Vec<f64>], multiples: &[f64], x: &mut [f64]) {
    check(columns, x, multiples);
    Arch::new().dispatch(Subtract {
        columns,
        multiples,
        x,
    });
}

fn check(columns: &[Vec<f64>], x: &[f64], coefficients: &[f64]) {
    assert!(x.len().is_multiple_of(LANES) && coefficients.len() == columns.len());
    assert!(columns.iter().all(|column| column.len() == x.len()));
}

struct Dots<'a> {
    columns: &'a [Vec<f64>],
    x: &'a [f64],
    out: &'a mut [f64],
}

struct Subtract<'a> {
    columns: &'a [Vec<f64>],
    multiples: &'a [f64],
    x: &'a mut [f64],
}

/// Runs `self.run::<FUSED>()`, with fused multiply-add if the CPU has it.
macro_rules! by_fused {
    ($kernel:ident) => {
        impl WithSimd for $kernel<'_> {
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
    };
}
by_fused!(Dots);
by_fused!(Subtract);

impl Dots<'_> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let rows = self.x.as_chunks::<LANES>().0;
        for (columns, out) in self
            .columns
            .chunks(TOGETHER)
            .zip(self.out.chunks_mut(TOGETHER))
        {
            let mut sums = [[0.0; LANES]; TOGETHER];
            let column = |k: usize| columns[k.min(columns.len() - 1)].as_chunks::<LANES>().0;
            let together: [_; TOGETHER] = std::array::from_fn(|k| &column(k)[..rows.len()]);
            for (i, x) in rows.iter().enumerate() {
                for (sum, a) in sums.iter_mut().zip(together) {
                    for lane in 0..LANES {
                        sum[lane] = multiply_add::<FUSED>(a[i][lane], x[lane], sum[lane]);
                    }
                }
            }
            out.iter_mut()
                .zip(sums)
                .for_each(|(out, sum)| *out = fold(sum));
        }
    }
}

impl Subtract<'_> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (column, &multiple) in self.columns.iter().zip(self.multiples) {
            for (x, &a) in self.x.iter_mut().zip(column) {
                *x = multiply_add::<FUSED>(-multiple, a, *x);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(seed: usize, n: usize) -> Vec<f64> {
        (0..n)
            .map(|i| ((i * 37 + seed * 101) as f64 * 0.61).sin())
            .collect()
    }

    #[test]
    fn products_and_combinations_equal_plain_loops() {
        for n in [8, 16, 24, 200] {
            for k in 1..10 {
                let columns: Vec<_> = (0..k).map(|k| column(k, n)).collect();
                let (mut x, multiples) = (column(50, n), column(60, k));
                let mut out = vec![f64::NAN; k];
                dots(&columns, &x, &mut out);
                for (column, dot) in columns.iter().zip(&out) {
                    let exact: f64 = column.iter().zip(&x).map(|(a, x)| a * x).sum();
                    assert!((dot - exact).abs() < 1e-13, "{dot} != {exact}");
                }
                let before = x.clone();
                subtract(&columns, &multiples, &mut x);
                for i in 0..n {
                    let exact: f64 = columns.iter().zip(&multiples).map(|(a, m)| a[i] * m).sum();
                    assert!((before[i] - x[i] - exact).abs() < 1e-14);
                }
            }
        }
    }
}
