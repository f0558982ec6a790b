//! The analysed individuals, with their phenotypes and covariates, and the numbers of excluded ones.

mod covariates;
mod group;
mod ledger;
mod shift;
mod unit;

pub use covariates::Design;
pub use group::{Trait, TraitGroup};
pub use ledger::Ledger;
pub use unit::{KinshipScope, WorkUnit};

use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::io::fam::Individual;
use crate::io::table::CovariateTable;
use crate::io::text::count;
use std::path::Path;

/// A phenotype of all individuals.
#[derive(Debug, Clone, PartialEq)]
pub struct Phenotype {
    /// Name in the outputs: the number of its column if it has no name.
    pub name: String,
    /// A value for each individual of the source, `None` if it is missing.
    pub values: Vec<Option<f64>>,
}

/// The individuals of a study, and the traits to analyse.
#[derive(Debug, Clone)]
pub struct Cohort {
    /// All individuals of the source of the genotypes, in its order.
    pub everybody: Vec<Individual>,
    /// Traits with the same analysed individuals, in the order of their first trait; at least one group.
    pub groups: Vec<TraitGroup>,
}

impl Cohort {
    /// Joins phenotypes and covariates: an individual is analysed for a trait if it has that phenotype and all
    /// covariates.
    ///
    /// Traits with the same analysed individuals form a group.
    ///
    /// * `covariates`: the table and the path of its file
    ///
    /// Fails with [`Error::Degenerate`] if no individual is left for a trait, or if the covariates are linearly
    /// dependent.
    pub fn new(
        everybody: Vec<Individual>,
        phenotypes: &[Phenotype],
        covariates: Option<(&CovariateTable, &Path)>,
    ) -> Result<Self> {
        let mut groups: Vec<TraitGroup> = Vec::new();
        for phenotype in phenotypes {
            let (rows, ledger) = analysed(phenotype, covariates.map(|(table, _)| table));
            if rows.is_empty() {
                return Err(no_individual_left(&ledger));
            }
            let y = rows.iter().filter_map(|&row| phenotype.values[row]);
            let new = Trait::new(phenotype.name.clone(), y.collect(), ledger);
            let same = |group: &&mut TraitGroup| group.subset.rows() == rows;
            if let Some(group) = groups.iter_mut().find(same) {
                group.traits.push(new);
                continue;
            }
            groups.push(TraitGroup {
                design: Design::new(covariates, &rows)?,
                subset: Subset::new(everybody.len(), rows),
                traits: vec![new],
            });
        }
        Ok(Self { everybody, groups })
    }

    /// All individuals without a trait, for a kinship whose filters are evaluated over all individuals.
    pub fn without_trait(everybody: Vec<Individual>) -> Result<Self> {
        let rows: Vec<usize> = (0..everybody.len()).collect();
        if rows.is_empty() {
            return Err(no_individual_left(&Ledger::default()));
        }
        let group = TraitGroup {
            design: Design::new(None, &rows)?,
            subset: Subset::everybody(rows.len()),
            traits: Vec::new(),
        };
        Ok(Self {
            everybody,
            groups: vec![group],
        })
    }

    /// The analysed individuals of `group`, in order.
    #[must_use]
    pub fn analysed(&self, group: &TraitGroup) -> Vec<Individual> {
        let rows = group.subset.rows().iter();
        rows.map(|&row| self.everybody[row].clone()).collect()
    }
}

/// The rows of individuals that have the phenotype and all covariates, and the numbers of the others.
fn analysed(phenotype: &Phenotype, covariates: Option<&CovariateTable>) -> (Vec<usize>, Ledger) {
    let mut ledger = Ledger {
        total: phenotype.values.len(),
        ..Ledger::default()
    };
    let mut rows = Vec::new();
    for (row, value) in phenotype.values.iter().enumerate() {
        let has_covariates = covariates.is_none_or(|table| table.row(row).is_some());
        match value {
            None => ledger.no_phenotype += 1,
            Some(_) if !has_covariates => ledger.no_covariate += 1,
            Some(_) => rows.push(row),
        }
    }
    ledger.analysed = rows.len();
    (rows, ledger)
}

fn no_individual_left(ledger: &Ledger) -> Error {
    let hint = if ledger.no_covariate > 0 {
        "replace NA in the covariate file, or remove the column that contains it"
    } else {
        "choose another phenotype column with -n; for a kinship without a phenotype, use `--kinship-qc all`"
    };
    Error::degenerate(
        format!(
            "number of analyzed individuals equals 0: of {}, {} without a phenotype and {} with a missing covariate",
            count(ledger.total, "individual"),
            ledger.no_phenotype,
            ledger.no_covariate
        ),
        hint,
    )
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

    fn phenotype(name: &str, values: &[Option<f64>]) -> Phenotype {
        Phenotype {
            name: name.into(),
            values: values.to_vec(),
        }
    }

    fn cohort(values: &[Option<f64>]) -> Result<Cohort> {
        Cohort::new(people(values.len()), &[phenotype("1", values)], None)
    }

    #[test]
    fn individuals_without_phenotype_are_excluded_and_counted() {
        let cohort = cohort(&[Some(1.0), None, Some(0.0), Some(-9.0), None]).unwrap();
        let [group] = cohort.groups.as_slice() else {
            panic!("one trait is one group")
        };
        assert_eq!(group.subset.rows(), [0, 2, 3]);
        assert_eq!(group.traits[0].y, [1.0, 0.0, -9.0]);
        let ledger = group.traits[0].ledger;
        assert_eq!((ledger.no_phenotype, ledger.analysed), (2, 3));
        assert!(group.check_estimable().is_ok());
    }

    #[test]
    fn traits_with_the_same_individuals_form_a_group() {
        let some = [Some(1.0), Some(2.0), None, Some(4.0)];
        let others = [Some(1.0), None, Some(2.0), Some(3.0)];
        let again = [Some(5.0), Some(7.0), None, Some(6.0)];
        let traits = [
            phenotype("a", &some),
            phenotype("b", &others),
            phenotype("c", &again),
        ];
        let cohort = Cohort::new(people(4), &traits, None).unwrap();
        let names = |group: &TraitGroup| {
            let names = group.traits.iter().map(|t| t.name.clone());
            names.collect::<Vec<_>>()
        };
        assert_eq!(names(&cohort.groups[0]), ["a", "c"]);
        assert_eq!(names(&cohort.groups[1]), ["b"]);
        assert_eq!(cohort.groups[1].subset.rows(), [0, 2, 3]);
        assert_eq!(cohort.groups[0].traits[1].y, [5.0, 7.0, 6.0]);
    }

    #[test]
    fn a_study_that_cannot_be_fitted_is_an_error() {
        let refused = |values: &[Option<f64>]| {
            let cohort = cohort(values)?;
            cohort.groups[0].check_estimable()
        };
        for (values, text) in [
            (vec![None, None], "analyzed individuals equals 0"),
            (vec![Some(1.0), Some(2.0)], "need at least 3"),
            (vec![Some(2.5); 4], "constant"),
        ] {
            let error = refused(&values).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }
}
