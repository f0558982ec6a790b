//! `-lmm 5`: the null model's parts of the phenotype.

use super::super::study::Study;
use super::Run;
use crate::error::Result;
use crate::output::file::finish_all;
use crate::output::matrix::{MatrixFormat, write_vector};
use crate::output::text::Packing;
use faer::{Mat, MatRef};

impl Run<'_> {
    /// `-lmm 5`: û = U [λd/(λd + 1) r] and ê = U [r/(λd + 1)] with r = Uᵀ(y − Wβ) at the REML λ.
    pub(super) fn write_residuals(&mut self, study: &Study) -> Result<()> {
        let format = match self.job.packing {
            Packing::Plain => MatrixFormat::Text,
            Packing::Gzip => MatrixFormat::Gzip,
        };
        let Some(place) = self.place.clone() else {
            return self.fitted(study).map(drop);
        };
        let create = |stem: &str| place.create(&format!("{stem}.{}", format.extension()));
        let (genetic, residual) = (create("residU")?, create("residE")?);
        self.count_snps(study)?;
        let group = self.fitted(study)?;
        let (model, null) = (&group.traits[0].model, &group.traits[0].null);
        let eigen = group.rotation.eigen();
        let (r, lambda, n) = (
            model.rotated_residual(&null.beta),
            null.reml.lambda,
            model.n(),
        );
        let shrunk = |share: fn(f64) -> f64| {
            let values = &eigen.values;
            let rotated: Vec<f64> = r
                .iter()
                .zip(values)
                .map(|(r, d)| share(lambda * d) * r)
                .collect();
            let back: Mat<f64> = &eigen.vectors * MatRef::from_column_major_slice(&rotated, n, 1);
            back.col(0).iter().copied().collect::<Vec<f64>>()
        };
        let genetic = write_vector(genetic, &shrunk(|x| x / (x + 1.0)), format)?;
        let residual = write_vector(residual, &shrunk(|x| 1.0 / (x + 1.0)), format)?;
        self.inputs.check()?;
        self.outputs
            .extend(finish_all(vec![genetic.file, residual.file])?);
        Ok(())
    }
}
