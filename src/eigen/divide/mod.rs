//! Eigendecomposition of a symmetric tridiagonal matrix by divide and conquer.
//!
//! The matrix is split into two halves and a matrix of rank one. The eigenvectors of the halves are combined with those
//! of a diagonal matrix plus rank one, which follow from the roots of a secular equation. In addition to the
//! eigenvectors, this takes one matrix of the same size. Small halves are left to faer. Source: Cuppen 1981, Numer.
//! Math. 36:177; Gu & Eisenstat 1995, SIAM J. Matrix Anal. Appl. 16:172 (the weights that keep the vectors orthogonal).

mod deflation;
mod secular;

use crate::kernels::columns::{column, column_mut};
use deflation::{Deflation, Support, deflate};
use dyn_stack::{MemBuffer, MemStack};
use faer::diag::Diag;
use faer::linalg::evd::{
    ComputeEigenvectors, EvdError, self_adjoint_evd_scratch, tridiagonal_self_adjoint_evd,
};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par, Spec};
use rayon::prelude::*;
use secular::{Root, root};

/// Matrices up to this size are decomposed by faer.
const LEAF: usize = 96;
/// Columns of a merge that one task computes.
const CHUNK: usize = 192;

/// Eigenvectors of the tridiagonal matrix with `d` on the diagonal and `e` below it, whose entries are at most about 1;
/// `d` is overwritten by the eigenvalues. Returns the order of the columns by ascending eigenvalue.
///
/// * `q`: n × n zeros, overwritten by the eigenvectors
/// * `work`: n × n
/// * `is_cancelled`: once it returns true, the result is meaningless
pub(super) fn divide_and_conquer(
    d: &mut [f64],
    e: &mut [f64],
    mut q: MatMut<'_, f64>,
    mut work: MatMut<'_, f64>,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<usize>, EvdError> {
    let n = d.len();
    if n <= LEAF {
        return leaf(d, e, q);
    }
    let top = n / 2;
    let coupling = e[top - 1];
    d[top - 1] -= coupling.abs();
    d[top] -= coupling.abs();
    let (d_top, d_bottom) = d.split_at_mut(top);
    let (e_top, e_bottom) = e.split_at_mut(top - 1);
    let (q_top, _, _, q_bottom) = q.as_mut().split_at_mut(top, top);
    let (w_top, _, _, w_bottom) = work.as_mut().split_at_mut(top, top);
    let (order, order_bottom) = rayon::join(
        || divide_and_conquer(d_top, e_top, q_top, w_top, is_cancelled),
        || {
            divide_and_conquer(
                d_bottom,
                &mut e_bottom[1..],
                q_bottom,
                w_bottom,
                is_cancelled,
            )
        },
    );
    let (order, order_bottom) = (order?, order_bottom?);
    let mut all: Vec<usize> = order
        .into_iter()
        .chain(order_bottom.into_iter().map(|c| c + top))
        .collect();
    // Stable, so that ties keep their order.
    all.sort_by(|&a, &b| d[a].total_cmp(&d[b]));
    if is_cancelled() {
        return Ok(all);
    }
    merge(d, top, coupling, &all, q, work, is_cancelled);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| d[a].total_cmp(&d[b]));
    Ok(order)
}

fn leaf(d: &mut [f64], e: &[f64], q: MatMut<'_, f64>) -> Result<Vec<usize>, EvdError> {
    let n = d.len();
    let (mut diagonal, mut below, mut values) = (Diag::zeros(n), Diag::zeros(n), Diag::zeros(n));
    for i in 0..n {
        diagonal[i] = d[i];
        below[i] = if i + 1 < n { e[i] } else { 0.0 };
    }
    let scratch =
        self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, Par::Seq, Spec::default());
    let mut buffer = MemBuffer::new(scratch);
    tridiagonal_self_adjoint_evd(
        diagonal.as_ref(),
        below.as_ref(),
        values.as_mut(),
        Some(q),
        Par::Seq,
        MemStack::new(&mut buffer),
        Spec::default(),
    )?;
    (0..n).for_each(|i| d[i] = values[i]);
    Ok((0..n).collect())
}

/// Merges the halves of `q` and `d`, split at row `top` with `coupling` between them.
fn merge(
    d: &mut [f64],
    top: usize,
    coupling: f64,
    order: &[usize],
    mut q: MatMut<'_, f64>,
    mut work: MatMut<'_, f64>,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) {
    let n = d.len();
    // z has norm √2 before it is scaled.
    let rho = 2.0 * coupling.abs();
    let scale = std::f64::consts::FRAC_1_SQRT_2;
    let mut z: Vec<f64> = (0..n)
        .map(|c| {
            if c < top {
                scale * q[(top - 1, c)]
            } else {
                scale.copysign(coupling) * q[(top, c)]
            }
        })
        .collect();
    let Deflation {
        entering,
        settled,
        support,
    } = deflate(d, &mut z, rho, order, top, q.as_mut());
    let k = entering.len();
    if k == 0 {
        return;
    }
    // Poles and weights; d is not needed after this.
    let poles: Vec<f64> = entering.iter().map(|&c| d[c]).collect();
    let weights: Vec<f64> = entering.iter().map(|&c| z[c] * z[c]).collect();
    let settled_values: Vec<f64> = settled.iter().map(|&c| d[c]).collect();

    let (grouped, n_top, n_both) = by_support(&entering, &support);
    let in_top = n_top + n_both;
    let in_bottom = k - n_top;
    let kept = in_top.max(in_bottom);
    {
        let q = q.as_ref();
        let (halves, others) = work.as_mut().split_at_col_mut(kept);
        let (upper, lower) = halves.split_at_row_mut(top);
        let copy = |to: MatMut<'_, f64>, from: &[f64]| column_mut(to, 0).copy_from_slice(from);
        upper
            .par_col_chunks_mut(1)
            .zip(&grouped[..in_top])
            .for_each(|(to, &i)| copy(to, &column(q, entering[i])[..top]));
        lower
            .par_col_chunks_mut(1)
            .zip(&grouped[n_top..])
            .for_each(|(to, &i)| copy(to, &column(q, entering[i])[top..]));
        others
            .par_col_chunks_mut(1)
            .zip(&settled)
            .for_each(|(to, &c)| copy(to, column(q, c)));
    }
    let (mut merged, rest) = q.split_at_col_mut(k);
    let work = work.as_ref();
    rest.par_col_chunks_mut(1)
        .enumerate()
        .for_each(|(to, rest)| {
            column_mut(rest, 0).copy_from_slice(column(work, kept + to));
        });
    d[k..].copy_from_slice(&settled_values);

    let roots = roots(&poles, &weights, rho, merged.as_mut());
    let signed = refined_weights(&poles, merged.as_ref(), &entering, &z);
    for (d, root) in d.iter_mut().zip(&roots) {
        *d = root.origin + root.shift;
    }
    let upper = work.submatrix(0, 0, top, in_top);
    let lower = work.submatrix(top, 0, n - top, in_bottom);
    merged.par_col_chunks_mut(CHUNK).for_each_init(
        || Mat::<f64>::zeros(k, CHUNK),
        |s, mut chunk| {
            if is_cancelled() {
                return;
            }
            let width = chunk.ncols();
            for j in 0..width {
                let delta = column(chunk.as_ref(), j);
                let s = column_mut(s.as_mut(), j);
                let mut norm = 0.0;
                for (s, &i) in s.iter_mut().zip(&grouped) {
                    *s = signed[i] / delta[i];
                    norm += *s * *s;
                }
                let scale = 1.0 / norm.sqrt();
                s.iter_mut().for_each(|s| *s *= scale);
            }
            let s = s.as_ref().subcols(0, width);
            let (above, below) = chunk.as_mut().split_at_row_mut(top);
            matmul(
                above,
                Accum::Replace,
                upper,
                s.subrows(0, in_top),
                1.0,
                Par::Seq,
            );
            matmul(
                below,
                Accum::Replace,
                lower,
                s.subrows(n_top, in_bottom),
                1.0,
                Par::Seq,
            );
        },
    );
}

/// Indices of the entering columns: first those of the first half, then those of both, so that products skip zeros.
/// Also returns the sizes of these two groups.
fn by_support(entering: &[usize], support: &[Support]) -> (Vec<usize>, usize, usize) {
    let mut grouped: Vec<usize> = (0..entering.len()).collect();
    grouped.sort_by_key(|&i| support[entering[i]]);
    let count = |kind| entering.iter().filter(|&&c| support[c] == kind).count();
    (grouped, count(Support::Top), count(Support::Both))
}

/// All roots; column j of `deltas`, from the top, receives the distances dᵢ − λⱼ.
fn roots(poles: &[f64], weights: &[f64], rho: f64, deltas: MatMut<'_, f64>) -> Vec<Root> {
    let k = poles.len();
    let mut roots = vec![
        Root {
            origin: 0.0,
            shift: 0.0
        };
        k
    ];
    deltas
        .par_col_chunks_mut(16)
        .zip(roots.par_chunks_mut(16))
        .enumerate()
        .for_each(|(chunk, (mut deltas, roots))| {
            for (i, found) in roots.iter_mut().enumerate() {
                *found = root(poles, weights, rho, 16 * chunk + i);
                for (delta, pole) in column_mut(deltas.as_mut(), i).iter_mut().zip(poles) {
                    *delta = (pole - found.origin) - found.shift;
                }
            }
        });
    roots
}

/// The weights z for which the computed roots are exact, with the signs of z.
fn refined_weights(
    poles: &[f64],
    deltas: MatRef<'_, f64>,
    entering: &[usize],
    z: &[f64],
) -> Vec<f64> {
    let k = poles.len();
    let mut refined = vec![1.0; k];
    refined
        .par_chunks_mut(256)
        .enumerate()
        .for_each(|(chunk, refined)| {
            let first = 256 * chunk;
            for j in 0..k {
                let delta = &column(deltas, j)[first..];
                for (i, ((r, delta), pole)) in refined
                    .iter_mut()
                    .zip(delta)
                    .zip(&poles[first..])
                    .enumerate()
                {
                    *r *= if first + i == j {
                        *delta
                    } else {
                        delta / (pole - poles[j])
                    };
                }
            }
            for (r, &c) in refined.iter_mut().zip(&entering[first..]) {
                *r = (-*r).max(0.0).sqrt().copysign(z[c]);
            }
        });
    refined
}
