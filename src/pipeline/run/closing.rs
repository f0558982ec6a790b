//! What is known at the end of a run.

use super::super::job::Analysis;
use super::super::study::Study;
use super::Run;
use crate::genotype::Subset;

impl Run<'_> {
    /// Notes on the genotypes of individuals, and the intercept of the phenotype as it was given.
    pub(super) fn close(&mut self, study: &Study) {
        let everybody;
        let whose = if let Analysis::Kinship(_) = self.job.analysis {
            everybody = Subset::everybody(study.cohort.everybody.len());
            &everybody
        } else {
            &study.cohort.analysed
        };
        if let Some(note) = study.uncalled_note(whose) {
            self.note(&note);
        }
        if let Some(null) = &mut self.log.null {
            study.cohort.restore_intercept(&mut null.beta);
        }
    }
}
