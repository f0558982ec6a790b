//! Traits that are analysed over the same individuals.

use super::binary::BinaryTrait;
use super::covariates::Design;
use super::environment::Environment;
use super::ledger::Ledger;
use super::shift::Shift;
use super::weights::Weights;
use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::io::text::count;
use crate::kernels::OrthonormalBasis;
use crate::kernels::orthonormal::dot;

/// Traits with the same analysed individuals and weights, and therefore the same covariates, kinship, eigendecomposition
/// and rotation. If the kinship is a mixture of two, which is estimated for every trait, a group has one trait.
#[derive(Debug, Clone)]
pub struct TraitGroup {
    /// The individuals that are analysed, n.
    pub subset: Subset,
    /// Their covariates.
    pub design: Design,
    /// The environment of interactions, which is not among the covariates.
    pub environment: Option<Environment>,
    /// Their weights.
    pub weights: Option<Weights>,
    /// The traits; empty for a kinship that needs no phenotype.
    pub traits: Vec<Trait>,
}

/// A phenotype of the analysed individuals.
#[derive(Debug, Clone)]
pub struct Trait {
    /// Its number among the traits of the run, from 0.
    pub number: usize,
    /// Name in the outputs.
    pub name: String,
    /// n values, after subtraction of `shift`.
    pub y: Vec<f64>,
    /// Counts of the analysed and the excluded individuals.
    pub ledger: Ledger,
    /// Cases and controls, if the values are those of a binary trait.
    pub binary: Option<BinaryTrait>,
    /// What was subtracted from every value, if the values vary little about a large mean.
    shift: Option<Shift>,
}

impl Trait {
    /// * `number`: its number among the traits of the run, from 0
    /// * `y`: the values of the analysed individuals
    #[must_use]
    pub fn new(number: usize, name: String, mut y: Vec<f64>, ledger: Ledger) -> Self {
        let binary = BinaryTrait::of(&y);
        let shift = Shift::apply(&mut y);
        Self {
            number,
            name,
            y,
            ledger,
            binary,
            shift,
        }
    }

    /// The values before a constant was subtracted from them.
    #[must_use]
    pub fn given_values(&self) -> Vec<f64> {
        let by = self.shift.map_or(0.0, |shift| shift.by);
        self.y.iter().map(|y| y + by).collect()
    }

    fn is_constant(&self) -> bool {
        self.y.iter().all(|y| *y == self.y[0])
    }

    /// Fails if the phenotype has no variance that a model could explain.
    fn check(&self, covariates: &OrthonormalBasis) -> Result<()> {
        self.shift
            .map_or(Ok(()), |shift| shift.check("the phenotype"))?;
        if !self.is_constant() && !dot(&self.y, &self.y).is_normal() {
            let largest = self.y.iter().fold(0.0_f64, |max, y| max.max(y.abs()));
            return Err(Error::degenerate(
                format!(
                    "the phenotype cannot be squared in double precision: its largest absolute value is {largest:e}"
                ),
                "check that value, or give the phenotype in another unit",
            ));
        }
        let mut residual = self.y.clone();
        covariates.remove_from(&mut residual);
        // The negation also catches NaN.
        if dot(&residual, &residual) > 1e-20 * dot(&self.y, &self.y) {
            return Ok(());
        }
        Err(self.without_variance())
    }

    fn without_variance(&self) -> Error {
        let n = self.y.len();
        let what = if self.is_constant() {
            format!(
                "the phenotype is constant: all {n} analysed individuals have {}",
                self.y[0]
            )
        } else {
            format!(
                "the phenotype of the {n} analysed individuals is a linear combination of the covariates"
            )
        };
        let hint = if self.is_constant() && self.y[0].abs() >= 1e15 {
            "numbers with more than 15 digits are rounded: subtract a constant from the phenotype in the file"
        } else {
            "choose another phenotype column with -n, or other covariates"
        };
        Error::degenerate(what, hint)
    }
}

impl TraitGroup {
    /// The same individuals with only those traits whose numbers satisfy `is_kept`.
    #[must_use]
    pub fn with_traits(&self, is_kept: impl Fn(usize) -> bool) -> Self {
        let traits = self.traits.iter().filter(|one| is_kept(one.number));
        Self {
            traits: traits.cloned().collect(),
            subset: self.subset.clone(),
            design: self.design.clone(),
            environment: self.environment.clone(),
            weights: self.weights.clone(),
        }
    }

    /// The numbers of its traits among those of the run; 0 for a group without traits.
    #[must_use]
    pub fn numbers(&self) -> Vec<usize> {
        match self.traits.as_slice() {
            [] => vec![0],
            traits => traits.iter().map(|one| one.number).collect(),
        }
    }

    /// Fails if a mixed model cannot be fitted to a trait of these individuals: there are too few of them, or it has no
    /// variance.
    pub fn check_estimable(&self, one: &Trait) -> Result<()> {
        let (n, c) = (self.subset.len(), self.design.c());
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
        one.check(&self.design.basis)
    }

    /// Fails if there are too few individuals for SNPs with `further` columns after the first.
    pub fn check_columns(&self, further: usize) -> Result<()> {
        let (n, c) = (self.subset.len(), self.design.c());
        let least = c + further + 2;
        if n >= least {
            return Ok(());
        }
        Err(Error::degenerate(
            format!(
                "too few individuals: {n} analysed, but {} (with the intercept) and the {} effects of a SNP need at least {least}",
                count(c, "covariate"),
                further + 1
            ),
            "analyse more individuals, use fewer covariates, or test additive effects",
        ))
    }

    /// Notes for the user on the covariates, the environment and the phenotypes.
    ///
    /// * `are_named`: whether the notes say which phenotype they are about
    pub fn notes(&self, are_named: bool) -> impl Iterator<Item = String> + '_ {
        let shifts = (self.traits.iter()).filter_map(|one| Some((one, one.shift?)));
        let of_shifts = shifts.map(move |(one, shift)| {
            if are_named {
                shift.note(&format!("phenotype {}", one.name))
            } else {
                shift.note("the phenotype")
            }
        });
        let of_environment = self.environment.iter().flat_map(|of| &of.notes);
        let of_columns = self.design.notes.iter().chain(of_environment);
        of_columns.cloned().chain(of_shifts)
    }

    /// Adds what was subtracted from the phenotype of `of` to the effect of the intercept in `beta`.
    pub fn restore_intercept(&self, of: &Trait, beta: &mut [f64]) {
        let Some(shift) = of.shift else {
            return;
        };
        let w = &self.design.w;
        let is_constant = |j: &usize| w.col(*j).iter().all(|x| *x == w[(0, *j)]);
        if let Some(j) = (0..beta.len()).find(is_constant) {
            beta[j] += shift.by / w[(0, j)];
        }
    }
}
