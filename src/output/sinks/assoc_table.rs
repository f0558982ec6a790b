//! `PREFIX.assoc.txt`: one row per tested SNP, in GEMMA's columns.

use crate::assoc::AssocBlock;
use crate::cohort::WorkUnit;
use crate::error::Result;
use crate::output::assoc::{AssocColumns, AssocWriter};
use crate::output::file::OutputPlace;
use crate::output::sink::{RunHeader, Sink, check_single_trait};
use crate::output::text::Packing;
use crate::progress::Stage;
use std::path::PathBuf;

/// Writes the table of associations of one trait.
#[derive(Debug)]
pub struct AssocTable {
    place: OutputPlace,
    packing: Packing,
    writer: Option<AssocWriter>,
}

impl AssocTable {
    /// The table at `place`.
    #[must_use]
    pub fn new(place: OutputPlace, packing: Packing) -> Self {
        Self {
            place,
            packing,
            writer: None,
        }
    }
}

impl AssocTable {
    fn suffix(&self) -> String {
        format!("assoc.txt{}", self.packing.extension())
    }
}

impl Sink for AssocTable {
    fn paths(&self) -> Vec<PathBuf> {
        vec![self.place.path(&self.suffix())]
    }

    fn check(&self, run: &RunHeader) -> Result<()> {
        check_single_trait(run)?;
        let n_columns = run.products.columns.as_ref().map_or(0, Vec::len) as u64;
        let row_bytes = match self.packing {
            Packing::Plain => 40 + 14 * n_columns,
            Packing::Gzip => 20 + 8 * n_columns,
        };
        let n_snps = run.n_snps.unwrap_or_default() as u64;
        self.place.check_room(n_snps * row_bytes)
    }

    fn begin(&mut self, run: &RunHeader) -> Result<()> {
        let statistics = run.products.columns.clone();
        let columns = AssocColumns {
            statistics: statistics.expect("a run that tests SNPs has columns"),
            has_status: run.products.all_snps,
        };
        let file = self.place.create(&self.suffix())?;
        self.writer = Some(AssocWriter::new(file, self.packing, columns)?);
        Ok(())
    }

    fn block(&mut self, _: &WorkUnit, block: &AssocBlock) -> Result<()> {
        let writer = self.writer.as_mut().expect("the sink was begun");
        writer.write(block, 0)
    }

    fn publish(&mut self, stage: Stage) -> Result<Vec<PathBuf>> {
        if stage != Stage::Association {
            return Ok(Vec::new());
        }
        let writer = self.writer.take().expect("the sink was begun");
        Ok(vec![writer.finish()?])
    }
}
