//! Reduction of a symmetric matrix to tridiagonal form by Householder reflections, with delayed updates.
//!
//! Within a panel of columns, the matrix itself is not changed: each column is updated when it is reduced, and products
//! A v are corrected by the reflectors of the panel. The trailing triangle is therefore read once per column and
//! written once per panel, which determines the speed. Source: Dongarra, Sorensen & Hammarling 1989, J. Comput. Appl.
//! Math. 27:215.
//!
//! A reduction in two stages, to a band and then by bulge chasing (Bischof, Lang & Sun 2000, ACM Trans. Math. Softw.
//! 26:581), consists almost entirely of matrix products, but transforms the eigenvectors once more. On two cores, the
//! products of the first stage (bands of 64) and that transformation alone took 1.4 + 1.4 s at n = 4,000, compared with
//! 2.3 s for this reduction, and 8.6 + 11.6 s at n = 8,000, compared with 23.5 s. The time left for bulge chasing is at
//! most a few percent of a decomposition of 43 s. This may differ with many cores that share one memory.

use crate::kernels::columns::{column, column_mut};
use crate::kernels::rank_two::{add, dot, take_out};
use crate::kernels::symmetric_vector::{LowerTriangle, MAX_PARTS};
use crate::kernels::team::Team;
use faer::linalg::matmul::triangular::{BlockStructure, matmul as triangular_matmul};
use faer::{Accum, Mat, MatMut, Par};

/// Number of columns of a panel.
const PANEL: usize = 32;
/// Rows of a chunk in the vector operations; sums of chunks are added in order.
const ROWS: usize = 512;
/// Number of parts into which faer splits a product: fixed, so that the bits do not depend on the number of threads.
const PARTS: usize = 16;
/// Entries of a column below this count as 0 if the largest entry of the matrix is 1: their squares would underflow.
const TINY: f64 = 1e-140;

/// A = H T Hᵀ with T tridiagonal and H = H₀ H₁ …, Hⱼ = I − τⱼ vⱼ vⱼᵀ.
pub(super) struct Tridiagonal {
    /// Diagonal of T, n numbers.
    pub(super) diagonal: Vec<f64>,
    /// Entries below the diagonal of T, n − 1 numbers.
    pub(super) off_diagonal: Vec<f64>,
    /// τ, n − 1 numbers; 0 if nothing is reflected.
    pub(super) tau: Vec<f64>,
}

/// Reduces the symmetric `a`, of which only the lower triangle is read and whose entries are at most 1.
///
/// Afterwards column j of `a` holds vⱼ below the diagonal; its first entry, 1, is at (j + 1, j). `advance` is called
/// with the fraction of the work done. Once `is_cancelled` returns true, the result is meaningless.
pub(super) fn tridiagonalize(
    a: &mut Mat<f64>,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    advance: &dyn Fn(f64),
) -> Tridiagonal {
    Team::with(team_size(), |team| {
        Reduction::new(a.nrows(), team).run(a, is_cancelled, advance)
    })
}

/// Threads of the pool, but at most the number of cores and of parts: further threads would only wait actively.
fn team_size() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    rayon::current_num_threads().min(cores).min(MAX_PARTS)
}

/// The state of a reduction.
struct Reduction<'t> {
    n: usize,
    team: &'t Team<'t>,
    result: Tridiagonal,
    /// Columns 0.. hold the reflectors v of the panel, columns PANEL.. their partners w, for the update; zeros above.
    vw: Mat<f64>,
    /// The same with v and w exchanged.
    wv: Mat<f64>,
    /// Partial sums of a product A v.
    parts: Vec<f64>,
    product: Vec<f64>,
}

impl<'t> Reduction<'t> {
    fn new(n: usize, team: &'t Team<'t>) -> Self {
        Self {
            n,
            team,
            result: Tridiagonal {
                diagonal: vec![0.0; n],
                off_diagonal: vec![0.0; n.saturating_sub(1)],
                tau: vec![0.0; n.saturating_sub(1)],
            },
            vw: Mat::zeros(n, 2 * PANEL),
            wv: Mat::zeros(n, 2 * PANEL),
            parts: Vec::new(),
            product: vec![0.0; n],
        }
    }

    fn run(
        mut self,
        a: &mut Mat<f64>,
        is_cancelled: &(dyn Fn() -> bool + Sync),
        advance: &dyn Fn(f64),
    ) -> Tridiagonal {
        let n = self.n;
        for first in (0..n).step_by(PANEL) {
            let width = PANEL.min(n - first);
            for i in 0..width {
                if is_cancelled() {
                    return self.result;
                }
                self.reduce_column(a, first, i);
            }
            let next = first + width;
            if next < n {
                self.update(
                    a.as_mut().submatrix_mut(next, next, n - next, n - next),
                    next,
                );
            }
            advance(1.0 - (1.0 - next as f64 / n as f64).powi(3));
        }
        self.result
    }

    /// Column `first + i`, the `i`-th of its panel.
    fn reduce_column(&mut self, a: &mut Mat<f64>, first: usize, i: usize) {
        let (n, j) = (self.n, first + i);
        self.bring_up_to_date(&mut column_mut(a.as_mut(), j)[j..], j, i);
        self.result.diagonal[j] = a[(j, j)];
        if j + 1 == n {
            return;
        }
        let (tau, beta) = reflector(&mut column_mut(a.as_mut(), j)[j + 1..]);
        self.result.tau[j] = tau;
        self.result.off_diagonal[j] = beta;
        for (matrix, at) in [(&mut self.vw, i), (&mut self.wv, PANEL + i)] {
            let target = column_mut(matrix.as_mut(), at);
            target[..=j].fill(0.0);
            target[j + 1..].copy_from_slice(&column(a.as_ref(), j)[j + 1..]);
        }
        // The trailing part has not changed since the start of the panel.
        if tau == 0.0 {
            self.product[..n - j - 1].fill(0.0);
        } else {
            self.partner(a, j, i, tau);
        }
        for (matrix, at) in [(&mut self.wv, i), (&mut self.vw, PANEL + i)] {
            let target = column_mut(matrix.as_mut(), at);
            target[..=j].fill(0.0);
            target[j + 1..].copy_from_slice(&self.product[..n - j - 1]);
        }
    }

    /// Subtracts from `target`, the column from row j on, the changes by the first `i` reflectors of the panel.
    fn bring_up_to_date(&self, target: &mut [f64], j: usize, i: usize) {
        let mut chunks: Vec<&mut [f64]> = target.chunks_mut(ROWS).collect();
        self.team.for_each(&mut chunks, |chunk, target| {
            let top = j + chunk * ROWS;
            for k in 0..i {
                let (v, w) = self.pair(k);
                take_out(target, &v[top..], &w[top..], w[j], v[j]);
            }
        });
    }

    /// Reflector k of the panel and its partner.
    fn pair(&self, k: usize) -> (&[f64], &[f64]) {
        (column(self.vw.as_ref(), k), column(self.wv.as_ref(), k))
    }

    /// Sets `product` to w = τ (A v − V Wᵀv − W Vᵀv), minus half of its component along v, so that A ← A − v wᵀ − w vᵀ.
    fn partner(&mut self, a: &Mat<f64>, j: usize, i: usize, tau: f64) {
        let (top, m) = (j + 1, self.n - j - 1);
        let triangle = LowerTriangle {
            matrix: a.as_ref().submatrix(top, top, m, m),
        };
        let n_parts = triangle.n_parts();
        let mut parts = std::mem::take(&mut self.parts);
        parts.resize(n_parts * m, 0.0);
        let mut product = std::mem::take(&mut self.product);
        let v = &column(self.vw.as_ref(), i)[top..];

        let mut along = vec![(0.0, 0.0); i];
        let sums = parts.chunks_exact_mut(m).enumerate();
        let mut tasks: Vec<Task<'_>> = sums.map(|(part, sum)| Task::Part(part, sum)).collect();
        // Alternating direction: what was read last for the previous column is still in the cache.
        if j % 2 == 1 {
            tasks.reverse();
        }
        tasks.extend(
            along
                .chunks_mut(4)
                .enumerate()
                .map(|(k, along)| Task::Along(4 * k, along)),
        );
        self.team.for_each(&mut tasks, |_, task| match task {
            Task::Part(part, sum) => triangle.times_vector(*part, v, sum),
            Task::Along(first, along) => {
                for (k, along) in along.iter_mut().enumerate() {
                    let (vk, wk) = self.pair(*first + k);
                    *along = (dot(&wk[top..], v), dot(&vk[top..], v));
                }
            }
        });

        let mut with_v = vec![0.0; m.div_ceil(ROWS)];
        let mut chunks: Vec<(&mut [f64], &mut f64)> =
            product[..m].chunks_mut(ROWS).zip(&mut with_v).collect();
        self.team.for_each(&mut chunks, |chunk, (product, with_v)| {
            let first = chunk * ROWS;
            let last = first + product.len();
            product.fill(0.0);
            for (part, sum) in parts.chunks_exact(m).enumerate() {
                let start = triangle.part_start(part).clamp(first, last);
                add(&mut product[start - first..], &sum[start..last]);
            }
            for (k, along) in along.iter().enumerate() {
                let (vk, wk) = self.pair(k);
                take_out(
                    product,
                    &vk[top + first..],
                    &wk[top + first..],
                    along.0,
                    along.1,
                );
            }
            **with_v = dot(product, &v[first..last]);
        });
        let half = 0.5 * tau * tau * with_v.iter().sum::<f64>();
        for (r, v) in product.iter_mut().zip(v) {
            *r = tau * *r - half * v;
        }
        (self.parts, self.product) = (parts, product);
    }

    /// Trailing ← trailing − V Wᵀ − W Vᵀ, lower triangle, as one product.
    fn update(&self, trailing: MatMut<'_, f64>, next: usize) {
        let rows = self.n - next;
        triangular_matmul(
            trailing,
            BlockStructure::TriangularLower,
            Accum::Add,
            self.vw.as_ref().subrows(next, rows),
            BlockStructure::Rectangular,
            self.wv.as_ref().subrows(next, rows).transpose(),
            BlockStructure::Rectangular,
            -1.0,
            Par::rayon(PARTS),
        );
    }
}

/// A task of the product A v.
enum Task<'a> {
    /// A part of the triangle, and its partial sum.
    Part(usize, &'a mut [f64]),
    /// (wᵀv, vᵀv) for some reflectors of the panel, starting with this one.
    Along(usize, &'a mut [(f64, f64)]),
}

/// Turns `x` into the reflector that maps it to a multiple β of the first unit vector; returns (τ, β).
fn reflector(x: &mut [f64]) -> (f64, f64) {
    let largest = x[1..].iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    let alpha = x[0];
    if largest < TINY {
        x.fill(0.0);
        x[0] = 1.0;
        return (0.0, alpha);
    }
    let rest: f64 = x[1..].iter().map(|x| (x / largest) * (x / largest)).sum();
    let norm = largest * rest.sqrt();
    let beta = -alpha.hypot(norm).copysign(alpha);
    let scale = 1.0 / (alpha - beta);
    x[1..].iter_mut().for_each(|x| *x *= scale);
    x[0] = 1.0;
    ((beta - alpha) / beta, beta)
}
