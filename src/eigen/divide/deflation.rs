//! Determines which eigenvectors of the two halves take part in a merge, and which already are eigenvectors of the
//! whole.
//!
//! Source: Dongarra & Sorensen 1987, SIAM J. Sci. Stat. Comput. 8:s139.

use crate::kernels::columns::two_columns_mut;
use faer::MatMut;

/// The half that holds the nonzero entries of an eigenvector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Support {
    /// In the first half.
    Top,
    /// In both.
    Both,
    /// In the second half.
    Bottom,
}

/// The columns of a merge.
pub(super) struct Deflation {
    /// Those that take part, by ascending eigenvalue.
    pub(super) entering: Vec<usize>,
    /// The others.
    pub(super) settled: Vec<usize>,
    /// The support of every column.
    pub(super) support: Vec<Support>,
}

/// Sorts the columns of a merge with D + ρ z zᵀ; `order` lists them by ascending eigenvalue.
///
/// A column with a small component in z is settled; of two with nearly the same eigenvalue, a rotation settles one.
pub(super) fn deflate(
    d: &mut [f64],
    z: &mut [f64],
    rho: f64,
    order: &[usize],
    top: usize,
    mut q: MatMut<'_, f64>,
) -> Deflation {
    let largest = |x: &[f64]| x.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    let tolerance = 4.0 * f64::EPSILON * largest(d).max(largest(z));
    let support = (0..d.len()).map(|c| {
        if c < top {
            Support::Top
        } else {
            Support::Bottom
        }
    });
    let mut result = Deflation {
        entering: Vec::with_capacity(d.len()),
        settled: Vec::new(),
        support: support.collect(),
    };
    let mut waiting: Option<usize> = None;
    for &c in order {
        if rho * z[c].abs() <= tolerance {
            result.settled.push(c);
            continue;
        }
        let Some(p) = waiting.replace(c) else {
            continue;
        };
        let size = z[c].hypot(z[p]);
        let (cosine, sine) = (z[c] / size, -z[p] / size);
        if ((d[c] - d[p]) * cosine * sine).abs() > tolerance {
            result.entering.push(p);
            continue;
        }
        (z[c], z[p]) = (size, 0.0);
        if result.support[c] != result.support[p] {
            result.support[c] = Support::Both;
        }
        let (first, second) = two_columns_mut(q.as_mut(), p, c);
        for (a, b) in first.iter_mut().zip(second) {
            (*a, *b) = (cosine * *a + sine * *b, cosine * *b - sine * *a);
        }
        let (cc, ss) = (cosine * cosine, sine * sine);
        (d[p], d[c]) = (d[p] * cc + d[c] * ss, d[p] * ss + d[c] * cc);
        result.settled.push(p);
    }
    result.entering.extend(waiting);
    result
}
