//! The environment of gene-environment interactions.

use super::categories::{CategoryRole, indicators};
use super::condition::ConditionSnp;
use super::covariates::Design;
use super::shift::Shift;
use crate::error::{Error, Result};
use crate::io::text::count;
use crate::kernels::orthonormal::dot;

/// After the covariates, an environment must keep more than this fraction of its sum of squares.
const LEAST_LEFT: f64 = 1e-20;

/// An environment of all individuals; `None` if it is missing.
#[derive(Debug, Clone, PartialEq)]
pub enum EnvironmentValues {
    /// A number for each individual.
    Numbers(Vec<Option<f64>>),
    /// A level for each individual.
    Levels(Vec<Option<Box<str>>>),
}

/// An environment as columns of numbers of all individuals.
#[derive(Debug, Clone, PartialEq)]
pub struct EnvironmentColumns {
    /// Name in messages.
    pub name: String,
    /// Names such as `site=B`, and values. A numeric environment has one column.
    pub columns: Vec<(String, ColumnValues)>,
    /// Whether the columns are indicators of levels.
    pub is_categorical: bool,
    /// Whether the environment of each individual is known.
    pub is_known: Vec<bool>,
}

/// The values of a column of an environment.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnValues {
    /// A value for each individual.
    Given(Vec<Option<f64>>),
    /// The genotypes of a SNP, missing ones at the mean of the analysed individuals.
    Snp(ConditionSnp),
}

/// The columns E of the analysed individuals.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// One column for a numeric environment; for a categorical one, a column for each level except the reference. Every
    /// column is centred; the covariates include an intercept, so that the tests are the same.
    pub columns: Vec<Vec<f64>>,
    /// The means that were subtracted. An indicator of a level is 0 or 1 before.
    pub means: Vec<f64>,
    /// Their names, if the environment is categorical; otherwise empty.
    pub levels: Vec<String>,
    /// Notes for the user.
    pub notes: Vec<String>,
}

impl EnvironmentColumns {
    /// The columns of an environment.
    ///
    /// * `may_be_analysed`: which individuals can be analysed for a trait; the levels of others do not count
    ///
    /// Fails with [`Error::Degenerate`] if a category has one level, or as many as individuals. A note on the coding is pushed to
    /// `notes`.
    pub fn new(
        name: String,
        values: EnvironmentValues,
        may_be_analysed: &[bool],
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        let mut levels = match values {
            EnvironmentValues::Numbers(numbers) => {
                return Ok(Self {
                    is_known: numbers.iter().map(Option::is_some).collect(),
                    columns: vec![(name.clone(), ColumnValues::Given(numbers))],
                    name,
                    is_categorical: false,
                });
            }
            EnvironmentValues::Levels(levels) => levels,
        };
        let is_known = levels.iter().map(Option::is_some).collect();
        for (level, may_be) in levels.iter_mut().zip(may_be_analysed) {
            if !may_be {
                *level = None;
            }
        }
        let coded = indicators(CategoryRole::Environment, &name, &levels)?;
        if coded.columns.is_empty() {
            return Err(Error::degenerate(
                format!(
                    "the environment {name} has a single level among the individuals who can be analysed"
                ),
                "an interaction needs an environment that varies",
            ));
        }
        notes.push(coded.note);
        let columns = coded.columns.into_iter();
        Ok(Self {
            name,
            columns: columns
                .map(|(name, values)| (name, ColumnValues::Given(values)))
                .collect(),
            is_categorical: true,
            is_known,
        })
    }

    /// The environment that is the SNP `partner` (`--interaction`). Every individual has it, because missing genotypes are imputed.
    #[must_use]
    pub fn of_snp(partner: ConditionSnp) -> Self {
        let name = format!("SNP {}", partner.id);
        Self {
            is_known: vec![true; partner.dosages.len()],
            columns: vec![(name.clone(), ColumnValues::Snp(partner))],
            name,
            is_categorical: false,
        }
    }

    /// E of the individuals at `rows`, who all have an environment and the covariates `design`.
    ///
    /// Fails with [`Error::Degenerate`] if a column is constant or a linear combination of the covariates, cannot be squared, or
    /// if there are too few individuals.
    pub fn of_rows(&self, rows: &[usize], design: &Design) -> Result<Environment> {
        let (n, c, k) = (rows.len(), design.c(), self.columns.len());
        // The covariates, E, x, x∘E, and a degree of freedom.
        if n < c + 2 * k + 2 {
            return Err(Error::degenerate(
                format!(
                    "too few individuals: {n} analysed, but {} (with the intercept), the environment, the SNP and their interaction need at least {}",
                    count(c, "covariate"),
                    c + 2 * k + 2
                ),
                "analyse more individuals, or use fewer covariates",
            ));
        }
        let mut basis = design.basis.clone();
        let (mut columns, mut means, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for (name, values) in &self.columns {
            let mut e = values.of_rows(rows, &mut notes)?;
            let shown = format!("the environment {name}");
            if e.iter().all(|x| *x == e[0]) {
                return Err(Error::degenerate(
                    format!("{shown} is {} for all {n} analysed individuals", e[0]),
                    "an interaction needs an environment that varies",
                ));
            }
            let n_others = e.iter().filter(|x| **x != 0.0).count();
            if self.is_categorical && n_others < 2 {
                return Err(Error::degenerate(
                    format!("{shown} is a level of a single analysed individual"),
                    "merge the level with another, or write NA for this individual: an interaction with it cannot be told from its other effects",
                ));
            }
            if let Some(shift) = Shift::apply(&mut e.clone()) {
                shift.check(&shown)?;
            }
            let mean = e[0] + e.iter().map(|x| x - e[0]).sum::<f64>() / n as f64;
            e.iter_mut().for_each(|x| *x -= mean);
            let total = dot(&e, &e);
            if !total.is_normal() {
                return Err(Error::degenerate(
                    format!("{shown} cannot be squared in double precision"),
                    "check its values, or give it in another unit",
                ));
            }
            let mut left = e.clone();
            basis.remove_from(&mut left);
            let norm = dot(&left, &left);
            // The negation also catches NaN.
            if !(norm > LEAST_LEFT * total) {
                return Err(Error::degenerate(
                    format!(
                        "{shown} is a linear combination of the covariates among the {n} analysed individuals"
                    ),
                    "the environment is a covariate of the model anyway: remove it from the covariates",
                ));
            }
            left.iter_mut().for_each(|x| *x /= norm.sqrt());
            basis.q.push(left);
            columns.push(e);
            means.push(mean);
        }
        let names = self.columns.iter().map(|(name, _)| name.clone());
        Ok(Environment {
            columns,
            means,
            levels: names.filter(|_| self.is_categorical).collect(),
            notes,
        })
    }
}

impl ColumnValues {
    /// The values of the individuals at `rows`. Notes are pushed to `notes`.
    ///
    /// # Panics
    /// If a value that is not a genotype is missing.
    fn of_rows(&self, rows: &[usize], notes: &mut Vec<String>) -> Result<Vec<f64>> {
        match self {
            Self::Given(values) => {
                let values = rows.iter().map(|&row| values[row]);
                Ok(values
                    .map(|e| e.expect("analysed individuals have an environment"))
                    .collect())
            }
            Self::Snp(partner) => Ok(partner.imputed(rows, notes)?.values),
        }
    }
}
