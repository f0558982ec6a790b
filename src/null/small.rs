//! Linear algebra for the few columns of one model, with lower triangles packed row by row.

use super::number::Number;
use crate::kernels::weighted_sums::n_pairs;

#[inline(always)]
pub(super) fn sum_of_products<T: Number>(a: &[T], b: &[T]) -> T {
    // −0 is the neutral element, with which the sum of a single product is that product.
    let products = a.iter().zip(b).map(|(&a, &b)| a * b);
    products.fold(T::from(-0.0), |sum, product| sum + product)
}

/// Writes the Cholesky factor of the packed lower triangle `g` to `l`. Returns ln|G|, or `None` if G is not positive
/// definite.
pub(super) fn factorise(g: &[f64], k: usize, l: &mut Vec<f64>) -> Option<f64> {
    l.clear();
    l.extend_from_slice(g);
    let mut log_det = 0.0;
    for j in 0..k {
        for i in j..k {
            let mut sum = l[n_pairs(i) + j];
            for m in 0..j {
                sum -= l[n_pairs(i) + m] * l[n_pairs(j) + m];
            }
            if i > j {
                l[n_pairs(i) + j] = sum / l[n_pairs(j) + j];
            } else if sum > 0.0 {
                log_det += sum.ln();
                l[n_pairs(j) + j] = sum.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(log_det)
}

/// b ← L⁻¹b.
fn forward(l: &[f64], k: usize, b: &mut [f64]) {
    for i in 0..k {
        let sum: f64 = (0..i).map(|m| l[n_pairs(i) + m] * b[m]).sum();
        b[i] = (b[i] - sum) / l[n_pairs(i) + i];
    }
}

/// b ← G⁻¹b = L⁻ᵀL⁻¹b.
pub(super) fn solve(l: &[f64], k: usize, b: &mut [f64]) {
    forward(l, k, b);
    for i in (0..k).rev() {
        let sum: f64 = (i + 1..k).map(|m| l[n_pairs(m) + i] * b[m]).sum();
        b[i] = (b[i] - sum) / l[n_pairs(i) + i];
    }
}

/// tr M and tr M² of M = L⁻¹SL⁻ᵀ, which has the traces of G⁻¹S; S is the packed lower triangle `s`.
pub(super) fn whitened(l: &[f64], s: &[f64], k: usize, m: &mut Vec<f64>) -> (f64, f64) {
    m.clear();
    m.resize(k * k, 0.0);
    // Rows of L⁻¹S, by forward substitution on the columns of the symmetric S.
    for (j, column) in m.chunks_exact_mut(k).enumerate() {
        for (i, x) in column.iter_mut().enumerate() {
            *x = s[n_pairs(i.max(j)) + i.min(j)];
        }
        forward(l, k, column);
    }
    // m[j*k + i] = (L⁻¹S)_ij; a second substitution along j gives (L⁻¹S L⁻ᵀ)_ij.
    let (mut trace, mut squares) = (0.0, 0.0);
    for i in 0..k {
        for j in 0..k {
            let sum: f64 = (0..j).map(|q| l[n_pairs(j) + q] * m[q * k + i]).sum();
            m[j * k + i] = (m[j * k + i] - sum) / l[n_pairs(j) + j];
            squares += m[j * k + i] * m[j * k + i];
        }
        trace += m[i * k + i];
    }
    (trace, squares)
}
