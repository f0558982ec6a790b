//! `-lmm`: the tests of all SNPs.

use super::super::study::Study;
use super::{Run, none_left};
use crate::assoc::AssocBlock;
use crate::assoc::lmm::{LmmOptions, Tests};
use crate::error::Result;
use crate::genotype::FilterCounts;
use crate::kernels::Precision;
use crate::output::assoc::{AssocColumns, AssocWriter};
use crate::output::text::Packing;

impl Run<'_> {
    /// The table of associations, begun; `None` where nothing is written.
    fn association_table(&self, study: &Study, options: LmmOptions) -> Result<Option<AssocWriter>> {
        let Some(place) = &self.place else {
            return Ok(None);
        };
        let columns = options.columns();
        let row_bytes = match self.job.packing {
            Packing::Plain => 40 + 14 * columns.len() as u64,
            Packing::Gzip => 20 + 8 * columns.len() as u64,
        };
        place.check_room(study.snps.len() as u64 * row_bytes)?;
        let packing = self.job.packing;
        let file = place.create(&format!("assoc.txt{}", packing.extension()))?;
        let columns = AssocColumns {
            statistics: columns,
            has_status: false,
        };
        AssocWriter::new(file, packing, columns).map(Some)
    }

    /// `-lmm`: the tests of all SNPs.
    pub(super) fn write_association(&mut self, study: &Study, tests: Tests) -> Result<()> {
        let options = LmmOptions {
            tests,
            range: self.job.range,
            rotation: self.job.rotation,
            log10p: self.job.log10p,
        };
        let mut writer = self.association_table(study, options)?;
        let group = self.fitted(study)?;
        let analysed = &study.cohort.analysed;
        if options.rotation == Precision::F32 {
            self.note("SNPs are rotated in single precision (--rotation f32), with an error of up to some 5e-8 of a SNP's length: statistics differ from f64 by about 3e-7 of their size, effects near zero by more");
        }
        let scan = self.backend.lmm_scan(&group, options)?;
        let scanned = self.timed("optimization", |run| {
            run.observer
                .stage("association", Some(study.snps.len() as u64));
            let mut counts = FilterCounts::default();
            let mut blocks = study.blocks()?;
            while let Some(block) = blocks.next_block() {
                run.go_on()?;
                let block = block?;
                let snps = study.passing(&block, &study.filter, analysed, &mut counts);
                let results = scan.scan(&block, &snps)?;
                let results = AssocBlock::new(&study.snps, 0, &snps, results);
                if let Some(writer) = &mut writer {
                    writer.write(&results, 0)?;
                }
                run.sink.association(&results)?;
                run.log.count(&results.traits[0]);
                run.observer.advance(block.len() as u64);
                blocks.recycle(block);
            }
            run.observer.done();
            Ok(counts)
        })?;
        self.log.filter = scanned;
        if scanned.kept == 0 {
            // As GEMMA, on which pipelines with a run for each chromosome rely.
            self.note(&format!(
                "{}; the association table has only its header line",
                none_left(&scanned, "to test")
            ));
        }
        self.go_on()?;
        self.inputs.check()?;
        if let Some(writer) = writer {
            self.outputs.push(writer.finish()?);
        }
        Ok(())
    }
}
