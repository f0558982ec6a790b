//! What a job needs: of the genotypes, and of the backend.

use super::job::{Analysis, Job, KinshipInput};
use super::selection::{Replicates, ValueInput};
use crate::genotype::SnpSelection;

impl Job {
    /// The chromosomes and positions of the SNPs that the run needs; `None` if it needs all, such as for a computed kinship, or
    /// looks for SNPs by their ids.
    #[must_use]
    pub(super) fn needed_snps(&self) -> Option<SnpSelection> {
        let choice = &self.filter.choice;
        let has_own_kinship = matches!(
            self.analysis.kinship(),
            None | Some(KinshipInput::Matrix(_) | KinshipInput::Eigen(_))
        );
        let has_ids = self.filter.snps.is_some()
            || choice.extract.is_some()
            || choice.exclude.is_some()
            || self.condition.is_some()
            || matches!(self.environment, Some(ValueInput::Snp(_)))
            || self.effect_alleles.is_some();
        let tests_snps = matches!(self.analysis, Analysis::Association(_));
        if !tests_snps || !has_own_kinship || has_ids || self.loco.is_some() {
            return None;
        }
        Some(SnpSelection {
            chromosomes: Some(choice.chromosomes.clone()?),
            positions: choice.positions(),
            ..SnpSelection::default()
        })
    }

    /// What the run computes that only the backend rust has. Such a run uses it unless another backend is chosen, which is an
    /// error.
    #[must_use]
    pub fn only_of_rust(&self) -> Option<&'static str> {
        let of_method = match &self.analysis {
            Analysis::Association(association) => association.method.only_of_rust(),
            _ => None,
        };
        let has_weights = self.weights.is_some() || self.replicates == Some(Replicates::Weighted);
        of_method
            .or(has_weights.then_some("weights of individuals"))
            .or(self.permutations.map(|_| "permutations"))
    }
}
