//! Orthonormal bases of a few long columns, by modified Gram-Schmidt applied twice.

/// The orthonormal columns Q and the upper triangular R of W = QR.
#[derive(Debug, Clone, PartialEq)]
pub struct OrthonormalBasis {
    /// Orthonormal columns.
    pub q: Vec<Vec<f64>>,
    /// `r[j][k]` for k ≤ j: column j of W is Σₖ `r[j][k]` qₖ.
    pub r: Vec<Vec<f64>>,
}

/// The first column that is linearly dependent on earlier ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Dependent {
    /// Index of the column.
    pub column: usize,
    /// Earlier columns of which it is a combination; empty if it is zero.
    pub of: Vec<usize>,
}

/// A column depends on the earlier ones if orthogonalisation leaves less than this fraction of its norm.
pub(crate) const DEPENDENT_BELOW: f64 = 1e-10;

impl OrthonormalBasis {
    /// The basis of `columns`, in order; fails at the first column that depends on earlier ones.
    ///
    /// Two passes are enough: after the second, the columns are orthogonal to machine precision.
    /// Source: Giraud, Langou & Rozložník 2005, Comput. Math. Appl. 50:1069.
    pub fn of(columns: &[Vec<f64>]) -> Result<Self, Dependent> {
        Self::above(DEPENDENT_BELOW, columns)
    }

    /// As [`OrthonormalBasis::of`], but a column is dependent if less than the fraction `least` of its norm is left.
    pub fn above(least: f64, columns: &[Vec<f64>]) -> Result<Self, Dependent> {
        let mut basis = Self {
            q: Vec::new(),
            r: Vec::new(),
        };
        for (j, column) in columns.iter().enumerate() {
            let mut x = column.clone();
            let norm = dot(&x, &x).sqrt();
            let mut r = basis.remove_from(&mut x);
            let rest = dot(&x, &x).sqrt();
            // The negation also catches NaN.
            if !(rest > least * norm) {
                return Err(Dependent {
                    column: j,
                    of: basis.combination(&r, columns, norm),
                });
            }
            x.iter_mut().for_each(|x| *x /= rest);
            r.push(rest);
            basis.q.push(x);
            basis.r.push(r);
        }
        Ok(basis)
    }

    /// Subtracts from `x` its projection on the basis; returns the coefficients of the projection.
    pub fn remove_from(&self, x: &mut [f64]) -> Vec<f64> {
        let mut coefficients = vec![0.0; self.q.len()];
        for _ in 0..2 {
            for (q, coefficient) in self.q.iter().zip(&mut coefficients) {
                let projection = dot(q, x);
                x.iter_mut().zip(q).for_each(|(x, q)| *x -= projection * q);
                *coefficient += projection;
            }
        }
        coefficients
    }

    /// Solves R β = `coefficients`: converts coefficients of the basis to coefficients of the columns.
    #[must_use]
    pub fn coefficients_of_columns(&self, coefficients: &[f64]) -> Vec<f64> {
        let mut beta = coefficients.to_vec();
        for j in (0..beta.len()).rev() {
            beta[j] /= self.r[j][j];
            for k in 0..j {
                beta[k] -= self.r[j][k] * beta[j];
            }
        }
        beta
    }

    /// The columns that contribute to the combination given by `coefficients` of the basis.
    fn combination(&self, coefficients: &[f64], columns: &[Vec<f64>], norm: f64) -> Vec<usize> {
        let beta = self.coefficients_of_columns(coefficients);
        let part = |k: usize| beta[k].abs() * dot(&columns[k], &columns[k]).sqrt();
        (0..beta.len()).filter(|&k| part(k) > 1e-6 * norm).collect()
    }
}

/// Σ aᵢ bᵢ in eight lanes, folded in a fixed order.
#[must_use]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a8, a_rest) = a.as_chunks::<{ super::LANES }>();
    let (b8, b_rest) = b.as_chunks::<{ super::LANES }>();
    let mut lanes = [0.0; super::LANES];
    for (a, b) in a8.iter().zip(b8) {
        for lane in 0..super::LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    super::fold(lanes) + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basis_is_orthonormal_even_for_nearly_parallel_columns() {
        let n = 50;
        let year: Vec<f64> = (0..n).map(|i| 2000.0 + f64::from(i % 7) * 1e-3).collect();
        let columns = vec![vec![1.0; 50], year.clone()];
        let basis = OrthonormalBasis::of(&columns).unwrap();
        assert!(dot(&basis.q[0], &basis.q[1]).abs() < 1e-15);
        let mut y = year;
        let beta = basis.coefficients_of_columns(&basis.remove_from(&mut y));
        assert!(
            (beta[1] - 1.0).abs() < 1e-9 && beta[0].abs() < 1e-5,
            "{beta:?}"
        );
    }

    #[test]
    fn dependent_columns_are_named() {
        let a: Vec<f64> = (0..9).map(f64::from).collect();
        let b: Vec<f64> = a.iter().map(|x| x * x).collect();
        let sum: Vec<f64> = a.iter().map(|x| 2.0 * x - 5.0).collect();
        let columns = vec![vec![1.0; 9], b, a, sum];
        let error = OrthonormalBasis::of(&columns).unwrap_err();
        assert_eq!(
            error,
            Dependent {
                column: 3,
                of: vec![0, 2]
            }
        );
        let error = OrthonormalBasis::of(&[vec![0.0; 4]]).unwrap_err();
        assert_eq!(
            error,
            Dependent {
                column: 0,
                of: Vec::new()
            }
        );
    }
}
