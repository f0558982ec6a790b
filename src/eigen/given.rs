//! Eigenvalues and eigenvectors that the caller passes in memory.

use super::Eigen;
use super::stored::{ascending, check_orthonormal};
use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::io::fam::Individual;
use crate::io::text::count;
use crate::kinship::Kinship;
use faer::{Col, Mat};
use std::path::Path;

/// How far K1 may be from 0, relative to the largest eigenvalue, if K counts as centred. Text has ten digits.
const CENTRED_TOLERANCE: f64 = 1e-6;

/// A decomposed kinship, centred or not, of the analysed individuals or of more.
#[derive(Debug, Clone)]
pub struct GivenEigen {
    /// n numbers, in any order.
    pub values: Vec<f64>,
    /// n × n: row i is an individual, column j the eigenvector of value j.
    pub vectors: Mat<f64>,
    /// The row of each individual of the study, `None` for an individual without a row. Without this list, the rows are
    /// all analysed individuals or all individuals, depending on their number.
    pub rows: Option<Vec<Option<usize>>>,
}

/// What a given decomposition provides for the analysed individuals.
pub enum SelectedEigen {
    /// The decomposition of their centred kinship.
    Same(Eigen),
    /// A different decomposition, from which their kinship was computed.
    Kinship(Kinship),
}

impl GivenEigen {
    /// The decomposition of the `analysed` individuals, or their kinship; also returns notes for the user.
    ///
    /// A kinship that was centred over more individuals differs from their own by terms that centring removes.
    ///
    /// Fails if sizes disagree, an analysed individual has no row, or the columns are not orthonormal.
    pub fn select(
        self,
        everybody: &[Individual],
        analysed: &Subset,
    ) -> Result<(SelectedEigen, Vec<String>)> {
        let path = Path::new("eigen");
        self.check(path)?;
        let n = self.values.len();
        let rows = self.rows_of(everybody, analysed)?;
        let is_same = rows.len() == n;
        let (d, u) = ascending(self.values, self.vectors);
        if is_same && is_centred(&d, &u) {
            let u = if rows.is_sorted() {
                u
            } else {
                Mat::from_fn(n, n, |i, j| u[(rows[i], j)])
            };
            return Ok((SelectedEigen::Same(Eigen::new(d, u)), Vec::new()));
        }
        let note = if is_same {
            "eigen: the kinship was not centred before it was decomposed; it is centred and decomposed again; pass the result of \
             eigendecompose with centre=True"
                .to_owned()
        } else {
            format!(
                "eigen: the decomposition is of {}, of whom {} are analysed; their kinship is decomposed again; pass the \
                 decomposition of their kinship to avoid this",
                count(n, "individual"),
                rows.len()
            )
        };
        let some = Mat::from_fn(rows.len(), n, |i, j| u[(rows[i], j)]);
        let scaled = Mat::from_fn(n, rows.len(), |j, i| d[j] * some[(i, j)]);
        let matrix = &some * &scaled;
        Ok((SelectedEigen::Kinship(Kinship { matrix }), vec![note]))
    }

    fn check(&self, path: &Path) -> Result<()> {
        let n = self.values.len();
        if n == 0 || self.vectors.nrows() != n || self.vectors.ncols() != n {
            return Err(Error::inconsistent(
                format!(
                    "eigen: {}, but eigenvectors of shape {} x {}",
                    count(n, "eigenvalue"),
                    self.vectors.nrows(),
                    self.vectors.ncols()
                ),
                "pass n values and n x n vectors, one row per individual",
            ));
        }
        if let Some(k) = self.values.iter().position(|d| !d.is_finite()) {
            return Err(Error::malformed(
                path,
                format!(
                    "eigenvalue {} is {}, expected a finite number",
                    k + 1,
                    self.values[k]
                ),
                "decompose the kinship again",
            ));
        }
        check_orthonormal(path, &self.vectors)
    }

    /// The row of each analysed individual.
    fn rows_of(&self, everybody: &[Individual], analysed: &Subset) -> Result<Vec<usize>> {
        let n = self.values.len();
        let analysed_rows = analysed.rows();
        if let Some(rows) = &self.rows {
            let found: Vec<usize> = analysed_rows.iter().filter_map(|&i| rows[i]).collect();
            if let Some(&first) = analysed_rows.iter().find(|&&i| rows[i].is_none()) {
                return Err(Error::inconsistent(
                    format!(
                        "eigen: individual {} has no row ({} of {} have none)",
                        everybody[first],
                        analysed_rows.len() - found.len(),
                        count(analysed_rows.len(), "analysed individual")
                    ),
                    "decompose the kinship of all analysed individuals",
                ));
            }
            return Ok(found);
        }
        if n == analysed_rows.len() {
            return Ok((0..n).collect());
        }
        if n == everybody.len() {
            return Ok(analysed_rows.to_vec());
        }
        Err(Error::inconsistent(
            format!(
                "eigen: the decomposition is of {}, but {} of {} are analysed",
                count(n, "individual"),
                analysed_rows.len(),
                everybody.len()
            ),
            "decompose the kinship of the analysed individuals, or pass one with ids",
        ))
    }
}

/// Whether K1 = U diag(d) Uᵀ1 is 0.
fn is_centred(d: &[f64], u: &Mat<f64>) -> bool {
    let n = d.len();
    let ones = Col::from_fn(n, |_| 1.0);
    let projected = u.transpose() * &ones;
    let k_ones = u * Col::from_fn(n, |j| d[j].max(0.0) * projected[j]);
    let largest = d.last().copied().unwrap_or(0.0).max(0.0);
    k_ones.norm_l2() <= CENTRED_TOLERANCE * largest * (n as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 12;

    fn everybody() -> Vec<Individual> {
        let person = |i| Individual {
            fid: "f".into(),
            iid: format!("i{i}").into(),
        };
        (0..N).map(person).collect()
    }

    fn kinship() -> Mat<f64> {
        let z = Mat::from_fn(N, 30, |i, j| ((i * 17 + j * j * 5 + i * j * 3) % 7) as f64);
        &z * z.transpose() * faer::Scale(1.0 / 30.0)
    }

    fn given(k: Mat<f64>, rows: Option<Vec<Option<usize>>>) -> GivenEigen {
        let (values, vectors) = super::super::decompose(k, &|_| ()).unwrap();
        GivenEigen {
            values,
            vectors,
            rows,
        }
    }

    fn some(analysed_rows: &[usize]) -> Subset {
        Subset::new(N, analysed_rows.to_vec())
    }

    /// The centred kinship of a selected decomposition.
    fn centred(selected: SelectedEigen) -> Mat<f64> {
        match selected {
            SelectedEigen::Kinship(kinship) => Eigen::centred(kinship).unwrap(),
            SelectedEigen::Same(eigen) => {
                let scaled = Mat::from_fn(eigen.n(), eigen.n(), |i, j| {
                    eigen.vectors[(i, j)] * eigen.values[j]
                });
                &scaled * eigen.vectors.transpose()
            }
        }
    }

    fn close(a: &Mat<f64>, b: &Mat<f64>) -> bool {
        (a - b).norm_l2() < 1e-9
    }

    #[test]
    fn a_decomposition_of_the_analysed_individuals_is_used_as_it_is() {
        let k = Eigen::centred(Kinship { matrix: kinship() }).unwrap();
        let all: Vec<usize> = (0..N).collect();
        let (selected, notes) = given(k.clone(), None)
            .select(&everybody(), &some(&all))
            .unwrap();
        assert!(matches!(selected, SelectedEigen::Same(_)) && notes.is_empty());
        assert!(close(&centred(selected), &k));
        // Rows in another order.
        let shuffled: Vec<usize> = (0..N).map(|i| (i * 5 + 2) % N).collect();
        let k2 = Mat::from_fn(N, N, |i, j| k[(shuffled[i], shuffled[j])]);
        let row = |i| shuffled.iter().position(|&s| s == i);
        let (selected, _) = given(k2, Some((0..N).map(row).collect()))
            .select(&everybody(), &some(&all))
            .unwrap();
        assert!(close(&centred(selected), &k));
    }

    #[test]
    fn the_kinship_of_any_other_decomposition_is_decomposed_again() {
        let analysed = [0, 2, 3, 7, 8, 11];
        let subset = Kinship { matrix: kinship() }.subset(&analysed);
        let expected = Eigen::centred(subset.unwrap()).unwrap();
        let everybodys = Eigen::centred(Kinship { matrix: kinship() }).unwrap();
        for k in [kinship(), everybodys] {
            let (selected, notes) = given(k, None)
                .select(&everybody(), &some(&analysed))
                .unwrap();
            assert!(notes[0].contains("of 12 individuals, of whom 6 are analysed"));
            assert!(close(&centred(selected), &expected));
        }
        let all: Vec<usize> = (0..N).collect();
        let (selected, notes) = given(kinship(), None)
            .select(&everybody(), &some(&all))
            .unwrap();
        assert!(notes[0].contains("centre=True"));
        assert!(matches!(selected, SelectedEigen::Kinship(_)));
    }

    #[test]
    fn inconsistent_input_is_named() {
        let fails = |given: GivenEigen, analysed: &[usize], text: &str| {
            let error = given.select(&everybody(), &some(analysed)).err().unwrap();
            assert!(error.to_string().contains(text), "{error}");
        };
        let small = || Mat::from_fn(3, 3, |i, j| f64::from(u8::from(i == j)));
        fails(given(small(), None), &[0, 1], "of 3 individuals, but 2 of");
        let rows = (0..N).map(|i| (i < 3).then_some(i)).collect();
        fails(
            given(small(), Some(rows)),
            &[1, 4, 5],
            "individual f i4 has no row (2 of 3",
        );
        let mut broken = given(kinship(), None);
        broken.vectors[(0, 0)] += 0.5;
        fails(broken, &[0, 1], "norm");
        let mut broken = given(kinship(), None);
        broken.values[3] = f64::NAN;
        fails(broken, &[0, 1], "eigenvalue 4 is NaN");
        let mut broken = given(kinship(), None);
        broken.values.pop();
        fails(broken, &[0, 1], "11 eigenvalues");
    }
}
