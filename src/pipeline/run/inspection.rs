//! A kinship and a null model as they are met: what is wrong with them, and what is unusual.

use super::super::notes::notes_on_null;
use super::super::study::Study;
use super::{Analysis, KinshipSource, Run};
use crate::assoc::lmm::Tests;
use crate::backend::KinshipAccumulator;
use crate::eigen::{Eigen, ZERO_BELOW};
use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::kinship::{Kinship, check_size, inspect_kinship, note_on_unit};
use crate::null::{Found, NullFit, TraitModel};
use std::path::Path;

impl Run<'_> {
    /// Another pass over the SNPs `used` for a kinship.
    pub(super) fn add_again(
        &self,
        study: &Study,
        used: &[bool],
        sum: &mut dyn KinshipAccumulator,
    ) -> Result<()> {
        let mut blocks = study.blocks()?;
        while let Some(block) = blocks.next_block() {
            self.go_on()?;
            let block = block?;
            let snp_indices: Vec<usize> = block.snp_indices().filter(|&s| used[s]).collect();
            sum.add_again(&block, &snp_indices)?;
            blocks.recycle(block);
        }
        Ok(())
    }

    /// What messages call the kinship.
    pub(super) fn kinship_name(&self) -> String {
        match &self.job.kinship {
            KinshipSource::File(path, _) => path.display().to_string(),
            KinshipSource::InMemory => "kinship".to_owned(),
            KinshipSource::EigenInMemory => "eigen".to_owned(),
            _ => "the computed kinship".to_owned(),
        }
    }

    /// Fails where a kinship of `individuals` cannot correct anything; notes what is unusual in it.
    pub(super) fn inspect(
        &mut self,
        kinship: &Kinship,
        individuals: &Subset,
        study: &Study,
    ) -> Result<()> {
        let everybody = &study.cohort.everybody;
        let ids: Vec<_> = (individuals.rows().iter())
            .map(|&i| &everybody[i])
            .collect();
        let is_foreign = matches!(
            self.job.kinship,
            KinshipSource::File(..) | KinshipSource::InMemory | KinshipSource::EigenInMemory
        );
        let notes = inspect_kinship(kinship, &self.kinship_name(), &ids, is_foreign)?;
        notes.iter().for_each(|note| self.note(note));
        Ok(())
    }

    /// The same of the decomposition.
    pub(super) fn inspect_decomposition(&mut self, eigen: &Eigen) -> Result<()> {
        check_some_eigenvalue(eigen, &self.kinship_name())?;
        if eigen.n_zero > 1 {
            self.note(&format!(
                "Matrix G has {} eigenvalues close to zero",
                eigen.n_zero
            ));
        }
        self.note_negative(eigen);
        Ok(())
    }

    /// The same of a decomposition that was read, of which only the eigenvalues tell.
    pub(super) fn inspect_eigenvalues(&mut self, eigen: &Eigen, path: &Path) -> Result<()> {
        let name = path.display().to_string();
        check_size(eigen.values.last().copied().unwrap_or(0.0), &name)?;
        check_some_eigenvalue(eigen, &name)?;
        if let Some(note) = note_on_unit(&name, eigen.mean_value()) {
            self.note(&note);
        }
        self.note_negative(eigen);
        Ok(())
    }

    fn note_negative(&mut self, eigen: &Eigen) {
        if eigen.most_negative < -1e-8 {
            self.note(&format!(
                "the kinship has negative eigenvalues, down to {:.3e}: they count as 0, as in GEMMA; check that the file is a kinship",
                eigen.most_negative
            ));
        }
    }

    /// Notes where the null model has no λ of its own, or one at an end of its range.
    pub(super) fn note_ends(&mut self, null: &NullFit, model: &TraitModel) {
        if null.reml.found == Found::Flat {
            self.note("the restricted likelihood of the null model does not depend on lambda: the covariates span the kinship, or it is a multiple of the identity, or its unit is so large that every lambda gives the same model; pve, vg and ve in the log are those of the smallest lambda and are not estimates");
            return;
        }
        let lambdas = [null.reml.lambda, null.ml.lambda];
        let uses_ml = self.job.analysis != Analysis::Association(Tests::Wald);
        let mean = model.mean_eigenvalue();
        for note in notes_on_null(lambdas, self.job.range, mean, uses_ml) {
            self.note(&note);
        }
    }
}

/// Fails where no direction of the kinship is left: everything would be noise.
fn check_some_eigenvalue(eigen: &Eigen, name: &str) -> Result<()> {
    if eigen.n() < 2 || eigen.values.iter().any(|&d| d > 0.0) {
        return Ok(());
    }
    Err(Error::degenerate(
        format!(
            "{name}: no eigenvalue of the centred kinship is above {ZERO_BELOW:e}, below which they count as 0: it cannot correct for relatedness"
        ),
        "check that the file is a kinship and its unit: its mean diagonal should be near 1",
    ))
}
