//! The kinship, or its decomposition, that the caller has in memory.

use super::super::study::Study;
use super::Run;
use crate::eigen::SelectedEigen;
use crate::error::Result;
use crate::kinship::{Kinship, select_kinship};

impl Run<'_> {
    /// The given kinship of the analysed individuals.
    pub(super) fn given_kinship(&mut self, study: &Study) -> Result<Kinship> {
        let whole = self.data.kinship.take();
        let whole = whole.expect("a kinship in memory comes with its source");
        let rows = self.data.kinship_rows.take();
        let cohort = &study.cohort;
        let (kinship, notes) = select_kinship(whole, rows, &cohort.everybody, &cohort.analysed)?;
        notes.iter().for_each(|note| self.note(note));
        Ok(kinship)
    }

    /// What the given decomposition is for the analysed individuals.
    pub(super) fn given_eigen(&mut self, study: &Study) -> Result<SelectedEigen> {
        let given = self.data.eigen.take();
        let given = given.expect("a decomposition in memory comes with its source");
        let cohort = &study.cohort;
        let (selected, notes) = given.select(&cohort.everybody, &cohort.analysed)?;
        notes.iter().for_each(|note| self.note(note));
        Ok(selected)
    }
}
