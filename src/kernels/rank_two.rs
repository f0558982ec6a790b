//! Vector operations within a panel of the tridiagonal reduction.

/// `target` −= v `of_v` + w `of_w`, over the length of `target`.
pub fn take_out(target: &mut [f64], v: &[f64], w: &[f64], of_v: f64, of_w: f64) {
    let n = target.len();
    pulp::Arch::new().dispatch(TakeOut {
        target,
        v: &v[..n],
        w: &w[..n],
        of_v,
        of_w,
    });
}

/// `target` += x.
pub fn add(target: &mut [f64], x: &[f64]) {
    target.iter_mut().zip(x).for_each(|(t, x)| *t += x);
}

/// Σ a b.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    pulp::Arch::new().dispatch(Dot { a, b })
}

struct TakeOut<'a> {
    target: &'a mut [f64],
    v: &'a [f64],
    w: &'a [f64],
    of_v: f64,
    of_w: f64,
}

impl pulp::WithSimd for TakeOut<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) {
        let (target, target_rest) = S::as_mut_simd_f64s(self.target);
        let ((v, v_rest), (w, w_rest)) = (S::as_simd_f64s(self.v), S::as_simd_f64s(self.w));
        let (of_v, of_w) = (simd.splat_f64s(-self.of_v), simd.splat_f64s(-self.of_w));
        for ((t, v), w) in target.iter_mut().zip(v).zip(w) {
            *t = simd.mul_add_f64s(*w, of_w, simd.mul_add_f64s(*v, of_v, *t));
        }
        for ((t, v), w) in target_rest.iter_mut().zip(v_rest).zip(w_rest) {
            *t -= v * self.of_v + w * self.of_w;
        }
    }
}

struct Dot<'a> {
    a: &'a [f64],
    b: &'a [f64],
}

impl pulp::WithSimd for Dot<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) -> f64 {
        let ((a, a_rest), (b, b_rest)) = (S::as_simd_f64s(self.a), S::as_simd_f64s(self.b));
        let mut sums = [simd.splat_f64s(0.0); 4];
        let ((a, a_last), (b, b_last)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
        for (a, b) in a.iter().zip(b) {
            for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                *sum = simd.mul_add_f64s(*a, *b, *sum);
            }
        }
        for ((sum, a), b) in sums.iter_mut().zip(a_last).zip(b_last) {
            *sum = simd.mul_add_f64s(*a, *b, *sum);
        }
        let [s0, s1, s2, s3] = sums;
        let sum = simd.add_f64s(simd.add_f64s(s0, s1), simd.add_f64s(s2, s3));
        let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
        simd.reduce_sum_f64s(sum) + rest
    }
}
