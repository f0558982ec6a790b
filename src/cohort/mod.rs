//! The analysed individuals, with their phenotypes and covariates, and the numbers of excluded ones.

mod binary;
pub mod categories;
pub mod chromosomes;
mod column;
mod condition;
mod covariates;
mod environment;
mod group;
mod ledger;
mod shift;
mod transform;
mod unit;
mod weights;

pub use binary::BinaryTrait;
pub use chromosomes::{Chromosome, Chromosomes};
pub use condition::ConditionSnp;
pub use covariates::{Covariates, Design};
pub use environment::{Environment, EnvironmentColumns, EnvironmentValues};
pub use group::{Trait, TraitGroup};
pub use ledger::Ledger;
pub use transform::Transform;
pub use unit::{KinshipScope, WorkUnit};
pub use weights::{Scaling, WeightValues, Weights};

use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::io::fam::Individual;
use crate::io::sex::Sex;
use crate::io::table::CovariateTable;
use crate::io::text::count;

/// A phenotype of all individuals.
#[derive(Debug, Clone, PartialEq)]
pub struct Phenotype {
    /// Name in the outputs: the number of its column if it has no name.
    pub name: String,
    /// A value for each individual of the source, `None` if it is missing.
    pub values: Vec<Option<f64>>,
}

/// What an individual must also have to be analysed.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    /// The environment of interactions.
    pub environment: Option<EnvironmentColumns>,
    /// Weights, and what they do to the kinship.
    pub weights: Option<(WeightValues, Scaling)>,
    /// Columns by which a SNP enters the model in addition to one, and to those of an environment; they need degrees of
    /// freedom.
    pub further_columns: usize,
    /// Whether every trait has a kinship of its own, and is therefore a group of its own.
    pub has_own_kinships: bool,
}

impl Extras {
    fn has_environment(&self, row: usize) -> bool {
        (self.environment.as_ref()).is_none_or(|environment| environment.is_known[row])
    }

    fn has_weight(&self, row: usize, number: usize) -> bool {
        (self.weights.as_ref()).is_none_or(|(values, _)| values.of_trait(number)[row].is_some())
    }

    /// The weights of the individuals at `rows` for trait number `number`.
    fn weights_of(&self, rows: &[usize], number: usize) -> Option<Weights> {
        let (values, scaling) = self.weights.as_ref()?;
        let values = values.of_trait(number);
        let values = rows
            .iter()
            .map(|&row| values[row].expect("analysed individuals have weights"));
        Some(Weights::new(values.collect(), *scaling))
    }
}

/// The individuals of a study, and the traits to analyse.
#[derive(Debug, Clone)]
pub struct Cohort {
    /// All individuals of the source of the genotypes, in its order.
    pub everybody: Vec<Individual>,
    /// The sex of each of them (`--sex-from`), if it is known.
    pub sexes: Option<Vec<Sex>>,
    /// Traits with the same analysed individuals, in the order of their first trait.
    pub groups: Vec<TraitGroup>,
}

/// A trait that cannot be analysed, and why.
#[derive(Debug)]
pub struct FailedTrait {
    /// Its number among the traits of the run, from 0.
    pub number: usize,
    /// Name in the outputs.
    pub name: String,
    /// Counts of the analysed and the excluded individuals.
    pub ledger: Ledger,
    /// The reason.
    pub error: Error,
}

impl Cohort {
    /// Joins phenotypes and covariates: an individual is analysed for a trait if it has that phenotype and all
    /// covariates.
    ///
    /// Traits with the same analysed individuals form a group.
    ///
    /// * `transform`: what is done with the values of the analysed individuals
    /// * `are_fitted`: whether a model is fitted to the traits, so that each must have variance
    ///
    /// Also returns the traits that cannot be analysed: without individuals, with linearly dependent covariates among
    /// the analysed individuals, or without variance. They are in no group.
    #[must_use]
    pub fn new(
        everybody: Vec<Individual>,
        phenotypes: &[Phenotype],
        covariates: Covariates<'_>,
        transform: Transform,
        are_fitted: bool,
    ) -> (Self, Vec<FailedTrait>) {
        let extras = Extras::default();
        Self::with_extras(
            everybody, phenotypes, covariates, &extras, transform, are_fitted,
        )
    }

    /// As [`Cohort::new`] with an environment and weights, without which an individual is not analysed. Traits with the same
    /// analysed individuals form a group if their weights are the same too, and if no trait has a kinship of its own.
    #[must_use]
    pub fn with_extras(
        everybody: Vec<Individual>,
        phenotypes: &[Phenotype],
        covariates: Covariates<'_>,
        extras: &Extras,
        transform: Transform,
        are_fitted: bool,
    ) -> (Self, Vec<FailedTrait>) {
        let mut cohort = Self {
            everybody,
            sexes: None,
            groups: Vec::new(),
        };
        let mut failed = Vec::new();
        for (number, phenotype) in phenotypes.iter().enumerate() {
            let table = covariates.table.map(|(table, _)| table);
            let (rows, ledger) = analysed(phenotype, number, table, extras);
            let y = rows.iter().filter_map(|&row| phenotype.values[row]);
            let mut y: Vec<f64> = y.collect();
            transform.apply(&mut y);
            let one = Trait::new(number, phenotype.name.clone(), y, ledger);
            if let Err(error) = cohort.add(one, rows, covariates, extras, are_fitted) {
                failed.push(FailedTrait {
                    number,
                    name: phenotype.name.clone(),
                    ledger,
                    error,
                });
            }
        }
        (cohort, failed)
    }

    /// Adds a trait of the individuals at `rows` to their group.
    fn add(
        &mut self,
        one: Trait,
        rows: Vec<usize>,
        covariates: Covariates<'_>,
        extras: &Extras,
        are_fitted: bool,
    ) -> Result<()> {
        if rows.is_empty() {
            return Err(no_individual_left(&one.ledger));
        }
        let check = |group: &TraitGroup| {
            if !are_fitted {
                return Ok(());
            }
            group.check_estimable(&one)?;
            group.check_columns(extras.further_columns)
        };
        let weights = extras.weights_of(&rows, one.number);
        let mut groups = self.groups.iter_mut();
        let is_same = |group: &TraitGroup| {
            !extras.has_own_kinships && group.subset.rows() == rows && group.weights == weights
        };
        if let Some(group) = groups.find(|group| is_same(group)) {
            check(group)?;
            group.traits.push(one);
            return Ok(());
        }
        let design = Design::new(covariates, &rows)?;
        let environment = extras.environment.as_ref();
        let environment = environment.map(|columns| columns.of_rows(&rows, &design));
        let mut group = TraitGroup {
            environment: environment.transpose()?,
            weights,
            design,
            subset: Subset::new(self.everybody.len(), rows),
            traits: Vec::new(),
        };
        check(&group)?;
        group.traits.push(one);
        self.groups.push(group);
        Ok(())
    }

    /// All individuals without a trait, for a kinship whose filters are evaluated over all individuals.
    pub fn without_trait(everybody: Vec<Individual>) -> Result<Self> {
        let rows: Vec<usize> = (0..everybody.len()).collect();
        if rows.is_empty() {
            return Err(no_individual_left(&Ledger::default()));
        }
        let group = TraitGroup {
            design: Design::new(Covariates::default(), &rows)?,
            subset: Subset::everybody(rows.len()),
            environment: None,
            weights: None,
            traits: Vec::new(),
        };
        Ok(Self {
            everybody,
            sexes: None,
            groups: vec![group],
        })
    }

    /// The analysed individuals of `group`, in order.
    #[must_use]
    pub fn analysed(&self, group: &TraitGroup) -> Vec<Individual> {
        let rows = group.subset.rows().iter();
        rows.map(|&row| self.everybody[row].clone()).collect()
    }

    /// The individuals that are analysed for any trait.
    #[must_use]
    pub fn analysed_for_any(&self) -> Subset {
        let mut rows: Vec<usize> = (self.groups.iter())
            .flat_map(|group| group.subset.rows().iter().copied())
            .collect();
        rows.sort_unstable();
        rows.dedup();
        Subset::new(self.everybody.len(), rows)
    }
}

/// The rows of individuals that have the phenotype, all covariates and `extras`, and the numbers of the others.
///
/// * `number`: that of the trait
fn analysed(
    phenotype: &Phenotype,
    number: usize,
    covariates: Option<&CovariateTable>,
    extras: &Extras,
) -> (Vec<usize>, Ledger) {
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
            Some(_) if !extras.has_environment(row) => ledger.no_environment += 1,
            Some(_) if !extras.has_weight(row, number) => ledger.no_weight += 1,
            Some(_) => rows.push(row),
        }
    }
    ledger.analysed = rows.len();
    (rows, ledger)
}

fn no_individual_left(ledger: &Ledger) -> Error {
    let (environment, weight) = (ledger.no_environment, ledger.no_weight);
    let hint = if environment + weight > 0 {
        "replace NA in the environment or the weights"
    } else if ledger.no_covariate > 0 {
        "replace NA in the covariate file, or remove the column that contains it"
    } else {
        "choose another phenotype column with -n; for a kinship without a phenotype, use `--kinship-qc all`"
    };
    Error::degenerate(
        format!(
            "number of analyzed individuals equals 0: of {}, {} without a phenotype and {} with a missing covariate{}",
            count(ledger.total, "individual"),
            ledger.no_phenotype,
            ledger.no_covariate,
            match (environment, weight) {
                (0, 0) => String::new(),
                (e, w) => format!("; {e} with a missing environment and {w} with a missing weight"),
            }
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
        let traits = [phenotype("1", values)];
        let (cohort, failed) = Cohort::new(
            people(values.len()),
            &traits,
            Covariates::default(),
            Transform::default(),
            true,
        );
        match failed.into_iter().next() {
            Some(failed) => Err(failed.error),
            None => Ok(cohort),
        }
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
        let (cohort, failed) = Cohort::new(
            people(4),
            &traits,
            Covariates::default(),
            Transform::default(),
            true,
        );
        assert!(failed.is_empty());
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
        for (values, text) in [
            (vec![None, None], "analyzed individuals equals 0"),
            (vec![Some(1.0), Some(2.0)], "need at least 3"),
            (vec![Some(2.5); 4], "constant"),
        ] {
            let error = cohort(&values).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }

    #[test]
    fn a_trait_that_cannot_be_fitted_fails_alone() {
        let fine = [Some(1.0), Some(2.0), None, Some(4.0)];
        let constant = [Some(1.0), Some(1.0), None, Some(1.0)];
        let traits = [
            phenotype("a", &constant),
            phenotype("b", &fine),
            phenotype("c", &[None; 4]),
        ];
        let (cohort, failed) = Cohort::new(
            people(4),
            &traits,
            Covariates::default(),
            Transform::default(),
            true,
        );
        assert_eq!(cohort.groups[0].traits[0].number, 1);
        let failed: Vec<_> = failed.iter().map(|one| (one.number, &*one.name)).collect();
        assert_eq!(failed, [(0, "a"), (2, "c")]);
        let (cohort, failed) = Cohort::new(
            people(4),
            &traits[..1],
            Covariates::default(),
            Transform::default(),
            false,
        );
        assert_eq!((cohort.groups.len(), failed.len()), (1, 0));
    }
}
