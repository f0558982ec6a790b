//! Who is analysed and who is not, with phenotype and covariates of those who are.

mod covariates;
mod shift;

pub use covariates::Design;

use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::io::fam::Individual;
use crate::io::table::CovariateTable;
use crate::io::text::count;
use crate::kernels::orthonormal::dot;
use shift::Shift;
use std::path::Path;

/// How many individuals are left out, each counted once under the first reason that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Individuals in the `.fam`.
    pub total: usize,
    /// Individuals analysed.
    pub analysed: usize,
    /// Left out: no phenotype.
    pub no_phenotype: usize,
    /// Left out: a phenotype, but a covariate is missing.
    pub no_covariate: usize,
}

/// The analysed individuals of a study.
#[derive(Debug, Clone)]
pub struct Cohort {
    /// Everybody in the `.fam`, in its order.
    pub everybody: Vec<Individual>,
    /// Those analysed.
    pub analysed: Subset,
    /// Their phenotypes, n.
    pub y: Vec<f64>,
    /// Their covariates.
    pub design: Design,
    /// Who was left out.
    pub ledger: Ledger,
    /// What was subtracted from every phenotype, where they vary little about a large mean.
    y_shift: Option<Shift>,
}

impl Cohort {
    /// Joins phenotype and covariates: an individual is analysed when neither is missing.
    ///
    /// * `phenotypes`: one for each of `everybody`
    /// * `covariates`: the table and the path it came from
    ///
    /// Fails with [`Error::Degenerate`] where nobody is left or the covariates are linearly dependent.
    pub fn new(
        everybody: Vec<Individual>,
        phenotypes: &[Option<f64>],
        covariates: Option<(&CovariateTable, &Path)>,
    ) -> Result<Self> {
        let mut ledger = Ledger {
            total: everybody.len(),
            ..Ledger::default()
        };
        let (mut rows, mut y) = (Vec::new(), Vec::new());
        for (i, phenotype) in phenotypes.iter().enumerate() {
            let has_covariates = covariates.is_none_or(|(table, _)| table.row(i).is_some());
            match phenotype {
                None => ledger.no_phenotype += 1,
                Some(_) if !has_covariates => ledger.no_covariate += 1,
                Some(value) => {
                    rows.push(i);
                    y.push(*value);
                }
            }
        }
        ledger.analysed = rows.len();
        if rows.is_empty() {
            let hint = if ledger.no_covariate > 0 {
                "fill in the NA of the covariate file, or leave out the column that has them"
            } else {
                "choose another phenotype column with -n; for a kinship that needs no phenotype give `--kinship-qc all`"
            };
            return Err(Error::degenerate(
                format!(
                    "number of analyzed individuals equals 0: of {}, {} without a phenotype and {} with a missing covariate",
                    count(ledger.total, "individual"),
                    ledger.no_phenotype,
                    ledger.no_covariate
                ),
                hint,
            ));
        }
        let mut design = Design::new(covariates, &rows)?;
        let shift = Shift::apply(&mut y);
        design
            .notes
            .extend(shift.map(|shift| shift.note("the phenotype")));
        let analysed = Subset::new(everybody.len(), rows);
        Ok(Self {
            everybody,
            analysed,
            y,
            design,
            ledger,
            y_shift: shift,
        })
    }

    /// Everybody analysed, with no phenotype at all: for a kinship whose filters run over all individuals.
    pub fn without_phenotype(everybody: Vec<Individual>) -> Result<Self> {
        let phenotypes = vec![Some(0.0); everybody.len()];
        Self::new(everybody, &phenotypes, None)
    }

    /// Adds what was subtracted from the phenotypes to the effect of the intercept.
    pub fn restore_intercept(&self, beta: &mut [f64]) {
        let Some(shift) = self.y_shift else {
            return;
        };
        let is_constant = |j: &usize| {
            self.design
                .w
                .col(*j)
                .iter()
                .all(|x| *x == self.design.w[(0, *j)])
        };
        if let Some(j) = (0..beta.len()).find(is_constant) {
            beta[j] += shift.by / self.design.w[(0, j)];
        }
    }

    /// The analysed individuals, in order.
    #[must_use]
    pub fn analysed_ids(&self) -> Vec<Individual> {
        self.analysed
            .rows()
            .iter()
            .map(|&i| self.everybody[i].clone())
            .collect()
    }

    /// Fails where a mixed model cannot be fitted: too few individuals, or a phenotype without variance.
    pub fn check_estimable(&self) -> Result<()> {
        let (n, c) = (self.y.len(), self.design.c());
        if n <= c + 1 {
            return Err(Error::degenerate(
                format!(
                    "too few individuals: {n} analysed, but {} (with the intercept) need at least {}",
                    count(c, "covariate"),
                    c + 2
                ),
                "analyse more individuals (see -n for the phenotype column) or use fewer covariates",
            ));
        }
        self.y_shift
            .map_or(Ok(()), |shift| shift.check("the phenotype"))?;
        let is_constant = self.y.iter().all(|y| *y == self.y[0]);
        if !is_constant && !dot(&self.y, &self.y).is_normal() {
            let largest = self.y.iter().fold(0.0_f64, |max, y| max.max(y.abs()));
            return Err(Error::degenerate(
                format!(
                    "the phenotype cannot be squared in double precision: its largest size is {largest:e}"
                ),
                "check that value, or give the phenotype in another unit",
            ));
        }
        let mut residual = self.y.clone();
        self.design.basis.remove_from(&mut residual);
        // The negation also catches NaN.
        if dot(&residual, &residual) > 1e-20 * dot(&self.y, &self.y) {
            return Ok(());
        }
        let what = if is_constant {
            format!(
                "the phenotype is constant: all {n} analysed individuals have {}",
                self.y[0]
            )
        } else {
            format!(
                "the phenotype of the {n} analysed individuals is a linear combination of the covariates"
            )
        };
        let hint = if is_constant && self.y[0].abs() >= 1e15 {
            "numbers of more than 15 digits are rounded: subtract a constant from the phenotype in the file"
        } else {
            "choose another phenotype column with -n, or other covariates"
        };
        Err(Error::degenerate(what, hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(n: usize) -> Vec<Individual> {
        (0..n)
            .map(|i| Individual {
                fid: "f".into(),
                iid: format!("i{i}").into_boxed_str(),
            })
            .collect()
    }

    #[test]
    fn individuals_without_phenotype_are_left_out_and_counted() {
        let phenotypes = [Some(1.0), None, Some(0.0), Some(-9.0), None];
        let cohort = Cohort::new(people(5), &phenotypes, None).unwrap();
        assert_eq!(cohort.analysed.rows(), [0, 2, 3]);
        assert_eq!(cohort.y, [1.0, 0.0, -9.0]);
        assert_eq!((cohort.ledger.no_phenotype, cohort.ledger.analysed), (2, 3));
        assert!(cohort.check_estimable().is_ok());
    }

    #[test]
    fn a_study_that_cannot_be_fitted_is_refused() {
        let none = Cohort::new(people(2), &[None, None], None)
            .unwrap_err()
            .to_string();
        assert!(none.contains("analyzed individuals equals 0"), "{none}");
        let few = Cohort::new(people(2), &[Some(1.0), Some(2.0)], None).unwrap();
        assert!(
            few.check_estimable()
                .unwrap_err()
                .to_string()
                .contains("need at least 3")
        );
        let constant = Cohort::new(people(4), &[Some(2.5); 4], None).unwrap();
        assert!(
            constant
                .check_estimable()
                .unwrap_err()
                .to_string()
                .contains("constant")
        );
    }
}
