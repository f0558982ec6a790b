//! A kinship as a picture: means of blocks, eigenvalues, and the distribution of its entries.

use super::study::{Distribution, KinshipView};
use crate::eigen::Eigen;
use crate::kinship::Kinship;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};

/// Most rows of the heatmap.
const MOST_BLOCKS: usize = 250;
/// Eigenvalues that are all drawn.
const FIRST_VALUES: usize = 200;
/// Most further eigenvalues.
const FURTHER_VALUES: usize = 300;
/// Bars of the distribution of entries.
const BARS: usize = 40;

/// The view of a decomposed kinship, without the distribution of its entries.
///
/// The heatmap has at most 250 rows: means of the centred kinship K = U diag(d) Uᵀ over blocks of individuals, which are ordered
/// by their entries in the eigenvector of the largest eigenvalue. With B, the means of the rows of U over the blocks, they are
/// B diag(d) Bᵀ, so that K itself is not needed.
#[must_use]
pub fn view(eigen: &Eigen, title: String) -> KinshipView {
    let n = eigen.n();
    let size = n.min(MOST_BLOCKS);
    let mut order: Vec<usize> = (0..n).collect();
    if n > 0 {
        let first = eigen.vectors.col(n - 1);
        // The sign of an eigenvector is arbitrary: its largest entry is taken as positive.
        let largest = (0..n).fold(0, |best, i| {
            if first[i].abs() > first[best].abs() {
                i
            } else {
                best
            }
        });
        let sign = first[largest].signum();
        order.sort_by(|&a, &b| {
            (sign * first[a])
                .total_cmp(&(sign * first[b]))
                .then(a.cmp(&b))
        });
    }
    let mut block = vec![0; n];
    let mut counts = vec![0_u32; size];
    for (at, &row) in order.iter().enumerate() {
        block[row] = at * size / n;
        counts[block[row]] += 1;
    }
    let mut means = Mat::<f64>::zeros(size, n);
    for j in 0..n {
        let column = eigen.vectors.col(j);
        let mut sums = means.col_mut(j);
        for (i, block) in block.iter().enumerate() {
            sums[*block] += column[i];
        }
        let root = eigen.values[j].max(0.0).sqrt();
        for (sum, count) in sums.iter_mut().zip(&counts) {
            *sum *= root / f64::from(*count);
        }
    }
    let mut product = Mat::<f64>::zeros(size, size);
    matmul(
        product.as_mut(),
        Accum::Replace,
        means.as_ref(),
        means.transpose(),
        1.0,
        Par::Seq,
    );
    KinshipView {
        title,
        n,
        size,
        means: (0..size * size)
            .map(|k| product[(k / size, k % size)] as f32)
            .collect(),
        eigenvalues: (drawn_ranks(n).into_iter())
            .map(|rank| (rank as u32, eigen.values[n - rank] as f32))
            .collect(),
        pairs: None,
    }
}

/// The ranks of the eigenvalues that are drawn, from 1 for the largest.
fn drawn_ranks(n: usize) -> Vec<usize> {
    let step = n
        .saturating_sub(FIRST_VALUES)
        .div_ceil(FURTHER_VALUES)
        .max(1);
    let further = (FIRST_VALUES + step..=n).step_by(step);
    (1..=n.min(FIRST_VALUES)).chain(further).collect()
}

/// The distribution of the entries beside the diagonal; `None` for fewer than two individuals.
#[must_use]
pub fn pairs(kinship: &Kinship) -> Option<Distribution> {
    let matrix = &kinship.matrix;
    let n = matrix.nrows();
    // The lower triangle, column by column.
    let columns = || (0..n).map(|j| (j + 1..n).map(move |i| matrix[(i, j)]));
    let finite = || columns().flatten().filter(|x| x.is_finite());
    let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
        (low.min(x), high.max(x))
    });
    if !(low <= high) {
        return None;
    }
    let (low, high) = if low < high {
        (low, high)
    } else {
        (low - 0.5, high + 0.5)
    };
    let mut counts = vec![0; BARS];
    for x in finite() {
        let bar = ((x - low) / (high - low) * BARS as f64) as usize;
        counts[bar.min(BARS - 1)] += 1;
    }
    Some(Distribution {
        low,
        high,
        counts,
        label: "Kinship of two individuals".into(),
        unit: "Pairs".into(),
        is_log: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A symmetric matrix with its decomposition: U diag(d) Uᵀ with a Householder reflection U.
    fn eigen(n: usize) -> (Eigen, Mat<f64>) {
        let v: Vec<f64> = (0..n).map(|i| 1.0 + (i * 7 % 5) as f64).collect();
        let square: f64 = v.iter().map(|x| x * x).sum();
        let vectors = Mat::from_fn(n, n, |i, j| {
            f64::from(u8::from(i == j)) - 2.0 * v[i] * v[j] / square
        });
        let values: Vec<f64> = (0..n).map(|k| k as f64).collect();
        let eigen = Eigen::new(values.clone(), vectors.clone());
        let kinship = Mat::from_fn(n, n, |i, j| {
            (0..n)
                .map(|k| vectors[(i, k)] * values[k] * vectors[(j, k)])
                .sum()
        });
        (eigen, kinship)
    }

    #[test]
    fn a_small_kinship_is_shown_entry_by_entry() {
        let (eigen, kinship) = eigen(6);
        let view = view(&eigen, String::new());
        assert_eq!((view.n, view.size, view.eigenvalues.len()), (6, 6, 6));
        assert_eq!(view.eigenvalues[0], (1, 5.0));
        let mut diagonal: Vec<f64> = (0..6).map(|i| kinship[(i, i)]).collect();
        let mut shown: Vec<f64> = (0..6).map(|i| f64::from(view.means[7 * i])).collect();
        diagonal.sort_by(f64::total_cmp);
        shown.sort_by(f64::total_cmp);
        for (a, b) in diagonal.iter().zip(&shown) {
            assert!((a - b).abs() < 1e-6, "{diagonal:?} {shown:?}");
        }
    }

    #[test]
    fn blocks_of_a_large_kinship_have_its_mean() {
        let (eigen, kinship) = eigen(600);
        let view = view(&eigen, String::new());
        assert_eq!((view.size, view.means.len()), (250, 62_500));
        // Blocks have two or three individuals; weighted by them, the means have the total of the matrix.
        let mut counts = vec![0.0; 250];
        for at in 0..600 {
            counts[at * 250 / 600] += 1.0;
        }
        let total: f64 = (view.means.iter().enumerate())
            .map(|(k, mean)| f64::from(*mean) * counts[k / 250] * counts[k % 250])
            .sum();
        let expected: f64 = (0..600)
            .flat_map(|i| (0..600).map(move |j| (i, j)))
            .map(|(i, j)| kinship[(i, j)])
            .sum();
        assert!(
            (total - expected).abs() < 1e-3 * expected.abs().max(1.0),
            "{total} {expected}"
        );
        assert_eq!(view.eigenvalues.last().unwrap().0, 600);
    }

    #[test]
    fn pairs_are_counted_once() {
        let matrix = Mat::from_fn(4, 4, |i, j| if i == j { 9.0 } else { (i + j) as f64 });
        let found = pairs(&Kinship { matrix }).unwrap();
        assert_eq!(found.counts.iter().sum::<u64>(), 6);
        assert_eq!((found.low, found.high), (1.0, 5.0));
        let one = Mat::from_fn(1, 1, |_, _| 1.0);
        assert_eq!(pairs(&Kinship { matrix: one }), None);
    }
}
