//! Linkage disequilibrium around top SNPs, for the sinks that ask for it.

use super::Execution;
use crate::error::Result;
use crate::progress::Stage;
use crate::sources::squared_correlations;
use std::time::Instant;

impl Execution<'_> {
    /// Passes r² to the sinks that ask for it: another reading of a few ranges of SNPs. Text and VCF are read from a known
    /// place near a range; plain gzip, in which reading cannot start, is decompressed again up to it.
    pub(super) fn linkage(&mut self, group: usize) -> Result<()> {
        let mut requests = Vec::new();
        self.each_sink(|sink| {
            requests.push(sink.ld_requests(group));
            Ok(())
        })?;
        if requests.iter().all(Vec::is_empty) {
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
