//! Linkage disequilibrium around top SNPs, for the sinks that ask for it.

use super::Execution;
use crate::error::Result;
use crate::progress::Stage;
use crate::sources::squared_correlations;
use std::time::Instant;

impl Execution<'_> {
    /// Passes r² to the sinks that ask for it: a second reading of a few ranges of SNPs.
    pub(super) fn linkage(&mut self, group: usize) -> Result<()> {
        let mut requests = Vec::new();
        self.each_sink(|sink| {
            requests.push(sink.ld_requests(group));
            Ok(())
        })?;
        // A source without a list of its SNPs is read from its beginning each time.
        if self.study.source.snps().is_none() || requests.iter().all(Vec::is_empty) {
            return Ok(());
        }
        let started = Instant::now();
        let subset = self.study.cohort.groups[group].subset.clone();
        let mut found = Vec::new();
        for of_sink in requests {
            let r2 = of_sink.iter().map(|one| {
                let source = &*self.study.source;
                squared_correlations(source, &subset, one.lead, &one.snps, &|| self.go_on())
            });
            found.push(r2.collect::<Result<Vec<_>>>()?);
        }
        let mut found = found.into_iter();
        self.each_sink(|sink| match found.next() {
            Some(r2) if !r2.is_empty() => sink.ld(group, r2),
            _ => Ok(()),
        })?;
        self.report.add_time(Stage::Association, started.elapsed());
        Ok(())
    }
}
