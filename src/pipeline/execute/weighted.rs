//! Log-likelihoods of a study with weights: those of the phenotype, not of its weighted form.
//!
//! The model is fitted to Dy with D = diag(√w) ([`crate::cohort::Weights`]). The density of y is that of Dy times Π √wᵢ, and
//! the restricted likelihood of y has ½ ln|XᵀX| in place of ½ ln|XᵀD²X|, with the covariates and, for a SNP, its columns in X.
//! Then a common factor of all weights has no effect.

use crate::assoc::TraitColumns;
use crate::assoc::several::SnpDesign;
use crate::cohort::TraitGroup;
use crate::genotype::{Coding, GenotypeBlock, SnpSummary};
use crate::kernels::OrthonormalBasis;
use crate::kernels::orthonormal::dot;
use crate::method::Method;
use crate::null::{Criterion, NullFit};
use rayon::prelude::*;

/// What is added to the log-likelihoods of SNPs.
pub(super) struct WeightedLikelihood<'a> {
    group: &'a TraitGroup,
    /// The index of the column.
    column: usize,
    /// ½ Σ ln w.
    constant: f64,
    /// X matters only for a restricted likelihood.
    restricted: Option<Restricted>,
    /// The columns by which a SNP enters the model.
    design: SnpDesign,
}

/// What a restricted likelihood needs.
struct Restricted {
    /// √w.
    roots: Vec<f64>,
    /// W, and DW; `None` if the columns of DW are dependent, so that the likelihood is undefined.
    bases: Option<[OrthonormalBasis; 2]>,
}

/// ½ ln|XᵀX| of the columns of `basis`.
fn half_log_det(basis: &OrthonormalBasis) -> f64 {
    basis
        .r
        .iter()
        .filter_map(|r| r.last())
        .map(|r| r.ln())
        .sum()
}

/// The columns with row i multiplied by `roots[i]`.
fn scaled(columns: &[Vec<f64>], roots: &[f64]) -> Vec<Vec<f64>> {
    let scale = |x: &Vec<f64>| x.iter().zip(roots).map(|(x, root)| x * root).collect();
    columns.iter().map(scale).collect()
}

/// The covariates of a group, and the same weighted, as bases; `None` if weighted ones are dependent.
fn bases(group: &TraitGroup, roots: &[f64]) -> Option<[OrthonormalBasis; 2]> {
    let w = &group.design.w;
    let columns: Vec<Vec<f64>> = (0..w.ncols())
        .map(|j| w.col(j).iter().copied().collect())
        .collect();
    let weighted = OrthonormalBasis::of(&scaled(&columns, roots)).ok()?;
    Some([group.design.basis.clone(), weighted])
}

/// Adds the constants of the weights of `group` to the log-likelihoods of a null model.
pub(super) fn correct_null(group: &TraitGroup, null: &mut NullFit) {
    let Some(weights) = group.weights.as_ref().filter(|w| w.has_likelihood()) else {
        return;
    };
    let constant = weights.log_likelihood();
    null.ml.value += constant;
    null.reml.value += match bases(group, &weights.roots()) {
        Some([plain, weighted]) => constant + half_log_det(&plain) - half_log_det(&weighted),
        None => f64::NAN,
    };
}

impl<'a> WeightedLikelihood<'a> {
    /// `None` if nothing is to be added: without weights, or without a log-likelihood among the columns.
    pub(super) fn new(group: &'a TraitGroup, method: &dyn Method) -> Option<Self> {
        let weights = group.weights.as_ref().filter(|w| w.has_likelihood())?;
        let criterion = method.log_likelihood()?;
        let mut columns = method.columns().into_iter();
        let column = columns.position(|column| column.name == "logl_H1")?;
        let restricted = (criterion == Criterion::Reml).then(|| {
            let roots = weights.roots();
            let bases = bases(group, &roots);
            Restricted { roots, bases }
        });
        Some(Self {
            group,
            column,
            constant: weights.log_likelihood(),
            restricted,
            design: method.design(),
        })
    }

    /// Adds to the log-likelihoods of `snps` in the columns of each trait.
    pub(super) fn correct(
        &self,
        block: &GenotypeBlock,
        snps: &[SnpSummary],
        traits: &mut [TraitColumns],
    ) {
        let added: Vec<f64> = match &self.restricted {
            None => vec![self.constant; snps.len()],
            Some(Restricted { bases: None, .. }) => vec![f64::NAN; snps.len()],
            Some(Restricted {
                roots,
                bases: Some(bases),
            }) => (snps.par_iter())
                .map(|snp| self.constant + self.of_snp(block, snp, roots, bases))
                .collect(),
        };
        for of in traits {
            for (value, added) in of.values[self.column].iter_mut().zip(&added) {
                *value += added;
            }
        }
    }

    /// ½ ln|XᵀX| − ½ ln|XᵀD²X| of the covariates and the columns of a SNP.
    fn of_snp(
        &self,
        block: &GenotypeBlock,
        snp: &SnpSummary,
        roots: &[f64],
        [plain, weighted]: &[OrthonormalBasis; 2],
    ) -> f64 {
        let mut x = vec![0.0; roots.len()];
        block.fill_column(snp.snp_index, &self.group.subset, snp.mean(), &mut x);
        let columns = match self.design {
            SnpDesign::Single => vec![x],
            SnpDesign::Interaction => {
                let environment = self.group.environment.iter();
                let environment: Vec<&Vec<f64>> = environment.flat_map(|of| &of.columns).collect();
                let products: Vec<Vec<f64>> = (environment.iter())
                    .map(|e| e.iter().zip(&x).map(|(e, x)| e * x).collect())
                    .collect();
                let mut columns: Vec<Vec<f64>> = environment.into_iter().cloned().collect();
                columns.push(x);
                columns.extend(products);
                columns
            }
            SnpDesign::Genotypic => {
                let is_heterozygote = |&x: &f64| f64::from(u8::from(x == 1.0));
                let mut h: Vec<f64> = x.iter().map(is_heterozygote).collect();
                let coded = Coding::HETEROZYGOTES.summary(snp);
                for (row, h) in self.group.subset.rows().iter().zip(&mut h) {
                    if block.is_missing(snp.snp_index, *row) {
                        *h = coded.mean();
                    }
                }
                vec![x, h]
            }
        };
        extended(plain, &columns) - extended(weighted, &scaled(&columns, roots))
    }
}

/// ½ ln|XᵀX| of the columns of `basis` and further ones; NaN or −∞ if they are dependent.
fn extended(basis: &OrthonormalBasis, columns: &[Vec<f64>]) -> f64 {
    let mut sum = half_log_det(basis);
    let mut basis = basis.clone();
    for column in columns {
        let mut x = column.clone();
        basis.remove_from(&mut x);
        let norm = dot(&x, &x).sqrt();
        sum += norm.ln();
        x.iter_mut().for_each(|x| *x /= norm);
        basis.q.push(x);
    }
    sum
}
