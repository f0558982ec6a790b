//! Kinship and eigendecomposition to files, each with the ids that are bound to it.

use super::super::study::Study;
use super::Run;
use crate::error::Result;
use crate::kinship::{Kinship, KinshipKind};
use crate::output::ids::{check_ids_are_free, finish_with_ids};
use crate::output::matrix::{write_matrix, write_vector};

impl Run<'_> {
    /// Fails now where the kinship of everybody cannot be written later.
    pub(super) fn reserve_kinship(&self, study: &Study, kind: KinshipKind) -> Result<()> {
        let Some(place) = &self.place else {
            return Ok(());
        };
        let n = study.cohort.everybody.len() as u64;
        check_ids_are_free(
            place,
            kind.suffix(),
            self.job.format,
            &study.cohort.everybody,
        )?;
        place.check_room(self.job.format.bytes(n * n))?;
        place.create(&self.kinship_suffix(kind)).map(drop)
    }

    fn kinship_suffix(&self, kind: KinshipKind) -> String {
        format!("{}.{}", kind.suffix(), self.job.format.extension())
    }

    /// Writes the kinship of everybody, beside their ids.
    pub(super) fn write_kinship(
        &mut self,
        study: &Study,
        kind: KinshipKind,
        kinship: &Kinship,
    ) -> Result<()> {
        let Some(place) = &self.place else {
            return Ok(());
        };
        self.go_on()?;
        let file = place.create(&self.kinship_suffix(kind))?;
        self.observer.stage("writing the kinship", None);
        let format = self.job.format;
        let matrix = write_matrix(file, &kinship.matrix, format)?;
        let ids = place.path(&format!("{}.id", kind.suffix()));
        self.inputs.check()?;
        let everybody = &study.cohort.everybody;
        let paths = finish_with_ids(&ids, everybody, format, matrix, None)?;
        self.outputs.extend(paths);
        self.observer.done();
        Ok(())
    }

    /// `-eigen`: eigenvalues and eigenvectors, beside the ids of those analysed.
    pub(super) fn write_eigen(&mut self, study: &Study) -> Result<()> {
        let (format, n) = (self.job.format, study.cohort.y.len() as u64);
        let analysed = study.cohort.analysed_ids();
        let Some(place) = self.place.clone() else {
            return self.eigen(study).map(drop);
        };
        check_ids_are_free(&place, "eigenU", format, &analysed)?;
        place.check_room(format.bytes(n * n))?;
        let suffix = |stem: &str| format!("{stem}.{}", format.extension());
        let values = place.create(&suffix("eigenD"))?;
        let vectors = place.create(&suffix("eigenU"))?;
        self.count_snps(study)?;
        let eigen = self.eigen(study)?;
        self.go_on()?;
        let values = write_vector(values, &eigen.values, format)?;
        let vectors = write_matrix(vectors, &eigen.vectors, format)?;
        let ids = place.path("eigenU.id");
        self.inputs.check()?;
        let paths = finish_with_ids(&ids, &analysed, format, vectors, Some(values))?;
        self.outputs.extend(paths);
        Ok(())
    }
}
