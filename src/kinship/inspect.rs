//! Checks of a kinship before it is used: whether it can correct for relatedness, its unit, and duplicate individuals.

use super::kind::Kinship;
use crate::error::{Error, Result};
use crate::io::fam::Individual;
use crate::io::text::count;
use faer::Mat;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// With entries above this, the residual variance is lost next to the genetic variance: λd + 1 is λd for every λ.
pub(crate) const TOO_LARGE: f64 = 1e30;
/// A kinship that varies by less than this fraction of its entries is constant; text has ten digits.
pub(crate) const CONSTANT: f64 = 1e-9;
/// Mean diagonals after centring that need no note: kinships of rare alleles are below 0.1, of inbred lines up to 4.
const USUAL_DIAGONAL: std::ops::RangeInclusive<f64> = 1e-3..=1e2;
/// Individuals closer to each other than this fraction of the mean squared distance count as the same. If two calls in
/// a thousand differ, the distance is about as large; full siblings have 0.5.
const SAME: f64 = 2e-3;
/// Maximum number of pairs that a note names.
const NAMED: usize = 3;

/// What was found in a kinship.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Notes for the user.
    pub notes: Vec<String>,
    /// Individuals that are the same; `None` without a matrix.
    pub copies: Option<Copies>,
}

impl Inspection {
    /// Adds what was found in another kinship.
    pub fn add(&mut self, other: Self) {
        self.notes.extend(other.notes);
        self.copies = self.copies.take().or(other.copies);
    }
}

/// Pairs of individuals with (nearly) the same genotypes according to a kinship.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copies {
    /// The number of pairs.
    pub n_pairs: usize,
    /// The first of them, as FID and IID.
    pub first: Vec<[String; 2]>,
}

/// Checks the kinship of `individuals` before it is decomposed.
///
/// * `name`: the file, or the name of an array
/// * `is_foreign`: whether the kinship was not computed from the genotypes, so that its unit is unknown
///
/// Fails with [`Error::Degenerate`] if the kinship has an entry that is not finite or is too large, or if it is 0 or
/// constant.
pub fn inspect_kinship(
    kinship: &Kinship,
    name: &str,
    individuals: &[&Individual],
    is_foreign: bool,
) -> Result<Inspection> {
    let hint = if is_foreign {
        OTHER_KINSHIP
    } else {
        OTHER_SNPS
    };
    let diagonal = mean_diagonal(kinship, name, hint)?;
    let mut notes = Vec::new();
    if is_foreign {
        notes.extend(note_on_unit(name, diagonal));
    }
    let copies = near_copies(&kinship.matrix, diagonal, individuals);
    notes.extend(copies.note());
    let copies = Some(copies);
    Ok(Inspection { notes, copies })
}

/// Checks a second kinship, in which different individuals may have the same rows: notes for the user.
///
/// Fails as [`inspect_kinship`] does.
pub fn check_second_kinship(kinship: &Kinship, name: &str) -> Result<Vec<String>> {
    let diagonal = mean_diagonal(kinship, name, OTHER_SECOND)?;
    Ok(note_on_unit(name, diagonal).into_iter().collect())
}

/// The mean diagonal of the kinship once it is centred.
///
/// Fails with [`Error::Degenerate`] if the kinship has an entry that is not finite or is too large, or if it is 0 or constant.
fn mean_diagonal(kinship: &Kinship, name: &str, hint: &str) -> Result<f64> {
    let k = &kinship.matrix;
    let n = k.nrows();
    let largest = largest_entry(k);
    check_size(largest, name)?;
    if largest == 0.0 {
        return Err(Error::degenerate(
            format!("{name}: every entry of the kinship is 0: it cannot correct for relatedness"),
            hint,
        ));
    }
    // Columns are rows, because the matrix is symmetric.
    let means: Vec<f64> = (0..n)
        .into_par_iter()
        .map(|j| k.col(j).iter().sum::<f64>() / n as f64)
        .collect();
    let mean = means.iter().sum::<f64>() / n as f64;
    let varies = (0..n).into_par_iter().any(|j| {
        let centred = |i: usize| k[(i, j)] - means[i] - means[j] + mean;
        (j..n).any(|i| centred(i).abs() > CONSTANT * largest)
    });
    if n > 1 && !varies {
        return Err(Error::degenerate(
            format!(
                "{name}: the kinship is constant (0 once it is centred): it cannot correct for relatedness"
            ),
            hint,
        ));
    }
    let trace = (0..n)
        .map(|i| k[(i, i)] - 2.0 * means[i] + mean)
        .sum::<f64>();
    Ok(trace / n as f64)
}

const OTHER_KINSHIP: &str =
    "check that this is the kinship, or omit it: it is then computed from the genotypes";
const OTHER_SECOND: &str = "check that the file of -k2 is a kinship matrix, or omit -k2";
const OTHER_SNPS: &str = "the analysed individuals do not differ in the SNPs that pass the filters; relax -maf and -miss, or check -ksnps";

fn largest_entry(k: &Mat<f64>) -> f64 {
    (0..k.ncols())
        .into_par_iter()
        .map(|j| {
            // NaN counts as too large.
            let sizes = k
                .col(j)
                .iter()
                .map(|x| if x.is_nan() { f64::INFINITY } else { x.abs() });
            sizes.fold(0.0, f64::max)
        })
        .reduce(|| 0.0, f64::max)
}

/// Fails if products of numbers as large as `largest` overflow.
pub fn check_size(largest: f64, name: &str) -> Result<()> {
    if largest <= TOO_LARGE {
        return Ok(());
    }
    Err(Error::degenerate(
        format!(
            "{name}: the kinship has numbers up to {largest:.1e}, too large: no residual variance remains next to them"
        ),
        "a kinship has entries near 1; check the file, or recompute it with `jamma gk`",
    ))
}

/// A note if the mean diagonal of the centred kinship, which is its mean eigenvalue, is far from 1.
#[must_use]
pub fn note_on_unit(name: &str, diagonal: f64) -> Option<String> {
    if USUAL_DIAGONAL.contains(&diagonal) || diagonal <= 0.0 {
        return None;
    }
    Some(format!(
        "{name}: the mean diagonal of the centred kinship is {diagonal:.3e}, but it is near 1 in kinships of -gk: \
         λ depends on the unit of the kinship, so the range from -lmin to -lmax may not include the optimum; divide the matrix by {diagonal:.3e}"
    ))
}

/// The individuals that are the same according to the kinship.
///
/// The squared distance of two individuals is K_ii + K_jj − 2 K_ij; its mean over all pairs is twice the mean `diagonal` of the
/// centred kinship, up to a factor of n/(n − 1).
fn near_copies(k: &Mat<f64>, diagonal: f64, individuals: &[&Individual]) -> Copies {
    let n = k.nrows();
    let near = SAME * 2.0 * diagonal;
    // An individual without genotypes has a row of zeros and is not a copy of another.
    let is_known: Vec<bool> = (0..n).map(|i| k[(i, i)] > near).collect();
    let found: Vec<(usize, Vec<usize>)> = (0..n)
        .into_par_iter()
        .map(|j| {
            let is_near = |&i: &usize| {
                is_known[i] && is_known[j] && k[(i, i)] + k[(j, j)] - 2.0 * k[(i, j)] < near
            };
            let mut copies = (j + 1..n).filter(is_near);
            let first: Vec<usize> = copies.by_ref().take(NAMED).collect();
            (first.len() + copies.count(), first)
        })
        .collect();
    let pairs = (0..n).flat_map(|j| found[j].1.iter().map(move |&i| (j, i)));
    Copies {
        n_pairs: found.iter().map(|(n_copies, _)| n_copies).sum(),
        first: pairs
            .take(NAMED)
            .map(|(j, i)| [j, i].map(|one| individuals[one].to_string()))
            .collect(),
    }
}

impl Copies {
    /// The pairs of `individuals`, whose kinship was checked before as a part of a larger one.
    #[must_use]
    pub fn of(kinship: &Kinship, individuals: &[&Individual]) -> Self {
        let k = &kinship.matrix;
        let n = k.nrows();
        let sum: f64 = (0..n).map(|j| k.col(j).iter().sum::<f64>()).sum();
        let trace: f64 = (0..n).map(|j| k[(j, j)]).sum();
        let diagonal = (trace - sum / n as f64) / n as f64;
        near_copies(k, diagonal, individuals)
    }

    /// A note if there are any.
    fn note(&self) -> Option<String> {
        if self.n_pairs == 0 {
            return None;
        }
        let named: Vec<String> = self.first.iter().map(|pair| pair.join(" and ")).collect();
        let (all, more) = if self.n_pairs > named.len() {
            ("for example ", ", …")
        } else {
            ("", "")
        };
        Some(format!(
            "{} of individuals with (nearly) the same genotypes in the kinship, {all}{}{more}: \
             this is expected for replicates of an inbred line, clones and identical twins; if an individual was genotyped twice, keep one of the two",
            count(self.n_pairs, "pair"),
            named.join("; ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn individuals(n: usize) -> Vec<Individual> {
        let individual = |i: usize| Individual {
            fid: "F".into(),
            iid: format!("I{i}").into(),
        };
        (0..n).map(individual).collect()
    }

    fn inspected(k: Mat<f64>) -> Result<Vec<String>> {
        let individuals = individuals(k.nrows());
        let inspection = inspect_kinship(
            &Kinship { matrix: k },
            "k.txt",
            &individuals.iter().collect::<Vec<_>>(),
            true,
        )?;
        Ok(inspection.notes)
    }

    /// Distinct individuals, in the usual unit.
    fn usual(n: usize) -> Mat<f64> {
        Mat::from_fn(n, n, |i, j| {
            if i == j {
                1.0
            } else {
                0.2 / (1.0 + i.abs_diff(j) as f64)
            }
        })
    }

    #[test]
    fn a_kinship_that_corrects_nothing_is_an_error() {
        for (k, text) in [
            (Mat::zeros(6, 6), "every entry of the kinship is 0"),
            (Mat::full(6, 6, 0.3), "the kinship is constant"),
            (
                Mat::from_fn(6, 6, |i, j| (i + j) as f64),
                "the kinship is constant",
            ),
            (usual(6) * faer::Scale(1e160), "too large"),
            (usual(6) * faer::Scale(f64::NAN), "too large"),
        ] {
            let error = inspected(k).unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
        }
    }

    #[test]
    fn an_unusual_unit_is_noted_with_the_number() {
        assert!(inspected(usual(9)).unwrap().is_empty());
        for scale in [1e6, 1e-6] {
            let notes = inspected(usual(9) * faer::Scale(scale)).unwrap();
            assert!(notes[0].contains("divide the matrix by"), "{notes:?}");
            assert_eq!(notes.len(), 1);
        }
    }

    #[test]
    fn copies_are_counted_and_the_first_named() {
        let of = |i: usize| if i == 7 { 2 } else { i };
        let k = usual(9);
        let k = Mat::from_fn(9, 9, |i, j| k[(of(i), of(j))]);
        let notes = inspected(k).unwrap();
        assert!(notes[0].starts_with("1 pair of"), "{notes:?}");
        assert!(notes[0].contains("F I2 and F I7:"), "{notes:?}");
        // Two strains of twenty.
        let k = Mat::from_fn(40, 40, |i, j| if i / 20 == j / 20 { 1.0 } else { -1.0 });
        let notes = inspected(k).unwrap();
        assert!(notes[0].starts_with("380 pairs of"), "{notes:?}");
    }

    #[test]
    fn individuals_without_genotypes_are_not_copies_of_each_other() {
        let k = usual(9);
        let known = |i: usize| i != 3 && i != 5;
        let k = Mat::from_fn(
            9,
            9,
            |i, j| if known(i) && known(j) { k[(i, j)] } else { 0.0 },
        );
        assert!(inspected(k).unwrap().is_empty());
    }
}
