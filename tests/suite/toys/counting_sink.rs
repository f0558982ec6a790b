//! A toy sink: it counts rows by their status, and keeps the first statistic.

use jamma::assoc::AssocBlock;
use jamma::error::Result;
use jamma::output::report::RunReport;
use jamma::output::sink::Sink;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, Default)]
pub struct CountingSink {
    /// Rows by the label of their status.
    pub rows: BTreeMap<&'static str, usize>,
    /// The first statistic of every row.
    pub values: Vec<f64>,
    /// SNP ids, in the order of the rows.
    pub rs: Vec<String>,
    /// Whether the run has ended.
    pub is_finished: bool,
}

impl Sink for CountingSink {
    fn block(&mut self, _: usize, block: &AssocBlock) -> Result<()> {
        for row in 0..block.len() {
            *self.rows.entry(block.status(0, row).label()).or_default() += 1;
            self.rs.push(block.snp(row).rs.to_owned());
        }
        self.values.extend(&block.traits[0].values[0]);
        Ok(())
    }

    fn finish(&mut self, _: &RunReport) -> Result<Vec<PathBuf>> {
        self.is_finished = true;
        Ok(Vec::new())
    }
}
